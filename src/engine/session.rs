//! What a session may do: keep the run and write, follow another session, or only read.

use std::sync::Arc;

use crate::engine::follower::Follower;
use crate::engine::record_error::RecordError;
use crate::journal::Keeper;

/// Why nothing can be written in a session.
#[derive(Clone, Debug)]
pub enum ReadOnly {
    /// The operator asked for that.
    Asked,
    /// Another skuferry is at work between the two groups.
    AtWork {
        /// Its process, when it is known.
        process: Option<u32>,
    },
    /// The sign-in may only read.
    Lacks {
        /// The permission that it lacks.
        permission: String,
    },
    /// It shows what the journal tells, and asks the tenant nothing.
    Watches,
    /// Nothing is kept in the session.
    NotKept,
    /// The run cannot be kept any further.
    Stopped(Arc<RecordError>),
}

/// What this session may do.
pub enum Session {
    /// It keeps what happens, and may write to the tenant.
    Writes(Box<dyn Keeper>),
    /// It did, until its journal failed or the run took a turn that it cannot take. What is in flight is kept as far as the
    /// disk goes; nothing that leads to a write is.
    Stopped {
        /// The journal.
        journal: Box<dyn Keeper>,
        /// Why it stopped.
        why: ReadOnly,
    },
    /// All that happens to the run is told by the journal of another session, behind the events that are known.
    Follows {
        /// The other session's journal.
        journal: Follower,
        /// Why this one only follows.
        why: ReadOnly,
    },
    /// It keeps what it reads in memory only.
    ReadOnly {
        /// Why.
        why: ReadOnly,
    },
}

impl Session {
    /// Why nothing can be written, when nothing can.
    pub(super) fn read_only(&self) -> Option<&ReadOnly> {
        match self {
            Self::Writes(_) => None,
            Self::Stopped { why, .. } | Self::Follows { why, .. } | Self::ReadOnly { why } => Some(why),
        }
    }

    /// From here on nothing is written. The first reason stands: what fails afterwards fails because of it.
    pub(super) fn stop(self, why: ReadOnly) -> Self {
        match self {
            Self::Writes(journal) => Self::Stopped { journal, why },
            stopped => stopped,
        }
    }

    /// Goes on by itself from where the run was told to be.
    pub(super) fn stop_following(self) -> Self {
        match self {
            Self::Follows { why, .. } => Self::ReadOnly { why },
            other => other,
        }
    }

    pub(super) fn keeper(&mut self) -> Option<&mut dyn Keeper> {
        match self {
            Self::Writes(journal) | Self::Stopped { journal, .. } => Some(journal.as_mut()),
            Self::Follows { .. } | Self::ReadOnly { .. } => None,
        }
    }
}

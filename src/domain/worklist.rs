//! A worklist: whom others are asked to add to a group or to take out of it, as its members are not ours to change.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;

pub mod file;
pub mod rule;

/// How many users one worklist may name: as many as two looks can be taken at within half a minute.
pub const MOST_PER_WORKLIST: usize = 200;

/// For how long a worklist to remove may be acted on. After that it has to be written anew (rule 3).
pub const REMOVAL_GOOD_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What others are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorklistKind {
    /// Add users to the group that they go to.
    Add,
    /// Take users out of the group that they leave.
    Remove,
}

impl WorklistKind {
    /// Until when a worklist that was written then may be acted on; one to add, as long as it is there.
    pub fn good_until(self, written: Timestamp) -> Option<Timestamp> {
        (self == Self::Remove).then(|| written.checked_add(REMOVAL_GOOD_FOR).ok()).flatten()
    }

    /// The kind of write that others do.
    pub fn write_kind(self) -> WriteKind {
        match self {
            Self::Add => WriteKind::Add,
            Self::Remove => WriteKind::Remove,
        }
    }

    /// The word in file names and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// Why a worklist is not in force any more. Others may act on copies all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorklistEnd {
    /// Everybody on it was seen moved.
    Done,
    /// It is older than a worklist to remove may be.
    Stale,
    /// Somebody on it is not safe to remove any more.
    NotSafe,
    /// The run was halted.
    Halted,
    /// Something is wrong with one of the groups.
    Groups,
    /// The session ended, or the run was taken up again: nobody watched meanwhile.
    Unwatched,
    /// Its file could not be written in time, or is gone.
    NoFile,
}

impl WorklistEnd {
    /// The word in files and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stale => "stale",
            Self::NotSafe => "not-safe",
            Self::Halted => "halted",
            Self::Groups => "groups",
            Self::Unwatched => "unwatched",
            Self::NoFile => "no-file",
        }
    }
}

/// A worklist as it was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Its number in the run, counted from 1.
    pub number: usize,
    /// The batch, counted from 0.
    pub batch: usize,
    /// Which way the batch goes.
    pub direction: Direction,
    /// What others are asked to do.
    #[serde(rename = "task")]
    pub kind: WorklistKind,
    /// The group.
    pub group: GroupId,
    /// Where its file is; the snippet for a synced group lies beside it.
    pub file: String,
    /// Whom it names and, to remove, when the last read behind their proof began.
    pub users: Vec<(UserId, Option<Timestamp>)>,
}

/// A worklist of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worklist {
    /// What was issued.
    pub issued: Issued,
    /// When its file was written.
    pub written: Option<Timestamp>,
    /// Since when and why it is not in force any more.
    pub ended: Option<(Timestamp, WorklistEnd)>,
}

impl Worklist {
    /// Whether it is in force.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// From when on it may not be acted on any more; `None` for a worklist to add, and before it was written.
    pub fn stale_from(&self) -> Option<Timestamp> {
        self.issued.kind.good_until(self.written?)
    }
}

//! What happened to one user of a run, moment by moment.

use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::proof::NotProven;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::time::Timestamp;
use crate::domain::worklist::WorklistEnd;
use crate::domain::write::WriteKind;

/// A moment in a user's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: Happened,
}

/// What happened to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A write was acknowledged.
    Written {
        /// Which.
        kind: WriteKind,
        /// Which way the user went.
        direction: Direction,
    },
    /// A write surely did not happen.
    Failed {
        /// Which.
        kind: WriteKind,
        /// Which way the user went.
        direction: Direction,
        /// Why.
        fault: Box<Fault>,
    },
    /// Nobody knew what became of a write.
    Perhaps {
        /// Which.
        kind: WriteKind,
        /// Which way the user went.
        direction: Direction,
        /// Why.
        fault: Box<Fault>,
    },
    /// A write was read back.
    ReadBack {
        /// Which.
        kind: WriteKind,
        /// Which way the user went.
        direction: Direction,
        /// What was found.
        found: ReadBack,
    },
    /// Somebody else undid a write.
    Undone {
        /// What they did.
        what: ExternalChange,
        /// Which way the user went.
        direction: Direction,
    },
    /// A read showed them elsewhere than before.
    Seen {
        /// Where.
        standing: Standing,
        /// Which way they went.
        direction: Direction,
        /// How far the run had gone with them.
        written: Written,
        /// Whether that was backwards.
        went_back: bool,
        /// Whether they arrived without our removal.
        by_others: bool,
    },
    /// The last look proved nothing.
    NotRemoved(Box<NotProven>),
    /// The operator took them out of the batch.
    Excluded {
        /// Who did it.
        by: String,
    },
    /// The audit log said why they are stuck.
    Explained(String),
    /// A worklist named them for others to move.
    Listed {
        /// The worklist's number.
        number: usize,
        /// What others are to do.
        kind: WriteKind,
        /// Which way the user went.
        direction: Direction,
    },
    /// That worklist is not in force any more.
    Delisted {
        /// The worklist's number.
        number: usize,
        /// Why not.
        why: WorklistEnd,
    },
    /// Others took them out of the group that they were to leave, on no worklist.
    LeftByOthers {
        /// Whether that was before they were proven safe.
        early: bool,
        /// Which way the user went.
        direction: Direction,
    },
    /// They were turned back.
    TakenBack {
        /// Who did it.
        by: String,
    },
}

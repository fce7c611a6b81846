//! The short code of a standing, for the journal, JSON and the log; and what the word for it depends on.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::route::Direction;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;

/// A standing without its details. A user on the way back is judged by the turned route, so that `OnSource` of a rollback
/// is being on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StandingCode {
    /// The source is held and nothing is seen of the target. Journals of before had words of the way here.
    #[serde(alias = "OnTarget")]
    OnSource,
    /// Both are held, and the end state holds.
    HoldsBoth,
    /// The target waits in the conflict that taking the source away resolves.
    ExpectedConflict,
    /// The target is held and the source is not.
    #[serde(alias = "RolledBack")]
    Migrated,
    /// The target is held, and the source still is.
    #[serde(alias = "TargetLingers")]
    SourceLingers,
    /// Something keeps the target away that time alone will not heal.
    Stuck,
    /// Something that the user was to keep is gone.
    LostPart,
    /// Neither is active.
    Unlicensed,
    /// Deleted or not found.
    Missing,
    /// No read has shown them yet.
    #[serde(rename = "not read yet")]
    NotRead,
}

impl StandingCode {
    /// The code as JSON and the log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::OnSource => "OnSource",
            Self::HoldsBoth => "HoldsBoth",
            Self::ExpectedConflict => "ExpectedConflict",
            Self::Migrated => "Migrated",
            Self::SourceLingers => "SourceLingers",
            Self::Stuck => "Stuck",
            Self::LostPart => "LostPart",
            Self::Unlicensed => "Unlicensed",
            Self::Missing => "Missing",
            Self::NotRead => "NotRead",
        }
    }
}

impl Standing {
    /// Its code.
    pub fn code(&self) -> StandingCode {
        match self {
            Self::OnSource => StandingCode::OnSource,
            Self::HoldsBoth => StandingCode::HoldsBoth,
            Self::ExpectedConflict => StandingCode::ExpectedConflict,
            Self::Migrated => StandingCode::Migrated,
            Self::SourceLingers(_) => StandingCode::SourceLingers,
            Self::Stuck(_) => StandingCode::Stuck,
            Self::LostPart(_) => StandingCode::LostPart,
            Self::Unlicensed => StandingCode::Unlicensed,
            Self::Missing => StandingCode::Missing,
        }
    }

    /// The code as JSON and the log have it.
    pub fn word(&self) -> &'static str {
        self.code().word()
    }
}

/// How far a user has come and which way: the same reading has other words before and after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which way they go.
    pub direction: Direction,
    /// Whether they were added to the group that they go to.
    pub added: bool,
    /// Whether their removal was sent.
    pub removal: Removal,
}

impl Way {
    /// The way of somebody who goes forward and for whom nothing was written.
    pub const BEGIN: Self = Self { direction: Direction::Forward, added: false, removal: Removal::NotSent };
}

//! The short code of a standing, for the journal, JSON and the log; and what the word for it depends on.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::standing::Standing;

/// A standing without its details. A user on the way back is judged by the turned route, so that `OnSource` of a rollback
/// is being on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StandingCode {
    /// The source is held and nothing is seen of the target. Journals of before had words here.
    #[serde(alias = "OnTarget", alias = "on source", alias = "on target", alias = "processing")]
    OnSource,
    /// Both are held, and the end state holds.
    #[serde(alias = "ready")]
    HoldsBoth,
    /// The target waits in the conflict that taking the source away resolves.
    #[serde(alias = "ready · conflict as expected")]
    ExpectedConflict,
    /// The target is held and the source is not.
    #[serde(alias = "RolledBack", alias = "migrated", alias = "rolled back")]
    Migrated,
    /// The target is held, and the source still is.
    #[serde(alias = "TargetLingers", alias = "old license stays", alias = "new license stays")]
    SourceLingers,
    /// Something keeps the target away that time alone will not heal.
    #[serde(alias = "stuck")]
    Stuck,
    /// Something that the user was to keep is gone.
    #[serde(alias = "lost a part")]
    LostPart,
    /// Neither is active.
    #[serde(alias = "NO LICENSE")]
    Unlicensed,
    /// Deleted or not found.
    #[serde(alias = "deleted")]
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

impl From<&Standing> for StandingCode {
    fn from(standing: &Standing) -> Self {
        match standing {
            Standing::OnSource => Self::OnSource,
            Standing::HoldsBoth => Self::HoldsBoth,
            Standing::ExpectedConflict => Self::ExpectedConflict,
            Standing::Migrated => Self::Migrated,
            Standing::SourceLingers(_) => Self::SourceLingers,
            Standing::Stuck(_) => Self::Stuck,
            Standing::LostPart(_) => Self::LostPart,
            Standing::Unlicensed => Self::Unlicensed,
            Standing::Missing => Self::Missing,
        }
    }
}

impl Standing {
    /// The code for the journal, JSON and the log; what people read is made by the words.
    pub fn code(&self) -> &'static str {
        StandingCode::from(self).word()
    }
}

/// How far the run has gone with a user; the words for a standing depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    /// Nothing is acknowledged.
    Nothing,
    /// They were added to the group that they go to.
    Added,
    /// Their removal from the group that they leave was sent.
    Removed,
}

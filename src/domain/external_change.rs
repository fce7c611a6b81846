//! What somebody else undoes of what the run has done.

use serde::Deserialize;
use serde::Serialize;

/// What somebody else did to a user of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExternalChange {
    /// Taken out of the group that we had added them to.
    TakenOut,
    /// Put back into the group that we had removed them from.
    PutBack,
}

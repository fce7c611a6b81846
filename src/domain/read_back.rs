//! What a read of the group says of a write that nobody has answered for.

use serde::Deserialize;
use serde::Serialize;

/// What a membership read said of a user whose write was lost, or that a resume found in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBack {
    /// The write took effect.
    InEffect,
    /// The write did not take effect.
    NotInEffect,
}

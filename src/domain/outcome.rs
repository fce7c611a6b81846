//! What became of a write.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::fault::Fault;

/// What became of one user's write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Graph acknowledged it.
    Done,
    /// Graph surely did not do it.
    Failed(Fault),
    /// Nobody knows: the answer never came, or came as a 5xx. Reality is asked before anything is written again.
    Lost(Fault),
}

//! Why a run cannot be kept any further.

use std::sync::Arc;

use crate::domain::phase::Illegal;
use crate::journal::JournalError;

/// Why a run cannot be kept any further. Nothing more is written to the tenant then.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The journal cannot be written.
    #[error("journal-not-written")]
    Journal(#[source] Arc<JournalError>),
    /// The journal of another session cannot be read.
    #[error("journal-not-read")]
    Followed(#[source] JournalError),
    /// An event came at a time at which it cannot happen.
    #[error("illegal-event")]
    Illegal(#[from] Illegal),
    /// This session reads only.
    #[error("read-only")]
    ReadOnly,
}

//! What the operator should read, and for how long.

use std::mem::Discriminant;

use crate::domain::questions::PendingQuestion;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;

/// How long a notice stays, unless `Esc` takes it away.
const NOTICE_STAYS: SignedDuration = SignedDuration::from_secs(20);
/// How long a notice stays although what waits for the operator has changed since.
pub(super) const NOTICE_IS_READ: SignedDuration = SignedDuration::from_secs(3);

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It answers a key.
    Plain,
    /// Something was not done.
    Refused,
    /// The engine says so.
    Said,
}

/// Something the operator should read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Since when it is here.
    pub at: Timestamp,
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// Which question waited then.
    pub about: Option<Discriminant<PendingQuestion>>,
}

impl Note {
    /// Whether it is new enough to be shown still.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        since(self.at, now) < NOTICE_STAYS
    }
}

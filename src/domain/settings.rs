//! The numbers that a run goes by, as the configuration gives them.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::time::SignedDuration;

/// What the operator set for the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Users a batch.
    pub batch_size: usize,
    /// How many batches may be under way at once. Runs of before batches overlapped had one at a time.
    #[serde(default = "one_at_a_time", skip_serializing_if = "is_one")]
    pub batches_under_way: usize,
    /// Users that phase 3 removes first, and waits for.
    pub canary: usize,
    /// How many stuck users the run bears; one more halts it.
    pub max_stuck: usize,
    /// How long between two verify passes.
    pub interval: SignedDuration,
    /// From when on a waiting user is called late.
    pub stuck_after: SignedDuration,
    /// How long GBL's own switch-over may show a user without a license before it is an alarm.
    pub unlicensed_grace: SignedDuration,
}

/// What may be set otherwise for batches that have not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSettings {
    /// Users a batch.
    pub batch_size: usize,
    /// Users that phase 3 removes first, and waits for.
    pub canary: usize,
    /// How long between two verify passes. It is the run's, and changes nothing that was approved: nothing but reads go by it.
    pub interval: SignedDuration,
}

impl BatchSettings {
    /// The longest interval that the operator may set.
    pub const SLOWEST: SignedDuration = SignedDuration::from_mins(30);

    /// Whether each of them is one that a run can go by.
    pub fn are_possible(&self) -> bool {
        let interval = SignedDuration::from_secs(1)..=Self::SLOWEST;
        self.batch_size > 0 && self.canary > 0 && interval.contains(&self.interval)
    }
}

impl Settings {
    /// Those of them that may be set otherwise for batches that have not begun.
    pub fn of_batches(&self) -> BatchSettings {
        BatchSettings { batch_size: self.batch_size, canary: self.canary, interval: self.interval }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_size: 200,
            batches_under_way: 3,
            canary: 5,
            max_stuck: 3,
            interval: SignedDuration::from_secs(30),
            stuck_after: SignedDuration::from_mins(30),
            unlicensed_grace: SignedDuration::from_mins(2),
        }
    }
}

fn one_at_a_time() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_one(batches: &usize) -> bool {
    *batches == 1
}

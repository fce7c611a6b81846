//! How many users of a batch stand where.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::time::Timestamp;

/// How many users of the batch under way stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All users of the batch.
    pub total: usize,
    /// Those the batch waits for: neither blocked nor excluded.
    pub active: usize,
    /// Active users for whom the phase under way is done.
    pub done: usize,
    /// Users that GBL has still to act on.
    pub waiting: usize,
    /// Waiting users past `stuck_after`.
    pub late: usize,
    /// Active users that are stuck or missing.
    pub stuck: usize,
    /// Users without a license.
    pub unlicensed: usize,
    /// Users whose last step was backwards.
    pub went_back: usize,
    /// Users that the operator took out.
    pub excluded: usize,
    /// Users that preflight blocked in this batch.
    pub blocked: usize,
    /// Users that hold both licenses.
    pub holds_both: usize,
    /// Users in the expected conflict.
    pub in_conflict: usize,
    /// Users whose write failed.
    pub failed: usize,
}

/// Counts the batch on the screen.
pub fn counts(run: &Migration, now: Timestamp) -> Counts {
    counts_of(run, run.current, now)
}

/// Counts one batch.
pub fn counts_of(run: &Migration, batch: usize, now: Timestamp) -> Counts {
    let count = |fact| run.count(batch, fact);
    let done = match run.phase_of(batch) {
        Phase::Preflight => Fact::Ready,
        Phase::AddToTarget => Fact::Added,
        Phase::VerifyAdded => Fact::Safe,
        Phase::RemoveFromSource => Fact::Removed,
        Phase::VerifyMigrated | Phase::Complete => Fact::Arrived,
    };
    Counts {
        total: count(Fact::Member),
        active: count(Fact::Active),
        done: count(done),
        waiting: count(Fact::Waiting),
        late: run.late_in(batch, now),
        stuck: count(Fact::Stuck),
        unlicensed: count(Fact::Unlicensed),
        went_back: count(Fact::WentBack),
        excluded: count(Fact::Excluded),
        blocked: count(Fact::Blocked),
        holds_both: count(Fact::HoldsBoth),
        in_conflict: count(Fact::InConflict),
        failed: count(Fact::Failed),
    }
}

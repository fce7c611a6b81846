//! The canary: the first few of a batch to be removed, whom the others follow once they have arrived (rule 5).

use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::read_back::ReadBack;

/// How many more users of a batch may be removed now: what is left of its canary, nothing while it is awaited, any
/// number after it. Who may have left by a removal that reading back did not show keeps their place in the canary, so
/// that nobody takes it and the canary grows; so does who is or was on a worklist.
pub fn room_in(run: &Migration, batch: usize) -> usize {
    let canary = run.canary_of(batch).min(run.count(batch, Fact::Active)).max(1);
    if run.count(batch, Fact::CanaryArrived) >= canary {
        usize::MAX
    } else {
        canary.saturating_sub(run.count(batch, Fact::CanaryBegun))
    }
}

/// After a removal was read back: the others were approved to follow a canary, and it is not complete without another
/// removal, so what was approved is approved no more.
pub(in crate::domain) fn read_back(run: &mut Migration, user: UserId, found: ReadBack) {
    let batch = run.user(user).and_then(|user| user.batch);
    if let Some(batch) = batch.filter(|batch| found == ReadBack::NotInEffect && room_in(run, *batch) != usize::MAX) {
        run.approved_pending.end(batch);
    }
}

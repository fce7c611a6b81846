//! Rule 4: whether there are seats for those who are about to leave the source group.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::seat_ledger::Shortage;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::user::Write;

/// Rule 4: whether a seat of every product of `ledger`, which counts nobody yet, is free for all of the batch whose removal
/// is approved and who have not left, and for the same users of other batches that go the same way, less those who hold it.
/// What the batches to come need, and who is left behind, is told beside it. `holds` says whether a user holds a product
/// already.
///
/// # Errors
/// Names the product of which the most are missing.
pub fn enough_seats(
    run: &Migration,
    batch: usize,
    mut ledger: SeatLedger,
    holds: impl Fn(&User, SkuId) -> bool,
) -> Result<(), Shortage> {
    let waits = |standing: &Standing| standing.is_safe(run.scenario) || standing.lacks_only_seats();
    let waits = |user: &&Arc<User>| user.standing.as_ref().is_some_and(waits);
    let approved = |other: &usize| {
        *other != batch
            && run.direction_of(*other) == run.direction_of(batch)
            && run.phase_of(*other) == Phase::RemoveFromSource
    };
    let is_approved = |user: &&Arc<User>| user.id.is_some_and(|id| run.approved_pending.contains(&id));
    let beside = (0..run.batches.len()).filter(approved).flat_map(|other| run.active_in(other));
    for user in
        run.active_in(batch).chain(beside).filter(is_approved).filter(|user| !user.remove.is_done()).filter(waits)
    {
        ledger.add_to_come(|sku| holds(user, sku));
    }
    // Every batch that is still to come, and whoever of this one is not safe yet.
    let comes =
        |user: &&Arc<User>| user.is_active() && user.batch.is_some() && user.direction == run.direction_of(batch);
    let now = |user: &Arc<User>| is_approved(&user) && waits(&user);
    for user in run.users.iter().filter(comes).filter(|user| user.removal() == Removal::NotSent && !now(user)) {
        ledger.add_later(|sku| holds(user, sku));
    }
    ledger.shortage().map_or(Ok(()), Err)
}

/// How many of these users, from the first on, may be removed now (rule 4): whoever may have left and does not surely have
/// a seat of a product may take one first, in this run or by another hand's order to look at them again, of whichever
/// batch. `ledger` counts nobody yet; `has_seat` says whose seats are certainly among those that it counts as taken,
/// `holds` who of these users needs none.
pub fn fit_now(
    run: &Migration,
    batch: usize,
    mut ledger: SeatLedger,
    users: &[UserId],
    has_seat: impl Fn(&User, SkuId) -> bool,
    holds: impl Fn(&User, SkuId) -> bool,
) -> usize {
    for user in may_take_seats(run, run.direction_of(batch), users) {
        ledger.add_under_way(|sku| has_seat(user, sku));
    }
    for user in users {
        ledger.add_to_come(|sku| run.user(*user).is_some_and(|user| holds(user, sku)));
    }
    ledger.fits()
}

/// Who may have left the source group, beside those who are about to. Whom the operator took out of the batch takes a
/// seat all the same, and so does, one day, who is stuck. Where both licenses were seen side by side, whoever was added may
/// take a seat before anybody is removed, though the batch was predicted to conflict.
fn may_take_seats<'a>(
    run: &'a Migration,
    direction: Direction,
    leaving: &[UserId],
) -> impl Iterator<Item = &'a Arc<User>> {
    let leaving: HashSet<UserId> = leaving.iter().copied().collect();
    let left = |user: &User| user.may_have_left();
    // Who goes the other way is in the group that gives the seat until removed from it.
    let turned = |user: &User| user.batch.is_some() && !user.remove.is_done();
    let gone = move |user: &&Arc<User>| {
        if user.direction == direction { left(user) || (run.both_seen && may_be_given(user)) } else { turned(user) }
    };
    let takes = |user: &&Arc<User>| user.standing != Some(Standing::Missing);
    let stays = move |user: &&Arc<User>| user.id.is_none_or(|id| !leaving.contains(&id));
    run.users.iter().filter(gone).filter(takes).filter(stays)
}

/// Whether the user may be in the target group, and licensing may give them what it assigns before they leave the source
/// group: it has not looked, or failed for a reason that may pass. In conflict as expected, it will not.
fn may_be_given(user: &User) -> bool {
    let may_be_in =
        matches!(user.add, Write::Intended(_) | Write::Done(_) | Write::Lost(..)) || user.add.may_be_done_by_others();
    may_be_in && user.standing.as_ref().is_none_or(|one| matches!(one, Standing::OnSource | Standing::Stuck(_)))
}

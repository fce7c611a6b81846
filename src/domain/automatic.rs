//! What follows from where a run stands without anybody asking: phases that are done, alarms, the breaker.

use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::standing::Removal;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The next event that follows by itself, if any. Whoever calls keeps it, applies it, and asks again until nothing follows.
pub fn follow(run: &Migration, now: Timestamp) -> Option<Event> {
    alarm(run, now).or_else(|| breaker(run, now)).or_else(|| phase(run))
}

/// Whether GBL's own switch-over may be what shows this user without a license: rule 6 bears it for a while after the
/// removal, and at no other time. A removal that reading back did not show may be what it follows.
pub fn in_grace(user: &User, now: Timestamp, grace: SignedDuration) -> bool {
    let removed = user.removal() == Removal::Sent || user.removal_unconfirmed_at.is_some();
    user.is_unlicensed() && removed && user.unlicensed_for(now) < grace
}

fn alarm(run: &Migration, now: Timestamp) -> Option<Event> {
    let grace = run.run.settings.unlicensed_grace;
    let unlicensed: Vec<UserId> = run
        .users
        .iter()
        .filter(|user| user.is_unlicensed() && !in_grace(user, now, grace))
        .filter_map(|user| user.id)
        .collect();
    let known = |user: &UserId| run.alarm.as_ref().is_some_and(|alarm| alarm.users.contains(user));
    unlicensed.iter().any(|user| !known(user)).then_some(Event::AlarmRaised { users: unlicensed })
}

/// Rule 5. Who left the source group and keeps its license past `stuck_after` counts like anybody stuck: what holds it
/// for one may hold it for all who follow.
fn breaker(run: &Migration, now: Timestamp) -> Option<Event> {
    let (stuck, most) = (run.stuck() + run.overdue(now).count(), run.stuck_limit);
    let trips = run.halted.is_none() && stuck > most;
    trips.then_some(Event::Halted { why: HaltReason::TooManyStuck { stuck, most } })
}

fn phase(run: &Migration) -> Option<Event> {
    let all = run.under_way_batches().next().is_none() && !run.batches.is_empty();
    if all {
        return (!run.complete).then_some(Event::MigrationComplete);
    }
    run.under_way_batches().find_map(|batch| phase_of(run, batch))
}

/// The step that one of the batches under way takes by itself.
fn phase_of(run: &Migration, number: usize) -> Option<Event> {
    let batch = run.batches.get(number)?;
    // An open write is never left behind, not even that of a user who was excluded.
    if run.members(number).any(|user| user.is_open()) {
        return None;
    }
    let every = |done: fn(&User) -> bool| run.active_in(number).all(|user| done(user));
    if run.active_in(number).next().is_none() {
        return batch.checked.then_some(Event::BatchComplete { batch: number });
    }
    match batch.phase {
        // Whom a rollback finds in both groups has nothing to be added to.
        Phase::Preflight
            if batch.direction == Direction::Rollback && batch.checked && every(|user| user.add.is_done()) =>
        {
            Some(Event::AddsAcknowledged { batch: number })
        }
        Phase::AddToTarget if every(|user| user.add.is_done()) => Some(Event::AddsAcknowledged { batch: number }),
        Phase::RemoveFromSource if run.active_in(number).all(|user| run.is_out(user)) => {
            Some(Event::RemovesAcknowledged { batch: number })
        }
        Phase::VerifyAdded if run.group_problem().is_some() && every(User::is_migrated) => {
            Some(Event::BatchComplete { batch: number })
        }
        Phase::VerifyMigrated if every(User::has_arrived) => Some(Event::BatchComplete { batch: number }),
        Phase::Preflight
        | Phase::AddToTarget
        | Phase::VerifyAdded
        | Phase::RemoveFromSource
        | Phase::VerifyMigrated
        | Phase::Complete => None,
    }
}

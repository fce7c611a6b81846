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
    alarm(run, now).or_else(|| breaker(run)).or_else(|| phase(run))
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

fn breaker(run: &Migration) -> Option<Event> {
    let (stuck, most) = (run.stuck(), run.stuck_limit);
    let trips = run.halted.is_none() && stuck > most;
    trips.then_some(Event::Halted { why: HaltReason::TooManyStuck { stuck, most } })
}

fn phase(run: &Migration) -> Option<Event> {
    let batch = run.current;
    let here = run.batch()?.phase;
    if here == Phase::Complete {
        let all = run.batches.iter().all(|batch| batch.phase == Phase::Complete);
        return (all && !run.complete).then_some(Event::MigrationComplete);
    }
    // An open write is never left behind, not even that of a user who was excluded.
    if run.members(batch).any(|user| user.add.is_open() || user.remove.is_open()) {
        return None;
    }
    let every = |done: fn(&User) -> bool| run.active().all(|user| done(user));
    if run.active().next().is_none() {
        let looked = run.batch().is_some_and(|batch| batch.checked);
        return looked.then_some(Event::BatchComplete { batch });
    }
    match here {
        // Whom a rollback finds in both groups has nothing to be added to.
        Phase::Preflight
            if run.direction() == Direction::Rollback && run.batch()?.checked && every(|user| user.add.is_done()) =>
        {
            Some(Event::AddsAcknowledged { batch })
        }
        Phase::AddToTarget if every(|user| user.add.is_done()) => Some(Event::AddsAcknowledged { batch }),
        Phase::RemoveFromSource if run.active().all(|user| run.is_out(user)) => {
            Some(Event::RemovesAcknowledged { batch })
        }
        Phase::VerifyAdded if run.group_problem().is_some() && every(User::is_migrated) => {
            Some(Event::BatchComplete { batch })
        }
        Phase::VerifyMigrated if every(User::has_arrived) => Some(Event::BatchComplete { batch }),
        Phase::Preflight
        | Phase::AddToTarget
        | Phase::VerifyAdded
        | Phase::RemoveFromSource
        | Phase::VerifyMigrated
        | Phase::Complete => None,
    }
}

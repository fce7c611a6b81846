//! What follows from where a run stands without anybody asking: phases that are done, alarms, the breaker.

use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::halt::Alarm;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The next event that follows by itself, if any. Whoever calls keeps it, applies it, and asks again until nothing follows.
pub fn follow(run: &Migration, now: Timestamp) -> Option<Event> {
    alarm(run, now).or_else(|| breaker(run, now)).or_else(|| phase(run, now))
}

/// Whether GBL's own switch-over may be what shows this user without a license: rule 6 bears it for a while after the
/// removal, and at no other time. A removal that reading back did not show may be what it follows.
pub fn in_grace(user: &User, now: Timestamp, grace: SignedDuration) -> bool {
    let removed = user.may_have_left() && !user.removed_early;
    user.is_unlicensed() && removed && user.unlicensed_for(now) < grace
}

fn alarm(run: &Migration, now: Timestamp) -> Option<Event> {
    let grace = run.run.settings.unlicensed_grace;
    let unlicensed: Vec<_> = run.unlicensed().filter(|user| !in_grace(user, now, grace)).collect();
    // Who had a license again since the alarm has lost it anew.
    let known = |user: &User| {
        let told = |alarm: &Alarm| {
            user.id.is_some_and(|id| alarm.users.contains(&id)) && user.seldom.unlicensed_since <= Some(alarm.at)
        };
        run.alarm.as_ref().is_some_and(told)
    };
    let users: Vec<UserId> = unlicensed.iter().filter_map(|user| user.id).collect();
    unlicensed.iter().any(|user| !known(user)).then_some(Event::AlarmRaised { users })
}

/// Rule 5. Who left the source group and keeps its license past `stuck_after` counts like anybody stuck: what holds it
/// for one may hold it for all who follow.
fn breaker(run: &Migration, now: Timestamp) -> Option<Event> {
    let (stuck, most) = (run.stuck() + run.overdue(now), run.stuck_limit);
    let trips = run.halted.is_none() && stuck > most;
    trips.then_some(Event::Halted { why: HaltReason::TooManyStuck { stuck, most } })
}

fn phase(run: &Migration, now: Timestamp) -> Option<Event> {
    let under_way = run.under_way_batches();
    if under_way.is_empty() && !run.batches.is_empty() {
        return (!run.complete).then_some(Event::MigrationComplete);
    }
    under_way.into_iter().find_map(|batch| phase_of(run, batch, now))
}

/// The step that one of the batches under way takes by itself.
fn phase_of(run: &Migration, number: usize, now: Timestamp) -> Option<Event> {
    let batch = run.batches.get(number)?;
    let count = |fact| run.count(number, fact);
    // An open write is never left behind, not even that of a user who was excluded.
    if count(Fact::Open) > 0 {
        return None;
    }
    let active = count(Fact::Active);
    if active == 0 {
        return batch.checked.then_some(Event::BatchComplete { batch: number });
    }
    let every = |fact| count(fact) == active;
    let gone = if run.group_problem().is_some() { Fact::RemovedOrMigrated } else { Fact::Removed };
    match batch.phase {
        // Whom a rollback finds in both groups has nothing to be added to.
        Phase::Preflight if batch.direction == Direction::Rollback && batch.checked && every(Fact::Added) => {
            Some(Event::AddsAcknowledged { batch: number })
        }
        Phase::AddToTarget if every(Fact::AddedOrListed) => Some(Event::AddsAcknowledged { batch: number }),
        Phase::RemoveFromSource if every(gone) || others_are_removed(run, number) => {
            Some(Event::RemovesAcknowledged { batch: number })
        }
        Phase::VerifyAdded if run.group_problem().is_some() && every(Fact::ActiveMigrated) => {
            Some(Event::BatchComplete { batch: number })
        }
        Phase::VerifyMigrated if every(Fact::Arrived) || others_have_arrived(run, number, now) => {
            Some(Event::BatchComplete { batch: number })
        }
        Phase::Preflight
        | Phase::AddToTarget
        | Phase::VerifyAdded
        | Phase::RemoveFromSource
        | Phase::VerifyMigrated
        | Phase::Complete => None,
    }
}

/// Whether all who could be removed were, and what was approved is used up: who is not safe was left behind.
fn others_are_removed(run: &Migration, batch: usize) -> bool {
    run.approved_pending.left_in(batch) == 0
        && run.count(batch, Fact::Removed) > 0
        && run.count(batch, Fact::Removable) == 0
        && run.count(batch, Fact::ListedToRemove) == 0
}

/// How many others have still to add who are not late as well: each counts once.
fn awaited(run: &Migration, batch: usize, now: Timestamp) -> usize {
    if run.count(batch, Fact::AwaitedByOthers) == 0 {
        return 0;
    }
    let after = run.run.settings.stuck_after;
    let awaited = |user: &&Arc<User>| user.add.may_be_done_by_others() && !user.is_stuck() && !user.is_late(now, after);
    run.active_in(batch).filter(awaited).count()
}

/// Whether all have arrived but those for whom time alone does nothing: one stuck user never holds up 199. Who is without
/// a license is never passed over, nor who is safe and waits to be removed, nor a canary that others follow.
fn others_have_arrived(run: &Migration, batch: usize, now: Timestamp) -> bool {
    let (active, arrived) = (run.count(batch, Fact::Active), run.count(batch, Fact::Arrived));
    let exceptions = run.count(batch, Fact::Stuck) + run.late_in(batch, now) + awaited(run, batch, now);
    run.approved_pending.left_in(batch) == 0
        && run.count(batch, Fact::ListedToRemove) == 0
        && arrived > 0
        && arrived + exceptions >= active
}

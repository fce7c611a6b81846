//! Rule 5: a canary first, and a breaker that counts over the whole run.

use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::external_change::ExternalChange;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::route::Direction;
use skuferry::domain::standing::Standing;

use crate::rules::laws::Case;
use crate::rules::record::Moment;
use crate::rules::record::Written;

/// Longer than any world lasts, in the tenant's seconds.
const ALL_ALONG: i64 = 1_000_000;

/// Rule 5: until as many users as the canary has are truly migrated, no more than that many of a batch may have left.
pub(super) fn canary_first(case: &Case) -> Result<(), String> {
    let mut sent: BTreeSet<UserId> = BTreeSet::new();
    for moment in case.record.moments(&case.writes) {
        match moment {
            // Whoever is gone when asked counts, by whose hand ever; whoever is still there has not left.
            Moment::Event(_, Event::RemoveReadBack { user, found: ReadBack::InEffect }) => {
                sent.insert(*user);
            }
            // Where memberships lag, they may have left all the same.
            Moment::Event(_, Event::RemoveReadBack { found: ReadBack::NotInEffect, .. })
                if case.record.world.delays.memberships > 0 => {}
            Moment::Event(
                _,
                Event::RemoveReadBack { user, found: ReadBack::NotInEffect }
                | Event::ExternalChange { user, what: ExternalChange::PutBack },
            ) => {
                sent.remove(user);
            }
            Moment::Event(_, Event::RollbackStarted { users, .. }) => sent.retain(|user| !users.contains(user)),
            Moment::Write(write) if !write.added => {
                if !write.surely_refused {
                    sent.insert(write.user);
                }
                alone(case, write, &sent)?;
            }
            Moment::Event(..) | Moment::Write(_) => {}
        }
    }
    Ok(())
}

fn alone(case: &Case, write: &Written, sent: &BTreeSet<UserId>) -> Result<(), String> {
    let run = case.run(write.came.kept);
    let batch = run.user(write.user).and_then(|user| user.batch);
    let all = || run.users.iter().filter(|user| user.batch == batch);
    let members: Vec<UserId> = all().filter(|user| user.is_active()).filter_map(|user| user.id).collect();
    let canary = run.run.settings.canary.min(members.len()).max(1);
    let gone: Vec<&UserId> = members.iter().filter(|user| sent.contains(user)).collect();
    // Whom the operator takes out once they are migrated has been a good canary all the same.
    let went = all().filter_map(|user| user.id).filter(|user| sent.contains(user));
    let direction = case.direction(write);
    // Whom somebody else gave a license after they had arrived has been a good canary too. On the way back everybody
    // has stood at its end once, before they were ever moved.
    let behind = if direction == Direction::Forward { ALL_ALONG } else { 0 };
    let arrived =
        |user: &UserId| case.truth.shown(*user, write.tenant, behind, direction).iter().any(|one| one.is_migrated());
    let migrated = went.filter(arrived).count();
    if migrated < canary && gone.len() > canary {
        return Err(format!("rule 5: {gone:?} had left, {migrated} of a canary of {canary} had migrated: {write:?}"));
    }
    Ok(())
}

/// Rule 5: until one canary of a batch that goes forward is truly migrated, users of one such batch only may have left; a
/// later one begins when the one before is over.
pub(super) fn first_canary_first(case: &Case) -> Result<(), String> {
    for write in case.removals().filter(|write| case.direction(write) == Direction::Forward) {
        let run = case.run(write.came.kept);
        let Some(batch) = run.user(write.user).and_then(|user| user.batch) else { continue };
        let arrived = |user: &UserId| {
            let shown = case.truth.shown(*user, write.tenant, ALL_ALONG, Direction::Forward);
            shown.iter().any(|one| one.is_migrated())
        };
        let before = case.removals().filter(|one| one.number < write.number && !one.surely_refused);
        if before.into_iter().any(|one| arrived(&one.user)) {
            continue;
        }
        let open = |number: usize| {
            let batch = &run.batches[number];
            batch.direction == Direction::Forward && batch.phase != Phase::Complete
        };
        if let Some(first) = (0..batch).find(|number| open(*number)) {
            return Err(format!("rule 5: {write:?} of batch {batch}, and nobody of batch {first} had migrated"));
        }
    }
    Ok(())
}

/// Rule 5: one more stuck user than the run bears, and nothing more is even intended until the operator has decided.
pub(super) fn breaker(case: &Case) -> Result<(), String> {
    let mut bears = case.record.run.settings.max_stuck;
    let mut stuck: BTreeSet<UserId> = BTreeSet::new();
    let mut halted = false;
    for (_, event) in &case.record.events {
        match event {
            Event::Observed { users, .. } => {
                // Whom preflight left out of every batch is nobody that the run could break.
                let ours = |user: &UserId| case.record.end.user(*user).is_some_and(|user| user.batch.is_some());
                // Who lacks only a seat is held by the seats, which have a halt of their own.
                let is_stuck =
                    |standing: &Standing| matches!(standing, Standing::Stuck(_)) && !standing.lacks_only_seats();
                let more = users.iter().filter(|(user, standing)| is_stuck(standing) && ours(user));
                stuck.extend(more.map(|(user, _)| *user));
            }
            Event::Halted { .. } | Event::AlarmRaised { .. } => halted = true,
            Event::HaltLifted { .. } => (halted, bears) = (false, bears.max(stuck.len())),
            Event::AddIntended { .. } | Event::RemoveIntended { .. } if stuck.len() > bears && !halted => {
                return Err(format!("rule 5: {} were stuck, {bears} may be, and {event:?}", stuck.len()));
            }
            _ => {}
        }
    }
    Ok(())
}

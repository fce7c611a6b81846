//! Rules 3 and 9: proven by fresh point reads, and never by what was stale.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::route::Direction;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;

use crate::rules::laws::Case;
use crate::rules::record::Moment;
use crate::rules::record::Moved;
use crate::rules::record::Written;

/// Rule 3: how old a proof may be.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Rule 3: two good point reads after the addition was acknowledged, apart from each other, of what was safe, the last
/// one at most a minute old.
pub(super) fn proven(case: &Case) -> Result<(), String> {
    case.removals().try_for_each(|removal| proof(case, removal))
}

fn proof(case: &Case, removal: &Written) -> Result<(), String> {
    let (record, user) = (case.record, removal.user);
    let known = &record.events[..removal.came.kept];
    let acknowledged = known.iter().rposition(|(_, event)| match event {
        // Who is taken back before they have left needs no addition.
        Event::AddSettled { users, outcome: Outcome::Done, .. } | Event::RollbackStarted { users, .. } => {
            users.contains(&user)
        }
        Event::AddReadBack { user: one, found: ReadBack::InEffect } => *one == user,
        _ => false,
    });
    let Some(acknowledged) = acknowledged else {
        return Err(format!("rule 3: {removal:?}, whose addition nobody had acknowledged"));
    };
    let reads: Vec<_> = record.point_reads(user).into_iter().filter(|read| read.number < removal.number).collect();
    let reads: Vec<_> = reads.into_iter().filter(|read| read.came.kept > acknowledged).collect();
    let [.., first, last] = reads.as_slice() else {
        return Err(format!("rule 3: {removal:?} after {} point reads", reads.len()));
    };
    if first.outer == last.outer {
        return Err(format!("rule 3: {removal:?} after two looks in one request"));
    }
    let age = removal.came.left.duration_since(last.came.at);
    if age > FRESH {
        return Err(format!("rule 3: {removal:?} on a proof {age:#} old"));
    }
    if taken_out(case, removal, first.number) {
        return Err(format!("rule 3: {removal:?} of somebody who had been taken out of the group that they went to"));
    }
    let shown = [first, last].map(|read| case.truth.read(user, read, case.direction(removal)));
    if !shown.iter().all(|stands| stands.is_safe(record.end.scenario)) || !shown[0].agrees(shown[1]) {
        return Err(format!("rule 3: {removal:?} after {first:?} and {last:?} showed {shown:?}"));
    }
    Ok(())
}

/// Whether somebody else had taken the user out of the group that they go to before the request of this number; what
/// that group gives shows for a while yet.
fn taken_out(case: &Case, removal: &Written, before: u64) -> bool {
    let route = &case.record.run.route;
    let goes_to = if removal.group == route.source.group.0 { route.target.group } else { route.source.group };
    // Where memberships lag, nobody could have been told of it sooner.
    let lag = SignedDuration::from_secs(case.record.world.delays.memberships.into());
    let time = |number| case.record.tenant_time(number);
    let told = |number| lag.is_zero() || time(number).map(|at| at + lag) <= time(before);
    let theirs =
        |one: &&Moved| one.user == removal.user && one.group == goes_to && one.number < before && told(one.number);
    let last = case.record.moved.iter().rfind(theirs);
    last.is_some_and(|last| {
        let ours = |one: &Written| one.added && one.user == removal.user && one.group == goes_to.0;
        let since = |one: &Written| one.number > last.number && one.number < before;
        !last.joined && !case.writes.iter().any(|one| ours(one) && since(one))
    })
}

/// Rule 3: nobody is removed of whom the program itself last saw that it is not safe.
pub(super) fn never_known_to_be_unsafe(case: &Case) -> Result<(), String> {
    let scenario = case.record.end.scenario;
    let mut seen: BTreeMap<UserId, &Standing> = BTreeMap::new();
    let mut open: BTreeSet<UserId> = BTreeSet::new();
    for moment in case.record.moments(&case.writes) {
        match moment {
            Moment::Event(_, Event::RemoveIntended { users, .. }) => open.extend(users),
            Moment::Event(_, Event::RemoveSettled { users, .. }) => open.retain(|user| !users.contains(user)),
            Moment::Event(_, Event::RemoveReadBack { user, .. }) => {
                open.remove(user);
            }
            Moment::Event(_, Event::Observed { users, .. }) => {
                // Of a user whose removal is on its way nobody can say what a reading means.
                let clear = users.iter().filter(|(user, _)| !open.contains(user));
                seen.extend(clear.map(|(user, standing)| (*user, standing)));
            }
            Moment::Write(write) if !write.added => {
                let last = seen.get(&write.user);
                // A removal that is repeated may have been in effect for long.
                let first = case
                    .removals()
                    .find(|one| one.user == write.user && one.group == write.group)
                    .is_some_and(|one| one.number == write.number);
                // Who is on the way back may have arrived before they leave.
                let arrived = case.direction(write) == Direction::Rollback && last == Some(&&Standing::Migrated);
                if first && !arrived && !last.is_some_and(|standing| standing.is_safe(scenario)) {
                    return Err(format!("rule 3: {write:?} although it was last seen as {last:?}"));
                }
            }
            Moment::Event(..) | Moment::Write(_) => {}
        }
    }
    Ok(())
}

/// Rule 9: whatever was stale on the way, whoever the program says is migrated truly is; and it never took a read for
/// news that began before the user was last written.
pub(super) fn true_in_the_end(case: &Case) -> Result<(), String> {
    let record = case.record;
    let others = record.touched_by_others();
    let now = record.log.last().map_or(jiff::Timestamp::MAX, |entry| entry.at);
    for (place, user) in record.end.users.iter().enumerate() {
        let (true, Some(id)) = (user.is_migrated() || user.is_rolled_back(), user.id) else { continue };
        let stands = case.truth.at(id, now, user.direction);
        if !stands.is_migrated() && !others.contains(&place) {
            return Err(format!("rule 9: {} counts as migrated, and truly is {stands:?}", user.upn));
        }
    }
    if record.world.has_jumps() {
        return Ok(()); // times of the journal cannot be compared then
    }
    let mut written = std::collections::HashMap::new();
    for (at, event) in &record.events {
        match event {
            Event::AddSettled { users, .. } | Event::RemoveSettled { users, .. } => {
                written.extend(users.iter().map(|user| (*user, *at)));
            }
            Event::Observed { began, users } => {
                if let Some((user, _)) = users.iter().find(|(user, _)| written.get(user).is_some_and(|at| began <= at))
                {
                    return Err(format!("rule 9: what was read of {user} from {began} on counted after a later write"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

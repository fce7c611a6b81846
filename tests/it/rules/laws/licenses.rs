//! Users' own licenses: reprocessed or taken off only when asked for by name, intended, and proven (rules 2, 3, 7, 8).

use std::collections::BTreeSet;

use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::time::SignedDuration;

use crate::rules::laws::Case;
use crate::rules::record::Licensed;
use crate::rules::record::PointRead;
use crate::rules::record::To;
use crate::rules::record::approved;

/// Rule 3: how old a proof may be.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Each write has an intent on the disk when it comes, each intent an approval that still holds, and both name users of
/// the batch under way whom nobody has taken out.
pub(super) fn asked_for_by_name(case: &Case) -> Result<(), String> {
    let written = case.record.licensed();
    let mut written = written.iter().peekable();
    let mut allowed: BTreeSet<(To, UserId)> = BTreeSet::new();
    let mut intended: BTreeSet<(To, UserId)> = BTreeSet::new();
    for (place, (_, event)) in case.record.events.iter().enumerate() {
        while let Some(write) = written.next_if(|write| write.came.kept <= place) {
            intended_and_ours(case, write, &intended)?;
        }
        if let Some((answer, _, _)) = approved(event) {
            // It takes the place of what was approved for its own batch.
            allowed
                .retain(|(_, user)| case.run(place + 1).user(*user).is_none_or(|one| one.batch != Some(answer.batch)));
            allowed.extend(answer.users.iter().map(|user| (answer.to, *user)));
        }
        match event {
            Event::Resumed { .. } | Event::Halted { .. } | Event::AlarmRaised { .. } => allowed.clear(),
            Event::Excluded { user, .. } => allowed.retain(|(_, one)| one != user),
            Event::ReprocessIntended { users, .. } => spend(To::Reprocess, users, &mut allowed, &mut intended)?,
            Event::DirectIntended { users, .. } => spend(To::Direct, users, &mut allowed, &mut intended)?,
            Event::ReprocessSettled { users, .. } => {
                intended.retain(|(to, user)| *to != To::Reprocess || !users.contains(user));
            }
            Event::DirectSettled { users, .. } => {
                intended.retain(|(to, user)| *to != To::Direct || !users.contains(user));
            }
            _ => {}
        }
    }
    written.try_for_each(|write| intended_and_ours(case, write, &intended))
}

fn spend(
    to: To,
    users: &[UserId],
    allowed: &mut BTreeSet<(To, UserId)>,
    intended: &mut BTreeSet<(To, UserId)>,
) -> Result<(), String> {
    for user in users {
        if !allowed.remove(&(to, *user)) {
            return Err(format!("rule 2: {to:?} of {user} was intended without an approval that still held"));
        }
        intended.insert((to, *user));
    }
    Ok(())
}

fn intended_and_ours(case: &Case, write: &Licensed, intended: &BTreeSet<(To, UserId)>) -> Result<(), String> {
    if !intended.contains(&(write.to, write.user)) {
        return Err(format!("rule 8: no intent was on the disk when {write:?} came"));
    }
    let run = case.run(write.came.kept);
    let ours = run
        .user(write.user)
        .is_some_and(|user| user.batch.is_some_and(|batch| run.is_under_way(batch)) && !user.excluded);
    if ours { Ok(()) } else { Err(format!("rule 7: {write:?} is outside of the batches under way")) }
}

/// Rule 3: a direct license goes only from who was seen twice, by reads of their own after the approval, to have the
/// other license from the group, and to be a member yet; it is that one license that goes, and nothing is assigned.
pub(super) fn spare_when_taken_off(case: &Case) -> Result<(), String> {
    case.record.licensed().iter().filter(|write| write.to == To::Direct).try_for_each(|write| spare(case, write))
}

fn spare(case: &Case, write: &Licensed) -> Result<(), String> {
    let (record, user) = (case.record, write.user);
    let run = case.run(write.came.kept);
    let direction = run.user(user).map_or(skuferry::domain::route::Direction::Forward, |user| user.direction);
    let left = run.route_direction(direction).source.sku.to_string();
    if write.body != json!({ "addLicenses": [], "removeLicenses": [left] }) {
        return Err(format!("rule 7: {write:?} changes more than the license that users leave"));
    }
    let known = &record.events[..write.came.kept];
    let asked = known
        .iter()
        .rposition(|(_, event)| matches!(event, Event::DirectApproved { users, .. } if users.contains(&user)));
    let between = |read: &PointRead| read.number < write.number && asked.is_some_and(|asked| read.came.kept > asked);
    let reads: Vec<_> = record.point_reads(user).into_iter().filter(between).collect();
    let [.., first, last] = reads.as_slice() else {
        return Err(format!("rule 3: {write:?} after {} point reads", reads.len()));
    };
    let age = write.came.left.duration_since(last.came.at);
    if first.outer == last.outer || age > FRESH {
        return Err(format!("rule 3: {write:?} after looks that are one or {age:#} old"));
    }
    if !record.membership_reads(user).iter().any(between) {
        return Err(format!("rule 3: nobody asked whether the user of {write:?} was in the group yet"));
    }
    let shown = [first, last].map(|read| case.truth.read(user, read, direction));
    if !shown.iter().all(|stands| stands.target) || !shown[0].agrees(shown[1]) {
        return Err(format!("rule 3: {write:?} after {first:?} and {last:?} showed {shown:?}"));
    }
    Ok(())
}

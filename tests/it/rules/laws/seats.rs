//! Rule 4: seats are read again, and there are enough.

use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::route::Scenario;

use crate::rules::laws::Case;
use crate::rules::record::PointRead;
use crate::rules::record::Written;

/// Where the removal takes seats, they were read beside the last look, and there were enough: for all whom the same
/// approval still had to move, and for the order with all who had left and waited yet.
pub(super) fn enough(case: &Case) -> Result<(), String> {
    if case.record.end.scenario != Scenario::Conflicting {
        return Ok(());
    }
    let seats = case.record.reads(|entry| entry.status == 200 && entry.path.contains("/subscribedSkus"));
    case.removals().try_for_each(|removal| beside(case, removal, &seats))
}

fn beside(case: &Case, removal: &Written, seats: &[PointRead]) -> Result<(), String> {
    let record = case.record;
    let known = &record.events[..removal.came.kept];
    let approved = known
        .iter()
        .rposition(|(_, event)| matches!(event, Event::RemoveApproved { users, .. } if users.contains(&removal.user)));
    let reads = record.point_reads(removal.user).into_iter().filter(|read| read.number < removal.number);
    let first_look = reads.map(|read| read.number).rev().nth(1).unwrap_or_default();
    let asked = |one: &&PointRead| one.number < removal.number && approved.is_some_and(|place| one.came.kept > place);
    // A verify pass reads them too, while the order waits; and the operator may have looked at the user since.
    let beside = seats.iter().filter(asked).find(|one| one.number > first_look);
    let looked = beside.or_else(|| seats.iter().rfind(asked));
    let Some(looked) = looked else {
        return Err(format!("rule 4: no seats were read between the approval and {removal:?}"));
    };
    let direction = case.direction(removal);
    let waits = |user: &UserId| {
        let stands = case.truth.at(*user, looked.tenant, direction);
        stands.conflict && !stands.any_target
    };
    let free = case.truth.free_seats(looked.number, looked.tenant, direction);
    let too_few = |users: &BTreeSet<UserId>| {
        let takers = users.iter().filter(|user| waits(user)).count();
        (free < i64::try_from(takers).unwrap()).then_some(takers)
    };
    let with = |one: &&Written| one.outer == removal.outer;
    let left = |one: &&Written| one.number < looked.number && one.status == 204 && one.group == removal.group;
    let order: BTreeSet<UserId> = case.removals().filter(|one| with(one) || left(one)).map(|one| one.user).collect();
    if let Some(takers) = too_few(&order) {
        return Err(format!("rule 4: {free} seats were free for {takers} users when {removal:?} was decided"));
    }
    if !record.world.is_prompt() {
        return Ok(()); // who waits for a seat may not have been known
    }
    let mut still: BTreeSet<UserId> = BTreeSet::new();
    for (_, event) in known {
        match event {
            Event::RemoveApproved { users, .. } if users.contains(&removal.user) => {
                still = users.iter().copied().collect();
            }
            Event::Excluded { user, .. } | Event::NotProven { user, .. } => drop(still.remove(user)),
            _ => {}
        }
    }
    let gone: Vec<UserId> = case.removals().filter(left).map(|one| one.user).collect();
    still.retain(|user| !gone.contains(user));
    match too_few(&still) {
        Some(takers) => Err(format!("rule 4: {free} seats were free for the {takers} that were left at {removal:?}")),
        None => Ok(()),
    }
}

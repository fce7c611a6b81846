//! Rules 1, 2, 7, 8 and 11: approved, named, intended, nobody else, and never twice.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;

use crate::rules::laws::Case;
use crate::rules::record::Answer;
use crate::rules::record::Moment;
use crate::rules::record::Written;
use crate::rules::record::approved;

/// Rules 1, 2, 8: each intent has an approval of its own before it, and each write an intent on the disk when it comes.
pub(super) fn approved_first(case: &Case) -> Result<(), String> {
    let mut allowed: BTreeMap<usize, BTreeSet<(bool, UserId)>> = BTreeMap::new();
    let mut intended: BTreeSet<(bool, UserId)> = BTreeSet::new();
    let mut out: BTreeSet<UserId> = BTreeSet::new();
    for moment in case.record.moments(&case.writes) {
        match moment {
            Moment::Event(_, Event::Excluded { user, .. }) => drop(out.insert(*user)),
            Moment::Event(_, Event::RollbackStarted { users, .. }) => out.retain(|user| !users.contains(user)),
            // Each takes the place of what was approved for its own batch, and of nothing else.
            Moment::Event(_, Event::AddApproved { batch, users, .. }) => {
                allowed.insert(*batch, users.iter().map(|user| (true, *user)).collect());
            }
            Moment::Event(_, Event::RemoveApproved { batch, users, .. }) => {
                allowed.insert(*batch, users.iter().map(|user| (false, *user)).collect());
            }
            Moment::Event(_, Event::Resumed { .. } | Event::Halted { .. } | Event::AlarmRaised { .. }) => {
                allowed.clear();
            }
            Moment::Event(
                _,
                event @ (Event::AddIntended { batch, users } | Event::RemoveIntended { batch, users }),
            ) => {
                let added = matches!(event, Event::AddIntended { .. });
                for user in users {
                    if !allowed.get_mut(batch).is_some_and(|allowed| allowed.remove(&(added, *user))) {
                        return Err(format!("rule 2: {user} was to be written without an approval that still held"));
                    }
                    if out.contains(user) {
                        return Err(format!("rule 2: {user} was to be written after they were taken out"));
                    }
                    intended.insert((added, *user));
                }
            }
            Moment::Event(_, event @ (Event::AddSettled { users, .. } | Event::RemoveSettled { users, .. })) => {
                let added = matches!(event, Event::AddSettled { .. });
                for user in users {
                    intended.remove(&(added, *user));
                }
            }
            Moment::Write(write) if write.group != case.group(write) => {
                return Err(format!("rule 7: {write:?} is to the wrong group"));
            }
            Moment::Write(write) if !intended.contains(&(write.added, write.user)) => {
                return Err(format!("rule 8: no intent was on the disk when {write:?} came"));
            }
            Moment::Event(..) | Moment::Write(_) => {}
        }
    }
    Ok(())
}

/// Rule 2: every approval in the journal is an answer that the operator gave to the question that stood there, used once;
/// it is for one batch, and the journal says who approved and what stood on the screen.
pub(super) fn answered_by_the_operator(case: &Case) -> Result<(), String> {
    let mut given: Vec<Answer> = case.record.answers.clone();
    for (number, (_, event)) in case.record.events.iter().enumerate() {
        let Some((answer, by, seen)) = approved(event) else { continue };
        let (batch, users) = (answer.batch, &answer.users);
        let Some(place) = given.iter().position(|one| *one == answer) else {
            return Err(format!("rule 2: nobody gave the answer {answer:?}"));
        };
        given.remove(place);
        if let Some(user) =
            users.iter().find(|user| case.run(number + 1).user(**user).is_none_or(|one| one.batch != Some(batch)))
        {
            return Err(format!("rule 2: {user} is not in batch {batch} that was approved"));
        }
        let counted: usize = seen.standings.iter().map(|(_, count)| count).sum();
        if by.is_empty() || seen.group_name.is_empty() || counted < users.len() {
            return Err(format!("rule 2: the journal does not say who approved or what stood there: {event:?}"));
        }
    }
    Ok(())
}

/// Rule 7: only groups of the route, only users of the plan; and everybody else is in the groups where they were.
pub(super) fn nobody_else(case: &Case) -> Result<(), String> {
    let record = case.record;
    let planned = |user: UserId| record.end.user(user).is_some_and(|one| one.batch.is_some());
    for write in &case.writes {
        if !planned(write.user) {
            return Err(format!("rule 7: {write:?} is outside of the run"));
        }
    }
    let others = |state: &Value| -> BTreeMap<String, Value> {
        let users = state["users"].as_array().unwrap().iter();
        let named = users.map(|user| (user["id"].as_str().unwrap().to_owned(), user["groups"].clone()));
        named.filter(|(id, _)| !record.listed.contains(id)).collect()
    };
    // Of users on the list other hands may have been quicker; whoever is not on it stays as they were.
    if others(&record.before) != others(&record.after) {
        return Err("rule 7: users who are not on the list were moved or deleted".into());
    }
    Ok(())
}

/// Rule 8: as long as nobody knows what became of a write, nothing else is written.
pub(super) fn nothing_beside_the_unknown(case: &Case) -> Result<(), String> {
    let mut unknown: BTreeSet<UserId> = BTreeSet::new();
    let mut intended: BTreeSet<UserId> = BTreeSet::new();
    for (_, event) in &case.record.events {
        match event {
            Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => {
                if let Some(user) = unknown.first() {
                    return Err(format!("rule 8: {event:?} while nobody knew what had become of {user}"));
                }
                intended.extend(users);
            }
            Event::Resumed { .. } => unknown.append(&mut intended),
            Event::AddSettled { users, outcome, .. } | Event::RemoveSettled { users, outcome, .. } => {
                intended.retain(|user| !users.contains(user));
                if matches!(outcome, Outcome::Lost(_)) {
                    unknown.extend(users);
                }
            }
            Event::AddReadBack { user, .. } | Event::RemoveReadBack { user, .. } => {
                unknown.remove(user);
            }
            _ => {}
        }
    }
    Ok(())
}

/// One writer: what was intended for one batch is settled, or its session over, before anything is intended for another.
pub(super) fn one_batch_writes(case: &Case) -> Result<(), String> {
    let mut intended: BTreeMap<UserId, usize> = BTreeMap::new();
    for (_, event) in &case.record.events {
        match event {
            Event::AddIntended { batch, users } | Event::RemoveIntended { batch, users } => {
                if let Some((user, other)) = intended.iter().find(|(_, other)| *other != batch) {
                    return Err(format!(
                        "two batches write: {event:?} while {user} of batch {other} was being written"
                    ));
                }
                intended.extend(users.iter().map(|user| (*user, *batch)));
            }
            Event::Resumed { .. } => intended.clear(),
            Event::AddSettled { users, .. } | Event::RemoveSettled { users, .. } => {
                intended.retain(|user, _| !users.contains(user));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Rule 8: a write counts as done when Graph has acknowledged it, or when it was read back; no refusal says so.
pub(super) fn acknowledged(case: &Case) -> Result<(), String> {
    for (place, (_, event)) in case.record.events.iter().enumerate() {
        let (users, added) = match event {
            Event::AddSettled { users, outcome: Outcome::Done, .. } => (users, true),
            Event::RemoveSettled { users, outcome: Outcome::Done, .. } => (users, false),
            _ => continue,
        };
        let by = |user: &UserId, one: &Written| {
            one.user == *user && one.added == added && one.status == 204 && one.came.kept <= place
        };
        if let Some(user) = users.iter().find(|user| !case.writes.iter().any(|one| by(user, one))) {
            return Err(format!("rule 8: {user} counts as written (added: {added}), and nobody acknowledged it"));
        }
    }
    Ok(())
}

/// Rules 8 and 11: what may have been written is asked about before it is written again, and nothing is done twice.
pub(super) fn asked_before_again(case: &Case) -> Result<(), String> {
    for (place, write) in case.writes.iter().enumerate() {
        let what = |one: &Written| (one.user, one.added, one.group);
        let alike = |one: &&Written| what(one) == what(write);
        let Some(before) = case.writes[..place].iter().rev().find(alike) else { continue };
        // Somebody else has undone it, and the operator was asked again.
        let between = &case.record.events[before.came.kept.min(write.came.kept)..write.came.kept];
        let undone =
            between.iter().any(|(_, event)| matches!(event, Event::ExternalChange { user, .. } if *user == write.user));
        // Or the user has been taken back since, by ourselves.
        let back = case.writes[..place].iter().any(|one| {
            one.number > before.number && one.user == write.user && one.group == write.group && one.added != write.added
        });
        if before.surely_refused || undone || back {
            continue;
        }
        if before.status == 204 && write.status == 204 {
            return Err(format!("rule 11: {write:?} was done before: {before:?}"));
        }
        let asked = case.record.membership_reads(write.user).into_iter();
        if !asked.map(|read| read.number).any(|number| (before.number..write.number).contains(&number)) {
            return Err(format!("rule 8: {write:?} came again, and nobody had asked what became of {before:?}"));
        }
    }
    Ok(())
}

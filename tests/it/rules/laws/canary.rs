//! Rule 5: a canary first, and a breaker that counts over the whole run.

use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::event::ReadBack;
use skuferry::domain::id::UserId;
use skuferry::domain::standing::Standing;

use crate::rules::laws::Case;
use crate::rules::record::Moment;

/// Rule 5: until as many users as the canary has are truly migrated, no more than that many of a batch may have left.
pub(super) fn canary_first(case: &Case) -> Result<(), String> {
    let record = case.record;
    let batch = |user: UserId| record.end.user(user).and_then(|user| user.batch);
    let mut excluded: BTreeSet<UserId> = BTreeSet::new();
    let mut sent: BTreeSet<UserId> = BTreeSet::new();
    for moment in record.moments(&case.writes) {
        match moment {
            Moment::Event(_, Event::Excluded { user, .. }) => {
                excluded.insert(*user);
            }
            // Whoever is gone when asked counts, by whose hand ever; whoever is still there has not left.
            Moment::Event(_, Event::RemoveReadBack { user, found: ReadBack::InEffect }) => {
                sent.insert(*user);
            }
            Moment::Event(_, Event::RemoveReadBack { user, found: ReadBack::NotInEffect }) => {
                sent.remove(user);
            }
            Moment::Event(..) => {}
            Moment::Write(write) if write.added => {}
            Moment::Write(write) => {
                let ours = |user: &&UserId| batch(**user) == batch(write.user) && !excluded.contains(user);
                let members = record.end.users.iter().filter_map(|user| user.id).filter(|user| ours(&user)).count();
                let canary = record.run.settings.canary.min(members).max(1);
                let migrated =
                    sent.iter().filter(ours).filter(|user| case.truth.at(**user, write.tenant).is_migrated()).count();
                if !write.surely_refused {
                    sent.insert(write.user);
                }
                let gone = sent.iter().filter(ours).count();
                if migrated < canary && gone > canary {
                    let users: Vec<&UserId> = sent.iter().collect();
                    return Err(format!(
                        "rule 5: {gone} had left, a canary of {canary} had {migrated} migrated: {write:?} {users:?}"
                    ));
                }
            }
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
                let more = users.iter().filter(|(_, standing)| matches!(standing, Standing::Stuck(_)));
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

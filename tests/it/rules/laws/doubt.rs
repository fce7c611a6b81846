//! Rules 8, 9 and 11: that somebody is not where they were written to is believed when it was said twice.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::read_back::ReadBack;

use crate::rules::laws::Case;
use skuferry::domain::proof::NotProven;

/// One read may come from a replica that has not heard of it: since the write, or since the approval of a removal, the
/// user's memberships were asked for in two requests.
pub(super) fn believed_twice(case: &Case) -> Result<(), String> {
    let mut written: BTreeMap<UserId, usize> = BTreeMap::new();
    let mut approved: BTreeMap<UserId, usize> = BTreeMap::new();
    for (place, (_, event)) in case.record.events.iter().enumerate() {
        let (user, since) = match event {
            Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => {
                written.extend(users.iter().map(|user| (*user, place)));
                continue;
            }
            Event::RemoveApproved { users, .. } | Event::DirectApproved { users, .. } => {
                approved.extend(users.iter().map(|user| (*user, place)));
                continue;
            }
            Event::AddReadBack { user, found: ReadBack::NotInEffect }
            | Event::RemoveReadBack { user, found: ReadBack::NotInEffect }
            | Event::ExternalChange { user, .. } => (user, written.get(user).copied().unwrap_or_default()),
            Event::NotProven { user, why: NotProven::NotInGroup, .. } => {
                (user, approved.get(user).copied().unwrap_or_default())
            }
            _ => continue,
        };
        let between = |kept: usize| kept > since && kept <= place;
        let asked = case.record.asked_for_memberships(*user).into_iter().filter(|read| between(read.came.kept));
        let asked: BTreeSet<u64> = asked.map(|read| read.outer).collect();
        if asked.len() < 2 {
            return Err(format!("rule 9: {event:?} after {} reads of their groups", asked.len()));
        }
    }
    Ok(())
}

//! What the events about stuck users do to a run: reprocess, a direct license taken off, other hands, the way back.

use std::collections::BTreeSet;

use crate::domain::end_state::Keeps;
use crate::domain::event::Event;
use crate::domain::event::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::migration::Batch;
use crate::domain::migration::Migration;
use crate::domain::migration::apply::illegal;
use crate::domain::migration::user_events::added;
use crate::domain::migration::user_events::note;
use crate::domain::migration::user_events::removed;
use crate::domain::migration::user_events::settle;
use crate::domain::order::Outcome;
use crate::domain::phase::Illegal;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;

impl Migration {
    /// Takes in an event about stuck users.
    pub(super) fn remedy(&mut self, at: Timestamp, event: &Event) -> Result<(), Illegal> {
        match event {
            Event::ReprocessApproved { users, .. } | Event::DirectApproved { users, .. } => {
                self.approved_pending = users.iter().copied().collect();
            }
            Event::ReprocessIntended { users, .. } => {
                self.change_all(users, event, |user| user.reprocess = Write::Intended(at))?;
            }
            Event::ReprocessSettled { users, outcome, .. } => self.settled(users, event, |user| {
                settle(at, outcome, "reprocessed", &mut user.reprocess, &mut user.history);
                user.why = match outcome {
                    Outcome::Failed(fault) if fault.kind == FaultKind::Refused => Some(fault.message.clone()),
                    Outcome::Done => None,
                    Outcome::Failed(_) | Outcome::Lost(_) => user.why.take(),
                };
            })?,
            Event::DirectIntended { users, .. } => {
                self.change_all(users, event, |user| user.direct = Write::Intended(at))?;
            }
            Event::DirectSettled { users, outcome, .. } => self.settled(users, event, |user| {
                settle(at, outcome, "rid of the direct license", &mut user.direct, &mut user.history);
            })?,
            Event::Explained { user, why } => self.change(*user, event, |user| {
                user.why = Some(why.clone());
                note(at, format!("the audit log says: {why}"), &mut user.history);
            })?,
            Event::ExternalChange { user, what } => self.change(*user, event, |user| meddled(user, at, *what))?,
            Event::RollbackStarted { batch, users, by } => self.roll_back(at, *batch, users, by, event)?,
            _ => return Err(illegal(event, "as a remedy")),
        }
        Ok(())
    }

    /// Rule 13: the users leave their batches and become one that goes the other way, with all of its gates before it.
    fn roll_back(
        &mut self,
        at: Timestamp,
        number: usize,
        users: &[UserId],
        by: &str,
        event: &Event,
    ) -> Result<(), Illegal> {
        if number != self.batches.len()
            || users.is_empty()
            || !self.approved_pending.is_empty()
            || self.open().next().is_some()
        {
            return Err(illegal(event, "now"));
        }
        let mut of = BTreeSet::new();
        for user in users {
            match self.user(*user).and_then(|user| user.batch) {
                Some(before) if self.batches[before].direction == Direction::Forward => drop(of.insert(before)),
                Some(before) => of.extend(&self.batches[before].of),
                None => {}
            }
            self.change(*user, event, |user| {
                turn(user, at);
                user.batch = Some(number);
                note(at, format!("taken back by {by}"), &mut user.history);
            })?;
        }
        let places: Vec<usize> = users.iter().filter_map(|user| self.place(*user)).collect();
        for batch in &mut self.batches {
            if batch.users.iter().any(|place| places.contains(place)) {
                batch.users = batch.users.iter().copied().filter(|place| !places.contains(place)).collect();
            }
        }
        self.batches.push(Batch { of: of.into_iter().collect(), ..Batch::new(places.into(), Direction::Rollback) });
        self.complete = false;
        self.advance_batch();
        Ok(())
    }
}

/// Sets a user on the way back. Who never left the source group needs no adding: the proof before the removal from the
/// target group shows whether that is so.
fn turn(user: &mut User, at: Timestamp) {
    if user.direction == Direction::Forward {
        user.add = if user.remove.is_done() { Write::None } else { Write::Done(at) };
        (user.remove, user.removal_unconfirmed_at) = (Write::None, None);
        user.direction = Direction::Rollback;
    }
    (user.reprocess, user.direct) = (Write::None, Write::None);
    user.turned_at = Some(at);
    user.keeps = Keeps::default(); // the way back is proven anew
    user.excluded = false;
    user.went_back = false;
    user.reasons.clear();
    (user.standing, user.since) = (None, None);
    (user.not_proven, user.why) = (None, None);
}

/// What we wrote is not in effect any more; whether to write it again is the operator's to say.
fn meddled(user: &mut User, at: Timestamp, what: ExternalChange) {
    let (write, why) = match what {
        ExternalChange::TakenOut => {
            (&mut user.add, format!("somebody else took them out again after they were {}", added(user.direction)))
        }
        ExternalChange::PutBack => {
            (&mut user.remove, format!("somebody else put them back after they were {}", removed(user.direction)))
        }
    };
    note(at, why.clone(), &mut user.history);
    *write = Write::Failed(at, Fault::new(FaultKind::Refused, why));
}

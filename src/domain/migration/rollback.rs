//! The way back: users who were written leave their batches and become one that goes the other way.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::migration::Batch;
use crate::domain::migration::Migration;
use crate::domain::migration::user_events::note;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::nothing_kept;
use crate::domain::user_history::Happened;
use crate::domain::write::Write;

impl Migration {
    /// Rule 13: the users leave their batches and become one that goes the other way, with all of its gates before it.
    pub(super) fn roll_back(&mut self, at: Timestamp, number: usize, users: &[UserId], by: &str) {
        let mut of = BTreeSet::new();
        Arc::make_mut(&mut self.tally).add_batch();
        for user in users {
            match self.user(*user).and_then(|user| user.batch) {
                Some(before) if self.batches[before].direction == Direction::Forward => drop(of.insert(before)),
                Some(before) => of.extend(&self.batches[before].of),
                None => {}
            }
            self.change(*user, |user| {
                turn(user, at);
                user.batch = Some(number);
                note(at, Happened::TakenBack { by: by.to_owned() }, &mut user.history);
            });
        }
        let places: Vec<usize> = users.iter().filter_map(|user| self.place(*user)).collect();
        for batch in &mut self.batches {
            if batch.users.iter().any(|place| places.contains(place)) {
                batch.users = batch.users.iter().copied().filter(|place| !places.contains(place)).collect();
            }
        }
        let new = Batch::new(places.into(), Direction::Rollback, self.batch_settings.canary);
        self.batches.push_back(Batch { of: of.into_iter().collect(), ..new });
        self.complete = false;
        self.show_due();
    }
}

/// Sets a user on the way back. Who never left the source group needs no adding: the proof before the removal from the
/// target group shows whether that is so.
fn turn(user: &mut User, at: Timestamp) {
    if user.direction == Direction::Forward {
        user.add = if user.remove.is_done() { Write::None } else { Write::Done(at) };
        user.remove = Write::None;
        user.seldom.change(|seldom| seldom.removal_unconfirmed_at = None);
        user.direction = Direction::Rollback;
    }
    user.seldom.change(|seldom| {
        (seldom.reprocess, seldom.direct) = (Write::None, Write::None);
        (seldom.not_proven, seldom.why) = (None, None);
        seldom.turned_at = Some(at);
    });
    user.removed_early = false;
    user.keeps = nothing_kept(); // the way back is proven anew
    user.excluded = false;
    user.went_back = false;
    user.reasons.clear();
    (user.standing, user.since) = (None, None);
}

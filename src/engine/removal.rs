//! Removals in their order: the canary, then chunks of the others, each after its last look and with seats for all.

use std::sync::Arc;

use crate::domain::canary;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::questions::enough_seats;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::tasks::TaskResult;
use crate::engine::write_queue::Approved;

/// A look is not taken while a write would wait longer than this: its proof would grow old for nothing, and while the
/// service wants to be left alone for minutes the proof of every chunk would.
const SOON: SignedDuration = SignedDuration::from_secs(5);
/// The shortest time between two verify passes when a removal waits to know who has taken a seat.
const SEATS_AFTER: SignedDuration = SignedDuration::from_secs(2);

impl Engine {
    /// The next chunk to look at, or the pending order; the canary goes first and is waited for.
    pub(super) fn next_removal(&mut self) -> bool {
        let now = self.clock.now();
        let switching = self.switching(now);
        let passed = !self.polling.awaited;
        let ends = self.ends();
        let run = &self.recorder.run;
        let Approved::Remove(job) = &mut self.approved else { return false };
        if switching {
            self.activity = Activity::AwaitingCanary; // rule 6: no more removals while a user is in between
            return false;
        }
        if let Some(order) = job.pending.pop_front_if(|order| !job.contradicted && order.may_leave(now)) {
            let graph = self.graph.clone();
            self.spawn(Activity::Removing, async move { TaskResult::Removed(graph.remove(order).await) });
            return true;
        }
        // An order that could not leave in time, or whose user was seen otherwise since, needs a new look before anybody else
        // is looked at.
        let stale = job.pending.front().map(|order| order.users().to_vec());
        let chunk = stale.unwrap_or_else(|| next(run, job.approval.left()));
        if job.approval.left().is_empty() && chunk.is_empty() {
            self.approved = Approved::None;
            return false;
        }
        if chunk.is_empty() {
            self.activity = Activity::AwaitingCanary;
            return false;
        }
        if !passed {
            self.activity = Activity::AwaitingSeats;
            return false;
        }
        let writes = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let wait = SignedDuration::try_from(self.graph.write_wait(writes)).unwrap_or(SignedDuration::MAX);
        if wait > SOON {
            self.activity = Activity::Holding { until: now.saturating_add(wait).unwrap_or(Timestamp::MAX) };
            return false;
        }
        job.renewing = job.pending.pop_front();
        let number = job.approval.number();
        self.spawn(Activity::LookingLast, tasks::look(self.graph.clone(), number, chunk, ends));
        true
    }

    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    pub(super) fn look_again(&mut self, fault: Fault) -> Result<(), RecordError> {
        let (now, asked) = (self.clock.now(), self.graph.connection_status().borrow().reads_held_until);
        if let Approved::Remove(job) = &mut self.approved {
            job.wait(fault.kind, now, asked);
        }
        self.keep_for_later();
        self.delayed("the last look", fault)
    }

    /// An order whose new look came to nothing waits for another.
    fn keep_for_later(&mut self) {
        if let Some(job) = self.approved.removal()
            && let Some(order) = job.renewing.take()
        {
            job.pending.push_front(order);
        }
    }

    /// Rule 4. All who are left need a seat, or nobody is removed. Who was removed and not seen since may take one yet:
    /// when that leaves too few for this chunk, it waits until it is known.
    pub(super) fn seats_suffice(&mut self, free: i64, chunk: usize) -> Result<bool, RecordError> {
        let (now, run) = (self.clock.now(), &self.recorder.run);
        let waits = |user: &&Arc<User>| user.standing == Some(Standing::ExpectedConflict);
        let left = run.active().filter(waits).filter(|user| !user.remove.is_done()).count();
        // Whom the operator took out of the batch takes a seat all the same.
        let gone = |user: &&Arc<User>| user.remove.is_done() && user.direction == run.direction();
        let under_way = run.users.iter().filter(waits).filter(gone).count();
        if let Err(short) = enough_seats(run.scenario, free, left) {
            self.recorder.record(Event::Halted { why: HaltReason::Seats(short) })?;
            self.drop_approval("writing was halted before it was sent")?;
            return Ok(false);
        }
        let enough = enough_seats(run.scenario, free, under_way + chunk.min(left)).is_ok();
        if !enough {
            // Seats are seen to be taken before users are seen to have taken them: who did is asked soon, and again.
            let soon = self.polling.began.map_or(now, |began| now.max(began + SEATS_AFTER));
            self.polling.next = Some(self.polling.next.map_or(soon, |next| next.min(soon)));
            self.polling.awaited = true;
            self.keep_for_later();
        }
        Ok(enough)
    }
}

/// Who goes next: whoever has a place in the canary and has to be removed again, then as many others as may follow.
fn next(run: &Migration, left: &[UserId]) -> Vec<UserId> {
    let begun = |id: &UserId| run.user(*id).is_some_and(|user| canary::has_begun(user));
    let (again, others): (Vec<UserId>, Vec<UserId>) = left.iter().copied().partition(begun);
    again.into_iter().chain(others.into_iter().take(canary::room(run))).take(MOST_PER_ORDER).collect()
}

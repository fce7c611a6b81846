//! The one write path: permits are spent here, intent goes before effect, and nothing uncertain is repeated.

mod answer;

use crate::domain::approval::Add;
use crate::domain::approval::Reprocess;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::IntentLog;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::order::Order;
use crate::domain::order::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks::Sent;
use crate::engine::write_queue::Queued;

impl Engine {
    /// The next write of the approval at work.
    pub(super) fn write(&mut self) -> Result<bool, RecordError> {
        // Rule 8: what became of a write that nobody has answered for is asked before anything else is written. A canary
        // may have left by it.
        if self.recorder.run.open().any(|user| !self.queue.is_pending(user.id)) {
            return Ok(false);
        }
        let now = self.clock.now();
        if self.queue.writes(WriteKind::Add) && !self.may_touch_groups() {
            return Ok(self.hold(self.polling.groups_retry.unwrap_or(now)));
        }
        if let Some(until) = self.queue.held(now) {
            return Ok(self.hold(until));
        }
        match self.queue.kind() {
            None => Ok(false),
            Some(WriteKind::Add) => self.next_unproven::<Add>(now),
            Some(WriteKind::Reprocess) => self.next_unproven::<Reprocess>(now),
            Some(WriteKind::Remove) => Ok(self.next_removal()),
            Some(WriteKind::Direct) => Ok(self.next_direct()),
        }
    }

    fn hold(&mut self, until: Timestamp) -> bool {
        self.activity = Activity::Holding { until };
        false
    }

    /// A write that needs no proof leaves as soon as its intent is durable.
    fn next_unproven<W>(&mut self, now: Timestamp) -> Result<bool, RecordError>
    where
        W: Sent + Marker<Grounds = crate::domain::approval::Permit<W>>,
    {
        if self.send_next::<W>(now) {
            return Ok(true);
        }
        let chunk: Vec<UserId> = self.queue.left().iter().copied().take(MOST_PER_ORDER).collect();
        let permits = chunk.into_iter().filter_map(|user| self.queue.permit(user)).collect();
        let Ok(draft) = Draft::<W>::of(permits) else {
            self.queue.end(); // nobody is left
            return Ok(false);
        };
        let order = draft.keep(&mut self.recorder)?;
        self.send(order);
        Ok(true)
    }

    /// Sends the order that waits first, if it may leave now.
    pub(super) fn send_next<W: Sent>(&mut self, now: Timestamp) -> bool {
        let Some(order) = self.queue.next_order::<W>(now) else { return false };
        self.send(order);
        true
    }

    fn send<W: Sent>(&mut self, order: Order<W>) {
        self.spawn(W::ACTIVITY, W::send(self.graph.clone(), order));
    }

    /// Keeps the intent of proven writes. Their order waits to leave.
    pub(super) fn keep_order<W: Queued>(&mut self, grounds: Vec<W::Grounds>) -> Result<(), RecordError> {
        let Ok(draft) = Draft::<W>::of(grounds) else { return self.recorder.follow() };
        let order = draft.keep(&mut self.recorder)?;
        self.queue.push(order);
        Ok(())
    }

    /// Ends the approval at work. Orders that were never sent are recorded as such; what is in flight is awaited.
    pub(super) fn drop_approval(&mut self, why: &str) -> Result<(), RecordError> {
        self.unhindered();
        let Some(ended) = self.queue.end() else { return Ok(()) };
        self.settle_failed(ended.kind(), ended.batch(), ended.unsent(), &Fault::new(FaultKind::NotSent, why))
    }

    /// Writes down what became of each user, alike outcomes in one event.
    pub(super) fn settle(
        &mut self,
        wrote: WriteKind,
        batch: usize,
        outcomes: Vec<(UserId, Outcome)>,
    ) -> Result<(), RecordError> {
        let mut alike: Vec<(Outcome, Vec<UserId>)> = Vec::new();
        for (user, outcome) in outcomes {
            self.negative_reads.remove(&user); // what a read said before this write says nothing about it
            match alike.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, users)) => users.push(user),
                None => alike.push((outcome, vec![user])),
            }
        }
        if alike.iter().any(|(outcome, _)| matches!(outcome, Outcome::Lost(_))) {
            self.polling.read_back = None;
        }
        alike.into_iter().try_for_each(|(outcome, users)| self.recorder.keep(wrote.settled(batch, users, outcome)))
    }

    pub(super) fn settle_failed(
        &mut self,
        wrote: WriteKind,
        batch: usize,
        users: &[UserId],
        fault: &Fault,
    ) -> Result<(), RecordError> {
        self.settle(wrote, batch, users.iter().map(|user| (*user, Outcome::Failed(fault.clone()))).collect())
    }

    pub(super) fn halt_on(&mut self, fault: Fault) -> Result<(), RecordError> {
        if self.recorder.run.halted.is_none() {
            self.recorder.keep(Event::Halted { why: HaltReason::Write(fault) })?;
        }
        self.drop_approval("writing was halted before it was sent")?;
        self.recorder.follow()
    }

    pub(super) fn asked_to_wait(&self) -> Option<Timestamp> {
        self.graph.connection_status().borrow().slowed_until
    }
}

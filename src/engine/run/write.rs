//! The one write path: permits are spent here, intent goes before effect, and nothing uncertain is repeated.

mod answer;

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::IntentLog;
use crate::domain::outcome::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::Sent;
use crate::engine::write_queue::Ended;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::Queued;

impl Engine {
    /// Hands the intent of the next users to the journal. Their order leaves once the disk has it.
    pub(super) fn intend(&mut self, batch: usize, users: &[UserId]) -> Result<(), RecordError> {
        match self.queue.job(batch).map(OneJob::kind) {
            Some(WriteKind::Add) => self.intend_unproven::<Add>(batch, users),
            Some(WriteKind::Reprocess) => self.intend_unproven::<Reprocess>(batch, users),
            Some(WriteKind::Remove | WriteKind::Direct) | None => Ok(()), // after their last look only
        }
    }

    fn intend_unproven<W>(&mut self, batch: usize, users: &[UserId]) -> Result<(), RecordError>
    where
        W: Queued + Marker<Grounds = Permit<W>>,
    {
        let Some(job) = self.queue.of_kind::<W>(batch) else { return Ok(()) };
        let permits: Vec<_> = users.iter().filter_map(|user| job.permit(*user)).collect();
        self.keep_intent::<W>(batch, permits)
    }

    /// Sends the order of a batch that waits first, of whatever kind.
    pub(super) fn send_first(&mut self, batch: usize, now: Timestamp) {
        match self.queue.job(batch).map(OneJob::kind) {
            Some(WriteKind::Add) => self.send_next::<Add>(batch, now),
            Some(WriteKind::Remove) => self.send_next::<Remove>(batch, now),
            Some(WriteKind::Reprocess) => self.send_next::<Reprocess>(batch, now),
            Some(WriteKind::Direct) => self.send_next::<Direct>(batch, now),
            None => {}
        }
    }

    /// Its type says that its intent is durable.
    fn send_next<W: Sent>(&mut self, batch: usize, now: Timestamp) {
        if let Some(order) = self.queue.of_kind::<W>(batch).and_then(|job| job.next_order(now)) {
            self.jobs.spawn(W::ACTIVITY, W::send(self.graph.clone(), order));
        }
    }

    /// Keeps the intent of these users' writes, if there are any.
    pub(super) fn keep_intent<W: Queued>(&mut self, batch: usize, grounds: Vec<W::Grounds>) -> Result<(), RecordError> {
        let Ok(draft) = Draft::<W>::of(grounds) else { return self.recorder.follow() };
        let intent = draft.keep(&mut self.recorder)?;
        if let Some(job) = self.queue.of_kind::<W>(batch) {
            job.intend(intent);
        }
        Ok(())
    }

    /// Ends all approvals at work. Orders that were never sent are recorded as such; what is in flight is awaited.
    pub(super) fn drop_approvals(&mut self, why: &FaultMessage) -> Result<(), RecordError> {
        self.backoff.unhindered();
        self.queue.end_all().into_iter().try_for_each(|ended| self.note_unsent(&ended, why))
    }

    /// Ends the approval at work for one batch.
    pub(super) fn drop_approval_of(&mut self, batch: usize, why: &FaultMessage) -> Result<(), RecordError> {
        self.backoff.unhindered();
        let ended = self.queue.end(batch);
        ended.map_or(Ok(()), |ended| self.note_unsent(&ended, why))
    }

    fn note_unsent(&mut self, ended: &Ended, why: &FaultMessage) -> Result<(), RecordError> {
        self.settle_failed(ended.kind(), ended.batch(), ended.unsent(), &Fault::new(FaultKind::NotSent, why.clone()))
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
            self.observations.forget_negatives(user); // what a read said before this write says nothing about it
            match alike.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, users)) => users.push(user),
                None => alike.push((outcome, vec![user])),
            }
        }
        if alike.iter().any(|(outcome, _)| matches!(outcome, Outcome::Lost(_))) {
            self.schedule.read_back_now();
        }
        alike
            .into_iter()
            .try_for_each(|(outcome, users)| self.recorder.keep(wrote.settled(batch, users, outcome)).map(drop))
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
        if self.recorder.run().halted.is_none() {
            self.recorder.keep(Event::Halted { why: HaltReason::Write(fault) })?;
        }
        self.drop_approvals(&FaultMessage::HaltedBeforeSent)?;
        self.recorder.follow()
    }

    pub(super) fn asked_to_wait(&self) -> Option<Timestamp> {
        self.graph.connection_status().borrow().writes_held_until
    }
}

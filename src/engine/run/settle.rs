//! The write path, last: what became of each user is written down, also of those whose order never left.

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::order::IntentLog;
use crate::domain::outcome::Outcome;
use crate::domain::write::WriteKind;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::write_queue::Ended;

impl Engine {
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
}

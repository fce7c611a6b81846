//! Additions and removals: permits are spent here, intent goes before effect, and nothing uncertain is repeated.

use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Draft;
use crate::domain::order::IntentLog;
use crate::domain::order::Outcome;
use crate::domain::time::Timestamp;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::tasks::WriteKind;
use crate::engine::write_queue::Approved;
use crate::engine::write_queue::Job;

impl Engine {
    /// Hands the intent of the next users to the journal; the order leaves once the disk has it.
    pub(super) fn intend(&mut self, users: Vec<UserId>) -> Result<(), RecordError> {
        match &mut self.approved {
            Approved::Add(job) => {
                let permits = users.into_iter().filter_map(|user| job.approval.permit(user)).collect();
                if let Ok(draft) = Draft::add(permits) {
                    job.intended = Some(draft.keep(&mut self.recorder)?);
                }
            }
            Approved::Reprocess(job) => {
                let permits = users.into_iter().filter_map(|user| job.approval.permit(user)).collect();
                if let Ok(draft) = Draft::reprocess(permits) {
                    job.intended = Some(draft.keep(&mut self.recorder)?);
                }
            }
            Approved::None | Approved::Remove(_) | Approved::Direct(_) => {}
        }
        Ok(())
    }

    pub(super) fn added(&mut self, answer: Answer<Add>) -> Result<(), RecordError> {
        let Answer { outcomes, unspent } = answer;
        let failed: Option<Fault> = outcomes.iter().find_map(|(_, outcome)| match outcome {
            Outcome::Failed(fault) => Some(fault.clone()),
            Outcome::Done | Outcome::Lost(_) => None,
        });
        let settled = outcomes.into_iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Failed(_))).collect();
        self.settle(WriteKind::Add, settled)?;
        let (Some(order), Some(fault)) = (unspent, failed) else {
            if let Approved::Add(job) = &mut self.approved {
                (job.tries, job.hold) = (0, None);
            }
            self.backoff.unhindered();
            return self.recorder.follow();
        };
        let (now, asked) = (self.clock.now(), self.asked_to_wait());
        let Approved::Add(job) = &mut self.approved else {
            return self.settle_failed(WriteKind::Add, order.users(), &fault); // halted meanwhile
        };
        match fault.kind {
            FaultKind::Throttled
            | FaultKind::Concurrent
            | FaultKind::Unreachable
            | FaultKind::SignIn
            | FaultKind::Service => match job.again(order, fault.kind, now, asked) {
                Ok(()) => self.delayed(WriteKind::Add.what(), fault),
                Err(order) => self.settle_failed(WriteKind::Add, order.users(), &fault),
            },
            FaultKind::AlreadyMember | FaultKind::Refused | FaultKind::NotFound | FaultKind::Malformed => {
                if fault.kind != FaultKind::AlreadyMember {
                    self.observations.forget_groups(); // perhaps it is the group
                }
                match order.split() {
                    // All or nothing: the culprit is found by halving, and the rest proceed.
                    Ok((left, right)) => {
                        job.pending.push_front(right);
                        job.pending.push_front(left);
                        Ok(())
                    }
                    // A member already there is a success once it is read back.
                    Err(one) if fault.kind == FaultKind::AlreadyMember => {
                        let lost = one.users().iter().map(|user| (*user, Outcome::Lost(fault.clone()))).collect();
                        self.settle(WriteKind::Add, lost)
                    }
                    Err(one) => self.settle_failed(WriteKind::Add, one.users(), &fault),
                }
            }
            FaultKind::Forbidden | FaultKind::NotSent => {
                self.settle_failed(WriteKind::Add, order.users(), &fault)?;
                self.halt_on(fault)
            }
        }
    }

    pub(super) fn removed(&mut self, answer: Answer<Remove>) -> Result<(), RecordError> {
        match self.conclude(WriteKind::Remove, answer, Approved::removal)? {
            Some(fault) => self.halt_on(fault),
            None => self.recorder.follow(),
        }
    }

    /// Settles an answer that speaks for each user. What Graph surely did not do for want of time is sent again; the
    /// worst of the other refusals is given back.
    pub(super) fn conclude<W>(
        &mut self,
        wrote: WriteKind,
        answer: Answer<W>,
        slot: fn(&mut Approved) -> Option<&mut Job<W>>,
    ) -> Result<Option<Fault>, RecordError> {
        let at_work =
            wrote == WriteKind::Remove && slot(&mut self.approved).is_some() && self.recorder.run().halted.is_none();
        let (mut settled, mut again, mut worst) = (Vec::new(), Vec::new(), None);
        for (user, outcome) in answer.outcomes {
            match outcome {
                Outcome::Failed(fault) => match fault.kind {
                    FaultKind::Throttled
                    | FaultKind::Concurrent
                    | FaultKind::Unreachable
                    | FaultKind::SignIn
                    | FaultKind::Service => again.push((user, fault)),
                    // The proof grew too old on the way out: they are looked at again.
                    FaultKind::NotSent if at_work => again.push((user, fault)),
                    // An absent member is a success once it is read back; Graph's words cannot tell it from a lost group.
                    FaultKind::NotFound if wrote == WriteKind::Remove => settled.push((user, Outcome::Lost(fault))),
                    FaultKind::NotSent => settled.push((user, Outcome::Failed(fault))),
                    FaultKind::Forbidden
                    | FaultKind::NotFound
                    | FaultKind::AlreadyMember
                    | FaultKind::Malformed
                    | FaultKind::Refused => {
                        worst = Some(fault.clone());
                        settled.push((user, Outcome::Failed(fault)));
                    }
                },
                Outcome::Done | Outcome::Lost(_) => settled.push((user, outcome)),
            }
        }
        self.settle(wrote, settled)?;
        let (now, asked) = (self.clock.now(), self.asked_to_wait());
        let repeat: Vec<UserId> = again.iter().map(|(user, _)| *user).collect();
        let order = answer.unspent.and_then(|order| order.only(&repeat));
        let hindrance = again.first().map(|(_, fault)| fault.clone());
        let kind = hindrance.as_ref().map_or(FaultKind::Throttled, |fault| fault.kind);
        let mut delayed = false;
        let unsent = match (slot(&mut self.approved), order) {
            (Some(job), Some(order)) => {
                let unsent = job.again(order, kind, now, asked).err();
                delayed = unsent.is_none();
                unsent
            }
            (Some(job), None) => {
                (job.tries, job.hold) = (0, None);
                self.backoff.unhindered();
                None
            }
            (None, order) => order, // halted meanwhile
        };
        if unsent.is_some() {
            for (user, fault) in &again {
                self.settle_failed(wrote, &[*user], fault)?;
            }
        }
        if let (Some(fault), true) = (hindrance, delayed) {
            self.delayed(wrote.what(), fault)?;
        }
        Ok(worst)
    }

    /// Ends the approval at work. Orders that were never sent are recorded as such; what is in flight is awaited.
    pub(super) fn drop_approval(&mut self, why: &str) -> Result<(), RecordError> {
        let fault = Fault::new(FaultKind::NotSent, why);
        self.backoff.unhindered();
        match std::mem::replace(&mut self.approved, Approved::None) {
            Approved::None => Ok(()),
            Approved::Add(job) => job.unsent().try_for_each(|users| self.settle_failed(WriteKind::Add, users, &fault)),
            Approved::Remove(job) => {
                job.unsent().try_for_each(|users| self.settle_failed(WriteKind::Remove, users, &fault))
            }
            Approved::Reprocess(job) => {
                job.unsent().try_for_each(|users| self.settle_failed(WriteKind::Reprocess, users, &fault))
            }
            Approved::Direct(job) => {
                job.unsent().try_for_each(|users| self.settle_failed(WriteKind::Direct, users, &fault))
            }
        }
    }

    /// Writes down what became of each user, alike outcomes in one event.
    pub(super) fn settle(&mut self, wrote: WriteKind, outcomes: Vec<(UserId, Outcome)>) -> Result<(), RecordError> {
        let batch = self.recorder.run().current;
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
        for (outcome, users) in alike {
            self.recorder.keep(match wrote {
                WriteKind::Add => Event::AddSettled { batch, users, outcome },
                WriteKind::Remove => Event::RemoveSettled { batch, users, outcome },
                WriteKind::Reprocess => Event::ReprocessSettled { batch, users, outcome },
                WriteKind::Direct => Event::DirectSettled { batch, users, outcome },
            })?;
        }
        Ok(())
    }

    pub(super) fn settle_failed(
        &mut self,
        wrote: WriteKind,
        users: &[UserId],
        fault: &Fault,
    ) -> Result<(), RecordError> {
        self.settle(wrote, users.iter().map(|user| (*user, Outcome::Failed(fault.clone()))).collect())
    }

    pub(super) fn halt_on(&mut self, fault: Fault) -> Result<(), RecordError> {
        if self.recorder.run().halted.is_none() {
            self.recorder.keep(Event::Halted { why: HaltReason::Write(fault) })?;
        }
        self.drop_approval("writing was halted before it was sent")?;
        self.recorder.follow()
    }

    pub(super) fn asked_to_wait(&self) -> Option<Timestamp> {
        self.graph.connection_status().borrow().slowed_until
    }
}

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
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::order::Outcome;
use crate::domain::time::Timestamp;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks::TaskResult;
use crate::engine::tasks::WriteKind;
use crate::engine::write_queue::Approved;
use crate::engine::write_queue::Job;

impl Engine {
    /// The next write of the approval at work.
    pub(super) fn write(&mut self) -> Result<bool, RecordError> {
        // Rule 8: what became of a write that nobody has answered for is asked before anything else is written. A canary
        // may have left by it.
        if self.recorder.run.open().any(|user| !self.approved.is_pending(user.id)) {
            return Ok(false);
        }
        let now = self.clock.now();
        if self.is_adding() && !self.may_touch_groups() {
            return Ok(self.hold(self.polling.groups_retry.unwrap_or(now)));
        }
        match &self.approved {
            Approved::None => Ok(false),
            Approved::Add(job) => match job.held(now) {
                Some(until) => Ok(self.hold(until)),
                None => self.next_addition(),
            },
            Approved::Remove(job) => match job.held(now) {
                Some(until) => Ok(self.hold(until)),
                None => Ok(self.next_removal()),
            },
            Approved::Reprocess(job) => match job.held(now) {
                Some(until) => Ok(self.hold(until)),
                None => self.next_reprocess(),
            },
            Approved::Direct(job) => match job.held(now) {
                Some(until) => Ok(self.hold(until)),
                None => Ok(self.next_direct()),
            },
        }
    }

    /// Whether an approval to add is at work.
    pub(super) fn is_adding(&self) -> bool {
        matches!(self.approved, Approved::Add(_))
    }

    pub(super) fn held_until(&self) -> Option<Timestamp> {
        match &self.approved {
            Approved::None => None,
            Approved::Add(job) => job.hold,
            Approved::Remove(job) => job.hold,
            Approved::Reprocess(job) => job.hold,
            Approved::Direct(job) => job.hold,
        }
    }

    fn hold(&mut self, until: Timestamp) -> bool {
        self.activity = Activity::Holding { until };
        false
    }

    fn next_addition(&mut self) -> Result<bool, RecordError> {
        let Approved::Add(job) = &mut self.approved else { return Ok(false) };
        let order = if let Some(order) = job.pending.pop_front() {
            order
        } else {
            let chunk: Vec<UserId> = job.approval.left().iter().copied().take(MOST_PER_ORDER).collect();
            let permits = chunk.into_iter().filter_map(|user| job.approval.permit(user)).collect();
            let Ok(draft) = Draft::add(permits) else {
                self.approved = Approved::None; // nobody is left
                return Ok(false);
            };
            draft.keep(&mut self.recorder)?
        };
        let graph = self.graph.clone();
        self.spawn(Activity::Adding, async move { TaskResult::Added(graph.add(order).await) });
        Ok(true)
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
            self.unhindered();
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
                    self.polling.groups = None; // perhaps it is the group
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
            wrote == WriteKind::Remove && slot(&mut self.approved).is_some() && self.recorder.run.halted.is_none();
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
                self.unhindered();
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
        self.unhindered();
        match std::mem::replace(&mut self.approved, Approved::None) {
            Approved::None => Ok(()),
            Approved::Add(job) => {
                job.unsent().try_for_each(|order| self.settle_failed(WriteKind::Add, order.users(), &fault))
            }
            Approved::Remove(job) => {
                job.unsent().try_for_each(|order| self.settle_failed(WriteKind::Remove, order.users(), &fault))
            }
            Approved::Reprocess(job) => {
                job.pending.iter().try_for_each(|order| self.settle_failed(WriteKind::Reprocess, order.users(), &fault))
            }
            Approved::Direct(job) => {
                job.pending.iter().try_for_each(|order| self.settle_failed(WriteKind::Direct, order.users(), &fault))
            }
        }
    }

    /// Writes down what became of each user, alike outcomes in one event.
    pub(super) fn settle(&mut self, wrote: WriteKind, outcomes: Vec<(UserId, Outcome)>) -> Result<(), RecordError> {
        let batch = self.recorder.run.current;
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
        if self.recorder.run.halted.is_none() {
            self.recorder.keep(Event::Halted { why: HaltReason::Write(fault) })?;
        }
        self.drop_approval("writing was halted before it was sent")?;
        self.recorder.follow()
    }

    pub(super) fn asked_to_wait(&self) -> Option<Timestamp> {
        self.graph.connection_status().borrow().writes_held_until
    }
}

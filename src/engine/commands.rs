//! What the operator asks for, and what becomes of it.

use crate::domain::approval::Approval;
use crate::domain::approval::ShownToOperator;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::order::IntentLog;
use crate::domain::phase::Phase;
use crate::domain::questions;
use crate::domain::questions::Question;
use crate::domain::questions::Refusal;
use crate::domain::requests;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::engine::handle::Command;
use crate::engine::handle::Notice;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::write_queue::Approved;

/// The shortest interval between two verify passes.
const FASTEST: SignedDuration = SignedDuration::from_secs(1);
/// The longest one.
const SLOWEST: SignedDuration = SignedDuration::from_mins(30);

impl Engine {
    pub(super) fn command(&mut self, command: Command) -> Result<(), RecordError> {
        self.changed = true;
        match command {
            // What this sitting decided would hold for nobody, and halt nothing where the run is at work.
            Command::Halt | Command::LiftHalt | Command::AcknowledgeAlarm | Command::Exclude(_)
                if self.read_only.is_some() =>
            {
                if let Err(refusal) = self.may_write() {
                    self.say(Notice::Refused(refusal));
                }
            }
            Command::Ask => {
                self.ask(questions::question);
            }
            Command::AskReprocess(users) => {
                self.ask(|run, number, free| requests::reprocess(run, number, &users, free).map(Question::Reprocess));
            }
            Command::AskDirect(users) => {
                self.ask(|run, number, free| requests::direct(run, number, &users, free).map(Question::Direct));
            }
            Command::Add(approval) => {
                let admitted = questions::admit(&self.recorder.run, &approval, self.asked, true);
                self.begin(admitted, approval, Approved::add, |batch, users, by, seen| Event::AddApproved {
                    batch,
                    users,
                    by,
                    seen,
                })?;
            }
            Command::Remove(approval) => {
                let admitted = questions::admit(&self.recorder.run, &approval, self.asked, false);
                self.begin(admitted, approval, Approved::remove, |batch, users, by, seen| Event::RemoveApproved {
                    batch,
                    users,
                    by,
                    seen,
                })?;
            }
            Command::Reprocess(approval) => {
                let admitted = requests::admit_reprocess(&self.recorder.run, &approval, self.asked);
                self.begin(admitted, approval, Approved::reprocess, |batch, users, by, seen| {
                    Event::ReprocessApproved { batch, users, by, seen }
                })?;
            }
            Command::Direct(approval) => {
                let admitted = requests::admit_direct(&self.recorder.run, &approval, self.asked);
                self.begin(admitted, approval, Approved::direct, |batch, users, by, seen| Event::DirectApproved {
                    batch,
                    users,
                    by,
                    seen,
                })?;
            }
            Command::RollBack(users) => self.roll_back(&users)?,
            Command::Halt => {
                if self.recorder.run.halted.is_none() {
                    self.recorder.record(Event::Halted { why: HaltReason::Operator })?;
                }
                self.drop_approval("writing was halted before it was sent")?;
            }
            Command::LiftHalt => {
                if self.recorder.run.halted.is_some() {
                    self.recorder.record(Event::HaltLifted { by: self.operator.clone() })?;
                }
            }
            Command::AcknowledgeAlarm => {
                if self.recorder.run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
                    self.recorder.record(Event::AlarmAcknowledged { by: self.operator.clone() })?;
                }
            }
            Command::PollNow => {
                self.polling.next = Some(self.clock.now());
                self.polling.retry = None;
                self.polling.read_back = None;
                (self.polling.groups, self.polling.groups_retry) = (None, None);
                self.graph.ask_again();
                self.approved.retry_now();
                self.check_again = self.recorder.run.phase() == Phase::Preflight;
            }
            Command::TogglePolling => self.polling.paused = !self.polling.paused,
            Command::Slower => self.set_interval(self.polling.interval.saturating_mul(2)),
            Command::Faster => self.set_interval(self.polling.interval / 2),
            Command::Exclude(user) => match questions::may_exclude(&self.recorder.run, user) {
                Ok(()) => {
                    self.approved.withdraw(user);
                    self.recorder.record(Event::Excluded { user, by: self.operator.clone() })?;
                }
                Err(refusal) => self.say(Notice::Refused(refusal)),
            },
            Command::Inspect(user) => {
                let known = self.observations.group_names.keys().copied().collect();
                let stuck =
                    self.recorder.run.user(user).is_some_and(|user| matches!(user.standing, Some(Standing::Stuck(_))));
                let explain = stuck && !self.observations.audits_refused;
                self.jobs.spawn(tasks::inspect(self.graph.clone(), user, known, explain));
            }
            Command::Quit => self.quitting = true,
        }
        Ok(())
    }

    /// Sets an approval to work. The journal has it before anything acts on it.
    fn begin<W>(
        &mut self,
        admitted: Result<(), Refusal>,
        approval: Approval<W>,
        work: fn(Approval<W>) -> Approved,
        event: fn(usize, Vec<UserId>, String, ShownToOperator) -> Event,
    ) -> Result<(), RecordError> {
        match self.may_write().and_then(|()| self.all_answered()).and(admitted) {
            Ok(()) => {
                let (users, by, seen) = (approval.left().to_vec(), self.operator.clone(), approval.seen().clone());
                self.recorder.keep(event(approval.batch(), users, by, seen))?;
                self.approved = work(approval);
                self.polling.groups = None; // both are read again before anything leaves
            }
            Err(refusal) => self.say(Notice::Refused(refusal)),
        }
        Ok(())
    }

    fn ask(&mut self, put: impl FnOnce(&Migration, u64, Option<i64>) -> Result<Question, Refusal>) {
        let asked = self.may_write().and_then(|()| {
            if self.activity == Activity::Checking {
                return Err(Refusal("preflight is reading the tenant".into()));
            }
            put(&self.recorder.run, self.asked + 1, self.free_seats())
        });
        match asked {
            Ok(question) => {
                self.asked += 1;
                self.say(Notice::Question(question));
            }
            Err(refusal) => self.say(Notice::Refused(refusal)),
        }
    }

    /// Rule 13: the way back is planned here; each of its writes waits for its own approval.
    fn roll_back(&mut self, users: &[UserId]) -> Result<(), RecordError> {
        match self
            .may_write()
            .and_then(|()| self.all_answered())
            .and_then(|()| requests::rollback(&self.recorder.run, users))
        {
            Ok(users) => {
                let (batch, by) = (self.recorder.run.batches.len(), self.operator.clone());
                self.recorder.record(Event::RollbackStarted { batch, users, by })?;
                self.polling.next = Some(self.clock.now());
            }
            Err(refusal) => self.say(Notice::Refused(refusal)),
        }
        Ok(())
    }

    fn may_write(&self) -> Result<(), Refusal> {
        match &self.read_only {
            Some(why) => Err(Refusal(format!("read-only: {why}"))),
            None => Ok(()),
        }
    }

    /// Nothing new is begun beside a write to licenses that had left when its approval ended: its answer is still to come.
    fn all_answered(&self) -> Result<(), Refusal> {
        let on_its_way = matches!(self.activity, Activity::Reprocessing | Activity::RemovingDirect);
        if on_its_way && matches!(self.approved, Approved::None) {
            return Err(Refusal("what had left before the halt is still on its way: wait for its answer".into()));
        }
        Ok(())
    }

    fn set_interval(&mut self, interval: SignedDuration) {
        self.polling.interval = interval.clamp(FASTEST.min(self.recorder.run.run.settings.interval), SLOWEST);
        let next = self.clock.now() + self.polling.interval;
        self.polling.next = self.polling.next.map(|planned| planned.min(next));
    }
}

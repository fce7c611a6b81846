//! What the operator asks for, and what becomes of it.

use crate::domain::approval::Approval;
use crate::domain::event::Event;
use crate::domain::fault::FaultMessage;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::order::IntentLog;
use crate::domain::phase::Phase;
use crate::domain::questions;
use crate::domain::questions::Question;
use crate::domain::refusal::Refusal;
use crate::domain::requests;
use crate::domain::route::Direction;
use crate::domain::settings::BatchSettings;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
use crate::engine::handle::Command;
use crate::engine::handle::Notice;
use crate::engine::handle::Refused;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks;
use crate::engine::snapshot::Activity;
use crate::engine::under_way::is_untouched;
use crate::engine::write_queue::Queued;

impl Engine {
    pub(super) fn command(&mut self, command: Command) -> Result<(), RecordError> {
        self.screen.changed();
        if matches!(command, Command::Halt | Command::HaltFrom(_)) {
            self.halt.taken_in();
        }
        match command {
            // What this session decided would hold for nobody, and halt nothing where the run is at work.
            Command::Halt
            | Command::HaltFrom(_)
            | Command::LiftHalt(_)
            | Command::AcknowledgeAlarm
            | Command::Exclude(_)
                if self.recorder.read_only().is_some() =>
            {
                if let Err(refusal) = self.may_write() {
                    self.screen.say(Notice::Refused(refusal));
                }
            }
            Command::Ask => self.ask(questions::question),
            Command::AskBatch(batch) => self.ask(|run, number, free| questions::question_of(run, batch, number, free)),
            Command::AskReprocess(users) => {
                self.ask(|run, number, free| requests::reprocess(run, number, &users, free).map(Question::Reprocess));
            }
            Command::AskDirect(users) => {
                self.ask(|run, number, free| requests::direct(run, number, &users, free).map(Question::Direct));
            }
            Command::Show(batch) => self.screen.want(batch),
            Command::SetBatchesUnderWay(most) => self.set_batches_under_way(most)?,
            Command::SetBatches(settings) => self.set_batches(settings)?,
            Command::Add(approval) => self.begin(approval, questions::admit)?,
            Command::Remove(approval) => self.begin(approval, questions::admit)?,
            Command::Reprocess(approval) => self.begin(approval, requests::admit_reprocess)?,
            Command::Direct(approval) => self.begin(approval, requests::admit_direct)?,
            Command::RollBack(users) => self.roll_back(&users)?,
            Command::Halt => self.halt(HaltReason::Operator)?,
            Command::HaltFrom(by) => self.halt(HaltReason::Command { by })?,
            Command::LiftHalt(seen) => self.lift_halt(seen)?,
            Command::AcknowledgeAlarm => self.acknowledge_alarm()?,
            Command::PollNow => {
                self.graph.ask_again();
                self.read_anew();
            }
            Command::TogglePolling => self.schedule.toggle_pause(),
            Command::Slower => self.schedule.slower(self.clock.now()),
            Command::Faster => self.schedule.faster(self.clock.now()),
            Command::Exclude(user) => self.exclude(user)?,
            Command::Inspect(user) => {
                self.inspections.ask(user);
                self.inspect_next();
            }
            Command::CallFailed(why) => self.screen.say(Notice::CallFailed(why)),
            Command::SignIn => self.begin_sign_in(),
            Command::CancelSignIn => self.sign_in.cancel(),
            Command::Quit => {
                self.quitting = true;
                self.leave_worklists()?;
            }
        }
        Ok(())
    }

    /// Lifts the halt whose last reason the operator saw came at that time.
    fn lift_halt(&mut self, seen: Timestamp) -> Result<(), RecordError> {
        let Some(halt) = &self.recorder.run().halted else { return Ok(()) };
        if halt.latest > seen {
            self.screen.say(Notice::Refused(Refusal::HaltedAgain.into()));
            return Ok(());
        }
        self.recorder.record(Event::HaltLifted { by: self.operator.clone() })
    }

    fn acknowledge_alarm(&mut self) -> Result<(), RecordError> {
        if self.recorder.run().alarm.as_ref().is_none_or(|alarm| alarm.acknowledged) {
            return Ok(());
        }
        self.recorder.record(Event::AlarmAcknowledged { by: self.operator.clone() })
    }

    fn exclude(&mut self, user: UserId) -> Result<(), RecordError> {
        if let Err(refusal) = questions::may_exclude(self.recorder.run(), user) {
            self.screen.say(Notice::Refused(refusal.into()));
            return Ok(());
        }
        self.queue.withdraw(user);
        self.recorder.record(Event::Excluded { user, by: self.operator.clone() })
    }

    /// Reads the user who waits to be looked at, when no other is being read.
    pub(super) fn inspect_next(&mut self) {
        let Some(user) = self.inspections.next() else { return };
        let known = self.observations.group_names().keys().copied().collect();
        let stands = self.recorder.run().user(user).and_then(|user| user.standing.as_ref());
        let explain = stands.is_some_and(Standing::is_stuck) && !self.observations.audits_refused();
        self.inspections.begin(tasks::inspect(self.graph.clone(), user, known, explain));
    }

    /// Sets an approval to work. The journal has it before anything acts on it.
    fn begin<W: Queued>(
        &mut self,
        approval: Approval<W>,
        admit: impl FnOnce(&Migration, &Approval<W>, u64) -> Result<(), Refusal>,
    ) -> Result<(), RecordError> {
        let admitted = admit(self.recorder.run(), &approval, self.asked);
        let may_write = self.may_write().and_then(|()| self.in_window());
        match may_write.and_then(|()| self.all_answered()).and(admitted.map_err(Refused::from)) {
            Ok(()) => {
                let (users, by, seen) = (approval.left().to_vec(), self.operator.clone(), approval.seen().clone());
                self.recorder.keep(W::KIND.approved(approval.batch(), users, by, seen))?;
                self.queue.begin(approval);
                self.observations.forget_groups(); // both are read again before anything leaves
                self.observations.forget_counts();
                self.seats.give_up();
            }
            Err(refusal) => self.screen.say(Notice::Refused(refusal)),
        }
        Ok(())
    }

    fn ask(&mut self, put: impl Fn(&Migration, u64, Option<i64>) -> Result<Question, Refusal>) {
        let run = self.recorder.run();
        let asked = self.may_write().and_then(|()| {
            // What it finds may change what is asked, but nothing of a batch that has begun.
            let checking = *self.jobs.activity() == Activity::Checking && !self.jobs.is_empty();
            let number = self.asked + 1;
            let free_seats = |direction| self.observations.free_seats(run.route_direction(direction).target.sku);
            let question = match put(run, number, free_seats(Direction::Forward)) {
                Ok(question) if run.direction_of(question.batch().unwrap_or(0)) == Direction::Rollback => {
                    put(run, number, free_seats(Direction::Rollback))
                }
                question => question,
            };
            match question {
                Ok(Question::Add(proposal))
                    if checking
                        && run.phase_of(proposal.batch()) == Phase::Preflight
                        && self.checking.is_none_or(|batch| batch == proposal.batch()) =>
                {
                    Err(Refused::Checking)
                }
                Err(_) if checking && is_untouched(run) => Err(Refused::Checking),
                asked => asked.map_err(Refused::from),
            }
        });
        let asked = asked.and_then(|question| {
            // A halt may be lifted and an alarm acknowledged at any time: neither writes.
            if question.batch().is_some() { self.in_window().map(|()| question) } else { Ok(question) }
        });
        match asked {
            Ok(question) => {
                self.asked += 1;
                self.screen.say(Notice::Question(question));
            }
            Err(refusal) => self.screen.say(Notice::Refused(refusal)),
        }
    }

    /// Rule 10: nothing more is written. Another hand that halts what is halted is told all the same: whoever is about to
    /// lift the one halt has not seen the other.
    pub(super) fn halt(&mut self, why: HaltReason) -> Result<(), RecordError> {
        let by_another = matches!(why, HaltReason::Command { .. });
        let stands = self.recorder.run().halted.as_ref();
        if stands.is_none_or(|halt| by_another && halt.reasons().all(|stands| *stands != why)) {
            self.recorder.record(Event::Halted { why })?;
        }
        self.drop_approvals(&FaultMessage::HaltedBeforeSent)
    }

    /// Fewer than are under way lets those go on that have begun.
    fn set_batches_under_way(&mut self, most: usize) -> Result<(), RecordError> {
        let most = most.max(1);
        match self.may_write() {
            Ok(()) if self.recorder.run().batches_under_way == most => Ok(()),
            Ok(()) => self.recorder.record(Event::BatchesUnderWaySet { most, by: self.operator.clone() }),
            Err(refusal) => {
                self.screen.say(Notice::Refused(refusal));
                Ok(())
            }
        }
    }

    /// What was asked about batches as they were is asked anew. While a batch is being checked its users stay.
    fn set_batches(&mut self, settings: BatchSettings) -> Result<(), RecordError> {
        let run = self.recorder.run();
        let checking = *self.jobs.activity() == Activity::Checking && !self.jobs.is_empty();
        let may = self.may_write().and_then(|()| if checking { Err(Refused::Checking) } else { Ok(()) });
        match may.and_then(|()| run.may_set_batches(settings).map_err(Refused::from)) {
            Ok(()) if run.batch_settings == settings => Ok(()),
            Ok(()) => {
                self.asked += 1;
                self.recorder.record(Event::BatchSettingsSet { settings, by: self.operator.clone() })?;
                self.schedule.configure(settings.interval, self.clock.now());
                Ok(())
            }
            Err(refusal) => {
                self.screen.say(Notice::Refused(refusal));
                Ok(())
            }
        }
    }

    /// Rule 13: the way back is planned here; each of its writes waits for its own approval.
    fn roll_back(&mut self, users: &[UserId]) -> Result<(), RecordError> {
        match self
            .may_write()
            .and_then(|()| self.all_answered())
            .and_then(|()| requests::rollback(self.recorder.run(), users).map_err(Refused::from))
        {
            Ok(users) => {
                let (batch, by) = (self.recorder.run().batches.len(), self.operator.clone());
                self.recorder.record(Event::RollbackStarted { batch, users, by })?;
                self.schedule.poll_now(self.clock.now());
            }
            Err(refusal) => self.screen.say(Notice::Refused(refusal)),
        }
        Ok(())
    }

    fn may_write(&self) -> Result<(), Refused> {
        match self.recorder.read_only() {
            Some(why) => Err(Refused::ReadOnly(why.clone())),
            None => Ok(()),
        }
    }

    /// Outside of the window for writes nothing is asked that would lead to one.
    fn in_window(&self) -> Result<(), Refused> {
        match self.window.opens(self.clock.now()) {
            Some(opens) => Err(Refused::OutsideWindow(opens)),
            None => Ok(()),
        }
    }

    /// Nothing new is begun beside a write to licenses that had left when its approval ended: its answer is still to come.
    fn all_answered(&self) -> Result<(), Refused> {
        let on_its_way = matches!(self.jobs.activity(), Activity::Reprocessing | Activity::RemovingDirect);
        let at_work = self.queue.writes(WriteKind::Reprocess) || self.queue.writes(WriteKind::Direct);
        if on_its_way && !self.jobs.is_empty() && !at_work {
            return Err(Refused::OnItsWay);
        }
        Ok(())
    }
}

//! The loop: a command, an answer or a tick comes in; the recorder keeps it; the next step is carried out.

mod carry_out;
mod commands;
mod external_changes;
mod group_check;
mod inspections;
mod jobs;
mod licenses;
mod look;
mod moved_by_others;
mod pending_orders;
mod read_results;
mod removal;
mod screen_end;
mod seat_reads;
mod sign_in;
mod tasks;
mod worklists;
mod write;
mod write_window;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::halt::HaltReason;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::preflight::RULES;
use crate::domain::questions::gates;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::work::Work;
use crate::engine::backoff::Backoff;
use crate::engine::backoff::told;
use crate::engine::handle::Command;
use crate::engine::handle::HaltFlag;
use crate::engine::handle::Notice;
use crate::engine::observations::Observations;
use crate::engine::others::may_be_removed_by_others;
use crate::engine::plan::Plan;
use crate::engine::record_error::RecordError;
use crate::engine::recorder::Recorder;
use crate::engine::run::inspections::Inspections;
use crate::engine::run::jobs::Jobs;
use crate::engine::run::screen_end::ScreenEnd;
use crate::engine::run::seat_reads::SeatReads;
use crate::engine::run::sign_in::SignIns;
use crate::engine::run::worklists::Worklists;
use crate::engine::run::write_window::WriteWindow;
use crate::engine::schedule::Schedule;
use crate::engine::setup::Setup;
use crate::engine::snapshot::Snapshot;
use crate::engine::step::State;
use crate::engine::step::Step;
use crate::engine::step::next_step;
use crate::engine::under_way::is_switching;
use crate::engine::write_queue::WriteQueue;
use crate::graph::Graph;
use crate::log;

/// The longest the loop sleeps while something may change by itself.
const TICK: Duration = Duration::from_secs(1);

/// The engine: its parts, the loop and the jobs. It alone carries effects out, and nothing outside of its own modules sees
/// into it.
pub(super) struct Engine {
    graph: Graph,
    halt: HaltFlag,
    clock: Arc<dyn Clock>,
    plan: Plan,
    operator: String,
    tenant: Option<String>,
    window: WriteWindow,
    recorder: Recorder,
    observations: Observations,
    schedule: Schedule,
    queue: WriteQueue,
    worklists: Worklists,
    backoff: Backoff,
    jobs: Jobs,
    inspections: Inspections,
    seats: SeatReads,
    sign_in: SignIns,
    screen: ScreenEnd,
    /// The batch whose preflight was begun last; `None` when it was that of the whole run.
    checking: Option<usize>,
    /// How many questions were put.
    asked: u64,
    quitting: bool,
}

impl Engine {
    /// The engine at the beginning of a session, for a run as its past events leave it.
    pub(super) fn new(run: Migration, setup: Setup, notices: mpsc::UnboundedSender<Notice>) -> Self {
        let names = [&run.route.source, &run.route.target].map(|side| (side.group, side.group_name.clone()));
        let engine = Self {
            halt: HaltFlag::new(setup.graph.clone()),
            graph: setup.graph,
            plan: setup.plan,
            operator: setup.operator,
            tenant: setup.tenant,
            window: WriteWindow::new(setup.window),
            observations: Observations::new(run.users.len(), setup.skus, HashMap::from(names)),
            schedule: Schedule::new(run.batch_settings.interval),
            recorder: Recorder::new(run, setup.past, setup.session, setup.clock.clone()),
            clock: setup.clock,
            queue: WriteQueue::default(),
            worklists: Worklists::new(setup.worklists),
            backoff: Backoff::default(),
            jobs: Jobs::default(),
            inspections: Inspections::default(),
            seats: SeatReads::default(),
            sign_in: SignIns::default(),
            screen: ScreenEnd::new(notices),
            checking: None,
            asked: 0,
            quitting: false,
        };
        let preflight = engine.recorder.run().preflight.as_ref();
        if let Some(rules) = preflight.map(|preflight| preflight.rules).filter(|rules| *rules < RULES) {
            engine.screen.say(Notice::OlderRules(rules));
        }
        engine
    }

    /// What stops the client before the engine has heard why.
    pub(super) fn halt_flag(&self) -> HaltFlag {
        self.halt.clone()
    }

    pub(super) async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        publisher: watch::Sender<Arc<Snapshot>>,
    ) -> Migration {
        let mut health = (self.connection(), self.graph.token_ends());
        let _renewing = self.graph.keep_signed_in();
        loop {
            self.hear_sign_in();
            let kept = self.recorder.kept();
            let over = self.advance().unwrap_or_else(|error| {
                self.stop_recording(error);
                self.quitting && self.jobs.is_empty() && !self.worklists.are_written()
            });
            let now = (self.connection(), self.graph.token_ends());
            if self.screen.take_changed() || kept != self.recorder.kept() || health != now {
                health = now;
                self.screen.next_revision();
                publisher.send_replace(Arc::new(self.snapshot()));
            }
            if over {
                return self.recorder.into_run();
            }
            if let Err(error) = self.hear(&mut commands).await {
                self.stop_recording(error);
            }
        }
    }

    /// Waits for whatever comes next, and takes it in.
    async fn hear(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Result<(), RecordError> {
        let wake = self.sleep_for();
        let mut connection_status = self.graph.connection_status();
        connection_status.mark_unchanged();
        let mut sign_in_state = self.graph.sign_in_state();
        sign_in_state.mark_unchanged();
        tokio::select! { biased; // the operator first, so that a halt overtakes everything
            command = commands.recv() => self.command(command.unwrap_or(Command::Quit)),
            Some(done) = self.jobs.done() => self.take(ended(done)),
            Some(done) = self.seats.counted() => self.take(ended(done)),
            Some(done) = self.worklists.done() => self.files_done(ended(done)),
            Some(done) = self.inspections.done() => {
                let taken = self.take(ended(done));
                // What this one taught, the next one needs not ask again: names of groups, that audits are refused.
                self.inspect_next();
                taken
            }
            answer = self.sign_in.ended() => {
                self.signed_in(answer);
                Ok(())
            }
            Ok(()) = sign_in_state.changed() => Ok(()),
            () = self.recorder.disk_answers() => Ok(()),
            Ok(()) = connection_status.changed() => Ok(()),
            () = tokio::time::sleep(wake) => Ok(()),
        }
    }

    /// Takes the steps that can be taken now. Gives whether the session is over.
    fn advance(&mut self) -> Result<bool, RecordError> {
        self.follow_journal();
        self.recorder.follow()?;
        loop {
            self.recorder.hear_disk()?;
            let now = self.clock.now();
            let (window_open, is_news) = self.window.look(now);
            if is_news {
                self.screen.changed();
            }
            let at_work = !self.queue.is_idle() || may_be_removed_by_others(self.recorder.run());
            if !window_open && at_work && self.recorder.run().halted.is_none() {
                // What was approved must not leave a day later, when nobody looks on: it is asked again.
                self.halt(HaltReason::WindowClosed)?;
            }
            self.queue.release(&self.recorder);
            self.tend_worklists(now)?;
            let graph = self.graph.clone();
            let write_wait = |writes: usize| {
                let writes = u32::try_from(writes).unwrap_or(u32::MAX);
                SignedDuration::try_from(graph.write_wait(writes)).unwrap_or(SignedDuration::MAX)
            };
            let state = State {
                run: self.recorder.run(),
                follows: self.recorder.follows(),
                read_only: self.recorder.read_only().is_some(),
                window_open,
                quitting: self.quitting,
                busy: !self.jobs.is_empty() || (self.quitting && self.worklists.are_at_work()),
                listing: self.worklists.are_at_work(),
                hindered: self.backoff.is_hindered(),
                disk: self.recorder.disk(now),
                schedule: &self.schedule,
                observations: &self.observations,
                queue: &self.queue,
                write_wait: &write_wait,
            };
            // A write that still waits for its turn in the client comes back unsent.
            self.halt.allow_writing(!state.writing_is_over());
            match next_step(&state, now) {
                Step::End => return Ok(true),
                step => {
                    if !self.carry_out(step, now)? {
                        return Ok(false);
                    }
                }
            }
        }
    }

    /// Takes over what another session on the run has written down.
    fn follow_journal(&mut self) {
        match self.recorder.catch_up() {
            Ok(true) => {
                // Users have other places now, and the scenario may be another.
                self.observations.forget_users(self.recorder.run().users.len());
                self.observations.forget_classifier();
            }
            Ok(false) => {}
            Err(error) => {
                self.recorder.stop_following();
                self.screen.say(Notice::CannotFollow(Arc::new(error)));
            }
        }
    }

    /// The journal failed, or the run took an impossible turn: from here on nothing is written.
    fn stop_recording(&mut self, error: RecordError) {
        log::stopped(&error);
        let error = Arc::new(error);
        self.queue.end_all();
        self.graph.stop_writing();
        self.withdraw_files();
        self.screen.changed();
        if self.recorder.stop(error.clone()) {
            self.screen.say(Notice::Stopped(error));
        }
    }

    /// Something could not leave and is tried again by itself.
    pub(super) fn delayed(&mut self, what: Work, fault: Fault) -> Result<(), RecordError> {
        let fault = told(fault);
        let news = self.backoff.delayed(&fault);
        if news { self.recorder.record(Event::Delayed { what, fault }) } else { Ok(()) }
    }

    /// How long the loop may sleep when nobody says anything.
    fn sleep_for(&self) -> Duration {
        let now = self.clock.now();
        let held = self.queue.held_until().filter(|at| *at > now);
        let window = self.window.changes(now);
        let next = self.schedule.next_due(now).into_iter().chain(held).chain(window).min();
        let wait = next.and_then(|at: Timestamp| Duration::try_from(at.duration_since(now)).ok());
        let longest = if is_switching(self.recorder.run(), now) { TICK / 4 } else { TICK };
        wait.map_or(longest, |wait| wait.min(longest)).max(Duration::from_millis(1))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let (mut run, gates) = (self.recorder.run().clone(), gates(self.recorder.run()));
        let wanted = self.screen.wanted().filter(|batch| run.phase_of(*batch) != Phase::Complete);
        if let Some(batch) = wanted.or_else(|| Some(gates.first()?.batch)) {
            run.show(batch);
        }
        Snapshot {
            revision: self.screen.revision(),
            gates,
            facts: self.observations.facts().clone(),
            skus: self.observations.skus().clone(),
            group_names: self.observations.group_names().clone(),
            tenant: self.tenant.clone(),
            operator: self.operator.clone(),
            free_seats: self.observations.free_seats(run.route.target.sku),
            activity: self.jobs.activity().clone(),
            connection: self.connection(),
            token_ends: self.graph.token_ends(),
            next_poll: self.schedule.next_poll().filter(|_| run.watches_anybody()),
            paused: self.schedule.is_paused(),
            interval: self.schedule.interval(),
            read_only: self.recorder.read_only().cloned(),
            fault: self.backoff.fault().cloned(),
            survey: self.observations.survey(),
            older: self.recorder.older().clone(),
            events: self.recorder.timeline().clone(),
            sign_in: self.sign_in.state().clone(),
            window_opens: self.window.opens(self.clock.now()),
            run,
        }
    }
}

/// What a job brought. One that panicked takes the engine with it.
fn ended<T>(job: Result<T, JoinError>) -> T {
    job.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))
}

//! The loop: a command, an answer or a tick comes in; the recorder keeps it; the next step is carried out.

use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::event::Work;
use crate::domain::fault::Fault;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::progress::counts_of;
use crate::domain::questions::gates;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;
use crate::engine::backoff::Backoff;
use crate::engine::backoff::told;
use crate::engine::handle::Command;
use crate::engine::handle::HaltFlag;
use crate::engine::handle::Notice;
use crate::engine::inspections::Inspections;
use crate::engine::marks::Marks;
use crate::engine::observations::Observations;
use crate::engine::plan::Plan;
use crate::engine::recorder::RecordError;
use crate::engine::recorder::Recorder;
use crate::engine::schedule::Schedule;
use crate::engine::sign_in;
use crate::engine::sign_in::SigningIn;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Snapshot;
use crate::engine::step::State;
use crate::engine::step::Step;
use crate::engine::step::next_step;
use crate::engine::tasks::TaskResult;
use crate::engine::under_way::is_switching;
use crate::engine::worklists::Worklists;
use crate::engine::worklists::may_be_removed_by_others;
use crate::engine::write_queue::WriteQueue;
use crate::graph::Graph;
use crate::log;

/// The longest the loop sleeps while something may change by itself.
const TICK: Duration = Duration::from_secs(1);

/// The engine: its parts, the loop and the jobs. It alone carries effects out.
pub(super) struct Engine {
    pub(super) graph: Graph,
    pub(super) halt: HaltFlag,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) plan: Plan,
    pub(super) operator: String,
    pub(super) tenant: Option<String>,
    pub(super) window: Option<Window>,
    pub(super) recorder: Recorder,
    pub(super) observations: Observations,
    pub(super) schedule: Schedule,
    pub(super) queue: WriteQueue,
    pub(super) worklists: Worklists,
    pub(super) backoff: Backoff,
    pub(super) marks: Marks,
    pub(super) jobs: JoinSet<TaskResult>,
    pub(super) inspections: Inspections,
    /// Of which approval's last look groups and seats were read at the chunk before, and when, while they serve for one more.
    pub(super) counted: Option<(u64, Timestamp)>,
    /// The count of seats beside the jobs, while they are scarce.
    pub(super) seat_counts: JoinSet<TaskResult>,
    pub(super) activity: Activity,
    /// The batch that the operator wants to see, whatever waits.
    pub(super) shown: Option<usize>,
    /// The batch whose preflight was begun last; `None` when it was that of the whole run.
    pub(super) checking: Option<usize>,
    /// How many questions were put.
    pub(super) asked: u64,
    pub(super) quitting: bool,
    /// Whether writes might leave when it was looked at last, by the window for them.
    pub(super) window_open: bool,
    /// Whether anything happened that the screen should show.
    pub(super) changed: bool,
    pub(super) notices: mpsc::UnboundedSender<Notice>,
    pub(super) revision: u64,
    /// How it stands with the sign-in, as the snapshots tell it.
    pub(super) sign_in: SignInState,
    /// The sign-in that the operator asked for.
    pub(super) signing_in: Option<SigningIn>,
}

impl Engine {
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
            let ended = self.advance().unwrap_or_else(|error| {
                self.stop_recording(error);
                self.quitting && self.jobs.is_empty() && self.worklists.disk.is_empty()
            });
            let now = (self.connection(), self.graph.token_ends());
            if self.changed || kept != self.recorder.kept() || health != now {
                (self.changed, health) = (false, now);
                self.revision += 1;
                publisher.send_replace(Arc::new(self.snapshot()));
            }
            if ended {
                return self.recorder.into_run();
            }
            let wake = self.sleep_for();
            let mut connection_status = self.graph.connection_status();
            connection_status.mark_unchanged();
            let mut sign_in_state = self.graph.sign_in_state();
            sign_in_state.mark_unchanged();
            let result = tokio::select! { biased; // the operator first, so that a halt overtakes everything
                command = commands.recv() => self.command(command.unwrap_or(Command::Quit)),
                Some(done) = self.jobs.join_next() => match done {
                    Ok(done) => self.take(done),
                    Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                },
                Some(done) = self.seat_counts.join_next() => match done {
                    Ok(done) => self.take(done),
                    Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                },
                Some(done) = self.worklists.disk.join_next() => match done {
                    Ok(done) => self.worklist_kept(done),
                    Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                },
                Some(done) = self.inspections.done() => {
                    self.inspect_next();
                    match done {
                        Ok(done) => self.take(done),
                        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                    }
                }
                answer = sign_in::ended(&mut self.signing_in) => {
                    self.signed_in(answer);
                    Ok(())
                }
                Ok(()) = sign_in_state.changed() => Ok(()),
                () = self.recorder.disk_answers() => Ok(()),
                Ok(()) = connection_status.changed() => Ok(()),
                () = tokio::time::sleep(wake) => Ok(()),
            };
            if let Err(error) = result {
                self.stop_recording(error);
            }
        }
    }

    /// Takes the steps that can be taken now. Gives whether the session is over.
    fn advance(&mut self) -> Result<bool, RecordError> {
        self.follow_journal();
        self.recorder.follow()?;
        loop {
            self.recorder.hear_disk()?;
            let now = self.clock.now();
            let window_open = self.window_opens(now).is_none();
            if self.window_open != window_open {
                (self.window_open, self.changed) = (window_open, true);
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

    /// Takes over what another sitting on the run has written down.
    fn follow_journal(&mut self) {
        let kept = self.recorder.kept();
        match self.recorder.catch_up() {
            Ok(true) => {
                // Users have other places now, and the scenario may be another.
                self.observations.forget_users(self.recorder.run().users.len());
                self.observations.forget_classifier();
            }
            Ok(false) => {}
            Err(error) => {
                self.recorder.stop_following();
                self.say(Notice::CannotFollow(Arc::new(error)));
            }
        }
        if kept != self.recorder.kept() {
            self.record_progress();
        }
    }

    pub(super) fn spawn(&mut self, activity: Activity, job: impl Future<Output = TaskResult> + Send + 'static) {
        tracing::debug!(activity = ?activity);
        self.activity = activity;
        self.changed = true;
        self.jobs.spawn(job);
    }

    /// The journal failed, or the run took an impossible turn: from here on nothing is written.
    fn stop_recording(&mut self, error: RecordError) {
        log::stopped(&error);
        let error = Arc::new(error);
        self.queue.end_all();
        self.graph.stop_writing();
        self.changed = true;
        if self.recorder.stop(error.clone()) {
            self.say(Notice::Stopped(error));
        }
    }

    pub(super) fn say(&self, notice: Notice) {
        // Nobody listens any more once the screen is gone; the journal has it all.
        let _ = self.notices.send(notice);
    }

    /// Something could not leave and is tried again by itself.
    pub(super) fn delayed(&mut self, what: Work, fault: Fault) -> Result<(), RecordError> {
        let fault = told(fault);
        let news = self.backoff.delayed(&fault);
        if news { self.recorder.record(Event::Delayed { what, fault }) } else { Ok(()) }
    }

    pub(super) fn record_progress(&mut self) {
        let (at, run) = (self.clock.now(), self.recorder.run());
        let under_way = run.under_way_batches();
        for batch in &under_way {
            self.marks.note((*batch, run.phase_of(*batch)), at, counts_of(run, *batch, at).done);
        }
        self.marks.keep_only(&under_way);
    }

    /// When the window for writes opens; `None` while writes may leave.
    pub(super) fn window_opens(&self, now: Timestamp) -> Option<Zoned> {
        self.window.as_ref().filter(|window| !window.is_open(now)).map(|window| window.changes(now))
    }

    /// How long the loop may sleep when nobody says anything.
    fn sleep_for(&self) -> Duration {
        let now = self.clock.now();
        let held = self.queue.held_until().filter(|at| *at > now);
        let window = self.window.as_ref().map(|window| window.changes(now).timestamp());
        let next = self.schedule.next_due(now).into_iter().chain(held).chain(window).min();
        let wait = next.and_then(|at: Timestamp| Duration::try_from(at.duration_since(now)).ok());
        let longest = if is_switching(self.recorder.run(), now) { TICK / 4 } else { TICK };
        wait.map_or(longest, |wait| wait.min(longest)).max(Duration::from_millis(1))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let (mut run, gates) = (self.recorder.run().clone(), gates(self.recorder.run()));
        let wanted = self.shown.filter(|batch| run.phase_of(*batch) != Phase::Complete);
        if let Some(batch) = wanted.or_else(|| Some(gates.first()?.batch)) {
            run.show(batch);
        }
        Snapshot {
            revision: self.revision,
            gates,
            facts: self.observations.facts().clone(),
            skus: self.observations.skus().clone(),
            group_names: self.observations.group_names().clone(),
            tenant: self.tenant.clone(),
            operator: self.operator.clone(),
            free_seats: self.observations.free_seats(run.route.target.sku),
            activity: self.activity.clone(),
            connection: self.connection(),
            token_ends: self.graph.token_ends(),
            next_poll: self.schedule.next_poll().filter(|_| run.watches_anybody()),
            paused: self.schedule.is_paused(),
            interval: self.schedule.interval(),
            read_only: self.recorder.read_only().cloned(),
            fault: self.backoff.fault().cloned(),
            survey: self.observations.survey(),
            marks: self.marks.of((run.current, run.phase())),
            older: self.recorder.older().clone(),
            events: self.recorder.timeline().clone(),
            sign_in: self.sign_in.clone(),
            window_opens: self.window_opens(self.clock.now()),
            run,
        }
    }
}

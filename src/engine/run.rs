//! The loop: a command, an answer or a tick comes in; the book keeps it; what is due next is started.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::automatic::in_grace;
use crate::domain::causes::causes;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::read::SurveyForm;
use crate::domain::route::Direction;
use crate::domain::sku::Sku;
use crate::domain::sku::Skus;
use crate::domain::standing::Classifier;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::handle::Command;
use crate::engine::handle::Notice;
use crate::engine::plan::Plan;
use crate::engine::recorder::RecordError;
use crate::engine::recorder::Recorder;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Mark;
use crate::engine::snapshot::Snapshot;
use crate::engine::tasks::TaskResult;
use crate::engine::write_queue::Approved;
use crate::graph::Graph;
use crate::log;

/// What the screen knows beside the run.
#[derive(Default)]
pub(super) struct Observations {
    pub(super) facts: Vec<Option<Arc<UserFacts>>>,
    pub(super) skus: Arc<Skus>,
    pub(super) group_names: Arc<HashMap<GroupId, String>>,
    pub(super) fault: Option<Fault>,
    pub(super) survey: Option<(SurveyForm, u32)>,
    pub(super) marks: VecDeque<Mark>,
    /// Whether the audit log was asked and may not be read.
    pub(super) audits_refused: bool,
    /// The batch and phase that the marks are about.
    pub(super) marked: Option<(usize, Phase)>,
}

/// When to read next.
pub(super) struct Polling {
    pub(super) interval: SignedDuration,
    pub(super) paused: bool,
    pub(super) next: Option<Timestamp>,
    /// When the last verify pass began.
    pub(super) began: Option<Timestamp>,
    /// Whether a removal waits for the next pass, to know which seats are taken.
    pub(super) awaited: bool,
    /// Not before then is preflight tried again after a fault.
    pub(super) retry: Option<Timestamp>,
    /// Not before then are open writes read back.
    pub(super) read_back: Option<Timestamp>,
    /// When both groups were read last.
    pub(super) groups: Option<Timestamp>,
    /// Not before then are they read again after a fault.
    pub(super) groups_retry: Option<Timestamp>,
    /// Whether the latest job was a verify pass.
    pub(super) was_last: bool,
}

/// Who says where users stand: one for each way.
pub(super) struct Classifiers {
    pub(super) forward: Classifier,
    pub(super) back: Classifier,
}

impl Classifiers {
    pub(super) fn of(&self, direction: Direction) -> &Classifier {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Rollback => &self.back,
        }
    }

    /// Takes over what the two groups assign: the one that users leave in this direction, and the one that they go to.
    pub(super) fn use_products(&mut self, direction: Direction, [from, to]: [Vec<GroupLicense>; 2]) {
        let (source, target) = match direction {
            Direction::Forward => (from, to),
            Direction::Rollback => (to, from),
        };
        (self.back.source_products, self.back.target_products) = (target.clone(), source.clone());
        (self.forward.source_products, self.forward.target_products) = (source, target);
    }
}

/// The engine. It alone carries effects out.
pub(super) struct Engine {
    pub(super) graph: Graph,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) plan: Plan,
    pub(super) operator: String,
    pub(super) tenant: Option<String>,
    pub(super) read_only: Option<String>,
    pub(super) recorder: Recorder,
    pub(super) classifiers: Option<Classifiers>,
    pub(super) observations: Observations,
    pub(super) polling: Polling,
    pub(super) approved: Approved,
    pub(super) asked: u64,
    /// How often a read said that an open write is not in effect.
    pub(super) negative_reads: HashMap<UserId, u8>,
    /// What keeps writes from leaving just now.
    pub(super) hindered_by: Option<FaultKind>,
    pub(super) jobs: JoinSet<TaskResult>,
    pub(super) activity: Activity,
    pub(super) check_again: bool,
    pub(super) quitting: bool,
    /// Whether anything happened that the screen should show.
    pub(super) changed: bool,
    pub(super) notices: mpsc::UnboundedSender<Notice>,
    pub(super) revision: u64,
}

impl Engine {
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        publisher: watch::Sender<Arc<Snapshot>>,
    ) -> Migration {
        let mut connection = self.connection();
        loop {
            let kept = self.recorder.kept;
            if let Err(error) = self.advance() {
                self.stop_recording(&error);
            }
            let answering = self.connection();
            if self.changed || kept != self.recorder.kept || connection != answering {
                (self.changed, connection) = (false, answering);
                self.revision += 1;
                publisher.send_replace(Arc::new(self.snapshot()));
            }
            if self.quitting && self.jobs.is_empty() {
                return self.recorder.run;
            }
            let wake = self.sleep_for();
            let mut connection_status = self.graph.connection_status();
            connection_status.mark_unchanged();
            let result = tokio::select! { biased; // the operator first, so that a halt overtakes everything
                command = commands.recv() => self.command(command.unwrap_or(Command::Quit)),
                Some(done) = self.jobs.join_next() => match done {
                    Ok(done) => self.take(done),
                    Err(broken) => std::panic::resume_unwind(broken.into_panic()),
                },
                Ok(()) = connection_status.changed() => Ok(()),
                () = tokio::time::sleep(wake) => Ok(()),
            };
            if let Err(error) = result {
                self.stop_recording(&error);
            }
        }
    }

    /// Starts what is due, one job at a time, so that writes to a group are serial and a halt has one thing to wait for.
    fn advance(&mut self) -> Result<(), RecordError> {
        self.follow_journal();
        self.recorder.follow()?;
        if self.quitting || self.recorder.run.halted.is_some() || self.read_only.is_some() {
            // A write that still waits for its turn in the client comes back unsent.
            self.graph.stop_writing();
            self.drop_approval("writing was halted before it was sent")?;
        } else {
            self.graph.allow_writing();
        }
        if !self.jobs.is_empty() {
            return Ok(());
        }
        let was = std::mem::take(&mut self.activity);
        self.changed |= was != Activity::Idle;
        if self.quitting {
            return Ok(());
        }
        // Passes that take longer than the interval must not keep writes waiting for ever: they take turns.
        let _started = self.check()
            || if self.recorder.follows() {
                self.poll() // all else is the other sitting's
            } else {
                self.read_back()
                    || (!self.polling.was_last && self.poll())
                    || self.regroup()
                    || self.write()?
                    || self.poll()
            };
        self.polling.was_last = self.activity == Activity::Polling;
        Ok(())
    }

    /// Takes over what another sitting on the run has written down.
    fn follow_journal(&mut self) {
        let kept = self.recorder.kept;
        match self.recorder.catch_up() {
            Ok(true) => {
                // Users have other places now, and the scenario may be another.
                (self.observations.facts, self.classifiers) = (vec![None; self.recorder.run.users.len()], None);
            }
            Ok(false) => {}
            Err(error) => {
                self.recorder.stop_following();
                let why = causes(&error);
                self.say(Notice::Said(format!("the run beside cannot be followed any further: {why}")));
            }
        }
        if kept != self.recorder.kept {
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
    fn stop_recording(&mut self, error: &RecordError) {
        let why = causes(error);
        log::stopped(error);
        self.approved = Approved::None;
        self.recorder.run.approved_pending.clear();
        // What fails afterwards fails because of the first.
        if self.read_only.is_none() {
            self.say(Notice::Said(format!("nothing more is written: {why}. End with q, mend it, and resume the run.")));
            self.read_only = Some(why);
        }
    }

    pub(super) fn say(&self, notice: Notice) {
        // Nobody listens any more once the screen is gone; the journal has it all.
        let _ = self.notices.send(notice);
    }

    /// Whether GBL's own switch-over may be leaving a user of the batch without a license just now (rule 6).
    pub(super) fn switching(&self, now: Timestamp) -> bool {
        let grace = self.recorder.run.run.settings.unlicensed_grace;
        self.recorder.run.members(self.recorder.run.current).any(|user| in_grace(user, now, grace))
    }

    /// Free seats by the last read: of the target, or of the source while a rollback is under way.
    pub(super) fn free_seats(&self) -> Option<i64> {
        self.observations.skus.get(self.recorder.run.route.target.sku).map(Sku::free_seats)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let here = (self.recorder.run.current, self.recorder.run.phase());
        Snapshot {
            revision: self.revision,
            run: self.recorder.run.clone(),
            facts: self.observations.facts.clone(),
            skus: self.observations.skus.clone(),
            group_names: self.observations.group_names.clone(),
            tenant: self.tenant.clone(),
            operator: self.operator.clone(),
            free_seats: self.free_seats(),
            activity: self.activity.clone(),
            connection: self.connection(),
            next_poll: self.polling.next.filter(|_| !self.recorder.run.watched().is_empty()),
            paused: self.polling.paused,
            interval: self.polling.interval,
            read_only: self.read_only.clone(),
            fault: self.observations.fault.clone(),
            survey: self.observations.survey,
            marks: if self.observations.marked == Some(here) {
                self.observations.marks.clone()
            } else {
                VecDeque::new()
            },
            events: self.recorder.timeline.clone(),
        }
    }
}

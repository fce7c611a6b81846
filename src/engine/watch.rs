//! A run watched from its journal alone: no tenant, no network, nothing that could be written.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use imbl::Vector;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::questions::gates;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::engine::follower::Follower;
use crate::engine::handle::Command;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::handle::Notice;
use crate::engine::handle::Refused;
use crate::engine::record_error::RecordError;
use crate::engine::recorder::Recorder;
use crate::engine::session::ReadOnly;
use crate::engine::session::Session;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Connection;
use crate::engine::snapshot::Snapshot;
use crate::engine::start::fold;

/// How often the journal is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What a run is watched from.
struct Watcher {
    recorder: Recorder,
    tenant: Option<String>,
    shown: Option<usize>,
    revision: u64,
    notices: mpsc::UnboundedSender<Notice>,
}

/// Watches a run on the current runtime: its events so far, and what another process writes behind them. The task ends when
/// it is told to quit, and gives the run as it then stands.
///
/// # Errors
/// [`RecordError`] when the past events cannot be those of one run.
pub fn watch(
    past: Vec<(Timestamp, Event)>,
    journal: Follower,
    clock: Arc<dyn Clock>,
) -> Result<(Handle, JoinHandle<Migration>), RecordError> {
    let run = fold(&past)?;
    let (to_watcher, commands) = mpsc::unbounded_channel();
    let (notices, from_watcher) = mpsc::unbounded_channel();
    let session = Session::Follows { journal, why: ReadOnly::Watches };
    let tenant = Some(run.run.tenant.clone());
    let recorder = Recorder::new(run, past, session, clock);
    let watcher = Watcher { recorder, tenant, shown: None, revision: 0, notices };
    let (publisher, snapshots) = watch::channel(Arc::new(watcher.snapshot()));
    let handle = Handle { commands: Commands::from(to_watcher), snapshots, notices: from_watcher };
    let task = tokio::spawn(async move { watcher.run(commands, publisher).await });
    Ok((handle, task))
}

impl Watcher {
    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        publisher: watch::Sender<Arc<Snapshot>>,
    ) -> Migration {
        loop {
            let changed = tokio::select! { biased;
                command = commands.recv() => match command {
                    None | Some(Command::Quit) => return self.recorder.into_run(),
                    Some(Command::Show(batch)) => {
                        self.shown = batch;
                        true
                    }
                    // What is read is in the journal.
                    Some(Command::Inspect(_) | Command::PollNow) => false,
                    Some(_) => {
                        // Nobody listens any more once the screen is gone.
                        let _ = self.notices.send(Notice::Refused(Refused::ReadOnly(ReadOnly::Watches)));
                        false
                    }
                },
                () = self.recorder.disk_answers() => self.catch_up(),
                () = tokio::time::sleep(LOOK) => self.catch_up(),
            };
            if changed {
                self.revision += 1;
                publisher.send_replace(Arc::new(self.snapshot()));
            }
        }
    }

    /// Takes over what was written since. Gives whether that was anything.
    fn catch_up(&mut self) -> bool {
        let kept = self.recorder.kept();
        if let Err(error) = self.recorder.catch_up() {
            self.recorder.stop_following();
            let _ = self.notices.send(Notice::CannotFollow(Arc::new(error)));
            return true;
        }
        kept != self.recorder.kept()
    }

    fn snapshot(&self) -> Snapshot {
        let (mut run, gates) = (self.recorder.run().clone(), gates(self.recorder.run()));
        let wanted = self.shown.filter(|batch| run.phase_of(*batch) != Phase::Complete);
        if let Some(batch) = wanted.or_else(|| Some(gates.first()?.batch)) {
            run.show(batch);
        }
        let names = [&run.route.source, &run.route.target].map(|side| (side.group, side.group_name.clone()));
        Snapshot {
            revision: self.revision,
            gates,
            facts: Vector::new(),
            skus: Arc::new(Skus::default()),
            group_names: Arc::new(HashMap::from(names)),
            tenant: self.tenant.clone(),
            operator: String::new(),
            free_seats: None,
            activity: Activity::Idle,
            connection: Connection::Journal,
            next_poll: None,
            paused: false,
            interval: run.batch_settings.interval,
            read_only: self.recorder.read_only().cloned(),
            fault: None,
            survey: None,
            older: self.recorder.older().clone(),
            events: self.recorder.timeline().clone(),
            sign_in: SignInState::default(),
            window_opens: None,
            token_ends: None,
            run,
        }
    }
}

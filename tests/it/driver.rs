//! Drives the engine against a simulated tenant over HTTP, as an operator without a screen.

pub(crate) mod begin;
mod operate;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Migration;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::questions;
use skuferry::domain::sku::Skus;
use skuferry::domain::window::Window;
use skuferry::engine;
use skuferry::engine::Session;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::plan::Plan;
use skuferry::engine::snapshot::Snapshot;
use skuferry::graph::Endpoints;
use skuferry::graph::TokenSource;
use skuferry::journal;
use skuferry::journal::Journal;
use skuferry::journal::Keeper;
use skuferry::journal::Reader;
use skuferry::journal::Writer;
use skuferry::sim::Sim;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::driver::begin::client;
use crate::driver::begin::session;
use crate::driver::begin::setup;
use crate::witness::Witness;
use skuferry::engine::ReadOnly;

/// The application that signs in, where one does.
pub(crate) const APP: &str = "an-app";
/// How many times as fast as real time the tenants live.
pub(crate) const SPEED: f64 = 1000.0;
/// The longest that anything may take; only a test that fails waits so long.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

/// Makes what keeps events of a journal's writer.
pub(crate) type MakeKeeper = Box<dyn FnOnce(Writer) -> Box<dyn Keeper> + Send + Sync>;

/// Makes the way to sign in.
pub(crate) type MakeTokens = Box<dyn Fn(&Endpoints, Arc<dyn Clock>) -> Arc<dyn TokenSource> + Send + Sync>;

/// How the engine comes to its tenant, when otherwise than usual.
#[derive(Default)]
pub(crate) struct Direction {
    /// Where it finds Graph, when something lies in between.
    pub(crate) url: Option<String>,
    /// Whether it signs in with a secret, and not with a token that never ends.
    pub(crate) signs_in: bool,
    /// Another way to sign in.
    pub(crate) tokens: Option<MakeTokens>,
    /// Its clock, when not the machine's.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    /// Whether each event is on the disk before anything else happens, for clocks that look at the journal.
    pub(crate) at_once: bool,
    /// What keeps the first session's events, when not the program's own.
    pub(crate) keeper: Option<MakeKeeper>,
    /// When writes may leave.
    pub(crate) window: Option<Window>,
    /// Whether the clock goes on when the run is taken up again; one that kills, kills once.
    pub(crate) goes_on: bool,
}

impl Direction {
    /// The engine's clock.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock))
    }
}

/// A tenant, a run on it, and the operator's end of the engine.
pub(crate) struct Rig {
    pub(crate) sim: Arc<Sim>,
    pub(crate) run: RunInfo,
    pub(crate) witness: Witness,
    /// Every notice that was read, questions and refusals too.
    pub(crate) said: Vec<String>,
    pub(crate) direction: Direction,
    /// The token that the client bears, unless it signs in.
    pub(crate) token: String,
    plan: Plan,
    skus: Skus,
    folder: TempDir,
    handle: Handle,
    task: JoinHandle<Migration>,
}

impl Rig {
    /// Kills the engine without a word, whatever it is doing.
    pub(crate) async fn kill(&mut self) {
        self.task.abort();
        self.dead().await;
    }

    /// Waits until the engine is dead.
    pub(crate) async fn dead(&mut self) {
        assert!(tokio::time::timeout(DEADLINE, &mut self.task).await.unwrap().is_err(), "the engine ended by itself");
    }

    /// Takes the run up again after its engine died, as another process would. Gives the run as the journal leaves it.
    pub(crate) fn resume(&mut self) -> Migration {
        self.resume_as(|_| {})
    }

    /// The same, with other events than the journal has, as another program would have written them.
    pub(crate) fn resume_as(&mut self, change: impl FnOnce(&mut Vec<(Timestamp, Event)>)) -> Migration {
        let (mut writer, journal) = Writer::reopen(&self.journal_path()).unwrap();
        let mut past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
        if !self.direction.goes_on {
            (self.direction.clock, self.direction.at_once) = (None, false);
        }
        let clock = self.direction.clock();
        let resumed = (clock.now(), Event::Resumed { by: "test".into() });
        writer.append(resumed.0, &resumed.1).unwrap();
        past.push(resumed);
        change(&mut past);
        let run = engine::fold(&past).unwrap();
        let graph = client(&self.sim, &self.direction, &self.token);
        let session = session(writer, &mut self.direction);
        let setup = setup(graph, clock, self.plan.clone(), past, session, self.places(), self.direction.window.clone());
        (self.handle, self.task) = engine::start(setup).unwrap();
        run
    }

    /// A second session on the same run, as it opens while the first holds the lock: it only reads, and follows.
    pub(crate) fn onlooker(&self) -> Handle {
        let graph = client(&self.sim, &self.direction, &self.token);
        let mut journal = Reader::open(&self.journal_path()).unwrap();
        let past = journal.more().unwrap().into_iter().map(|record| (record.at, record.event)).collect();
        let session = Session::Follows { journal: journal.into(), why: ReadOnly::AtWork { process: None } };
        let setup =
            setup(graph, self.direction.clock(), self.plan.clone(), past, session, (self.skus.clone(), None), None);
        engine::start(setup).unwrap().0
    }

    fn places(&self) -> (Skus, Option<PathBuf>) {
        (self.skus.clone(), Some(self.folder.path().join("worklists")))
    }

    /// Ends the session and gives the run as it then stands.
    pub(crate) async fn quit(&mut self) -> Migration {
        self.send(Command::Quit);
        tokio::time::timeout(DEADLINE, &mut self.task).await.unwrap().unwrap()
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        journal::file(self.folder.path(), self.run.id)
    }

    /// The journal once it has what the screen shows, every event with its time: the disk answers in its own time.
    #[expect(clippy::disallowed_methods, reason = "the disk tells nobody when it has written")]
    pub(crate) fn journal(&self) -> Vec<(Timestamp, Event)> {
        let shown = self.snapshot().events.back().cloned();
        for _ in 0..20_000 {
            let kept = self.on_disk();
            if shown.as_ref().is_none_or(|(at, event)| kept.iter().rev().any(|one| (one.0, &one.1) == (*at, &**event)))
            {
                return kept;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.on_disk()
    }

    /// The journal as it is on the disk.
    pub(crate) fn on_disk(&self) -> Vec<(Timestamp, Event)> {
        let journal = Journal::open(&self.journal_path()).unwrap();
        journal.records.into_iter().map(|record| (record.at, record.event)).collect()
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.handle.snapshots.borrow().clone()
    }

    pub(crate) fn send(&self, command: Command) {
        self.handle.commands.send(command).unwrap();
    }

    /// The users of the plan that are in a batch.
    pub(crate) fn planned(&self) -> Vec<UserId> {
        let run = self.snapshot().run.clone();
        run.users.iter().filter(|user| user.batch.is_some()).filter_map(|user| user.id).collect()
    }

    /// A user as the tenant has them.
    pub(crate) fn truth(&self, user: UserId) -> Value {
        let state = self.sim.state();
        let users = state["users"].as_array().unwrap();
        users.iter().find(|one| one["id"] == user.to_string()).unwrap().clone()
    }

    /// The latest events, for what a failed test says.
    pub(crate) fn tale(&self) -> String {
        let shot = self.snapshot();
        let told: Vec<String> = self.on_disk().iter().map(|(at, event)| line(*at, event)).collect();
        let rest = told.len().saturating_sub(40);
        format!(
            "{}\n{:?} {:?} {:?}",
            told[rest..].join("\n"),
            shot.activity,
            shot.fault,
            questions::pending_question(&shot.run)
        )
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn line(at: Timestamp, event: &Event) -> String {
    let text = match event {
        Event::Checked { .. } | Event::RunStarted { .. } => event.name().to_owned(),
        Event::AddSettled { outcome: Outcome::Done, users, .. } => format!("add-settled done {}", users.len()),
        _ => format!("{event:?}"),
    };
    format!("{at} {}", text.chars().take(400).collect::<String>())
}

//! Drives the engine against a simulated tenant over HTTP, as an operator without a screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::config::Config;
use skuferry::config::End;
use skuferry::config::users;
use skuferry::config::users::Who;
use skuferry::domain::decide;
use skuferry::domain::decide::Question;
use skuferry::domain::decide::Refusal;
use skuferry::domain::decide::Waits;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::RunId;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Migration;
use skuferry::domain::order::Outcome;
use skuferry::domain::route::Route;
use skuferry::domain::route::Side;
use skuferry::domain::settings::Settings;
use skuferry::domain::sku::Skus;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine;
use skuferry::engine::Setup;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::handle::Notice;
use skuferry::engine::plan::Plan;
use skuferry::engine::plan::Users;
use skuferry::engine::snapshot::Snapshot;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::TokenSource;
use skuferry::graph::UserKey;
use skuferry::graph::auth::AccessToken;
use skuferry::graph::auth::ClientSecret;
use skuferry::journal;
use skuferry::journal::Journal;
use skuferry::journal::Reader;
use skuferry::journal::Writer;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::witness::Witness;

/// The application that signs in, where one does.
pub(crate) const APP: &str = "an-app";
/// How many times as fast as real time the tenants live.
pub(crate) const SPEED: f64 = 1000.0;
/// The longest that anything may take; only a test that fails waits so long.
const DEADLINE: Duration = Duration::from_secs(40);

/// How the engine comes to its tenant, when otherwise than usual.
#[derive(Default)]
pub(crate) struct Way {
    /// Where it finds Graph, when something lies in between.
    pub(crate) url: Option<String>,
    /// Whether it signs in with a secret, and not with a token that never ends.
    pub(crate) signs_in: bool,
    /// Its clock, when not the machine's.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    /// Whether the clock goes on when the run is taken up again; one that kills, kills once.
    pub(crate) goes_on: bool,
}

/// A tenant, a run on it, and the operator's end of the engine.
pub(crate) struct Rig {
    pub(crate) sim: Arc<Sim>,
    pub(crate) run: RunInfo,
    pub(crate) witness: Witness,
    /// Every notice that was read, questions and refusals too.
    pub(crate) said: Vec<String>,
    pub(crate) way: Way,
    /// The token that the client bears, unless it signs in.
    pub(crate) token: String,
    plan: Plan,
    skus: Skus,
    folder: TempDir,
    handle: Handle,
    task: JoinHandle<Migration>,
}

impl Rig {
    /// A tenant by these options and a new run on it, all users in one batch unless the settings are changed.
    pub(crate) async fn open(options: Options, set: impl FnOnce(&mut Settings)) -> Self {
        Self::open_at(options, set, |_| Arc::new(SystemClock)).await
    }

    /// The same with the engine's clock, made from the journal's path.
    pub(crate) async fn open_at(
        options: Options,
        set: impl FnOnce(&mut Settings),
        clock: impl FnOnce(PathBuf) -> Arc<dyn Clock>,
    ) -> Self {
        Self::open_by(options, set, async |_, journal| Way { clock: Some(clock(journal)), ..Way::default() }).await
    }

    /// The same, when the tenant or the way to it is changed before the engine asks for the first time. `prepare` is
    /// given the tenant and the journal's path.
    pub(crate) async fn open_by(
        options: Options,
        set: impl FnOnce(&mut Settings),
        prepare: impl AsyncFnOnce(&Arc<Sim>, PathBuf) -> Way,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sim = Arc::new(Sim::start(Options { speed: SPEED, ..options }).await.unwrap());
        Self::start(sim, set, prepare).await
    }

    /// A new run on a tenant that is there already, with a clock that goes on when the run is taken up again.
    pub(crate) async fn on(
        sim: Arc<Sim>,
        set: impl FnOnce(&mut Settings),
        clock: impl FnOnce(PathBuf) -> Arc<dyn Clock>,
    ) -> Self {
        let way = async |_: &Arc<Sim>, journal| Way { clock: Some(clock(journal)), goes_on: true, ..Way::default() };
        Self::start(sim, set, way).await
    }

    async fn start(
        sim: Arc<Sim>,
        set: impl FnOnce(&mut Settings),
        prepare: impl AsyncFnOnce(&Arc<Sim>, PathBuf) -> Way,
    ) -> Self {
        let witness = Witness::start(&sim);
        let config = Config::parse(&sim.config_toml(), &PathBuf::from("config.toml")).unwrap();
        let token = sim.access_token();
        let graph = client(&sim, &Way::default(), &token);
        let skus = graph.skus().await.unwrap();
        let ends = &config.migration;
        let route = Route { source: side(&ends.source, &skus), target: side(&ends.target, &skus) };
        let listed = users::read_list(&sim.users_csv()).unwrap();
        let keyed = listed.into_iter().map(|listed| {
            let key = match users::classify(&listed.given) {
                Who::Id(id) => Some(UserKey::Id(id)),
                Who::Upn(upn) => Some(UserKey::Upn(upn)),
                Who::Malformed => None,
            };
            (listed, key)
        });
        let plan = Plan { route: route.clone(), choice: ends.scenario, users: Users::List(keyed.collect()) };
        let mut settings = Settings {
            batch_size: 1000,
            interval: SignedDuration::from_millis(40),
            stuck_after: SignedDuration::from_secs(20),
            unlicensed_grace: SignedDuration::from_secs(2),
            ..config.settings
        };
        set(&mut settings);
        let run = RunInfo {
            id: RunId(Uuid::now_v7()),
            name: ends.name.clone(),
            tenant: config.tenant.id,
            route,
            choice: ends.scenario,
            settings,
            version: "test".into(),
        };
        let folder = folder();
        let mut writer = Writer::create(folder.path(), run.id).unwrap();
        let started = Event::RunStarted { run: Box::new(run.clone()), by: "test".into() };
        let at = SystemClock.now();
        writer.append(at, &started).unwrap();
        let way = prepare(&sim, journal::file(folder.path(), run.id)).await;
        let graph = client(&sim, &way, &token);
        let setup = setup(graph, way.clock(), plan.clone(), vec![(at, started)], Some(writer), skus.clone());
        let (handle, task) = engine::start(setup).unwrap();
        Self { sim, run, witness, said: Vec::new(), way, token, plan, skus, folder, handle, task }
    }

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
        let (mut writer, journal) = Writer::reopen(&self.journal_path()).unwrap();
        let mut past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
        if !self.way.goes_on {
            self.way.clock = None;
        }
        let clock = self.way.clock();
        let resumed = (clock.now(), Event::Resumed { by: "test".into() });
        writer.append(resumed.0, &resumed.1).unwrap();
        past.push(resumed);
        let run = engine::fold(&past).unwrap();
        let graph = client(&self.sim, &self.way, &self.token);
        let setup = setup(graph, clock, self.plan.clone(), past, Some(writer), self.skus.clone());
        (self.handle, self.task) = engine::start(setup).unwrap();
        run
    }

    /// A second sitting on the same run, as it opens while the first holds the lock: it only reads, and follows.
    pub(crate) fn onlooker(&self) -> Handle {
        let graph = client(&self.sim, &self.way, &self.token);
        let mut journal = Reader::open(&self.journal_path()).unwrap();
        let past = journal.more().unwrap().into_iter().map(|record| (record.at, record.event)).collect();
        let setup = setup(graph, self.way.clock(), self.plan.clone(), past, None, self.skus.clone());
        let read_only = Some("another run is under way".to_owned());
        engine::start(Setup { read_only, beside: Some(journal), ..setup }).unwrap().0
    }

    /// Ends the sitting and gives the run as it then stands.
    pub(crate) async fn quit(&mut self) -> Migration {
        self.send(Command::Quit);
        tokio::time::timeout(DEADLINE, &mut self.task).await.unwrap().unwrap()
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        journal::file(self.folder.path(), self.run.id)
    }

    /// The journal as it is on the disk, every event with its time.
    pub(crate) fn journal(&self) -> Vec<(Timestamp, Event)> {
        let journal = Journal::open(&self.journal_path()).unwrap();
        journal.records.into_iter().map(|record| (record.at, record.event)).collect()
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.handle.snapshots.borrow().clone()
    }

    pub(crate) fn send(&self, command: Command) {
        self.handle.commands.send(command).unwrap();
    }

    /// Waits until a snapshot is as wanted.
    pub(crate) async fn wait(&mut self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let found = tokio::time::timeout(DEADLINE, self.handle.snapshots.wait_for(|shot| wanted(shot))).await;
        let found = found.map(|found| found.unwrap().clone());
        found.unwrap_or_else(|_| panic!("never {what}:\n{}", self.tale()))
    }

    /// Waits until this question waits.
    pub(crate) async fn wait_for(&mut self, waits: Waits) -> Arc<Snapshot> {
        self.wait(&format!("{waits:?}"), |shot| decide::waits(&shot.run) == Ok(waits)).await
    }

    /// Asks for the question that waits.
    pub(crate) async fn ask(&mut self) -> Result<Question, Refusal> {
        self.put(Command::Ask).await
    }

    /// Sends a command that is answered by a question or a refusal.
    pub(crate) async fn put(&mut self, command: Command) -> Result<Question, Refusal> {
        // What is there already answers something else.
        while let Ok(notice) = self.handle.notices.try_recv() {
            self.said.push(told(&notice));
        }
        self.send(command);
        loop {
            let notice = tokio::time::timeout(DEADLINE, self.handle.notices.recv()).await.unwrap().unwrap();
            self.said.push(told(&notice));
            match notice {
                Notice::Question(question) => return Ok(question),
                Notice::Refused(refusal) => return Err(refusal),
                Notice::Said(_) => {}
            }
        }
    }

    /// Says yes to a question; gives how many users it was about.
    pub(crate) fn yes(&self, question: Question) -> usize {
        let users = match &question {
            Question::Add(proposal) => proposal.users().len(),
            Question::Remove(proposal) => proposal.users().len(),
            Question::Reprocess(proposal) => proposal.users().len(),
            Question::Direct(proposal) => proposal.users().len(),
            Question::LiftHalt(_) => 0,
            Question::Alarm(users) => users.len(),
        };
        self.send(approval(question));
        users
    }

    /// An operator who says yes to all that is asked and excludes who is stuck or cannot be added, until all is wanted.
    pub(crate) async fn operate(&mut self, what: &str, until: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            let shot = self.snapshot();
            if until(&shot) {
                return shot;
            }
            assert!(tokio::time::Instant::now() < end, "never {what}:\n{}", self.tale());
            assert_eq!(shot.read_only, None, "{what}: {:?}\n{}", self.said, self.tale());
            if decide::waits(&shot.run).is_ok() {
                match self.ask().await {
                    Ok(question) => drop(self.yes(question)),
                    Err(_) => tokio::task::yield_now().await,
                }
            } else {
                shot.run.active().filter(|user| hopeless(user)).for_each(|user| {
                    self.send(Command::Exclude(user.id.unwrap()));
                });
            }
            // Whatever comes next shows in a snapshot; the limit is for what needs nothing but time.
            let _ = tokio::time::timeout(Duration::from_millis(50), self.handle.snapshots.changed()).await;
        }
    }

    /// Says yes to all that is asked until the engine dies; false when the run was complete before.
    pub(crate) async fn operate_until_dead(&mut self) -> bool {
        let end = tokio::time::Instant::now() + DEADLINE;
        while !self.task.is_finished() {
            assert!(tokio::time::Instant::now() < end, "never killed:\n{}", self.tale());
            let run = self.snapshot().run.clone();
            if run.complete {
                return false;
            }
            if decide::waits(&run).is_ok() {
                while self.handle.notices.try_recv().is_ok() {}
                // The engine may die over the question or over the answer.
                let _ = self.handle.commands.send(Command::Ask);
                if let Ok(Some(Notice::Question(question))) =
                    tokio::time::timeout(DEADLINE, self.handle.notices.recv()).await
                {
                    let _ = self.handle.commands.send(approval(question));
                }
            }
            let _ = tokio::time::timeout(Duration::from_millis(50), self.handle.snapshots.changed()).await;
        }
        self.dead().await;
        true
    }

    /// Waits for a snapshot after this one; the limit is for what needs nothing but time.
    pub(crate) async fn a_while(&mut self, shot: &Snapshot) {
        let revision = shot.revision;
        let newer = self.handle.snapshots.wait_for(|shot| shot.revision != revision);
        let _ = tokio::time::timeout(Duration::from_millis(50), newer).await;
    }

    /// Operates until the migration is complete.
    pub(crate) async fn finish(&mut self) -> Arc<Snapshot> {
        self.operate("complete", |shot| shot.run.complete).await
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
        let told: Vec<String> = self.journal().iter().map(|(at, event)| line(*at, event)).collect();
        let rest = told.len().saturating_sub(40);
        format!("{}\n{:?} {:?} {:?}", told[rest..].join("\n"), shot.activity, shot.fault, decide::waits(&shot.run))
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A folder for the journal, in memory where there is such a thing: it is written hundreds of times in each test.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The yes to a question.
fn approval(question: Question) -> Command {
    match question {
        Question::Add(proposal) => Command::Add(proposal.yes()),
        Question::Remove(proposal) => {
            let users = proposal.users().len();
            Command::Remove(proposal.typed(&users.to_string()).unwrap())
        }
        Question::Reprocess(proposal) => Command::Reprocess(proposal.yes()),
        Question::Direct(proposal) => {
            let users = proposal.users().len();
            Command::Direct(proposal.typed(&users.to_string()).unwrap())
        }
        Question::LiftHalt(_) => Command::LiftHalt,
        Question::Alarm(_) => Command::AcknowledgeAlarm,
    }
}

/// A notice as text.
fn told(notice: &Notice) -> String {
    match notice {
        Notice::Question(question) => format!("{question:?}"),
        Notice::Refused(refusal) => refusal.to_string(),
        Notice::Said(text) => text.clone(),
    }
}

/// Whether an operator would take the user out.
fn hopeless(user: &skuferry::domain::user::User) -> bool {
    matches!(user.standing, Some(Standing::Stuck(_)))
}

pub(crate) fn line(at: Timestamp, event: &Event) -> String {
    let text = match event {
        Event::Checked { .. } | Event::RunStarted { .. } => event.name().to_owned(),
        Event::AddSettled { outcome: Outcome::Done, users, .. } => format!("add-settled done {}", users.len()),
        _ => format!("{event:?}"),
    };
    format!("{at} {}", text.chars().take(400).collect::<String>())
}

fn client(sim: &Sim, way: &Way, token: &str) -> Graph {
    let endpoints = Endpoints::custom(way.url.as_deref().unwrap_or(&sim.url()), &sim.url()).unwrap();
    let clock = way.clock();
    let tokens: Arc<dyn TokenSource> = if way.signs_in {
        Arc::new(ClientSecret::new(&endpoints, "contoso.com", APP, "s3cret".into(), clock.clone()).unwrap())
    } else {
        Arc::new(AccessToken::new(token.to_owned().into()))
    };
    let graph = Graph::new(endpoints, tokens, clock).unwrap();
    graph.set_speed(SPEED);
    graph
}

impl Way {
    /// The engine's clock.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock))
    }
}

fn side(end: &End, skus: &Skus) -> Side {
    let sku = skus.iter().find(|sku| end.sku.matches(sku)).unwrap();
    Side {
        group: end.group,
        group_name: end.group.to_string(),
        sku: sku.id,
        sku_name: sku.part_number.clone(),
        part_number: sku.part_number.clone(),
    }
}

fn setup(
    graph: Graph,
    clock: Arc<dyn Clock>,
    plan: Plan,
    past: Vec<(Timestamp, Event)>,
    writer: Option<Writer>,
    skus: Skus,
) -> Setup {
    let (operator, tenant) = ("test".to_owned(), Some("Contoso".to_owned()));
    Setup { graph, clock, plan, past, writer, beside: None, read_only: None, operator, tenant, skus }
}

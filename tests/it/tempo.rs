//! A run in simulated time: engine, client and tenant share one clock, which moves only when all of them wait.
//!
//! So the quotas are those that Graph publishes, a round trip takes as long as it is told to, and what is measured does not
//! depend on the machine. Only work that the processor or the disk does takes no time at all.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::config::Config;
use skuferry::config::End;
use skuferry::config::users;
use skuferry::config::users::Who;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::RunId;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::route::Route;
use skuferry::domain::route::Side;
use skuferry::domain::settings::Settings;
use skuferry::domain::sku::Skus;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine;
use skuferry::engine::Session;
use skuferry::engine::Setup;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::handle::Notice;
use skuferry::engine::plan::Plan;
use skuferry::engine::plan::Users;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::UserKey;
use skuferry::graph::auth::ClientSecret;
use skuferry::journal::AtOnce;
use skuferry::journal::Writer;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;
use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;

/// How far time moves at once while writes are under way; whatever happens is seen at most so much later.
const STEP: Duration = Duration::from_millis(10);
/// The same while nothing but time can help.
const LEAP: Duration = Duration::from_millis(500);
/// No run may take longer than this, in the time that moves.
const LONGEST: Duration = Duration::from_hours(24);
/// Nor a single answer.
const LONGEST_ANSWER: Duration = Duration::from_mins(5);
/// How often everybody has a turn before time moves on; a request and its answer take a dozen.
const TURNS: usize = 40;

/// The clock that tokio's time moves.
pub(crate) struct Moved {
    start: Timestamp,
    then: Instant,
}

impl Moved {
    /// A clock that begins at the machine's time.
    pub(crate) fn now_on() -> Self {
        Self { start: SystemClock.now(), then: Instant::now() }
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.then.elapsed()).unwrap()
    }
}

/// A tenant that lives at the speed of time, with its real quotas, and a run on it.
pub(crate) struct Tempo {
    pub(crate) sim: Sim,
    pub(crate) clock: Arc<dyn Clock>,
    handle: Handle,
    /// How long a round trip takes.
    trip: Duration,
    /// Seats to spare once the removal can begin, until they are set.
    spare: Option<i64>,
    _folder: TempDir,
}

impl Tempo {
    /// A run of so many users in one batch, on a tenant at so long a round trip. When the removal can begin, so many seats
    /// of the target are free beyond one for each user who is to be removed: 0 is not one to spare. Needs a paused clock
    /// and one thread.
    pub(crate) async fn open(scenario: Scenario, users: usize, trip: Duration, spare: i64) -> Self {
        Self::open_at(scenario, users, trip, spare, Duration::ZERO).await
    }

    /// The same where the tenant's clock is so long past the turn of a second when the run begins.
    pub(crate) async fn open_at(scenario: Scenario, users: usize, trip: Duration, spare: i64, past: Duration) -> Self {
        Self::begin(scenario, users, (trip, past), spare, (users, 1)).await
    }

    /// The same in batches of so many users, of which so many may be under way at once.
    pub(crate) async fn open_in_batches(
        scenario: Scenario,
        users: usize,
        trip: Duration,
        spare: i64,
        batch_size: usize,
        batches_under_way: usize,
    ) -> Self {
        Self::begin(scenario, users, (trip, Duration::ZERO), spare, (batch_size, batches_under_way)).await
    }

    async fn begin(
        scenario: Scenario,
        users: usize,
        (trip, past): (Duration, Duration),
        spare: i64,
        (batch_size, batches_under_way): (usize, usize),
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sim = Sim::start(Options { scenario, users, ..Options::default() }).await.unwrap();
        turn_of_second(&sim, past);
        sim.set_faults(&trips(trip)).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Moved::now_on());
        let config = Config::parse(&sim.config_toml(), Path::new("config.toml")).unwrap();
        let endpoints = Endpoints::custom(&sim.url(), &sim.url()).unwrap();
        // A night is longer than a token is good for.
        let token = ClientSecret::new(&endpoints, "contoso.com", "an-app", "s3cret".into(), clock.clone());
        let token = Arc::new(token.unwrap());
        let graph = Graph::new(endpoints, token, clock.clone()).unwrap();
        let skus = meanwhile(graph.skus()).await.unwrap();
        let ends = &config.migration;
        let route = Route { source: side(&ends.source, &skus), target: side(&ends.target, &skus) };
        let plan = Plan {
            route: route.clone(),
            choice: ends.scenario,
            accept_losses: Vec::new(),
            users: Users::List(keyed(&sim).into()),
            passed_over: Vec::new(),
            pilot: Vec::new(),
        };
        let interval = SignedDuration::from_secs(30);
        let settings = Settings { batch_size, batches_under_way, interval, ..config.settings };
        let run = RunInfo {
            id: RunId(Uuid::now_v7()),
            name: skuferry::words::config::name(ends),
            tenant: config.tenant.id,
            tenant_id: None,
            graph_url: None,
            route,
            choice: ends.scenario,
            settings,
            version: "test".into(),
            config: None,
            rehearsal: false,
        };
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path(), run.id).unwrap();
        let started = Event::RunStarted { run: Box::new(run), by: "test".into() };
        let now = clock.now();
        writer.append(now, &started).unwrap();
        let (operator, tenant, past) = ("test".to_owned(), None, vec![(now, started)]);
        let session = Session::Writes(Box::new(AtOnce::new(writer))); // a thread would live in another time
        let setup = Setup {
            graph,
            clock: clock.clone(),
            plan,
            past,
            session,
            operator,
            tenant,
            skus,
            worklists: None,
            window: None,
        };
        let (handle, _task) = engine::start(setup).unwrap();
        Self { sim, clock, handle, trip, spare: Some(spare), _folder: folder }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.handle.snapshots.borrow().clone()
    }

    /// An operator who says yes to all that is asked and excludes who is stuck, until the run is as wanted.
    pub(crate) async fn operate(&mut self, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let start = Instant::now();
        loop {
            let shot = self.snapshot();
            if wanted(&shot) {
                return shot;
            }
            assert!(start.elapsed() < LONGEST, "never as wanted: {:?} {:?}", shot.activity, shot.fault);
            assert!(shot.run.halted.is_none() && shot.read_only.is_none(), "{:?} {:?}", shot.run.halted, shot.fault);
            let waited_for = shot.run.users.iter().filter(|user| user.batch.is_some() && user.is_active());
            let stuck = waited_for.filter(|user| matches!(user.standing, Some(Standing::Stuck(_))));
            stuck.for_each(|user| self.send(Command::Exclude(user.id.unwrap())));
            let asks = questions::pending_question(&shot.run);
            if matches!(asks, Ok(PendingQuestion::Remove(_))) {
                self.leave_seats(&shot);
            }
            if asks.is_ok() {
                self.send(Command::Ask);
            }
            let hasty = matches!(
                shot.activity,
                Activity::Adding | Activity::LookingLast | Activity::Removing | Activity::AwaitingSeats
            ) || removes(&shot) && shot.activity == Activity::Polling;
            pass(if hasty { STEP } else { LEAP }).await;
            while let Ok(notice) = self.handle.notices.try_recv() {
                match notice {
                    Notice::Question(Question::Add(proposal)) => self.send(Command::Add(proposal.yes())),
                    Notice::Question(Question::Remove(proposal)) => {
                        let users = proposal.users().len().to_string();
                        self.send(Command::Remove(proposal.typed(&users).unwrap()));
                    }
                    Notice::Question(other) => panic!("{other:?}"),
                    _ => {}
                }
            }
        }
    }

    /// Leaves as many seats as the users who are to be removed will take, and those to spare.
    fn leave_seats(&mut self, shot: &Snapshot) {
        let Some(spare) = self.spare.take() else { return };
        let part = &shot.run.route.target.part_number;
        let state = self.sim.state();
        let sku = state["skus"].as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == **part).unwrap();
        let lacks = |user: &&UserId| {
            let place = shot.run.place(**user).unwrap();
            !shot.facts[place].as_ref().unwrap().holds(shot.run.route.target.sku)
        };
        // Those of every batch: a later one needs its seats, too.
        let to_come = shot.run.users.iter().filter(|user| user.batch.is_some() && user.is_active());
        let to_come: Vec<UserId> = to_come.filter_map(|user| user.id).collect();
        let needed = i64::try_from(to_come.iter().filter(lacks).count()).unwrap();
        let bought = sku["consumed"].as_i64().unwrap() + needed + spare;
        let seats = format!("[[event]]\nseats = {{ sku = \"{part}\", enabled = {bought} }}\n");
        self.sim.set_faults(&(trips(self.trip) + &seats)).unwrap();
    }

    pub(crate) fn send(&self, command: Command) {
        self.handle.commands.send(command).unwrap();
    }
}

/// Whether a batch is being removed.
fn removes(shot: &Snapshot) -> bool {
    let batches = shot.run.under_way_batches();
    batches.into_iter().any(|batch| shot.run.phase_of(batch) == Phase::RemoveFromSource)
}

/// What a whole migration took.
#[derive(Debug)]
pub(crate) struct Night {
    /// Minutes of the tenant, from the start to the end.
    pub(crate) minutes: f64,
    /// What was asked of it.
    pub(crate) traffic: Traffic,
    /// How many users were migrated.
    pub(crate) migrated: usize,
    /// The most batches that were between their first addition and their end at once.
    pub(crate) most_at_once: usize,
}

impl Night {
    /// Migrates so many users in batches of this size, so many of them under way at once, as fast as an operator may who
    /// needs no time.
    pub(crate) async fn of(scenario: Scenario, users: usize, batch_size: usize, under_way: usize) -> Self {
        let trip = Duration::from_millis(150);
        let mut run = Tempo::open_in_batches(scenario, users, trip, 40, batch_size, under_way).await;
        let (start, most) = (Instant::now(), std::cell::Cell::new(0));
        let begun = |shot: &Snapshot| {
            let phases = shot.run.batches.iter().map(|batch| batch.phase);
            phases.filter(|phase| !matches!(phase, Phase::Preflight | Phase::Complete)).count()
        };
        let shot = run
            .operate(|shot| {
                most.set(most.get().max(begun(shot)));
                shot.run.complete
            })
            .await;
        Self {
            minutes: start.elapsed().as_secs_f64() / 60.0,
            traffic: Traffic::of(&run.sim.log()),
            migrated: shot.run.users.iter().filter(|user| user.is_migrated()).count(),
            most_at_once: most.get(),
        }
    }
}

/// The fault that makes every round trip take so long; whatever else goes wrong stands behind it.
pub(crate) fn trips(trip: Duration) -> String {
    format!("[[fault]]\non = \"* /**\"\nin_batch = false\ndelay = \"{}ms\"\n", trip.as_millis())
}

/// Lets everybody do what can be done now, then moves time.
pub(crate) async fn pass(step: Duration) {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(step).await;
}

/// Brings the tenant's clock to so long past the turn of a second: its dates have whole seconds, and what they tell is then
/// the same whenever a machine runs a test.
fn turn_of_second(sim: &Sim, later: Duration) {
    let now: Timestamp = sim.state()["now"].as_str().unwrap().parse().unwrap();
    let past = u64::try_from(now.subsec_nanosecond()).unwrap();
    sim.advance(Duration::from_secs(1).saturating_sub(Duration::from_nanos(past)) + later);
}

/// Waits for something while time passes.
pub(crate) async fn meanwhile<T>(what: impl Future<Output = T>) -> T {
    tokio::pin!(what);
    let start = Instant::now();
    while start.elapsed() < LONGEST_ANSWER {
        tokio::select! { biased;
            done = &mut what => return done,
            () = pass(STEP) => {}
        }
    }
    panic!("it never came");
}

fn keyed(sim: &Sim) -> Vec<(skuferry::domain::preflight::Listed, Option<UserKey>)> {
    let key = |given: &str| match users::classify(given) {
        Who::Id(id) => Some(UserKey::Id(id)),
        Who::Upn(upn) => Some(UserKey::Upn(upn.into())),
        Who::Malformed => None,
    };
    let listed = users::read_list(&sim.users_csv()).unwrap().users;
    listed.into_iter().map(|listed| (listed.clone(), key(&listed.given))).collect()
}

fn side(end: &End, skus: &Skus) -> Side {
    let sku = skus.iter().find(|sku| end.sku.matches(sku)).unwrap();
    let (sku_name, part_number) = (sku.part_number.clone(), sku.part_number.clone());
    Side {
        group: end.group,
        group_name: end.group.to_string(),
        sku: sku.id,
        sku_name,
        part_number,
        moved_by: end.moved_by,
    }
}

/// What one stretch of a run asked of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// HTTP requests, each `$batch` one.
    pub(crate) requests: usize,
    /// Resource units.
    pub(crate) units: u32,
    /// Requests refused for haste, or sent before their `Retry-After` had passed.
    pub(crate) refused: usize,
    /// When each write came, in seconds from the first; in order.
    pub(crate) writes: Vec<f64>,
}

impl Traffic {
    /// Counts entries of the tenant's log.
    pub(crate) fn of(entries: &[LogEntry]) -> Self {
        let writes = entries.iter().filter(|entry| is_write(entry));
        let first = writes.clone().next().map(|entry| entry.at);
        Self {
            requests: entries.iter().filter(|entry| !entry.in_batch).count(),
            units: entries.iter().map(|entry| entry.resource_units).sum(),
            refused: entries.iter().filter(|entry| entry.early || entry.status == 429).count(),
            writes: writes.map(|entry| entry.at.duration_since(first.unwrap()).as_secs_f64()).collect(),
        }
    }

    /// The most writes within so many seconds.
    pub(crate) fn busiest(&self, window: f64) -> usize {
        let within = |from: f64| self.writes.iter().filter(|at| (from..from + window).contains(*at)).count();
        self.writes.iter().map(|from| within(*from)).max().unwrap_or_default()
    }

    /// Writes a second from the one at this place to the last, in shares of the rate of Graph's quota.
    pub(crate) fn rate(&self, from: usize) -> f64 {
        let (start, end) = (self.writes[from], self.writes[self.writes.len() - 1]);
        // Those that came together with the first one began the stretch and do not count.
        let later = self.writes.iter().filter(|at| **at > start).count();
        f64::from(u32::try_from(later).unwrap()) / (end - start) / QUOTA
    }
}

/// What each request of a part of the log was for: the kinds of what it asked, with how many requests and resource units.
pub(crate) fn purposes(entries: &[LogEntry]) -> BTreeMap<String, (usize, u32)> {
    let mut asked: BTreeMap<u64, (BTreeSet<&str>, u32)> = BTreeMap::new();
    for entry in entries {
        let request = asked.entry(entry.outer.unwrap_or(entry.number)).or_default();
        request.0.extend(purpose(entry));
        request.1 += entry.resource_units;
    }
    let mut purposes = BTreeMap::new();
    for (kinds, units) in asked.into_values() {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let sum: &mut (usize, u32) = purposes.entry(kinds.join(" + ")).or_default();
        *sum = (sum.0 + 1, sum.1 + units);
    }
    purposes
}

/// What one request asked for; nothing of a `$batch`, as what it holds says that.
fn purpose(entry: &LogEntry) -> Option<&'static str> {
    let path = entry.path.as_str();
    Some(match &*entry.method {
        _ if path.ends_with("/$batch") => return None,
        "DELETE" => "removals",
        "GET" if path.contains("/subscribedSkus") => "seats",
        "GET" if path.contains("/members") => "pages",
        "GET" if path.contains("/groups/") => "groups",
        "GET" if path.contains("/memberOf") => "memberships",
        "GET" if path.contains("$expand") => "point reads with groups",
        "GET" if path.contains("/users/") => "point reads",
        "GET" => "other reads",
        _ => "other writes",
    })
}

/// Writes of one app in one tenant a second: 3,000 in 150 s (Microsoft Graph, "Service-specific throttling limits").
const QUOTA: f64 = 20.0;

fn is_write(entry: &LogEntry) -> bool {
    entry.method != "GET" && !entry.path.ends_with("/$batch")
}

/// What removes whoever is left after a canary of so many.
pub(crate) fn removal(log: &[LogEntry], canary: usize) -> Traffic {
    Traffic::of(removal_in(log, canary))
}

/// The part of a log that removes whoever is left after a canary of so many, up to the last removal.
pub(crate) fn removal_in(log: &[LogEntry], canary: usize) -> &[LogEntry] {
    let mut removals = log.iter().enumerate().filter(|(_, entry)| entry.method == "DELETE").map(|(at, _)| at);
    let last_of_canary = removals.nth(canary - 1).unwrap();
    &log[last_of_canary + 1..=removals.next_back().unwrap()]
}

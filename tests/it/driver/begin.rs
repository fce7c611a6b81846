//! How a run begins: a tenant, what the config of it says, a journal, and the engine on top.

use std::path::PathBuf;
use std::sync::Arc;

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
use skuferry::domain::route::MovedBy;
use skuferry::domain::route::Route;
use skuferry::domain::route::Side;
use skuferry::domain::settings::Settings;
use skuferry::domain::sku::Skus;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::window::Window;
use skuferry::engine;
use skuferry::engine::Session;
use skuferry::engine::Setup;
use skuferry::engine::plan::Plan;
use skuferry::engine::plan::Users;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::TokenSource;
use skuferry::graph::UserKey;
use skuferry::graph::auth::AccessToken;
use skuferry::graph::auth::ClientSecret;
use skuferry::journal;
use skuferry::journal::AtOnce;
use skuferry::journal::Background;
use skuferry::journal::Keeper;
use skuferry::journal::Writer;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;
use uuid::Uuid;

use crate::driver::APP;
use crate::driver::Direction;
use crate::driver::Rig;
use crate::driver::SPEED;
use crate::witness::Witness;

impl Rig {
    /// A tenant by these options and a new run on it, all users in one batch unless the settings are changed.
    pub(crate) async fn open(options: Options, set: impl FnOnce(&mut Settings)) -> Self {
        Self::open_by(options, set, async |_, _| Direction::default()).await
    }

    /// The same with events kept by what is made of the journal's writer.
    pub(crate) async fn open_with(
        options: Options,
        set: impl FnOnce(&mut Settings),
        keeper: impl FnOnce(Writer) -> Box<dyn Keeper> + Send + Sync + 'static,
    ) -> Self {
        let keeper: Box<dyn FnOnce(Writer) -> Box<dyn Keeper> + Send + Sync> = Box::new(keeper);
        Self::open_by(options, set, async |_, _| Direction { keeper: Some(keeper), ..Direction::default() }).await
    }

    /// The same with the engine's clock, made from the journal's path.
    pub(crate) async fn open_at(
        options: Options,
        set: impl FnOnce(&mut Settings),
        clock: impl FnOnce(PathBuf) -> Arc<dyn Clock>,
    ) -> Self {
        Self::open_by(options, set, async |_, journal| Direction {
            clock: Some(clock(journal)),
            at_once: true,
            ..Direction::default()
        })
        .await
    }

    /// The same, when the tenant or the way to it is changed before the engine asks for the first time. `prepare` is
    /// given the tenant and the journal's path.
    pub(crate) async fn open_by(
        options: Options,
        set: impl FnOnce(&mut Settings),
        prepare: impl AsyncFnOnce(&Arc<Sim>, PathBuf) -> Direction,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sim = Arc::new(Sim::start(Options { speed: SPEED, ..options }).await.unwrap());
        Self::start(sim, set, prepare, [MovedBy::Skuferry; 2]).await
    }

    /// A new run on a tenant whose source and target group these change.
    pub(crate) async fn moved_by(
        sim: Arc<Sim>,
        moved_by: [MovedBy; 2],
        set: impl FnOnce(&mut Settings),
        clock: impl FnOnce(PathBuf) -> Arc<dyn Clock>,
    ) -> Self {
        let direction = async |_: &Arc<Sim>, journal| Direction {
            clock: Some(clock(journal)),
            at_once: true,
            goes_on: true,
            ..Direction::default()
        };
        Self::start(sim, set, direction, moved_by).await
    }

    /// A new run on a tenant that is there already, with a clock that goes on when the run is taken up again.
    pub(crate) async fn on(
        sim: Arc<Sim>,
        set: impl FnOnce(&mut Settings),
        clock: impl FnOnce(PathBuf) -> Arc<dyn Clock>,
    ) -> Self {
        let direction = async |_: &Arc<Sim>, journal| Direction {
            clock: Some(clock(journal)),
            at_once: true,
            goes_on: true,
            ..Direction::default()
        };
        Self::start(sim, set, direction, [MovedBy::Skuferry; 2]).await
    }

    async fn start(
        sim: Arc<Sim>,
        set: impl FnOnce(&mut Settings),
        prepare: impl AsyncFnOnce(&Arc<Sim>, PathBuf) -> Direction,
        [from, to]: [MovedBy; 2],
    ) -> Self {
        let witness = Witness::start(&sim);
        let config = Config::parse(&sim.config_toml(), &PathBuf::from("config.toml")).unwrap();
        let token = sim.access_token();
        let graph = client(&sim, &Direction::default(), &token);
        let skus = graph.skus().await.unwrap();
        let ends = &config.migration;
        let route = Route { source: side(&ends.source, &skus), target: side(&ends.target, &skus) };
        let mut route = route;
        (route.source.moved_by, route.target.moved_by) = (from, to);
        let listed = users::read_list(&sim.users_csv()).unwrap().users;
        let keyed = listed.into_iter().map(|listed| {
            let key = match users::classify(&listed.given) {
                Who::Id(id) => Some(UserKey::Id(id)),
                Who::Upn(upn) => Some(UserKey::Upn(upn.into())),
                Who::Malformed => None,
            };
            (listed, key)
        });
        let plan = Plan {
            route: route.clone(),
            choice: ends.scenario,
            accept_losses: Vec::new(),
            users: Users::List(keyed.collect()),
            passed_over: Vec::new(),
            pilot: Vec::new(),
        };
        let mut settings = Settings {
            batch_size: 1000,
            batches_under_way: 1,
            interval: SignedDuration::from_millis(40),
            stuck_after: SignedDuration::from_secs(20),
            unlicensed_grace: SignedDuration::from_secs(2),
            ..config.settings
        };
        set(&mut settings);
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
        let folder = folder();
        let mut writer = Writer::create(folder.path(), run.id).unwrap();
        let started = Event::RunStarted { run: Box::new(run.clone()), by: "test".into() };
        let at = SystemClock.now();
        writer.append(at, &started).unwrap();
        let mut direction = prepare(&sim, journal::file(folder.path(), run.id)).await;
        let graph = client(&sim, &direction, &token);
        let session = session(writer, &mut direction);
        let setup = setup(
            graph,
            direction.clock(),
            plan.clone(),
            vec![(at, started)],
            session,
            (skus.clone(), Some(folder.path().join("worklists"))),
            direction.window.clone(),
        );
        let (handle, task) = engine::start(setup).unwrap();
        Self { sim, run, witness, said: Vec::new(), direction, token, plan, skus, folder, handle, task }
    }
}

/// A folder for the journal, in memory where there is such a thing: it is written hundreds of times in each test.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(super) fn client(sim: &Sim, direction: &Direction, token: &str) -> Graph {
    let endpoints = Endpoints::custom(direction.url.as_deref().unwrap_or(&sim.url()), &sim.url()).unwrap();
    let clock = direction.clock();
    let tokens: Arc<dyn TokenSource> = if let Some(make) = &direction.tokens {
        make(&endpoints, clock.clone())
    } else if direction.signs_in {
        Arc::new(ClientSecret::new(&endpoints, "contoso.com", APP, "s3cret".into(), clock.clone()).unwrap())
    } else {
        Arc::new(AccessToken::new(token.to_owned().into()))
    };
    let graph = Graph::new(endpoints, tokens, clock).unwrap();
    graph.set_speed(SPEED);
    graph
}

pub(crate) fn side(end: &End, skus: &Skus) -> Side {
    let sku = skus.iter().find(|sku| end.sku.matches(sku)).unwrap();
    Side {
        group: end.group,
        group_name: end.group.to_string(),
        sku: sku.id,
        sku_name: sku.part_number.clone(),
        part_number: sku.part_number.clone(),
        moved_by: end.moved_by,
    }
}

/// A session that keeps what happens, as the program does it or each event at once.
pub(super) fn session(writer: Writer, direction: &mut Direction) -> Session {
    if let Some(keeper) = direction.keeper.take() {
        return Session::Writes(keeper(writer));
    }
    Session::Writes(if direction.at_once {
        Box::new(AtOnce::new(writer))
    } else {
        Box::new(Background::start(writer).unwrap())
    })
}

pub(super) fn setup(
    graph: Graph,
    clock: Arc<dyn Clock>,
    plan: Plan,
    past: Vec<(Timestamp, Event)>,
    session: Session,
    (skus, worklists): (Skus, Option<PathBuf>),
    window: Option<Window>,
) -> Setup {
    let (operator, tenant) = ("test".to_owned(), Some("Contoso".to_owned()));
    Setup { graph, clock, plan, past, session, operator, tenant, skus, worklists, window }
}

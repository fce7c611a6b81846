//! Two tenants beside each other, and the phases of a migration walked on both.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::config::Config;
use skuferry::config::users;
use skuferry::config::users::Who;
use skuferry::domain::id::UserId;
use skuferry::domain::preflight;
use skuferry::domain::preflight::Facts;
use skuferry::domain::route::Route;
use skuferry::domain::standing::Removal;
use skuferry::domain::standing::Standing;
use skuferry::engine::plan;
use skuferry::engine::plan::Plan;
use skuferry::engine::plan::Users;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::UserKey;
use skuferry::graph::auth::AccessToken;
use skuferry::rehearse;
use skuferry::rehearse::TenantCopy;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::driver::begin::side;
use crate::sim_kit;

/// Licensing reaches everybody after a minute, in the order in which it was asked for, and no read lags.
const EVEN: &str =
    "[licensing]\nleast = \"60s\"\ntypical = \"60s\"\nmost = \"60s\"\n[lag]\nlists = \"0s\"\nindex = \"0s\"\n";

/// A tenant whose clock stands still, and what a migration reads of it.
pub(super) struct Side {
    pub(super) sim: Sim,
    pub(super) graph: Graph,
    client: reqwest::Client,
}

/// Where users stand, by their ids.
pub(super) type Standings = BTreeMap<UserId, Standing>;

impl Side {
    /// A tenant of a file; the reason where the file makes none.
    pub(super) async fn of(tenant: &str) -> Result<Self, String> {
        Self::seeded(tenant, 1).await
    }

    /// The same with luck of its own.
    pub(super) async fn seeded(tenant: &str, seed: u64) -> Result<Self, String> {
        let client = sim_kit::client();
        let options = Options { tenant: Some(tenant.to_owned()), seed, ..Options::default() };
        let sim = Sim::start(options).await.map_err(|error| error.to_string())?;
        sim.freeze();
        Ok(Self { graph: graph(&sim), sim, client })
    }

    /// The same licensing on every tenant, so that luck cannot part two of them.
    pub(super) fn even(&self) {
        self.sim.set_faults(EVEN).unwrap();
        // What happened on the tenant just before must not be behind a lag.
        self.sim.advance(Duration::from_mins(1));
    }

    /// What the tenant's own config and list ask for.
    pub(super) async fn plan(&self) -> Plan {
        let config = Config::parse(&self.sim.config_toml(), "config.toml".as_ref()).unwrap();
        let skus = self.graph.skus().await.unwrap();
        let ends = &config.migration;
        let list = users::read_list(&self.sim.users_csv()).unwrap();
        let keyed = list.users.into_iter().map(|listed| {
            let key = match users::classify(&listed.given) {
                Who::Id(id) => Some(UserKey::Id(id)),
                Who::Upn(upn) => Some(UserKey::Upn(upn.into())),
                Who::Malformed => None,
            };
            (listed, key)
        });
        Plan {
            route: Route { source: side(&ends.source, &skus), target: side(&ends.target, &skus) },
            choice: ends.scenario,
            accept_losses: Vec::new(),
            users: Users::List(keyed.collect()),
            passed_over: list.passed_over,
            pilot: Vec::new(),
        }
    }

    /// Reads the copy.
    pub(super) async fn copy(&self) -> TenantCopy {
        rehearse::read(&self.graph, &self.plan().await, SystemClock.now()).await.unwrap()
    }

    /// What preflight looks at, with a plan of this tenant.
    pub(super) async fn facts(&self, plan: &Plan) -> Facts {
        let read_at = "2026-11-27T00:00:00Z".parse().unwrap();
        plan::gather(&self.graph, plan, read_at).await.unwrap()
    }

    async fn standings(&self, facts: &Facts, removed: &[UserId]) -> Standings {
        let classifier = preflight::classifier(facts);
        let ids: Vec<UserId> = found(facts);
        let reads = self.graph.point_reads(&ids).await.into_iter();
        let stands = |(id, read): (UserId, Result<_, _>)| {
            let read: skuferry::domain::read::PointRead = read.unwrap();
            let removal = if removed.contains(&id) { Removal::Sent } else { Removal::NotSent };
            (id, classifier.standing(read.facts.as_ref(), removal))
        };
        reads.map(stands).collect()
    }

    async fn write(&self, method: Method, path: &str, body: Option<Value>) -> u16 {
        let url = format!("{}/v1.0{path}", self.sim.url());
        let request = self.client.request(method, url).bearer_auth(self.sim.access_token());
        let request = match body {
            Some(body) => request.json(&body),
            None => request.header("content-length", "0"),
        };
        request.send().await.unwrap().status().as_u16()
    }

    /// Walks the phases without an operator: adds who is ready, then removes who is safe. Gives the standings before the
    /// first and after each.
    pub(super) async fn walk(&self, plan: &Plan) -> Vec<Standings> {
        let facts = self.facts(plan).await;
        let found = preflight::check(&facts);
        let ready = found.users.iter().filter(|user| user.is_ready()).filter_map(|user| user.id);
        let ready: Vec<UserId> = ready.collect();
        let (source, target) = (plan.route.source.group, plan.route.target.group);
        let mut all = vec![self.standings(&facts, &[]).await];
        for user in &ready {
            let link = json!({ "@odata.id": format!("{}/v1.0/directoryObjects/{user}", self.sim.url()) });
            let _ = self.write(Method::POST, &format!("/groups/{target}/members/$ref"), Some(link)).await;
        }
        self.sim.advance(Duration::from_mins(2));
        all.push(self.standings(&facts, &[]).await);
        let scenario = found.scenario;
        let safe: Vec<UserId> = ready.into_iter().filter(|user| all[1][user].is_safe(scenario)).collect();
        for user in &safe {
            let _ = self.write(Method::DELETE, &format!("/groups/{source}/members/{user}/$ref"), None).await;
        }
        self.sim.advance(Duration::from_mins(2));
        all.push(self.standings(&facts, &safe).await);
        all
    }
}

/// A client of a tenant.
pub(super) fn graph(sim: &Sim) -> Graph {
    let endpoints = Endpoints::custom(&sim.url(), &sim.url()).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let graph = Graph::new(endpoints, Arc::new(AccessToken::new(sim.access_token().into())), clock).unwrap();
    graph.set_speed(1000.0);
    graph
}

fn found(facts: &Facts) -> Vec<UserId> {
    let found = preflight::check(facts);
    let mut ids: Vec<UserId> = found.users.iter().filter_map(|user| user.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Side {
    /// Adds a user to a group as somebody else would.
    pub(super) async fn add(&self, group: skuferry::domain::id::GroupId, user: UserId) {
        let link = json!({ "@odata.id": format!("{}/v1.0/directoryObjects/{user}", self.sim.url()) });
        let status = self.write(Method::POST, &format!("/groups/{group}/members/$ref"), Some(link)).await;
        assert_eq!(status, 204);
        self.sim.advance(Duration::from_secs(5));
    }

    /// Whether a user has anything from a group, in whatever state.
    pub(super) async fn has_from(&self, user: UserId, group: skuferry::domain::id::GroupId) -> bool {
        let facts = self.graph.find_users(&[UserKey::Id(user)]).await.unwrap().remove(0).unwrap();
        facts.states.iter().any(|one| one.group == Some(group))
    }
}

impl Side {
    /// A tenant that is there already, its clock going on, with a client that keeps its own pace.
    pub(super) fn on(sim: Sim, graph: Graph) -> Self {
        Self { sim, graph, client: sim_kit::client() }
    }
}

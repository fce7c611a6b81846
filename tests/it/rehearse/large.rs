//! What a copy of many users costs, against the quota of Graph itself.

use std::sync::Arc;
use std::time::Duration;

use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::auth::AccessToken;
use skuferry::rehearse;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::rehearse::both::Side;

const USERS: usize = 10_000;
/// Resource units that flow in each second for an app in a small tenant, of which we take what is below the share that is told
/// of (Microsoft Graph, "Service-specific throttling limits", identity and access).
const UNITS_A_SECOND: f64 = 3_500.0 * 0.975 / 10.0;
/// What a request may take there and back when it waits for nothing.
const ROUND_TRIP: f64 = 1.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_users_are_copied_in_under_two_minutes_of_the_quota() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = Sim::start(Options { users: USERS, ..Options::default() }).await.unwrap();
    // At Graph's own pace, which this client keeps.
    let endpoints = Endpoints::custom(&sim.url(), &sim.url()).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let graph = Graph::new(endpoints, Arc::new(AccessToken::new(sim.access_token().into())), clock).unwrap();
    let side = Side::on(sim, graph);
    let plan = side.plan().await;
    let before = side.sim.log().len();
    let copy = rehearse::read(&side.graph, &plan, SystemClock.now()).await.unwrap();
    let log = side.sim.log().split_off(before);
    assert_eq!(copy.users.len(), USERS);
    assert!(log.iter().all(|entry| entry.method == "GET" || entry.path.ends_with("/$batch")), "only reads");
    assert!(log.iter().all(|entry| entry.status != 429), "the quota was never exceeded");
    let (requests, units) =
        (log.iter().filter(|entry| !entry.in_batch).count(), log.iter().map(|entry| entry.resource_units).sum::<u32>());
    // As if nothing were asked beside anything else.
    let seconds = f64::from(units) / UNITS_A_SECOND + f64::from(u32::try_from(requests).unwrap()) * ROUND_TRIP;
    println!("{USERS} users: {requests} requests, {units} resource units, at most {seconds:.1} s");
    assert!(seconds < Duration::from_mins(2).as_secs_f64(), "{requests} requests, {units} units, {seconds} s");
    let (text, unsaid) = rehearse::tenant_file(&copy);
    assert!(unsaid.is_empty() && text.matches("\n[[user]]\n").count() == USERS, "{unsaid:?}");
}

//! A list of users whom the tenant does not have, as an admin brings it from another tenant. In simulated time.

use std::sync::Arc;
use std::time::Duration;

use skuferry::clock::Clock;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::UserKey;
use skuferry::graph::auth::AccessToken;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tokio::time::Instant;

use crate::tempo::Moved;
use crate::tempo::meanwhile;
use crate::tempo::trips;

/// The longest that it may take.
const MINUTE: Duration = Duration::from_mins(1);
const TRIP: Duration = Duration::from_millis(150);

#[tokio::test(start_paused = true)]
async fn twenty_thousand_unknown_names_are_looked_up_in_under_a_minute_against_the_real_quota() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
    sim.set_faults(&trips(TRIP)).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Moved::now_on());
    let token = Arc::new(AccessToken::new(sim.access_token().into()));
    let graph = Graph::new(Endpoints::custom(&sim.url(), &sim.url()).unwrap(), token, clock).unwrap();
    let names: Vec<_> = (0..20_000).map(|name| UserKey::Upn(format!("nobody{name}@contoso.com").into())).collect();
    let began = Instant::now();
    let found = meanwhile(graph.find_users(&names)).await.unwrap();
    let took = began.elapsed();
    assert_eq!((found.len(), found.iter().flatten().count()), (20_000, 0));
    assert!(took < MINUTE, "{took:?}");
    let log = sim.log();
    assert_eq!(log.iter().filter(|entry| entry.status == 429).count(), 0);
    let alone = log.iter().filter(|entry| !entry.in_batch && !entry.path.ends_with("/$batch")).count();
    assert_eq!(alone, 0, "all went 20 to a batch");
}

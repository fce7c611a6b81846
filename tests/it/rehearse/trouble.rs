//! What may be added to a rehearsal goes wrong there, and only then.

use std::time::Duration;

use skuferry::domain::preflight;
use skuferry::domain::standing::Standing;
use skuferry::rehearse;
use skuferry::rehearse::Trouble;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::rehearse::both::Side;
use crate::rehearse::both::graph;

/// The copy of a seeded tenant with this trouble, and how many of its users preflight has ready.
async fn troubled(scenario: Scenario, trouble: Trouble) -> (Side, rehearse::TenantCopy, usize) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = Sim::start(Options { users: 30, scenario, ..Options::default() }).await.unwrap();
    sim.freeze();
    let graph = graph(&sim);
    let mut copy = Side::on(sim, graph).copy().await;
    copy.add_trouble(trouble);
    let side = Side::seeded(&rehearse::tenant_file(&copy).0, 7).await.unwrap();
    let ready = preflight::check(&side.facts(&copy.plan).await).ready();
    (side, copy, ready)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_get_stuck_after_the_add_and_nobody_loses_anything() {
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        let (none, plain, ready) = troubled(scenario, Trouble::default()).await;
        let (side, copy, same) = troubled(scenario, Trouble { stuck: 3, ..Trouble::default() }).await;
        assert_eq!((copy.stuck.len(), same), (3, ready), "preflight does not see it coming");
        let stuck = |all: &[crate::rehearse::both::Standings]| -> Vec<usize> {
            all.iter().map(|phase| phase.values().filter(|one| matches!(one, Standing::Stuck(_))).count()).collect()
        };
        let (before, after) = (none.walk(&plain.plan).await, side.walk(&copy.plan).await);
        assert_eq!(stuck(&after)[1], stuck(&before)[1] + 3, "{scenario:?}");
        assert!(after[2].values().all(|one| *one != Standing::Unlicensed), "{scenario:?}");
        let all_three = copy.stuck.iter().all(|user| matches!(after[1][user], Standing::Stuck(_)));
        assert!(all_three, "{scenario:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_go_once_the_first_user_is_added_and_not_before() {
    let trouble = Trouble { seats_short: 4, ..Trouble::default() };
    let (side, copy, ready) = troubled(Scenario::NonConflicting, trouble).await;
    let target = copy.plan.route.target.sku;
    let free = async || side.graph.skus().await.unwrap().get(target).unwrap().free_seats();
    side.sim.advance(Duration::from_mins(20));
    let found = preflight::check(&side.facts(&copy.plan).await);
    let needed = found.products.iter().find(|one| one.sku == target).unwrap().needed;
    assert!(ready > 10 && free().await >= needed, "preflight has seats for everybody");
    let user = found.users.iter().find(|user| user.is_ready()).and_then(|user| user.id).unwrap();
    side.add(copy.plan.route.target.group, user).await;
    assert_eq!(free().await, needed - 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throttled_copy_refuses_for_haste_and_is_read_all_the_same() {
    let trouble = Trouble { throttled: true, ..Trouble::default() };
    let (side, _, ready) = troubled(Scenario::Conflicting, trouble).await;
    assert!(ready > 10);
    // The next request but fourteen at the latest.
    for _ in 0..15 {
        side.graph.skus().await.unwrap();
        if side.sim.log().iter().any(|entry| entry.status == 429) {
            return;
        }
    }
    panic!("nothing was refused");
}

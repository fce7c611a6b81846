//! Rule 4 for every product of the target group: seats of a companion product run out while the route's own has plenty.

use std::sync::Arc;

use serde_json::json;
use skuferry::clock::SystemClock;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::migration::Fact;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::seat_ledger::Shortage;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::driver::Direction;
use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::say_yes;
use crate::sim_kit;
use crate::witness;

const COMPANION: &str = "AAD_PREMIUM";

/// A run whose target group assigns a second product with many seats, at the question whether to remove.
async fn at_the_removal(users: usize) -> Rig {
    let options = Options { users, seed: 5, ..Options::default() };
    let mut rig = Rig::open_by(
        options,
        |settings| (settings.canary, settings.max_stuck) = (1, 30),
        async |sim, _| {
            leave(sim, 1_000);
            assign(sim).await;
            Direction { clock: Some(Arc::new(SystemClock)), ..Direction::default() }
        },
    )
    .await;
    let ready = |shot: &Snapshot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)));
    rig.operate("a removal waits", ready).await;
    rig
}

/// Another administrator has the target group assign the companion too.
async fn assign(sim: &Sim) {
    let group = skuferry::config::Config::parse(&sim.config_toml(), std::path::Path::new("config.toml"))
        .unwrap()
        .migration
        .target
        .group;
    let (sku, _) = seats(sim);
    let body = json!({ "addLicenses": [{ "skuId": sku, "disabledPlans": [] }], "removeLicenses": [] });
    let request = sim_kit::client()
        .post(format!("{}/v1.0/groups/{group}/assignLicense", sim.url()))
        .bearer_auth(sim.access_token())
        .header("client-request-id", witness::ANOTHER)
        .header("content-type", "application/json")
        .body(body.to_string());
    assert_eq!(request.send().await.unwrap().status(), 202);
}

/// The companion's id, and how many of its seats are taken.
fn seats(sim: &Sim) -> (String, u64) {
    let state = sim.state();
    let sku = state["skus"].as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == COMPANION).unwrap().clone();
    (sku["skuId"].as_str().unwrap().to_owned(), sku["consumed"].as_u64().unwrap())
}

/// So many seats of the companion are left free.
fn leave(sim: &Sim, free: u64) {
    let enabled = seats(sim).1 + free;
    sim.set_faults(&format!("[[event]]\nseats = {{ sku = \"{COMPANION}\", enabled = {enabled} }}\n")).unwrap();
}

fn removed(shot: &Snapshot) -> usize {
    shot.run.users.iter().filter(|user| user.remove.is_done()).count()
}

/// Waits for the halt, and sees that it is about seats.
async fn shortage(rig: &mut Rig) -> Shortage {
    let shot = rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    match shot.run.halted.as_ref().map(|halt| halt.why.clone()) {
        Some(HaltReason::Seats(found)) => found,
        other => panic!("{other:?}\n{}", rig.tale()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_companion_runs_out_after_the_addition_nobody_is_removed() {
    let mut rig = at_the_removal(12).await;
    let all = rig.snapshot().run.count(0, Fact::Removable);
    leave(&rig.sim, 2);
    say_yes(&mut rig).await;
    let short = shortage(&mut rig).await;
    assert_eq!((short.available, short.needed), (2, i64::try_from(all).unwrap()), "{}", rig.tale());
    assert_eq!(short.product.as_deref(), Some("Microsoft Entra ID P1"));
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), 0, "{}", rig.tale());
}

/// The canary has left and its own seat is there; what another administrator leaves is too little for the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_another_takes_the_last_companion_seats_the_others_stay() {
    let mut rig = at_the_removal(30).await;
    rig.sim.set_faults("[licensing]\nleast = \"20m\"\ntypical = \"20m\"\nmost = \"20m\"\n").unwrap();
    say_yes(&mut rig).await;
    let left = rig.wait("the canary left", |shot| removed(shot) == 1).await.run.count(0, Fact::Removable);
    leave(&rig.sim, 1 + 3);
    let short = shortage(&mut rig).await;
    assert_eq!((short.available, short.needed), (3, i64::try_from(left).unwrap()), "{}", rig.tale());
    assert_eq!(short.product.as_deref(), Some("Microsoft Entra ID P1"));
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), 1, "{}", rig.tale());
}

//! Rule 4 and who is stuck after the removal: they take a seat as soon as licensing looks at them again.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Fact;
use skuferry::domain::order::MOST_PER_ORDER;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::Timestamp;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;

use crate::canary_seats::leave_seats;
use crate::canary_seats::removed;
use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::say_yes;
use crate::sim_kit;
use crate::witness;

/// Licensing comes to nobody soon, and the first removal from now on is long on its way.
const SLEEPS: &str = "[licensing]\nleast = \"20m\"\ntypical = \"20m\"\nmost = \"20m\"\n\
                      [[fault]]\non = \"DELETE /groups/**\"\nnth = 1\ndelay = \"300ms\"\n";
/// Longer than that, and twice of it shorter than a token lives.
const LATER: Duration = Duration::from_mins(25);

/// Another administrator asks something of a user.
async fn another(rig: &Rig, user: UserId, action: &str, body: &Value) {
    let request = sim_kit::client()
        .post(format!("{}/v1.0/users/{user}/{action}", rig.sim.url()))
        .bearer_auth(rig.sim.access_token())
        .header("client-request-id", witness::ANOTHER)
        .header("content-type", "application/json")
        .body(body.to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

fn stuck(shot: &Snapshot, user: UserId) -> bool {
    shot.run.user(user).is_some_and(|user| matches!(user.standing, Some(Standing::Stuck(_))))
}

/// One of those who left is given the old license directly before licensing comes to them, so that the new one stays in
/// conflict and takes no seat. Just as many seats are free as there are users left.
async fn with_somebody_stuck() -> (Rig, UserId, usize, usize) {
    let options = Options { users: 30, seed: 5, ..Options::default() };
    let mut rig = Rig::open(options, |settings| (settings.canary, settings.max_stuck) = (1, 30)).await;
    let ready = |shot: &Snapshot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)));
    let all = rig.operate("a removal waits", ready).await.run.count(0, Fact::Removable);
    let gone = 1 + MOST_PER_ORDER;
    say_yes(&mut rig).await;
    rig.wait("the canary left", |shot| removed(shot) == 1).await;
    rig.sim.set_faults(SLEEPS).unwrap();
    rig.until("an order left", |rig| asked(rig, "DELETE", "/members/").len() >= 2).await;
    rig.sim.freeze();
    rig.send(Command::Halt);
    let shot = rig.wait("it left", |shot| removed(shot) == gone).await;
    let waits = |user: &&std::sync::Arc<skuferry::domain::user::User>| user.remove.is_done() && !user.has_arrived();
    let one = shot.run.active().find(waits).and_then(|user| user.id).unwrap();
    let old = rig.run.route.source.sku.to_string();
    let give = json!({ "addLicenses": [{ "skuId": old, "disabledPlans": [] }], "removeLicenses": [] });
    another(&rig, one, "assignLicense", &give).await;
    rig.sim.advance(LATER);
    rig.sim.thaw();
    rig.send(Command::PollNow);
    rig.wait("one is stuck", |shot| stuck(shot, one)).await;
    leave_seats(&rig, all - gone);
    rig.send(Command::LiftHalt(Timestamp::MAX));
    rig.wait_for(PendingQuestion::Remove(all - gone)).await;
    (rig, one, all, gone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_is_kept_for_who_left_and_is_stuck() {
    let (mut rig, one, all, gone) = with_somebody_stuck().await;
    say_yes(&mut rig).await;
    let decided = |shot: &Snapshot| shot.activity == Activity::AwaitingSeats || removed(shot) > gone;
    rig.wait("decided", decided).await;
    // The old license is taken off again, and licensing looks at them: they take the seat that they had waited for.
    let old = rig.run.route.source.sku.to_string();
    another(&rig, one, "assignLicense", &json!({ "addLicenses": [], "removeLicenses": [old] })).await;
    another(&rig, one, "reprocessLicenseAssignment", &json!({})).await;
    rig.sim.advance(LATER);
    rig.send(Command::PollNow);
    rig.wait("the one arrived", |shot| shot.run.user(one).unwrap().has_arrived()).await;
    let bare = |user: &&Value| user["skus"].as_array().unwrap().is_empty();
    let planned: Vec<String> = rig.planned().iter().map(ToString::to_string).collect();
    let state = rig.sim.state();
    let ours = state["users"].as_array().unwrap().iter().filter(|user| planned.iter().any(|id| user["id"] == **id));
    assert_eq!(ours.filter(bare).count(), 0, "without a license\n{}", rig.tale());
    // One seat was kept for them, and so one of the others has not left.
    let shot = rig.snapshot();
    assert_eq!((removed(&shot), shot.run.user(one).unwrap().has_arrived()), (all - 1, true), "{}", rig.tale());
}

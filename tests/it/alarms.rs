//! Who rings the alarm, and who does not.

use skuferry::domain::event::Event;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::standing::Standing;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::scene;
use crate::witness;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_blocked_without_a_license_rings_no_alarm() {
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let stripped = rig.planned()[2];
    let mut other = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    other.sim.set_faults(&format!("[[event]]\nstrip = \"{stripped}\"\n")).unwrap();
    other.send(skuferry::engine::handle::Command::PollNow);
    let shot = other.wait_for(PendingQuestion::Add(3)).await;
    let user = shot.run.user(stripped).unwrap();
    assert!(user.is_blocked() && user.standing == Some(Standing::Unlicensed), "{user:?}");
    assert!(shot.run.alarm.is_none() && shot.run.halted.is_none());
    let shot = other.finish().await;
    assert_eq!(shot.run.users.iter().filter(|user| user.is_migrated()).count(), 3);
    assert!(witness::writes(&other).iter().all(|write| write.user != stripped));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_blocked_and_stuck_before_trips_no_breaker() {
    let mut rig =
        Rig::open(Options { users: 12, seed: 1, ..Options::default() }, |settings| settings.max_stuck = 0).await;
    let shot = rig.wait("preflight is made", |shot| shot.run.users.iter().any(|user| user.was_stuck)).await;
    let stuck: Vec<_> = shot.run.users.iter().filter(|user| user.was_stuck).collect();
    assert!(stuck.iter().all(|user| user.is_blocked() && user.batch.is_none()), "{stuck:?}");
    assert!(shot.run.halted.is_none(), "{:?}", shot.run.halted);
    assert!(rig.ask().await.is_ok(), "the addition waits");
}

/// Lifting the halt is one decision, and having seen that users were without a license another.
#[test]
fn an_alarm_outlives_its_halt_until_it_is_acknowledged() {
    let mut scene = scene::removable();
    scene.later(10).removed();
    let user = scene.active()[0];
    scene.later(1).observed(&[user], &Standing::Unlicensed);
    scene.event(Event::AlarmRaised { users: vec![user] });
    scene.later(1).observed(&[user], &Standing::Migrated);
    scene.event(Event::HaltLifted { by: "test".into() });
    assert_eq!(questions::pending_question(&scene.snapshot.run), Ok(PendingQuestion::Alarm));
}

#[test]
fn the_breaker_counts_who_was_stuck_and_came_free() {
    let mut scene = scene::verifying();
    let user = scene.active()[0];
    let before = scene.snapshot.run.stuck();
    scene.later(1).observed(&[user], &scene::standing_stuck());
    scene.later(1).observed(&[user], &Standing::OnSource);
    assert_eq!(scene.snapshot.run.stuck(), before + 1);
}

//! The window for writes closes while an approval is at work: nothing leaves any more, and all is asked again.

use std::sync::Arc;

use jiff::tz::TimeZone;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::time::Timestamp;
use skuferry::domain::window::Window;
use skuferry::engine::handle::Refused;
use skuferry::engine::snapshot::Activity;
use skuferry::sim::Options;

use crate::driver::Direction;
use crate::driver::Rig;
use crate::rules::clock::Jumpy;
use crate::witness;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_closes_amid_writes_lets_nothing_more_leave() {
    let now = SystemClock.now();
    let time = |at: Timestamp| at.to_zoned(TimeZone::UTC).time();
    let (opened, closes) = (now - SignedDuration::from_hours(1), now + SignedDuration::from_mins(10));
    let window = Window::new(time(opened), time(closes), TimeZone::UTC);
    let clock = Jumpy::default();
    let mut rig = Rig::open_by(
        Options { users: 60, seed: 5, ..Options::default() },
        |_| {},
        async |sim, _| {
            // An order takes its time, so that the window closes before the second one.
            sim.set_faults("[[fault]]\non = \"PATCH /groups/**\"\ndelay = \"3s\"\n").unwrap();
            Direction { window, clock: Some(Arc::new(clock.clone())), ..Direction::default() }
        },
    )
    .await;
    let shot = rig.wait("an addition waits", |shot| !shot.gates.is_empty()).await;
    let PendingQuestion::Add(all) = shot.gates[0].question else { panic!("{:?}", shot.gates) };
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    while orders(&rig) == 0 {
        rig.a_while(&rig.snapshot()).await;
    }
    clock.jump(SignedDuration::from_mins(11));
    let shot = rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    assert_eq!(shot.run.halted.as_ref().unwrap().why, HaltReason::WindowClosed);
    assert!(shot.run.approved_pending.is_empty() && shot.window_opens.is_some());
    // What was sent already is awaited; then there is nothing more.
    rig.wait("answered", |shot| shot.activity != Activity::Adding).await;
    assert!(orders(&rig) == 1 && all > 20, "{} orders for {all}", orders(&rig));
    let added = witness::writes(&rig).len();
    let refused = rig.put(skuferry::engine::handle::Command::AskBatch(0)).await;
    assert!(refused.is_ok(), "the halt may be lifted at any time: {refused:?}");
    rig.send(skuferry::engine::handle::Command::LiftHalt(Timestamp::MAX));
    rig.wait("lifted", |shot| shot.run.halted.is_none() && !shot.gates.is_empty()).await;
    let refused = rig.ask().await;
    assert!(matches!(refused, Err(Refused::OutsideWindow(_))), "{refused:?}");
    assert_eq!(witness::writes(&rig).len(), added);
}

/// How many orders to add users have left.
fn orders(rig: &Rig) -> usize {
    rig.sim.log().iter().filter(|entry| entry.method == "PATCH").count()
}

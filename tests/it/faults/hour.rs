//! An hour without a network, in the middle of a write that was approved.

use std::sync::Arc;

use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Connection;
use skuferry::sim::Options;

use super::WRITTEN;
use super::cell;
use super::cell::stage::SetClock;
use crate::driver::Direction;
use crate::driver::Rig;
use crate::middlebox::Middlebox;
use crate::witness;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_offline_is_one_line_and_the_run_goes_on_by_itself() {
    let clock = Arc::new(SetClock::default());
    let mut between = None;
    let options = Options { users: 4, seed: 3, ..Options::default() };
    let steady: Arc<dyn Clock> = Arc::new(SteadyClock::new(clock.clone()));
    let mut rig = Rig::open_by(
        options,
        |settings| settings.canary = 4,
        async |sim, _| {
            let open = Middlebox::before(sim).await;
            let direction = Direction { url: Some(open.url()), clock: Some(steady.clone()), ..Direction::default() };
            between = Some(open);
            direction
        },
    )
    .await;
    let mut between = between.unwrap();
    rig.wait_for(PendingQuestion::Add(4)).await;
    let question = rig.ask().await.unwrap();
    between.unplug().await;
    let begun = steady.now();
    rig.yes(question);
    let waits = |now| move |shot: &skuferry::engine::snapshot::Snapshot| matches!(shot.activity, Activity::Holding { until } if until > now);
    rig.wait("held", waits(begun)).await;
    for _ in 0..6 {
        *clock.0.lock().unwrap() += SignedDuration::from_mins(10);
        let now = steady.now();
        // Whatever the operator does, the engine looks whether something is due.
        (0..2).for_each(|_| rig.send(Command::TogglePolling));
        let shot = rig.wait("tried again and held", waits(now)).await;
        let Connection::Failing { since, .. } = shot.connection else { panic!("{:?}", shot.connection) };
        assert!(since >= begun && since < begun + SignedDuration::from_mins(1), "it is told since when");
    }
    between.plug().await;
    rig.witness.ahead = *clock.0.lock().unwrap();
    *clock.0.lock().unwrap() += SignedDuration::from_mins(2);
    rig.witness.ahead += SignedDuration::from_mins(2);
    (0..2).for_each(|_| rig.send(Command::TogglePolling));
    rig.finish().await;
    let journal = rig.journal();
    let lines = journal.iter().filter(|(_, event)| matches!(event, Event::Delayed { .. } | Event::ReadFailed { .. }));
    assert_eq!(lines.count(), 1, "{}", rig.tale());
    assert_eq!(cell::outcome::log(&rig), WRITTEN, "what was approved before was not asked about again");
    witness::check(&rig);
}

//! Rule 10 in the client: a halt that no operator asked for holds back what waits there for its turn, too.

use std::time::Duration;

use skuferry::domain::event::Event;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::user::User;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Scenario;

use crate::tempo::Tempo;
use crate::tempo::pass;
use crate::tempo::trips;

const TRIP: Duration = Duration::from_millis(150);

fn deletions(run: &Tempo) -> usize {
    run.sim.log().iter().filter(|entry| entry.method == "DELETE").count()
}

/// The operator looks at a user who has just lost all licenses, while the next order waits for the write quota.
#[tokio::test(start_paused = true)]
async fn an_alarm_while_a_removal_waits_in_the_client_holds_it_back() {
    let mut run = Tempo::open(Scenario::NonConflicting, 300, TRIP, 0).await;
    let removed = |shot: &Snapshot| shot.run.active().filter(|user| user.remove.is_done()).count();
    let shot = run.operate(|shot| removed(shot) >= 140 && shot.activity == Activity::Removing).await;
    let untouched = |user: &&std::sync::Arc<User>| !user.remove.is_done() && !user.remove.is_open();
    let user = shot.run.active().filter(untouched).last().and_then(|user| user.id).unwrap();
    run.sim.set_faults(&format!("{}[[event]]\nstrip = \"{user}\"\n", trips(TRIP))).unwrap();
    run.send(Command::Inspect(user));
    let (before, mut looks) = (deletions(&run), 0);
    while run.snapshot().run.alarm.is_none() {
        pass(Duration::from_millis(20)).await;
        looks += 1;
        assert!(looks < 500, "nobody was looked at");
    }
    assert!(matches!(&run.snapshot().run.halted, Some(halt) if halt.why == HaltReason::Unlicensed));
    for _ in 0..400 {
        pass(Duration::from_millis(50)).await;
    }
    assert_eq!(deletions(&run), before, "removed during an alarm");
    let unsent = |event: &Event| match event {
        Event::RemoveSettled { outcome: Outcome::Failed(fault), .. } => fault.kind == FaultKind::NotSent,
        _ => false,
    };
    let shot = run.snapshot();
    assert!(shot.events.iter().any(|(_, event)| unsent(event)), "the order came back");
    assert!(shot.run.open().next().is_none());
}

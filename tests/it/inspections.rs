//! Whoever looks at users holds up neither a write nor a halt.

use skuferry::domain::event::Event;
use skuferry::engine::handle::Command;

use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;

/// An inspection that is never answered while the test lasts.
const STALLED: &str = "[[fault]]\non = \"GET /users/*\"\nfirst = 1\ndelay = \"10m\"\n";
const SLOW: &str = "[[fault]]\non = \"GET /users/*\"\ndelay = \"500ms\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_slow_inspections_are_two_reads_and_hold_up_no_halt() {
    let (mut rig, _) = at_the_removal(3, |_| {}).await;
    let users = rig.planned();
    rig.send(Command::TogglePolling); // verify passes may read single users too
    rig.wait("paused", |shot| shot.paused).await;
    rig.sim.set_faults(SLOW).unwrap();
    let looks = || users.iter().map(|user| asked(&rig, "GET", &format!("/users/{user}?")).len()).collect::<Vec<_>>();
    let before = looks();
    (0..30).for_each(|number| rig.send(Command::Inspect(users[number % 3])));
    rig.send(Command::Halt);
    let halted = |event: &Event| matches!(event, Event::Halted { .. });
    rig.until("halted", |rig| rig.on_disk().iter().any(|(_, event)| halted(event))).await;
    let read = || looks().iter().zip(&before).map(|(now, before)| now - before).collect::<Vec<_>>();
    assert!(read().iter().sum::<usize>() <= 1, "the halt waited for inspections: {:?}", read());
    rig.until("the last one is read", |_| read()[2] > 0).await;
    assert_eq!(read(), [1, 0, 1], "the first and the last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inspection_that_is_never_answered_holds_up_no_write_and_no_end() {
    let (mut rig, _) = at_the_removal(3, |_| {}).await;
    rig.sim.set_faults(STALLED).unwrap();
    let user = rig.planned()[0];
    let look = format!("/users/{user}?");
    let before = asked(&rig, "GET", &look).len();
    rig.send(Command::Inspect(user));
    rig.until("asked", |rig| asked(rig, "GET", &look).len() > before).await;
    say_yes(&mut rig).await;
    rig.finish().await;
    assert!(rig.quit().await.complete);
}

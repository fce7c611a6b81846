//! Whoever looks at users holds up neither a write nor a halt, and needs no audit log.

use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::engine::handle::Command;
use skuferry::graph::SignInState;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;
use crate::remedies::stuck_for_seats;

/// An inspection that is never answered while the test lasts.
const STALLED: &str = "[[fault]]\non = \"GET /users/*\"\nfirst = 1\ndelay = \"10m\"\n";
/// Whoever signs in may not read the audit log.
const NO_AUDITS: &str =
    "[[fault]]\non = \"GET /auditLogs/directoryAudits\"\nanswer = 403\ncode = \"Authorization_RequestDenied\"\n";
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_log_that_may_not_be_read_is_asked_once_and_is_no_fault() {
    let (mut rig, users) = stuck_for_seats().await;
    rig.send(Command::TogglePolling); // so that every read of one user is an inspection
    rig.wait("paused", |shot| shot.paused).await;
    rig.sim.set_faults(NO_AUDITS).unwrap();
    let audits = |rig: &Rig| asked(rig, "GET", "/auditLogs/directoryAudits").len();
    assert_eq!(audits(&rig), 0);
    let told = rig.said.len();
    // The next one is read only when the one before is done, its audit log too.
    for user in [users[0], users[1], users[0], users[2]] {
        let look = format!("/users/{user}?");
        let before = asked(&rig, "GET", &look).len();
        rig.send(Command::Inspect(user));
        rig.until("looked at", |rig| asked(rig, "GET", &look).len() > before).await;
    }
    assert_eq!(audits(&rig), 1, "what was refused is not asked for again");
    let shot = rig.snapshot();
    assert!(shot.fault.is_none() && shot.run.halted.is_none() && shot.sign_in == SignInState::Good, "{}", rig.tale());
    assert_eq!(rig.said[told..], [] as [String; 0]);
    assert!(users.iter().all(|user| shot.run.user(*user).unwrap().seldom.why.is_none()));
    rig.send(Command::TogglePolling);
    let sku = rig.run.route.target.part_number.clone();
    rig.sim.set_faults(&format!("{NO_AUDITS}[[event]]\nseats = {{ sku = \"{sku}\", enabled = 5000 }}\n")).unwrap();
    let question = rig.put(Command::AskReprocess(users.clone())).await.unwrap();
    rig.yes(question);
    rig.wait_for(PendingQuestion::Remove(3)).await;
    rig.finish().await;
    assert!(rig.snapshot().run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    assert_eq!(audits(&rig), 1);
}

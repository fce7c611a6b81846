//! What holds when the operator halts and the tenant misbehaves.

use skuferry::domain::event::Event;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::time::Timestamp;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Refused;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::witness;

fn users(users: usize) -> Options {
    // A seed of its own, as fewer than ten users come without difficulties but more do not.
    Options { users, seed: 5, ..Options::default() }
}

/// Halts, sees that nothing more leaves, lifts the halt, and sees that nothing leaves unasked.
async fn halt_amid(rig: &mut Rig, verb: &str) {
    let amid = |entry: &skuferry::sim::LogEntry| entry.method == verb && !witness::is_read(entry);
    rig.send(Command::Halt);
    // What was in flight is awaited and recorded; then nobody is in between.
    rig.wait("halted and settled", |shot| shot.run.halted.is_some() && shot.run.open().next().is_none()).await;
    let journal = rig.journal();
    let halted = journal.iter().position(|(_, event)| matches!(event, Event::Halted { .. })).unwrap();
    let intents = journal[halted..]
        .iter()
        .filter(|(_, event)| matches!(event, Event::AddIntended { .. } | Event::RemoveIntended { .. }));
    assert_eq!(intents.count(), 0, "intended after the halt\n{}", rig.tale());
    let before = rig.sim.log().iter().filter(|entry| amid(entry)).count();
    assert!(before > 0);
    // A few verify passes later still nothing has left.
    for _ in 0..5 {
        let revision = rig.snapshot().revision;
        rig.send(Command::PollNow);
        rig.wait("another pass", |shot| shot.revision > revision + 1).await;
    }
    assert_eq!(rig.sim.log().iter().filter(|entry| amid(entry)).count(), before, "written during the halt");
    let Ok(Question::LiftHalt(_)) = rig.ask().await else { panic!("the halt waits") };
    rig.send(Command::LiftHalt(Timestamp::MAX));
    let asked = |shot: &Snapshot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)))
    };
    let shot = rig.wait("asked again", asked).await;
    assert!(shot.run.approved_pending.is_empty());
    assert_eq!(rig.sim.log().iter().filter(|entry| amid(entry)).count(), before, "written without being asked");
}

/// Between the screen and the key another reason may come, and nobody has read that one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_is_lifted_for_the_reasons_alone_that_were_seen() {
    let mut rig = Rig::open(users(3), |_| {}).await;
    rig.wait_for(PendingQuestion::Add(3)).await;
    rig.send(Command::Halt);
    let seen = rig.wait("halted", |shot| shot.run.halted.is_some()).await.run.halted.clone().unwrap();
    rig.send(Command::HaltFrom("megan".into()));
    let again = rig.wait("halted again", |shot| shot.run.halted.as_ref() != Some(&seen)).await;
    let refused = rig.put(Command::LiftHalt(seen.latest)).await.unwrap_err();
    assert!(matches!(refused, Refused::ByRun(Refusal::HaltedAgain)), "{refused:?}");
    assert_eq!(rig.snapshot().run.halted, again.run.halted);
    rig.send(Command::LiftHalt(again.run.halted.as_ref().unwrap().latest));
    rig.wait("lifted", |shot| shot.run.halted.is_none()).await;
}

fn everybody_moved(shot: &Snapshot) -> bool {
    shot.run.users.iter().filter(|user| !user.is_blocked() && !user.excluded).all(|user| user.is_migrated())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_amid_additions_stops_all_that_has_not_left() {
    let mut rig = Rig::open(users(70), |_| {}).await;
    rig.sim.set_faults("[[fault]]\non = \"PATCH /groups/*\"\ndelay = \"300ms\"\n").unwrap();
    let shot = rig.wait("asked", |shot| questions::pending_question(&shot.run).is_ok()).await;
    let asked = shot.run.members(0).count();
    let question = rig.ask().await.unwrap();
    assert_eq!(rig.yes(question), asked);
    rig.wait("some are added", |shot| shot.run.active().any(|user| user.add.is_done())).await;
    halt_amid(&mut rig, "PATCH").await;
    let added = witness::writes(&rig).len();
    assert!(added < asked, "all {added} had left before the halt");
    let Ok(PendingQuestion::Add(left)) = questions::pending_question(&rig.snapshot().run) else {
        panic!("{}", rig.tale())
    };
    assert_eq!(left, asked - added);
    let shot = rig.finish().await;
    assert!(everybody_moved(&shot));
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_amid_removals_stops_all_that_has_not_left() {
    let mut rig = Rig::open(users(70), |settings| settings.canary = 2).await;
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)))
    })
    .await;
    let question = rig.ask().await.unwrap();
    let asked = rig.yes(question);
    rig.wait("the canary is removed", |shot| {
        shot.run.active().any(|user| user.remove.is_done()) && shot.run.phase() == Phase::RemoveFromSource
    })
    .await;
    halt_amid(&mut rig, "DELETE").await;
    let removed = witness::writes(&rig).iter().filter(|write| !write.added).count();
    assert!((2..asked).contains(&removed), "{removed} of {asked}");
    let shot = rig.finish().await;
    assert!(everybody_moved(&shot));
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_addition_that_took_effect_but_answered_504_is_read_back_and_not_repeated() {
    let mut rig = Rig::open(users(8), |_| {}).await;
    let fault = "[[fault]]\non = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504\ncommit = true\n";
    rig.sim.set_faults(fault).unwrap();
    let shot = rig.finish().await;
    assert!(everybody_moved(&shot));
    let added: Vec<_> = witness::writes(&rig).into_iter().filter(|write| write.added).collect();
    assert_eq!(added.iter().map(|write| write.status).collect::<Vec<_>>(), [504; 8], "{}", rig.tale());
    let journal = rig.journal();
    let lost = |event: &Event| matches!(event, Event::AddSettled { outcome: Outcome::Lost(_), .. });
    assert!(journal.iter().any(|(_, event)| lost(event)));
    let found = |event: &Event| matches!(event, Event::AddReadBack { found: ReadBack::InEffect, .. });
    assert_eq!(journal.iter().filter(|(_, event)| found(event)).count(), 8);
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removals_that_took_effect_but_answered_504_are_read_back_and_not_repeated() {
    let mut rig = Rig::open(users(8), |settings| settings.canary = 2).await;
    let fault = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 5\nanswer = 504\ncommit = true\n";
    rig.sim.set_faults(fault).unwrap();
    let shot = rig.finish().await;
    assert!(everybody_moved(&shot));
    let removed: Vec<_> = witness::writes(&rig).into_iter().filter(|write| !write.added).collect();
    assert_eq!(removed.len(), 8, "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_addition_refused_for_one_user_is_split_until_the_rest_have_passed() {
    let mut rig = Rig::open(users(8), |_| {}).await;
    rig.wait_for(PendingQuestion::Add(8)).await;
    let id = rig.planned()[5];
    let upn = rig.truth(id)["userPrincipalName"].as_str().unwrap().to_owned();
    let group = rig.run.route.target.group;
    // Somebody else adds them between the question and the answer.
    rig.sim.set_faults(&format!("[[event]]\nadd = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    let shot = rig.finish().await;
    assert!(everybody_moved(&shot), "{}", rig.tale());
    let added: Vec<_> = witness::writes(&rig).into_iter().filter(|write| write.added).collect();
    let passed = added.iter().filter(|write| write.status == 204).count();
    assert_eq!(passed, 7, "{added:?}");
    let of_one: Vec<_> = added.iter().filter(|write| write.user == id).collect();
    assert!(of_one.iter().all(|write| write.status == 400) && of_one.len() == 4, "halved 8, 4, 2, 1: {of_one:?}");
    witness::check(&rig);
}

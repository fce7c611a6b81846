//! Rule 13: the way back, for a user or a batch, from any phase, by the same gates and proofs.

use std::sync::Arc;
use std::time::Duration;

use skuferry::clock::SteadyClock;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::route::Direction;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::guards::say_yes;
use crate::rules::clock::Jumpy;
use crate::witness;
use skuferry::domain::proof::NotProven;
use skuferry::words::notice;

async fn rig(scenario: Scenario) -> Rig {
    Rig::open(Options { scenario, users: 8, seed: 5, ..Options::default() }, |settings| {
        (settings.batch_size, settings.canary) = (4, 2);
    })
    .await
}

/// The groups among source and target that the tenant has a user in, and the licenses that are active.
fn truth(rig: &Rig, user: UserId) -> (Vec<&'static str>, Vec<&'static str>) {
    let (truth, route) = (rig.truth(user), &rig.run.route);
    let ends = [("source", &route.source), ("target", &route.target)];
    let states = truth["licenseAssignmentStates"].as_array().unwrap();
    let active = |sku: String| states.iter().any(|one| one["skuId"] == *sku && one["state"] == "Active");
    let groups = truth["groups"].as_array().unwrap();
    let member = |group: String| groups.iter().any(|one| *one == group);
    let name = |wanted: &dyn Fn(&skuferry::domain::route::Side) -> bool| {
        ends.iter().filter(|(_, side)| wanted(side)).map(|(name, _)| *name).collect()
    };
    (name(&|side| member(side.group.to_string())), name(&|side| active(side.sku.to_string())))
}

/// Who goes back before GBL has looked at the addition is seen on the source at once; GBL may show the target once yet.
async fn back(rig: &Rig, users: &[UserId]) {
    let home = || users.iter().all(|user| truth(rig, *user) == (vec!["source"], vec!["source"]));
    let end = tokio::time::Instant::now() + Duration::from_mins(2);
    while !home() {
        assert!(tokio::time::Instant::now() < end, "never back\n{}", rig.tale());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn ids(shot: &Snapshot, batch: usize) -> Vec<UserId> {
    shot.run.members(batch).filter_map(|user| user.id).collect()
}

fn returned(shot: &Snapshot, users: &[UserId]) -> bool {
    users.iter().all(|user| shot.run.user(*user).is_some_and(|user| user.is_rolled_back()))
}

async fn a_user_of_a_finished_run(scenario: Scenario) {
    let mut rig = rig(scenario).await;
    let shot = rig.finish().await;
    let user = ids(&shot, 0)[1];
    let written = witness::writes(&rig).len();
    rig.send(Command::RollBack(vec![user]));
    rig.wait_for(PendingQuestion::Add(1)).await;
    assert_eq!(witness::writes(&rig).len(), written, "planning the way back writes nothing");
    let Ok(Question::Add(proposal)) = rig.ask().await else { panic!("the addition waits") };
    assert_eq!((proposal.group(), proposal.users()), (rig.run.route.source.group, &[user][..]));
    rig.send(Command::Add(proposal.yes()));
    rig.wait_for(PendingQuestion::Remove(1)).await;
    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("the removal waits") };
    assert_eq!((proposal.group(), proposal.users()), (rig.run.route.target.group, &[user][..]));
    rig.send(Command::Remove(proposal.typed("1").unwrap()));
    let shot = rig.wait("complete", |shot| shot.run.complete && shot.run.batches.len() == 3).await;
    assert!(returned(&shot, &[user]));
    assert!(shot.run.users.iter().filter(|one| one.id != Some(user)).all(|one| one.is_migrated()));
    back(&rig, &[user]).await;
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_goes_back_through_the_expected_conflict() {
    a_user_of_a_finished_run(Scenario::Conflicting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_goes_back_while_they_hold_both() {
    a_user_of_a_finished_run(Scenario::NonConflicting).await;
}

/// Takes the first batch back once it is as wanted, and goes on to the end.
async fn batch_from(scenario: Scenario, what: &str, when: impl Fn(&Snapshot) -> bool) {
    let mut rig = rig(scenario).await;
    let shot = rig.operate(what, |shot| shot.run.current == 0 && when(shot)).await;
    let users = ids(&shot, 0);
    assert_eq!(users.len(), 4);
    // Amid a write it is refused: the halt comes first.
    if !shot.run.approved_pending.is_empty() {
        rig.send(Command::Halt);
        rig.wait("settled", |shot| shot.run.halted.is_some() && shot.run.open().next().is_none()).await;
    }
    rig.send(Command::RollBack(users.clone()));
    rig.wait("turned", |shot| shot.run.direction() == Direction::Rollback).await;
    let shot = rig.operate("rolled back", |shot| returned(shot, &users)).await;
    assert!(shot.run.batches[0].users.is_empty());
    back(&rig, &users).await;
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated() || user.is_rolled_back()));
    assert_eq!(shot.run.route.source.group, rig.run.route.source.group, "the ends are turned forward again");
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_goes_back_from_every_phase() {
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        let safe = |shot: &Snapshot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)));
        let canary = |shot: &Snapshot| {
            shot.run.phase() == Phase::RemoveFromSource && shot.run.active().any(|user| user.remove.is_done())
        };
        // They mostly wait.
        tokio::join!(
            batch_from(scenario, "added", |shot| shot.run.phase() == Phase::VerifyAdded),
            batch_from(scenario, "safe", safe),
            batch_from(scenario, "canary removed", canary),
            batch_from(scenario, "removed", |shot| shot.run.phase() == Phase::VerifyMigrated),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_left_without_a_license_goes_back() {
    let mut rig = rig(Scenario::NonConflicting).await;
    let shot = rig.wait_for(PendingQuestion::Add(4)).await;
    let users = ids(&shot, 0);
    rig.sim.set_faults(&format!("[[event]]\ncurse = \"{}\"\n", users[0])).unwrap();
    rig.operate("alarm", |shot| shot.run.alarm.is_some()).await;
    // The way back may be planned while the alarm rings, and writes nothing before it is acknowledged and the halt lifted.
    let cursed: Vec<UserId> = rig.snapshot().run.alarm.iter().flat_map(|alarm| alarm.users.clone()).collect();
    assert_eq!(cursed, users[..1]);
    rig.send(Command::RollBack(cursed.clone()));
    rig.wait("turned", |shot| shot.run.direction() == Direction::Rollback).await;
    let shot = rig.operate("rolled back", |shot| returned(shot, &cursed)).await;
    back(&rig, &cursed).await;
    let user = shot.run.user(cursed[0]).unwrap();
    assert!(user.seldom.unlicensed_before.as_millis() > 0 && user.seldom.unlicensed_since.is_none(), "{user:?}");
    rig.finish().await;
    let kinds: Vec<&str> = rig.journal().iter().map(|(_, event)| event.name()).collect();
    let at = |name: &str| kinds.iter().rposition(|one| *one == name).unwrap();
    assert!(at("alarm-raised") < at("rollback-started") && at("rollback-started") < at("halt-lifted"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_go_back_is_refused_with_its_reason() {
    let mut rig = rig(Scenario::Conflicting).await;
    let shot = rig.wait_for(PendingQuestion::Add(4)).await;
    let (first, second) = (ids(&shot, 0)[0], ids(&shot, 1)[0]);
    let refused = async |rig: &mut Rig, users: Vec<UserId>| match rig.put(Command::RollBack(users)).await {
        Err(refusal) => notice::refused(&refusal),
        Ok(question) => panic!("{question:?}"),
    };
    assert!(refused(&mut rig, vec![first]).await.starts_with("nothing was written for "));
    rig.operate("removing", |shot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_))))
        .await;
    assert!(refused(&mut rig, vec![second]).await.starts_with("nothing was written for "));
    rig.send(Command::RollBack(vec![first]));
    rig.wait("turned", |shot| shot.run.direction() == Direction::Rollback).await;
    assert!(refused(&mut rig, vec![first]).await.ends_with("is being rolled back"));
    rig.operate("rolled back", |shot| returned(shot, &[first])).await;
    assert!(refused(&mut rig, vec![first]).await.ends_with("was rolled back already"));
    let turned = rig.journal().iter().filter(|(_, event)| matches!(event, Event::RollbackStarted { .. })).count();
    assert_eq!(turned, 1);
}

/// A user on the way back whose removal was refused for haste and waits, until its proof has grown too old.
async fn with_an_old_proof(meanwhile: impl FnOnce(&Rig, UserId)) -> (Rig, UserId) {
    let clock = Jumpy::default();
    let sim = Arc::new(Sim::start(Options { users: 1, seed: 5, speed: SPEED, ..Options::default() }).await.unwrap());
    let mut rig = Rig::on(sim, |_| {}, |_| Arc::new(SteadyClock::new(Arc::new(clock.clone())))).await;
    rig.finish().await;
    let user = rig.planned()[0];
    rig.send(Command::RollBack(vec![user]));
    rig.wait_for(PendingQuestion::Add(1)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(1)).await;
    let held = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 1\n";
    rig.sim.set_faults(held).unwrap();
    say_yes(&mut rig).await;
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    meanwhile(&rig, user);
    clock.jump(SignedDuration::from_secs(61));
    rig.send(Command::PollNow); // what is held is tried at once
    let decided = |shot: &Snapshot| {
        shot.run.user(user).is_some_and(|one| one.remove.is_done() || one.seldom.not_proven.is_some())
    };
    rig.wait("decided", decided).await;
    (rig, user)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_whose_proof_grew_old_is_proven_anew_on_the_way_back() {
    let (mut rig, user) = with_an_old_proof(|_, _| {}).await;
    assert_eq!(rig.snapshot().run.user(user).unwrap().seldom.not_proven, None, "{}", rig.tale());
    let turned = |event: &Event| matches!(event, Event::RollbackStarted { .. });
    let journal = rig.journal().into_iter().map(|(_, event)| event).skip_while(|event| !turned(event));
    let proven = journal.filter(|event| matches!(event, Event::Proven { .. })).count();
    assert_eq!(proven, 2, "{}", rig.tale());
    rig.wait("rolled back", |shot| returned(shot, &[user])).await;
    witness::check(&rig);
}

/// By the measure of the way there, who has nothing but what they leave now would have arrived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_proof_is_renewed_by_the_measure_of_the_way_back() {
    let lose = |rig: &Rig, user| {
        let source = rig.run.route.source.group;
        rig.sim.set_faults(&format!("[[event]]\nlose = {{ user = \"{user}\", group = \"{source}\" }}\n")).unwrap();
    };
    let (rig, user) = with_an_old_proof(lose).await;
    let shot = rig.snapshot();
    let why = shot.run.user(user).unwrap().seldom.not_proven.clone().unwrap_or_else(|| panic!("{}", rig.tale()));
    assert!(matches!(*why, NotProven::NotSafe(_)), "{why:?}");
    assert_eq!(truth(&rig, user), (vec!["source", "target"], vec!["target"]));
}

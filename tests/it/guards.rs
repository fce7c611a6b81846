//! Rules held against provocations made by hand, where chance seldom makes them: one guard of the program each.

use std::sync::Arc;

use serde_json::json;
use skuferry::clock::SteadyClock;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::settings::Settings;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::time::Timestamp;
use skuferry::domain::user::Write;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::rules::clock::Jumpy;
use crate::scene;
use crate::scene::Scene;
use crate::sim_kit;
use crate::witness;
use skuferry::domain::proof::NotProven;
use skuferry::words::notice;

const HELD: &str = "[[fault]]\non = \"DELETE /groups/**\"\nnth = 2\nanswer = 429\nretry_after = 4\n";

/// A run of so many users who can hold both licenses, at the question whether to remove them; its clock can be set.
pub(crate) async fn at_the_removal(users: usize, set: impl FnOnce(&mut Settings)) -> (Rig, Jumpy) {
    let clock = Jumpy::default();
    let options = Options { scenario: Scenario::NonConflicting, users, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let mut rig = Rig::on(sim, set, |_| Arc::new(SteadyClock::new(Arc::new(clock.clone())))).await;
    rig.wait_for(PendingQuestion::Add(users)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(users)).await;
    (rig, clock)
}

pub(crate) async fn say_yes(rig: &mut Rig) {
    let question = rig.ask().await.unwrap();
    rig.yes(question);
}

fn stands(shot: &Snapshot, user: UserId, standing: &Standing) -> bool {
    shot.run.user(user).is_some_and(|user| user.standing.as_ref() == Some(standing))
}

pub(crate) fn asked(rig: &Rig, method: &str, part: &str) -> Vec<LogEntry> {
    rig.sim.log().into_iter().filter(|entry| entry.method == method && entry.path.contains(part)).collect()
}

/// A few verify passes, between any two of which a write that may leave does.
async fn passes(rig: &mut Rig) {
    rig.poll_until(4, |rig| asked(rig, "GET", "/members").len(), |_| true).await;
}

/// Somebody else gives a user the license that they leave, directly.
async fn give_direct(rig: &Rig, user: UserId) {
    let sku = rig.run.route.source.sku.to_string();
    let request = sim_kit::client()
        .post(format!("{}/v1.0/users/{user}/assignLicense", rig.sim.url()))
        .bearer_auth(rig.sim.access_token())
        .header("client-request-id", witness::ANOTHER)
        .header("content-type", "application/json")
        .body(json!({ "addLicenses": [{ "skuId": sku, "disabledPlans": [] }], "removeLicenses": [] }).to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

/// A run whose users have left the source group, one of them with a direct license in the way.
pub(crate) async fn with_a_direct_license(set: impl FnOnce(&mut Settings)) -> (Rig, Jumpy, UserId) {
    let (mut rig, clock) = at_the_removal(3, set).await;
    let one = rig.planned()[1];
    give_direct(&rig, one).await;
    say_yes(&mut rig).await;
    let all = rig.planned();
    rig.wait("one lingers, the others have arrived", |shot| {
        all.iter().all(|user| {
            let lingers = Standing::SourceLingers(Holder::Direct);
            stands(shot, *user, if *user == one { &lingers } else { &Standing::Migrated })
        })
    })
    .await;
    (rig, clock, one)
}

pub(crate) fn taken_off(rig: &Rig) -> usize {
    asked(rig, "POST", "/assignLicense").iter().filter(|entry| !witness::by_another(entry)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_proof_grew_old_while_it_waited_is_proven_anew() {
    let (mut rig, clock) = at_the_removal(1, |_| {}).await;
    let user = rig.planned()[0];
    rig.sim.set_faults(&HELD.replace("nth = 2", "first = 1")).unwrap();
    say_yes(&mut rig).await;
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    clock.jump(SignedDuration::from_secs(61));
    rig.send(Command::PollNow); // what is held is tried at once
    rig.finish().await;
    let removals: Vec<u64> = asked(&rig, "DELETE", "/members/").iter().map(|entry| entry.number).collect();
    let [refused, done] = removals[..] else { panic!("{removals:?}\n{}", rig.tale()) };
    let looks = asked(&rig, "GET", &format!("/users/{user}?"));
    let again = looks.iter().filter(|entry| (refused..done).contains(&entry.number)).count();
    assert!(again >= 2, "{again} looks between both\n{}", rig.tale());
    let proven = rig.journal().iter().filter(|(_, event)| matches!(event, Event::Proven { .. })).count();
    assert_eq!(proven, 2, "{}", rig.tale());
}

/// A halt came while the last look was being made, and the operator approved anew before it was back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_was_made_for_another_answer_proves_nothing() {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    rig.sim.set_faults("[[fault]]\non = \"GET /users/*\"\nfirst = 1\ndelay = \"400ms\"\n").unwrap();
    say_yes(&mut rig).await;
    let looked = format!("/users/{}?", rig.planned()[0]);
    rig.until("looked at", |rig| !asked(rig, "GET", &looked).is_empty()).await;
    rig.send(Command::Halt);
    rig.send(Command::LiftHalt(Timestamp::MAX));
    rig.wait_for(PendingQuestion::Remove(1)).await;
    let question = rig.ask().await.unwrap();
    let before = rig.sim.log().len();
    rig.yes(question);
    rig.finish().await;
    let approved = rig.journal().iter().filter(|(_, event)| matches!(event, Event::RemoveApproved { .. })).count();
    assert_eq!(approved, 2, "{}", rig.tale());
    let log = rig.sim.log();
    let removed = log.iter().position(|entry| entry.method == "DELETE").unwrap();
    let looks = log[before..removed].iter().filter(|entry| entry.path.contains(&looked)).count();
    assert!(looks >= 2, "{looks} looks after the second answer\n{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_removed_while_somebody_is_in_between() {
    let (mut rig, clock) = at_the_removal(3, |settings| {
        (settings.canary, settings.unlicensed_grace) = (1, SignedDuration::from_secs(60));
    })
    .await;
    rig.sim.set_faults(HELD).unwrap();
    say_yes(&mut rig).await;
    // The canary has arrived, and the removal of one of the others waits to be sent again.
    let shot = rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    let canary = shot.run.active().find(|user| user.is_migrated()).and_then(|user| user.id).unwrap();
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{canary}\"\n")).unwrap();
    rig.wait("seen", |shot| stands(shot, canary, &Standing::Unlicensed)).await;
    let before = asked(&rig, "DELETE", "/members/").len();
    passes(&mut rig).await;
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), before, "removed in the grace\n{}", rig.tale());
    assert!(rig.snapshot().run.alarm.is_none(), "the grace was not over");
    clock.jump(SignedDuration::from_secs(61));
    rig.wait("alarm", |shot| shot.run.alarm.is_some()).await;
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_while_a_removal_was_on_its_way_is_no_news_after_it() {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    let user = rig.planned()[0];
    let slow = "[[fault]]\non = \"DELETE /groups/**\"\ndelay = \"300ms\"\n";
    rig.sim.set_faults(slow).unwrap();
    say_yes(&mut rig).await;
    rig.wait("on its way", |shot| shot.activity == Activity::Removing).await;
    // Somebody looks at the user meanwhile, and is shown in the end how they stood long ago.
    let old = "[[fault]]\non = \"GET /users/*\"\nstale = \"10h\"\ndelay = \"700ms\"\n";
    rig.sim.set_faults(&[slow, old].concat()).unwrap();
    rig.send(Command::Inspect(user));
    rig.finish().await;
    // One user is looked at a time: the next look begins once the old answer was taken in.
    let looks = |rig: &Rig| {
        let looks = asked(rig, "GET", &format!("/users/{user}?"));
        looks.iter().filter(|entry| entry.fault.is_some()).count()
    };
    let before = looks(&rig);
    rig.send(Command::Inspect(user));
    rig.until("the old answer was taken in", |rig| looks(rig) > before).await;
    let journal = rig.journal();
    let settled = journal.iter().find(|(_, event)| matches!(event, Event::RemoveSettled { .. })).unwrap().0;
    let old = |event: &Event| matches!(event, Event::Observed { began, .. } if *began <= settled);
    assert!(!journal.iter().any(|(at, event)| *at > settled && old(event)), "{}", rig.tale());
    assert!(before > 0, "nobody was shown the past");
}

#[test]
fn a_run_takes_no_reading_from_before_a_write_for_news() {
    let mut scene = scene::removable();
    let before = scene.now;
    scene.later(10).removed();
    let (user, settled) = (scene.active()[0], scene.now);
    let was = scene.snapshot.run.user(user).unwrap().standing.clone();
    for began in [before, settled] {
        scene.event(Event::Observed { began, users: vec![(user, Standing::Migrated)] });
        assert_eq!(scene.snapshot.run.user(user).unwrap().standing, was);
    }
    scene.observed(&[user], &Standing::Migrated);
    assert!(stands(&scene.snapshot, user, &Standing::Migrated));
}

#[test]
fn a_run_takes_no_reading_amid_a_write_for_news() {
    let mut scene: Scene = scene::removable();
    let (users, by, seen) = (scene.active(), "x".to_owned(), scene.seen());
    scene.event(Event::RemoveApproved { batch: 0, users: users.clone(), by, seen });
    scene.later(1).event(Event::RemoveIntended { batch: 0, users: users.clone() });
    scene.observed(&users[..1], &Standing::Unlicensed);
    assert!(!stands(&scene.snapshot, users[0], &Standing::Unlicensed));
}

/// The license of the group shows for minutes after somebody took the user out of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_license_stays_with_who_is_no_member_any_more() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let slow = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n";
    let group = rig.run.route.target.group;
    let upn = rig.truth(one)["userPrincipalName"].as_str().unwrap().to_owned();
    rig.sim.set_faults(&format!("{slow}[[event]]\nremove = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.yes(question);
    let shot =
        rig.wait("not proven", |shot| shot.run.user(one).is_some_and(|user| user.seldom.not_proven.is_some())).await;
    let why = shot.run.user(one).unwrap().seldom.not_proven.clone();
    assert_eq!(why.as_deref(), Some(&NotProven::NotInGroup));
    assert_eq!(taken_off(&rig), 0);
}

/// A member whom the group does not license just now has nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_license_stays_with_a_member_who_has_no_other() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.send(Command::TogglePolling);
    rig.wait("paused", |shot| shot.paused).await;
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{one}\"\n")).unwrap();
    give_direct(&rig, one).await;
    assert_eq!(rig.truth(one)["skus"].as_array().unwrap().len(), 1);
    rig.yes(question);
    let user = |shot: &Snapshot| shot.run.user(one).unwrap().clone();
    rig.wait("not proven", |shot| user(shot).seldom.not_proven.is_some() || user(shot).seldom.direct != Write::None)
        .await;
    assert_eq!(taken_off(&rig), 0, "{}", rig.tale());
    let why = user(&rig.snapshot()).seldom.not_proven.clone();
    assert!(matches!(why.as_deref(), Some(NotProven::NotSafe(_))), "{why:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_direct_license_goes_while_somebody_is_in_between() {
    let grace = |settings: &mut Settings| settings.unlicensed_grace = SignedDuration::from_secs(60);
    let (mut rig, clock, one) = with_a_direct_license(grace).await;
    let other = rig.planned()[0];
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{other}\"\n")).unwrap();
    rig.wait("seen", |shot| stands(shot, other, &Standing::Unlicensed)).await;
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.yes(question);
    rig.wait("approved", |shot| !shot.run.approved_pending.is_empty()).await;
    passes(&mut rig).await;
    assert_eq!(taken_off(&rig), 0, "{}", rig.tale());
    clock.jump(SignedDuration::from_secs(61));
    let shot = rig.wait("alarm", |shot| shot.run.alarm.is_some()).await;
    assert!(shot.run.approved_pending.is_empty());
    assert_eq!(taken_off(&rig), 0, "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_taken_out_while_their_direct_license_is_being_taken_off() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let busy = "[[fault]]\non = \"POST /users/*/assignLicense\"\nfirst = 1\nanswer = 429\nretry_after = 4\n";
    rig.sim.set_faults(busy).unwrap();
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.yes(question);
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    let refusal = rig.put(Command::Exclude(one)).await.unwrap_err();
    let refusal = notice::refused(&refusal);
    assert!(refusal.contains("is under way"), "{refusal}");
    rig.send(Command::PollNow);
    let shot = rig.finish().await;
    assert!(shot.run.user(one).is_some_and(|user| user.is_migrated() && !user.excluded));
    assert_eq!(taken_off(&rig), 2);
}

/// What is refused after a halt is given up; an approval that was given meanwhile does not send it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_an_ended_approval_does_not_leave_by_the_next_one() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let busy = "on = \"POST /users/*/assignLicense\"\nfirst = 1\nanswer = 429\nretry_after = 1\ndelay = \"400ms\"\n";
    rig.sim.set_faults(&format!("[[fault]]\n{busy}")).unwrap();
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.yes(question);
    rig.wait("on its way", |shot| shot.activity == Activity::RemovingDirect).await;
    // What has not left when the halt comes is given up at once; this one is to have left.
    while taken_off(&rig) == 0 {
        rig.a_while(&rig.snapshot()).await;
    }
    rig.send(Command::Halt);
    rig.send(Command::LiftHalt(Timestamp::MAX));
    let Ok(Question::Direct(proposal)) = rig.put(Command::AskDirect(vec![one])).await else { panic!("it waits") };
    let refusal = rig.put(Command::Direct(proposal.typed("1").unwrap())).await.unwrap_err();
    let refusal = notice::refused(&refusal);
    assert!(refusal.contains("still on its way"), "{refusal}");
    rig.wait("given up", |shot| shot.run.user(one).is_some_and(|user| matches!(user.seldom.direct, Write::Failed(..))))
        .await;
    passes(&mut rig).await;
    assert_eq!(taken_off(&rig), 1, "{}", rig.tale());
}

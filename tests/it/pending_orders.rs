//! Rules 3 and 6 while a write waits to be sent again: what is read of its users meanwhile counts.

use skuferry::domain::id::UserId;
use skuferry::domain::questions::Question;
use skuferry::domain::user::Write;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;
use crate::guards::taken_off;
use crate::guards::with_a_direct_license;
use skuferry::domain::proof::NotProven;

const BUSY: &str = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 1\n";

/// A run whose only removal was refused for haste and waits.
async fn with_a_held_removal() -> (Rig, UserId) {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    let user = rig.planned()[0];
    rig.sim.set_faults(BUSY).unwrap();
    say_yes(&mut rig).await;
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    (rig, user)
}

fn removals(rig: &Rig) -> usize {
    asked(rig, "DELETE", "/members/").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_all_licenses_while_their_removal_waits_rings_the_alarm_at_once() {
    let (mut rig, user) = with_a_held_removal().await;
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{user}\"\n")).unwrap();
    let shot = rig.wait("alarm", |shot| shot.run.alarm.is_some()).await;
    let user = shot.run.user(user).unwrap();
    assert!(matches!(user.remove, Write::Failed(..)), "{user:?}");
    assert!(matches!(user.seldom.not_proven.as_deref(), Some(NotProven::SeenWhileWaiting(_))), "{user:?}");
    rig.send(Command::PollNow); // whatever waited would leave now
    let shot = rig.snapshot();
    rig.a_while(&shot).await;
    assert_eq!(removals(&rig), 1, "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_seen_otherwise_while_their_removal_waits_is_looked_at_again() {
    let (mut rig, user) = with_a_held_removal().await;
    let target = rig.run.route.target.group;
    rig.sim.set_faults(&format!("[[event]]\nlose = {{ user = \"{user}\", group = \"{target}\" }}\n")).unwrap();
    let shot = rig.wait("left out", |shot| matches!(shot.run.user(user).unwrap().remove, Write::Failed(..))).await;
    let why = shot.run.user(user).unwrap().seldom.not_proven.clone();
    assert!(matches!(why.as_deref(), Some(NotProven::NotSafe(_))), "{why:?}");
    assert_eq!(removals(&rig), 1, "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_license_stays_with_who_is_seen_otherwise_while_its_removal_waits() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let busy = "[[fault]]\non = \"POST /users/*/assignLicense\"\nfirst = 1\nanswer = 429\nretry_after = 1\n";
    rig.sim.set_faults(busy).unwrap();
    let Ok(question) = rig.put(Command::AskDirect(vec![one])).await else { panic!("it waits") };
    assert!(matches!(question, Question::Direct(_)));
    rig.yes(question);
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    let target = rig.run.route.target.group;
    rig.sim.set_faults(&format!("[[event]]\nlose = {{ user = \"{one}\", group = \"{target}\" }}\n")).unwrap();
    let shot =
        rig.wait("left out", |shot| matches!(shot.run.user(one).unwrap().seldom.direct, Write::Failed(..))).await;
    assert!(shot.run.user(one).unwrap().seldom.not_proven.is_some());
    rig.send(Command::PollNow);
    rig.a_while(&shot).await;
    assert_eq!(taken_off(&rig), 1, "{}", rig.tale());
}

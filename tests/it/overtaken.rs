//! Users whom somebody else gets at before the run does.

use skuferry::domain::event::Event;
use skuferry::domain::external_change::ExternalChange;
use skuferry::domain::preflight::ReasonCode;
use skuferry::domain::progress::Urgency;
use skuferry::domain::progress::waiting;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::standing::Standing;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::text;
use skuferry::domain::proof::NotProven;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_deleted_before_the_addition_is_shown_as_missing() {
    let mut rig = Rig::open(Options { users: 5, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(5)).await;
    let gone = rig.planned()[1];
    let upn = rig.snapshot().run.user(gone).unwrap().upn.clone();
    rig.sim.set_faults(&format!("[[event]]\ndelete_user = \"{upn}\"\n")).unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait_for(PendingQuestion::Add(1)).await;
    let missing = Some(Standing::Missing);
    rig.wait("missing", |shot| shot.run.user(gone).is_some_and(|user| user.standing == missing)).await;
}

#[test]
fn a_run_does_not_end_calmly_while_somebody_is_without_a_license() {
    let checks = (0..3).map(scene::ready).collect();
    let mut scene = Scene::checked(scene::preflight(checks));
    let users = scene.active();
    let why = scene::reason(ReasonCode::SourceNotAssigned, "somebody took the license from the group", false);
    let reasons = vec![(users[2], vec![why])];
    let seats = scene.snapshot.run.seats();
    scene.event(Event::BatchChecked { batch: 0, problems: Vec::new(), seats, products: Vec::new(), reasons });
    scene.observed(&users[2..], &Standing::Unlicensed).added().later(60);
    scene.observed(&users[..2], &Standing::HoldsBoth).removed().later(60);
    scene.observed(&users[..2], &Standing::Migrated);
    scene.event(Event::BatchComplete { batch: 0 }).event(Event::MigrationComplete);
    let said = waiting(&scene.snapshot.run, scene.now);
    let text = skuferry::words::progress::waiting(&said, &scene.snapshot.run);
    assert_eq!(text, "migration complete, 1 exception: 2 migrated · 1 without a license");
    assert_eq!(said.urgency, Urgency::Alarm);
}

#[test]
fn where_somebody_else_took_users_out_after_others_were_removed_the_screen_says_what_can_be_done() {
    let mut scene = Scene::checked(scene::preflight((0..3).map(scene::ready).collect()));
    let users = scene.active();
    scene.added().later(60).observed(&users, &Standing::HoldsBoth);
    let (batch, by, seen) = (0, "megan.bowen@contoso.com".to_owned(), scene.seen());
    scene.event(Event::RemoveApproved { batch, users: users.clone(), by, seen });
    scene.event(Event::NotProven { batch, user: users[2], why: NotProven::NotSafe(Standing::OnSource) });
    scene.observed(&users[2..], &Standing::OnSource);
    scene.event(Event::ExternalChange { user: users[2], what: ExternalChange::TakenOut });
    let removed = users[..2].to_vec();
    scene.event(Event::RemoveIntended { batch, users: removed.clone() }).later(1);
    let outcome = skuferry::domain::outcome::Outcome::Done;
    scene.event(Event::RemoveSettled { batch, users: removed, outcome });
    scene.observed(&users[..2], &Standing::Migrated);
    let (screen, _) = frame(&mut scene.model(), 120, 30);
    let screen = text(&screen);
    let line = screen.lines().find(|line| line.contains("went back · ")).unwrap_or(&screen);
    assert!(line.contains("nothing to approve yet · Enter inspects, x excludes"), "{screen}");
}

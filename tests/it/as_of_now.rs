//! What an admin reads at night: counts as of now, everybody counted once, every event in reach, and what is not known is
//! said to be so.

use std::sync::Arc;

use skuferry::domain::automatic::follow;
use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::PlanId;
use skuferry::domain::id::SkuId;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::sku::PrepaidUnits;
use skuferry::domain::sku::ServicePlan;
use skuferry::domain::sku::Sku;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::throttle::Limit;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Connection;
use skuferry::engine::timeline::Older;
use skuferry::sim::Options;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::driver::Rig;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::opened;
use crate::screens::press;
use crate::screens::text;
use skuferry::domain::work::Work;

fn draw(model: &mut Model) -> String {
    text(&frame(model, 120, 40).0)
}

/// The sentence that says what waits, from its mark on.
fn sentence(scene: &Scene) -> String {
    let drawn = text(&frame(&mut scene.model(), 200, 40).0);
    drawn.lines().filter(|line| line.starts_with(" ▌")).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_first_event_is_reached_at_every_size_however_many_came_after_it() {
    let mut scene = scene::verifying();
    let long = "the service is in trouble and says so at a length that takes more than one line ".repeat(4);
    for number in 0..1_200 {
        let fault = Fault::new(FaultKind::Service, format!("{number} {long}{number}"));
        scene.later(1).event(Event::ReadFailed { what: Work::VerifyPass, fault });
    }
    // As the engine hands them over: all but the latest are abridged.
    let mut older = Older::default();
    while scene.snapshot.events.len() > 500 {
        let (at, event) = scene.snapshot.events.pop_front().unwrap();
        older.push(&scene.snapshot.run, at, event);
    }
    scene.snapshot.older = older;
    for (width, height) in [(60, 15), (80, 24), (100, 30), (120, 40), (200, 60)] {
        let mut model = scene.model();
        press(&mut model, &[Cmd::View(3)]);
        assert!(text(&frame(&mut model, width, height).0).contains("1199"), "the newest stand at the bottom");
        press(&mut model, &[Cmd::First]);
        let drawn = text(&frame(&mut model, width, height).0);
        let first = drawn.lines().find(|line| line.contains(":20:00")).unwrap_or_else(|| panic!("{drawn}"));
        assert!(first.contains("started the run") || drawn.contains("E1 to E3"), "{drawn}");
        press(&mut model, &[Cmd::Last]);
        assert!(text(&frame(&mut model, width, height).0).contains("1199"), "{width}x{height}");
    }
}

#[test]
fn an_abridged_event_is_told_in_the_same_sentence() {
    let scene = scene::removable();
    let mut older = Older::default();
    scene.snapshot.events.iter().for_each(|(at, event)| older.push(&scene.snapshot.run, *at, Arc::clone(event)));
    let mut abridged = scene.model();
    let whole = |model: &mut Model| {
        press(model, &[Cmd::View(3), Cmd::First]);
        text(&frame(model, 120, 60).0)
    };
    let mut snapshot = scene.snapshot.clone();
    (snapshot.older, snapshot.revision) = (older, snapshot.revision + 1);
    snapshot.events.clear();
    let _ = update(&mut abridged, Action::Snapshot(Arc::new(snapshot)));
    assert_eq!(whole(&mut abridged), whole(&mut scene.model()));
}

#[test]
fn the_search_says_where_it_searches_and_finds_names_ids_and_causes_of_the_whole_run() {
    let scene = scene::verifying();
    let search = |what: &str| {
        let mut model = scene.model();
        press(&mut model, &[Cmd::Search]);
        what.chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
        draw(&mut model)
    };
    assert!(search("").contains("searches the whole run: name, id, cause"));
    let found = search("meganb1");
    assert!(found.contains(" meganb1 ") && found.contains("in the whole run"), "another batch: {found}");
    assert!(search(&scene::id(2).to_string()).contains(" diegos "));
    let cause = search("no free seat");
    assert!(cause.contains("CountViolation") && cause.contains("all 1 ·"), "{cause}");
    assert!(search("assigned directly").contains(" gradya "), "a reason of preflight");
    assert!(search("nobodyatall").contains("No name, id or cause in the whole run has nobodyatall."));
}

fn plan(id: &str) -> ServicePlan {
    ServicePlan { id: PlanId(id.parse().unwrap()), name: id.into(), for_users: true }
}

const SHAREPOINT_1: &str = "c7699d2e-19aa-44de-8edf-1736da088ca1";
const SHAREPOINT_2: &str = "5dbe027f-2339-4123-9542-606e4d348a72";
const ANOTHER: &str = "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9";

/// Licensing was asked to look again at a user who is still in both groups, and refused with this sentence.
fn refused(named: &str) -> Scene {
    let mut scene = scene::verifying();
    let sku = |id: SkuId, plan_id: &str| Sku {
        id,
        part_number: "ANY".into(),
        for_users: true,
        capability: "Enabled".into(),
        prepaid: PrepaidUnits::default(),
        consumed: 0,
        plans: vec![plan(plan_id)],
    };
    let route = scene::route();
    let skus = [sku(route.source.sku, SHAREPOINT_1), sku(route.target.sku, SHAREPOINT_2), sku(scene::visio(), ANOTHER)];
    scene.snapshot.skus = Arc::new(skus.into_iter().collect());
    let user = scene.active()[2];
    let (by, batch, users, seen) = (scene.snapshot.operator.clone(), 0, vec![user], scene.seen());
    scene.event(Event::ReprocessApproved { batch, users: users.clone(), by, seen });
    scene.event(Event::ReprocessIntended { batch, users: users.clone() }).later(1);
    let sentence = format!("License assignment failed because service plans {named} are mutually exclusive.");
    let outcome = Outcome::Failed(Fault::new(FaultKind::Refused, sentence));
    scene.event(Event::ReprocessSettled { batch, users, outcome });
    scene
}

#[test]
fn a_refused_reprocess_that_names_the_expected_conflict_is_good_news_and_any_other_is_not() {
    let events = |scene: &Scene| {
        let mut model = scene.model();
        press(&mut model, &[Cmd::View(3)]);
        let drawn = draw(&mut model);
        drawn.lines().find(|line| line.contains("licensing")).unwrap_or_else(|| panic!("{drawn}")).to_owned()
    };
    let mut expected = refused(&format!("{SHAREPOINT_2}, {SHAREPOINT_1}"));
    let told = events(&expected);
    assert!(
        told.contains("✔ licensing looked again at diegos@contoso.com: the conflict is the expected one"),
        "{told}"
    );
    let mut model = expected.model();
    press(&mut model, &[Cmd::Down, Cmd::Down, Cmd::Inspect]);
    let page = draw(&mut model);
    assert!(
        page.contains("the conflict is the expected one, and nothing is wrong") && !page.contains("refused: Graph"),
        "{page}"
    );
    for others in [format!("{SHAREPOINT_2}, {ANOTHER}"), format!("{SHAREPOINT_2}, {SHAREPOINT_1}, {ANOTHER}")] {
        let told = events(&refused(&others));
        assert!(told.contains("✖ licensing says no to"), "a third product is in it: {told}");
    }
    // Who has left the source group has no such conflict to expect.
    let user = expected.active()[2];
    expected.observed(&[user], &Standing::ExpectedConflict);
    assert!(events(&expected).contains('✔'), "it stays good news");
}

fn alarmed() -> (Scene, Vec<UserId>) {
    let mut scene = scene::removable();
    scene.later(20).removed().later(30);
    let users = scene.active();
    scene.observed(&users[..6], &Standing::Unlicensed).later(150);
    scene.event(Event::AlarmRaised { users: users[..6].to_vec() });
    (scene, users)
}

#[test]
fn an_alarm_counts_who_is_without_a_license_now_and_says_when_it_is_over() {
    let (mut scene, users) = alarmed();
    assert!(sentence(&scene).contains("alarm: 6 users without a license"), "{}", sentence(&scene));
    scene.observed(&users[..4], &Standing::Migrated);
    assert!(sentence(&scene).contains("alarm: 2 users without a license"), "{}", sentence(&scene));
    let asked = draw(&mut opened(&scene));
    assert!(asked.contains("2 users without a license") && asked.contains("4 had none for a while"), "{asked}");
    scene.later(5).observed(&users[4..6], &Standing::Migrated);
    let over = sentence(&scene);
    assert!(over.contains("alarm is over: 6 users were without a license, nobody is now"), "{over}");
    assert!(over.contains("press a"), "acknowledged, not lost: {over}");
    let asked = draw(&mut opened(&scene));
    assert!(asked.contains("The alarm is over since 14:"), "{asked}");
}

#[test]
fn a_halt_counts_who_is_stuck_now() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[..3], &scene::standing_stuck());
    scene.event(Event::Halted { why: HaltReason::TooManyStuck { stuck: 4, most: 3 } });
    assert!(sentence(&scene).contains("halted: 4 users are stuck, more than 3"), "{}", sentence(&scene));
    scene.observed(&users[..2], &Standing::HoldsBoth);
    let told = sentence(&scene);
    assert!(told.contains("halted: 2 users are stuck now · when it halted 4 were or had been, more than 3"), "{told}");
    assert!(draw(&mut opened(&scene)).contains("2 users are stuck now"));

    let (mut scene, users) = alarmed();
    scene.event(Event::Halted { why: HaltReason::Unlicensed });
    scene.event(Event::AlarmAcknowledged { by: "megan.bowen@contoso.com".into() });
    assert!(sentence(&scene).contains("halted: 6 users are without a license"), "{}", sentence(&scene));
    scene.observed(&users[..6], &Standing::Migrated);
    assert!(sentence(&scene).contains("halted: users were without a license, nobody is now"), "{}", sentence(&scene));
}

#[test]
fn at_the_end_the_same_six_people_are_counted_once() {
    let mut scene = Scene::checked(scene::preflight((0..12).map(scene::ready).collect()));
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users, &Standing::HoldsBoth).later(5).removed().later(40);
    scene.observed(&users[..6], &Standing::Migrated).observed(&users[6..], &Standing::Unlicensed);
    for user in &users[6..] {
        scene.event(Event::Excluded { user: *user, by: "megan.bowen@contoso.com".into() });
    }
    scene.event(Event::BatchComplete { batch: 0 }).event(Event::MigrationComplete);
    let told = sentence(&scene);
    assert!(told.contains("migration complete, 6 exceptions: 6 migrated · 6 without a license"), "{told}");
    assert!(!told.contains("excluded"), "{told}");
}

#[test]
fn on_a_resumed_run_no_column_is_empty() {
    let mut scene = scene::verifying();
    scene.snapshot.facts.iter_mut().for_each(|facts| *facts = None);
    let drawn = draw(&mut scene.model());
    let row =
        |drawn: &str, name: &str| drawn.lines().find(|line| line.contains(&format!(" {name} "))).unwrap().to_owned();
    assert!(row(&drawn, "adelev").contains("ready · conflict as expected"), "{drawn}");
    assert!(row(&drawn, "diegos").contains("processing"), "{drawn}");
    assert!(row(&drawn, "samirk").contains("no free seat"), "{drawn}");
    let users = scene.active();
    scene.observed(&users, &Standing::HoldsBoth).removed();
    scene.snapshot.facts.iter_mut().for_each(|facts| *facts = None);
    let drawn = draw(&mut scene.model());
    assert!(row(&drawn, "adelev").contains("processing"), "what was seen before the removal is old: {drawn}");
}

#[test]
fn after_the_end_the_plan_and_the_head_of_the_screen_have_the_same_seats() {
    let mut scene = Scene::checked(scene::preflight((0..6).map(scene::ready).collect()));
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users, &Standing::HoldsBoth).later(5).removed().later(40);
    scene
        .observed(&users, &Standing::Migrated)
        .event(Event::BatchComplete { batch: 0 })
        .event(Event::MigrationComplete);
    scene.snapshot.free_seats = Some(55);
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(4)]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("seats 55 free") && drawn.contains("55 free now"), "{drawn}");
    assert!(drawn.contains("before the batch: 61 available, 6 needed"), "{drawn}");
}

#[test]
fn the_head_of_the_screen_says_until_when_graph_asked_to_wait() {
    let mut scene = scene::verifying();
    let mut head = |connection: Connection| {
        scene.snapshot.connection = connection;
        text(&frame(&mut scene.model(), 160, 40).0).lines().next().unwrap().to_owned()
    };
    let soon = "2026-08-24T14:33:07Z".parse().unwrap();
    let later = "2026-08-24T16:00:00Z".parse().unwrap();
    assert!(
        head(Connection::Slowed { limit: Limit::Writes, used: None, until: soon, asked: None })
            .contains("throttled until 14:33:07")
    );
    let long = head(Connection::Slowed { limit: Limit::Writes, used: None, until: soon, asked: Some(later) });
    assert!(long.contains("throttled until 16:00:00, asked again 14:33:07"), "{long}");
    let centuries = head(Connection::Slowed {
        limit: Limit::Writes,
        used: None,
        until: soon,
        asked: Some("2426-08-24T16:00:00Z".parse().unwrap()),
    });
    assert!(centuries.contains("until 2426-08-24 16:00"), "{centuries}");
    assert!(
        head(Connection::Cautious { limit: Limit::Reads, used: None, until: soon }).contains("slower until 14:33:07")
    );
}

/// A source license that another product holds does not end by itself: the canary's users count at once, and the rest is
/// not removed behind them.
#[test]
fn who_keeps_the_source_license_through_a_dependency_is_stuck_at_once_and_trips_the_breaker() {
    let mut scene = scene::removable();
    let (batch, users, seen, by) = (0, scene.active(), scene.seen(), scene.snapshot.operator.clone());
    let canary = users[..5].to_vec();
    scene.event(Event::RemoveApproved { batch, users, by, seen });
    scene.event(Event::RemoveIntended { batch, users: canary.clone() }).later(1);
    scene.event(Event::RemoveSettled { batch, users: canary.clone(), outcome: Outcome::Done });
    scene.observed(&canary[..2], &Standing::SourceLingers(Holder::Dependency));
    assert_eq!(follow(&scene.snapshot.run, scene.now), None, "three are borne, with the one of before");
    let drawn = draw(&mut scene.model());
    assert!(drawn.contains("▸✖ adelev ") && drawn.contains("2 stuck"), "{drawn}");
    scene.observed(&canary[2..3], &Standing::SourceLingers(Holder::Dependency));
    let halted = Event::Halted { why: HaltReason::TooManyStuck { stuck: 4, most: 3 } };
    assert_eq!(follow(&scene.snapshot.run, scene.now), Some(halted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_polls_once_while_polling_is_paused() {
    let quick =
        |settings: &mut skuferry::domain::settings::Settings| settings.interval = SignedDuration::from_millis(100);
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, quick).await;
    rig.wait("preflight is done", |shot| shot.run.preflight.is_some()).await;
    rig.send(Command::TogglePolling);
    let ready = rig.wait("polling is paused", |shot| shot.paused).await.run.active().count();
    rig.wait_for(skuferry::domain::questions::PendingQuestion::Add(ready)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    let added =
        |shot: &skuferry::engine::snapshot::Snapshot| shot.run.phase() == skuferry::domain::phase::Phase::VerifyAdded;
    let shot = rig.wait("all are added", added).await;
    assert!(shot.survey.is_none(), "no pass was made while polling is paused\n{}", rig.tale());
    rig.send(Command::PollNow);
    let read = rig.wait("they are read once", |shot| shot.survey.is_some()).await;
    assert!(read.paused, "and it stays paused");
    let mut model = scene::verifying().model();
    let mut paused = (*model.snapshot).clone();
    (paused.paused, paused.revision) = (true, paused.revision + 1);
    let _ = update(&mut model, Action::Snapshot(Arc::new(paused)));
    press(&mut model, &[Cmd::Poll]);
    assert_eq!(model.note().map(|note| note.text.as_str()), Some("polling once: it stays paused"));
}

//! One stuck user never holds up the others: the gate opens for whoever is safe, a batch ends without whoever is left
//! behind, and they are watched on and come under a later approval.

use std::collections::BTreeSet;

use proptest::prelude::*;
use skuferry::domain::automatic::follow;
use skuferry::domain::event::Event;
use skuferry::domain::group::GroupLicense;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Migration;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::domain::progress;
use skuferry::domain::progress::Awaited;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::seat_ledger::SeatLedger;
use skuferry::domain::sku::PrepaidUnits;
use skuferry::domain::sku::Sku;
use skuferry::domain::sku::Skus;
use skuferry::domain::standing::Standing;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::tui::action::Action;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use skuferry::words;

use crate::driver::Rig;
use crate::scene;
use crate::scene::Scene;
use crate::witness;

/// How many users a batch has.
const USERS: usize = 6;

/// So many batches, of which the first was added.
pub(crate) fn added(batches: usize) -> Scene {
    let mut scene = Scene::begun();
    let mut run = scene.snapshot.run.run.clone();
    (run.settings.batch_size, run.settings.canary, run.settings.max_stuck) = (USERS, 2, 20);
    let started = Event::RunStarted { run: Box::new(run), by: "megan.bowen@contoso.com".into() };
    scene.snapshot.run = Migration::start(scene.now, &started).unwrap();
    let preflight = scene::preflight((0..batches * USERS).map(scene::ready).collect());
    scene.snapshot.facts = std::iter::repeat_n(None, preflight.users.len()).collect();
    scene.event(Event::Checked { preflight: Box::new(preflight) });
    scene.later(9).added().later(60);
    scene
}

/// Takes in what follows by itself.
fn settle(scene: &mut Scene) {
    while let Some(event) = follow(&scene.snapshot.run, scene.now) {
        scene.event(event);
    }
}

fn asked(scene: &Scene) -> Option<Vec<UserId>> {
    match questions::question(&scene.snapshot.run, 1, None) {
        Ok(Question::Remove(proposal)) => Some(proposal.users().to_vec()),
        _ => None,
    }
}

/// These users are approved, removed and acknowledged, whoever else there is.
pub(crate) fn remove(scene: &mut Scene, batch: usize, users: &[UserId]) {
    let (users, seen, by) = (users.to_vec(), scene.seen(), "megan".to_owned());
    scene.event(Event::RemoveApproved { batch, users: users.clone(), by, seen }).later(1);
    scene.event(Event::RemoveIntended { batch, users: users.clone() }).later(1);
    scene.event(Event::RemoveSettled { batch, users, outcome: Outcome::Done }).later(1);
    settle(scene);
}

/// Where somebody who was added may stand.
fn standings() -> impl Strategy<Value = Vec<Standing>> {
    let one = prop::sample::select(vec![
        Standing::HoldsBoth,
        Standing::ExpectedConflict,
        Standing::OnSource,
        scene::standing_stuck(),
        Standing::Missing,
    ]);
    prop::collection::vec(one, USERS)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn the_gate_opens_for_who_is_safe_and_for_nobody_else(
        stands in standings(),
        rest in standings(),
        batches in 1..3_usize,
    ) {
        let mut scene = added(batches);
        let users = scene.active();
        for (user, standing) in users.iter().zip(&stands) {
            scene.observed(&[*user], standing);
        }
        let safe = |stands: &[Standing], among: &[UserId]| -> Vec<UserId> {
            let pairs = users.iter().zip(stands).filter(|(user, _)| among.contains(user));
            pairs.filter(|(_, one)| matches!(one, Standing::HoldsBoth | Standing::ExpectedConflict))
                .map(|(user, _)| *user).collect()
        };
        let first = safe(&stands, &users);
        // Asked for, it opens as soon as one is safe; by itself it waits once nobody is in work any more.
        prop_assert_eq!(asked(&scene).unwrap_or_default(), first.clone());
        let in_work = stands.contains(&Standing::OnSource);
        let waits = questions::pending_question(&scene.snapshot.run);
        match (first.len(), in_work) {
            (0, _) | (_, true) => prop_assert!(matches!(waits, Err(Refusal::NotSafeYet(_))), "{waits:?}"),
            (safe, false) => prop_assert_eq!(waits, Ok(PendingQuestion::Remove(safe))),
        }
        if first.is_empty() {
            settle(&mut scene);
            prop_assert_eq!(scene.snapshot.run.phase_of(0), Phase::VerifyAdded, "a batch of which nobody came on is not over");
            return Ok(());
        }
        remove(&mut scene, 0, &first);
        prop_assert_eq!(scene.snapshot.run.phase_of(0), Phase::VerifyMigrated);
        scene.observed(&first, &Standing::Migrated);
        settle(&mut scene);
        let behind: Vec<UserId> = users.iter().filter(|user| !first.contains(user)).copied().collect();
        if in_work {
            prop_assert_eq!(scene.snapshot.run.phase_of(0), Phase::VerifyMigrated, "licensing may bring more yet");
            scene.later(3600);
            settle(&mut scene);
        }
        let run = &scene.snapshot.run;
        prop_assert_eq!(run.phase_of(0), Phase::Complete);
        prop_assert_eq!(run.exceptions_of(0), behind.len());
        let told = words::batches::completion(run, 0);
        prop_assert_eq!(told.contains("exception"), !behind.is_empty(), "{}", told);
        prop_assert_eq!(run.under_way_batches(), (1..batches).collect::<Vec<_>>(), "the next batch begins");
        prop_assert_eq!(run.complete, batches == 1);
        let watched: BTreeSet<UserId> = run.watched().into_iter().collect();
        for (user, standing) in users.iter().zip(&stands).filter(|(user, _)| behind.contains(user)) {
            prop_assert_eq!(watched.contains(user), *standing != Standing::Missing, "{:?} is watched on", standing);
        }
        // Later some of them are safe, and only these are asked about.
        for (user, standing) in users.iter().zip(&rest).filter(|(user, _)| behind.contains(user)) {
            scene.observed(&[*user], standing);
        }
        let second = safe(&rest, &behind);
        let gate = questions::gate_of(&scene.snapshot.run, 0);
        if second.is_empty() {
            prop_assert_eq!(gate, Err(Refusal::BatchComplete));
            return Ok(());
        }
        prop_assert_eq!(gate.is_ok(), scene.snapshot.run.may_remove(0), "rule 5 holds for who comes later");
        if gate.is_ok() {
            let put = questions::question_of(&scene.snapshot.run, 0, 1, None);
            let Ok(Question::Remove(proposal)) = put else { panic!("{put:?}") };
            prop_assert_eq!(proposal.users(), second.as_slice());
            remove(&mut scene, 0, &second);
            prop_assert!(scene.snapshot.run.user(second[0]).is_some_and(|user| user.remove.is_done()));
        }
    }
}

#[test]
fn an_answer_holds_while_others_become_safe_and_not_once_one_of_its_own_is_safe_no_more() {
    let mut scene = added(2);
    let users = scene.active();
    scene.observed(&users[..4], &Standing::HoldsBoth).observed(&users[4..], &Standing::OnSource);
    let approval = |scene: &Scene| match questions::question(&scene.snapshot.run, 7, None) {
        Ok(Question::Remove(proposal)) => proposal.typed("4").unwrap(),
        other => panic!("{other:?}"),
    };
    let early = approval(&scene);
    scene.observed(&users[4..5], &Standing::HoldsBoth);
    assert_eq!(questions::admit(&scene.snapshot.run, &early, 7), Ok(()));
    assert_eq!(early.left(), &users[..4], "who was not asked about is not removed");
    scene.observed(&users[..1], &scene::standing_stuck());
    assert_eq!(questions::admit(&scene.snapshot.run, &early, 7), Err(Refusal::Stale));
    assert_eq!(questions::admit(&scene.snapshot.run, &approval(&scene), 8), Err(Refusal::Stale), "by number");
}

#[test]
fn who_is_late_holds_nobody_up_and_who_is_without_a_license_holds_the_end() {
    let mut scene = added(2);
    let users = scene.active();
    scene.observed(&users[..4], &Standing::HoldsBoth).observed(&users[4..], &Standing::OnSource);
    let waits = |scene: &Scene| progress::waiting(&scene.snapshot.run, scene.now).what;
    assert!(matches!(waits(&scene), Awaited::Users(_)), "{:?}", waits(&scene));
    scene.later(3600);
    assert!(matches!(waits(&scene), Awaited::Remove { users: 4, .. }), "{:?}", waits(&scene));
    remove(&mut scene, 0, &users[..4]);
    scene.observed(&users[..3], &Standing::Migrated).observed(&users[3..4], &Standing::Unlicensed);
    settle(&mut scene);
    assert_eq!(scene.snapshot.run.phase_of(0), Phase::VerifyMigrated, "rule 6: it is no exception among others");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_ends_without_its_stuck_user_who_is_moved_once_that_is_mended() {
    for scenario in [Scenario::NonConflicting, Scenario::Conflicting] {
        let options = Options { scenario, users: 8, seed: 5, ..Options::default() };
        let mut rig = Rig::open(options, |settings| {
            (settings.batch_size, settings.batches_under_way, settings.canary, settings.max_stuck) = (4, 1, 2, 20);
        })
        .await;
        rig.wait_for(PendingQuestion::Add(4)).await;
        let one = rig.snapshot().run.members(0).nth(2).and_then(|user| user.id).unwrap();
        let locate = |country: &str| format!("[[event]]\nlocate = {{ user = \"{one}\", country = \"{country}\" }}\n");
        let home = rig.snapshot().facts_of(one).and_then(|facts| facts.usage_location.clone()).unwrap();
        rig.sim.set_faults(&locate("AQ")).unwrap();
        let migrated = |shot: &Snapshot, of: usize| shot.run.members(of).filter(|user| user.is_migrated()).count();
        // Nobody is excluded: the second batch begins and ends as well.
        let asks = |shot: &Snapshot| shot.run.complete || questions::pending_question(&shot.run).is_ok();
        for _ in 0..200 {
            let shot = rig.wait("a question", asks).await;
            match rig.ask().await {
                Ok(question) => drop(rig.yes(question)),
                Err(_) if shot.run.complete => break,
                Err(_) => {}
            }
            rig.a_while(&shot).await;
        }
        let shot = rig.wait("complete", |shot| shot.run.complete).await;
        assert_eq!((migrated(&shot, 0), shot.run.exceptions_of(0)), (3, 1), "{}", rig.tale());
        assert!(!shot.run.user(one).unwrap().remove.is_done(), "who is left behind keeps the source license");
        // The cause is mended: they are seen to be safe, and asked about, though the run was complete.
        rig.sim.set_faults(&locate(&home)).unwrap();
        let question = rig.put(Command::AskReprocess(vec![one])).await.unwrap();
        rig.yes(question);
        rig.wait_for(PendingQuestion::Remove(1)).await;
        let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("it waits") };
        assert_eq!(proposal.users(), [one]);
        rig.send(Command::Remove(proposal.typed("1").unwrap()));
        let all = |shot: &Snapshot| shot.run.complete && shot.run.user(one).unwrap().is_migrated();
        let shot = rig.wait("all are migrated", all).await;
        assert_eq!(shot.run.exceptions_of(0), 0, "{}", rig.tale());
        witness::check(&rig);
    }
}

/// Who lost the license once, and had one again, rings the alarm anew when it is lost again (rule 6).
#[test]
fn who_loses_the_license_a_second_time_rings_the_alarm_again() {
    let mut scene = added(1);
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict).later(5);
    remove(&mut scene, 0, &users);
    let rings = |scene: &Scene| {
        let run = &scene.snapshot.run;
        run.halted.is_some() && run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged)
    };
    scene.observed(&users[..1], &Standing::Unlicensed).later(600);
    settle(&mut scene);
    assert!(rings(&scene));
    let by = || "megan".to_owned();
    scene.event(Event::AlarmAcknowledged { by: by() }).event(Event::HaltLifted { by: by() }).later(5);
    settle(&mut scene);
    assert!(!rings(&scene), "once is told once, as long as it lasts");
    scene.observed(&users, &Standing::Migrated).later(5);
    settle(&mut scene);
    scene.observed(&users[..1], &Standing::Unlicensed).later(600);
    settle(&mut scene);
    assert!(rings(&scene));
}

/// Whom somebody else has moved, of a batch that is complete, there is nothing to approve for.
#[test]
fn whom_others_have_moved_since_their_batch_was_complete_is_not_asked_about() {
    let mut scene = added(1);
    let users = scene.active();
    scene.observed(&users[..5], &Standing::ExpectedConflict).observed(&users[5..], &scene::standing_stuck()).later(5);
    remove(&mut scene, 0, &users[..5]);
    scene.observed(&users[..5], &Standing::Migrated).later(5);
    settle(&mut scene);
    assert_eq!(scene.snapshot.run.phase_of(0), Phase::Complete);
    scene.observed(&users[5..], &Standing::Migrated).later(5);
    settle(&mut scene);
    assert_eq!((asked(&scene), questions::gates(&scene.snapshot.run)), (None, Vec::new()));
}

/// Whoever was turned back is in the target group yet and may take a seat of it: it is not given to another (rule 4).
#[test]
fn who_is_turned_back_counts_for_the_seats_of_the_way_there() {
    let mut scene = added(2);
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict).later(5);
    remove(&mut scene, 0, &users[..1]);
    let fits = |scene: &Scene| one_seat_fits(scene, &users[1..2]);
    assert_eq!(fits(&scene), 0, "the one seat is for who has left");
    let by = "megan".to_owned();
    scene.event(Event::RollbackStarted { batch: 2, users: users[..1].to_vec(), by }).later(5);
    assert_eq!(fits(&scene), 0, "and still is");
}

/// One seat is free, a user is in conflict as expected, and another was added and is in work. Where licensing was seen to give
/// both licenses at once, that one may take the seat before the first has left: whoever is removed then has none (rule 4).
#[test]
fn who_is_in_work_may_take_a_seat_once_somebody_was_seen_with_both_licenses() {
    let mut scene = added(2);
    let users = scene.active();
    scene.observed(&users[..1], &Standing::ExpectedConflict).later(5);
    let fits = |scene: &Scene| one_seat_fits(scene, &users[..1]);
    assert_eq!(fits(&scene), 1, "all that was seen is in conflict, and takes its seat by leaving");
    scene.observed(&users[1..], &Standing::HoldsBoth).later(5).observed(&users[1..], &Standing::OnSource);
    assert_eq!(fits(&scene), 0, "the other may be given the license again");
    let full = scene::standing_stuck();
    scene.later(5).observed(&users[1..], &full);
    assert_eq!(fits(&scene), 0, "who is stuck takes it when what is wrong passes");
    scene.later(5).observed(&users[1..], &Standing::ExpectedConflict);
    assert_eq!(fits(&scene), 1, "and who is in conflict takes one by leaving only");
}

/// Two batches are approved to be removed at once, and each alone would have seats: together they have not (rule 4).
#[test]
fn two_batches_are_not_approved_the_same_seat() {
    let mut scene = Scene::begun();
    let mut run = scene.snapshot.run.run.clone();
    (run.settings.batch_size, run.settings.canary, run.settings.batches_under_way) = (USERS, 1, 2);
    let started = Event::RunStarted { run: Box::new(run), by: "megan".into() };
    scene.snapshot.run = Migration::start(scene.now, &started).unwrap();
    let preflight = scene::preflight((0..2 * USERS).map(scene::ready).collect());
    let seats = preflight.seats;
    scene.snapshot.facts = std::iter::repeat_n(None, preflight.users.len()).collect();
    scene.event(Event::Checked { preflight: Box::new(preflight) });
    let checked =
        Event::BatchChecked { batch: 1, problems: Vec::new(), seats, products: Vec::new(), reasons: Vec::new() };
    scene.event(checked).later(9);
    for batch in 0..2 {
        let users: Vec<UserId> = scene.snapshot.run.members(batch).filter_map(|user| user.id).collect();
        let (seen, by) = (scene.seen(), "megan".to_owned());
        scene.event(Event::AddApproved { batch, users: users.clone(), by, seen }).later(1);
        scene.event(Event::AddIntended { batch, users: users.clone() }).later(1);
        scene.event(Event::AddSettled { batch, users: users.clone(), outcome: Outcome::Done });
        settle(&mut scene);
        scene.later(60).observed(&users, &Standing::ExpectedConflict);
    }
    let of = |scene: &Scene, batch| -> Vec<UserId> {
        let left = scene.snapshot.run.members(batch).filter(|user| !user.remove.is_done());
        left.filter_map(|user| user.id).collect()
    };
    let canary = of(&scene, 0)[..1].to_vec();
    remove(&mut scene, 0, &canary);
    scene.observed(&canary, &Standing::Migrated);
    assert!(scene.snapshot.run.canary_arrived);
    for batch in 0..2 {
        let (users, seen, by) = (of(&scene, batch), scene.seen(), "megan".to_owned());
        scene.event(Event::RemoveApproved { batch, users, by, seen }).later(1);
    }
    let enough = |free| questions::enough_seats(&scene.snapshot.run, 1, seats_of_target(&scene, free), |_, _| false);
    let both = i64::try_from(of(&scene, 0).len() + of(&scene, 1).len()).unwrap();
    assert!(enough(both).is_ok());
    let short = enough(both - 1).unwrap_err();
    assert_eq!((short.available, short.needed), (both - 1, both));
}

/// The account of the target product, of which so many seats are free.
fn seats_of_target(scene: &Scene, free: i64) -> SeatLedger {
    let sku = scene.snapshot.run.route.target.sku;
    let product = GroupLicense { sku, disabled_plans: Vec::new() };
    let prepaid = PrepaidUnits { enabled: free, ..PrepaidUnits::default() };
    let visio = scene.snapshot.skus.iter().next().unwrap();
    let skus: Skus = [Sku { id: sku, prepaid, consumed: 0, ..visio.clone() }].into_iter().collect();
    SeatLedger::new(&[product], &skus)
}

/// How many of these users the only seat of the target product is enough for, none of whom has one.
fn one_seat_fits(scene: &Scene, users: &[UserId]) -> usize {
    questions::fit_now(&scene.snapshot.run, 0, seats_of_target(scene, 1), users, |_, _| false, |_, _| false)
}

/// A yes to a halt or an alarm does not cover one that was not shown.
#[test]
fn a_question_about_a_halt_or_an_alarm_is_closed_when_another_one_stands() {
    let mut scene = added(1);
    let users = scene.active();
    let more_stuck = HaltReason::TooManyStuck { stuck: 4, most: 3 };
    scene.event(Event::Halted { why: more_stuck });
    let mut model = scene.model();
    open(&mut model, &scene);
    let _ = update(&mut model, Action::Snapshot(scene.later(1).shared()));
    assert!(matches!(model.dialog, Some(Dialog::LiftHalt { .. })), "the same halt stands");
    scene.event(Event::Halted { why: HaltReason::Command { by: "ana on vm".into() } });
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert!(model.dialog.is_none());

    scene.event(Event::AlarmRaised { users: users[..1].to_vec() });
    let mut model = scene.model();
    open(&mut model, &scene);
    assert!(matches!(model.dialog, Some(Dialog::Alarm(_))));
    scene.later(1).event(Event::AlarmRaised { users: users[1..2].to_vec() });
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert!(model.dialog.is_none());
}

/// Opens what waits, as `a` does.
fn open(model: &mut Model, scene: &Scene) {
    let _ = update(model, Action::Cmd(Cmd::Approve));
    let question = scene.question();
    let _ = update(model, Action::Noticed(Notice::Question(question)));
}

/// A halt from elsewhere is told though another one stands: whoever lifts that one has not seen it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_from_elsewhere_is_told_though_the_run_is_halted() {
    let mut rig = Rig::open(Options { users: 4, ..Options::default() }, |_| {}).await;
    rig.wait("an addition waits", |shot| !shot.gates.is_empty()).await;
    rig.send(Command::Halt);
    rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    let by = "ana on vm".to_owned();
    rig.send(Command::HaltFrom(by.clone()));
    let told = HaltReason::Command { by };
    rig.wait("told", |shot| shot.run.halted.as_ref().is_some_and(|halt| halt.also == [told.clone()])).await;
}

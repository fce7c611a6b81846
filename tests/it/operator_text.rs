//! What an operator reads who comes to a run at night: every count agrees with the others, and every sentence is true.

use skuferry::config::Config;
use skuferry::domain::event::Event;
use skuferry::domain::external_change::ExternalChange;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::license::AssignmentState;
use skuferry::domain::license::LicenseError;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::requests;
use skuferry::domain::seat_ledger::Shortage;
use skuferry::domain::standing::Failure;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::standing::Trouble;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::journal::Writer;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::driver::Rig;
use crate::rollback_screens;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::opened;
use crate::screens::press;
use crate::screens::text;
use crate::witness;
use skuferry::engine::ReadOnly;

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(40);

fn draw(model: &mut Model) -> String {
    text(&frame(model, 180, 40).0)
}

fn last_lines(drawn: &str) -> String {
    let lines: Vec<_> = drawn.lines().rev().take(4).collect();
    lines.join("\n")
}

/// What `status` says of the scene's journal.
fn status(scene: &Scene) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), scene.snapshot.run.run.id).unwrap();
    for (at, event) in &scene.snapshot.events {
        writer.append(*at, event).unwrap();
    }
    drop(writer);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"));
    let output = command.arg("status").env("SKUFERRY_DATA_DIR", folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn who_was_blocked_without_a_license_rings_no_alarm_on_the_screen_either() {
    let mut scene = Scene::preflighted(44);
    scene.observed(&[scene::id(3)], &Standing::Unlicensed).later(15);
    let mut model = scene.model();
    press(&mut model, &[Cmd::Down, Cmd::Down, Cmd::Down]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("▸⊘ gradya "), "{drawn}");
    assert!(drawn.contains("neither E1 nor E3"), "{drawn}");
    for untrue in [" alarm ", "(R)", "in this run"] {
        assert!(!drawn.contains(untrue), "{untrue}\n{drawn}");
    }
    assert!(status(&scene).contains("4 blocked, 0 unlicensed"), "{}", status(&scene));
}

#[test]
fn who_is_stuck_or_taken_out_is_not_counted_again_as_one_who_went_back() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[4..5], &Standing::Missing);
    scene.observed(&users[5..6], &Standing::OnSource);
    scene.event(Event::Excluded { user: users[5], by: "megan.bowen@contoso.com".into() });
    assert!(users[4..6].iter().all(|id| scene.snapshot.run.user(*id).unwrap().went_back));
    let drawn = draw(&mut scene.model());
    // One of the scene's own went back and waits again.
    assert!(last_lines(&drawn).contains("2 stuck · 1 went back"), "{drawn}");
}

/// The facts of the open question, without the users below them.
fn asked(scene: &Scene) -> String {
    let drawn = draw(&mut opened(scene));
    drawn.lines().skip_while(|line| !line.contains('?')).take(14).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_standings_of_a_question_are_those_of_the_users_it_is_about() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[2..3], &Standing::OnSource).later(4);
    scene.event(Event::ExternalChange { user: users[2], what: ExternalChange::TakenOut });
    let asked = asked(&scene);
    assert!(asked.contains("Add 1 user to \"Lic-E3\"?"), "{asked}");
    let standings = asked.lines().find(|line| line.contains("standings")).unwrap();
    assert!(standings.contains("1 on source") && !standings.contains("stuck"), "{asked}");
}

#[test]
fn a_removal_counts_seats_for_those_who_have_none_yet() {
    let mut scene = scene::removable();
    let users = scene.active();
    scene.snapshot.free_seats = Some(1);
    scene.observed(&users[2..], &Standing::HoldsBoth);
    assert!(asked(&scene).contains("1 of E3 free, for 2 users"), "{}", asked(&scene));
    scene.observed(&users[..2], &Standing::HoldsBoth);
    let asked = asked(&scene);
    assert!(!asked.contains("free, for") && asked.contains("E3 is active already and stays"), "{asked}");
}

#[test]
fn who_has_neither_license_is_not_said_to_keep_one() {
    let mut scene = scene::removable();
    let users = scene.active();
    scene.later(20).removed().later(30).observed(&users[3..4], &Standing::Unlicensed);
    let (by, batch, lost) = (scene.snapshot.operator.clone(), scene.snapshot.run.batches.len(), users[3..4].to_vec());
    scene.event(Event::RollbackStarted { batch, users: lost, by });
    scene.later(2);
    rollback_screens::checked(&mut scene).later(3).observed(&users[3..4], &Standing::Unlicensed);
    let asked = asked(&scene);
    assert!(asked.contains("Add 1 user to \"Lic-E1\"?") && asked.contains("E1 comes back"), "{asked}");
    assert!(!asked.contains("keeps"), "{asked}");
}

#[test]
fn one_seat_is_one_seat() {
    let mut scene = scene::removable();
    scene.event(Event::Halted { why: HaltReason::Seats(Shortage { available: 1, needed: 2, ..Shortage::default() }) });
    assert!(draw(&mut scene.model()).contains("halted: 1 seat is free, 2 are needed"));
    let short =
        Shortage { available: 3, needed: 1, product: Some("Microsoft Entra ID P1".into()), ..Shortage::default() };
    let told = skuferry::words::halt::reason(&HaltReason::Seats(short));
    assert_eq!(told, "3 seats of Microsoft Entra ID P1 are free, 1 is needed");
}

#[test]
fn a_conflict_that_another_product_keeps_up_names_its_cause_and_can_be_reprocessed() {
    let mut scene = scene::removable();
    scene.later(20).removed().later(5);
    let user = scene.active()[0];
    scene.observed(&[user], &Standing::ExpectedConflict);
    assert!(draw(&mut scene.model()).contains("licensing has"), "{}", draw(&mut scene.model()));
    let place = scene.snapshot.run.place(user).unwrap();
    let mut facts = (**scene.snapshot.facts[place].as_ref().unwrap()).clone();
    let source = scene::route().source.sku;
    let left = facts.states.iter_mut().find(|entry| entry.sku == source).unwrap();
    (left.state, left.error) = (AssignmentState::ActiveWithError, Some(LicenseError::DependencyViolation));
    scene.snapshot.facts[place] = Some(Arc::new(facts));
    let mut model = scene.model();
    let drawn = draw(&mut model);
    for word in ["E1 stays behind because another", "then reprocess the license (r)", "r reprocess"] {
        assert!(drawn.contains(word), "{word}\n{drawn}");
    }
    assert!(!drawn.contains("licensing has"), "{drawn}");
    assert_eq!(drawn.matches("reprocess the license (r)").count(), 1, "{drawn}");
    assert!(requests::reprocess(&scene.snapshot.run, 1, &[user], Some(61)).is_ok());
}

#[test]
fn what_is_cut_off_in_a_list_of_users_says_so() {
    let mut scene = scene::verifying();
    let users = scene.active();
    let stuck = Standing::Stuck(Trouble::Error("ProhibitedInUsageLocationViolation".into()));
    scene.observed(&users[..1], &stuck);
    scene.event(Event::Excluded { user: users[0], by: "megan.bowen@contoso.com".into() });
    scene.event(Event::Halted { why: HaltReason::Operator });
    let drawn = text(&frame(&mut opened(&scene), 80, 24).0);
    let row = drawn.lines().find(|line| line.contains("· adelev@")).unwrap();
    assert!(row.contains("… · excluded · went back") && row.contains("stuck · "), "{drawn}");
}

#[test]
fn nothing_is_said_of_the_licenses_of_somebody_who_is_not_there() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[..1], &Standing::Missing);
    let mut model = scene.model();
    press(&mut model, &[Cmd::Exclude]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("Exclude adelev@contoso.com") && !drawn.contains("They keep"), "{drawn}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_deleted_shows_no_licenses_of_an_earlier_read() {
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait_for(PendingQuestion::Remove(4)).await;
    let gone = rig.planned()[1];
    rig.sim.set_faults(&format!("[[event]]\ndelete_user = \"{gone}\"\n")).unwrap();
    let missing = |shot: &Snapshot| shot.run.user(gone).unwrap().standing == Some(Standing::Missing);
    let shot = rig.wait("the user is missing", missing).await;
    assert!(shot.facts_of(gone).is_none(), "{:?}", shot.facts_of(gone));
}

/// Waits until a snapshot of a session is as wanted.
async fn until(sitting: &mut Handle, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let found = tokio::time::timeout(PATIENCE, sitting.snapshots.wait_for(|shot| wanted(shot))).await;
    found.expect("the sitting never shows it").unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sitting_follows_the_run_beside_it_to_its_end() {
    let mut rig =
        Rig::open(Options { users: 6, seed: 5, ..Options::default() }, |settings| settings.batch_size = 3).await;
    // It opens before preflight has cut the batches, and is told all of it by the journal.
    let mut onlooker = rig.onlooker();
    rig.operate("verified", |shot| shot.run.phase() == Phase::VerifyAdded).await;
    let shot = until(&mut onlooker, |shot| shot.run.phase() == Phase::VerifyAdded).await;
    assert_eq!(shot.run.batches.len(), 2);
    let end = rig.finish().await;
    let shot = until(&mut onlooker, |shot| shot.run.complete).await;
    assert_eq!(shot.run.users, end.run.users);
    assert!(shot.facts.iter().any(Option::is_some), "it reads the licenses itself");
    assert!(shot.events.iter().any(|(_, event)| matches!(**event, Event::RemoveApproved { .. })));
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sitting_that_only_looks_halts_nothing_and_does_not_say_that_it_did() {
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let mut onlooker = rig.onlooker();
    onlooker.commands.send(Command::Halt).unwrap();
    let notice = tokio::time::timeout(PATIENCE, onlooker.notices.recv()).await.unwrap().unwrap();
    let told = skuferry::words::notice::told(&notice).unwrap();
    assert_eq!(told, "read-only: another skuferry is at work between these two groups");
    assert!(onlooker.snapshots.borrow().run.halted.is_none() && rig.snapshot().run.halted.is_none());

    let mut scene = scene::verifying();
    scene.snapshot.read_only = Some(ReadOnly::AtWork { process: None });
    let mut model = scene.model();
    assert!(update(&mut model, Action::Cmd(Cmd::Halt)).is_empty());
    let drawn = draw(&mut model);
    assert!(
        drawn.contains("nothing to halt: another skuferry") && !drawn.contains("nothing more is written"),
        "{drawn}"
    );
}

#[test]
fn who_is_stuck_is_not_forgotten_over_an_approval_that_waits() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[2..3], &Standing::OnSource).later(4);
    scene.event(Event::ExternalChange { user: users[2], what: ExternalChange::TakenOut });
    let drawn = draw(&mut scene.model());
    assert!(
        drawn.contains(
            "1 stuck · waiting for approval: add 1 user to \"Lic-E3\" · again, as somebody else took them out"
        ),
        "{drawn}"
    );
}

#[test]
fn nothing_on_the_line_of_progress_moves_while_a_poll_comes_and_goes() {
    let mut scene = scene::verifying();
    let mut shape = |activity: Activity, seconds: i64| {
        scene.snapshot.activity = activity;
        scene.snapshot.next_poll = Some(scene.now + SignedDuration::from_secs(seconds));
        let drawn = text(&frame(&mut scene.model(), 80, 24).0);
        let line = drawn.lines().find(|line| line.contains("safe to remove")).unwrap().to_owned();
        [line.find(" / "), line.find("seats")]
    };
    let still = shape(Activity::Idle, 23);
    assert!(still.iter().all(Option::is_some));
    for (activity, seconds) in [(Activity::Idle, 9), (Activity::Idle, 0), (Activity::Polling, 0)] {
        assert_eq!(shape(activity, seconds), still, "{seconds}");
    }
}

/// What is still to come is never told as nothing.
#[test]
fn a_poll_that_comes_within_a_second_is_not_told_to_come_in_no_time() {
    let mut scene = scene::verifying();
    for (millis, told) in
        [(1, "next poll 1 s"), (999, "next poll 1 s"), (1_000, "next poll 1 s"), (1_001, "next poll 2 s")]
    {
        scene.snapshot.next_poll = Some(scene.now + SignedDuration::from_millis(millis));
        let drawn = text(&frame(&mut scene.model(), 120, 40).0);
        assert!(drawn.contains(told), "{millis} ms\n{drawn}");
    }
}

#[test]
fn users_blocked_for_two_reasons_are_not_taken_for_two_users() {
    let mut model = Scene::preflighted(44).model();
    press(&mut model, &[Cmd::View(4)]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("4 blocked, for 5 reasons"), "{drawn}");
}

#[test]
fn the_line_of_keys_says_what_enter_does_in_each_view() {
    for (view, says) in [(1, "Enter inspect"), (2, "Enter open")] {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::View(view)]);
        let drawn = draw(&mut model);
        assert!(drawn.lines().last().unwrap().contains(says), "{drawn}");
    }
}

#[test]
fn status_tells_who_was_without_a_license_and_for_how_long() {
    let mut scene = scene::removable();
    let users = scene.active();
    scene.later(20).removed().later(30).observed(&users[..2], &Standing::Unlicensed).later(89);
    scene.observed(&users[..1], &Standing::Migrated);
    let told = status(&scene);
    assert!(told.contains("adelev@contoso.com was without a license for 1 min 30 s\n"), "{told}");
    assert!(told.contains("alexw@contoso.com is without a license since 2026-08-24 "), "{told}");
    assert!(told.contains(" 1 unlicensed\n"), "{told}");
}

#[test]
fn the_config_of_a_simulated_tenant_fits_whatever_its_name() {
    for name in ["Königsberg & Söhne", "山田", "Contoso \\\"West\\\""] {
        let tenant = format!(
            "[tenant]\nname = \"{name}\"\ndomain = \"contoso.com\"\n\n[migration]\nname = \"{name}\"\n\
             source = {{ group = \"One\", sku = \"STANDARDPACK\" }}\ntarget = {{ group = \"Two\", sku = \"ENTERPRISEPACK\" }}\n\n\
             [[sku]]\npart = \"STANDARDPACK\"\nseats = 5\n\n[[sku]]\npart = \"ENTERPRISEPACK\"\nseats = 5\n\n\
             [[group]]\nname = \"One\"\nlicenses = [\"STANDARDPACK\"]\n\n[[group]]\nname = \"Two\"\nlicenses = [\"ENTERPRISEPACK\"]\n"
        );
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let sim = runtime.block_on(Sim::start(Options { tenant: Some(tenant), ..Options::default() })).unwrap();
        Config::parse(&sim.config_toml(), Path::new("config.toml")).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn of_those_who_are_waited_for_each_is_counted_once() {
    let mut scene = scene::removable();
    scene.later(20).removed().later(30);
    let users = scene.active();
    scene.observed(&users, &Standing::Migrated);
    scene.observed(&users[..1], &Standing::SourceLingers(Holder::NotProcessed));
    scene.observed(&users[1..2], &Standing::Stuck(Trouble::Error("CountViolation".into())));
    let drawn = draw(&mut scene.model());
    assert!(last_lines(&drawn).contains("waiting: 1 stuck · 1 went back · nothing"), "{drawn}");
    scene.later(40 * 60);
    let drawn = draw(&mut scene.model());
    assert!(last_lines(&drawn).contains("waiting: 1 late · 1 stuck · nothing"), "{drawn}");
}

#[test]
fn whom_licensing_is_done_with_is_not_said_to_be_processing() {
    let mut scene = scene::removable();
    scene.later(20).removed().later(30);
    let users = scene.active();
    scene.observed(&users[..1], &Standing::SourceLingers(Holder::Dependency));
    scene.observed(&users[1..3], &Standing::SourceLingers(Holder::NotProcessed));
    scene.observed(&users[3..], &Standing::Migrated);
    let mut model = scene.model();
    let drawn = draw(&mut model);
    assert!(last_lines(&drawn).contains("waiting: 2 processing · 1 stuck · nothing"), "{drawn}");
    assert_eq!(drawn.matches("then reprocess the license (r)").count(), 1, "{drawn}");
}

#[test]
fn whom_the_canary_waits_for_in_vain_is_shown_the_keys_that_help_after_a_halt() {
    let mut scene = scene::removable();
    let (batch, users, seen, by) = (0, scene.active(), scene.seen(), scene.snapshot.operator.clone());
    let canary = users[..5].to_vec();
    scene.event(Event::RemoveApproved { batch, users, by, seen });
    scene.event(Event::RemoveIntended { batch, users: canary.clone() }).later(1);
    scene.event(Event::RemoveSettled { batch, users: canary.clone(), outcome: Outcome::Done }).later(1);
    scene.observed(&canary[1..], &Standing::Migrated);
    scene.observed(&canary[..1], &Standing::SourceLingers(Holder::NotProcessed));
    assert!(!draw(&mut scene.model()).contains("after H, a"), "time alone helps");
    scene.observed(&canary[..1], &Standing::SourceLingers(Holder::Direct));
    let drawn = draw(&mut scene.model());
    for line in ["keys now      x exclude", "after H, a    d remove the direct", "1 still holding E1 · 14 more follow"]
    {
        assert!(drawn.contains(line), "{line}\n{drawn}");
    }
    // They help as it says: once the halt is lifted, the direct license may be asked about.
    assert!(requests::direct(&scene.snapshot.run, 1, &canary[..1], None).is_err());
    scene.event(Event::Halted { why: HaltReason::Operator });
    scene.event(Event::HaltLifted { by: "megan.bowen@contoso.com".into() });
    let drawn = draw(&mut scene.model());
    assert!(last_lines(&drawn).contains("5 were removed before · 1 still holding E1 · press"), "{drawn}");
    assert!(requests::direct(&scene.snapshot.run, 1, &canary[..1], None).is_ok());
}

#[test]
fn keys_for_the_stuck_are_not_named_where_nobody_is_said_to_be_stuck() {
    let mut scene = Scene::preflighted(44);
    let (batch, users, seen, by) = (0, scene.active(), scene.seen(), scene.snapshot.operator.clone());
    scene.event(Event::AddApproved { batch, users: users.clone(), by, seen });
    scene.event(Event::AddIntended { batch, users: users[..5].to_vec() }).later(2);
    scene.event(Event::AddSettled { batch, users: users[..5].to_vec(), outcome: Outcome::Done }).later(2);
    scene.observed(&users[..1], &scene::standing_stuck());
    let drawn = draw(&mut scene.model());
    let line = last_lines(&drawn);
    assert!(line.contains("adding: 15 users are still to be added · 1 stuck · Enter inspects"), "{drawn}");
}

#[test]
fn the_keys_for_polling_are_answered_while_an_approval_waits() {
    let mut scene = scene::removable();
    let mut model = scene.model();
    let mut told = |scene: &mut Scene, paused: bool, seconds: i64| {
        scene.snapshot.paused = paused;
        scene.snapshot.interval = SignedDuration::from_secs(seconds);
        scene.snapshot.revision += 1;
        let _ = update(&mut model, Action::Snapshot(scene.shared()));
        model.note().map(|note| note.text.clone()).unwrap_or_default()
    };
    assert_eq!(told(&mut scene, false, 30), "");
    assert_eq!(told(&mut scene, false, 60), "polling every 1 min");
    assert_eq!(told(&mut scene, true, 60), "polling is paused: P resumes it");
    assert_eq!(told(&mut scene, true, 120), "polling every 2 min, once P resumes it");
    assert_eq!(told(&mut scene, false, 120), "polling every 2 min");
}

#[test]
fn a_wide_screen_shows_the_longest_error_in_full() {
    let mut scene = scene::verifying();
    let user = scene.active()[0];
    let word = "ProhibitedInUsageLocationViolation";
    scene.observed(&[user], &Standing::Stuck(Trouble::Error(word.into())));
    let place = scene.snapshot.run.place(user).unwrap();
    let mut facts = (**scene.snapshot.facts[place].as_ref().unwrap()).clone();
    let failed = facts.states.iter_mut().find(|entry| entry.error.is_some()).unwrap();
    failed.error = Some(LicenseError::ProhibitedInUsageLocationViolation);
    scene.snapshot.facts[place] = Some(Arc::new(facts));
    let row = |width: u16| {
        let drawn = text(&frame(&mut scene.model(), width, 40).0);
        drawn.lines().find(|line| line.contains("▸✖ adelev ")).unwrap().to_owned()
    };
    assert!(
        row(260).contains(word) && row(120).contains("not offered in the user's country"),
        "{}\n{}",
        row(260),
        row(120)
    );
}

#[test]
fn a_disabled_account_is_marked_on_its_row() {
    let mut scene = scene::removable();
    assert!(!draw(&mut scene.model()).contains("(disabled)"));
    let user = scene.active()[0];
    let place = scene.snapshot.run.users.iter().position(|one| one.id == Some(user)).unwrap();
    Arc::make_mut(scene.snapshot.facts[place].as_mut().unwrap()).enabled = Some(false);
    let drawn = draw(&mut scene.model());
    let rows = drawn.lines().filter(|line| line.contains("(disabled)")).count();
    assert_eq!(rows, 1, "{drawn}");
}

#[test]
fn behind_a_companion_that_fails_the_expected_conflict_gets_no_advice_of_its_own() {
    let mut scene = scene::removable();
    let user = scene.active()[0];
    let place = scene.snapshot.run.users.iter().position(|one| one.id == Some(user)).unwrap();
    let waiting = scene.snapshot.facts[place].clone();
    let failure = Failure { word: "ProhibitedInUsageLocationViolation".into(), product: Some(scene::visio()) };
    scene.observed(&[user], &Standing::Stuck(Trouble::Error(Box::new(failure))));
    scene.snapshot.facts[place] = waiting;
    let mut model = scene.model();
    let row = model.list.order.iter().position(|row| *row == place).unwrap();
    press(&mut model, &vec![Cmd::Down; row]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("MutuallyExclusiveViolation"), "{drawn}");
    assert!(!drawn.contains("cannot stand beside") && !drawn.contains("run with"), "{drawn}");
}

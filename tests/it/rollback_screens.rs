//! What the screen says on the way back: every phase of a rollback, its users, its batch, its dialogs.

use std::sync::Arc;

use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::external_change::ExternalChange;
use skuferry::domain::id::UserId;
use skuferry::domain::license::Assignment;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::standing::Trouble;
use skuferry::journal::Writer;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::scene;
use crate::scene::Scene;
use crate::screens::both;
use crate::screens::frame;
use crate::screens::opened;
use crate::screens::press;
use crate::screens::text;
use skuferry::words::batches;

/// Two batches, of 20 and of 10; the first is migrated and the second waits for its approval.
pub(crate) fn migrated() -> Scene {
    let mut scene = Scene::checked(scene::preflight((0..30).map(scene::ready).collect()));
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict).later(5).removed().later(40);
    scene.observed(&users, &Standing::Migrated).event(Event::BatchComplete { batch: 0 });
    checked(&mut scene).later(30);
    scene
}

pub(crate) fn checked(scene: &mut Scene) -> &mut Scene {
    let (batch, seats) = (scene.snapshot.run.current, scene.snapshot.run.seats());
    scene.event(Event::BatchChecked { batch, problems: Vec::new(), seats, products: Vec::new(), reasons: Vec::new() })
}

/// The rollback of these users is planned, and preflight has looked at it.
fn turned(mut scene: Scene, users: &[UserId]) -> Scene {
    let (batch, by) = (scene.snapshot.run.batches.len(), scene.snapshot.operator.clone());
    scene.event(Event::RollbackStarted { batch, users: users.to_vec(), by }).later(2);
    checked(&mut scene).later(3);
    seen(&mut scene, users, &Standing::OnSource);
    scene
}

/// Where users on the way back are seen: what Graph says is that of the way forward with both ends exchanged.
fn seen<'a>(scene: &'a mut Scene, users: &[UserId], standing: &Standing) -> &'a mut Scene {
    scene.observed(users, standing);
    let route = scene::route();
    for user in users {
        let place = scene.snapshot.run.place(*user).unwrap();
        let mut facts = (**scene.snapshot.facts[place].as_ref().unwrap()).clone();
        for one in facts.states.iter_mut().filter(|one| one.sku != scene::visio()) {
            let end = if one.sku == route.source.sku { &route.target } else { &route.source };
            (one.sku, one.group) = (end.sku, Some(end.group));
        }
        facts.assigned = facts.states.iter().filter(|one| Assignment::is_held(one)).map(|one| one.sku).collect();
        scene.snapshot.facts[place] = Some(Arc::new(facts));
    }
    scene
}

fn three() -> Vec<UserId> {
    (4..7).map(scene::id).collect()
}

fn asks_to_add() -> Scene {
    turned(migrated(), &three())
}

fn verifying() -> Scene {
    let mut scene = asks_to_add();
    scene.later(20).added().later(40);
    seen(&mut scene, &three()[..1], &Standing::ExpectedConflict);
    let gone = Standing::Stuck(Trouble::Error("CountViolation".into()));
    seen(&mut scene, &three()[2..], &gone).later(20);
    scene
}

pub(crate) fn asks_to_remove() -> Scene {
    let mut scene = verifying();
    seen(&mut scene, &three(), &Standing::ExpectedConflict).later(3);
    scene
}

fn finishing() -> Scene {
    let mut scene = asks_to_remove();
    scene.removed().later(20);
    seen(&mut scene, &three()[..1], &Standing::Migrated);
    seen(&mut scene, &three()[1..2], &Standing::SourceLingers(Holder::Direct)).later(8);
    scene
}

fn complete() -> Scene {
    let mut scene = finishing();
    seen(&mut scene, &three(), &Standing::Migrated).event(Event::BatchComplete { batch: 2 });
    checked(&mut scene).later(1);
    scene
}

/// The screen with the row of a user of the list chosen.
fn at(scene: &Scene, upn: &str) -> Model {
    let mut model = scene.model();
    press(&mut model, &[Cmd::Search]);
    // The search is of the whole run, and the next batch has names that begin alike.
    let upn = if upn.contains('@') { upn.to_owned() } else { format!("{upn}@") };
    upn.chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
    press(&mut model, &[Cmd::Submit]);
    assert_eq!(model.list.order.len(), 1);
    model
}

#[test]
fn the_way_back_is_asked_for() {
    both("back_user_asked", || {
        let mut model = migrated().model();
        press(&mut model, &[Cmd::View(2), Cmd::First, Cmd::Inspect, Cmd::Down, Cmd::RollBack]);
        assert!(model.dialog.is_some());
        model
    });
    both("back_batch_asked", || {
        let mut model = complete().model();
        press(&mut model, &[Cmd::View(2), Cmd::First, Cmd::RollBack]);
        assert!(model.dialog.is_some());
        model
    });
}

#[test]
fn every_phase_of_the_way_back() {
    both("back_add", || asks_to_add().model());
    both("back_add_asked", || opened(&asks_to_add()));
    both("back_verify", || verifying().model());
    both("back_remove", || asks_to_remove().model());
    both("back_remove_asked", || opened(&asks_to_remove()));
    both("back_finishing", || finishing().model());
    both("back_complete", || complete().model());
}

#[test]
fn the_other_views_tell_of_the_way_back() {
    for (number, name) in [(2, "back_batches"), (3, "back_events")] {
        both(name, || {
            let mut model = verifying().model();
            press(&mut model, &[Cmd::View(number)]);
            model
        });
    }
    both("back_user", || {
        let mut model = at(&finishing(), "isaiahl");
        press(&mut model, &[Cmd::Inspect]);
        model
    });
    both("back_exclude", || {
        let mut model = at(&verifying(), "johannal");
        press(&mut model, &[Cmd::Exclude]);
        model
    });
    both("back_quit", || {
        let mut model = verifying().model();
        press(&mut model, &[Cmd::Quit]);
        model
    });
    both("back_halted", || {
        let mut scene = asks_to_remove();
        scene.event(Event::Halted { why: skuferry::domain::halt::HaltReason::Operator });
        opened(&scene)
    });
}

#[test]
fn a_run_with_a_rollback_ends_with_both_counts() {
    let mut scene = turned(migrated(), &three());
    scene.added().later(10);
    seen(&mut scene, &three(), &Standing::ExpectedConflict).later(5).removed().later(9);
    seen(&mut scene, &three(), &Standing::Migrated).event(Event::BatchComplete { batch: 2 });
    scene.added().later(60);
    let rest = scene.active();
    scene.observed(&rest, &Standing::HoldsBoth).later(5).removed().later(40);
    scene.observed(&rest, &Standing::Migrated).event(Event::BatchComplete { batch: 1 });
    scene.event(Event::MigrationComplete);
    both("back_migration_complete", || scene.model());
}

#[test]
fn no_screen_of_the_way_back_says_what_is_true_of_the_way_forward_only() {
    // Before the removal from the target nobody on this screen is on the source alone or migrated.
    for scene in [asks_to_add(), verifying(), asks_to_remove()] {
        for (width, height) in [(80, 24), (120, 40)] {
            let screen = text(&frame(&mut scene.model(), width, height).0);
            for lie in [
                "OnSource",
                "Migrated",
                "SourceLingers",
                "old license",
                "Add to target",
                "Remove from source",
                "Batch 3",
            ] {
                let history = |line: &&str| !line.contains(':') || line.contains("waiting");
                let lies: Vec<_> = screen.lines().filter(history).filter(|line| line.contains(lie)).collect();
                assert!(lies.is_empty(), "{lie}: {lies:?}\n{screen}");
            }
            assert!(screen.contains("rollback") && screen.contains("Remove from target"), "{screen}");
        }
    }
}

#[test]
fn other_hands_are_told_and_asked_about() {
    both("hands", || {
        let mut scene = scene::removable();
        let users = scene.active();
        scene.observed(&users[1..2], &Standing::OnSource).later(4);
        scene.event(Event::ExternalChange { user: users[1], what: ExternalChange::TakenOut }).later(2);
        let mut model = scene.model();
        press(&mut model, &[Cmd::Down, Cmd::Inspect]);
        model
    });
}

#[test]
fn a_second_rollback_of_the_same_batch_has_a_name_of_its_own() {
    let mut scene = complete();
    let others: Vec<UserId> = (0..2).map(scene::id).collect();
    scene = turned(scene, &others);
    let run = &scene.snapshot.run;
    let titles: Vec<String> = (0..run.batches.len()).map(|batch| batches::title(run, batch)).collect();
    assert_eq!(titles, ["batch 1", "batch 2", "rollback of batch 1", "2nd rollback of batch 1"]);
    assert_eq!(run.forward_batches(), 2);
    assert_eq!(
        (batches::completion(run, 0), batches::completion(run, 2)),
        ("batch complete (1)".into(), "rollback complete (batch 1)".into())
    );
    assert!(text(&frame(&mut scene.model(), 80, 24).0).contains("2nd rollback of batch 1"));
}

#[test]
fn status_tells_of_the_way_back_from_the_journal_alone() {
    let scene = verifying();
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), scene.snapshot.run.run.id).unwrap();
    for (at, event) in &scene.snapshot.events {
        writer.append(*at, event).unwrap();
    }
    drop(writer);
    let status = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"));
        let output = command.arg("status").args(arguments).env("SKUFERRY_DATA_DIR", folder.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = status(&[]);
    for line in [
        "Office 365 E1 to Office 365 E3, conflicting",
        "rollback of batch 1: Verify added",
        "17 of 30 migrated, 0 excluded, 0 blocked, 0 unlicensed",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // Which of the two depends on the time of day.
    let waits = |how: &str| format!("rollback of batch 1 · waiting: 1 {how} · 1 stuck · nothing to approve yet\n");
    let late = "rollback of batch 1 · waiting for approval: remove 1 user";
    assert!(text.contains(late) || text.contains(&waits("processing")), "{text}");
    let json: serde_json::Value = serde_json::from_str(&status(&["--json"])).unwrap();
    assert_eq!((&json["batch"], &json["batches"], &json["phase"]), (&json!(null), &json!(2), &json!("Verify added")));
    assert_eq!(json["rollback"], json!({ "ofBatches": [1], "users": 3 }));
    assert_eq!((&json["source"]["partNumber"], &json["users"]["rolledBack"]), (&json!("STANDARDPACK"), &json!(0)));
}

//! The gate of a group that others change, its worklist and what becomes of it, as the screen shows them.

use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::preflight::Preflight;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::route::Direction;
use skuferry::domain::route::MovedBy;
use skuferry::domain::standing::Standing;
use skuferry::domain::worklist::Issued;
use skuferry::domain::worklist::WorklistEnd;
use skuferry::domain::worklist::WorklistKind;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;

use crate::scene;
use crate::scene::Scene;
use crate::screens::both;
use crate::screens::opened;
use crate::screens::press;

const FOLDER: &str = "/home/megan/.local/share/skuferry/worklists/0198f2a4-5c1e-7cc0-8f4e-0d1a2b3c4d5e";

fn checked() -> Scene {
    let mut found: Preflight = scene::preflight((0..12).map(scene::ready).collect());
    (found.route.source.moved_by, found.route.target.moved_by) = (MovedBy::Others, MovedBy::Others);
    let mut scene = Scene::checked(found);
    scene.later(20);
    scene
}

fn issue(scene: &mut Scene, kind: WorklistKind, users: &[UserId]) {
    let run = &scene.snapshot.run;
    let (number, end) = (run.next_worklist(), run.written_end(0, kind.write_kind()));
    let proven = (kind == WorklistKind::Remove).then_some(scene.now);
    let issued = Issued {
        number,
        batch: 0,
        direction: Direction::Forward,
        kind,
        group: end.group,
        file: format!("{FOLDER}/batch-1-{}-{number}.csv", kind.word()),
        users: users.iter().map(|user| (*user, proven)).collect(),
    };
    scene.event(Event::WorklistIssued { worklist: Box::new(issued) }).later(1);
    scene.event(Event::WorklistWritten { number }).later(1);
}

fn adding() -> Scene {
    let mut scene = checked();
    let (users, seen, by) = (scene.active(), scene.seen(), scene.snapshot.operator.clone());
    scene.event(Event::AddApproved { batch: 0, users: users.clone(), by, seen }).later(1);
    issue(&mut scene, WorklistKind::Add, &users);
    scene.event(Event::AddsAcknowledged { batch: 0 }).later(240);
    for user in &users[..7] {
        scene.event(Event::AddReadBack { user: *user, found: ReadBack::InEffect });
    }
    scene.later(30);
    scene
}

fn safe() -> Scene {
    let mut scene = adding();
    let users = scene.active();
    for user in &users[7..] {
        scene.event(Event::AddReadBack { user: *user, found: ReadBack::InEffect });
    }
    scene.later(90).observed(&users, &Standing::ExpectedConflict).later(10);
    scene
}

fn removing() -> Scene {
    let mut scene = safe();
    let (users, seen, by) = (scene.active(), scene.seen(), scene.snapshot.operator.clone());
    scene.event(Event::RemoveApproved { batch: 0, users: users.clone(), by, seen }).later(1);
    let proven = users[..5].iter().map(|user| (*user, Standing::ExpectedConflict, scene.now)).collect();
    scene.event(Event::Proven { batch: 0, users: proven, keeps: Vec::new() });
    issue(&mut scene, WorklistKind::Remove, &users[..5]);
    scene.later(190);
    scene
}

fn stale() -> Scene {
    let mut scene = removing();
    scene.later(800).event(Event::WorklistEnded { number: 2, why: WorklistEnd::Stale }).later(60);
    scene
}

fn early() -> Scene {
    let mut scene = removing();
    let user = scene.active()[7];
    scene.observed(&[user], &Standing::OnSource).later(5);
    scene.event(Event::RemovedByOthers { users: vec![user], early: true }).later(20);
    assert!(matches!(scene.snapshot.run.halted.as_ref().unwrap().why, HaltReason::RemovedEarly { .. }));
    scene
}

/// The plan view, from its worklists on.
fn plan(scene: &Scene) -> Model {
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(4)]);
    model
}

#[test]
fn the_gates_say_that_a_worklist_is_written_and_nothing_else() {
    both("others_gate_add", || opened(&checked()));
    both("others_gate_remove", || opened(&safe()));
}

#[test]
fn users_wait_for_others() {
    both("others_adding", || adding().model());
    both("others_removing", || removing().model());
}

#[test]
fn the_plan_has_the_worklists_with_their_files_and_ages() {
    both("others_plan_adding", || plan(&adding()));
    both("others_plan_removing", || plan(&removing()));
    both("others_plan_stale", || plan(&stale()));
}

#[test]
fn a_stale_worklist_asks_to_be_written_anew() {
    both("others_stale", || stale().model());
}

#[test]
fn who_was_removed_early_is_named_and_copies_are_told_of() {
    both("others_early", || early().model());
    both("others_early_lift", || opened(&early()));
}

/// A halt that stands stays the first. What halts the run besides is told beside it, also by the dialog that lifts both.
#[test]
fn an_early_removal_is_told_beside_the_halt_that_stands() {
    let after_a_halt = || {
        let mut scene = removing();
        let user = scene.active()[7];
        scene.observed(&[user], &Standing::OnSource).later(5).event(Event::Halted { why: HaltReason::Operator });
        scene.later(5).event(Event::RemovedByOthers { users: vec![user], early: true }).later(20);
        scene
    };
    let halt = after_a_halt().snapshot.run.halted.clone().unwrap();
    assert_eq!(halt.why, HaltReason::Operator);
    assert!(matches!(halt.also[..], [HaltReason::RemovedEarly { .. }]) && halt.latest > halt.at);
    both("others_early_after_halt", || after_a_halt().model());
    both("others_early_after_halt_lift", || opened(&after_a_halt()));
}

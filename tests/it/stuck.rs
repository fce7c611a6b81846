//! The keys for users who are stuck: reprocess, removal of a direct license, the way back; and what the screen says of them.

use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::questions::Question;
use skuferry::domain::requests;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::rollback_screens;
use crate::scene;
use crate::scene::Scene;
use crate::screens::both;
use crate::screens::frame;
use crate::screens::text;
use skuferry::engine::ReadOnly;

const EXCLUSIVE: &str = "License assignment failed because service plans 5dbe027f-2339-4123-9542-606e4d348a72, \
                         c7699d2e-19aa-44de-8edf-1736da088ca1 are mutually exclusive.";

fn press(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    update(model, Action::Cmd(cmd))
}

fn draw(model: &mut Model) -> String {
    text(&frame(model, 80, 24).0)
}

fn note(model: &Model) -> &str {
    model.note().map_or("", |note| &note.text)
}

/// A batch whose removal is through, of which one still has a direct license and one another kind of trouble.
pub(crate) fn lingering() -> Scene {
    let mut scene = scene::removable();
    scene.later(20).removed().later(30);
    let users = scene.active();
    scene.observed(&users, &Standing::Migrated);
    scene.observed(&users[3..5], &Standing::SourceLingers(Holder::Direct));
    scene.observed(&users[5..6], &scene::standing_stuck()).later(30);
    scene
}

/// A stuck user was reprocessed, and Graph said no with its reason.
fn refused() -> Scene {
    let mut scene = scene::verifying();
    let user = scene::id(18);
    let (by, batch, users, seen) = (scene.snapshot.operator.clone(), 0, vec![user], scene.seen());
    scene.event(Event::ReprocessApproved { batch, users: users.clone(), by, seen });
    scene.event(Event::ReprocessIntended { batch, users: users.clone() }).later(1);
    let fault = Fault {
        status: Some(400),
        code: Some("Request_BadRequest".into()),
        ..Fault::new(FaultKind::Refused, EXCLUSIVE)
    };
    scene.event(Event::ReprocessSettled { batch, users, outcome: Outcome::Failed(fault) }).later(1);
    scene
}

/// The row of a user is chosen.
fn on(scene: &Scene, user: UserId) -> Model {
    let mut model = scene.model();
    for _ in 0..model.list.order.len() {
        if model.selected().is_some_and(|selected| selected.id == Some(user)) {
            return model;
        }
        press(&mut model, Cmd::Down);
    }
    panic!("{user} is not listed");
}

/// The engine answers a question that was asked for.
pub(crate) fn answer(model: &mut Model, scene: &Scene, effects: &[Effect]) {
    let (run, free) = (&scene.snapshot.run, scene.snapshot.free_seats);
    let question = match effects {
        [Effect::Send(Command::AskReprocess(users))] => {
            requests::reprocess(run, 1, users, free).map(Question::Reprocess)
        }
        [Effect::Send(Command::AskDirect(users))] => requests::direct(run, 1, users, free).map(Question::Direct),
        other => panic!("{other:?}"),
    };
    let notice = question.map_or_else(|why| Notice::Refused(why.into()), Notice::Question);
    assert!(update(model, Action::Noticed(notice)).is_empty());
}

pub(crate) fn asked(scene: &Scene, user: UserId, cmd: Cmd) -> Model {
    let mut model = on(scene, user);
    let effects = press(&mut model, cmd);
    answer(&mut model, scene, &effects);
    model
}

pub(crate) fn direct(scene: &Scene) -> UserId {
    scene.active()[3]
}

#[test]
fn reprocess_is_approved_with_y_and_with_nothing_else() {
    let scene = scene::verifying();
    let user = scene::id(18);
    for other in [Cmd::No, Cmd::Submit, Cmd::Inspect, Cmd::Reprocess, Cmd::Approve, Cmd::Quit, Cmd::Down] {
        let mut model = asked(&scene, user, Cmd::Reprocess);
        draw(&mut model);
        assert!(press(&mut model, other).is_empty(), "{other:?}");
    }
    let mut model = asked(&scene, user, Cmd::Reprocess);
    assert!(press(&mut model, Cmd::Yes).is_empty(), "a key before the question stands on the screen is no answer");
    draw(&mut model);
    for action in [Action::Typed('y'), Action::Pasted("y".into()), Action::Unbound] {
        assert!(update(&mut model, action).is_empty());
    }
    let effects = press(&mut model, Cmd::Yes);
    let [Effect::Send(Command::Reprocess(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.left(), [user]);
}

#[test]
fn a_direct_license_goes_only_for_the_number_of_users_shown() {
    let scene = lingering();
    let types = |model: &mut Model, text: &str| text.chars().for_each(|one| drop(update(model, Action::Typed(one))));
    for wrong in ["2", "y", "yes", "11", "01x", "-1"] {
        let mut model = asked(&scene, direct(&scene), Cmd::Direct);
        draw(&mut model);
        types(&mut model, wrong);
        assert!(press(&mut model, Cmd::Submit).is_empty());
        assert_eq!(note(&model), format!("{wrong} is not 1: nothing was approved"));
        assert!(model.dialog.is_none());
    }
    let mut model = asked(&scene, direct(&scene), Cmd::Direct);
    types(&mut model, "1");
    assert!(press(&mut model, Cmd::Submit).is_empty(), "typed before the question stood on the screen");
    draw(&mut model);
    assert!(press(&mut model, Cmd::Submit).is_empty(), "Enter alone approves nothing");
    assert!(update(&mut model, Action::Pasted("1".into())).is_empty());
    assert!(press(&mut model, Cmd::Submit).is_empty(), "pasted text is no answer");
    types(&mut model, "1");
    let effects = press(&mut model, Cmd::Submit);
    let [Effect::Send(Command::Direct(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.left(), [direct(&scene)]);
}

#[test]
fn the_way_back_is_planned_with_y_and_with_nothing_else() {
    let scene = scene::verifying();
    for other in [Cmd::No, Cmd::Submit, Cmd::Inspect, Cmd::RollBack, Cmd::Approve, Cmd::Quit, Cmd::Down] {
        let mut model = on(&scene, scene::id(0));
        assert!(press(&mut model, Cmd::RollBack).is_empty());
        draw(&mut model);
        assert!(press(&mut model, other).is_empty(), "{other:?}");
    }
    let mut model = on(&scene, scene::id(0));
    press(&mut model, Cmd::RollBack);
    assert!(press(&mut model, Cmd::Yes).is_empty(), "a key before the question stands on the screen is no answer");
    draw(&mut model);
    assert!(update(&mut model, Action::Pasted("y".into())).is_empty());
    let effects = press(&mut model, Cmd::Yes);
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::RollBack(users))] if *users == [scene::id(0)]));
}

#[test]
fn a_halt_drops_what_was_asked() {
    let open: [fn() -> Model; 3] = [
        || asked(&scene::verifying(), scene::id(18), Cmd::Reprocess),
        || asked(&lingering(), direct(&lingering()), Cmd::Direct),
        || {
            let mut model = on(&scene::verifying(), scene::id(0));
            press(&mut model, Cmd::RollBack);
            model
        },
    ];
    for open in open {
        let mut model = open();
        draw(&mut model);
        assert!(model.dialog.is_some());
        assert!(matches!(press(&mut model, Cmd::Halt).as_slice(), [Effect::Send(Command::Halt)]));
        assert!(model.dialog.is_none());
        assert!(press(&mut model, Cmd::Yes).is_empty() && press(&mut model, Cmd::Submit).is_empty());
    }
}

#[test]
fn a_key_that_cannot_help_says_why() {
    let refusal = |scene: &Scene, user: UserId, cmd: Cmd| {
        let mut model = on(scene, user);
        let effects = press(&mut model, cmd);
        if !effects.is_empty() {
            answer(&mut model, scene, &effects);
        }
        assert!(model.dialog.is_none());
        note(&model).to_owned()
    };
    let scene = scene::verifying();
    let upn = |place| scene::name(place);
    assert_eq!(
        refusal(&scene, scene::id(0), Cmd::Reprocess),
        format!("nothing is wrong with the licenses of {}", upn(0))
    );
    assert_eq!(
        refusal(&scene, scene::id(0), Cmd::Direct),
        format!("no direct Office 365 E1 stands in the way of {}", upn(0))
    );
    let fresh = Scene::preflighted(44);
    assert_eq!(
        refusal(&fresh, scene::id(0), Cmd::RollBack),
        format!("nothing was written for {}: there is nothing to roll back", upn(0))
    );
    let mut halted = scene::verifying();
    halted.event(Event::Halted { why: HaltReason::Operator });
    let why = "the run is halted, and nothing is written until you lift the halt: press a";
    assert_eq!(refusal(&halted, scene::id(18), Cmd::Reprocess), why);
    let mut read_only = scene::verifying();
    read_only.snapshot.read_only = Some(ReadOnly::AtWork { process: None });
    assert_eq!(
        refusal(&read_only, scene::id(0), Cmd::RollBack),
        "read-only: another skuferry is at work between these two groups"
    );
    let mut model = scene::verifying().model();
    press(&mut model, Cmd::View(3));
    for cmd in [Cmd::Reprocess, Cmd::Direct, Cmd::RollBack] {
        assert!(press(&mut model, cmd).is_empty());
        assert_eq!(note(&model), "select a user (1) or a batch (2) first");
    }
}

#[test]
fn of_a_batch_only_those_in_trouble_are_reprocessed() {
    let scene = scene::verifying();
    let mut model = scene.model();
    press(&mut model, Cmd::View(2));
    let effects = press(&mut model, Cmd::Reprocess);
    let [Effect::Send(Command::AskReprocess(users))] = effects.as_slice() else { panic!("{effects:?}") };
    // One is stuck and one went back; those whom licensing still works on are left in peace.
    assert_eq!(users, &[scene::id(2), scene::id(18)]);
    press(&mut model, Cmd::Down);
    assert!(press(&mut model, Cmd::Reprocess).is_empty());
    assert_eq!(note(&model), "nobody in batch 2 is stuck or late: select one user (1) to reprocess all the same");
}

#[test]
fn a_batch_is_rolled_back_without_those_for_whom_nothing_was_written() {
    let scene = scene::verifying();
    let mut model = scene.model();
    press(&mut model, Cmd::View(2));
    press(&mut model, Cmd::RollBack);
    let Some(Dialog::RollingBack { users, left_out }) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!((users.len(), *left_out), (20, 0));
    let mut model = rollback_screens::migrated().model();
    press(&mut model, Cmd::View(2));
    press(&mut model, Cmd::Down);
    press(&mut model, Cmd::RollBack);
    assert!(model.dialog.is_none() && note(&model).starts_with("nothing was written for "));
}

#[test]
fn the_keys_of_a_users_page_are_those_that_would_not_be_refused() {
    let keys = |scene: &Scene, user: UserId| {
        let mut model = on(scene, user);
        let screen = text(&frame(&mut model, 180, 40).0);
        let line =
            screen.lines().find_map(|line| Some(line.split_once("keys now")?.1.trim_matches([' ', '│']).to_owned()));
        line.unwrap_or_default()
    };
    let scene = scene::verifying();
    assert_eq!(keys(&scene, scene::id(18)), "r reprocess · R roll back · x exclude");
    assert_eq!(keys(&scene, scene::id(0)), "R roll back · x exclude");
    assert_eq!(keys(&Scene::preflighted(44), scene::id(0)), "x exclude");
    let mut read_only = scene::verifying();
    read_only.snapshot.read_only = Some(ReadOnly::Asked);
    assert_eq!(keys(&read_only, scene::id(18)), "");
    let mut halted = scene::verifying();
    halted.event(Event::Halted { why: HaltReason::Operator });
    assert_eq!(keys(&halted, scene::id(18)), "R roll back · x exclude");
}

#[test]
fn the_sentence_of_a_refusal_is_seen_at_once_and_stays_on_the_page() {
    let scene = refused();
    let mut model = on(&scene, scene::id(18));
    let refusal = Fault::new(FaultKind::Refused, EXCLUSIVE);
    let _ = update(&mut model, Action::Noticed(Notice::NotReprocessed(refusal)));
    let screen = draw(&mut model);
    assert!(screen.contains("the license was not reprocessed: License assignment failed because"));
    assert!(!screen.contains("5dbe027f"), "plans are named\n{screen}");
    press(&mut model, Cmd::Back);
    press(&mut model, Cmd::Inspect);
    let screen = draw(&mut model);
    assert!(screen.contains("Graph says") && screen.contains("(SHAREPOINTENTERPRISE)"), "{screen}");
    both("why", || {
        let mut model = on(&refused(), scene::id(18));
        press(&mut model, Cmd::Inspect);
        model
    });
}

#[test]
fn the_questions() {
    both("reprocess_asked", || asked(&scene::verifying(), scene::id(18), Cmd::Reprocess));
    both("direct_asked", || asked(&lingering(), direct(&lingering()), Cmd::Direct));
    both("direct", || {
        let mut model = on(&lingering(), direct(&lingering()));
        press(&mut model, Cmd::Inspect);
        model
    });
}

#[test]
fn leftovers_are_asked_for_again_in_words_that_say_so() {
    let mut scene = Scene::preflighted(44);
    scene.later(60);
    let (users, by, seen) = (scene.active(), scene.snapshot.operator.clone(), scene.seen());
    scene.event(Event::AddApproved { batch: 0, users: users.clone(), by, seen });
    scene.event(Event::AddIntended { batch: 0, users: users.clone() }).later(2);
    scene.event(Event::AddSettled { batch: 0, users: users[..17].to_vec(), outcome: Outcome::Done });
    let fault =
        Fault { status: Some(400), ..Fault::new(FaultKind::Refused, "The user cannot be a member of this group") };
    scene.event(Event::AddSettled { batch: 0, users: users[17..].to_vec(), outcome: Outcome::Failed(fault) }).later(2);
    both("leftover", || scene.model());
    both("leftover_asked", || crate::screens::opened(&scene));
}

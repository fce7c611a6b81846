//! What keys do: answers are given only to what stands on the screen, and halting wins over everything.

use std::sync::Arc;

use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::fault::FaultMessage;
use skuferry::domain::fault::Silence;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::work::Work;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::model::View;
use skuferry::tui::table::order::Filter;
use skuferry::tui::update::update;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use skuferry::engine::ReadOnly;

fn press(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    update(model, Action::Cmd(cmd))
}

fn types(model: &mut Model, text: &str) {
    for one in text.chars() {
        assert!(update(model, Action::Typed(one)).is_empty());
    }
}

fn draw(model: &mut Model) {
    frame(model, 80, 24);
}

/// `a` was pressed and the question came; it is not drawn yet.
fn asked(scene: &Scene) -> Model {
    let mut model = scene.model();
    assert!(matches!(press(&mut model, Cmd::Approve).as_slice(), [Effect::Send(Command::Ask)]));
    assert!(update(&mut model, Action::Noticed(Notice::Question(scene.question()))).is_empty());
    model
}

fn note(model: &Model) -> &str {
    model.note().map_or("", |note| &note.text)
}

#[test]
fn a_notice_leaves_when_the_question_that_it_was_about_waits_no_more() {
    let mut scene = scene::verifying();
    let mut model = scene.model();
    let refusal = Refusal::NotSafeYet(5);
    let _ = update(&mut model, Action::Noticed(Notice::Refused(refusal.into())));
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict);
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert_eq!(note(&model), "not safe to remove yet: 5 of the batch", "it was hardly there");
    let later = model.now + SignedDuration::from_secs(3);
    let _ = update(&mut model, Action::Tick(later));
    assert_eq!(note(&model), "");
}

#[test]
fn a_dialog_covers_what_was_said_before_it() {
    let mut model = asked(&scene::removable());
    draw(&mut model);
    types(&mut model, "7");
    assert!(press(&mut model, Cmd::Submit).is_empty());
    assert!(note(&model).starts_with("7 is not 19"));
    let _ = press(&mut model, Cmd::Approve);
    let _ = update(&mut model, Action::Noticed(Notice::Question(scene::removable().question())));
    assert_eq!(note(&model), "");
}

#[test]
fn y_approves_an_addition_of_exactly_the_users_shown() {
    let scene = Scene::preflighted(44);
    let mut model = asked(&scene);
    draw(&mut model);
    let effects = press(&mut model, Cmd::Yes);
    let [Effect::Send(Command::Add(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.left(), scene.active());
    assert!(model.dialog.is_none());
    assert!(press(&mut model, Cmd::Yes).is_empty());
}

#[test]
fn nothing_but_y_approves_an_addition() {
    let cmds =
        [Cmd::No, Cmd::Submit, Cmd::Inspect, Cmd::Back, Cmd::Type, Cmd::Approve, Cmd::Erase, Cmd::Quit, Cmd::Down];
    for cmd in cmds {
        let mut model = asked(&Scene::preflighted(44));
        draw(&mut model);
        assert!(press(&mut model, cmd).is_empty(), "{cmd:?}");
    }
    let mut model = asked(&Scene::preflighted(44));
    draw(&mut model);
    for action in [Action::Typed('y'), Action::Pasted("y".into()), Action::Unbound, Action::Ignored] {
        assert!(update(&mut model, action).is_empty());
    }
    assert!(matches!(model.dialog, Some(Dialog::Adding(_))));
}

#[test]
fn what_is_pressed_before_a_dialog_is_drawn_answers_nothing() {
    let mut model = asked(&Scene::preflighted(44));
    assert!(press(&mut model, Cmd::Yes).is_empty());
    assert!(matches!(model.dialog, Some(Dialog::Adding(_))));
    draw(&mut model);
    assert_eq!(press(&mut model, Cmd::Yes).len(), 1);

    let mut model = asked(&scene::removable());
    types(&mut model, "19");
    assert!(press(&mut model, Cmd::Submit).is_empty());
    draw(&mut model);
    assert!(press(&mut model, Cmd::Submit).is_empty(), "the number typed too early counts for nothing");
    types(&mut model, "19");
    assert_eq!(press(&mut model, Cmd::Submit).len(), 1);
}

#[test]
fn only_the_number_of_users_shown_approves_a_removal() {
    let scene = scene::removable();
    for text in ["12", "y", "yes", "190", "1", "19x", "1 9", "x19", "-19"] {
        let mut model = asked(&scene);
        draw(&mut model);
        types(&mut model, text);
        assert!(press(&mut model, Cmd::Submit).is_empty());
        assert_eq!(note(&model), format!("{text} is not 19: nothing was approved"));
        assert!(model.dialog.is_none());
    }
    let mut model = asked(&scene);
    draw(&mut model);
    assert!(press(&mut model, Cmd::Submit).is_empty(), "Enter alone approves nothing");
    assert!(update(&mut model, Action::Pasted("19".into())).is_empty());
    assert!(press(&mut model, Cmd::Submit).is_empty(), "pasted text is no answer");
    types(&mut model, "18");
    press(&mut model, Cmd::Erase);
    types(&mut model, "9");
    let effects = press(&mut model, Cmd::Submit);
    let [Effect::Send(Command::Remove(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.left(), scene.active());
}

#[test]
fn a_question_that_nobody_waits_for_is_not_put() {
    let scene = Scene::preflighted(44);
    for meanwhile in [Cmd::Search, Cmd::Down, Cmd::Help, Cmd::View(2)] {
        let mut model = scene.model();
        press(&mut model, Cmd::Approve);
        press(&mut model, meanwhile);
        let _ = update(&mut model, Action::Noticed(Notice::Question(scene.question())));
        assert!(!matches!(model.dialog, Some(Dialog::Adding(_))), "{meanwhile:?}");
        assert_eq!(note(&model), "a question waits: press a to read it");
    }
}

#[test]
fn a_dialog_keeps_its_users_while_the_run_goes_on() {
    let mut scene = Scene::preflighted(44);
    let mut model = asked(&scene);
    let shown = scene.active();
    scene.event(Event::Excluded { user: shown[0], by: "somebody else".into() });
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    draw(&mut model);
    let effects = press(&mut model, Cmd::Yes);
    let [Effect::Send(Command::Add(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.left(), shown, "the engine refuses what has grown old; the screen never swaps it");
}

#[test]
fn halting_wins_wherever_it_is_pressed() {
    let open: [fn() -> Model; 6] = [
        || scene::verifying().model(),
        || asked(&Scene::preflighted(44)),
        || asked(&scene::removable()),
        || {
            let mut model = asked(&scene::removable());
            draw(&mut model);
            types(&mut model, "1");
            model
        },
        || {
            let mut model = scene::verifying().model();
            press(&mut model, Cmd::Search);
            model
        },
        || {
            let mut model = scene::verifying().model();
            press(&mut model, Cmd::Quit);
            model
        },
    ];
    for open in open {
        let mut model = open();
        assert!(matches!(press(&mut model, Cmd::Halt).as_slice(), [Effect::Send(Command::Halt)]));
        assert!(!matches!(model.dialog, Some(Dialog::Adding(_) | Dialog::Removing { .. })));
    }
}

#[test]
fn the_alarm_and_the_halt_are_answered_with_y() {
    let mut scene = scene::verifying();
    scene.event(Event::Halted { why: HaltReason::Operator });
    let mut model = asked(&scene);
    draw(&mut model);
    let shown = scene.snapshot.run.halted.as_ref().unwrap().latest;
    assert!(
        matches!(press(&mut model, Cmd::Yes).as_slice(), [Effect::Send(Command::LiftHalt(seen))] if *seen == shown)
    );
    let user = scene.active()[0];
    scene.observed(&[user], &Standing::Unlicensed).event(Event::AlarmRaised { users: vec![user] });
    let mut model = asked(&scene);
    draw(&mut model);
    assert!(matches!(press(&mut model, Cmd::Yes).as_slice(), [Effect::Send(Command::AcknowledgeAlarm)]));
}

#[test]
fn a_sitting_that_may_not_write_refuses_with_the_reason() {
    let mut scene = scene::removable();
    scene.snapshot.read_only = Some(ReadOnly::AtWork { process: None });
    let mut model = scene.model();
    assert!(press(&mut model, Cmd::Approve).is_empty());
    assert_eq!(note(&model), "read-only: another skuferry is at work between these two groups");
    assert!(press(&mut model, Cmd::Exclude).is_empty());
    assert!(model.dialog.is_none());
}

#[test]
fn excluding_asks_first_and_says_why_it_cannot() {
    let mut model = scene::verifying().model();
    press(&mut model, Cmd::Exclude);
    draw(&mut model);
    let effects = press(&mut model, Cmd::Yes);
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::Exclude(user))] if *user == scene::id(0)));
    for _ in 0..2 {
        press(&mut model, Cmd::FilterBack);
    }
    assert!(press(&mut model, Cmd::Exclude).is_empty());
    assert_eq!(note(&model), "gradya@contoso.com is not in the batch under way");
}

#[test]
fn the_selected_user_stays_selected_through_filters_orders_and_news() {
    let mut scene = scene::verifying();
    let mut model = scene.model();
    (0..14).for_each(|_| drop(press(&mut model, Cmd::Down)));
    let chosen = model.selected().unwrap().upn.clone();
    assert_eq!(chosen, "samirk@contoso.com");
    for cmd in [Cmd::Sort; 5].into_iter().chain([Cmd::SortTurn; 2]).chain([Cmd::Filter; 7]).chain([Cmd::FilterBack; 7])
    {
        press(&mut model, cmd);
        let listed = model.list.order.iter().any(|place| model.snapshot.run.users[*place].upn == chosen);
        assert!(!listed || model.selected().unwrap().upn == chosen, "{:?} {:?}", model.list.filter, model.list.sort);
    }
    assert_eq!((model.list.filter, model.selected().unwrap().upn.as_str()), (Filter::All, chosen.as_str()));
    press(&mut model, Cmd::Sort);
    scene.observed(&[scene.active()[0]], &Standing::HoldsBoth);
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert_eq!(model.selected().unwrap().upn, chosen);
}

#[test]
fn following_stays_with_whoever_changed_last_until_a_key_moves() {
    let mut scene = scene::verifying();
    let users = scene.active();
    let mut model = scene.model();
    let changes = |scene: &mut Scene, model: &mut Model, user: usize| {
        scene.later(5).observed(&users[user..=user], &scene::standing_stuck());
        let _ = update(model, Action::Snapshot(scene.shared()));
        model.selected().and_then(|user| user.id)
    };
    let chosen = changes(&mut scene, &mut model, 3);
    assert_ne!(chosen, Some(users[3]), "nobody asked for it");
    let _ = press(&mut model, Cmd::Follow);
    assert_eq!(changes(&mut scene, &mut model, 7), Some(users[7]));
    assert_eq!(changes(&mut scene, &mut model, 5), Some(users[5]));
    let _ = press(&mut model, Cmd::Down);
    let chosen = model.selected().and_then(|user| user.id);
    assert_ne!(chosen, Some(users[5]));
    assert_eq!(changes(&mut scene, &mut model, 9), chosen, "what was chosen by hand stays chosen");
}

#[test]
fn an_older_snapshot_changes_nothing() {
    let mut scene = scene::verifying();
    let old = scene.shared();
    scene.event(Event::Halted { why: HaltReason::Operator });
    let mut model = scene.model();
    let _ = update(&mut model, Action::Snapshot(old));
    assert!(model.snapshot.run.halted.is_some());
}

#[test]
fn searching_takes_pasted_text_and_escape_shows_all_again() {
    let mut model = scene::verifying().model();
    press(&mut model, Cmd::Search);
    let _ = update(&mut model, Action::Pasted("ADELE\u{1b}[2J\nsecond line".into()));
    assert_eq!(model.list.search, "ADELE[2J");
    (0..3).for_each(|_| drop(press(&mut model, Cmd::Erase)));
    assert_eq!(model.list.order.len(), 3, "upper case finds lower case");
    press(&mut model, Cmd::Submit);
    assert!(!model.searching);
    press(&mut model, Cmd::Back);
    assert_eq!(model.list.order.len(), 20);
}

#[test]
fn a_batch_is_opened_and_left_again() {
    let mut model = scene::verifying().model();
    for cmd in [Cmd::View(2), Cmd::Down, Cmd::Inspect] {
        press(&mut model, cmd);
    }
    assert_eq!(model.view, View::Users);
    assert!(model.selected().is_some_and(|user| user.batch == Some(1)));
    press(&mut model, Cmd::Back);
    assert_eq!(model.view, View::Batches);
}

#[test]
fn inspecting_asks_the_engine_and_copying_the_clipboard() {
    let mut model = scene::verifying().model();
    let effects = press(&mut model, Cmd::Inspect);
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::Inspect(user))] if *user == scene::id(0)));
    let effects = press(&mut model, Cmd::Copy);
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(text, "adelev@contoso.com\nready · conflict as expected");
}

#[test]
fn quitting_asks_only_while_a_phase_is_under_way_and_is_told_once() {
    let mut model = Scene::preflighted(44).model();
    assert!(matches!(press(&mut model, Cmd::Quit).as_slice(), [Effect::Send(Command::Quit)]));
    assert!(press(&mut model, Cmd::Quit).is_empty() && update(&mut model, Action::End).is_empty());
    let mut model = scene::verifying().model();
    assert!(press(&mut model, Cmd::Quit).is_empty());
    draw(&mut model);
    assert!(press(&mut model, Cmd::No).is_empty() && model.dialog.is_none());
    press(&mut model, Cmd::Quit);
    draw(&mut model);
    assert!(matches!(press(&mut model, Cmd::Yes).as_slice(), [Effect::Send(Command::Quit)]));
    let mut model = scene::verifying().model();
    assert!(matches!(update(&mut model, Action::End).as_slice(), [Effect::Send(Command::Quit)]));
}

/// Microsoft's support asks for them, and for nothing else in the events.
#[test]
fn in_the_events_y_copies_the_ids_of_requests_that_failed() {
    let mut scene = scene::verifying();
    let mut model = scene.model();
    press(&mut model, Cmd::View(3));
    assert!(press(&mut model, Cmd::Copy).is_empty());
    assert_eq!(note(&model), "no request that failed has an id among the latest events");
    let fault = |id: Option<&str>, message: FaultMessage| Fault {
        status: Some(503),
        request_id: id.map(str::to_owned),
        ..Fault::new(FaultKind::Service, message)
    };
    let ours = FaultMessage::NoAnswerCame { why: Silence::TookTooLong, client_request_id: Some("ours-1".into()) };
    for fault in [
        fault(Some("graph-1"), "down\u{1b}[2J for a while".into()),
        fault(None, ours),
        fault(None, "nobody knows which".into()),
    ] {
        scene.later(1).event(Event::ReadFailed { what: Work::VerifyPass, fault });
    }
    let users = scene.active()[..1].to_vec();
    let lost = Outcome::Lost(fault(Some("graph-2"), "the write was lost".into()));
    let (by, seen) = (scene.snapshot.operator.clone(), scene.seen());
    scene.event(Event::ReprocessApproved { batch: 0, users: users.clone(), by, seen });
    scene.event(Event::ReprocessIntended { batch: 0, users: users.clone() });
    scene.event(Event::ReprocessSettled { batch: 0, users, outcome: lost });
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    let effects = press(&mut model, Cmd::Copy);
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    let ids: Vec<&str> = text.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(ids, ["graph-1", "ours-1", "graph-2"], "{text}");
    assert!(text.starts_with("2026-") && !text.contains('\u{1b}'), "{text}");
    assert_eq!(note(&model), "copied: 3 failed requests with their ids");
    press(&mut model, Cmd::View(1));
    assert!(matches!(press(&mut model, Cmd::Copy).as_slice(), [Effect::Copy(text)] if text.starts_with("adelev@")));
}

/// The batch on the screen may wait for its preflight while others are between the two groups.
#[test]
fn quitting_asks_about_every_batch_that_is_between_two_phases() {
    let mut scene = crate::problems::three_batches();
    scene.snapshot.run.show(2);
    let mut model = scene.model();
    assert_eq!(model.snapshot.run.phase(), skuferry::domain::phase::Phase::Preflight);
    assert!(press(&mut model, Cmd::Quit).is_empty());
    assert!(matches!(model.dialog, Some(Dialog::Quit)));
    let drawn = crate::screens::text(&frame(&mut model, 100, 30).0);
    for line in
        ["Quit? 2 batches are between two phases.", "batch 1       Verify added · ", "batch 2       Verify added · "]
    {
        assert!(drawn.contains(line), "{drawn}");
    }
}

#[test]
fn notices_go_by_themselves_and_refusals_are_kept_among_the_events() {
    let mut model = scene::verifying().model();
    let refusal = Refusal::NotSafeYet(3);
    let _ = update(&mut model, Action::Noticed(Notice::Refused(refusal.into())));
    assert_eq!(note(&model), "not safe to remove yet: 3 of the batch");
    let later = model.now + SignedDuration::from_secs(21);
    let _ = update(&mut model, Action::Tick(later));
    assert_eq!(note(&model), "");
    press(&mut model, Cmd::View(3));
    let (screen, _) = frame(&mut model, 80, 24);
    assert!(crate::screens::text(&screen).contains("refused: not safe to remove yet: 3 of the batch"));
}

#[test]
fn the_theme_stays_none_where_no_color_is_set() {
    let mut model = scene::verifying().model();
    press(&mut model, Cmd::Theme);
    assert_eq!(model.theme, Theme::Light);
    (model.theme, model.no_color) = (Theme::None, true);
    press(&mut model, Cmd::Theme);
    assert_eq!(model.theme, Theme::None);
}

#[test]
fn a_cursor_survives_a_list_that_shrinks_to_nothing() {
    let mut model = scene::verifying().model();
    press(&mut model, Cmd::Last);
    let _ = update(
        &mut model,
        Action::Snapshot(Arc::new(skuferry::engine::snapshot::Snapshot { revision: 999, ..Scene::begun().snapshot })),
    );
    assert!(model.selected().is_none());
    for cmd in [Cmd::Down, Cmd::PageUp, Cmd::Last, Cmd::Inspect, Cmd::Copy, Cmd::Exclude, Cmd::Sort, Cmd::Filter] {
        press(&mut model, cmd);
        draw(&mut model);
    }
}

#[test]
fn a_reason_is_text_until_enter_or_esc_and_goes_with_the_approval() {
    let mut model = asked(&Scene::preflighted(44));
    draw(&mut model);
    assert!(press(&mut model, Cmd::Reason).is_empty());
    types(&mut model, "CHG0012 y");
    let _ = update(&mut model, Action::Pasted(" and more\ny".into()));
    assert!(press(&mut model, Cmd::Yes).is_empty(), "nothing approves while the reason is open");
    let drawn = crate::screens::text(&frame(&mut model, 80, 24).0);
    assert!(drawn.contains("reason: CHG0012 y and more"), "{drawn}");
    let effects = press(&mut model, Cmd::Yes);
    let [Effect::Send(Command::Add(approval))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(approval.seen().reason.as_deref(), Some("CHG0012 y and more"));

    let mut model = asked(&scene::removable());
    draw(&mut model);
    let _ = press(&mut model, Cmd::Reason);
    types(&mut model, "19");
    assert!(press(&mut model, Cmd::Submit).is_empty(), "a number that is a reason removes nobody");
    assert!(matches!(&model.dialog, Some(Dialog::Removing { typed, .. }) if typed.is_empty()));
}

#[test]
fn the_first_key_after_minutes_away_shows_what_happened_and_does_nothing_else() {
    let mut scene = scene::removable();
    let mut model = scene.model();
    let _ = press(&mut model, Cmd::Down);
    let later = model.now + SignedDuration::from_mins(6);
    let _ = update(&mut model, Action::Tick(later));
    assert!(!press(&mut model, Cmd::Approve).is_empty(), "nothing happened, so nothing is shown");
    scene.later(7 * 60).event(Event::Halted { why: HaltReason::Command { by: "ana on desk".into() } });
    let _ = update(&mut model, Action::Tick(scene.now + SignedDuration::from_mins(6)));
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert!(press(&mut model, Cmd::Approve).is_empty());
    assert!(matches!(model.dialog, Some(Dialog::Away(_))));
    let drawn = crate::screens::text(&frame(&mut model, 100, 30).0);
    assert!(drawn.contains("While you were away") && drawn.contains("ana on desk"), "{drawn}");
    let _ = press(&mut model, Cmd::No);
    assert!(model.dialog.is_none());
    // Halting is heard at once, whatever happened meanwhile.
    let later = model.now + SignedDuration::from_mins(60);
    let _ = update(&mut model, Action::Tick(later));
    scene.later(60).event(Event::HaltLifted { by: "ana".into() });
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert!(matches!(press(&mut model, Cmd::Halt).as_slice(), [Effect::Send(Command::Halt)]));
}

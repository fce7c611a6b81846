//! The palette: every command is in it, says why it is off as its key would, and does what its key does, no more.

use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::questions;
use skuferry::domain::questions::Question;
use skuferry::domain::requests;
use skuferry::domain::standing::Standing;
use skuferry::engine::ReadOnly;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Snapshot;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys;
use skuferry::tui::keys::BINDS;
use skuferry::tui::keys::Bind;
use skuferry::tui::keys::Cmd;
use skuferry::tui::keys::Mode;
use skuferry::tui::model::Model;
use skuferry::tui::model::Tone;
use skuferry::tui::palette;
use skuferry::tui::palette::off;
use skuferry::tui::update::update;
use skuferry::words::refusal;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

fn types(model: &mut Model, typed: &str) {
    typed.chars().for_each(|one| assert!(update(model, Action::Typed(one)).is_empty()));
}

fn opened(model: &mut Model) {
    press(model, &[Cmd::Palette]);
    let _ = frame(model, 100, 30);
}

fn listed(model: &Model) -> Vec<Cmd> {
    let Some(Dialog::Palette(open)) = &model.dialog else { panic!("{:?}", model.dialog) };
    open.listed.iter().map(|entry| entry.bind.cmd).collect()
}

/// Sittings of every kind, on every view.
fn sittings() -> Vec<(String, Model)> {
    let read_only = |why| {
        let mut scene = scene::removable();
        scene.snapshot.read_only = Some(why);
        scene
    };
    let mut halted = scene::verifying();
    halted.event(Event::Halted { why: HaltReason::Operator });
    let mut marked = scene::verifying().model();
    press(&mut marked, &[Cmd::MarkAll]);
    let mut no_color = scene::removable().model();
    no_color.no_color = true;
    let mut made = vec![("marked".to_owned(), marked), ("no color".to_owned(), no_color)];
    for (name, scene) in [
        ("begun", Scene::begun()),
        ("preflighted", Scene::preflighted(44)),
        ("verifying", scene::verifying()),
        ("removable", scene::removable()),
        ("halted", halted),
        ("read only", read_only(ReadOnly::Asked)),
        ("watched", read_only(ReadOnly::Watches)),
    ] {
        // The events and the plan know no users, whatever the run.
        let views = if name == "verifying" { &[1, 2, 3, 4, 5][..] } else { &[1, 2, 5] };
        for view in views.iter().copied() {
            let mut model = scene.model();
            press(&mut model, &[Cmd::View(view)]);
            made.push((format!("{name} {view}"), model));
        }
    }
    made
}

#[test]
fn every_command_of_the_views_is_in_the_palette_with_its_key() {
    let mut model = scene::verifying().model();
    opened(&mut model);
    let commands = BINDS.iter().filter(|bind| matches!(bind.mode, Mode::Views | Mode::Always));
    let all: BTreeSet<String> = commands.map(Bind::label).filter(|label| label != ":").collect();
    let Some(Dialog::Palette(open)) = &model.dialog else { panic!() };
    let shown: BTreeSet<String> = open.listed.iter().map(|entry| entry.bind.label()).collect();
    assert_eq!(shown, all);
    assert_eq!(open.listed.len(), palette::commands().count());
}

#[test]
fn enter_does_exactly_what_the_key_does() {
    for bind in palette::commands() {
        for ((name, mut by_key), (_, mut by_palette)) in sittings().into_iter().zip(sittings()) {
            let _ = (frame(&mut by_key, 100, 30), frame(&mut by_palette, 100, 30));
            opened(&mut by_palette);
            types(&mut by_palette, &bind.keys[0].label());
            assert_eq!(listed(&by_palette).first(), Some(&bind.cmd), "its key finds it first");
            let pressed = update(&mut by_key, Action::Cmd(bind.cmd));
            let carried_out = update(&mut by_palette, Action::Cmd(Cmd::Submit));
            assert_eq!(format!("{carried_out:?}"), format!("{pressed:?}"), "{name}: {:?}", bind.cmd);
            // How far a page is scrolled hangs on its height, which a dialog above it changes by a line.
            let scrolls = matches!(bind.cmd, Cmd::Down | Cmd::PageDown | Cmd::Last) && by_key.measured.most_scroll > 0;
            if scrolls {
                continue;
            }
            let shown = [&mut by_key, &mut by_palette].map(|model| text(&frame(model, 100, 30).0));
            assert_eq!(shown[0], shown[1], "{name}: {:?}", bind.cmd);
        }
    }
}

/// What the engine would answer to what was asked of it, when that is a refusal.
fn refused_by_engine(snapshot: &Snapshot, effects: &[Effect]) -> Option<String> {
    let (run, free) = (&snapshot.run, snapshot.free_seats);
    let question = match effects.first()? {
        Effect::Send(Command::Ask) => questions::question(run, 1, free),
        Effect::Send(Command::AskReprocess(users)) => requests::reprocess(run, 1, users, free).map(Question::Reprocess),
        Effect::Send(Command::AskDirect(users)) => requests::direct(run, 1, users, free).map(Question::Direct),
        _ => return None,
    };
    question.err().map(|why| refusal::refusal(&why))
}

#[test]
fn what_is_off_says_why_as_its_key_does_and_what_is_on_is_not_refused() {
    let mut seen = BTreeSet::new();
    for bind in palette::commands().filter(|bind| bind.cmd != Cmd::Back) {
        for (name, mut model) in sittings() {
            let off = off::why(&model, bind.cmd).map(|why| why.words(&model));
            if model.snapshot.read_only.is_some() && matches!(bind.cmd, Cmd::Reprocess | Cmd::Direct) {
                assert!(off.is_some_and(|why| why.starts_with("read-only") || why.contains("select")), "{name}");
                continue; // the engine says so
            }
            let of_engine = matches!(bind.cmd, Cmd::Poll | Cmd::Pause | Cmd::Slower | Cmd::Faster | Cmd::SignIn);
            if of_engine && matches!(model.snapshot.read_only, Some(ReadOnly::Watches)) {
                assert!(off.is_some_and(|why| why.starts_with("read-only")), "{name}");
                continue; // whoever reads the journal says so
            }
            let before = model.notes.len();
            let effects = update(&mut model, Action::Cmd(bind.cmd));
            let told = model.notes.iter().skip(before).find(|note| note.tone == Tone::Refused || bind.cmd == Cmd::Next);
            let told = told.map(|note| note.text.clone()).or_else(|| refused_by_engine(&model.snapshot, &effects));
            // What `n` says where it goes is no refusal.
            let told = told.filter(|_| bind.cmd != Cmd::Next || off.is_some());
            assert_eq!(off, told, "{name}: {:?}", bind.cmd);
            seen.extend(off);
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn it_is_looked_for_by_words_in_any_order_and_case() {
    let mut model = scene::verifying().model();
    opened(&mut model);
    types(&mut model, "ROLL sel");
    assert_eq!(listed(&model), [Cmd::RollBack]);
    (0..8).for_each(|_| press(&mut model, &[Cmd::Erase]));
    assert_eq!(listed(&model).len(), palette::commands().count());
    types(&mut model, "zzz");
    assert!(text(&frame(&mut model, 80, 24).0).contains("No command has that in it."));
    press(&mut model, &[Cmd::Submit]);
    assert!(matches!(model.dialog, Some(Dialog::Palette(_))), "nothing was chosen, so nothing happens");
    press(&mut model, &[Cmd::No]);
    assert!(model.dialog.is_none());
}

#[test]
fn a_dialog_that_it_opens_is_answered_by_nothing_but_its_own_keys() {
    let mut model = scene::verifying().model();
    opened(&mut model);
    types(&mut model, "x");
    press(&mut model, &[Cmd::Submit]);
    assert!(matches!(model.dialog, Some(Dialog::Exclude { .. })));
    assert!(update(&mut model, Action::Cmd(Cmd::Yes)).is_empty(), "it does not stand on the screen yet");
    assert!(matches!(model.dialog, Some(Dialog::Exclude { .. })));

    let scene = scene::removable();
    let mut model = scene.model();
    opened(&mut model);
    types(&mut model, "a");
    let asked = update(&mut model, Action::Cmd(Cmd::Submit));
    assert!(matches!(asked.as_slice(), [Effect::Send(Command::Ask)]));
    let _ = update(&mut model, Action::Noticed(Notice::Question(scene.question())));
    let _ = frame(&mut model, 80, 24);
    for action in [Action::Cmd(Cmd::Submit), Action::Pasted("19".into()), Action::Cmd(Cmd::Yes)] {
        assert!(update(&mut model, action).is_empty());
    }
}

#[test]
fn pasted_text_finds_and_carries_out_nothing_and_halting_is_heard() {
    let mut model = scene::verifying().model();
    opened(&mut model);
    assert!(update(&mut model, Action::Pasted("halt\n".into())).is_empty());
    let Some(Dialog::Palette(open)) = &model.dialog else { panic!() };
    assert!(open.typed.is_empty());
    let halt = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('H'));
    assert!(keys::asks_to_halt(&halt) && keys::cmd(Mode::Palette, &halt) == Some(Cmd::Halt));
    let effects = update(&mut model, Action::Cmd(Cmd::Halt));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::Halt)]) && model.dialog.is_none());
}

#[test]
fn the_selected_command_stays_while_the_run_goes_on_and_its_reason_follows() {
    let mut scene = Scene::preflighted(44);
    scene.later(60).added().later(40);
    let users = scene.active();
    scene.observed(&users, &Standing::OnSource);
    let mut model = scene.model();
    opened(&mut model);
    types(&mut model, "a");
    let reason = |model: &Model| {
        let Some(Dialog::Palette(open)) = &model.dialog else { panic!() };
        let entry = open.selected().unwrap();
        (entry.bind.cmd, entry.off.as_ref().map(|why| why.words(model)))
    };
    let (cmd, off) = reason(&model);
    assert!(cmd == Cmd::Approve && off.is_some_and(|why| why.contains("not safe")));
    scene.observed(&users, &Standing::ExpectedConflict);
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert_eq!(reason(&model), (Cmd::Approve, None));
}

#[test]
fn every_row_can_be_selected_and_seen_at_every_size() {
    for (width, height) in [(60, 15), (80, 24), (100, 30), (120, 40)] {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Palette]);
        let _ = frame(&mut model, width, height);
        for bind in palette::commands() {
            let drawn = text(&frame(&mut model, width, height).0);
            let cursor = drawn.lines().find(|line| line.contains("▸ ") && line.contains('│'));
            assert!(cursor.is_some_and(|line| line.contains(&bind.label())), "{:?}\n{drawn}", bind.cmd);
            press(&mut model, &[Cmd::Down]);
        }
    }
}

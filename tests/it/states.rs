//! Every view, dialog and state at three sizes, in every theme the same words: one snapshot a state, the sizes one below the
//! other. What `screens` has at two sizes already is here at the third.

mod translated;

use std::fmt::Write;

use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::preflight::UserCheck;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::ReadOnly;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Connection;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::dialog::TOUR_PAGES;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::exceptions;
use crate::problems::three_batches;
use crate::problems::two_causes;
use crate::rollback_screens;
use crate::scene;
use crate::scene::Scene;
use crate::screens::alarmed;
use crate::screens::frame;
use crate::screens::halted;
use crate::screens::opened;
use crate::screens::press;
use crate::screens::styles;
use crate::screens::text;
use crate::stuck;

const SIZES: [(u16, u16); 3] = [(80, 24), (100, 30), (120, 40)];

/// The letters of a frame at a size, which no theme changes: nothing is told by colour alone.
fn words(made: &dyn Fn() -> Model, (width, height): (u16, u16)) -> String {
    let drawn = |theme| {
        let mut model = made();
        model.theme = theme;
        text(&frame(&mut model, width, height).0)
    };
    let dark = drawn(Theme::Dark);
    for theme in [Theme::Light, Theme::Ansi, Theme::None] {
        assert_eq!(drawn(theme), dark, "{theme:?} at {width}x{height}");
    }
    assert!(dark.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= usize::from(width)), "{dark}");
    dark
}

/// One state at all sizes, as one snapshot.
fn state(name: &str, made: &dyn Fn() -> Model) {
    let mut all = String::new();
    for (width, height) in SIZES {
        let _ = write!(all, "{width}x{height}\n{}\n", words(made, (width, height)));
    }
    insta::assert_snapshot!(format!("state_{name}"), all);
}

/// Many screens at one size, as one snapshot.
fn at_the_middle_size(name: &str, all: &[(&str, &dyn Fn() -> Model)]) {
    let mut out = String::new();
    for (title, made) in all {
        let _ = write!(out, "{title}\n{}\n", words(*made, (100, 30)));
    }
    insta::assert_snapshot!(format!("{name}_100x30"), out);
}

fn with(mut model: Model, cmds: &[Cmd]) -> Model {
    press(&mut model, cmds);
    model
}

/// The canary is on its way, more follow.
fn busy() -> Scene {
    let mut scene = scene::removable();
    let (batch, users, seen, by) = (0, scene.active(), scene.seen(), scene.snapshot.operator.clone());
    let canary = users[..5].to_vec();
    scene.event(Event::RemoveApproved { batch, users, by, seen }).later(1);
    scene.event(Event::RemoveIntended { batch, users: canary.clone() }).later(2);
    scene.event(Event::RemoveSettled { batch, users: canary.clone(), outcome: Outcome::Done }).later(20);
    scene.observed(&canary[..3], &Standing::Migrated);
    scene.snapshot.activity = Activity::AwaitingCanary;
    scene
}

/// A batch that is complete but for two users, and the next one that waits.
fn left_behind() -> Scene {
    let mut scene = exceptions::added(2);
    let users = scene.active();
    scene.observed(&users[..4], &Standing::HoldsBoth).observed(&users[4..], &scene::standing_stuck()).later(60);
    exceptions::remove(&mut scene, 0, &users[..4]);
    scene.later(90).observed(&users[..4], &Standing::Migrated);
    scene.event(Event::BatchComplete { batch: 0 });
    let seats = scene.snapshot.run.seats();
    scene.event(Event::BatchChecked { batch: 1, problems: vec![], seats, products: vec![], reasons: vec![] });
    scene
}

fn offline() -> Scene {
    let mut scene = scene::verifying();
    let fault = Fault {
        status: Some(503),
        code: Some("serviceNotAvailable".into()),
        request_id: Some("0f3c6e0a-8c8e-4e3d-9b53-2f3f3f7f0001".into()),
        ..Fault::new(FaultKind::Service, "The service is temporarily unavailable")
    };
    scene.snapshot.connection = Connection::Failing { since: scene.now, fault: fault.clone() };
    scene.snapshot.fault = Some(fault);
    scene.later(260);
    scene
}

fn away() -> Model {
    let mut scene = scene::removable();
    let mut model = scene.model();
    scene.later(7 * 60).event(Event::Halted { why: HaltReason::Command { by: "ana on desk".into() } });
    scene.later(60);
    let _ = update(&mut model, Action::Tick(scene.now + SignedDuration::from_mins(6)));
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    with(model, &[Cmd::Down])
}

fn complete() -> Model {
    completed((0..6).map(scene::ready).collect())
}

fn completed(checks: Vec<UserCheck>) -> Model {
    let mut scene = Scene::checked(scene::preflight(checks));
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users, &Standing::HoldsBoth).later(5).removed().later(40);
    scene.observed(&users, &Standing::Migrated);
    scene.event(Event::BatchComplete { batch: 0 }).event(Event::MigrationComplete);
    scene.model()
}

fn read_only() -> Scene {
    let mut scene = scene::removable();
    scene.snapshot.read_only = Some(ReadOnly::AtWork { process: Some(4711) });
    scene
}

/// Names that are long, wide, right-to-left, under piles of marks, or steer a terminal.
fn awkward() -> Vec<UserCheck> {
    let mut checks: Vec<_> = (0..9).map(scene::ready).collect();
    let names = [
        format!("{}@contoso.com", "x".repeat(200)),
        "山田太郎@contoso.com".into(),
        "한국어이름@contoso.com".into(),
        "أحمد@contoso.com".into(),
        "דוד@contoso.com".into(),
        format!("e{}@contoso.com", "\u{301}".repeat(40)),
        "evil\u{1b}[2J\u{202e}\u{9b}\nname\t@contoso.com".into(),
        "👩\u{200d}💻@contoso.com".into(),
        "=HYPERLINK(\"http://x\")@contoso.com".into(),
    ];
    for (check, name) in checks.iter_mut().zip(names) {
        check.upn = Some(name.into());
    }
    checks
}

/// The palette, at the command so many rows down.
fn palette(rows: usize) -> Model {
    let mut model = with(scene::verifying().model(), &[Cmd::Palette]);
    let _ = frame(&mut model, 80, 24); // what no frame showed takes no key
    with(model, &vec![Cmd::Down; rows])
}

/// The palette of a sitting that may not write, with something typed.
fn searched_palette() -> Model {
    let mut model = with(read_only().model(), &[Cmd::Palette]);
    "ba".chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
    model
}

fn tour(page: usize) -> Model {
    let mut model = Scene::preflighted(44).model();
    model.dialog = Some(Dialog::Tour(page));
    model
}

fn batches_form() -> Model {
    with(Scene::preflighted(44).model(), &[Cmd::BatchSettings])
}

fn reason() -> Model {
    let mut model = opened(&Scene::preflighted(44));
    let _ = frame(&mut model, 100, 30); // what no frame showed takes no key
    press(&mut model, &[Cmd::Reason]);
    "CHG-0042: E3 for the north".chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
    model
}

/// Every state by its name.
fn all_states() -> [(&'static str, &'static dyn Fn() -> Model); 12] {
    [
        ("empty", &|| Scene::checked(scene::preflight(Vec::new())).model()),
        ("busy", &|| busy().model()),
        ("stuck", &|| two_causes().model()),
        ("exceptions", &|| left_behind().model()),
        ("alarm", &|| alarmed().model()),
        ("halted", &|| halted(two_causes(), HaltReason::TooManyStuck { stuck: 17, most: 3 }).model()),
        ("offline", &|| offline().model()),
        ("read_only", &|| read_only().model()),
        ("away", &away),
        ("complete", &complete),
        ("awkward", &|| Scene::checked(scene::preflight(awkward())).model()),
        ("complete_awkward", &|| completed(awkward())),
    ]
}

#[test]
fn states_at_three_sizes() {
    for (name, made) in all_states() {
        state(name, made);
    }
}

#[test]
fn every_state_and_every_view_of_it_fits_a_screen_of_300_by_100() {
    for (name, made) in all_states() {
        for view in 1..=5 {
            // `words` asserts that no line is wider than the screen.
            let drawn = words(&|| with(made(), &[Cmd::View(view)]), (300, 100));
            assert!(drawn.lines().count() <= 100 && drawn.contains("skuferry"), "{name} {view}\n{drawn}");
        }
    }
}

/// For a terminal that has no other letters: names of people too, whatever their script.
#[test]
fn every_state_and_every_view_of_it_is_drawn_in_ascii_alone() {
    for (name, made) in all_states() {
        for view in 1..=5 {
            for size in SIZES {
                let ascii = || {
                    let mut model = with(made(), &[Cmd::View(view)]);
                    model.ascii = true;
                    model
                };
                let drawn = words(&ascii, size);
                assert!(drawn.is_ascii(), "{name} {view} {size:?}\n{drawn}");
                let plain = words(&|| with(made(), &[Cmd::View(view)]), size);
                assert!(!plain.is_ascii(), "{name} {view} {size:?}: nothing is told by this\n{plain}");
            }
        }
    }
}

#[test]
fn new_dialogs_at_three_sizes() {
    state("palette", &|| palette(3));
    state("palette_read_only", &searched_palette);
    state("batches_form", &batches_form);
    state("help_of_problems", &|| with(scene::verifying().model(), &[Cmd::View(5), Cmd::Help]));
    let mut pages = String::new();
    for page in 0..TOUR_PAGES {
        let _ = write!(pages, "page {page}\n{}\n", words(&|| tour(page), (80, 24)));
    }
    insta::assert_snapshot!("state_tour", pages);
}

#[test]
fn views_at_the_third_size() {
    let view = |number| with(scene::verifying().model(), &[Cmd::View(number)]);
    at_the_middle_size(
        "views",
        &[
            ("reading", &|| Scene::begun().model()),
            ("preflight", &|| Scene::preflighted(44).model()),
            ("users", &|| scene::verifying().model()),
            ("a user", &|| with(scene::verifying().model(), &[Cmd::Last, Cmd::Inspect])),
            ("a blocked user", &|| with(scene::verifying().model(), &[Cmd::FilterBack, Cmd::FilterBack, Cmd::Inspect])),
            ("batches", &|| view(2)),
            ("events", &|| view(3)),
            ("plan", &|| view(4)),
            ("problems", &|| with(two_causes().model(), &[Cmd::View(5)])),
            ("batches side by side", &|| three_batches().model()),
            ("marked", &|| with(two_causes().model(), &[Cmd::View(5), Cmd::MarkAll, Cmd::View(1)])),
        ],
    );
}

/// Every dialog by its name.
fn all_dialogs() -> Vec<(&'static str, &'static dyn Fn() -> Model)> {
    vec![
        ("addition", &|| opened(&Scene::preflighted(44))),
        ("removal", &|| opened(&scene::removable())),
        ("removal that leaves others behind", &|| opened(&two_causes())),
        ("removal of a rollback", &|| opened(&rollback_screens::asks_to_remove())),
        ("alarm", &|| opened(&alarmed())),
        ("halt", &|| opened(&halted(scene::verifying(), HaltReason::TooManyStuck { stuck: 4, most: 3 }))),
        ("reprocess", &|| stuck::asked(&scene::verifying(), scene::id(18), Cmd::Reprocess)),
        ("direct license", &|| stuck::asked(&stuck::lingering(), stuck::direct(&stuck::lingering()), Cmd::Direct)),
        ("exclusion", &|| with(scene::verifying().model(), &[Cmd::Exclude])),
        ("exclusion of many", &|| with(two_causes().model(), &[Cmd::View(5), Cmd::Exclude])),
        ("rollback", &|| with(scene::removable().model(), &[Cmd::View(2), Cmd::RollBack])),
        ("quit", &|| with(scene::verifying().model(), &[Cmd::Quit])),
        ("help", &|| with(scene::verifying().model(), &[Cmd::Help])),
        ("reason", &reason),
    ]
}

#[test]
fn dialogs_at_the_third_size() {
    at_the_middle_size("dialogs", &all_dialogs());
}

/// The dialogs, and the pages that open like them.
fn all_that_opens() -> Vec<(&'static str, &'static dyn Fn() -> Model)> {
    let more: [(&str, &dyn Fn() -> Model); 5] = [
        ("palette", &|| palette(3)),
        ("palette of a sitting that only reads", &searched_palette),
        ("batches", &batches_form),
        ("tour", &|| tour(0)),
        ("awkward names", &|| opened(&Scene::checked(scene::preflight(awkward())))),
    ];
    all_dialogs().into_iter().chain(more).collect()
}

#[test]
fn every_dialog_is_drawn_in_ascii_alone() {
    for (name, made) in all_that_opens() {
        for size in SIZES {
            let ascii = || {
                let mut model = made();
                model.ascii = true;
                model
            };
            let drawn = words(&ascii, size);
            assert!(drawn.is_ascii(), "{name} {size:?}\n{drawn}");
            let plain = words(made, size);
            assert!(!plain.is_ascii(), "{name} {size:?}: nothing is told by this\n{plain}");
            // Marks are letters here too, so that words are held against words.
            let told = |text: &str| {
                let parts = text.split(|one: char| !one.is_ascii_alphanumeric());
                parts.filter(|part| part.len() > 3).map(str::to_owned).collect::<Vec<_>>()
            };
            if name != "awkward names" {
                assert_eq!(told(&drawn), told(&plain), "{name} {size:?}: words are lost");
            }
        }
    }
}

/// Where there is room for all of it a dialog scrolls nothing away, and is not stretched over the screen.
#[test]
fn every_dialog_fits_a_screen_of_300_by_100_whole() {
    for (name, made) in all_that_opens() {
        let drawn = words(made, (300, 100));
        assert!(drawn.lines().count() <= 100 && drawn.contains("skuferry"), "{name}\n{drawn}");
        let mut model = made();
        assert!(model.dialog.is_some(), "{name}");
        let (_, measured) = frame(&mut model, 300, 100);
        // The help has the keys of all dialogs, and is longer than any screen.
        assert_eq!(measured.most_dialog_scroll > 0, name == "help", "{name} is scrolled\n{drawn}");
        assert!(measured.dialog_stands, "{name}\n{drawn}");
    }
}

/// Which styles stand where, for a few screens that hang on them most.
#[test]
fn styles_of_a_few_screens() {
    for theme in [Theme::Dark, Theme::Light, Theme::None] {
        let mut all = String::new();
        let screens: [(&str, &dyn Fn() -> Model); 3] = [
            ("problems", &|| with(two_causes().model(), &[Cmd::View(5)])),
            ("removal", &|| opened(&scene::removable())),
            ("palette", &|| with(read_only().model(), &[Cmd::Palette, Cmd::Down])),
        ];
        for (name, made) in screens {
            let mut model = made();
            model.theme = theme;
            let _ = write!(all, "{name}\n{}\n", styles(&frame(&mut model, 80, 24).0));
        }
        insta::assert_snapshot!(format!("styles_{}", theme.word()), all);
    }
}

//! The mouse: it moves, selects and does what the key of a tab does; it asks and answers nothing, and can be left.

use ratatui::buffer::Buffer;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::action::Mouse;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::model::View;
use skuferry::tui::table::order::Filter;
use skuferry::tui::table::order::Sort;
use skuferry::tui::update::update;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::opened;
use crate::screens::press;
use crate::screens::text;

/// Where a text stands on the screen.
fn place(screen: &Buffer, wanted: &str) -> Mouse {
    let drawn = text(screen);
    let found = drawn.lines().zip(0_u16..).find_map(|(line, row)| {
        let at = line.find(wanted)?;
        Some((u16::try_from(unicode_width::UnicodeWidthStr::width(&line[..at])).unwrap(), row))
    });
    let (column, row) = found.unwrap_or_else(|| panic!("{wanted}\n{drawn}"));
    Mouse::Click { column, row }
}

fn click(model: &mut Model, wanted: &str) {
    let (screen, _) = frame(model, 120, 30);
    assert!(update(model, Action::Mouse(place(&screen, wanted))).is_empty());
}

#[test]
fn a_click_selects_the_row_under_it_wherever_the_list_stands() {
    let mut model = scene::verifying().model();
    click(&mut model, "henriettam");
    assert_eq!(model.selected().unwrap().upn, "henriettam@contoso.com");
    press(&mut model, &[Cmd::View(2)]);
    click(&mut model, "waits its turn");
    assert_eq!(model.batches.row, 1);
    press(&mut model, &[Cmd::View(5)]);
    let (screen, _) = frame(&mut model, 120, 30);
    let cause = model.problems[1].text.clone();
    let _ = update(&mut model, Action::Mouse(place(&screen, &cause[..20])));
    assert_eq!(model.problem.row, 1);

    let mut model = Scene::checked(scene::preflight((0..60).map(scene::ready).collect())).model();
    press(&mut model, &[Cmd::Last]);
    let (_, measured) = frame(&mut model, 120, 30);
    let row =
        (0..30).find(|row| measured.hits.at(5, *row) == Some(skuferry::tui::view::Hit::Row(measured.top))).unwrap();
    let _ = update(&mut model, Action::Mouse(Mouse::Click { column: 5, row }));
    assert_eq!(model.list.window.row, measured.top, "rows are counted from the first one in sight");
}

#[test]
fn tabs_filters_and_titles_do_what_their_keys_do() {
    let mut model = scene::verifying().model();
    for (tab, view) in [("2 batches", View::Batches), ("5 problems", View::Problems), ("4 plan", View::Plan)] {
        click(&mut model, tab);
        assert_eq!(model.view, view);
    }
    click(&mut model, "1 users");
    for (tab, filter) in [("stuck 2", Filter::Stuck), ("excluded 1", Filter::Excluded), ("all 20", Filter::All)] {
        click(&mut model, tab);
        assert_eq!(model.list.filter, filter);
    }
    click(&mut model, "STATE");
    assert_eq!(model.list.sort, Sort::Name);
}

#[test]
fn the_wheel_moves_lists_pages_and_the_text_of_a_dialog() {
    let mut model = scene::verifying().model();
    let _ = frame(&mut model, 80, 24);
    let turn = |model: &mut Model, wheel| assert!(update(model, Action::Mouse(wheel)).is_empty());
    turn(&mut model, Mouse::WheelDown);
    assert_eq!(model.list.window.row, 3);
    turn(&mut model, Mouse::WheelUp);
    assert_eq!(model.list.window.row, 0);
    press(&mut model, &[Cmd::Help]);
    let _ = frame(&mut model, 80, 24);
    turn(&mut model, Mouse::WheelDown);
    assert_eq!(model.dialog_scroll, 3);
    press(&mut model, &[Cmd::No, Cmd::Palette]);
    let _ = frame(&mut model, 80, 24);
    turn(&mut model, Mouse::WheelDown);
    assert!(matches!(&model.dialog, Some(Dialog::Palette(open)) if open.row == 3));
}

/// Every cell of every view and dialog, clicked: nothing is opened that asks, nothing is sent, nothing is answered.
#[test]
fn no_click_anywhere_asks_or_answers_anything() {
    let dialogs: Vec<fn() -> Model> = vec![
        || opened(&Scene::preflighted(44)),
        || opened(&scene::removable()),
        || scene::removable().model(),
        || {
            let mut model = scene::verifying().model();
            press(&mut model, &[Cmd::Exclude]);
            model
        },
        || {
            let mut model = scene::verifying().model();
            press(&mut model, &[Cmd::Palette]);
            model
        },
        || {
            let mut model = scene::verifying().model();
            press(&mut model, &[Cmd::View(5)]);
            model
        },
    ];
    for made in dialogs {
        let mut model = made();
        let _ = frame(&mut model, 100, 30);
        let before = model.dialog.as_ref().map(std::mem::discriminant);
        for (column, row) in (0..102).flat_map(|column| (0..32).map(move |row| (column, row))) {
            assert!(update(&mut model, Action::Mouse(Mouse::Click { column, row })).is_empty());
            assert_eq!(model.dialog.as_ref().map(std::mem::discriminant), before, "{column} {row}");
        }
    }
}

#[test]
fn a_question_that_was_asked_for_before_a_click_is_not_put_after_it() {
    let scene = scene::removable();
    let mut model = scene.model();
    press(&mut model, &[Cmd::Approve]);
    let _ = update(&mut model, Action::Mouse(Mouse::WheelDown));
    let _ = update(&mut model, Action::Noticed(skuferry::engine::handle::Notice::Question(scene.question())));
    assert!(model.dialog.is_none());
}

#[test]
fn the_mouse_is_left_to_the_terminal_and_taken_again() {
    let mut model = scene::verifying().model();
    let _ = frame(&mut model, 80, 24);
    let effects = update(&mut model, Action::Cmd(Cmd::Mouse));
    assert!(matches!(effects.as_slice(), [Effect::Mouse(false)]));
    let _ = update(&mut model, Action::Mouse(Mouse::WheelDown));
    assert_eq!(model.list.window.row, 0, "what was on its way moves nothing");
    let effects = update(&mut model, Action::Cmd(Cmd::Mouse));
    assert!(matches!(effects.as_slice(), [Effect::Mouse(true)]));
}

#[test]
fn a_screen_that_is_too_small_has_nothing_to_click() {
    let mut model = scene::verifying().model();
    let (_, measured) = frame(&mut model, 59, 14);
    assert!((0..59).all(|column| (0..14).all(|row| measured.hits.at(column, row).is_none())));
}

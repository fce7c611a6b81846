//! The mouse: the wheel moves, a click selects a row or does what the key of a tab or a title does. It answers nothing, and
//! nothing that asks is opened by it.

use crate::tui::action::Effect;
use crate::tui::action::Mouse;
use crate::tui::dialog::Dialog;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::table::order::Filter;
use crate::tui::update::answer;
use crate::tui::update::browse;
use crate::tui::update::navigate;
use crate::tui::update::palette;
use crate::tui::view::Hit;

/// How many rows a notch of the wheel moves.
const NOTCH: usize = 3;

pub(super) fn act(model: &mut Model, mouse: Mouse) -> Vec<Effect> {
    model.asked = None;
    if !model.mouse {
        return Vec::new(); // what the terminal sent before it heard that
    }
    match mouse {
        Mouse::WheelUp => turn(model, Cmd::Up),
        Mouse::WheelDown => turn(model, Cmd::Down),
        Mouse::Click { .. } if model.dialog.is_some() => {}
        Mouse::Click { column, row } => click(model, column, row),
    }
    Vec::new()
}

fn turn(model: &mut Model, cmd: Cmd) {
    model.dirty = true;
    for _ in 0..NOTCH {
        match model.dialog {
            Some(Dialog::Palette(_)) => drop(palette::command(model, cmd)),
            Some(_) => drop(answer::scrolled(model, cmd)),
            None => navigate::step(model, cmd),
        }
    }
}

fn click(model: &mut Model, column: u16, row: u16) {
    let Some(hit) = model.measured.hits.at(column, row) else { return };
    model.dirty = true;
    match hit {
        Hit::Row(at) => match model.view {
            View::Users if at < model.list.order.len() => model.choose(at),
            View::Batches if at < model.summary.batches.len() => model.batches.row = at,
            View::Problems if at < model.problems.len() => model.problem.row = at,
            _ => {}
        },
        // While a name is looked for, the keys are its letters.
        _ if model.searching => {}
        Hit::View(number) => drop(browse::command(model, Cmd::View(number))),
        Hit::Titles => drop(browse::command(model, Cmd::Sort)),
        Hit::Filter(place) => {
            let Some(filter) = Filter::ALL.get(place) else { return };
            navigate::to_list(model);
            model.list.filter = *filter;
            model.arrange();
        }
    }
}

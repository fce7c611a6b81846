//! Moving about: from view to view, from row to row, into a page and back.

use crate::engine::handle::Command;
use crate::tui::action::Effect;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::table::order::Filter;
use crate::tui::update::marks;

/// Opens the list of users as it is.
pub(super) fn to_list(model: &mut Model) {
    if model.view != View::Users {
        show(model, View::Users);
    }
    model.inspecting = false;
}

pub(super) fn show(model: &mut Model, view: View) {
    if view != View::Users || model.view == View::Users {
        (model.list.batch, model.list.cause) = (None, None);
    }
    model.view = view;
    model.arrange();
    model.inspecting = false;
    model.scroll = 0;
}

pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    if std::mem::take(&mut model.inspecting) {
        model.scroll = 0;
    } else if model.note().is_some() {
        model.note_shown = false;
    } else if marks::clear(model) {
        // Nobody is marked any more.
    } else if !model.list.search.is_empty() {
        model.list.search.clear();
        model.arrange();
    } else if model.list.cause.take().is_some() {
        model.view = View::Problems;
        model.arrange();
    } else if model.list.batch.take().is_some() {
        model.view = View::Batches;
        model.shown = None;
        model.arrange();
        return vec![Effect::Send(Command::Show(None))];
    } else {
        model.view = View::Users;
        model.scroll = 0;
    }
    Vec::new()
}

pub(super) fn inspect(model: &mut Model) -> Vec<Effect> {
    match model.view {
        View::Users => {
            let id = model.selected().and_then(|user| user.id);
            // The page stays with the user that it was opened for.
            (model.inspecting, model.list.follows) = (true, false);
            model.scroll = 0;
            return id.map(|id| Effect::Send(Command::Inspect(id))).into_iter().collect();
        }
        View::Batches => {
            let batch = model.batches.row;
            (model.list.batch, model.list.whole, model.shown) = (Some(batch), false, Some(batch));
            model.view = View::Users;
            model.arrange();
            return vec![Effect::Send(Command::Show(Some(batch)))];
        }
        View::Problems => {
            model.list.cause = model.problems.get(model.problem.row).map(|problem| problem.cause.clone());
            (model.list.filter, model.view) = (Filter::All, View::Users);
            model.arrange();
            model.choose(0);
        }
        View::Events | View::Plan => {}
    }
    Vec::new()
}

pub(super) fn step(model: &mut Model, cmd: Cmd) {
    let page = model.measured.page.max(1);
    let to = |at: usize, last: usize, page: usize| match cmd {
        Cmd::Down => (at + 1).min(last),
        Cmd::Up => at.saturating_sub(1),
        Cmd::PageDown => (at + page).min(last),
        Cmd::PageUp => at.saturating_sub(page),
        Cmd::First => 0,
        _ => last,
    };
    match model.view {
        View::Users if !model.inspecting => {
            model.list.follows = false;
            let last = model.list.order.len().saturating_sub(1);
            model.choose(to(model.list.window.row, last, page));
        }
        View::Users | View::Plan => model.scroll = to(model.scroll, model.measured.most_scroll, page),
        View::Batches => {
            model.batches.row = to(model.batches.row, model.summary.batches.len().saturating_sub(1), page);
        }
        View::Problems => {
            model.problem.row = to(model.problem.row, model.problems.len().saturating_sub(1), page);
        }
        View::Events => {
            // The newest stand at the bottom, and the scroll counts from there.
            let most = model.measured.most_scroll;
            let from_top = most.saturating_sub(model.scroll);
            model.scroll = most.saturating_sub(to(from_top, most, page));
        }
    }
}

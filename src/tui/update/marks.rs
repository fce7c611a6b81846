//! Marks: by id, so that they stay where a list is sorted, filtered or read anew.

use crate::domain::id::UserId;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::model::View;
use crate::tui::palette::off;
use crate::words::phrase;
use crate::words::say;

pub(super) fn command(model: &mut Model, cmd: Cmd) {
    if let Some(why) = off::why(model, cmd) {
        let text = why.words(model);
        model.tell(Tone::Refused, text);
        return;
    }
    match cmd {
        Cmd::MarkRange if model.view == View::Users => range(model),
        Cmd::MarkAll => {
            let all = shown(model);
            toggle(model, &all);
        }
        _ => {
            let users = model.under_cursor();
            toggle(model, &users);
        }
    }
    let count = model.list.marks.len();
    if model.list.range.is_none() {
        model.tell(Tone::Plain, say("screen-marked", &[("count", count.into())]));
    }
}

/// Nobody is marked any more; says whether anybody was.
pub(super) fn clear(model: &mut Model) -> bool {
    let any = !model.list.marks.is_empty() || model.list.range.is_some();
    model.list.marks.clear();
    model.list.range = None;
    any
}

/// Marks all of these, or none of them when all are marked already.
fn toggle(model: &mut Model, users: &[UserId]) {
    if users.iter().all(|user| model.list.marks.contains(user)) {
        model.list.marks.retain(|user| !users.contains(user));
    } else {
        model.list.marks.extend(users);
    }
}

/// The first press begins a range, the second marks it.
fn range(model: &mut Model) {
    let Some(here) = model.selected().and_then(|user| user.id) else { return };
    let Some(start) = model.list.range.take() else {
        model.list.range = Some(here);
        model.tell(Tone::Plain, phrase("screen-mark-range"));
        return;
    };
    let run = &model.snapshot.run;
    let row_of = |user: UserId| model.row_of(run.place(user)?);
    let (from, to) = (row_of(start).unwrap_or(model.list.window.row), model.list.window.row);
    let rows = model.list.order.get(from.min(to)..=from.max(to)).unwrap_or_default();
    let users: Vec<UserId> = rows.iter().filter_map(|place| run.users.get(*place)?.id).collect();
    model.list.marks.extend(users);
}

/// Everybody in the list that is shown.
fn shown(model: &Model) -> Vec<UserId> {
    let run = &model.snapshot.run;
    let ids = |places: &[usize]| places.iter().filter_map(|place| run.users.get(*place)?.id).collect::<Vec<_>>();
    match model.view {
        View::Problems => model.problems.iter().flat_map(|problem| ids(&problem.users)).collect(),
        View::Batches => run.users.iter().filter(|user| user.batch.is_some()).filter_map(|user| user.id).collect(),
        View::Users | View::Events | View::Plan => ids(&model.list.order),
    }
}

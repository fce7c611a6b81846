//! Keys in the views.

use crate::domain::id::UserId;
use crate::engine::handle::Command;
use crate::engine::snapshot::Activity;
use crate::tui::action::Effect;
use crate::tui::dialog::Dialog;
use crate::tui::dialog::Figures;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::model::View;
use crate::tui::model::Wanted;
use crate::tui::palette::off;
use crate::tui::palette::off::Off;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Sort;
use crate::tui::theme::Theme;
use crate::tui::update::asks;
use crate::tui::update::asks::Meant;
use crate::tui::update::copied;
use crate::tui::update::copied::Copied;
use crate::tui::update::end;
use crate::tui::update::marks;
use crate::tui::update::next;
use crate::tui::update::open;
use crate::tui::update::palette;
use crate::tui::update::sign_in;
use crate::words::phrase;
use crate::words::say;

pub(super) fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Approve => return approve(model),
        Cmd::Poll => return poll(model),
        Cmd::Pause => return send(Command::TogglePolling),
        Cmd::Slower => return send(Command::Slower),
        Cmd::Faster => return send(Command::Faster),
        Cmd::View(number) => {
            let view = View::ALL.get(usize::from(number).wrapping_sub(1)).copied();
            show(model, view.unwrap_or(model.view));
        }
        Cmd::Down | Cmd::Up | Cmd::PageDown | Cmd::PageUp | Cmd::First | Cmd::Last => step(model, cmd),
        Cmd::Inspect => return inspect(model),
        Cmd::Back => return back(model),
        Cmd::Search => {
            to_list(model);
            model.searching = true;
        }
        Cmd::Filter | Cmd::FilterBack | Cmd::Sort | Cmd::SortTurn | Cmd::Whole => arrange(model, cmd),
        Cmd::Follow => follow(model),
        Cmd::Mark | Cmd::MarkRange | Cmd::MarkAll => {
            model.list.follows = false;
            marks::command(model, cmd);
        }
        Cmd::Next => return next::go(model),
        Cmd::BatchSettings => batch_settings(model),
        Cmd::FewerBatches => return next::batches(model, false),
        Cmd::MoreBatches => return next::batches(model, true),
        Cmd::Exclude => exclude(model),
        Cmd::Reprocess => {
            let users = asks::whom_to_reprocess(model);
            return put(model, users, Wanted::Reprocess);
        }
        Cmd::Direct => {
            let users = asks::whom_to_clear(model);
            return put(model, users, Wanted::Direct);
        }
        Cmd::RollBack => roll_back(model),
        Cmd::Export => return export(model),
        Cmd::Copy => return copy(model),
        Cmd::SignIn => return sign_in::begin(model),
        Cmd::Theme => theme(model),
        Cmd::Mouse => return mouse(model),
        Cmd::Palette => palette::open(model),
        Cmd::Help => open(model, Dialog::Help),
        Cmd::Quit if under_way(model) => open(model, Dialog::Quit),
        Cmd::Quit => return end(model),
        Cmd::Halt
        | Cmd::End
        | Cmd::Reason
        | Cmd::Yes
        | Cmd::No
        | Cmd::Submit
        | Cmd::Erase
        | Cmd::NextField
        | Cmd::Type => {}
    }
    Vec::new()
}

fn send(command: Command) -> Vec<Effect> {
    vec![Effect::Send(command)]
}

fn poll(model: &mut Model) -> Vec<Effect> {
    if model.snapshot.paused {
        model.tell(Tone::Plain, phrase("screen-polling-once"));
    }
    send(Command::PollNow)
}

/// Lists other users, or in another order.
fn arrange(model: &mut Model, cmd: Cmd) {
    to_list(model);
    let list = &mut model.list;
    match cmd {
        Cmd::Filter => list.filter = list.filter.next(),
        Cmd::FilterBack => list.filter = list.filter.before(),
        Cmd::Sort => (list.sort, list.turned, list.follows) = (list.sort.next(), false, false),
        Cmd::SortTurn => (list.turned, list.follows) = (!list.turned, false),
        _ => list.whole = !list.whole,
    }
    model.arrange();
}

fn export(model: &mut Model) -> Vec<Effect> {
    if is_off(model, Cmd::Export) {
        return Vec::new();
    }
    model.exporting = true;
    model.tell(Tone::Plain, phrase("screen-report-begun"));
    vec![Effect::Export]
}

fn approve(model: &mut Model) -> Vec<Effect> {
    // What else is against it, the engine says: it knows it newer.
    if let Some(why @ Off::ReadOnly(_)) = off::why(model, Cmd::Approve) {
        refuse(model, &why);
        return Vec::new();
    }
    model.asked = Some(Wanted::Waiting);
    send(asks::batch_to_ask(model).map_or(Command::Ask, Command::AskBatch))
}

fn batch_settings(model: &mut Model) {
    if is_off(model, Cmd::BatchSettings) {
        return;
    }
    let figures = Figures::of(model.snapshot.run.batch_settings);
    open(model, Dialog::Batches(figures));
}

/// Stays with whoever changed last, until something is selected by hand: it never moves what was chosen.
fn follow(model: &mut Model) {
    to_list(model);
    model.list.follows = !model.list.follows;
    let text = if model.list.follows {
        (model.list.sort, model.list.turned) = (Sort::Latest, false);
        phrase("screen-follows")
    } else {
        phrase("screen-follows-no-more")
    };
    model.arrange();
    model.tell(Tone::Plain, text);
}

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

fn back(model: &mut Model) -> Vec<Effect> {
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
        return send(Command::Show(None));
    } else {
        model.view = View::Users;
        model.scroll = 0;
    }
    Vec::new()
}

fn inspect(model: &mut Model) -> Vec<Effect> {
    if is_off(model, Cmd::Inspect) {
        return Vec::new();
    }
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
            return send(Command::Show(Some(batch)));
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

fn exclude(model: &mut Model) {
    match asks::exclude(model) {
        Ok(Meant { users, left_out }) => open(model, Dialog::Exclude { users, left_out }),
        Err(why) => refuse(model, &why),
    }
}

/// Whether a key does nothing just now; it is said why.
fn is_off(model: &mut Model, cmd: Cmd) -> bool {
    let why = off::why(model, cmd);
    why.iter().for_each(|why| refuse(model, why));
    why.is_some()
}

/// Says why a key does nothing just now.
fn refuse(model: &mut Model, why: &Off) {
    let text = why.words(model);
    model.tell(Tone::Refused, text);
}

/// Has the engine put a question about these users; what it is against, it says itself.
fn put(model: &mut Model, users: Result<Vec<UserId>, Off>, wanted: Wanted) -> Vec<Effect> {
    let users = match users {
        Ok(users) => users,
        Err(why) => {
            refuse(model, &why);
            return Vec::new();
        }
    };
    model.asked = Some(wanted);
    match wanted {
        Wanted::Waiting => send(Command::Ask),
        Wanted::Reprocess => send(Command::AskReprocess(users)),
        Wanted::Direct => send(Command::AskDirect(users)),
    }
}

fn roll_back(model: &mut Model) {
    match asks::roll_back(model) {
        Ok(Meant { users, left_out }) => open(model, Dialog::RollingBack { users, left_out }),
        Err(why) => refuse(model, &why),
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    match copied::what(model) {
        Ok(Copied { told, text }) => {
            model.tell(Tone::Plain, told);
            vec![Effect::Copy(text)]
        }
        Err(why) => {
            refuse(model, &why);
            Vec::new()
        }
    }
}

/// Takes the mouse, or leaves it to the terminal, whose own selection works then.
fn mouse(model: &mut Model) -> Vec<Effect> {
    model.mouse = !model.mouse;
    model.tell(Tone::Plain, if model.mouse { phrase("screen-mouse-on") } else { phrase("screen-mouse-off") });
    vec![Effect::Mouse(model.mouse)]
}

fn theme(model: &mut Model) {
    if is_off(model, Cmd::Theme) {
        return;
    }
    model.theme = Theme::next(model.theme);
    let word = model.theme.word();
    model.tell(Tone::Plain, say("screen-theme", &[("theme", word.into())]));
}

/// Whether the operator would leave users between two phases, or the engine in the middle of writing.
fn under_way(model: &Model) -> bool {
    let writing = matches!(
        model.snapshot.activity,
        Activity::Adding
            | Activity::LookingLast
            | Activity::Removing
            | Activity::AwaitingCanary
            | Activity::ReadingBack
            | Activity::Holding { .. }
    );
    let between = !asks::between_phases(model).is_empty();
    !model.ending && model.snapshot.read_only.is_none() && (writing || between)
}

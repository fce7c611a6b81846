//! Keys in the views.

use std::fmt::Write;

use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::questions::may_exclude;
use crate::domain::requests;
use crate::domain::sku::Skus;
use crate::domain::standing::Standing;
use crate::domain::user::User;
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
use crate::tui::table::order::Filter;
use crate::tui::table::order::LATE;
use crate::tui::table::order::Sort;
use crate::tui::table::order::trouble;
use crate::tui::theme::Theme;
use crate::tui::update::end;
use crate::tui::update::marks;
use crate::tui::update::next;
use crate::tui::update::open;
use crate::tui::update::sign_in;
use crate::words::batches;
use crate::words::explain::explain;
use crate::words::fault;
use crate::words::notice;
use crate::words::phrase;
use crate::words::reason;
use crate::words::refusal;
use crate::words::say;
use crate::words::standing;

pub(super) fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Approve => return approve(model),
        Cmd::Poll => {
            if model.snapshot.paused {
                model.tell(Tone::Plain, phrase("screen-polling-once"));
            }
            return send(Command::PollNow);
        }
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
        Cmd::Filter | Cmd::FilterBack | Cmd::Sort | Cmd::SortTurn | Cmd::Whole => {
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
        Cmd::Reprocess => return reprocess(model),
        Cmd::Direct => {
            let users = model.meant();
            return put(model, users, Wanted::Direct);
        }
        Cmd::RollBack => roll_back(model),
        Cmd::Export => return export(model),
        Cmd::Copy => return copy(model),
        Cmd::SignIn => return sign_in::begin(model),
        Cmd::Theme => theme(model),
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

fn export(model: &mut Model) -> Vec<Effect> {
    if model.exporting {
        model.tell(Tone::Refused, phrase("screen-report-under-way"));
        return Vec::new();
    }
    model.exporting = true;
    model.tell(Tone::Plain, phrase("screen-report-begun"));
    vec![Effect::Export]
}

fn approve(model: &mut Model) -> Vec<Effect> {
    if let Some(why) = &model.snapshot.read_only {
        let text = notice::read_only_because(why);
        model.tell(Tone::Refused, text);
        return Vec::new();
    }
    model.asked = Some(Wanted::Waiting);
    // The question of the batch that is looked at comes first, when it has one; else the most useful.
    let batch = match model.view {
        View::Batches => model.batches.row,
        _ => model.snapshot.run.current,
    };
    let gates = &model.snapshot.gates;
    let waits = gates.iter().any(|gate| gate.batch == batch) && gates.first().is_some_and(|gate| gate.batch != batch);
    send(if waits { Command::AskBatch(batch) } else { Command::Ask })
}

fn batch_settings(model: &mut Model) {
    if let Some(why) = &model.snapshot.read_only {
        let text = notice::read_only_because(why);
        model.tell(Tone::Refused, text);
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
fn to_list(model: &mut Model) {
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
    match model.view {
        View::Users => {
            let Some(user) = model.selected() else {
                model.tell(Tone::Refused, phrase("screen-no-user-selected"));
                return Vec::new();
            };
            let id = user.id;
            // The page stays with the user that it was opened for.
            (model.inspecting, model.list.follows) = (true, false);
            model.scroll = 0;
            id.map(|id| Effect::Send(Command::Inspect(id))).into_iter().collect()
        }
        View::Batches => {
            if model.batches.row < model.summary.batches.len() {
                let batch = model.batches.row;
                (model.list.batch, model.list.whole, model.shown) = (Some(batch), false, Some(batch));
                model.view = View::Users;
                model.arrange();
                return send(Command::Show(Some(batch)));
            }
            Vec::new()
        }
        View::Problems => {
            if let Some(problem) = model.problems.get(model.problem.row) {
                model.list.cause = Some(problem.cause.clone());
                (model.list.filter, model.view) = (Filter::All, View::Users);
                model.arrange();
                model.choose(0);
            }
            Vec::new()
        }
        View::Events | View::Plan => Vec::new(),
    }
}

fn step(model: &mut Model, cmd: Cmd) {
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
    let (run, users) = (&model.snapshot.run, model.meant());
    let in_list = matches!(model.view, View::Users | View::Problems);
    let refused = match &model.snapshot.read_only {
        Some(why) => Err(notice::read_only_because(why)),
        None if !in_list && model.list.marks.is_empty() => Err(phrase("screen-exclude-where")),
        None if users.is_empty() => Err(phrase("screen-exclude-nobody")),
        None => may_be_excluded(run, &users),
    };
    match refused {
        Ok(may) => {
            let left_out = users.len() - may.len();
            open(model, Dialog::Exclude { users: may, left_out });
        }
        Err(why) => model.tell(Tone::Refused, why),
    }
}

/// Those of the users who may be excluded; when nobody may, why not.
fn may_be_excluded(run: &Migration, users: &[UserId]) -> Result<Vec<UserId>, String> {
    let mut why = String::new();
    let mut may = |id: &UserId| match may_exclude(run, *id) {
        Ok(()) => true,
        Err(refused) => {
            why = refusal::refusal(&refused);
            false
        }
    };
    let found: Vec<UserId> = users.iter().copied().filter(&mut may).collect();
    if found.is_empty() { Err(why) } else { Ok(found) }
}

/// Of a batch only those whom it may help are asked about: the others are only disturbed.
fn reprocess(model: &mut Model) -> Vec<Effect> {
    let run = &model.snapshot.run;
    let helps = |user: &User| {
        trouble(user, run, model.now) <= LATE || matches!(user.standing, Some(Standing::SourceLingers(_)))
    };
    let mut users = model.meant();
    if model.view == View::Batches && model.list.marks.is_empty() && !users.is_empty() {
        users.retain(|id| run.user(*id).is_some_and(|user| helps(user)));
        if users.is_empty() {
            let title = batches::title(run, model.batches.row);
            model.tell(Tone::Refused, say("screen-reprocess-nobody", &[("batch", title.into())]));
            return Vec::new();
        }
    }
    put(model, users, Wanted::Reprocess)
}

/// Has the engine put a question about these users.
fn put(model: &mut Model, users: Vec<UserId>, wanted: Wanted) -> Vec<Effect> {
    if users.is_empty() {
        model.tell(Tone::Refused, phrase("screen-select-first"));
        return Vec::new();
    }
    model.asked = Some(wanted);
    match wanted {
        Wanted::Waiting => send(Command::Ask),
        Wanted::Reprocess => send(Command::AskReprocess(users)),
        Wanted::Direct => send(Command::AskDirect(users)),
    }
}

fn roll_back(model: &mut Model) {
    let users = model.meant();
    match &model.snapshot.read_only {
        Some(why) => model.tell(Tone::Refused, notice::read_only_because(why)),
        None if users.is_empty() => model.tell(Tone::Refused, phrase("screen-select-first")),
        None => match requests::rollback(&model.snapshot.run, &users) {
            Ok(back) => {
                let left_out = users.len() - back.len();
                open(model, Dialog::RollingBack { users: back, left_out });
            }
            Err(why) => model.tell(Tone::Refused, refusal::refusal(&why)),
        },
    }
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(user) = model.selected() else {
        model.tell(Tone::Refused, phrase("screen-no-user-selected"));
        return Vec::new();
    };
    let (name, text) = (user.upn.clone(), describe(user, &model.snapshot.skus));
    model.tell(Tone::Plain, say("screen-copied-user", &[("user", name.into())]));
    vec![Effect::Copy(text)]
}

/// The user as text for a ticket or a chat.
fn describe(user: &User, skus: &Skus) -> String {
    let mut text = user.upn.clone();
    if let Some(stands) = standing::stands(user) {
        let _ = write!(text, "\n{stands}");
    }
    if user.excluded {
        let _ = write!(text, "\n{}", phrase("screen-excluded"));
    }
    for reason in &user.reasons {
        let mut said = reason::reason(&reason.detail);
        if reason.warning {
            said = say("view-warning", &[("what", said.into())]);
        }
        let _ = write!(text, "\n{said}");
    }
    if let Some(why) = &user.why {
        let said = say("screen-copy-graph-says", &[("said", explain(&fault::message(why), skus).into())]);
        let _ = write!(text, "\n{said}");
    }
    let writes = [
        (phrase("screen-copy-adding"), &user.add),
        (phrase("screen-copy-removing"), &user.remove),
        (phrase("screen-copy-reprocessing"), &user.reprocess),
        (phrase("screen-copy-direct"), &user.direct),
    ];
    for (what, write) in writes {
        if let Some(fault) = write.fault() {
            let _ = write!(text, "\n{what}: {}", fault::fault(fault));
        }
    }
    text
}

fn theme(model: &mut Model) {
    if model.no_color {
        model.tell(Tone::Refused, phrase("screen-no-color"));
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
    let run = &model.snapshot.run;
    let between = !matches!(run.phase(), Phase::Preflight | Phase::Complete);
    !model.ending && model.snapshot.read_only.is_none() && (writing || between)
}

//! What each action does to the model, and what it causes. Pure: no clock, no channel, no terminal.

mod answer;
pub(super) mod asks;
mod browse;
pub(super) mod copied;
mod marks;
mod mouse;
mod next;
mod palette;
mod search;
mod sign_in;
mod tour;

use crate::domain::questions::Question;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::engine::handle::Command;
use crate::engine::handle::Notice;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::Action;
use crate::tui::action::Effect;
use crate::tui::away;
use crate::tui::dialog::Dialog;
use crate::tui::format;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::model::View;
use crate::tui::model::Wanted;
use crate::tui::needs;
use crate::tui::summary::Summary;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Sort;
use crate::tui::view::Measured;
use crate::words::explain::explain;
use crate::words::notice;
use crate::words::phrase;
use crate::words::refusal;
use crate::words::say;

/// Takes one action in and says what is to be done outside.
#[must_use]
pub fn update(model: &mut Model, action: Action) -> Vec<Effect> {
    let is_key =
        matches!(action, Action::Cmd(_) | Action::Typed(_) | Action::Mouse(_) | Action::Pasted(_) | Action::Unbound);
    let was_away = is_key && away::comes_back(model);
    match action {
        Action::Cmd(Cmd::Halt) => return halt(model),
        Action::Cmd(Cmd::End) | Action::End => return end(model),
        // The key that brought the operator back was pressed on what they had not read yet.
        _ if was_away => return Vec::new(),
        Action::Cmd(cmd) => return command(model, cmd),
        Action::Mouse(mouse) => return mouse::act(model, mouse),
        Action::Typed(one) => typed(model, one),
        Action::Pasted(text) => pasted(model, &text),
        Action::Unbound => {
            model.asked = None;
            // It is a page to be read; any key goes on.
            if matches!(model.dialog, Some(Dialog::Away(_))) && model.drawn {
                (model.dialog, model.dirty) = (None, true);
            }
        }
        Action::Ignored => {}
        Action::Resized => model.dirty = true,
        Action::Snapshot(snapshot) => {
            if snapshot.revision >= model.snapshot.revision {
                polling(model, &snapshot);
                model.snapshot = snapshot;
                outdated(model);
                model.summary = Summary::of(&model.snapshot, model.now);
                sign_in::follow(model);
                model.arrange();
                needs::follow(model);
                palette::refresh(model);
                model.dirty = true;
            }
        }
        Action::Noticed(notice) => noticed(model, notice),
        Action::Exported(written) => {
            model.exporting = false;
            match written {
                Ok(folder) => model.tell(Tone::Said, say("screen-report-written", &[("folder", folder.into())])),
                Err(why) => model.tell(Tone::Refused, say("screen-report-not-written", &[("why", why.into())])),
            }
        }
        Action::Tick(now) => tick(model, now),
        Action::Drawn(measured) => drawn(model, measured),
    }
    Vec::new()
}

/// A question about a halt or an alarm is closed when another one stands: a yes must not cover what was not shown.
fn outdated(model: &mut Model) {
    let run = &model.snapshot.run;
    let holds = match &model.dialog {
        Some(Dialog::LiftHalt { whys, .. }) => run.halted.as_ref().is_none_or(|halt| halt.reasons().eq(whys)),
        Some(Dialog::Alarm(users)) => {
            run.alarm.as_ref().is_none_or(|alarm| alarm.users.iter().all(|user| users.contains(user)))
        }
        _ => true,
    };
    if !holds {
        model.dialog = None;
        model.tell(Tone::Refused, refusal::refusal(&Refusal::Stale));
    }
}

/// The keys for polling answer where no poll is due, too.
fn polling(model: &mut Model, now: &Snapshot) {
    let (was, every) = (&model.snapshot, format::lasting(now.interval));
    let text = match (was.paused, now.paused) {
        (false, true) => phrase("screen-polling-paused-resumes"),
        (_, true) if was.interval != now.interval => say("screen-polling-every-later", &[("length", every.into())]),
        (true, false) => say("screen-polling-every", &[("length", every.into())]),
        (_, false) if was.interval != now.interval => say("screen-polling-every", &[("length", every.into())]),
        _ => return,
    };
    model.tell(Tone::Plain, text);
}

fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    model.asked = None;
    if model.dialog.is_some() {
        return answer::answer(model, cmd);
    }
    anywhere(model, cmd)
}

/// Carries out what the key of a command does where no dialog is open.
fn anywhere(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    model.dirty = true;
    if model.searching { search::command(model, cmd) } else { browse::command(model, cmd) }
}

/// Time alone makes users late, and so changes the counts and the lists that are about lateness.
fn tick(model: &mut Model, now: Timestamp) {
    model.now = now;
    model.summary = Summary::of(&model.snapshot, now);
    let by_time = model.list.cause.is_some() || model.view == View::Problems;
    if by_time || model.list.filter == Filter::Stuck || matches!(model.list.sort, Sort::Trouble | Sort::Cause) {
        model.arrange();
    }
    needs::follow(model);
    palette::refresh(model);
    model.dirty = true;
}

/// Rule 10: whatever is open, halting wins. An open question falls with it.
fn halt(model: &mut Model) -> Vec<Effect> {
    let asks_to_write = matches!(
        model.dialog,
        Some(
            Dialog::Adding(_)
                | Dialog::Removing { .. }
                | Dialog::Reprocessing(_)
                | Dialog::Clearing { .. }
                | Dialog::RollingBack { .. }
                | Dialog::LiftHalt { .. }
        )
    );
    // What was meant to be read or looked for is out of the way, too: the halt is what counts now.
    if asks_to_write || matches!(model.dialog, Some(Dialog::Palette(_) | Dialog::Tour(_))) {
        model.dialog = None;
    }
    model.asked = None;
    if let Some(why) = &model.snapshot.read_only {
        let text = say("screen-nothing-to-halt", &[("why", notice::read_only(why).into())]);
        model.tell(Tone::Refused, text);
        return Vec::new();
    }
    model.tell(Tone::Plain, phrase("screen-halting"));
    vec![Effect::Send(Command::Halt)]
}

/// Ends in order: the engine is told once and awaited by the loop.
fn end(model: &mut Model) -> Vec<Effect> {
    model.dialog = None;
    model.dirty = true;
    if std::mem::replace(&mut model.ending, true) { Vec::new() } else { vec![Effect::Send(Command::Quit)] }
}

fn typed(model: &mut Model, one: char) {
    model.asked = None;
    if let Some(reason) = model.dialog.as_mut().and_then(Dialog::reason_mut).filter(|reason| reason.is_open) {
        reason.extend(&one.to_string());
        model.dirty = true;
        return;
    }
    match &mut model.dialog {
        Some(Dialog::Palette(_)) => palette::extend(model, one),
        Some(Dialog::Removing { typed, .. } | Dialog::Clearing { typed, .. }) if model.drawn => typed.push(one),
        Some(Dialog::Batches(figures)) if model.drawn => figures.type_in(one),
        None if model.searching => search::extend(model, &one.to_string()),
        Some(_) | None => return,
    }
    model.dirty = true;
}

/// Pasted text is never an answer: it goes into the search line, into a reason, or nowhere.
fn pasted(model: &mut Model, text: &str) {
    model.asked = None;
    if let Some(reason) = model.dialog.as_mut().and_then(Dialog::reason_mut).filter(|reason| reason.is_open) {
        reason.extend(text);
        model.dirty = true;
        return;
    }
    if model.dialog.is_some() {
        model.tell(Tone::Refused, phrase("screen-pasted"));
    } else if model.searching {
        search::extend(model, text.lines().next().unwrap_or_default());
    }
}

/// A question is put only to an operator who waits for it, so that a key meant for something else cannot answer it.
fn noticed(model: &mut Model, asked: Notice) {
    let told = notice::told(&asked);
    match (asked, told) {
        (Notice::Question(question), _) => {
            // An answer that comes late may be to another key than the last one: it opens nothing.
            let wanted = model.asked == Some(Wanted::of(&question));
            let awaited = wanted && model.dialog.is_none() && !model.ending;
            if wanted {
                model.asked = None;
            }
            if awaited { put(model, question) } else { model.tell(Tone::Plain, phrase("screen-question-waits")) }
        }
        (Notice::Refused(_) | Notice::NotSignedIn(_), Some(text)) => model.tell(Tone::Refused, text),
        (_, Some(text)) => {
            let text = explain(&text, &model.snapshot.skus);
            model.tell(Tone::Said, text);
        }
        (_, None) => {}
    }
}

fn put(model: &mut Model, question: Question) {
    let dialog = Dialog::of(question, &model.snapshot.run);
    open(model, dialog);
}

/// Opens a dialog; no key is an answer to it before it stands on the screen.
pub(super) fn open(model: &mut Model, dialog: Dialog) {
    model.dialog = Some(dialog);
    model.dialog_scroll = 0;
    model.note_shown = false;
    model.drawn = false;
    model.dirty = true;
}

fn drawn(model: &mut Model, measured: Measured) {
    model.drawn = measured.dialog_stands;
    model.scroll = model.scroll.min(measured.most_scroll);
    model.dialog_scroll = model.dialog_scroll.min(measured.most_dialog_scroll);
    match model.view {
        View::Users => model.list.window.top = measured.top,
        View::Batches => model.batches.top = measured.top,
        View::Problems => model.problem.top = measured.top,
        View::Events | View::Plan => {}
    }
    model.measured = measured;
}

/// A short piece of what was typed, fit for a notice.
fn shown(text: &str) -> String {
    format::cut(text.trim(), 20)
}

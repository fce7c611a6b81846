//! Keys while a dialog is open. What it asks leaves it only here, and only as an answer.

use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::settings::BatchSettings;
use crate::engine::handle::Command;
use crate::tui::action::Effect;
use crate::tui::dialog::Asked;
use crate::tui::dialog::Dialog;
use crate::tui::dialog::Figures;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::update::end;
use crate::tui::update::marks;
use crate::tui::update::palette;
use crate::tui::update::shown;
use crate::tui::update::sign_in;
use crate::tui::update::tour;
use crate::words::phrase;
use crate::words::refusal;
use crate::words::say;

pub(super) fn answer(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    if !model.drawn && cmd != Cmd::No {
        return Vec::new(); // pressed before the question stood on the screen, so no answer to it
    }
    model.dirty = true;
    match &model.dialog {
        Some(Dialog::Palette(_)) => return palette::command(model, cmd),
        Some(Dialog::Tour(_)) => return tour::command(model, cmd),
        _ => {}
    }
    if was_for_the_reason(model, cmd) || scrolled(model, cmd) {
        return Vec::new();
    }
    match (model.dialog.take(), cmd) {
        (Some(Dialog::Adding(asked)), Cmd::Yes) => {
            send(Command::Add(asked.proposal.yes().because(asked.reason.into_text())))
        }
        (Some(Dialog::Removing { asked, typed }), Cmd::Submit) => remove(model, asked, typed),
        (Some(Dialog::Clearing { asked, typed }), Cmd::Submit) => remove_direct(model, asked, typed),
        (Some(Dialog::Reprocessing(asked)), Cmd::Yes) => {
            marks::clear(model);
            send(Command::Reprocess(asked.proposal.yes().because(asked.reason.into_text())))
        }
        (Some(Dialog::RollingBack { users, .. }), Cmd::Yes) => roll_back(model, users),
        (Some(mut dialog), Cmd::Erase | Cmd::NextField) => {
            change(&mut dialog, cmd);
            model.dialog = Some(dialog);
            Vec::new()
        }
        (Some(Dialog::Alarm(_)), Cmd::Yes) => send(Command::AcknowledgeAlarm),
        (Some(Dialog::LiftHalt { .. }), Cmd::Yes) => lift_halt(model),
        (Some(Dialog::Exclude { users, .. }), Cmd::Yes) => {
            marks::clear(model);
            users.into_iter().map(|user| Effect::Send(Command::Exclude(user))).collect()
        }
        (Some(Dialog::Batches(figures)), Cmd::Submit) => set_batches(model, figures),
        (Some(Dialog::Quit), Cmd::Yes) => end(model),
        (Some(Dialog::SigningIn), Cmd::Copy) => sign_in::copy(model),
        (Some(Dialog::SigningIn), Cmd::No) => sign_in::give_up(model),
        (
            Some(Dialog::Adding(_) | Dialog::Removing { .. } | Dialog::Reprocessing(_) | Dialog::Clearing { .. }),
            Cmd::No,
        ) => {
            model.tell(Tone::Plain, phrase("screen-nothing-approved"));
            Vec::new()
        }
        (Some(_), Cmd::No) => Vec::new(),
        (open, _) => {
            model.dialog = open;
            Vec::new()
        }
    }
}

/// Only the number of users that are shown approves a removal; another ends the question.
fn remove(model: &mut Model, asked: Asked<Remove>, typed: String) -> Vec<Effect> {
    if typed.trim().is_empty() {
        model.dialog = Some(Dialog::Removing { asked, typed });
        return Vec::new();
    }
    match asked.proposal.typed(&typed) {
        Ok(approval) => send(Command::Remove(approval.because(asked.reason.into_text()))),
        Err(proposal) => wrong_number(model, &typed, proposal.users().len()),
    }
}

/// The same for direct licenses.
fn remove_direct(model: &mut Model, asked: Asked<Direct>, typed: String) -> Vec<Effect> {
    if typed.trim().is_empty() {
        model.dialog = Some(Dialog::Clearing { asked, typed });
        return Vec::new();
    }
    match asked.proposal.typed(&typed) {
        Ok(approval) => {
            marks::clear(model);
            send(Command::Direct(approval.because(asked.reason.into_text())))
        }
        Err(proposal) => wrong_number(model, &typed, proposal.users().len()),
    }
}

/// They leave the batch that was opened by hand, and their rollback is what goes on now.
fn roll_back(model: &mut Model, users: Vec<UserId>) -> Vec<Effect> {
    marks::clear(model);
    model.list.batch = None;
    model.arrange();
    send(Command::RollBack(users))
}

/// Changes what is typed, where a dialog has it.
fn change(dialog: &mut Dialog, cmd: Cmd) {
    match (dialog, cmd) {
        (Dialog::Removing { typed, .. } | Dialog::Clearing { typed, .. }, Cmd::Erase) => drop(typed.pop()),
        (Dialog::Batches(figures), Cmd::Erase) => figures.erase(),
        (Dialog::Batches(figures), Cmd::NextField) => figures.next(),
        _ => {}
    }
}

/// Lifts the halt that is on the screen: what halts the run from now on was not seen.
fn lift_halt(model: &Model) -> Vec<Effect> {
    let halt = model.snapshot.run.halted.as_ref();
    halt.map(|halt| send(Command::LiftHalt(halt.latest))).unwrap_or_default()
}

/// Nothing is sent that cannot be: the figures stay to be mended.
fn set_batches(model: &mut Model, figures: Figures) -> Vec<Effect> {
    let run = &model.snapshot.run;
    let settings = figures.settings(run.batch_settings).filter(BatchSettings::are_possible);
    match settings.ok_or(Refusal::NoSuchSettings).and_then(|set| run.may_set_batches(set).map(|()| set)) {
        Ok(settings) => send(Command::SetBatches(settings)),
        Err(why) => {
            model.dialog = Some(Dialog::Batches(figures));
            model.tell(Tone::Refused, refusal::refusal(&why));
            Vec::new()
        }
    }
}

fn wrong_number(model: &mut Model, typed: &str, users: usize) -> Vec<Effect> {
    let text = say("screen-wrong-number", &[("typed", shown(typed).into()), ("count", users.into())]);
    model.tell(Tone::Refused, text);
    Vec::new()
}

fn send(command: Command) -> Vec<Effect> {
    vec![Effect::Send(command)]
}

/// Whether a key moved the text of the dialog, which answers nothing.
pub(super) fn scrolled(model: &mut Model, cmd: Cmd) -> bool {
    let page = model.measured.dialog_page.max(1);
    let at = model.dialog_scroll;
    model.dialog_scroll = match cmd {
        Cmd::Down => at + 1,
        Cmd::Up => at.saturating_sub(1),
        Cmd::PageDown => at + page,
        Cmd::PageUp => at.saturating_sub(page),
        _ => return false,
    }
    .min(model.measured.most_dialog_scroll);
    true
}

/// Whether a key opened, changed or closed the reason of an approval. It is no answer then.
fn was_for_the_reason(model: &mut Model, cmd: Cmd) -> bool {
    let Some(reason) = model.dialog.as_mut().and_then(Dialog::reason_mut) else { return false };
    match (reason.is_open, cmd) {
        (false, Cmd::Reason) => reason.is_open = true,
        (false, _) => return false,
        (true, Cmd::Erase) => drop(reason.text.pop()),
        (true, _) => reason.is_open = false,
    }
    true
}

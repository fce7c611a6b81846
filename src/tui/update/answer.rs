//! Keys while a dialog is open. What it asks leaves it only here, and only as an answer.

use crate::domain::refusal::Refusal;
use crate::domain::settings::BatchSettings;
use crate::engine::handle::Command;
use crate::tui::action::Effect;
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
        (Some(Dialog::Removing { mut asked, typed }), Cmd::Submit) => {
            if typed.trim().is_empty() {
                model.dialog = Some(Dialog::Removing { asked, typed });
                return Vec::new();
            }
            match asked.proposal.typed(&typed) {
                Ok(approval) => send(Command::Remove(approval.because(asked.reason.into_text()))),
                Err(proposal) => {
                    asked.proposal = proposal;
                    let users = asked.proposal.users().len();
                    model.tell(Tone::Refused, wrong_number(&typed, users));
                    Vec::new()
                }
            }
        }
        (Some(Dialog::Clearing { mut asked, typed }), Cmd::Submit) => {
            if typed.trim().is_empty() {
                model.dialog = Some(Dialog::Clearing { asked, typed });
                return Vec::new();
            }
            match asked.proposal.typed(&typed) {
                Ok(approval) => {
                    marks::clear(model);
                    send(Command::Direct(approval.because(asked.reason.into_text())))
                }
                Err(proposal) => {
                    asked.proposal = proposal;
                    let users = asked.proposal.users().len();
                    model.tell(Tone::Refused, wrong_number(&typed, users));
                    Vec::new()
                }
            }
        }
        (Some(Dialog::Reprocessing(asked)), Cmd::Yes) => {
            marks::clear(model);
            send(Command::Reprocess(asked.proposal.yes().because(asked.reason.into_text())))
        }
        (Some(Dialog::RollingBack { users, .. }), Cmd::Yes) => {
            // They leave the batch that was opened by hand, and their rollback is what goes on now.
            marks::clear(model);
            model.list.batch = None;
            model.arrange();
            send(Command::RollBack(users))
        }
        (Some(mut dialog @ (Dialog::Removing { .. } | Dialog::Clearing { .. })), Cmd::Erase) => {
            if let Dialog::Removing { typed, .. } | Dialog::Clearing { typed, .. } = &mut dialog {
                typed.pop();
            }
            model.dialog = Some(dialog);
            Vec::new()
        }
        (Some(Dialog::Alarm(_)), Cmd::Yes) => send(Command::AcknowledgeAlarm),
        (Some(Dialog::LiftHalt { .. }), Cmd::Yes) => send(Command::LiftHalt),
        (Some(Dialog::Exclude { users, .. }), Cmd::Yes) => {
            marks::clear(model);
            users.into_iter().map(|user| Effect::Send(Command::Exclude(user))).collect()
        }
        (Some(Dialog::Batches(mut figures)), Cmd::Erase | Cmd::NextField) => {
            if cmd == Cmd::Erase {
                figures.erase();
            } else {
                figures.next();
            }
            model.dialog = Some(Dialog::Batches(figures));
            Vec::new()
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

fn wrong_number(typed: &str, users: usize) -> String {
    say("screen-wrong-number", &[("typed", shown(typed).into()), ("count", users.into())])
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

//! Keys while the palette is open. What it carries out is what the key of the command would do, and nothing else.

use crate::domain::text::clean;
use crate::tui::action::Effect;
use crate::tui::dialog::Dialog;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::palette::Palette;
use crate::tui::update::anywhere;
use crate::tui::update::end;
use crate::tui::update::halt;

/// No command is found by more than this.
const MOST: usize = 40;

/// Opens it. Unlike a question it leaves the newest notice as it is: what is carried out may be about that.
pub(super) fn open(model: &mut Model) {
    let palette = Palette::open(model);
    (model.dialog, model.dialog_scroll, model.drawn) = (Some(Dialog::Palette(palette)), 0, false);
}

pub(super) fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    let page = model.measured.dialog_page.max(1);
    let Some(Dialog::Palette(palette)) = &mut model.dialog else { return Vec::new() };
    let last = palette.listed.len().saturating_sub(1);
    match cmd {
        Cmd::Down => palette.row = (palette.row + 1).min(last),
        Cmd::Up => palette.row = palette.row.saturating_sub(1),
        Cmd::PageDown => palette.row = (palette.row + page).min(last),
        Cmd::PageUp => palette.row = palette.row.saturating_sub(page),
        Cmd::Erase => {
            palette.typed.pop();
            palette.row = 0;
            refresh(model);
        }
        Cmd::Submit => {
            let Some(chosen) = palette.selected().map(|entry| entry.bind.cmd) else { return Vec::new() };
            model.dialog = None;
            return carry_out(model, chosen);
        }
        Cmd::No => model.dialog = None,
        _ => {}
    }
    keep_in_sight(model);
    Vec::new()
}

/// Takes one more character of what is looked for.
pub(super) fn extend(model: &mut Model, one: char) {
    let Some(Dialog::Palette(palette)) = &mut model.dialog else { return };
    if palette.typed.chars().count() < MOST {
        palette.typed.push_str(&clean(&one.to_string()));
    }
    palette.row = 0;
    refresh(model);
    keep_in_sight(model);
    model.dirty = true;
}

/// Says anew why what is off is off: the run goes on behind the palette.
pub(super) fn refresh(model: &mut Model) {
    match model.dialog.take() {
        Some(Dialog::Palette(mut palette)) => {
            palette.list(model);
            model.dialog = Some(Dialog::Palette(palette));
        }
        other => model.dialog = other,
    }
}

fn carry_out(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Halt => halt(model),
        Cmd::End => end(model),
        other => anywhere(model, other),
    }
}

fn keep_in_sight(model: &mut Model) {
    let page = model.measured.dialog_page.max(1);
    let Some(Dialog::Palette(palette)) = &model.dialog else { return };
    model.dialog_scroll = model.dialog_scroll.clamp((palette.row + 1).saturating_sub(page), palette.row);
}

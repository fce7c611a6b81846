//! Keys in the pages for who opens the demo for the first time: on, back, or out of them at once.

use crate::tui::action::Effect;
use crate::tui::dialog::Dialog;
use crate::tui::dialog::TOUR_PAGES;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;

pub(super) fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    let Some(Dialog::Tour(page)) = &mut model.dialog else { return Vec::new() };
    model.dialog_scroll = 0;
    match cmd {
        Cmd::Submit if *page + 1 < TOUR_PAGES => *page += 1,
        Cmd::Submit | Cmd::No => model.dialog = None,
        Cmd::Back => *page = page.saturating_sub(1),
        _ => {}
    }
    Vec::new()
}

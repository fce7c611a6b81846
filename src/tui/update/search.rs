//! Keys while the search line has them.

use crate::domain::text;
use crate::tui::action::Effect;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::update::browse;

/// A name is never longer than this; a pasted book is.
const MOST: usize = 200;

pub(super) fn command(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    match cmd {
        Cmd::Erase => {
            model.list.search.pop();
            model.arrange();
        }
        Cmd::Submit => model.searching = false,
        Cmd::No => {
            model.searching = false;
            model.list.search.clear();
            model.arrange();
        }
        Cmd::Down | Cmd::Up => return browse::command(model, cmd),
        _ => {}
    }
    Vec::new()
}

/// Takes typed or pasted text into the search line.
pub(super) fn extend(model: &mut Model, text: &str) {
    let room = MOST.saturating_sub(model.list.search.chars().count());
    model.list.search.extend(text::clean(text).chars().take(room));
    model.arrange();
    model.dirty = true;
}

//! The page of all keys, and what the marks mean.

use ratatui::text::Line;

use crate::tui::dialog::frame::Page;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;

const MARKS: [(&str, Role, &str); 8] = [
    (glyph::DONE, Role::Good, "safe to remove, or migrated"),
    (glyph::BUSY, Role::Busy, "licensing is working on the user"),
    (glyph::NEXT, Role::Dim, "ready"),
    (glyph::WARN, Role::Warn, "late, went back, or a warning"),
    (glyph::BAD, Role::Bad, "stuck, missing, or a write failed"),
    (glyph::ALARM, Role::Alarm, "without a license"),
    (glyph::BLOCKED, Role::Bad, "blocked by preflight"),
    (glyph::EXCLUDED, Role::Dim, "excluded by the operator"),
];

pub(super) fn page(model: &Model, width: usize) -> Page<'static> {
    let mut page = PageBuilder::new(model.theme, width);
    for (title, binds) in keys::pages() {
        page.heading(title);
        for bind in binds {
            page.entry(&bind.label(), bind.help);
        }
    }
    page.heading("Marks");
    for (mark, role, text) in MARKS {
        page.item(mark, role, Role::Text, text);
    }
    let theme = model.theme;
    let back = Line::from(vec![
        theme.span(Role::Key, keys::label(Mode::Page, Cmd::No)),
        theme.span(Role::Text, " back · no bare key writes to the tenant"),
    ]);
    Page { title: "Keys".into(), role: Role::Focus, facts: page.into_lines(), users: &[], answer: vec![back] }
}

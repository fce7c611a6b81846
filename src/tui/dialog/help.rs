//! The page of all keys, those of the open view first, and what the marks mean.

use ratatui::text::Line;

use crate::tui::dialog::frame::Page;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Bind;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::keys::places;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

type Words = fn() -> String;

const MARKS: [(&str, Role, Words); 8] = [
    (glyph::DONE, Role::Good, || phrase("help-mark-done")),
    (glyph::BUSY, Role::Busy, || phrase("help-mark-busy")),
    (glyph::NEXT, Role::Dim, || phrase("help-mark-next")),
    (glyph::WARN, Role::Warn, || phrase("help-mark-warn")),
    (glyph::BAD, Role::Bad, || phrase("help-mark-bad")),
    (glyph::ALARM, Role::Alarm, || phrase("help-mark-alarm")),
    (glyph::BLOCKED, Role::Bad, || phrase("help-mark-blocked")),
    (glyph::EXCLUDED, Role::Dim, || phrase("help-mark-excluded")),
];

fn list(page: &mut PageBuilder, title: &str, binds: Vec<&Bind>) {
    page.heading(title);
    for bind in binds {
        page.entry(&bind.label(), &bind.help());
    }
}

pub(super) fn page(model: &Model, width: usize) -> Page<'static> {
    let mut page = PageBuilder::new(model.theme, width);
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        keys::of(Mode::Views).partition(|bind| places::is_at_home(bind.cmd, model.view));
    let title = say("help-here", &[("view", model.view.name().into())]);
    list(&mut page, &title, here);
    list(&mut page, &phrase("help-everywhere"), elsewhere);
    for (mode, title, binds) in keys::pages() {
        // Those of the views stand above.
        if mode != Mode::Views {
            list(&mut page, &title, binds);
        }
    }
    page.heading(&phrase("help-marks"));
    for (mark, role, text) in MARKS {
        page.item(mark, role, Role::Text, text());
    }
    let theme = model.theme;
    let back = say("help-back", &[("key", keys::label(Mode::Page, Cmd::No).into())]);
    let back = Line::from(theme.spans_with_keys(&back));
    Page { title: phrase("help-title"), role: Role::Focus, facts: page.into_lines(), users: &[], answer: vec![back] }
}

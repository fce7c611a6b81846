//! The page of what happened meanwhile.

use ratatui::text::Line;

use crate::domain::progress::waiting;
use crate::domain::time::since;
use crate::tui::advice::timeline::Weight;
use crate::tui::away::Away;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words;
use crate::words::phrase;
use crate::words::say;

pub(super) fn page<'a>(model: &Model, away: &'a Away, width: usize) -> Page<'a> {
    let (theme, run) = (model.theme, &model.snapshot.run);
    let mut page = PageBuilder::new(theme, width);
    let (at, length) = (format::day(away.from, &model.zone), format::lasting(since(away.from, model.now)));
    let text = if away.resumed {
        say("dialog-away-resumed", &[("at", at.into()), ("length", length.into())])
    } else {
        say("dialog-away-since", &[("at", at.into()), ("length", length.into())])
    };
    page.para(Role::Strong, text);
    page.fact(&phrase("dialog-away-now"), Role::Strong, words::progress::waiting(&waiting(run, model.now), run));
    if away.earlier > 0 {
        page.para(Role::Dim, say("dialog-away-earlier", &[("count", away.earlier.into())]));
    }
    for (at, weight, text) in &away.told {
        let (mark, role) = match weight {
            Weight::Plain | Weight::Operator => (glyph::NEXT, Role::Text),
            Weight::Good => (glyph::DONE, Role::Good),
            Weight::Bad => (glyph::BAD, Role::Bad),
            Weight::Alarm => (glyph::ALARM, Role::Alarm),
        };
        page.item(mark, role, Role::Text, format!("{}  {text}", format::clock(*at, &model.zone)));
    }
    if away.others > 0 {
        page.para(Role::Dim, say("dialog-away-others", &[("count", away.others.into())]));
    }
    let back = say("help-back", &[("key", keys::label(Mode::Page, Cmd::No).into())]);
    let answer = vec![Line::from(theme.spans_with_keys(&back))];
    let title = if away.resumed { phrase("dialog-away-title-resumed") } else { phrase("dialog-away-title") };
    Page { title, role: Role::Focus, facts: page.into_lines(), users: &[], answer }
}

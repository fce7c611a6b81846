//! The palette on the screen: a line a command, and below them the selected one in full.

use ratatui::text::Line;

use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::palette::Entry;
use crate::tui::palette::Palette;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

/// How wide the keys are.
const KEYS: usize = 8;
/// How many lines the selected command has, so that the list does not move when another is selected.
const DETAIL: usize = 4;

pub(super) fn page(model: &Model, palette: &Palette, width: usize) -> Page<'static> {
    let theme = model.theme;
    let rows = palette.listed.iter().enumerate();
    let mut facts: Vec<Line<'static>> = rows.map(|(at, entry)| row(model, entry, at == palette.row, width)).collect();
    if facts.is_empty() {
        facts.push(Line::from(theme.span(Role::Dim, phrase("dialog-palette-nothing"))));
    }
    let mut detail = PageBuilder::new(theme, width);
    if let Some(Entry { bind, off }) = palette.selected() {
        detail.item(&bind.label(), Role::Key, Role::Text, bind.help());
        if let Some(why) = off {
            let why = why.words(model);
            detail.para(Role::Warn, say("dialog-palette-off", &[("why", why.into())]));
        }
    }
    let mut answer = detail.into_lines();
    answer.resize(DETAIL, Line::default());
    let keys = [Cmd::Submit, Cmd::No].map(|cmd| keys::label(Mode::Palette, cmd));
    let [carries_out, closes] = keys;
    let text = say("dialog-palette-keys", &[("enter", carries_out.into()), ("leave", closes.into())]);
    answer.push(Line::from(theme.spans_with_keys(&text)));
    let title = say("dialog-palette-title", &[("count", palette.listed.len().into())]);
    Page { title, role: Role::Focus, facts, users: &[], answer }
}

fn row(model: &Model, entry: &Entry, selected: bool, width: usize) -> Line<'static> {
    let theme = model.theme;
    let cursor = if selected { glyph::CURSOR } else { " " };
    let keys = format::pad(&entry.bind.label(), KEYS);
    let room = width.saturating_sub(2 + KEYS + 1);
    let help = entry.bind.help();
    let Some(off) = &entry.off else {
        let (key, text) = if selected { (Role::Selected, Role::Selected) } else { (Role::Key, Role::Text) };
        let spans = [(Role::Key, format!("{cursor} ")), (key, format!("{keys} ")), (text, format::pad(&help, room))];
        return Line::from_iter(spans.map(|(role, text)| theme.span(role, text)));
    };
    // The reason is the news here: what the command does gives way to it, down to half of the line.
    let why = say("dialog-palette-off", &[("why", off.words(model).into())]);
    let half = room / 2;
    let help_width = format::width(&help).min(room.saturating_sub(format::width(&why) + 3).max(half));
    let text = format!("{} · {why}", format::cut(&help, help_width));
    let role = if selected { Role::Selected } else { Role::Dim };
    let spans = [(Role::Key, format!("{cursor} ")), (role, format!("{keys} ")), (role, format::pad(&text, room))];
    Line::from_iter(spans.map(|(role, text)| theme.span(role, text)))
}

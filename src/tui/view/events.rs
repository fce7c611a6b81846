//! The view of events: what happened, in plain words, newest at the bottom; notices stand among them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::explain::explain;
use crate::domain::time::Timestamp;
use crate::tui::advice::timeline;
use crate::tui::advice::timeline::Weight;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::model::Note;
use crate::tui::model::Tone;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::inset;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::page_builder::PageBuilder;
use crate::tui::view::pane;
use crate::tui::view::tabs;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let events = &model.snapshot.events;
    let inner = inset(pane(model, screen, area, &format!("Events · the latest {}", events.len()), Role::Focus));
    tabs(model, screen, area);
    let notes: Vec<&Note> = model.notes.iter().filter(|note| note.tone != Tone::Plain).collect();
    let entries = events.len() + notes.len();
    let height = usize::from(inner.height);
    measured.page = height;
    measured.most_scroll = entries.saturating_sub(height.min(entries));
    // From the newest upwards, only as many as there is room for.
    let (mut event, mut note) = (events.len(), notes.len());
    let mut skipped = 0;
    let mut shown: Vec<Line<'static>> = Vec::new();
    while shown.len() < height && event + note > 0 {
        let event_at = event.checked_sub(1).map(|place| events[place].0);
        let note_at = note.checked_sub(1).map(|place| notes[place].at);
        let from_notes = note_at > event_at;
        if from_notes {
            note -= 1;
        } else {
            event -= 1;
        }
        if skipped < model.scroll {
            skipped += 1;
            continue;
        }
        measured.rows += 1;
        let entry = if from_notes {
            said(model, notes[note], inner.width.into())
        } else {
            let (weight, text) = timeline::describe(&model.snapshot, events[event].0, &events[event].1);
            let text = explain(&text, &model.snapshot.skus);
            describe(model, events[event].0, weight, &text, inner.width.into())
        };
        shown.extend(entry.into_iter().rev());
    }
    shown.truncate(height);
    shown.reverse();
    let space = height - shown.len().min(height);
    let top = if entries > 0 && event + note == 0 { 0 } else { space };
    let at = Rect {
        y: inner.y + u16::try_from(top).unwrap_or(0),
        height: inner.height.saturating_sub(u16::try_from(top).unwrap_or(0)),
        ..inner
    };
    lines(screen, at, &shown);
    if model.scroll > 0 {
        more(model, screen, area, &format!("{} newer: G ↓", model.scroll));
    }
}

fn describe(model: &Model, at: Timestamp, weight: Weight, text: &str, width: usize) -> Vec<Line<'static>> {
    let (mark, role) = match weight {
        Weight::Plain => (" ", Role::Text),
        Weight::Operator => (glyph::CURSOR, Role::Strong),
        Weight::Good => (glyph::DONE, Role::Good),
        Weight::Bad => (glyph::BAD, Role::Bad),
        Weight::Alarm => (glyph::ALARM, Role::Alarm),
    };
    let mut page = PageBuilder::new(model.theme, width);
    page.item(&format!("{} {mark}", format::clock(at, &model.zone)), Role::Dim, role, text);
    page.into_lines()
}

fn said(model: &Model, note: &Note, width: usize) -> Vec<Line<'static>> {
    let role = if note.tone == Tone::Refused { Role::Warn } else { Role::Text };
    let word = if note.tone == Tone::Refused { "refused: " } else { "" };
    let mut page = PageBuilder::new(model.theme, width);
    page.item(&format!("{} ·", format::clock(note.at, &model.zone)), Role::Dim, role, format!("{word}{}", note.text));
    page.into_lines()
}

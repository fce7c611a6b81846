//! The view of events: what happened, in plain words, newest at the bottom; notices stand among them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

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
use crate::words::explain::explain;
use crate::words::say;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = Entries::of(model);
    let inner =
        inset(pane(model, screen, area, &say("view-events-title", &[("count", all.events.into())]), Role::Focus));
    tabs(model, screen, area, measured);
    let (height, width) = (usize::from(inner.height), usize::from(inner.width));
    measured.page = height;
    // Whoever scrolls as far as it goes sees the first entry from its first line on, however many lines the next ones take.
    let top = all.at_the_top(width, height, &mut measured.rows);
    measured.most_scroll = all.len() - top.entries;
    let at_top = model.scroll >= measured.most_scroll;
    let shown = if at_top { top.lines } else { all.up_to(all.len() - model.scroll, width, height, &mut measured.rows) };
    let space = if at_top { 0 } else { u16::try_from(height - shown.len().min(height)).unwrap_or(0) };
    lines(screen, Rect { y: inner.y + space, height: inner.height - space, ..inner }, &shown);
    if model.scroll > 0 {
        more(
            model,
            screen,
            area,
            &say("view-events-newer", &[("count", model.scroll.min(measured.most_scroll).into())]),
        );
    }
}

/// Events and notices together, by the time at which they happened.
struct Entries<'a> {
    model: &'a Model,
    events: usize,
    notes: Vec<&'a Note>,
}

/// The first entries, as many as fit in whole, and one at least.
struct Top {
    lines: Vec<Line<'static>>,
    entries: usize,
}

impl<'a> Entries<'a> {
    fn of(model: &'a Model) -> Self {
        let notes = model.notes.iter().filter(|note| note.tone != Tone::Plain).collect();
        Self { model, events: model.snapshot.older.len() + model.snapshot.events.len(), notes }
    }

    fn len(&self) -> usize {
        self.events + self.notes.len()
    }

    /// When the event at this place happened.
    fn at(&self, place: usize) -> Option<Timestamp> {
        let snapshot = &self.model.snapshot;
        match snapshot.older.get(place) {
            Some(one) => Some(one.at),
            None => snapshot.events.get(place.checked_sub(snapshot.older.len())?).map(|(at, _)| *at),
        }
    }

    fn event(&self, place: usize, width: usize) -> Vec<Line<'static>> {
        let snapshot = &self.model.snapshot;
        let latest = || snapshot.events.get(place.checked_sub(snapshot.older.len())?);
        let (at, (weight, text)) = match (snapshot.older.get(place), latest()) {
            (Some(one), _) => (one.at, timeline::abridged(snapshot, one)),
            (None, Some((at, event))) => (*at, timeline::describe(snapshot, *at, event)),
            (None, None) => return Vec::new(),
        };
        describe(self.model, at, weight, &explain(&text, &snapshot.skus), width)
    }

    fn at_the_top(&self, width: usize, height: usize, rows: &mut usize) -> Top {
        let (mut event, mut note) = (0, 0);
        let mut top = Top { lines: Vec::new(), entries: 0 };
        while event + note < self.len() {
            let from_notes = match (self.at(event), self.notes.get(note)) {
                (Some(at), Some(one)) => one.at < at,
                (at, _) => at.is_none(),
            };
            let entry = if from_notes { said(self.model, self.notes[note], width) } else { self.event(event, width) };
            *rows += 1;
            if top.entries > 0 && top.lines.len() + entry.len() > height {
                break;
            }
            (event, note) = (event + usize::from(!from_notes), note + usize::from(from_notes));
            top.lines.extend(entry);
            top.entries += 1;
        }
        top.lines.truncate(height);
        top
    }

    /// The entries before this one, from the newest upwards, only as many as there is room for.
    fn up_to(&self, end: usize, width: usize, height: usize, rows: &mut usize) -> Vec<Line<'static>> {
        let (mut event, mut note) = (self.events, self.notes.len());
        let mut shown: Vec<Line<'static>> = Vec::new();
        while shown.len() < height && event + note > 0 {
            let event_at = event.checked_sub(1).and_then(|place| self.at(place));
            let note_at = note.checked_sub(1).map(|place| self.notes[place].at);
            let (newest, from_notes) = (event + note, note_at > event_at);
            (event, note) = (event - usize::from(!from_notes), note - usize::from(from_notes));
            if newest > end {
                continue;
            }
            *rows += 1;
            let entry = if from_notes { said(self.model, self.notes[note], width) } else { self.event(event, width) };
            shown.extend(entry.into_iter().rev());
        }
        shown.truncate(height);
        shown.reverse();
        shown
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
    let (role, text) = if note.tone == Tone::Refused {
        (Role::Warn, say("view-events-refused", &[("why", note.text.as_str().into())]))
    } else {
        (Role::Text, note.text.clone())
    };
    let mut page = PageBuilder::new(model.theme, width);
    page.item(&format!("{} ·", format::clock(note.at, &model.zone)), Role::Dim, role, text);
    page.into_lines()
}

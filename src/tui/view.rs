//! Draws the model. Nothing is decided or counted here, and only what is in sight is laid out.

mod batches;
mod cells;
mod events;
mod footer;
mod header;
mod health;
mod hits;
mod page_builder;
mod plan;
mod problems;
mod progress;
mod remaining;
mod stepper;
mod user;
mod user_actions;
mod users;

use std::ops::Range;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Block;
use ratatui::widgets::Widget;

pub use hits::Hit;
pub use hits::Hits;
pub use page_builder::PageBuilder;

use crate::tui::dialog;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::layout;
use crate::tui::layout::Areas;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::theme::Role;
use crate::words::phrase;
use crate::words::say;

/// What a frame measured: `update` needs it to page and to keep the rows still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// The first row in sight.
    pub top: usize,
    /// Rows in sight.
    pub page: usize,
    /// How far the open page can be scrolled.
    pub most_scroll: usize,
    /// Lines of the dialog in sight.
    pub dialog_page: usize,
    /// How far the dialog can be scrolled.
    pub most_dialog_scroll: usize,
    /// Whether the dialog stands on the screen.
    pub dialog_stands: bool,
    /// Rows of lists that were laid out.
    pub rows: usize,
    /// What of it a click is about.
    pub hits: Hits,
}

/// So many columns of the lower frame are for what tells where a list stands.
const LIST_STANDS: u16 = 26;

/// Draws one frame.
pub fn draw(model: &Model, frame: &mut Frame<'_>) -> Measured {
    let area = frame.area();
    let screen = frame.buffer_mut();
    let mut measured = Measured::default();
    if layout::is_too_small(area) {
        too_small(model, screen, area);
    } else {
        whole(model, screen, area, &mut measured);
    }
    if model.ascii {
        glyph::to_ascii(screen);
    }
    measured
}

fn too_small(model: &Model, screen: &mut Buffer, area: Rect) {
    let mut page = PageBuilder::new(model.theme, area.width.into());
    let (width, height) = layout::LEAST;
    let (is, needed) = (format!("{}x{}", area.width, area.height), format!("{width}x{height}"));
    page.para(Role::Strong, say("screen-too-small", &[("size", is.into()), ("needed", needed.into())]));
    let waiting = footer::waiting(model);
    page.para(footer::role(waiting.urgency), &waiting.text);
    page.para(Role::Text, phrase("screen-too-small-halts"));
    lines(screen, area, &page.into_lines());
}

fn whole(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let steps = stepper::lines(model, area.width.into());
    let sentence = footer::sentence(model, area.width.into());
    let mut status = footer::status(model, area.width.into());
    let taken = 3 + steps.len() + sentence.len() + usize::from(layout::LEAST_BODY);
    status.truncate(usize::from(area.height).saturating_sub(taken));
    let areas = Areas::cut(area, steps.len(), status.len(), sentence.len());
    lines(screen, areas.header, &[header::line(model, area.width.into())]);
    lines(screen, areas.stepper, &steps);
    lines(screen, areas.progress, &[progress::line(model, area.width.into())]);
    match model.view {
        View::Users => users::draw(model, screen, areas.body, measured),
        View::Batches => batches::draw(model, screen, areas.body, measured),
        View::Events => events::draw(model, screen, areas.body, measured),
        View::Plan => plan::draw(model, screen, areas.body, measured),
        View::Problems => problems::draw(model, screen, areas.body, measured),
    }
    lines(screen, areas.status, &status);
    screen.set_style(areas.sentence, model.theme.style(footer::role(footer::waiting(model).urgency)));
    lines(screen, areas.sentence, &sentence);
    lines(screen, areas.hints, &[footer::hints(model, area.width.into())]);
    if let Some(open) = &model.dialog {
        // The phase stays in sight where that leaves the dialog enough room.
        let top = if areas.body.height < layout::LEAST_DIALOG { areas.stepper.y } else { areas.body.y };
        let room = Rect { y: top, height: areas.status.y - top, ..area };
        dialog::frame::draw(model, open, screen, room, measured);
    }
}

/// Draws lines from the top of an area, as many as fit.
pub(crate) fn lines(screen: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        screen.set_line(area.x, y, line, area.width);
    }
}

/// Draws a frame with a title and gives what is inside it.
pub(crate) fn pane(model: &Model, screen: &mut Buffer, area: Rect, title: &str, role: Role) -> Rect {
    let style = model.theme.style(role);
    let room = usize::from(area.width.saturating_sub(4));
    let title = model.theme.span(Role::Title, format!(" {} ", format::cut(title, room.saturating_sub(2))));
    let block = Block::bordered().border_style(style).title(title);
    let inner = block.inner(area);
    block.render(area, screen);
    inner
}

/// Names the views and their keys in the frame of a pane: above where the title leaves room, else below, in shorter words
/// before in none.
pub(crate) fn tabs(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let (full, short, keys) =
        (views(model, "  ", View::name), views(model, " ", View::short_name), views(model, "", |_| String::new()));
    let above = |line: &Line<'_>| (area.right().saturating_sub(wide(line).saturating_add(1)), area.y);
    let below = (area.x + 1, area.bottom().saturating_sub(1));
    let places =
        [(&full, above(&full)), (&full, below), (&short, above(&short)), (&short, below), (&keys, above(&keys))];
    // Below, what tells where the list stands has the other half.
    let room = |at: (u16, u16)| if at.1 == area.y { area.width } else { area.width.saturating_sub(LIST_STANDS) };
    let place =
        places.into_iter().find(|(line, at)| wide(line) <= room(*at) && is_frame(screen, area, *at, wide(line)));
    if let Some((line, (x, y))) = place {
        screen.set_line(x, y, line, wide(line));
        let mut start = x;
        for (tab, span) in measured.hits.views.iter_mut().zip(&line.spans) {
            let width = u16::try_from(span.width()).unwrap_or(0);
            *tab = Rect { x: start, y, width, height: 1 };
            start = start.saturating_add(width);
        }
    }
}

/// The views with their keys, the open one marked.
fn views(model: &Model, between: &str, name: impl Fn(View) -> String) -> Line<'static> {
    let mut line = Line::default();
    for (number, view) in (1..).zip(View::ALL) {
        let role = if view == model.view { Role::Title } else { Role::Dim };
        let (key, name) = (keys::label(Mode::Views, Cmd::View(number)), name(view));
        let gap = if name.is_empty() { "" } else { " " };
        let before = if name.is_empty() || number == 1 { " " } else { between };
        line.push_span(model.theme.span(role, format!("{before}{key}{gap}{name}")));
    }
    line.push_span(model.theme.span(Role::Dim, " "));
    line
}

fn wide(line: &Line<'_>) -> u16 {
    u16::try_from(line.width()).unwrap_or(u16::MAX)
}

/// Whether nothing but the frame of a pane is in so many columns from here, and in the one before them.
fn is_frame(screen: &Buffer, area: Rect, (x, y): (u16, u16), columns: u16) -> bool {
    let mut under = x.saturating_sub(1).max(area.x + 1)..x.saturating_add(columns);
    x > area.x && under.end < area.right() && under.all(|x| screen[(x, y)].symbol() == "─")
}

/// Inside a pane, with a column left free on both sides.
pub(crate) fn inset(inner: Rect) -> Rect {
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// Draws a page that may be longer than its area, and says how far it can be scrolled.
pub(crate) fn page(screen: &mut Buffer, area: Rect, all: &[Line<'_>], scroll: usize) -> usize {
    let height = usize::from(area.height);
    let most = all.len().saturating_sub(height);
    lines(screen, area, &all[scroll.min(most)..]);
    most
}

/// Which rows of a list are in sight.
pub(crate) fn rows_in_sight(seen: &Range<usize>, all: usize) -> String {
    say("screen-rows", &[("first", (seen.start + 1).into()), ("last", seen.end.into()), ("all", all.into())])
}

/// Says in the lower frame of a pane that there is more; where that is too much for what stands there, the last part of it.
pub(crate) fn more(model: &Model, screen: &mut Buffer, area: Rect, text: &str) {
    let last = text.rsplit(" · ").next().unwrap_or_default();
    let place = |text: &str| {
        let columns = u16::try_from(format::width(text)).unwrap_or(u16::MAX).saturating_add(2);
        let at = (area.right().checked_sub(columns.saturating_add(1))?, area.bottom().checked_sub(1)?);
        (area.height > 1 && is_frame(screen, area, at, columns)).then_some((at, columns))
    };
    let Some((text, ((x, y), columns))) = [text, last].into_iter().find_map(|text| Some((text, place(text)?))) else {
        return;
    };
    let span = model.theme.span(Role::Dim, format!(" {text} "));
    screen.set_span(x, y, &span, columns);
}

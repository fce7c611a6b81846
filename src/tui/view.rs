//! Draws the model. Nothing is decided or counted here, and only what is in sight is laid out.

mod batches;
mod cells;
mod events;
mod footer;
mod header;
mod health;
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
}

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

/// Names the views and their keys in the upper frame of a pane, where the title leaves room for them.
pub(crate) fn tabs(model: &Model, screen: &mut Buffer, area: Rect) {
    let mut line = Line::default();
    for (number, view) in (1..).zip(View::ALL) {
        let role = if view == model.view { Role::Title } else { Role::Dim };
        let key = keys::label(Mode::Views, Cmd::View(number));
        line.push_span(model.theme.span(role, format!(" {key} {} ", view.name())));
    }
    // Where the names do not fit, the keys are still told.
    if !fits(screen, area, line.width()) {
        line = Line::default();
        for (number, view) in (1..).zip(View::ALL) {
            let role = if view == model.view { Role::Title } else { Role::Dim };
            line.push_span(model.theme.span(role, format!(" {}", keys::label(Mode::Views, Cmd::View(number)))));
        }
        line.push_span(model.theme.span(Role::Dim, " "));
    }
    let columns = u16::try_from(line.width()).unwrap_or(u16::MAX);
    if fits(screen, area, line.width()) {
        screen.set_line(area.right().saturating_sub(columns + 1), area.y, &line, columns);
    }
}

/// Whether the upper frame of a pane has so many columns left on its right.
fn fits(screen: &Buffer, area: Rect, columns: usize) -> bool {
    let columns = u16::try_from(columns).unwrap_or(u16::MAX);
    let start = area.right().saturating_sub(columns.saturating_add(1));
    let mut under = start.saturating_sub(1)..area.right().saturating_sub(1);
    start > area.x + 1 && under.all(|x| screen[(x, area.y)].symbol() == "─")
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

/// Says in the lower frame of a pane that there is more.
pub(crate) fn more(model: &Model, screen: &mut Buffer, area: Rect, text: &str) {
    let columns = u16::try_from(format::width(text)).unwrap_or(u16::MAX).saturating_add(2);
    if area.height > 1 && columns + 2 <= area.width {
        let span = model.theme.span(Role::Dim, format!(" {text} "));
        screen.set_span(area.right() - columns - 1, area.bottom() - 1, &span, columns);
    }
}

//! The view of batches: where each is, and how many of its users are where.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::phase::Phase;
use crate::tui::digest::BatchRow;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::pane;
use crate::tui::view::tabs;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = &model.digest.batches;
    let inner = pane(model, screen, area, &format!("Batches · {}", all.len()), Role::Focus);
    tabs(model, screen, area);
    let titles = "   BATCH  USERS  PHASE               MIGRATED  EXCLUDED  BLOCKED  STUCK";
    lines(screen, Rect { height: 1, ..inner }, &[Line::from(model.theme.span(Role::Dim, titles))]);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let seen = model.batches.visible(all.len(), rows.height.into());
    (measured.top, measured.page, measured.rows) = (seen.start, rows.height.into(), seen.len());
    if all.is_empty() {
        let text = if model.snapshot.run.preflight.is_some() {
            "  No batch: nobody is ready."
        } else {
            "  Batches are cut once preflight has looked at everybody."
        };
        lines(screen, rows, &[Line::from(model.theme.span(Role::Dim, text))]);
    }
    for (y, row) in (rows.y..rows.bottom()).zip(seen.clone()) {
        let selected = row == model.batches.row;
        screen.set_line(rows.x, y, &line(model, row, &all[row], selected), rows.width);
        if selected {
            screen.set_style(Rect { y, height: 1, ..rows }, model.theme.style(Role::Selected));
        }
    }
    if seen.len() < all.len() {
        more(model, screen, area, &format!("{}-{} of {}", seen.start + 1, seen.end, all.len()));
    }
}

fn line(model: &Model, number: usize, row: &BatchRow, selected: bool) -> Line<'static> {
    let run = &model.snapshot.run;
    let here = number == run.current && !run.complete;
    let (mark, role) = match row.phase {
        Phase::Complete => (glyph::DONE, Role::Good),
        _ if here => (glyph::NOW, Role::Key),
        _ => (glyph::NEXT, Role::Dim),
    };
    let phase = if here || row.phase == Phase::Complete { row.phase.name() } else { "waits its turn" };
    let cursor = if selected { glyph::CURSOR } else { " " };
    let mut text = format!(
        " {:>5}  {:>5}  {} {:>8}  {:>8}  {:>7}  {:>5}",
        number + 1,
        row.users,
        format::pad(phase, 19),
        row.migrated,
        row.excluded,
        row.blocked,
        row.stuck
    );
    if row.unlicensed > 0 {
        let _ = write!(text, "  {} unlicensed", row.unlicensed);
    }
    Line::from(vec![
        model.theme.span(Role::Key, cursor),
        model.theme.span(role, mark),
        model.theme.span(if row.stuck + row.unlicensed > 0 { Role::Bad } else { Role::Text }, text),
    ])
}

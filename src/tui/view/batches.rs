//! The view of batches: where each is, and how many of its users are where.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::count;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::summary::BatchRow;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::pane;
use crate::tui::view::tabs;

/// How wide the names are: `rollback of 2` is one of them.
const NAME: usize = 13;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = &model.summary.batches;
    let (forward, back) = (model.snapshot.run.forward_batches(), all.len() - model.snapshot.run.forward_batches());
    let rollbacks =
        if back > 0 { format!(" · {}", count::counted(back, "rollback", "rollbacks")) } else { String::new() };
    let inner = pane(model, screen, area, &format!("Batches · {forward}{rollbacks}"), Role::Focus);
    tabs(model, screen, area);
    let arrived = if back > 0 { "DONE" } else { "MIGRATED" };
    let titles =
        format!("   {} USERS  PHASE              {arrived:>8}  EXCLUDED  BLOCKED  STUCK", format::pad("BATCH", NAME));
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
    let here = run.is_under_way(number) && !run.complete;
    let (mark, role) = match row.phase {
        Phase::Complete => (glyph::DONE, Role::Good),
        _ if here => (glyph::NOW, Role::Key),
        _ => (glyph::NEXT, Role::Dim),
    };
    let name = match row.direction {
        Direction::Forward => (number + 1).to_string(),
        // A later rollback of the same batch has no room for the whole word.
        Direction::Rollback => run.title(number).replacen("of batch ", "of ", 1).replacen(" rollback ", " back ", 1),
    };
    let begun = row.phase != Phase::Preflight;
    let phase = match row.phase {
        phase if here || phase == Phase::Complete => phase.label(row.direction),
        _ if begun => "interrupted",
        _ => "waits its turn",
    };
    let cursor = if selected { glyph::CURSOR } else { " " };
    let mut text = format!(
        " {} {:>5}  {} {:>8}  {:>8}  {:>7}  {:>5}",
        format::pad(&name, NAME),
        row.users,
        format::pad(phase, 18),
        row.arrived,
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

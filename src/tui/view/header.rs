//! The first line: which program, tenant, licenses and scenario; read-only, halted, alarm; the connection and the time.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::route::Direction;
use crate::domain::sign_in_prompt::SignInState;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::health;
use crate::words::phrase;
use crate::words::say;
use crate::words::scenario::scenario;

/// A piece of the line; the one with the highest figure goes first when there is no room.
struct Piece {
    goes: u8,
    spans: Vec<Span<'static>>,
}

impl Piece {
    fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }
}

pub(super) fn line(model: &Model, width: usize) -> Line<'static> {
    let (full, brief) = (fitted(model, false, width), fitted(model, true, width));
    let tells = |pieces: &[Piece]| pieces.iter().filter(|piece| piece.goes == 1).count();
    // How the connection fares is told in fewer words before it is not told at all.
    let (left, right) = if tells(&full.1) < tells(&brief.1) { brief } else { full };
    let gap = width.saturating_sub(needed(&left) + needed(&right));
    let mut spans = vec![Span::raw(" ")];
    for piece in left {
        spans.extend(piece.spans);
        spans.push(Span::raw("  "));
    }
    spans.push(Span::raw(" ".repeat(gap)));
    for (place, piece) in right.into_iter().enumerate() {
        spans.push(Span::raw(if place == 0 { "" } else { "  " }));
        spans.extend(piece.spans);
    }
    Line::from(spans)
}

fn needed(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.width() + 2).sum()
}

/// Both sides of the line, without what there is no room for.
fn fitted(model: &Model, brief: bool, width: usize) -> (Vec<Piece>, Vec<Piece>) {
    let (mut left, mut right) = (left(model), right(model, brief));
    while needed(&left) + needed(&right) > width {
        let side = if worst(&left) >= worst(&right) { &mut left } else { &mut right };
        let goes = worst(side);
        if goes == 0 {
            break;
        }
        side.retain(|piece| piece.goes != goes);
    }
    (left, right)
}

fn worst(pieces: &[Piece]) -> u8 {
    pieces.iter().map(|piece| piece.goes).max().unwrap_or(0)
}

fn left(model: &Model) -> Vec<Piece> {
    let (theme, run) = (model.theme, &model.snapshot.run);
    let piece = |goes, spans| Piece { goes, spans };
    let tenant = model.snapshot.tenant.clone().unwrap_or_else(|| run.run.tenant.clone());
    let direction = if run.complete { Direction::Forward } else { run.direction() };
    let route = run.route_direction(direction);
    let (from, to) = (&route.source.sku_name, &route.target.sku_name);
    let mut pieces = vec![
        piece(5, vec![theme.span(Role::Strong, "skuferry")]),
        piece(4, vec![theme.span(Role::Text, format::cut(&tenant, 24))]),
        piece(
            0,
            vec![
                theme.span(Role::Strong, format::cut(from, 22)),
                theme.span(Role::Dim, format!(" {} ", glyph::ARROW)),
                theme.span(Role::Strong, format::cut(to, 22)),
            ],
        ),
    ];
    if direction == Direction::Rollback {
        pieces.push(piece(0, vec![theme.span(Role::Warn, phrase("screen-rollback"))]));
    }
    if run.preflight.is_some() {
        pieces.push(piece(2, vec![theme.span(Role::Text, scenario(run.scenario))]));
    }
    pieces
}

/// What stands on the right; `brief` where there is no room for all of how the connection fares.
fn right(model: &Model, brief: bool) -> Vec<Piece> {
    let (theme, snapshot) = (model.theme, &model.snapshot);
    let piece = |goes, role, text: String| Piece { goes, spans: vec![theme.span(role, text)] };
    let mut pieces = Vec::new();
    if model.summary.unlicensed || snapshot.run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        pieces.push(piece(0, Role::Alarm, format!(" {} ", phrase("screen-alarm"))));
    }
    if snapshot.run.run.rehearsal {
        pieces.push(piece(0, Role::Warn, phrase("screen-rehearsal")));
    }
    if snapshot.run.halted.is_some() {
        pieces.push(piece(0, Role::Bad, phrase("screen-halted")));
    }
    if snapshot.read_only.is_some() {
        pieces.push(piece(0, Role::Warn, phrase("screen-read-only")));
    }
    if matches!(snapshot.sign_in, SignInState::Needed(_)) {
        pieces.push(piece(0, Role::Bad, phrase("screen-signed-out")));
    }
    let health = health::connection(model);
    let text = if brief { health.brief } else { health.full };
    pieces.push(piece(1, health.role, format!("{} {text}", health.mark)));
    if let Some(used) = health.used {
        pieces.push(piece(2, Role::Text, used));
    }
    if let Some(end) = snapshot.token_ends.filter(|_| snapshot.sign_in == SignInState::Good) {
        let text = say("screen-token-ends", &[("time", format::clock(end, &model.zone).into())]);
        pieces.push(piece(1, Role::Warn, format!("{} {text}", glyph::WARN)));
    }
    pieces.push(piece(3, Role::Dim, format::clock(model.now, &model.zone)));
    pieces
}

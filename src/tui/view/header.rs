//! The first line: which program, tenant, licenses and scenario; read-only, halted, alarm; the connection and the time.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::route::Direction;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::engine::snapshot::Connection;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
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
    let mut left = left(model);
    let mut right = right(model);
    let needed = |pieces: &[Piece]| pieces.iter().map(|piece| piece.width() + 2).sum::<usize>();
    while needed(&left) + needed(&right) > width {
        let side = if worst(&left) >= worst(&right) { &mut left } else { &mut right };
        let goes = worst(side);
        if goes == 0 {
            break;
        }
        side.retain(|piece| piece.goes != goes);
    }
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

fn right(model: &Model) -> Vec<Piece> {
    let (theme, snapshot) = (model.theme, &model.snapshot);
    let piece = |goes, role, text: String| Piece { goes, spans: vec![theme.span(role, text)] };
    let mut pieces = Vec::new();
    if model.summary.unlicensed || snapshot.run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        pieces.push(piece(0, Role::Alarm, format!(" {} ", phrase("screen-alarm"))));
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
    let (role, text) = match &snapshot.connection {
        Connection::Connecting => (Role::Busy, format!("{} {}", glyph::NEXT, phrase("screen-connecting"))),
        Connection::Journal => (Role::Text, format!("{} {}", glyph::NEXT, phrase("screen-from-journal"))),
        Connection::Connected => (Role::Good, format!("{} {}", glyph::BUSY, phrase("screen-connected"))),
        Connection::Slowed { until, asked } => {
            let until = format::clock(*until, &model.zone);
            let text = match asked {
                Some(asked) => say(
                    "screen-throttled-asked-again",
                    &[("until", moment(model, *asked).into()), ("again", until.into())],
                ),
                None => say("screen-throttled", &[("until", until.into())]),
            };
            (Role::Warn, format!("{} {text}", glyph::WARN))
        }
        Connection::Cautious { until } => {
            let text = say("screen-slower", &[("until", format::clock(*until, &model.zone).into())]);
            (Role::Text, format!("{} {text}", glyph::BUSY))
        }
        Connection::Failing { since: start, .. } => {
            let length = format::brief(since(*start, model.now));
            (Role::Bad, format!("{} {}", glyph::BAD, say("screen-no-answer", &[("length", length.into())])))
        }
    };
    pieces.push(piece(1, role, text));
    pieces.push(piece(3, Role::Dim, format::clock(model.now, &model.zone)));
    pieces
}

/// The time of day; with the day where that is not today.
fn moment(model: &Model, at: Timestamp) -> String {
    let day = |at: Timestamp| at.to_zoned(model.zone.clone()).date();
    if day(at) == day(model.now) { format::clock(at, &model.zone) } else { format::day(at, &model.zone) }
}

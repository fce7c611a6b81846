//! The batch and its five phases, by their full names at every width.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::phase::Phase;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;

const JOINT: &str = " ── ";

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let here = run.phase();
    let steps: Vec<(Role, String)> = Phase::SHOWN.iter().map(|phase| step(*phase, here)).collect();
    let long = batch(model, true);
    let short = batch(model, false);
    let first: usize = steps[..3].iter().map(|(_, text)| format::width(text)).sum::<usize>() + 2 * format::width(JOINT);
    let prefix = if format::width(&long) + first <= width { long } else { short };
    let indent = format::width(&prefix);
    let mut lines = Vec::new();
    let mut spans = vec![model.theme.span(Role::Strong, prefix)];
    let mut used = indent;
    for (place, (role, text)) in steps.into_iter().enumerate() {
        let joint = if place == 0 { 0 } else { format::width(JOINT) };
        if used + joint + format::width(&text) > width {
            lines.push(Line::from(std::mem::take(&mut spans)));
            let indent = if indent + 42 <= width { indent } else { 1 };
            spans.push(Span::raw(" ".repeat(indent)));
            used = indent;
        } else if place > 0 {
            spans.push(model.theme.span(Role::Border, JOINT));
            used += joint;
        }
        used += format::width(&text);
        spans.push(model.theme.span(role, text));
    }
    lines.push(Line::from(spans));
    lines
}

fn step(phase: Phase, here: Phase) -> (Role, String) {
    let (mark, role) = match phase {
        phase if phase < here => (glyph::DONE, Role::Good),
        phase if phase == here => (glyph::NOW, Role::Key),
        _ => (glyph::NEXT, Role::Dim),
    };
    (role, format!("{mark} {}", phase.name()))
}

fn batch(model: &Model, with_users: bool) -> String {
    let run = &model.snapshot.run;
    match (run.batches.len(), with_users) {
        (0, _) => " ".into(),
        (all, true) => {
            format!(" Batch {} of {all} · {}    ", run.current + 1, format::people(model.digest.counts.total))
        }
        (all, false) => format!(" Batch {} of {all}    ", run.current + 1),
    }
}

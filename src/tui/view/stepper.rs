//! The batch and its five phases, by their full names at every width.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::words::batches;
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;

/// What stands between two steps; the shorter one where the longer does not fit on one line.
const JOINTS: [&str; 2] = [" ── ", " ─ "];

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let here = run.phase();
    let steps: Vec<(Role, String)> = Phase::SHOWN.iter().map(|phase| step(*phase, here, run.direction())).collect();
    let (long, short) = (batch(model, true), batch(model, false));
    let needs = |prefix: &str, joint: &str, count: usize| {
        let words: usize = steps[..count].iter().map(|(_, text)| format::width(text)).sum();
        format::width(prefix) + words + (count - 1) * format::width(joint)
    };
    let fits = |(prefix, joint): &(&String, &str), count| needs(prefix, joint, count) <= width;
    let tries = [(&long, JOINTS[0]), (&long, JOINTS[1]), (&short, JOINTS[0]), (&short, JOINTS[1])];
    let whole = tries.iter().find(|one| fits(one, steps.len()));
    let (prefix, joint) = *whole.or_else(|| tries.iter().find(|one| fits(one, 3))).unwrap_or(&tries[3]);
    let indent = format::width(prefix);
    let mut lines = Vec::new();
    let mut spans = vec![model.theme.span(Role::Strong, prefix)];
    let mut used = indent;
    for (place, (role, text)) in steps.iter().enumerate() {
        let gap = if place == 0 { 0 } else { format::width(joint) };
        if used + gap + format::width(text) > width {
            lines.push(Line::from(std::mem::take(&mut spans)));
            spans.push(Span::raw(" ".repeat(indent)));
            used = indent;
        } else if place > 0 {
            spans.push(model.theme.span(Role::Border, joint));
            used += gap;
        }
        used += format::width(text);
        spans.push(model.theme.span(*role, text));
    }
    lines.push(Line::from(spans));
    lines.extend(strip(model, width));
    lines
}

/// All batches under way, where there are several: each with its phase and how far it has come in it. The one that the
/// steps above are of stands between brackets, and what waits for an approval says so.
fn strip(model: &Model, width: usize) -> Option<Line<'static>> {
    let run = &model.snapshot.run;
    let under_way = &model.summary.under_way;
    if under_way.len() < 2 || run.complete {
        return None;
    }
    let theme = model.theme;
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for (place, number) in under_way.iter().enumerate() {
        let Some(row) = model.summary.batches.get(*number) else { continue };
        let asks = model.snapshot.gates.iter().any(|gate| gate.batch == *number);
        let phase = batches::phase(row.phase, row.direction);
        let mut text = format!("{} {phase} {}/{}", batches::narrow_title(run, *number), row.done, row.active);
        if row.phase == Phase::Preflight {
            text = format!("{} {phase}", batches::narrow_title(run, *number));
        }
        if row.stuck + row.late > 0 {
            text = format!("{text} {} {}", glyph::BAD, row.stuck + row.late);
        }
        if asks {
            text = format!("{text} {} {}", glyph::WAITS, phrase("screen-strip-asks"));
        }
        let here = *number == run.current;
        if here {
            text = format!("[{text}]");
        }
        let role = match () {
            () if row.stuck + row.unlicensed + row.late > 0 => Role::Bad,
            () if asks => Role::Key,
            () if here => Role::Strong,
            () => Role::Text,
        };
        let rest = say("screen-strip-more", &[("count", (under_way.len() - place).into())]);
        let reserve = if place + 1 < under_way.len() { format::width(&rest) + 3 } else { 0 };
        if used + format::width(&text) + reserve > width {
            spans.push(theme.span(Role::Dim, rest));
            break;
        }
        used += format::width(&text) + 3;
        spans.push(theme.span(role, text));
        spans.push(theme.span(Role::Border, if place + 1 < under_way.len() { " │ " } else { "" }));
    }
    Some(Line::from(spans))
}

fn step(phase: Phase, here: Phase, direction: Direction) -> (Role, String) {
    let (mark, role) = match phase {
        phase if phase < here => (glyph::DONE, Role::Good),
        phase if phase == here => (glyph::NOW, Role::Key),
        _ => (glyph::NEXT, Role::Dim),
    };
    (role, format!("{mark} {}", batches::phase(phase, direction)))
}

fn batch(model: &Model, with_users: bool) -> String {
    let run = &model.snapshot.run;
    if run.batches.is_empty() {
        return " ".into();
    }
    let users = if with_users { format!(" · {}", counts::users(model.summary.counts.total)) } else { String::new() };
    let batch = match run.direction() {
        Direction::Forward => {
            let (number, all) = (run.current + 1, run.forward_batches());
            say("screen-batch-of", &[("number", number.into()), ("all", all.into())])
        }
        Direction::Rollback => format::capital(&batches::title(run, run.current)),
    };
    format!(" {batch}{users}   ")
}

//! The view of batches: where each is, and how many of its users are where.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

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
use crate::tui::view::rows_in_sight;
use crate::tui::view::tabs;
use crate::words::batches;
use crate::words::phrase;
use crate::words::say;

/// How wide the names are: `rollback of 2` is one of them.
const NAME: usize = 13;
/// How wide the phases are, and the counts of users, arrived, excluded, blocked and stuck, where their words are no wider.
const PHASE: usize = 18;
const COUNTS: [usize; 5] = [5, 8, 8, 7, 5];

/// The titles of the columns, and how wide these are.
struct Columns {
    name: (String, usize),
    phase: (String, usize),
    counts: [(String, usize); 5],
}

impl Columns {
    fn new(with_rollbacks: bool) -> Self {
        let arrived = if with_rollbacks { phrase("view-column-done") } else { phrase("view-column-migrated") };
        let counts = [
            phrase("view-column-users"),
            arrived,
            phrase("view-column-excluded"),
            phrase("view-column-blocked"),
            phrase("view-column-stuck"),
        ];
        let (name, phase) = (phrase("view-column-batch"), phrase("view-column-phase"));
        let shown = |direction: Direction| Phase::SHOWN.into_iter().map(move |phase| batches::phase(phase, direction));
        let phases = [Direction::Forward, Direction::Rollback].into_iter().flat_map(shown);
        let others = [phrase("view-batch-interrupted"), phrase("view-batch-waits"), phase.clone()];
        let wide = format::widest(PHASE, phases.chain(others));
        let mut least = COUNTS.into_iter();
        let counts = counts.map(|title| {
            let wide = format::widest(least.next().unwrap_or_default(), [&title]);
            (title, wide)
        });
        Self { name: (name.clone(), format::widest(NAME, [name])), phase: (phase, wide), counts }
    }

    fn titles(&self) -> String {
        let counts = self.counts.each_ref().map(|(title, _)| title.clone());
        self.line(&self.name.0, &self.phase.0, &counts)
    }

    fn line(&self, name: &str, phase: &str, counts: &[String; 5]) -> String {
        let (name, phase) = (format::pad(name, self.name.1), format::pad(phase, self.phase.1));
        let mut cells = counts.iter().zip(&self.counts).map(|(count, (_, wide))| format::pad_left(count, *wide));
        let users = cells.next().unwrap_or_default();
        format!("{name} {users}  {phase} {}", cells.collect::<Vec<_>>().join("  "))
    }
}

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = &model.summary.batches;
    let (forward, back) = (model.snapshot.run.forward_batches(), all.len() - model.snapshot.run.forward_batches());
    let mut title = say("view-batches-title", &[("count", forward.into())]);
    if back > 0 {
        title = format!("{title} · {}", say("view-batches-rollbacks", &[("count", back.into())]));
    }
    let most = say("view-batches-most", &[("count", model.snapshot.run.batches_under_way.into())]);
    let inner = pane(model, screen, area, &format!("{title} · {most}"), Role::Focus);
    tabs(model, screen, area, measured);
    let columns = Columns::new(back > 0);
    let titles = format!("   {}", columns.titles());
    lines(screen, Rect { height: 1, ..inner }, &[Line::from(model.theme.span(Role::Dim, titles))]);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let seen = model.batches.visible(all.len(), rows.height.into());
    (measured.top, measured.page, measured.rows) = (seen.start, rows.height.into(), seen.len());
    measured.hits.list(rows, &seen);
    if all.is_empty() {
        let text = if model.snapshot.run.preflight.is_some() {
            phrase("view-batches-none")
        } else {
            phrase("view-batches-later")
        };
        lines(screen, rows, &[Line::from(model.theme.span(Role::Dim, format!("  {text}")))]);
    }
    for (y, row) in (rows.y..rows.bottom()).zip(seen.clone()) {
        let selected = row == model.batches.row;
        screen.set_line(rows.x, y, &line(model, row, &all[row], selected, &columns), rows.width);
        if selected {
            screen.set_style(Rect { y, height: 1, ..rows }, model.theme.style(Role::Selected));
        }
    }
    if seen.len() < all.len() {
        more(model, screen, area, &rows_in_sight(&seen, all.len()));
    }
}

fn line(model: &Model, number: usize, row: &BatchRow, selected: bool, columns: &Columns) -> Line<'static> {
    let run = &model.snapshot.run;
    let here = run.is_under_way(number) && !run.complete;
    let (mark, role) = match row.phase {
        Phase::Complete => (glyph::DONE, Role::Good),
        _ if here => (glyph::NOW, Role::Key),
        _ => (glyph::NEXT, Role::Dim),
    };
    let name = batches::narrow_title(run, number);
    let begun = row.phase != Phase::Preflight;
    let phase = match row.phase {
        phase if here || phase == Phase::Complete => batches::phase(phase, row.direction),
        _ if begun => phrase("view-batch-interrupted"),
        _ => phrase("view-batch-waits"),
    };
    let cursor = if selected { glyph::CURSOR } else { " " };
    let counts = [row.users, row.arrived, row.excluded, row.blocked, row.stuck].map(|count| count.to_string());
    let mut text = format!(" {}", columns.line(&name, &phase, &counts));
    if row.unlicensed > 0 {
        text = format!("{text}  {}", say("view-batch-unlicensed", &[("count", row.unlicensed.into())]));
    }
    if row.exceptions > 0 {
        text = format!("{text}  {}", say("view-batch-exceptions", &[("count", row.exceptions.into())]));
    }
    if model.snapshot.gates.iter().any(|gate| gate.batch == number) {
        text = format!("{text}  {} {}", glyph::WAITS, phrase("screen-strip-asks"));
    }
    Line::from(vec![
        model.theme.span(Role::Key, cursor),
        model.theme.span(role, mark),
        model.theme.span(if row.stuck + row.unlicensed > 0 { Role::Bad } else { Role::Text }, text),
    ])
}

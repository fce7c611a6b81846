//! The view of batches: where each is, and how many of its users are where.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::latency::Estimate;
use crate::domain::latency::Goal;
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
use crate::tui::view::remaining;
use crate::tui::view::rows_in_sight;
use crate::tui::view::tabs;
use crate::words::batches;
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;

/// How wide the names are: `rollback of 2` is one of them.
const NAME: usize = 13;
/// How wide the names are where no batch goes back, and the phases.
const NUMBER: usize = 5;
const PHASE: usize = 18;

/// So many batches are shown before what is below them.
const LEAST_ROWS: usize = 6;

/// What a column tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Users,
    Phase,
    Arrived,
    Stuck,
    Exceptions,
    Start,
    Elapsed,
    Most,
    Excluded,
    Blocked,
}

/// The columns in their order.
const ALL: [Column; 11] = [
    Column::Name,
    Column::Users,
    Column::Phase,
    Column::Arrived,
    Column::Stuck,
    Column::Exceptions,
    Column::Start,
    Column::Elapsed,
    Column::Most,
    Column::Excluded,
    Column::Blocked,
];
/// Those that go where there is no room for all, the first first. The others are what an operator acts on.
const GO: [Column; 5] = [Column::Blocked, Column::Excluded, Column::Start, Column::Most, Column::Elapsed];

/// What stands in the row of a batch.
struct Cells {
    name: String,
    phase: String,
    row: BatchRow,
    zone: TimeZone,
}

impl Cells {
    fn text(&self, column: Column) -> String {
        let row = &self.row;
        match column {
            Column::Name => self.name.clone(),
            Column::Users => row.users.to_string(),
            Column::Phase => self.phase.clone(),
            Column::Arrived => row.arrived.to_string(),
            Column::Stuck => row.stuck.to_string(),
            // Before a batch is complete nobody was left behind by it.
            Column::Exceptions if row.phase != Phase::Complete => String::new(),
            Column::Exceptions => row.exceptions.to_string(),
            Column::Start => row.began.map(|at| format::minute(at, &self.zone)).unwrap_or_default(),
            Column::Elapsed => row.elapsed.map(format::brief).unwrap_or_default(),
            Column::Most => row.most.map(format::brief).unwrap_or_default(),
            Column::Excluded => row.excluded.to_string(),
            Column::Blocked => row.blocked.to_string(),
        }
    }
}

/// The columns with their titles, and how wide these are.
struct Columns(Vec<(Column, String, usize)>);

impl Columns {
    fn fit(with_rollbacks: bool, width: usize) -> Self {
        let titled = |column| {
            let (title, least) = match column {
                Column::Name => (phrase("view-column-batch"), if with_rollbacks { NAME } else { NUMBER }),
                Column::Users => (phrase("view-column-users"), 5),
                Column::Phase => (phrase("view-column-phase"), widest_phase()),
                Column::Arrived if with_rollbacks => (phrase("view-column-done"), 8),
                Column::Arrived => (phrase("view-column-migrated"), 8),
                Column::Stuck => (phrase("view-column-stuck"), 5),
                Column::Exceptions => (phrase("view-column-exceptions"), 4),
                Column::Start => (phrase("view-column-start"), 5),
                Column::Elapsed => (phrase("view-column-elapsed"), 6),
                Column::Most => (phrase("view-column-most"), 6),
                Column::Excluded => (phrase("view-column-excluded"), 8),
                Column::Blocked => (phrase("view-column-blocked"), 7),
            };
            (column, title.clone(), format::widest(least, [title]))
        };
        let mut columns = Self(ALL.into_iter().map(titled).collect());
        for goes in GO {
            if columns.width() > width {
                columns.0.retain(|(column, ..)| *column != goes);
            }
        }
        columns
    }

    fn width(&self) -> usize {
        self.0.iter().map(|(.., wide)| wide + 1).sum()
    }

    fn titles(&self) -> String {
        self.line(|_, title| title.to_owned())
    }

    fn line(&self, text: impl Fn(Column, &str) -> String) -> String {
        let cells = self.0.iter().map(|(column, title, wide)| match column {
            // Figures stand under each other, words begin under each other.
            Column::Name => format::pad(&text(*column, title), *wide),
            Column::Phase => format::pad(&format!(" {}", text(*column, title)), *wide + 1),
            _ => format::pad_left(&text(*column, title), *wide),
        });
        cells.collect::<Vec<_>>().join(" ")
    }
}

/// How wide the phases are in the language of the process.
fn widest_phase() -> usize {
    let shown = |direction: Direction| Phase::SHOWN.into_iter().map(move |phase| batches::phase(phase, direction));
    let phases = Direction::ALL.into_iter().flat_map(shown);
    format::widest(PHASE, phases.chain([phrase("view-batch-interrupted"), phrase("view-batch-waits")]))
}

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = &model.summary.batches;
    let forward = model.snapshot.run.forward_batches();
    let back = all.len() - forward;
    let mut title = say("view-batches-title", &[("count", forward.into())]);
    if back > 0 {
        title = format!("{title} · {}", say("view-batches-rollbacks", &[("count", back.into())]));
    }
    let most = say("view-batches-most", &[("count", model.snapshot.run.batches_under_way.into())]);
    let inner = pane(model, screen, area, &format!("{title} · {most}"), Role::Focus);
    tabs(model, screen, area, measured);
    let columns = Columns::fit(back > 0, usize::from(inner.width).saturating_sub(3));
    let titles = format!("   {}", columns.titles());
    lines(screen, Rect { height: 1, ..inner }, &[Line::from(model.theme.span(Role::Dim, titles))]);
    let times = times(model, inner.width.into());
    let mut rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let below = u16::try_from(times.len()).unwrap_or(0);
    // The batches come first.
    if below > 0 && usize::from(rows.height.saturating_sub(below)) > all.len().min(LEAST_ROWS) {
        rows.height -= below;
        lines(screen, Rect { y: rows.bottom(), height: below, ..inner }, &times);
    }
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
    let here = model.summary.under_way.contains(&number) && !run.complete;
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
    let asks = model.snapshot.gates.iter().any(|gate| gate.batch == number);
    let cells = Cells { name, phase, row: *row, zone: model.zone.clone() };
    let mut text = format!(" {}", columns.line(|column, _| cells.text(column)));
    if row.unlicensed > 0 {
        text = format!("{text}  {}", say("view-batch-unlicensed", &[("count", row.unlicensed.into())]));
    }
    if asks {
        text = format!("{text}  {} {}", glyph::WAITS, phrase("screen-strip-asks"));
    }
    // Where there is no room for the words, the mark tells it.
    let (mark, role) = if asks { (glyph::WAITS, Role::Key) } else { (mark, role) };
    Line::from(vec![
        model.theme.span(Role::Key, cursor),
        model.theme.span(role, mark),
        model.theme.span(if row.stuck + row.unlicensed > 0 { Role::Bad } else { Role::Text }, text),
    ])
}

/// How long licensing still takes for all, and how long it took so far.
fn times(model: &Model, width: usize) -> Vec<Line<'static>> {
    let (theme, summary) = (model.theme, &model.summary);
    let watches = model.snapshot.run.halted.is_none() && !model.snapshot.paused;
    let left = summary.remaining_in_all.filter(|_| watches);
    let left = left.map(|left| say("view-batches-left", &[("left", remaining::remaining(&left).into())]));
    let mut times: Vec<Line<'static>> =
        left.into_iter().map(|left| Line::from(theme.span(Role::Strong, format!(" {left}")))).collect();
    for (direction, goal, name) in [
        (Direction::Forward, Goal::Ready, phrase("view-latency-ready")),
        (Direction::Forward, Goal::Migrated, phrase("view-latency-migrated")),
        (Direction::Rollback, Goal::Ready, phrase("view-latency-back-ready")),
        (Direction::Rollback, Goal::Migrated, phrase("view-latency-back-migrated")),
    ] {
        let estimate = summary.estimates.get(direction, goal);
        if estimate.measured() > 0 {
            let sparks = sparks(estimate);
            let told = latency(estimate, &name, width.saturating_sub(format::width(&sparks) + 4));
            let spans = vec![theme.span(Role::Text, format!(" {told}  ")), theme.span(Role::Busy, sparks)];
            times.push(Line::from(spans));
        }
    }
    times
}

fn sparks(estimate: &Estimate) -> String {
    glyph::sparks(estimate.histogram())
}

/// `addition to ready: 57 users · half 1m 02s · 95 % 3m 10s · longest 6m 24s`, in so many columns.
fn latency(estimate: &Estimate, name: &str, width: usize) -> String {
    let half = estimate.percentile(50).map(|half| say("view-latency-half", &[("length", format::brief(half).into())]));
    let most = match estimate.percentile(95) {
        Some(most) => say("view-latency-most", &[("length", format::brief(most).into())]),
        None => phrase("view-latency-most-unknown"),
    };
    let longest = estimate.longest();
    let longest = longest.map(|longest| say("view-latency-longest", &[("length", format::brief(longest).into())]));
    let parts = [Some(counts::users(estimate.measured())), half, Some(most), longest];
    let mut parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut told = format!("{name}: {}", parts.join(" · "));
    // The longest is no figure to go by, and goes first.
    if format::width(&told) > width && parts.len() > 2 {
        parts.pop();
        told = format!("{name}: {}", parts.join(" · "));
    }
    told
}

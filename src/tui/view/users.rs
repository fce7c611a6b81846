//! The view of users: the list, and beside it or in its place the selected user.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::count;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::user::User;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Scope;
use crate::tui::table::order::Sort;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::cells;
use crate::tui::view::cells::SHORT_STATE;
use crate::tui::view::cells::SOURCE;
use crate::tui::view::cells::STATE;
use crate::tui::view::cells::TARGET;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::page_builder::PageBuilder;
use crate::tui::view::pane;
use crate::tui::view::tabs;
use crate::tui::view::user;

/// How wide the columns are that do not grow.
const CHECK: usize = 8;
const FOR: usize = 9;
/// A name column of this width cuts off hardly anything.
const WIDE_NAME: usize = 34;
/// How wide a state gets where names have enough: most causes fit in words.
const WIDE_STATE: usize = 41;
/// The longest word that Graph has for an error is `ProhibitedInUsageLocationViolation`.
const LONGEST_ERROR: usize = 34;
/// Names are not cut below this while another column can go.
const LEAST_NAME: usize = 20;
/// Nor below this while how long they stand there can go.
const SHORTEST_NAME: usize = 12;

pub(super) fn draw(model: &Model, screen: &mut Buffer, body: Rect, measured: &mut Measured) {
    let (list, detail) = layout::list_and_detail(body);
    if detail.is_none() && model.inspecting {
        user::draw(model, screen, body, measured);
        return;
    }
    if let Some(detail) = detail {
        user::draw(model, screen, detail, measured);
    }
    listed(model, screen, list, measured);
}

fn listed(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let role = if model.inspecting { Role::Border } else { Role::Focus };
    let mut inner = pane(model, screen, area, &title(model), role);
    tabs(model, screen, area);
    let summary = summary(model, inner.width.into());
    let high = u16::try_from(summary.len()).unwrap_or(0).min(inner.height.saturating_sub(4));
    lines(screen, Rect { height: high, ..inner }, &summary);
    inner.y += high;
    inner.height -= high;
    let columns = Columns::fit(model, inner.width.into());
    lines(screen, Rect { height: 1, ..inner }, &[columns.titles(model)]);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let order = &model.list.order;
    let seen = model.list.window.visible(order.len(), rows.height.into());
    (measured.top, measured.page, measured.rows) = (seen.start, rows.height.into(), seen.len());
    if order.is_empty() {
        lines(screen, rows, &[Line::from(model.theme.span(Role::Dim, format!("  {}", nobody(model))))]);
        return;
    }
    for (y, row) in (rows.y..rows.bottom()).zip(seen.clone()) {
        let Some(user) = model.snapshot.run.users.get(order[row]) else { continue };
        let selected = row == model.list.window.row;
        screen.set_line(rows.x, y, &columns.row(model, user, order[row], selected), rows.width);
        if selected {
            screen.set_style(Rect { y, height: 1, ..rows }, model.theme.style(Role::Selected));
        }
    }
    if seen.len() < order.len() {
        more(model, screen, area, &format!("{}-{} of {}", seen.start + 1, seen.end, order.len()));
    }
}

fn title(model: &Model) -> String {
    let list = &model.list;
    let goes_back = model.snapshot.run.batches.iter().any(|batch| batch.direction == Direction::Rollback);
    let filter = list.filter.word(goes_back);
    let mut title = format!("Users · {filter} · {}", list.order.len());
    if let (Some(batch), Scope::Batch(_)) = (list.batch, model.scope()) {
        let batch = model.snapshot.run.title(batch);
        title = format!("Users of {batch} · {filter} · {}", list.order.len());
    }
    if list.sort != Sort::List {
        title.push_str(" · ");
        title.push_str(list.sort.word());
    }
    if !list.search.is_empty() {
        title.push_str(" · /");
        title.push_str(&list.search);
        title.push_str(" in the whole run");
    }
    title
}

fn nobody(model: &Model) -> String {
    let list = &model.list;
    match list.filter {
        _ if model.snapshot.run.preflight.is_none() => "Preflight is reading the tenant: nothing is written.".into(),
        _ if !list.search.is_empty() && list.filter != Filter::All => {
            format!("No name, id or cause in the whole run has {} and fits the filter (f).", list.search)
        }
        _ if !list.search.is_empty() => format!("No name, id or cause in the whole run has {}.", list.search),
        Filter::All => "The list names nobody.".into(),
        Filter::Waiting => "Nobody is waiting.".into(),
        Filter::Stuck => "Nobody is stuck or late.".into(),
        Filter::Blocked => "Nobody is blocked.".into(),
        Filter::Migrated => "Nobody has arrived yet.".into(),
    }
}

/// What preflight says of the plan as a whole, as long as nothing of the batch is approved. It is about the batch under
/// way, so it does not stand above another one.
fn summary(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let elsewhere = model.list.batch.is_some_and(|batch| batch != run.current);
    if run.preflight.is_none() || run.phase() != Phase::Preflight || elsewhere {
        return Vec::new();
    }
    let mut page = PageBuilder::new(model.theme, width);
    let (blocked, what) = if run.current == 0 {
        let ready = run.users.len() - model.summary.blocked_users;
        let batches = count::counted(run.forward_batches(), "batch", "batches");
        (model.summary.blocked_users, format!("Preflight: {ready} ready in {batches}"))
    } else {
        let counts = model.summary.counts;
        (counts.blocked, format!("Preflight of {}: {} ready", run.title(run.current), counts.done))
    };
    let of =
        if run.direction() == Direction::Rollback { format!("{} ", run.route.target.short()) } else { String::new() };
    let all_seats = run.seats();
    let noun = count::agreeing(all_seats.available, "seat", "seats");
    let seats = format!("{} {of}{noun} free, {} needed", all_seats.available, all_seats.needed);
    let role = if blocked > 0 { Role::Warn } else { Role::Good };
    page.para(role, format!("{what} · {blocked} blocked · {seats}"));
    let (against, warnings): (Vec<_>, Vec<_>) = run.problems().iter().partition(|problem| !problem.warning);
    for problem in &against {
        page.item(glyph::BAD, Role::Bad, Role::Bad, &problem.message);
    }
    if let [one, rest @ ..] = warnings.as_slice() {
        // The list below is what the operator is here for: a long warning is read in the plan.
        let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
        let whole = format!("{}{more}", one.message);
        let room = width.saturating_sub(2);
        let text = if rest.is_empty() && format::width(&whole) <= room {
            whole
        } else {
            let key = format!("{more} · 4 shows all");
            format!("{}{key}", format::cut(&one.message, room.saturating_sub(format::width(&key))))
        };
        page.item(glyph::WARN, Role::Warn, Role::Text, text);
    }
    page.into_lines()
}

/// Which columns there is room for.
#[derive(Clone, Copy, Debug)]
enum Columns {
    /// Name, verdict of preflight, reason.
    Check { name: usize, reason: usize },
    /// Name, standing and what is seen.
    Standing { name: usize, state: usize, source: usize, target: usize, lasting: usize, direction: Direction },
}

impl Columns {
    fn fit(model: &Model, width: usize) -> Self {
        let run = &model.snapshot.run;
        let (phase, direction) = match model.scope() {
            Scope::Batch(batch) => run
                .batches
                .get(batch)
                .map_or((Phase::Preflight, Direction::Forward), |batch| (batch.phase, batch.direction)),
            Scope::Everyone if run.complete => (Phase::Complete, Direction::Forward),
            // A search finds users of every batch: where they stand says more than what preflight found.
            Scope::Everyone if Scope::of(run, Filter::All, None, "") != Scope::Everyone => {
                (run.phase(), Direction::Forward)
            }
            Scope::Everyone => (Phase::Preflight, Direction::Forward),
        };
        // Who goes back was seen already: where they stand says more than what preflight found.
        if (phase == Phase::Preflight && direction == Direction::Forward) || model.list.filter == Filter::Blocked {
            let name = (width / 3).clamp(LEAST_NAME, 40);
            return Self::Check { name, reason: width.saturating_sub(name + 3 + 1 + CHECK + 1) };
        }
        // What goes first when there is no room: the source, the words behind a state, how long; names come last.
        let tries = [
            (STATE, SOURCE, FOR, LEAST_NAME),
            (STATE, 0, FOR, LEAST_NAME),
            (SHORT_STATE, 0, FOR, SHORTEST_NAME),
            (SHORT_STATE, 0, 0, 0),
        ];
        let rest = |columns: &[usize]| {
            let taken: usize = columns.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
            width.saturating_sub(3 + taken)
        };
        let room = |state, source, lasting| rest(&[state, source, TARGET, lasting]);
        let found = tries.into_iter().find(|(state, source, lasting, least)| room(*state, *source, *lasting) >= *least);
        let (state, source, lasting, _) = found.unwrap_or(tries[3]);
        let name = room(state, source, lasting);
        // Names have had enough there: Graph's words for what is wrong are longer than the column.
        let (spare, room) = (name.saturating_sub(WIDE_NAME), WIDE_STATE.saturating_sub(state));
        let wider = spare.min(room);
        let more = (spare - wider).min(LONGEST_ERROR - TARGET);
        let name = name - wider - more;
        Self::Standing { name, state: state + wider, source, target: TARGET + more, lasting, direction }
    }

    fn titles(self, model: &Model) -> Line<'static> {
        let text = match self {
            Self::Check { name, .. } => format!("   {} {} WHY", format::pad("USER", name), format::pad("CHECK", CHECK)),
            Self::Standing { name, state, source, target, lasting, direction } => {
                let (from, to) = match direction {
                    Direction::Forward => ("SOURCE", "TARGET"),
                    Direction::Rollback => ("TARGET", "SOURCE"),
                };
                let mut text = format!("   {} {}", format::pad("USER", name), format::pad("STATE", state));
                for (title, width) in
                    [(from, source), (to, target), ("FOR", lasting)].into_iter().filter(|(_, width)| *width > 0)
                {
                    text.push(' ');
                    text.push_str(&format::pad(title, width));
                }
                text
            }
        };
        Line::from(model.theme.span(Role::Dim, text))
    }

    fn row(self, model: &Model, user: &Arc<User>, place: usize, selected: bool) -> Line<'static> {
        let theme = model.theme;
        let (mark, role) = cells::mark(model, user);
        let cursor = if selected { glyph::CURSOR } else { " " };
        let mut spans: Vec<Span<'static>> = vec![theme.span(Role::Key, cursor), theme.span(role, mark), Span::raw(" ")];
        let mut cell = |(text, role): (String, Role), width: usize| {
            if width > 0 {
                spans.push(theme.span(role, format::pad(&text, width)));
                spans.push(Span::raw(" "));
            }
        };
        match self {
            Self::Check { name, reason } => {
                cell((user.upn.clone(), Role::Text), name);
                cell(verdict(user), CHECK);
                cell((reasons(user, reason), Role::Text), reason);
            }
            Self::Standing { name, state, source, target, lasting, direction } => {
                let facts = model.snapshot.facts.get(place).and_then(|facts| facts.as_deref());
                cell((cells::name(user, facts, name), Role::Text), name);
                cell(cells::state(model, user, state), state);
                let (ends, along) = (model.snapshot.run.route_direction(direction), user.direction == direction);
                cell(cells::end(&ends.source, user, !along, facts), source);
                cell(cells::end(&ends.target, user, along, facts), target);
                cell(cells::lasting(model, user), lasting);
            }
        }
        Line::from(spans)
    }
}

fn verdict(user: &User) -> (String, Role) {
    let (word, role) = match user {
        user if user.excluded => ("excluded", Role::Dim),
        user if user.is_blocked() => ("blocked", Role::Bad),
        user if !user.reasons.is_empty() => ("ready", Role::Warn),
        _ => ("ready", Role::Good),
    };
    (word.into(), role)
}

/// The first reason that counts, and how many more there are.
fn reasons(user: &User, width: usize) -> String {
    let first = user.reasons.iter().find(|reason| !reason.warning).or(user.reasons.first());
    match (first, user.reasons.len()) {
        (None, _) => String::new(),
        (Some(reason), many) => {
            let rest = if many > 1 { format!(" +{}", many - 1) } else { String::new() };
            let warning = if reason.warning { "warning: " } else { "" };
            let text = format!("{warning}{}", reason.message);
            format::cut(&text, width.saturating_sub(rest.len())) + &rest
        }
    }
}

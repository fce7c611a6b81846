//! The columns of the list of users: which of them there is room for, and what stands in them.

use std::sync::Arc;

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::user::User;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Scope;
use crate::tui::theme::Role;
use crate::tui::view::cells;
use crate::tui::view::cells::WIDTHS;
use crate::tui::view::cells::Widths;
use crate::words;
use crate::words::phrase;
use crate::words::say;

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

/// Which columns there is room for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Columns {
    /// Name, verdict of preflight, reason.
    Check { name: usize, reason: usize },
    /// Name, standing and what is seen.
    Standing { name: usize, state: usize, source: usize, target: usize, lasting: usize, direction: Direction },
}

impl Columns {
    pub(super) fn fit(model: &Model, width: usize) -> Self {
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
            return Self::Check { name, reason: width.saturating_sub(name + 3 + 1 + WIDTHS.check + 1) };
        }
        // What goes first when there is no room: the source, the words behind a state, how long; names come last.
        let Widths { source, target, state: long, short_state: short, lasting, .. } = *WIDTHS;
        let tries = [
            (long, source, lasting, LEAST_NAME),
            (long, 0, lasting, LEAST_NAME),
            (short, 0, lasting, SHORTEST_NAME),
            (short, 0, 0, 0),
        ];
        let rest = |columns: &[usize]| {
            let taken: usize = columns.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
            width.saturating_sub(3 + taken)
        };
        let room = |state, source, lasting| rest(&[state, source, target, lasting]);
        let found = tries.into_iter().find(|(state, source, lasting, least)| room(*state, *source, *lasting) >= *least);
        let (state, source, lasting, _) = found.unwrap_or(tries[3]);
        let name = room(state, source, lasting);
        // Names have had enough there: Graph's words for what is wrong are longer than the column.
        let (spare, room) = (name.saturating_sub(WIDE_NAME), WIDE_STATE.saturating_sub(state));
        let wider = spare.min(room);
        let more = (spare - wider).min(LONGEST_ERROR.saturating_sub(target));
        let name = name - wider - more;
        Self::Standing { name, state: state + wider, source, target: target + more, lasting, direction }
    }

    pub(super) fn titles(self, model: &Model) -> Line<'static> {
        let text = match self {
            Self::Check { name, .. } => {
                let (user, check) = (phrase("view-column-user"), phrase("view-column-check"));
                let (user, check) = (format::pad(&user, name), format::pad(&check, WIDTHS.check));
                format!("   {user} {check} {}", phrase("view-column-why"))
            }
            Self::Standing { name, state, source, target, lasting, direction } => {
                let (from, to) = (phrase("view-column-source"), phrase("view-column-target"));
                let (from, to) = if direction == Direction::Forward { (from, to) } else { (to, from) };
                let (user, stands) = (phrase("view-column-user"), phrase("view-column-state"));
                let mut text = format!("   {} {}", format::pad(&user, name), format::pad(&stands, state));
                let others = [(from, source), (to, target), (phrase("view-column-for"), lasting)];
                for (title, width) in others.into_iter().filter(|(_, width)| *width > 0) {
                    text.push(' ');
                    text.push_str(&format::pad(&title, width));
                }
                text
            }
        };
        Line::from(model.theme.span(Role::Dim, text))
    }

    pub(super) fn row(self, model: &Model, user: &Arc<User>, place: usize, selected: bool) -> Line<'static> {
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
                cell(verdict(user), WIDTHS.check);
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
    match user {
        user if user.excluded => (phrase("screen-excluded"), Role::Dim),
        user if user.is_blocked() => (phrase("view-check-blocked"), Role::Bad),
        user if !user.reasons.is_empty() => (phrase("view-check-ready"), Role::Warn),
        _ => (phrase("view-check-ready"), Role::Good),
    }
}

/// The first reason that counts, and how many more there are.
fn reasons(user: &User, width: usize) -> String {
    let first = user.reasons.iter().find(|reason| !reason.warning).or(user.reasons.first());
    match (first, user.reasons.len()) {
        (None, _) => String::new(),
        (Some(reason), many) => {
            let rest = if many > 1 { format!(" +{}", many - 1) } else { String::new() };
            let mut text = words::reason::reason(&reason.detail);
            if reason.warning {
                text = say("view-warning", &[("what", text.into())]);
            }
            format::cut(&text, width.saturating_sub(rest.len())) + &rest
        }
    }
}

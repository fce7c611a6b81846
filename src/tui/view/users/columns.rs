//! The columns of the list of users: who, in which batch, where they stand, what keeps them, and since when.

use std::sync::Arc;

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::migration::Batch;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::user::User;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::table::order::Scope;
use crate::tui::theme::Role;
use crate::tui::view::cells;
use crate::tui::view::cells::widths;
use crate::words::batches;
use crate::words::phrase;

/// How wide the time is since when somebody stands there.
const SINCE: usize = 7;
/// How wide the batch is.
const BATCH: usize = 5;
/// A cause is not cut below this while a state can be shortened.
const LEAST_CAUSE: usize = 16;
/// A name is padded to no more than this.
const WIDEST_NAME: usize = 48;
/// And to no less.
const LEAST_NAME: usize = 8;

/// How wide each column is; 0 leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    name: usize,
    batch: usize,
    state: usize,
    cause: usize,
    since: usize,
}

impl Columns {
    /// What gives way first when there is no room: the cause, the words behind a state, the time. Names come last.
    pub(super) fn fit(model: &Model, width: usize) -> Self {
        let least = format::widest(LEAST_NAME, [phrase("view-column-user")]).min(WIDEST_NAME);
        let name = model.list.widest.clamp(least, WIDEST_NAME);
        let in_run = model.scope() == Scope::Everyone && model.snapshot.run.batches.len() > 1;
        let batch = if in_run { BATCH } else { 0 };
        // Before anybody is written a verdict is a word, and has no age: the reasons have the room.
        let (long, short) = if in_preflight(model) {
            (widths().verdict, widths().verdict)
        } else {
            (widths().state, widths().short_state)
        };
        let since = if in_preflight(model) { 0 } else { SINCE };
        let rest = |columns: &[usize]| {
            let taken: usize = columns.iter().filter(|width| **width > 0).map(|width| width + 1).sum();
            width.saturating_sub(3 + taken)
        };
        let tries = [(long, since, LEAST_CAUSE), (short, since, LEAST_CAUSE), (short, since, 1), (short, 0, 0)];
        let fits = |(state, since, cause): &&(usize, usize, usize)| rest(&[name, batch, *state, *since]) > *cause;
        match tries.iter().find(fits) {
            Some((state, since, _)) => {
                let cause = rest(&[name, batch, *state, *since]).saturating_sub(1);
                Self { name, batch, state: *state, cause, since: *since }
            }
            None => Self { name: rest(&[batch, short]).saturating_sub(1), batch, state: short, cause: 0, since: 0 },
        }
    }

    pub(super) fn titles(self, model: &Model) -> Line<'static> {
        let columns = [
            (phrase("view-column-user"), self.name),
            (phrase("view-column-batch"), self.batch),
            (phrase("view-column-state"), self.state),
            (phrase("view-column-cause"), self.cause),
            (phrase("view-column-since"), self.since),
        ];
        let mut text = String::from("   ");
        for (title, width) in columns.into_iter().filter(|(_, width)| *width > 0) {
            text.push_str(&format::pad(&title, width));
            text.push(' ');
        }
        Line::from(model.theme.span(Role::Dim, text))
    }

    pub(super) fn row(self, model: &Model, user: &Arc<User>, place: usize, selected: bool) -> Line<'static> {
        let theme = model.theme;
        let (mark, role) = cells::mark(model, user);
        let cursor = if selected { glyph::CURSOR } else { " " };
        let marked = user.id.is_some_and(|id| model.list.marks.contains(&id));
        let mut spans: Vec<Span<'static>> = vec![
            theme.span(Role::Key, cursor),
            theme.span(role, mark),
            theme.span(Role::Key, if marked { "*" } else { " " }),
        ];
        let mut cell = |(text, role): (String, Role), width: usize| {
            if width > 0 {
                spans.push(theme.span(role, format::pad(&text, width)));
                spans.push(Span::raw(" "));
            }
        };
        let facts = model.snapshot.facts.get(place).and_then(|facts| facts.as_deref());
        let batch =
            user.batch.map_or_else(|| "—".to_owned(), |batch| batches::narrow_title(&model.snapshot.run, batch));
        cell((cells::name(model, user, facts, self.name), Role::Text), self.name);
        cell((batch, Role::Dim), self.batch);
        cell(cells::state(model, user, self.state), self.state);
        cell(cells::cause(model, user, self.cause), self.cause);
        cell(cells::lasting(model, user), self.since);
        Line::from(spans)
    }
}

/// Whether nobody of those who are listed was written yet.
fn in_preflight(model: &Model) -> bool {
    let run = &model.snapshot.run;
    let fresh = |batch: &Batch| batch.phase == Phase::Preflight && batch.direction == Direction::Forward;
    match model.scope() {
        Scope::Batch(batch) => run.batches.get(batch).is_none_or(fresh),
        Scope::Everyone => model.summary.is_untouched,
    }
}

//! What of a frame a click is about: rows, tabs and titles, where they were drawn.

use std::ops::Range;

use ratatui::layout::Position;
use ratatui::layout::Rect;

use crate::tui::model::View;
use crate::tui::table::order::Filter;

/// What was clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A row of the list, counted from its first one, in sight or not.
    Row(usize),
    /// The titles of the columns.
    Titles,
    /// The tab of a view, counted from 1 as its key.
    View(u8),
    /// The tab of a filter, by its place in [`Filter::ALL`].
    Filter(usize),
}

/// Where all of these are; an empty rectangle where they are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The rows of the list.
    pub(super) rows: Rect,
    /// Which row the first of them is.
    pub(super) first: usize,
    /// The titles of the columns.
    pub(super) titles: Rect,
    /// The tabs of the views.
    pub(super) views: [Rect; View::ALL.len()],
    /// The tabs of the filters.
    pub(super) filters: [Rect; Filter::ALL.len()],
}

impl Hits {
    /// The rows of a list, of which these are in sight from the top of the area on.
    pub(super) fn list(&mut self, area: Rect, seen: &Range<usize>) {
        let height = u16::try_from(seen.len()).unwrap_or(0).min(area.height);
        (self.rows, self.first) = (Rect { height, ..area }, seen.start);
    }

    /// What stands in this cell.
    pub fn at(&self, column: u16, row: u16) -> Option<Hit> {
        let cell = Position::new(column, row);
        if self.rows.contains(cell) {
            return Some(Hit::Row(self.first + usize::from(row - self.rows.y)));
        }
        if self.titles.contains(cell) {
            return Some(Hit::Titles);
        }
        if let Some(place) = self.filters.iter().position(|tab| tab.contains(cell)) {
            return Some(Hit::Filter(place));
        }
        let view = self.views.iter().position(|tab| tab.contains(cell))?;
        u8::try_from(view + 1).ok().map(Hit::View)
    }
}

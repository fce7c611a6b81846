//! Which rows of a list are in sight.

use std::ops::Range;

/// Where a list stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The selected row.
    pub row: usize,
    /// The first row in sight when it was last drawn.
    pub top: usize,
}

impl Window {
    /// The rows to draw: moves `top` the least that keeps the selected row in sight.
    pub fn visible(self, len: usize, height: usize) -> Range<usize> {
        let height = height.max(1);
        let row = self.row.min(len.saturating_sub(1));
        let top = self.top.clamp((row + 1).saturating_sub(height), row).min(len.saturating_sub(height));
        top..len.min(top + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_in_sight_and_no_line_is_wasted() {
        for len in 0..9 {
            for height in 0..6 {
                for row in 0..10 {
                    for top in 0..10 {
                        let seen = Window { row, top }.visible(len, height);
                        assert!(seen.end <= len && seen.len() == len.min(height.max(1)));
                        assert!(len == 0 || seen.contains(&row.min(len - 1)), "{len} {height} {row} {top}");
                    }
                }
            }
        }
    }
}

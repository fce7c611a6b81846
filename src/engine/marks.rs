//! The progress line: how many users of the batch were done at which time, within one phase.

use std::collections::VecDeque;

use crate::domain::phase::Phase;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Mark;

/// How many points of progress the sparkline keeps.
const MARKS: usize = 120;

/// The points of the progress line, oldest first.
#[derive(Debug, Default)]
pub(super) struct Marks {
    points: VecDeque<Mark>,
    /// The batch and phase that they are about.
    about: Option<(usize, Phase)>,
}

impl Marks {
    /// Notes how many are done; a new phase begins anew.
    pub(super) fn note(&mut self, about: (usize, Phase), at: Timestamp, done: usize) {
        if self.about.replace(about) != Some(about) {
            self.points.clear();
        }
        if self.points.back().is_none_or(|mark| mark.done != done) {
            if self.points.len() == MARKS {
                self.points.pop_front();
            }
            self.points.push_back(Mark { at, done });
        }
    }

    /// The points of this phase.
    pub(super) fn of(&self, about: (usize, Phase)) -> VecDeque<Mark> {
        if self.about == Some(about) { self.points.clone() } else { VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_line_has_what_changed_within_one_phase_and_no_end_of_it() {
        let (mut marks, adding) = (Marks::default(), (0, Phase::AddToTarget));
        for done in [0, 0, 3] {
            marks.note(adding, NOW, done);
        }
        assert_eq!(marks.of(adding).len(), 2);
        assert!(marks.of((0, Phase::VerifyAdded)).is_empty(), "those of another phase are none");
        (0..500).for_each(|done| marks.note((0, Phase::VerifyAdded), NOW, done));
        assert_eq!(marks.of((0, Phase::VerifyAdded)).len(), MARKS);
    }
}

//! The progress line: how many users of the batch were done at which time, within one phase.

use std::collections::HashMap;
use std::collections::VecDeque;

use crate::domain::phase::Phase;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Mark;

/// How many points of progress the sparkline keeps.
const MARKS: usize = 120;

/// The points of the progress line of each batch, oldest first.
#[derive(Debug, Default)]
pub(super) struct Marks {
    batches: HashMap<usize, (Phase, VecDeque<Mark>)>,
}

impl Marks {
    /// Notes how many of a batch are done; a new phase begins anew.
    pub(super) fn note(&mut self, (batch, phase): (usize, Phase), at: Timestamp, done: usize) {
        let (about, points) = self.batches.entry(batch).or_insert_with(|| (phase, VecDeque::new()));
        if std::mem::replace(about, phase) != phase {
            points.clear();
        }
        if points.back().is_none_or(|mark| mark.done != done) {
            if points.len() == MARKS {
                points.pop_front();
            }
            points.push_back(Mark { at, done });
        }
    }

    /// The points of this phase of a batch.
    pub(super) fn of(&self, (batch, phase): (usize, Phase)) -> VecDeque<Mark> {
        let points = self.batches.get(&batch).filter(|(about, _)| *about == phase);
        points.map_or_else(VecDeque::new, |(_, points)| points.clone())
    }

    /// Keeps those of the batches under way only.
    pub(super) fn keep_only(&mut self, batches: &[usize]) {
        self.batches.retain(|batch, _| batches.contains(batch));
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
        marks.note((1, Phase::AddToTarget), NOW, 1);
        assert_eq!(marks.of((0, Phase::VerifyAdded)).len(), MARKS, "those of another batch take no place");
        marks.keep_only(&[1]);
        assert!(marks.of((0, Phase::VerifyAdded)).is_empty() && marks.of((1, Phase::AddToTarget)).len() == 1);
    }
}

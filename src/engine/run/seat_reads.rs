//! When seats were read for a removal, and the count of seats beside the jobs while they are scarce.

use tokio::task::JoinError;
use tokio::task::JoinSet;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::run::tasks;
use crate::engine::run::tasks::TaskResult;
use crate::graph::Graph;

/// How long groups and seats that were read at one chunk serve for the next ones, while seats are not scarce: two, at the
/// pace of the write quota.
const SERVES_FOR: SignedDuration = SignedDuration::from_millis(2_500);
/// How long after a verify pass began the seats are counted beside the jobs for the next one.
const ASIDE_AFTER: SignedDuration = SignedDuration::from_secs(2);
/// How long between two such counts while no pass is made.
const ASIDE_EVERY: SignedDuration = SignedDuration::from_secs(6);
/// How old groups and seats that were read for a chunk before may be when this one is decided on.
const SERVED_FOR: SignedDuration = SignedDuration::from_secs(5);

/// The last reading of groups and seats for a removal, while it serves for more chunks, and the count under way.
#[derive(Default)]
pub(super) struct SeatReads {
    /// Of which approval's last look they were read at a chunk before, and when.
    last: Option<(u64, Timestamp)>,
    /// How long the last look took.
    look_took: Option<SignedDuration>,
    /// When the last count beside the jobs began.
    aside: Option<Timestamp>,
    under_way: JoinSet<TaskResult>,
}

impl SeatReads {
    /// A look has ended that took so long.
    pub(super) fn looked(&mut self, took: SignedDuration) {
        self.look_took = Some(took);
    }

    pub(super) fn look_took(&self) -> Option<SignedDuration> {
        self.look_took
    }

    /// Groups and seats were read for this approval.
    pub(super) fn read(&mut self, number: u64, at: Timestamp) {
        self.last = Some((number, at));
    }

    /// What was read serves for no other chunk.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Whether they were read just before for the same approval, with seats for many more: once serves for three chunks, as
    /// who left in between takes a seat by the ledger whoever has one by now. No other reading may be younger.
    pub(super) fn serve_for_a_look(&self, number: u64, now: Timestamp) -> bool {
        self.last.is_some_and(|(of, at)| of == number && at <= now && now.duration_since(at) <= SERVES_FOR)
    }

    /// Whether what was read for a chunk before is young enough to decide on this one, whose look took its time.
    pub(super) fn serve_for_a_decision(&self, now: Timestamp) -> bool {
        self.last.is_some_and(|(_, at)| now.duration_since(at) <= SERVED_FOR)
    }

    /// Counts the seats once more beside the jobs, which do not wait for it.
    pub(super) fn count_aside(&mut self, graph: &Graph, now: Timestamp) {
        if self.under_way.is_empty() {
            self.aside = Some(now);
            self.under_way.spawn(tasks::count_seats(graph.clone()));
        }
    }

    /// Whether another such count is of use while the removal goes on: one shortly before the next verify pass tells as much
    /// as several. `pass_began` is when the last one began.
    pub(super) fn may_count_aside(&self, now: Timestamp, pass_began: Option<Timestamp>) -> bool {
        let late = pass_began.map(|began| began + ASIDE_AFTER).filter(|late| *late <= now);
        self.aside.is_none_or(|last| {
            late.is_some_and(|late| last < late) || last > now || now.duration_since(last) >= ASIDE_EVERY
        })
    }

    /// Gives up the count under way.
    pub(super) fn give_up(&mut self) {
        self.under_way = JoinSet::new();
    }

    /// What the count under way brings; `None` when there is none.
    pub(super) async fn counted(&mut self) -> Option<Result<TaskResult, JoinError>> {
        self.under_way.join_next().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
    }

    #[test]
    fn seats_are_counted_aside_once_for_each_pass_and_now_and_then_without_one() {
        let mut seats = SeatReads::default();
        assert!(seats.may_count_aside(at(0), None), "the first");
        seats.aside = Some(at(2_500));
        assert!(!seats.may_count_aside(at(3_500), Some(at(0))), "for the pass that comes");
        assert!(!seats.may_count_aside(at(7_999), Some(at(6_000))), "that would be long before the next one");
        assert!(seats.may_count_aside(at(8_000), Some(at(6_000))));
        assert!(!seats.may_count_aside(at(8_499), None) && seats.may_count_aside(at(8_500), None));
        assert!(seats.may_count_aside(at(2_499), None), "a clock that was set back holds nothing up");
    }

    #[test]
    fn one_reading_serves_for_three_chunks_of_one_approval_and_not_for_long() {
        let mut seats = SeatReads::default();
        assert!(!seats.serve_for_a_look(1, at(0)) && !seats.serve_for_a_decision(at(0)));
        seats.read(1, at(0));
        assert!(seats.serve_for_a_look(1, at(2_500)) && !seats.serve_for_a_look(1, at(2_501)));
        assert!(!seats.serve_for_a_look(2, at(0)), "another approval has another question behind it");
        assert!(!seats.serve_for_a_look(1, at(-1)), "a reading of the future is none");
        assert!(seats.serve_for_a_decision(at(5_000)) && !seats.serve_for_a_decision(at(5_001)));
        seats.forget();
        assert!(!seats.serve_for_a_look(1, at(0)) && !seats.serve_for_a_decision(at(0)));
    }
}

//! Graph's `Date` of an answer: from which second on, by Graph's own clock, it was surely worked on.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How much later than one that was dated with a second a request has to leave to be surely worked on in that second: an
/// answer is dated when it is done, which is a little later than when its figures were read.
const MARGIN: Duration = Duration::from_millis(50);
/// How long what was learnt holds; clocks drift.
const GOOD_FOR: Duration = Duration::from_mins(1);

/// When Graph's seconds turn, by the stopwatch of this process. Only `Date`s are compared with one another; how our own
/// clock is set does not matter.
#[derive(Debug, Default)]
pub(in crate::graph) struct Dates(Mutex<Option<Turn>>);

/// The earliest that a request left, within its second, that was answered with that second's date.
#[derive(Clone, Copy, Debug)]
struct Turn {
    second: Timestamp,
    left: Instant,
    seen: Instant,
}

impl Turn {
    /// When a request would have to leave for this second, if it was as early as this one.
    fn of(&self, second: Timestamp) -> Option<Instant> {
        let apart = second.duration_since(self.second);
        let by = Duration::try_from(apart.abs()).ok()?;
        if apart.is_negative() { self.left.checked_sub(by) } else { self.left.checked_add(by) }
    }
}

impl Dates {
    /// Takes in an answer that was dated with this second. Gives the second from which on its request was surely worked
    /// on: its own when another that left a little earlier was dated no earlier, else one that is earlier by as long as the
    /// answer took.
    pub(in crate::graph) fn heard(&self, second: Timestamp, left: Instant, now: Instant) -> Timestamp {
        let mut turn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = turn.filter(|turn| now.saturating_duration_since(turn.seen) < GOOD_FOR);
        let first = known.and_then(|turn| turn.of(second));
        let sure = first.and_then(|first| first.checked_add(MARGIN)).is_some_and(|first| first <= left);
        if first.is_none_or(|first| left < first) {
            *turn = Some(Turn { second, left, seen: now });
        }
        if sure {
            return second;
        }
        // It may have been worked on as early as it left.
        let took = now.saturating_duration_since(left).as_nanos().div_ceil(Duration::from_secs(1).as_nanos()).max(1);
        let took = SignedDuration::from_secs(i64::try_from(took).unwrap_or(i64::MAX));
        second.saturating_sub(took).unwrap_or(Timestamp::MIN)
    }

    /// How long to wait so that a request is worked on soon after a second has turned; nothing while that is not known.
    pub(in crate::graph) fn until_turn(&self, now: Instant) -> Duration {
        let turn = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(turn) = turn else { return Duration::ZERO };
        let second = Duration::from_secs(1).as_nanos();
        let since = now.saturating_duration_since(turn.left).as_nanos() % second;
        let due = (MARGIN + Duration::from_millis(10)).as_nanos();
        let wait = (due + second - since) % second;
        Duration::from_nanos(u64::try_from(wait).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    #[test]
    fn a_second_counts_only_when_an_earlier_request_was_dated_with_it() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(dates.heard(second(10), at(300), at(450)), second(9), "nothing is known yet");
        assert_eq!(dates.heard(second(10), at(340), at(490)), second(9), "too near to the one before");
        assert_eq!(dates.heard(second(10), at(350), at(500)), second(10));
        assert_eq!(dates.heard(second(12), at(2_350), at(2_500)), second(12), "seconds later");
        assert_eq!(dates.heard(second(12), at(2_100), at(2_600)), second(11), "earlier in its second than any before");
        assert_eq!(dates.heard(second(13), at(3_150), at(3_300)), second(13));
        let late = at(2_600) + GOOD_FOR;
        assert_eq!(dates.heard(second(80), at(70_900), late), second(79), "what was learnt is old");
    }

    #[test]
    fn a_clock_that_jumps_ahead_or_back_is_not_trusted() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        dates.heard(second(10), at(300), at(450));
        assert_eq!(dates.heard(second(100), at(900), at(950)), second(99), "ahead");
        assert_eq!(dates.heard(second(100), at(960), at(990)), second(100));
        let slow = Dates::default();
        assert_eq!(slow.heard(second(10), at(300), at(3_400)), second(6), "it took four seconds at most");
        // One that is back is behind what its stopwatch says, so another dates it as late as it says itself.
        assert!(dates.heard(second(50), at(1_000), at(1_050)) <= second(50), "back");
    }

    #[test]
    fn the_next_turn_is_less_than_a_second_away() {
        let (dates, start) = (Dates::default(), Instant::now());
        assert_eq!(dates.until_turn(start), Duration::ZERO);
        dates.heard(second(10), start, start);
        for millis in [0, 59, 60, 61, 500, 999, 1_000, 12_345] {
            let wait = dates.until_turn(start + Duration::from_millis(millis));
            let after = (Duration::from_millis(millis) + wait).as_millis() % 1_000;
            assert!(wait < Duration::from_secs(1) && after == 60, "{millis}: {wait:?}");
        }
    }
}

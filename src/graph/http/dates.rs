//! Graph's `Date` of an answer: from which second on, by Graph's own clock, it was surely worked on.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How much later than the quickest answer could tell of a second a request has to leave to be surely worked on in it: an
/// answer is dated when it is done, and even the quickest took a little until then.
const MARGIN: Duration = Duration::from_millis(50);
/// An answer that took longer than this says nothing of the way back, as much of it may be work.
const QUICK: Duration = Duration::from_millis(400);
/// So many answers have to be known before the quickest of them counts as quick.
const ENOUGH: u32 = 8;
/// How much later still a request is sent that is to be worked on soon after a second has turned.
const AIM: Duration = Duration::from_millis(10);
/// How long what was read of the clocks holds, and up to twice as long; clocks drift.
const GOOD_FOR: Duration = Duration::from_secs(30);
/// The turn of a second is known well when it is known to this.
const CLOSE: Duration = Duration::from_millis(20);
/// So many requests narrow it down further.
const PROBES: u32 = 8;

/// When Graph's seconds turn, by the stopwatch of this process. Only `Date`s are compared with one another; how our own
/// clock is set does not matter.
///
/// All is told of the *turn*: when a request as quick as the quickest would have to leave to be dated with a new second.
/// An answer that was here had been dated before, so the second had turned by then, and a request that leaves from then on
/// is worked on in it. The quickest round trip tells how much earlier it may leave: as long as its answer needs to come
/// back, but for [`MARGIN`]. Slow answers say little by themselves and never shorten that.
#[derive(Debug, Default)]
pub(in crate::graph) struct Dates(Mutex<Option<ClockReadings>>);

/// What the answers of the last while tell, those of the while before kept apart so that they can be forgotten.
#[derive(Debug)]
struct ClockReadings {
    /// Where the stopwatch and Graph's seconds are counted from.
    start: (Instant, Timestamp),
    /// When `recent` was begun.
    since: Instant,
    recent: Bounds,
    before: Bounds,
}

/// Bounds of how far Graph's second number 0 lies behind the start of the stopwatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds {
    /// A request that left then was dated with an earlier second.
    left_before: SignedDuration,
    /// An answer that was dated with it was here then.
    here_by: SignedDuration,
    /// The quickest round trip.
    quickest: SignedDuration,
    answers: u32,
}

const UNKNOWN: Bounds = Bounds {
    left_before: SignedDuration::MIN,
    here_by: SignedDuration::MAX,
    quickest: SignedDuration::MAX,
    answers: 0,
};

impl Bounds {
    fn and(self, other: Self) -> Self {
        Self {
            left_before: self.left_before.max(other.left_before),
            here_by: self.here_by.min(other.here_by),
            quickest: self.quickest.min(other.quickest),
            answers: self.answers.saturating_add(other.answers),
        }
    }

    /// The latest that the turn can be: when an answer of the new second was here, less the way back where that is known.
    fn turn_by(self) -> SignedDuration {
        let known = self.answers >= ENOUGH && self.quickest <= signed(QUICK);
        if known { self.here_by.saturating_sub(self.quickest) } else { self.here_by }
    }

    /// A request that leaves from then on is surely worked on in the new second.
    fn sure_from(self) -> SignedDuration {
        self.here_by.min(self.turn_by().saturating_add(signed(MARGIN)))
    }

    /// Whether no turn fits: a clock was set, or two clocks answer.
    fn contradicts(self) -> bool {
        self.left_before >= self.here_by
    }
}

impl ClockReadings {
    fn start(second: Timestamp, now: Instant) -> Self {
        Self { start: (now, second), since: now, recent: UNKNOWN, before: UNKNOWN }
    }

    fn bounds(&self) -> Bounds {
        self.recent.and(self.before)
    }

    /// A moment, from the beginning of a second of Graph's on, if number 0 began with the stopwatch.
    fn from(&self, second: Timestamp, moment: Instant) -> SignedDuration {
        let ours = match moment.checked_duration_since(self.start.0) {
            Some(later) => signed(later),
            None => -signed(self.start.0.duration_since(moment)),
        };
        ours.saturating_sub(second.duration_since(self.start.1))
    }

    fn take_in(&mut self, second: Timestamp, left: Instant, now: Instant) {
        while now.saturating_duration_since(self.since) >= GOOD_FOR {
            let long_ago = now.saturating_duration_since(self.since) >= GOOD_FOR * 2;
            self.before = if long_ago { UNKNOWN } else { self.recent };
            self.recent = UNKNOWN;
            self.since = if long_ago { now } else { self.since + GOOD_FOR };
        }
        let (left, here) = (self.from(second, left), self.from(second, now));
        let of_this = Bounds {
            left_before: left.saturating_sub(SignedDuration::from_secs(1)),
            here_by: here,
            quickest: here.saturating_sub(left),
            answers: 1,
        };
        self.recent = self.recent.and(of_this);
        if self.bounds().contradicts() {
            (self.recent, self.before) = (of_this, UNKNOWN);
        }
    }

    /// How long after now a moment comes next that lies so in its second.
    fn until(&self, turn: SignedDuration, now: Instant) -> Duration {
        let second = Duration::from_secs(1).as_nanos().cast_signed();
        let wait = (turn - self.from(self.start.1, now)).as_nanos().rem_euclid(second);
        Duration::from_nanos(u64::try_from(wait).unwrap_or_default())
    }
}

impl Dates {
    /// Takes in an answer that was dated with this second. Gives the second from which on its request was surely worked
    /// on: its own when others tell that it had turned when the request left, else one that is earlier by as long as the
    /// answer took.
    pub(in crate::graph) fn heard(&self, second: Timestamp, left: Instant, now: Instant) -> Timestamp {
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let readings = readings.get_or_insert_with(|| ClockReadings::start(second, now));
        readings.take_in(second, left, now);
        if readings.bounds().sure_from() <= readings.from(second, left) {
            return second;
        }
        // It may have been worked on as early as it left.
        let took = now.saturating_duration_since(left).as_nanos().div_ceil(Duration::from_secs(1).as_nanos()).max(1);
        let took = SignedDuration::from_secs(i64::try_from(took).unwrap_or(i64::MAX));
        second.saturating_sub(took).unwrap_or(Timestamp::MIN)
    }

    /// How long to wait so that a request is worked on soon after a second has turned; nothing while that is not known.
    /// Where the turn is not known well, requests that leave after the first of these waits narrow it down.
    pub(in crate::graph) fn until_turn(&self, now: Instant) -> (Vec<Duration>, Duration) {
        let readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(readings) = &*readings else { return (Vec::new(), Duration::ZERO) };
        let bounds = readings.bounds();
        let (turn, aim) = (bounds.turn_by(), bounds.sure_from() + signed(AIM));
        let unsure = Duration::try_from(turn.saturating_sub(bounds.left_before)).unwrap_or_default();
        let unsure = unsure.min(Duration::from_secs(1));
        if unsure <= CLOSE {
            return (Vec::new(), readings.until(aim, now));
        }
        let step = unsure / PROBES;
        let first = readings.until(turn - signed(unsure.saturating_sub(step)), now);
        let last = first + unsure.saturating_sub(step) + Duration::try_from(aim - turn).unwrap_or_default();
        ((0..PROBES - 1).map(|number| first + step * number).collect(), last)
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    #[test]
    fn a_second_counts_only_when_an_earlier_answer_told_that_it_had_turned() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        for _ in 0..ENOUGH {
            assert_eq!(dates.heard(second(10), at(300), at(450)), second(9), "nothing is known yet");
        }
        assert_eq!(dates.heard(second(10), at(340), at(490)), second(9), "too near to the one before");
        assert_eq!(dates.heard(second(10), at(350), at(500)), second(10));
        assert_eq!(dates.heard(second(12), at(2_350), at(2_500)), second(12), "seconds later");
        assert_eq!(dates.heard(second(12), at(2_250), at(2_600)), second(11), "earlier in its second than any before");
        assert_eq!(dates.heard(second(12), at(2_360), at(3_100)), second(12), "a slow one");
        let late = at(2_600) + GOOD_FOR * 2;
        assert_eq!(dates.heard(second(72), at(62_400), late), second(71), "what was read is old");
    }

    #[test]
    fn a_slow_answer_does_not_make_the_second_turn_earlier() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        // The second turns at 1,000. This one was worked on for almost a second, and dated only then.
        dates.heard(second(11), at(100), at(1_080));
        for _ in 0..ENOUGH {
            dates.heard(second(10), at(800), at(880));
        }
        assert_eq!(dates.heard(second(10), at(900), at(980)), second(10));
        assert_eq!(dates.heard(second(11), at(990), at(1_070)), second(10), "left before, dated after");
        assert_eq!(dates.heard(second(11), at(1_060), at(1_140)), second(11));
    }

    #[test]
    fn what_takes_long_says_nothing_of_the_way_back() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        for _ in 0..ENOUGH * 2 {
            dates.heard(second(10), at(300), at(800));
        }
        assert_eq!(
            dates.heard(second(10), at(700), at(1_200)),
            second(9),
            "it may be worked on at once and dated late"
        );
        assert_eq!(dates.heard(second(10), at(800), at(1_300)), second(10));
    }

    #[test]
    fn who_leaves_after_an_answer_is_worked_on_after_it() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        dates.heard(second(10), at(0), at(20));
        assert_eq!(dates.heard(second(10), at(19), at(60)), second(9));
        assert_eq!(dates.heard(second(10), at(20), at(60)), second(10), "though 50 ms have not passed");
    }

    #[test]
    fn a_clock_that_jumps_ahead_or_back_is_not_trusted() {
        let (dates, start) = (Dates::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        for _ in 0..ENOUGH {
            dates.heard(second(10), at(300), at(450));
        }
        assert_eq!(dates.heard(second(100), at(900), at(950)), second(99), "ahead");
        assert_eq!(dates.heard(second(100), at(960), at(990)), second(100), "after the answer of before");
        let slow = Dates::default();
        assert_eq!(slow.heard(second(10), at(300), at(3_400)), second(6), "it took four seconds at most");
        // One that is back is behind what its stopwatch says, so another dates it as late as it says itself.
        assert!(dates.heard(second(50), at(1_000), at(1_050)) <= second(50), "back");
    }

    #[test]
    fn the_next_turn_is_less_than_a_second_away() {
        let (dates, start) = (Dates::default(), Instant::now());
        assert_eq!(dates.until_turn(start), (Vec::new(), Duration::ZERO));
        // The turn lies between 990 and 1,000.
        for _ in 0..ENOUGH {
            dates.heard(second(9), start, start + Duration::from_millis(50));
        }
        dates.heard(second(9), start + Duration::from_millis(990), start + Duration::from_millis(1_040));
        dates.heard(second(10), start + Duration::from_secs(1), start + Duration::from_millis(1_050));
        for millis in [0, 59, 60, 61, 500, 999, 1_000, 12_345] {
            let (probes, wait) = dates.until_turn(start + Duration::from_millis(millis));
            let after = (Duration::from_millis(millis) + wait).as_millis() % 1_000;
            assert!(probes.is_empty() && wait < Duration::from_secs(1) && after == 60, "{millis}: {wait:?}");
        }
    }

    proptest! {
        /// Answers take their time on the way there, while they are worked on, and on the way back; the quickest is worked
        /// on for at most what the margin allows. However slow the others are, none counts for a second that had not begun
        /// when it was worked on, and the turn is soon known well.
        #[test]
        fn no_second_is_claimed_that_had_not_begun(
            turn in 0..1_000_u64,
            quick in (1..40_u64, 0..50_u64, 0..200_u64),
            others in prop::collection::vec((0..20_000_u64, 0..300_u64, 0..900_u64, 0..900_u64), 1..60),
        ) {
            let (dates, start) = (Dates::default(), Instant::now());
            let (out, work, back) = quick;
            let date = |at: u64| second(i64::try_from((at + 1_000 - turn) / 1_000).unwrap());
            let mut all: Vec<_> = others.iter().map(|(left, a, b, c)| (*left, out + a, work + b, back + c)).collect();
            all.extend([(0, out, work, back); ENOUGH as usize]);
            let here = |(left, out, work, back): &(u64, u64, u64, u64)| left + out + work + back;
            all.sort_by_key(here);
            for one in &all {
                let (left, out, work, _) = *one;
                let at = |millis| start + Duration::from_millis(millis);
                let claimed = dates.heard(date(left + out + work), at(left), at(here(one)));
                prop_assert!(claimed <= date(left + out), "{one:?}");
            }
            // Requests as quick as the quickest find the turn.
            let mut now = 30_000;
            for _ in 0..3 {
                let (probes, wait) = dates.until_turn(start + Duration::from_millis(now));
                let sent: Vec<u64> = probes.iter().chain([&wait]).map(|wait| now + u64::try_from(wait.as_millis()).unwrap()).collect();
                for left in sent {
                    let at = |millis| start + Duration::from_millis(millis);
                    let ended = left + out + work + back;
                    let claimed = dates.heard(date(left + out + work), at(left), at(ended));
                    prop_assert!(claimed <= date(left + out), "{left}");
                    now = ended;
                }
            }
            let (probes, wait) = dates.until_turn(start + Duration::from_millis(now));
            prop_assert!(probes.is_empty(), "{probes:?}");
            let aimed = now + u64::try_from(wait.as_millis()).unwrap() + out + work;
            let late = (aimed + 1_000 - turn) % 1_000;
            prop_assert!(late <= 90, "{late} ms after the turn");
        }
    }
}

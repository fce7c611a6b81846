//! The rate that a service lets through, learnt from when it refused us; in pure time.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back it is looked, in seconds.
const HORIZON: f64 = 30.0;
/// How much has to have been let through before it says anything about a rate: chance refusals of single requests do not.
const EVIDENCE: f64 = 20.0;
/// The share of what was let through that is kept, so that refusals end.
const SHARE: f64 = 0.95;
/// How many seconds without a refusal double a rate that was refused once. The growth begins slowly and then hastens, as
/// a limit that still stands is met again soon, and one that was lifted should not be kept.
const DOUBLING_AT_FIRST: f64 = 10.0;
/// The same for a rate that was refused again while it grew: the limit stands.
const DOUBLING: f64 = 60.0;
/// The least share of the earlier rate that is kept at a further refusal. Refused requests may count against a quota as
/// well, so that less seems to be let through than is.
const FALL: f64 = 0.7;

/// What left within the horizon and was not refused.
#[derive(Debug, Default)]
pub(super) struct Passed(VecDeque<(Duration, f64)>);

impl Passed {
    /// Something left; it counts until it is refused.
    pub(super) fn sent(&mut self, now: Duration, cost: f64, speed: f64) {
        let oldest = now.saturating_sub(Duration::from_secs_f64(HORIZON / speed));
        while self.0.front().is_some_and(|(at, _)| *at < oldest) {
            self.0.pop_front();
        }
        self.0.push_back((now, cost));
    }

    /// The newest of what left was refused.
    pub(super) fn refused(&mut self, mut cost: f64) {
        while cost > 0.0 {
            let Some((at, newest)) = self.0.pop_back() else { return };
            if newest > cost {
                self.0.push_back((at, newest - cost));
                return;
            }
            cost -= newest;
        }
    }

    /// The highest rate, a second, that was let through from some moment until `end`, the end of the pause that was asked
    /// for. `None` when that is too little to tell.
    pub(super) fn rate(&self, end: Duration, speed: f64) -> Option<f64> {
        let oldest = end.saturating_sub(Duration::from_secs_f64(HORIZON / speed));
        let (mut sum, mut best) = (0.0, None::<f64>);
        for (at, cost) in self.0.iter().rev().filter(|(at, _)| *at >= oldest && *at < end) {
            sum += cost;
            let rate = sum / end.saturating_sub(*at).as_secs_f64();
            if sum >= EVIDENCE {
                best = Some(best.map_or(rate, |best| best.max(rate)));
            }
        }
        best
    }
}

/// A rate that was learnt, and since when it was kept without a refusal.
#[derive(Clone, Copy, Debug)]
pub(super) struct ObservedRate {
    per_second: f64,
    since: Duration,
    /// Whether it was refused again.
    confirmed: bool,
}

impl ObservedRate {
    /// What follows from a refusal now that holds until `since`: `let_through` until then, and what was known before.
    pub(super) fn after(
        before: Option<Self>,
        let_through: Option<f64>,
        now: Duration,
        since: Duration,
    ) -> Option<Self> {
        let known = let_through.map(|rate| rate * SHARE);
        let Some(before) = before else {
            return known.map(|per_second| Self { per_second, since, confirmed: false });
        };
        let confirmed = before.confirmed || now >= before.since;
        let per_second = known.map_or(before.per_second, |rate| rate.max(before.per_second * FALL));
        Some(Self { per_second, since: before.since.max(since), confirmed })
    }

    /// It was warned of, and grows from then.
    pub(super) fn restart(&mut self, since: Duration) {
        self.since = self.since.max(since);
    }

    /// What may leave a second at this time.
    pub(super) fn at(&self, now: Duration, speed: f64) -> f64 {
        let doubling = if self.confirmed { DOUBLING } else { DOUBLING_AT_FIRST };
        let quiet = now.saturating_sub(self.since).as_secs_f64() * speed / doubling;
        self.per_second * (1.0 + quiet.powi(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_rate_is_what_was_let_through_with_the_pause_after_it() {
        let mut passed = Passed::default();
        passed.sent(secs(1.0), 20.0, 1.0);
        passed.sent(secs(2.0), 20.0, 1.0);
        (0..15).for_each(|_| passed.refused(1.0));
        assert_eq!(passed.rate(secs(6.0), 1.0), Some(5.0));
    }

    #[test]
    fn a_few_requests_tell_nothing_and_neither_does_what_is_long_past() {
        let mut passed = Passed::default();
        passed.sent(secs(1.0), 19.0, 1.0);
        assert_eq!(passed.rate(secs(2.0), 1.0), None);
        passed.sent(secs(100.0), 1.0, 1.0);
        assert_eq!(passed.rate(secs(101.0), 1.0), None);
        passed.refused(1e9);
        assert_eq!(passed.rate(secs(101.0), 1.0), None);
    }

    #[test]
    fn a_rate_stands_for_a_while_and_then_grows() {
        let first = ObservedRate::after(None, Some(10.0), secs(4.0), secs(5.0)).expect("a rate");
        assert!((first.at(Duration::ZERO, 1.0) - 9.5).abs() < 1e-9);
        assert!(first.at(secs(8.0), 1.0) < 10.0 && first.at(secs(15.0), 1.0) > 18.9);
        let again = ObservedRate::after(Some(first), Some(10.0), secs(14.0), secs(15.0)).expect("a rate");
        assert!(again.at(secs(35.0), 1.0) < 10.0 && again.at(secs(75.0), 1.0) > 18.9);
        assert!(again.at(secs(135.0), 1.0) > 80.0);
    }

    #[test]
    fn items_of_one_batch_refused_together_are_one_refusal_and_a_rate_falls_by_steps() {
        let first = ObservedRate::after(None, Some(10.0), secs(4.0), secs(5.0));
        let second = ObservedRate::after(first, Some(9.0), secs(4.0), secs(5.0)).expect("a rate");
        assert!(!second.confirmed);
        let fallen = ObservedRate::after(first, Some(1.0), secs(9.0), secs(10.0)).expect("a rate");
        assert!(fallen.confirmed && (fallen.at(Duration::ZERO, 1.0) - 9.5 * FALL).abs() < 1e-9);
        assert!(ObservedRate::after(None, None, secs(4.0), secs(5.0)).is_none());
    }
}

//! Pure: how long a read waits before it asks again, and what `Retry-After` means.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;

use crate::domain::time::Timestamp;

/// How often a read is sent at most when the service does not say when to come again.
const TRIES: u32 = 5;
/// How often when it does each time. Then only [`PATIENCE`] ends a read, as long as the waits are not too short to count.
const TRIES_WHEN_ASKED: u32 = 25;
/// How long a read may take in all, waiting included.
pub(in crate::graph) const PATIENCE: Duration = Duration::from_mins(2);
/// The first wait of our own choice; each later one doubles.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait of our own choice.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait that is told, in seconds: a hundred years.
const LONGEST_TOLD: f64 = 3_155_760_000.0;

/// What to do after a read that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Step {
    /// Ask again after this long.
    Wait(Duration),
    /// Tell the caller.
    GiveUp,
}

/// One failed try of a read.
#[derive(Clone, Copy, Debug)]
pub(in crate::graph) struct Failure {
    /// Which try it was, from 1.
    pub(in crate::graph) attempt: u32,
    /// How long the read has been going on.
    pub(in crate::graph) spent: Duration,
    /// The status, or `None` when no answer came.
    pub(in crate::graph) status: Option<u16>,
    /// What the service asked for.
    pub(in crate::graph) retry_after: Option<Duration>,
}

/// Whether a read that ended like this may fare better later. What is not implemented (501) is not so later either.
pub(in crate::graph) fn passes(status: Option<u16>) -> bool {
    status.is_none_or(|status| matches!(status, 408 | 424 | 429 | 500 | 502..=599))
}

impl Failure {
    /// What to do now. `jitter` is drawn by the caller from 0.0 to 1.0. What the service asks for is obeyed to the
    /// letter: asking earlier would still count against the quota (Microsoft Graph, "Throttling guidance").
    pub(in crate::graph) fn step(&self, jitter: f64) -> Step {
        let asked = self.retry_after.is_some_and(|wait| !wait.is_zero());
        let tries = if asked { TRIES_WHEN_ASKED } else { TRIES };
        if !passes(self.status) || self.attempt >= tries {
            return Step::GiveUp;
        }
        let doubled = FIRST.saturating_mul(1 << (self.attempt.max(1) - 1).min(16)).min(LONGEST);
        let own = doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        let wait = self.retry_after.unwrap_or(own);
        if self.spent.saturating_add(wait) > PATIENCE { Step::GiveUp } else { Step::Wait(wait) }
    }
}

/// Reads `Retry-After`: seconds, which may be fractional, or a date, counted from `now` (the answer's own `Date`, where
/// it has one, so that a wrong clock does not spoil it).
pub(in crate::graph) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // Centuries are as good as one.
        let seconds = if seconds.is_finite() { seconds.min(LONGEST_TOLD) } else { seconds };
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let wait = Duration::try_from(date(text)?.duration_since(now)).unwrap_or_default();
    Some(wait.min(Duration::from_secs_f64(LONGEST_TOLD)))
}

/// Reads an HTTP date.
pub(in crate::graph) fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(attempt: u32, status: u16) -> Failure {
        Failure { attempt, spent: Duration::ZERO, status: Some(status), retry_after: None }
    }

    #[test]
    fn what_the_service_asks_for_is_obeyed_to_the_letter() {
        for asked in [0.0, 0.25, 2.128, 90.0] {
            let asked = Duration::from_secs_f64(asked);
            let failure = Failure { retry_after: Some(asked), ..failure(1, 429) };
            assert_eq!(failure.step(0.7), Step::Wait(asked));
        }
    }

    #[test]
    fn own_waits_double_with_jitter_and_end() {
        let wait = |attempt, jitter| failure(attempt, 503).step(jitter);
        assert_eq!(wait(1, 1.0), Step::Wait(Duration::from_secs(1)));
        assert_eq!(wait(1, 0.0), Step::Wait(Duration::from_millis(500)));
        assert_eq!(wait(4, 1.0), Step::Wait(Duration::from_secs(8)));
        assert_eq!(wait(5, 1.0), Step::GiveUp);
    }

    #[test]
    fn nobody_waits_longer_than_two_minutes() {
        let late = Failure { spent: Duration::from_secs(119), ..failure(2, 503) };
        assert_eq!(late.step(1.0), Step::GiveUp);
        let far = Failure { retry_after: Some(Duration::from_mins(3)), ..failure(1, 429) };
        assert_eq!(far.step(0.0), Step::GiveUp);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [400, 401, 403, 404, 409, 410, 200, 302, 501] {
            assert_eq!(failure(1, status).step(0.5), Step::GiveUp, "{status}");
        }
        assert!(passes(None));
    }

    #[test]
    fn whoever_says_when_to_come_again_is_asked_more_often() {
        let asked = Failure { retry_after: Some(Duration::from_secs(1)), ..failure(24, 429) };
        assert_eq!(asked.step(0.5), Step::Wait(Duration::from_secs(1)));
        assert_eq!(Failure { attempt: 25, ..asked }.step(0.5), Step::GiveUp);
        let now = Failure { retry_after: Some(Duration::ZERO), ..failure(5, 429) };
        assert_eq!(now.step(0.5), Step::GiveUp, "no wait at all is no hint");
    }

    #[test]
    fn centuries_are_a_wait_like_another() {
        let now: Timestamp = "2020-08-18T12:51:51Z".parse().expect("a time");
        let longest = Some(Duration::from_hours(876_600));
        for text in ["9999999999", "18446744073709551615", "1e300", "Tue, 01 Jan 2999 00:00:00 GMT"] {
            assert_eq!(retry_after(text, now), longest, "{text}");
            let failure = Failure { retry_after: longest, spent: Duration::MAX, ..failure(1, 429) };
            assert_eq!(failure.step(0.5), Step::GiveUp);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2020-08-18T12:51:51Z".parse().expect("a time");
        assert_eq!(retry_after(" 10 ", now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after("2.128", now), Some(Duration::from_millis(2128)));
        assert_eq!(retry_after("Tue, 18 Aug 2020 12:52:01 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after("Tue, 18 Aug 2020 12:00:00 GMT", now), Some(Duration::ZERO));
        for text in ["", "soon", "-1", "NaN", "inf", "1e999"] {
            assert_eq!(retry_after(text, now), None, "{text}");
        }
    }
}

//! The only reader of wall time; everything else is handed a clock or a point in time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads wall time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Another clock that is never believed when it goes back: from where it was, time then goes on at its usual pace.
///
/// How old a proof is, and whether a read came before a write, is told by this. A machine whose clock is set back must not
/// make a proof younger, nor all reads older than the last write. Going forward is believed, as after a sleep.
#[derive(Debug)]
pub struct SteadyClock<C> {
    clock: C,
    last: Mutex<(Instant, Timestamp)>,
}

impl<C: Clock> SteadyClock<C> {
    /// Steadies a clock from now on.
    pub fn over(clock: C) -> Self {
        let last = Mutex::new((Instant::now(), clock.now()));
        Self { clock, last }
    }
}

impl<C: Clock> Clock for SteadyClock<C> {
    fn now(&self) -> Timestamp {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (then, shown) = *last;
        let passed = SignedDuration::try_from(then.elapsed()).unwrap_or(SignedDuration::ZERO);
        let now = shown.saturating_add(passed).unwrap_or(Timestamp::MAX).max(self.clock.now());
        *last = (Instant::now(), now);
        now
    }
}

/// A clock that stands still until it is set or moved; for tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows another time from now on.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves on by this much, or back when it is negative; it stops at the ends of what a timestamp can hold.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        *now = now.checked_add(by).unwrap_or(end);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(clock.now().as_second(), 60);
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        clock.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_steady_clock_follows_forward_and_never_back() {
        let noon: Timestamp = "2026-08-24T12:00:00Z".parse().unwrap();
        let clock = SteadyClock::over(ManualClock::at(noon));
        clock.clock.advance(SignedDuration::from_hours(1));
        let later = clock.now();
        assert!(later >= noon + SignedDuration::from_hours(1));
        clock.clock.set(noon);
        let (first, second) = (clock.now(), clock.now());
        assert!(later < first && first < second, "time goes on");
        assert!(second < later + SignedDuration::from_hours(1));
    }
}

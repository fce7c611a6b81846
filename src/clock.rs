//! The only reader of wall time; everything else is handed a clock or a point in time.

use std::sync::Arc;
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

/// A clock that never goes back, whatever is done to the one behind it. While that one shows a time before the latest
/// that was told, time goes on from there as fast as it passes; when it jumps ahead, so does this one, because a machine
/// that slept must not take an old proof for a fresh one.
pub struct SteadyClock {
    behind: Arc<dyn Clock>,
    latest: Mutex<(Timestamp, Instant)>,
}

impl SteadyClock {
    /// A clock that follows this one.
    pub fn new(behind: Arc<dyn Clock>) -> Self {
        let latest = Mutex::new((behind.now(), Instant::now()));
        Self { behind, latest }
    }

    /// From now on it shows no time before this one, such as that of a journal's last event.
    pub fn not_before(&self, time: Timestamp) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.0 < time {
            *latest = (time, Instant::now());
        }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let (shown, mut latest) = (self.behind.now(), self.latest.lock().unwrap_or_else(PoisonError::into_inner));
        if shown >= latest.0 {
            *latest = (shown, Instant::now());
            return shown;
        }
        let passed = SignedDuration::try_from(latest.1.elapsed()).unwrap_or(SignedDuration::MAX);
        latest.0.checked_add(passed).unwrap_or(Timestamp::MAX)
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
    fn a_steady_clock_jumps_ahead_and_never_back() {
        let machine = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let steady = SteadyClock::new(machine.clone());
        assert_eq!(steady.now(), Timestamp::UNIX_EPOCH);
        machine.advance(SignedDuration::from_hours(2));
        let ahead = steady.now();
        assert_eq!(ahead.as_second(), 7_200);
        machine.advance(SignedDuration::from_hours(-1));
        let (one, two) = (steady.now(), steady.now());
        assert!(ahead <= one && one <= two, "{one} {two}");
        machine.advance(SignedDuration::from_hours(3));
        assert_eq!(steady.now().as_second(), 14_400);
        steady.not_before(Timestamp::MAX);
        assert_eq!(steady.now(), Timestamp::MAX);
    }

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
}

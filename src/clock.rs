//! The only reader of wall time; everything else is handed a clock or a point in time.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

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

/// Time that has passed since some moment, time asleep included; nobody can set it.
type Passed = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A clock that never goes back and never stands still, whatever is done to the one behind it. It shows that one's time
/// or, where that is more, the latest time told and what has passed since: an old proof never becomes a fresh one because
/// a clock was set back while the machine or the program slept.
pub struct SteadyClock {
    behind: Arc<dyn Clock>,
    passed: Passed,
    latest: Mutex<(Timestamp, Duration)>,
}

impl SteadyClock {
    /// A clock that follows this one.
    pub fn new(behind: Arc<dyn Clock>) -> Self {
        Self::measured_by(behind, Arc::new(since_boot))
    }

    /// The same, with another measure of the time that passes; for tests.
    pub fn measured_by(behind: Arc<dyn Clock>, passed: Passed) -> Self {
        let latest = Mutex::new((behind.now(), passed()));
        Self { behind, passed, latest }
    }

    /// From now on it shows no time before this one, such as that of a journal's last event.
    pub fn not_before(&self, time: Timestamp) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = (self.passed)();
        if going_on(*latest, passed) < time {
            *latest = (time, passed);
        }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let (shown, passed) = (self.behind.now(), (self.passed)());
        *latest = (shown.max(going_on(*latest, passed)), passed);
        latest.0
    }
}

/// The time told at one moment, at a later one.
fn going_on((told, then): (Timestamp, Duration), passed: Duration) -> Timestamp {
    let since = SignedDuration::try_from(passed.saturating_sub(then)).unwrap_or(SignedDuration::MAX);
    told.checked_add(since).unwrap_or(Timestamp::MAX)
}

/// The system's clock that counts while the machine sleeps and that nobody sets.
#[cfg(unix)]
fn since_boot() -> Duration {
    use rustix::time::ClockId;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    // On macOS this one counts while asleep.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const CLOCK: ClockId = ClockId::Monotonic;
    rustix::time::clock_gettime(CLOCK).try_into().unwrap_or_default()
}

/// On Windows the monotonic clock counts while asleep.
#[cfg(not(unix))]
fn since_boot() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
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
        let steady = SteadyClock::measured_by(machine.clone(), Arc::new(Duration::default));
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
    fn a_clock_set_back_while_the_program_was_stopped_makes_nothing_younger() {
        let machine = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let slept = Arc::new(Mutex::new(Duration::ZERO));
        let passed = Arc::clone(&slept);
        let steady = SteadyClock::measured_by(machine.clone(), Arc::new(move || *passed.lock().unwrap()));
        let look = steady.now();
        // 62 seconds asleep, the machine's clock set back as much: it shows hardly more than before.
        *slept.lock().unwrap() = Duration::from_secs(65);
        machine.advance(SignedDuration::from_secs(3));
        assert_eq!(steady.now().duration_since(look), SignedDuration::from_secs(65));
        // What it told stays told, and it goes on from there.
        *slept.lock().unwrap() = Duration::from_secs(66);
        machine.set(Timestamp::UNIX_EPOCH);
        assert_eq!(steady.now().duration_since(look), SignedDuration::from_secs(66));
        steady.not_before(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(30));
        assert_eq!(steady.now().duration_since(look), SignedDuration::from_secs(66), "that is earlier");
    }

    #[cfg(unix)]
    #[test]
    fn the_measure_of_passing_time_goes_on() {
        let before = since_boot();
        assert!(!before.is_zero() && since_boot() >= before);
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

//! Staying under Graph's limits: two token buckets, one of resource units and one of writes, and what slows them.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// Resource units of a small tenant for one app (Microsoft Graph, "Service-specific throttling limits", identity and
/// access); larger tenants have more, and nothing says which size a tenant is.
const READS: (f64, f64) = (3_500.0, 10.0);
/// Writes of one app in one tenant (same document).
const WRITES: (f64, f64) = (3_000.0, 150.0);
/// The share of the quota that may leave at once, and the share that flows in over one window: together, no window ever
/// sees more than 95 % of the quota.
const BURST: f64 = 0.10;
const FLOW: f64 = 0.85;
/// How long one warning slows us.
const CAUTION: Duration = Duration::from_secs(30);
/// Graph's `x-ms-throttle-limit-percentage` from which on we slow down.
const WARNING: f64 = 0.8;

/// Resource units of the requests that are made here, `$select` counted (same document as [`READS`]).
pub(in crate::graph) mod units {
    /// `GET users/{id}`, `GET groups/{id}`, `GET organization`.
    pub(in crate::graph) const ENTITY: u32 = 1;
    /// `GET users` with `$select`.
    pub(in crate::graph) const USER_LIST: u32 = 1;
    /// `GET groups/{id}/members` with `$select`.
    pub(in crate::graph) const MEMBERS: u32 = 2;
    /// `GET users/{id}/memberOf` with `$select`.
    pub(in crate::graph) const MEMBER_OF: u32 = 1;
    /// `GET subscribedSkus`.
    pub(in crate::graph) const SKUS: u32 = 3;
}

/// One bucket. Times are counted from the start of the pace.
#[derive(Debug)]
struct Lane {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    at: Duration,
    held_until: Duration,
    slow_until: Duration,
    slow: f64,
}

impl Lane {
    fn of((quota, window): (f64, f64)) -> Self {
        Self {
            capacity: quota * BURST,
            per_second: quota * FLOW / window,
            tokens: quota * BURST,
            at: Duration::ZERO,
            held_until: Duration::ZERO,
            slow_until: Duration::ZERO,
            slow: 1.0,
        }
    }

    fn refill(&mut self, now: Duration, speed: f64) {
        let slowed = now.min(self.slow_until).saturating_sub(self.at).as_secs_f64();
        let whole = now.saturating_sub(self.at.max(self.slow_until)).as_secs_f64();
        let gained = (slowed * self.slow + whole) * self.per_second * speed;
        self.tokens = (self.tokens + gained).min(self.capacity);
        self.at = self.at.max(now);
    }

    /// How long until this much may be spent. A cost above the bucket's size waits for a full bucket.
    fn wait(&mut self, now: Duration, cost: f64, speed: f64) -> Duration {
        self.refill(now, speed);
        let missing = cost.min(self.capacity) - self.tokens;
        let rate = self.per_second * speed * if now < self.slow_until { self.slow } else { 1.0 };
        let filling =
            if cost > 0.0 && missing > 0.0 { Duration::from_secs_f64(missing / rate) } else { Duration::ZERO };
        let held = if cost > 0.0 { self.held_until.saturating_sub(now) } else { Duration::ZERO };
        filling.max(held)
    }

    fn caution(&mut self, now: Duration, percentage: f64, speed: f64) {
        self.refill(now, speed);
        self.slow = slowing(percentage);
        self.slow_until = now + CAUTION.div_f64(speed);
    }
}

/// The share of the usual flow that is left at this percentage of the limit: half at 0.8, a tenth from 1.2 on, where a
/// fifth of the requests is refused (Microsoft Graph, "Throttling guidance").
fn slowing(percentage: f64) -> f64 {
    (1.3 - percentage).clamp(0.1, 0.5)
}

/// Which bucket an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Side {
    Reads,
    Writes,
    Both,
}

#[derive(Debug)]
struct State {
    reads: Lane,
    writes: Lane,
    speed: f64,
}

impl State {
    fn new() -> Self {
        Self { reads: Lane::of(READS), writes: Lane::of(WRITES), speed: 1.0 }
    }

    fn wait(&mut self, now: Duration, units: u32, writes: u32) -> Duration {
        let reads = self.reads.wait(now, f64::from(units), self.speed);
        reads.max(self.writes.wait(now, f64::from(writes), self.speed))
    }

    /// Spends when both buckets allow it, and says how long to wait otherwise.
    fn take(&mut self, now: Duration, units: u32, writes: u32) -> Result<(), Duration> {
        let wait = self.wait(now, units, writes);
        if wait > Duration::ZERO {
            return Err(wait.max(Duration::from_millis(1)));
        }
        self.reads.tokens -= f64::from(units).min(self.reads.capacity);
        self.writes.tokens -= f64::from(writes).min(self.writes.capacity);
        Ok(())
    }

    fn lanes(&mut self, side: Side) -> impl Iterator<Item = &mut Lane> {
        let reads = (side != Side::Writes).then_some(&mut self.reads);
        let writes = (side != Side::Reads).then_some(&mut self.writes);
        reads.into_iter().chain(writes)
    }
}

/// The pace that all requests of one client keep together.
#[derive(Debug)]
pub(in crate::graph) struct Pace {
    start: Instant,
    state: Mutex<State>,
}

impl Pace {
    pub(in crate::graph) fn new() -> Self {
        Self { start: Instant::now(), state: Mutex::new(State::new()) }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State, Duration) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut state, self.start.elapsed())
    }

    /// Lets time count this many times as much: a simulated tenant that runs faster has shorter windows too.
    pub(in crate::graph) fn set_speed(&self, speed: f64) {
        let speed = if speed.is_finite() { speed.clamp(1.0, 1e6) } else { 1.0 };
        self.with(|state, _| state.speed = speed);
    }

    pub(in crate::graph) fn speed(&self) -> f64 {
        self.with(|state, _| state.speed)
    }

    /// Waits for a turn.
    pub(in crate::graph) async fn turn(&self, units: u32, writes: u32) {
        while let Err(wait) = self.with(|state, now| state.take(now, units, writes)) {
            tokio::time::sleep(wait).await;
        }
    }

    /// How long a read would wait for its turn now.
    pub(in crate::graph) fn read_wait(&self, units: u32) -> Duration {
        self.with(|state, now| state.wait(now, units, 0))
    }

    /// How long a write would wait for its turn now.
    pub(in crate::graph) fn write_wait(&self, writes: u32) -> Duration {
        self.with(|state, now| state.wait(now, writes, writes))
    }

    /// Nothing leaves on this side for so long, because the service asked for it.
    pub(in crate::graph) fn hold(&self, side: Side, wait: Duration) {
        self.with(|state, now| {
            for lane in state.lanes(side) {
                lane.held_until = lane.held_until.max(now.saturating_add(wait));
            }
        });
    }

    /// The service says how near its limit we are.
    pub(in crate::graph) fn heed(&self, side: Side, percentage: f64) {
        if percentage >= WARNING {
            self.with(|state, now| {
                let speed = state.speed;
                state.lanes(side).for_each(|lane| lane.caution(now, percentage, speed));
            });
        }
    }

    /// For how long something is held or slowed yet.
    pub(in crate::graph) fn slowed_for(&self) -> Option<Duration> {
        self.with(|state, now| {
            let end = state.lanes(Side::Both).map(|lane| lane.held_until.max(lane.slow_until)).max()?;
            end.checked_sub(now).filter(|left| !left.is_zero())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Spends as fast as allowed for a while and gives the points in time at which something left.
    fn greedy(state: &mut State, until: f64, units: u32, writes: u32) -> Vec<f64> {
        let (mut now, mut left) = (Duration::ZERO, Vec::new());
        while now < secs(until) {
            match state.take(now, units, writes) {
                Ok(()) => left.push(now.as_secs_f64()),
                Err(wait) => now += wait,
            }
        }
        left
    }

    fn busiest(left: &[f64], window: f64, cost: f64) -> f64 {
        let within = |from: f64| left.iter().filter(|at| (from..from + window).contains(*at)).map(|_| cost).sum();
        left.iter().map(|from| within(*from)).fold(0.0, f64::max)
    }

    #[test]
    fn no_window_of_150_seconds_sees_3000_writes() {
        let most = busiest(&greedy(&mut State::new(), 600.0, 20, 20), 150.0, 20.0);
        assert!((2_700.0..2_871.0).contains(&most), "{most}");
    }

    #[test]
    fn no_window_of_10_seconds_sees_3500_units() {
        let most = busiest(&greedy(&mut State::new(), 40.0, 20, 0), 10.0, 20.0);
        assert!((3_200.0..3_346.0).contains(&most), "{most}");
    }

    #[test]
    fn a_warning_slows_and_passes() {
        let mut state = State::new();
        while state.take(Duration::ZERO, 0, 20).is_ok() {}
        let usual = state.wait(Duration::ZERO, 0, 20);
        state.writes.caution(Duration::ZERO, 1.0, 1.0);
        assert!(state.wait(Duration::ZERO, 0, 20) > usual * 3);
        assert!(state.wait(CAUTION + secs(20.0), 0, 20).is_zero());
        assert!(slowing(0.8) > slowing(1.0) && slowing(1.0) > slowing(1.2) && slowing(1.8) >= 0.1);
    }

    #[test]
    fn a_hold_is_kept_on_its_side_only() {
        let mut state = State::new();
        state.lanes(Side::Writes).for_each(|lane| lane.held_until = secs(7.0));
        assert_eq!(state.take(Duration::ZERO, 1, 0), Ok(()));
        assert_eq!(state.take(secs(1.0), 1, 1), Err(secs(6.0)));
        assert_eq!(state.take(secs(7.0), 1, 1), Ok(()));
    }

    #[test]
    fn speed_shortens_the_windows() {
        let mut state = State { speed: 100.0, ..State::new() };
        let left = greedy(&mut state, 6.0, 20, 20);
        assert!(busiest(&left, 1.5, 20.0) > 2_700.0 && busiest(&left, 1.5, 20.0) < 3_000.0);
    }

    #[test]
    fn what_is_larger_than_the_bucket_still_leaves() {
        let mut state = State::new();
        assert_eq!(state.take(Duration::ZERO, 1_000_000, 0), Ok(()));
        assert!(state.take(Duration::ZERO, 1_000_000, 0).is_err());
        assert_eq!(state.take(secs(2.0), 1_000_000, 0), Ok(()));
    }
}

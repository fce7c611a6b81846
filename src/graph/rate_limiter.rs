//! Staying under Graph's limits: two token buckets, one of resource units and one of writes, and what slows them.

#[cfg(test)]
mod tests;
mod token_bucket;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::graph::rate_limiter::token_bucket::Quota;
use crate::graph::rate_limiter::token_bucket::TokenBucket;

/// Resource units of a small tenant for one app (Microsoft Graph, "Service-specific throttling limits", identity and
/// access); larger tenants have more, and nothing says which size a tenant is.
const READS: Quota = Quota { amount: 3_500.0, window: 10.0 };
/// Writes of one app in one tenant (same document). The quotas of an app over all tenants and of a tenant over all apps
/// are wider.
const WRITES: Quota = Quota { amount: 3_000.0, window: 150.0 };
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

/// Which bucket an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Side {
    Reads,
    Writes,
    Both,
}

#[derive(Debug)]
struct State {
    reads: TokenBucket,
    writes: TokenBucket,
    speed: f64,
}

impl State {
    fn new() -> Self {
        Self { reads: TokenBucket::full(READS), writes: TokenBucket::empty(WRITES), speed: 1.0 }
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
        self.reads.spend(f64::from(units));
        self.writes.spend(f64::from(writes));
        Ok(())
    }

    fn lanes(&mut self, side: Side) -> impl Iterator<Item = &mut TokenBucket> {
        let reads = (side != Side::Writes).then_some(&mut self.reads);
        let writes = (side != Side::Reads).then_some(&mut self.writes);
        reads.into_iter().chain(writes)
    }
}

/// The pace that all requests of one client keep together.
#[derive(Debug)]
pub(in crate::graph) struct RateLimiter {
    start: Instant,
    state: Mutex<State>,
}

impl RateLimiter {
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
    pub(in crate::graph) async fn acquire(&self, units: u32, writes: u32) {
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
        self.with(|state, now| state.lanes(side).for_each(|lane| lane.hold(now.saturating_add(wait))));
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
            let end = state.lanes(Side::Both).map(|lane| lane.hindered_until()).max()?;
            end.checked_sub(now).filter(|left| !left.is_zero())
        })
    }
}

//! Staying under Graph's limits: token buckets of resource units and of writes, and what slows them.

mod observed_rate;
#[cfg(test)]
mod tests;
mod token_bucket;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::throttle::Limit;
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
/// The longest wait that is obeyed to the letter. After it a service that asked for more is asked again.
pub(in crate::graph) const LONGEST_HOLD: Duration = Duration::from_mins(10);

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
    /// `GET subscribedSkus` with `$select`.
    pub(in crate::graph) const SKUS: u32 = 2;
}

/// Which bucket an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Side {
    Reads,
    Writes,
    Both,
}

impl Side {
    /// The limit that an answer speaks of.
    pub(in crate::graph) fn limit(self) -> Limit {
        match self {
            Self::Reads => Limit::Reads,
            Self::Writes => Limit::Writes,
            Self::Both => Limit::Both,
        }
    }
}

#[derive(Debug)]
struct State {
    /// The resource units of all requests together, writes too.
    units: TokenBucket,
    /// What the service says to reads. A write does not wait for that.
    reads: TokenBucket,
    writes: TokenBucket,
    speed: f64,
}

impl State {
    fn new() -> Self {
        let (units, reads, writes) = (TokenBucket::full(READS), TokenBucket::full(READS), TokenBucket::empty(WRITES));
        Self { units, reads, writes, speed: 1.0 }
    }

    fn wait(&mut self, now: Duration, units: u32, writes: u32) -> Duration {
        let (speed, cost) = (self.speed, f64::from(units));
        let side = match writes {
            0 => self.reads.wait(now, cost, speed),
            _ => self.writes.wait(now, f64::from(writes), speed),
        };
        side.max(self.units.wait(now, cost, speed))
    }

    /// Spends when the buckets allow it, and says how long to wait otherwise.
    fn take(&mut self, now: Duration, units: u32, writes: u32) -> Result<(), Duration> {
        let wait = self.wait(now, units, writes);
        if wait > Duration::ZERO {
            return Err(wait.max(Duration::from_millis(1)));
        }
        let (speed, cost) = (self.speed, f64::from(units));
        self.units.spend(now, cost, speed);
        match writes {
            0 => self.reads.spend(now, cost, speed),
            _ => self.writes.spend(now, f64::from(writes), speed),
        }
        Ok(())
    }

    /// Nothing leaves on this side for as long as the service asked.
    fn hold(&mut self, now: Duration, side: Side, asked: Duration) {
        for lane in self.lanes(side) {
            lane.hold(now + asked.min(LONGEST_HOLD));
            lane.note(now, asked);
        }
    }

    /// The service refused so much for haste. `asked` is what it named; without that we wait for a time of our own.
    fn refused(&mut self, now: Duration, side: Side, asked: Option<Duration>, cost: u32, jitter: f64) {
        let speed = self.speed;
        for lane in self.lanes(side) {
            let wait = asked.map(|asked| asked.min(LONGEST_HOLD)).or_else(|| lane.own_wait(now, jitter, speed));
            let until = wait.map_or(lane.held_until(), |wait| now + wait);
            lane.refused(now, until, f64::from(cost), speed);
            lane.note(now, asked.unwrap_or_default());
        }
    }

    /// How many writes may go in one request. A service that lets little through is not sent twenty at once, most of which
    /// it would refuse.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least one and at most a burst")]
    fn batch(&self, now: Duration) -> usize {
        self.writes.most_at_once(now, self.speed) as usize
    }

    fn lanes(&mut self, side: Side) -> impl Iterator<Item = &mut TokenBucket> {
        let reads = (side != Side::Writes).then_some(&mut self.reads);
        let writes = (side != Side::Reads).then_some(&mut self.writes);
        reads.into_iter().chain(writes)
    }
}

/// What hinders now, and how long yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::graph) struct Hindrance {
    /// No read leaves.
    pub(in crate::graph) reads_held: Option<Duration>,
    /// No write leaves.
    pub(in crate::graph) writes_held: Option<Duration>,
    /// A warning slows us.
    pub(in crate::graph) cautious: Option<Duration>,
    /// How long the service asked to be left alone, where that is longer than we wait.
    pub(in crate::graph) asked: Option<Duration>,
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

    /// How many writes may go in one request now.
    pub(in crate::graph) fn batch(&self) -> usize {
        self.with(|state, now| state.batch(now))
    }

    /// Nothing leaves on this side for so long.
    pub(in crate::graph) fn hold(&self, side: Side, wait: Duration) {
        self.with(|state, now| state.hold(now, side, wait));
    }

    /// The service refused requests of this cost for haste. `asked` is the wait that it named, if any.
    pub(in crate::graph) fn refused(&self, side: Side, asked: Option<Duration>, cost: u32) {
        let asked = asked.filter(|asked| !asked.is_zero());
        self.with(|state, now| state.refused(now, side, asked, cost, fastrand::f64()));
    }

    /// A request of this side was let through.
    pub(in crate::graph) fn let_through(&self, side: Side) {
        self.with(|state, now| state.lanes(side).for_each(|lane| lane.let_through(now)));
    }

    /// The service is asked again at once although it asked for more than the longest wait. A wait that we keep to the
    /// letter is kept.
    pub(in crate::graph) fn ask_again(&self) {
        self.with(|state, now| {
            let long = state.lanes(Side::Both).filter(|lane| lane.asked_until().is_some());
            long.for_each(|lane| lane.release(now));
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

    /// What hinders now.
    pub(in crate::graph) fn hindrance(&self) -> Hindrance {
        self.with(|state, now| {
            let left = |until: Duration| until.checked_sub(now).filter(|left| !left.is_zero());
            let cautious = left(state.reads.slow_until().max(state.writes.slow_until()));
            let (reads_held, writes_held) = (left(state.reads.held_until()), left(state.writes.held_until()));
            let asked = state.reads.asked_until().max(state.writes.asked_until()).and_then(left);
            Hindrance { reads_held, writes_held, cautious, asked }
        })
    }
}

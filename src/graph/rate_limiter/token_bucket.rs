//! One quota as a token bucket, in pure time: what may leave now, and how long the next request waits.

use std::time::Duration;

/// A published quota: so much in any window of so many seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// How much may leave in one window.
    pub(super) amount: f64,
    /// The window, in seconds.
    pub(super) window: f64,
}

/// The share of the quota that may leave at once, and the share that flows in over one window. A window sees at most
/// the sum of both; what is missing to the whole is the margin for requests that catch up with each other on the way.
const BURST: f64 = 0.02;
const FLOW: f64 = 0.975;
/// How long one warning slows us.
pub(super) const CAUTION: Duration = Duration::from_secs(30);

impl Quota {
    /// The most that leaves at once.
    pub(super) fn burst(self) -> f64 {
        self.amount * BURST
    }

    /// What flows in each second.
    pub(super) fn per_second(self) -> f64 {
        self.amount * FLOW / self.window
    }
}

/// The bucket of one quota. Times are counted from the start of the pace.
#[derive(Debug)]
pub(super) struct TokenBucket {
    quota: Quota,
    /// Below zero after a request that costs more than the bucket holds.
    tokens: f64,
    at: Duration,
    held_until: Duration,
    slow_until: Duration,
    slow: f64,
}

impl TokenBucket {
    /// A bucket with nothing in it, so that what an earlier process sent a moment ago and what this one sends stay below
    /// the quota together.
    pub(super) fn empty(quota: Quota) -> Self {
        let zero = Duration::ZERO;
        Self { quota, tokens: 0.0, at: zero, held_until: zero, slow_until: zero, slow: 1.0 }
    }

    /// A bucket from which a burst may leave at once.
    pub(super) fn full(quota: Quota) -> Self {
        Self { tokens: quota.burst(), ..Self::empty(quota) }
    }

    /// How long until this much may be spent. What the bucket cannot hold waits until it is full.
    pub(super) fn wait(&mut self, now: Duration, cost: f64, speed: f64) -> Duration {
        if cost <= 0.0 {
            return Duration::ZERO;
        }
        self.refill(now, speed);
        let filling = self.filling(now, cost.min(self.quota.burst()) - self.tokens, speed);
        filling.max(self.held_until.saturating_sub(now))
    }

    /// Spends; what the bucket does not have is owed, and later requests wait for it.
    pub(super) fn spend(&mut self, cost: f64) {
        self.tokens -= cost;
    }

    /// Nothing leaves before then.
    pub(super) fn hold(&mut self, until: Duration) {
        self.held_until = self.held_until.max(until);
    }

    /// The service says how near its limit we are: less flows in for a while.
    pub(super) fn caution(&mut self, now: Duration, percentage: f64, speed: f64) {
        self.refill(now, speed);
        self.slow = slowing(percentage);
        self.slow_until = now + CAUTION.div_f64(speed);
    }

    /// Until when it is held or slowed.
    pub(super) fn hindered_until(&self) -> Duration {
        self.held_until.max(self.slow_until)
    }

    fn refill(&mut self, now: Duration, speed: f64) {
        let slowed = now.min(self.slow_until).saturating_sub(self.at).as_secs_f64();
        let whole = now.saturating_sub(self.at.max(self.slow_until)).as_secs_f64();
        let gained = (slowed * self.slow + whole) * self.quota.per_second() * speed;
        self.tokens = (self.tokens + gained).min(self.quota.burst());
        self.at = self.at.max(now);
    }

    /// How long until so much more has flowed in, slowly at first while a warning lasts.
    fn filling(&self, now: Duration, missing: f64, speed: f64) -> Duration {
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        let seconds = missing / (self.quota.per_second() * speed);
        let slow_for = self.slow_until.saturating_sub(now).as_secs_f64();
        let slowly = slow_for.min(seconds / self.slow);
        Duration::from_secs_f64(slowly + seconds - slowly * self.slow)
    }
}

/// The share of the usual flow that is left at this percentage of the limit: all of it below 0.8, half at 1.0, a tenth
/// near 1.2, where a fifth of the requests is refused (Microsoft Graph, "Throttling guidance"). It falls steadily,
/// because a service that counts what we sent tells 0.9 to whoever keeps nine tenths of its quota and does no wrong.
pub(super) fn slowing(percentage: f64) -> f64 {
    (3.0 - 2.5 * percentage).clamp(0.1, 1.0)
}

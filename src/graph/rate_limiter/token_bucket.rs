//! One quota as a token bucket, in pure time: what may leave now, and how long the next request waits.

use std::time::Duration;

use crate::graph::rate_limiter::LONGEST_HOLD;
use crate::graph::rate_limiter::observed_rate::ObservedRate;
use crate::graph::rate_limiter::observed_rate::Passed;

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
/// What leaves at once while an observed rate is kept: as much as flows in during so many seconds.
const OBSERVED_BURST: f64 = 0.5;
/// The first wait of our own choice after a refusal for haste; each further one in a row doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait of our own choice.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

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
    /// Until when the service asked to be left alone, where that is more than [`LONGEST_HOLD`].
    asked_until: Option<Duration>,
    slow_until: Duration,
    slow: f64,
    /// What left lately and was let through, as far as is known.
    passed: Passed,
    /// The rate that the service let through when it refused us for haste, where that is less than the quota's.
    observed: Option<ObservedRate>,
    /// Refusals in a row that named no time.
    unhinted: u32,
}

impl TokenBucket {
    /// A bucket with nothing in it, so that what an earlier process sent a moment ago and what this one sends stay below
    /// the quota together.
    pub(super) fn empty(quota: Quota) -> Self {
        let zero = Duration::ZERO;
        let (passed, observed, asked_until) = (Passed::default(), None, None);
        Self {
            quota,
            tokens: 0.0,
            at: zero,
            held_until: zero,
            asked_until,
            slow_until: zero,
            slow: 1.0,
            passed,
            observed,
            unhinted: 0,
        }
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
        let from = now.max(self.at);
        let filling = self.filling(from, cost.min(self.most_at_once(from, speed)) - self.tokens, speed);
        from.saturating_sub(now).saturating_add(filling).max(self.held_until.saturating_sub(now))
    }

    /// Spends; what the bucket does not have is owed, and later requests wait for it.
    pub(super) fn spend(&mut self, now: Duration, cost: f64, speed: f64) {
        if cost > 0.0 {
            self.tokens -= cost;
            self.passed.sent(now, cost, speed);
        }
    }

    /// Nothing leaves before then.
    pub(super) fn hold(&mut self, until: Duration) {
        self.held_until = self.held_until.max(until);
    }

    /// The service refused this much of what was spent, for haste, and nothing leaves before `until`. Once enough was let
    /// through to tell a rate, that rate is kept from then on.
    pub(super) fn refused(&mut self, now: Duration, until: Duration, cost: f64, speed: f64) {
        self.refill(now, speed);
        self.passed.refused(cost);
        self.hold(until);
        let whole = self.quota.per_second() * speed;
        let rate = self.passed.rate(self.held_until, speed).filter(|rate| *rate < whole);
        self.observed = ObservedRate::after(self.observed, rate, now, self.held_until);
        if self.observed.is_some() {
            // What the service allows again at that moment is not known to be more than one request.
            self.tokens = self.tokens.min(0.0);
            self.at = self.held_until;
        }
    }

    /// A refusal for haste that names no time: how long to wait then. The first is followed by a second, each further
    /// one in a row by twice as much. `None` while an earlier one is being waited for.
    pub(super) fn own_wait(&mut self, now: Duration, jitter: f64, speed: f64) -> Option<Duration> {
        if now < self.held_until {
            return None;
        }
        let doubled = FIRST_WAIT.saturating_mul(1 << self.unhinted.min(16)).min(LONGEST_WAIT);
        self.unhinted += 1;
        Some(doubled.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0).div_f64(speed))
    }

    /// Something was let through.
    pub(super) fn let_through(&mut self, now: Duration) {
        self.unhinted = 0;
        if now >= self.held_until {
            self.asked_until = None;
        }
    }

    /// Notes a wait that is longer than we wait.
    pub(super) fn note(&mut self, now: Duration, asked: Duration) {
        if asked > LONGEST_HOLD {
            self.asked_until = self.asked_until.max(Some(now.saturating_add(asked)));
        }
    }

    /// What was held may leave now, because the operator wants it so.
    pub(super) fn release(&mut self, now: Duration) {
        self.asked_until = None;
        self.held_until = self.held_until.min(now);
        self.at = self.at.min(now);
    }

    /// The service says how near its limit we are: less flows in for a while.
    pub(super) fn caution(&mut self, now: Duration, percentage: f64, speed: f64) {
        self.refill(now, speed);
        self.slow = slowing(percentage);
        self.slow_until = now + CAUTION.div_f64(speed);
        // Where a rate is known, the warning only keeps it from growing.
        if let Some(observed) = &mut self.observed {
            observed.restart(now);
        }
    }

    /// Until when it is held.
    pub(super) fn held_until(&self) -> Duration {
        self.held_until
    }

    /// Until when the service asked to be left alone, where that is longer than we wait.
    pub(super) fn asked_until(&self) -> Option<Duration> {
        self.asked_until
    }

    /// Until when a warning slows it.
    pub(super) fn slow_until(&self) -> Duration {
        self.slow_until
    }

    /// The most that leaves at once.
    pub(super) fn most_at_once(&self, now: Duration, speed: f64) -> f64 {
        let whole = self.quota.burst();
        let observed = self.observed.as_ref().map(|observed| observed.at(now.max(self.at), speed) / speed);
        observed.map_or(whole, |rate| (rate * OBSERVED_BURST).clamp(1.0, whole))
    }

    fn refill(&mut self, now: Duration, speed: f64) {
        if now <= self.at {
            return;
        }
        let whole_rate = self.quota.per_second() * speed;
        if self.observed.as_ref().is_some_and(|observed| observed.at(now, speed) >= whole_rate) {
            self.observed = None;
        }
        let gained = if let Some(observed) = &self.observed {
            now.saturating_sub(self.at).as_secs_f64() * observed.at(now, speed)
        } else {
            let slowed = now.min(self.slow_until).saturating_sub(self.at).as_secs_f64();
            let whole = now.saturating_sub(self.at.max(self.slow_until)).as_secs_f64();
            (slowed * self.slow + whole) * whole_rate
        };
        self.tokens = (self.tokens + gained).min(self.most_at_once(now, speed));
        self.at = now;
    }

    /// How long from then until so much more has flowed in, slowly at first while a warning lasts.
    fn filling(&self, from: Duration, missing: f64, speed: f64) -> Duration {
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        if let Some(observed) = &self.observed {
            return Duration::from_secs_f64(missing / observed.at(from, speed));
        }
        let seconds = missing / (self.quota.per_second() * speed);
        let slow_for = self.slow_until.saturating_sub(from).as_secs_f64();
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

//! The tenant's own time: wall time from the start, then as fast as it is told, frozen or pushed ahead.
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tenant time and the wall time that goes with it.
///
/// Tenant time moves `speed` times as fast as real time and carries all that the tenant does (group-based licensing, lags,
/// quota windows, dates of its objects and of its answers). Wall time carries what a client compares with its own clock (the
/// expiry of tokens); only `advance` moves it beside real time.
#[derive(Debug)]
pub(crate) struct SimClock {
    speed: f64,
    frozen: bool,
    tenant_then: Timestamp,
    wall_then: Timestamp,
    ahead: Duration,
    then: Instant,
}

impl SimClock {
    /// A clock that shows wall time now and runs `speed` times as fast.
    pub(crate) fn new(speed: f64) -> Self {
        let now = wall_now();
        Self { speed, frozen: false, tenant_then: now, wall_then: now, ahead: Duration::ZERO, then: Instant::now() }
    }

    /// Tenant time.
    pub(crate) fn now(&self) -> Timestamp {
        if self.frozen {
            return self.tenant_then;
        }
        later(self.tenant_then, scale(self.then.elapsed(), self.speed))
    }

    /// Wall time plus whatever the tenant was advanced by.
    pub(crate) fn wall(&self) -> Timestamp {
        later(self.wall_then, self.then.elapsed())
    }

    /// What a client's own clock shows, which no `advance` moves.
    pub(crate) fn outside(&self) -> Timestamp {
        earlier(self.wall(), self.ahead)
    }

    /// How many times as fast as real time the tenant runs.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether tenant time stands still.
    pub(crate) fn frozen(&self) -> bool {
        self.frozen
    }

    /// Jumps ahead by tenant time; works on a frozen clock too.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.settle();
        self.tenant_then = later(self.tenant_then, by);
        self.wall_then = later(self.wall_then, by);
        self.ahead = self.ahead.saturating_add(by);
    }

    /// Stops or restarts tenant time.
    pub(crate) fn set_frozen(&mut self, frozen: bool) {
        self.settle();
        self.frozen = frozen;
    }

    /// Changes the pace from now on.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        self.settle();
        self.speed = speed;
    }

    fn settle(&mut self) {
        (self.tenant_then, self.wall_then, self.then) = (self.now(), self.wall(), Instant::now());
    }
}

/// A time later by `by`, at the end of time if need be.
pub(crate) fn later(time: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// A time earlier by `by`, at the beginning of time if need be.
pub(crate) fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

/// `duration` times `factor`, never panicking.
pub(crate) fn scale(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// The way Graph writes a time: whole seconds, UTC, `Z`.
pub(crate) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The way HTTP writes a time.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[expect(clippy::disallowed_methods, reason = "the simulator's clock is one of the two places that read wall time")]
fn wall_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tenant_time_runs_at_its_speed() {
        let clock = SimClock::new(60.0);
        let start = clock.now();
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_mins(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_frozen_clock_moves_only_when_advanced() {
        let mut clock = SimClock::new(10.0);
        clock.set_frozen(true);
        let start = clock.now();
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(3));
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(3));
        clock.set_frozen(false);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(13));
    }
}

//! Quotas as Graph's identity service has them: resource units and writes, per application and tenant.
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::answer::Refusal;
use crate::sim::clock::{earlier, later, scale};

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Resource units.
    pub(crate) units: u32,
    /// Writes.
    pub(crate) writes: u32,
    /// Reads of the audit log, which another service meters.
    pub(crate) reports: u32,
}

impl Cost {
    /// Resource units and writes of the identity service.
    pub(crate) fn identity(units: u32, writes: u32) -> Self {
        Self { units, writes, reports: 0 }
    }
}

/// How urgent the client says a request is (`x-ms-throttle-priority`). It raises no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Shed first.
    Low,
    /// Everything else; `High` is treated alike here.
    Normal,
}

/// The quotas. Microsoft Learn, "Microsoft Graph service-specific throttling limits", identity and access.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quotas {
    /// Whether there are any.
    pub(crate) on: bool,
    /// Resource units per 10 seconds for an application in a tenant; none: by the tenant's size.
    pub(crate) units: Option<u32>,
    /// Writes per 150 seconds for an application in a tenant.
    pub(crate) writes: u32,
    /// Writes per 5 minutes for all applications together.
    pub(crate) tenant_writes: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { on: true, units: None, writes: 3_000, tenant_writes: 18_000 }
    }
}

/// What may not be asked again before when, and how full each bucket is.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    buckets: HashMap<(String, Kind), Bucket>,
    not_before: HashMap<String, Timestamp>,
}

/// One of the quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Units,
    Writes,
    TenantWrites,
    Reports,
}

/// A bucket that fills by itself. It goes below empty, because refused requests count as well.
#[derive(Debug)]
struct Bucket {
    level: f64,
    at: Timestamp,
}

/// Reads of the audit log per 10 seconds for an application in a tenant.
const REPORTS: u32 = 5;
/// The share of the quota from which on a client is told how near the limit it is.
const TELL_FROM: f64 = 0.8;
/// How far below empty a bucket goes: a usage of 1.8, the highest that Graph tells.
const FLOOR: f64 = -0.8;

impl Throttle {
    /// Charges a request. Ok gives the share of a quota that is used up, if it is high enough to be told; Err gives what was
    /// exceeded and the tenant time to wait.
    pub(crate) fn charge(
        &mut self,
        quotas: Quotas,
        users: usize,
        app: &str,
        cost: Cost,
        priority: Priority,
        now: Timestamp,
    ) -> Result<Option<f64>, (Exceeded, Duration)> {
        if !quotas.on {
            return Ok(None);
        }
        let units = quotas.units.unwrap_or_else(|| units_for(users));
        let mut used = 0.0_f64;
        for (kind, owner, capacity, window, cost) in [
            (Kind::Units, app, units, 10, cost.units),
            (Kind::Writes, app, quotas.writes, 150, cost.writes),
            (Kind::TenantWrites, "", quotas.tenant_writes, 300, cost.writes),
            (Kind::Reports, app, REPORTS, 10, cost.reports),
        ] {
            if cost == 0 {
                continue;
            }
            let (capacity, cost, window) = (f64::from(capacity), f64::from(cost), f64::from(window));
            let fresh = Bucket { level: capacity, at: now };
            let bucket = self.buckets.entry((owner.to_owned(), kind)).or_insert(fresh);
            let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
            bucket.level = (bucket.level + passed * capacity / window).min(capacity);
            bucket.at = now;
            let reserve = if priority == Priority::Low { capacity * (1.0 - TELL_FROM) } else { 0.0 };
            let enough = bucket.level >= cost + reserve;
            bucket.level = (bucket.level - cost).max(capacity * FLOOR);
            let share = 1.0 - bucket.level / capacity;
            if !enough {
                let missing = cost + reserve - bucket.level;
                let wait = Duration::try_from_secs_f64(missing * window / capacity).unwrap_or_default();
                return Err((Exceeded { kind, share }, wait));
            }
            used = used.max(share);
        }
        Ok((used > TELL_FROM).then_some(used))
    }

    /// Notes that a request may not come again before a time.
    pub(crate) fn hold(&mut self, request: String, until: Timestamp) {
        self.not_before.insert(request, until);
    }

    /// Whether a request comes before its time.
    pub(crate) fn early(&mut self, request: &str, now: Timestamp) -> bool {
        let early = self.not_before.get(request).is_some_and(|until| now < *until);
        if !early {
            self.not_before.remove(request);
        }
        early
    }
}

/// A quota that was exceeded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exceeded {
    kind: Kind,
    share: f64,
}

impl Exceeded {
    /// The 429 for it, with the seconds of real time to wait.
    pub(crate) fn refusal(self, app: &str, tenant: Uuid, seconds: u64) -> Refusal {
        let (scope, what) = match self.kind {
            Kind::Units => ("Tenant_Application/ReadWrite", "ResourceUnitLimitExceeded"),
            Kind::Writes => ("Tenant_Application/Write", "WriteLimitExceeded"),
            Kind::TenantWrites => ("Tenant/Write", "WriteLimitExceeded"),
            Kind::Reports => ("Tenant_Application/Read", "RequestLimitExceeded"),
        };
        Refusal::new(429, "TooManyRequests", "Too many requests")
            .with("Retry-After", seconds.to_string())
            .with("x-ms-throttle-limit-percentage", format!("{:.1}", self.share.clamp(TELL_FROM, 1.8)))
            .with("x-ms-throttle-scope", format!("{scope}/{app}/{tenant}"))
            .with("x-ms-throttle-information", what)
    }
}

/// Real seconds to wait, rounded up, for a time of the tenant.
pub(crate) fn retry_after(wait: Duration, speed: f64) -> u64 {
    let real = scale(wait, speed.recip());
    real.as_secs().saturating_add(u64::from(real.subsec_nanos() > 0)).max(1)
}

/// When a client that obeys may come again, by wall time.
pub(crate) fn not_before(now: Timestamp, seconds: f64) -> Timestamp {
    // Clocks and sleeps are not exact to the millisecond; a client that slept the whole time is not early.
    let slack = Duration::from_millis(20);
    earlier(later(now, Duration::try_from_secs_f64(seconds).unwrap_or_default()), slack)
}

fn units_for(users: usize) -> u32 {
    match users {
        0..50 => 3_500,
        50..=500 => 5_000,
        _ => 8_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Cost = Cost { units: 1, writes: 1, reports: 0 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn spend(throttle: &mut Throttle, times: usize, cost: Cost, now: Timestamp) -> usize {
        let quotas = Quotas::default();
        (0..times).filter(|_| throttle.charge(quotas, 10_000, "app", cost, Priority::Normal, now).is_ok()).count()
    }

    #[test]
    fn three_thousand_writes_then_twenty_a_second() {
        let mut throttle = Throttle::default();
        assert_eq!(spend(&mut throttle, 3_000, WRITE, at(0)), 3_000);
        let wait = throttle.charge(Quotas::default(), 10_000, "app", WRITE, Priority::Normal, at(0)).unwrap_err().1;
        assert_eq!(wait, Duration::from_millis(100), "the refused one counts as well");
        assert_eq!(spend(&mut throttle, 100, WRITE, at(1)), 19);
        assert!(throttle.charge(Quotas::default(), 1, "other", WRITE, Priority::Normal, at(0)).is_ok());
    }

    #[test]
    fn a_client_that_does_not_stop_waits_ever_longer() {
        let mut throttle = Throttle::default();
        let read = Cost::identity(1, 0);
        spend(&mut throttle, 10_000, read, at(0));
        let (exceeded, wait) =
            throttle.charge(Quotas::default(), 10_000, "app", read, Priority::Normal, at(0)).unwrap_err();
        assert!(wait > Duration::from_secs(2), "{wait:?}");
        let refusal = exceeded.refusal("app", Uuid::nil(), retry_after(wait, 1.0));
        assert!(refusal.headers.contains(&("x-ms-throttle-information", "ResourceUnitLimitExceeded".to_owned())));
    }

    #[test]
    fn low_priority_is_shed_first_and_the_share_is_told() {
        let mut throttle = Throttle::default();
        spend(&mut throttle, 2_500, WRITE, at(0));
        let quotas = Quotas::default();
        assert!(throttle.charge(quotas, 10_000, "app", WRITE, Priority::Low, at(0)).is_err());
        let told = throttle.charge(quotas, 10_000, "app", WRITE, Priority::Normal, at(0)).unwrap().unwrap();
        assert!((0.83..0.84).contains(&told), "{told}");
    }

    #[test]
    fn retry_after_is_in_real_seconds() {
        assert_eq!(retry_after(Duration::from_mins(2), 60.0), 2);
        assert_eq!(retry_after(Duration::from_millis(1), 1.0), 1);
    }
}

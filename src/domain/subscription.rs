//! The subscriptions behind a product: whether one that users are to get ends soon, is a trial, or is past its end.

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::SkuId;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// An end that is nearer than this is told of.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One subscription of the tenant (Microsoft Graph reference, "companySubscription resource type").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The product.
    pub sku: SkuId,
    /// Graph's word, such as `Enabled`, or `Warning` in the grace period.
    pub status: String,
    /// Whether it is a trial.
    pub trial: bool,
    /// The seats of it; `None` when Graph does not tell.
    pub seats: Option<i64>,
    /// When it goes to its next state, unless it is renewed; `None` when Graph does not tell.
    pub next_state: Option<Timestamp>,
}

impl Subscription {
    /// What the operator should know before users depend on it, as the end of a sentence that begins with the product;
    /// `None` when there is nothing. One that has ended has no seats any more, which is told elsewhere.
    pub fn caution(&self, now: Timestamp) -> Option<String> {
        let is = |word: &str| self.status.eq_ignore_ascii_case(word);
        let day = self.next_state.map(|at| at.to_zoned(TimeZone::UTC).date());
        let seats = match self.seats {
            Some(1) => " of 1 seat".to_owned(),
            Some(seats) => format!(" of {seats} seats"),
            None => String::new(),
        };
        if is("Warning") {
            let until = day.map(|day| format!(" until {day}")).unwrap_or_default();
            return Some(format!("a subscription{seats} has ended and is in its grace period{until}"));
        }
        if !is("Enabled") {
            return None;
        }
        let soon = self.next_state.is_some_and(|at| at.duration_since(now) < SOON);
        let ends = day.map(|day| format!(" ends on {day} unless it is renewed"));
        match (self.trial, ends) {
            (true, None) => Some(format!("a subscription{seats} is a trial")),
            (true, Some(ends)) => Some(format!("a trial{seats}{ends}")),
            (false, Some(ends)) if soon => Some(format!("a subscription{seats}{ends}")),
            (false, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn caution(status: &str, trial: bool, next_state: Option<&str>) -> Option<String> {
        let next_state = next_state.map(|at| at.parse().unwrap());
        let one = Subscription { sku: SkuId(Uuid::nil()), status: status.into(), trial, seats: Some(25), next_state };
        one.caution("2026-11-26T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_end_within_thirty_days_is_told_and_a_later_one_is_not() {
        let soon = caution("Enabled", false, Some("2026-12-26T11:59:59Z"));
        assert_eq!(soon.as_deref(), Some("a subscription of 25 seats ends on 2026-12-26 unless it is renewed"));
        assert_eq!(caution("Enabled", false, Some("2026-12-26T12:00:00Z")), None);
        assert_eq!(caution("Enabled", false, None), None);
        let past = caution("enabled", false, Some("2026-11-01T00:00:00Z"));
        assert!(past.is_some(), "an end that has passed without a new state is no comfort");
    }

    #[test]
    fn a_trial_is_told_however_far_its_end() {
        let trial = caution("Enabled", true, Some("2027-11-01T00:00:00Z"));
        assert_eq!(trial.as_deref(), Some("a trial of 25 seats ends on 2027-11-01 unless it is renewed"));
        assert_eq!(caution("Enabled", true, None).as_deref(), Some("a subscription of 25 seats is a trial"));
    }

    #[test]
    fn the_grace_period_is_told_and_what_is_over_is_not() {
        let grace = caution("Warning", false, Some("2026-12-20T00:00:00Z"));
        let text = "a subscription of 25 seats has ended and is in its grace period until 2026-12-20";
        assert_eq!(grace.as_deref(), Some(text));
        for over in ["Suspended", "Deleted", "LockedOut", "Thriving", ""] {
            assert_eq!(caution(over, true, Some("2026-11-27T00:00:00Z")), None, "{over}");
        }
    }
}

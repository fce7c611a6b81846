//! The subscriptions behind a product: whether one that users are to get ends soon, is a trial, or is past its end.

use jiff::civil::Date;
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

/// What the operator should know of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caution {
    /// What is unusual about it.
    pub state: CautionState,
    /// The seats of it; `None` when Graph does not tell.
    pub seats: Option<i64>,
    /// When that ends, unless it is renewed; `None` when Graph does not tell.
    pub next_state: Option<Timestamp>,
}

impl Caution {
    /// The day on which that ends, in UTC.
    pub fn day(self) -> Option<Date> {
        self.next_state.map(|at| at.to_zoned(TimeZone::UTC).date())
    }
}

/// What is unusual about a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CautionState {
    /// It has ended and is in its grace period.
    InGrace,
    /// It is a trial.
    Trial,
    /// It ends within 30 days.
    EndsSoon,
}

impl Subscription {
    /// What the operator should know before users depend on it; `None` when there is nothing. One that has ended has no
    /// seats any more, which is told elsewhere.
    pub fn caution(&self, now: Timestamp) -> Option<Caution> {
        let is = |word: &str| self.status.eq_ignore_ascii_case(word);
        let soon = self.next_state.is_some_and(|at| at.duration_since(now) < SOON);
        let of = |state| Caution { state, seats: self.seats, next_state: self.next_state };
        if is("Warning") {
            return Some(of(CautionState::InGrace));
        }
        if !is("Enabled") {
            return None;
        }
        match self.trial {
            true => Some(of(CautionState::Trial)),
            false if soon => Some(of(CautionState::EndsSoon)),
            false => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn caution(status: &str, trial: bool, next_state: Option<&str>) -> Option<CautionState> {
        let next_state = next_state.map(|at| at.parse().unwrap());
        let one = Subscription { sku: SkuId(Uuid::nil()), status: status.into(), trial, seats: Some(25), next_state };
        one.caution("2026-11-26T12:00:00Z".parse().unwrap()).map(|caution| caution.state)
    }

    #[test]
    fn an_end_within_thirty_days_is_told_and_a_later_one_is_not() {
        let soon = caution("Enabled", false, Some("2026-12-26T11:59:59Z"));
        assert_eq!(soon, Some(CautionState::EndsSoon));
        assert_eq!(caution("Enabled", false, Some("2026-12-26T12:00:00Z")), None);
        assert_eq!(caution("Enabled", false, None), None);
        let past = caution("enabled", false, Some("2026-11-01T00:00:00Z"));
        assert!(past.is_some(), "an end that has passed without a new state is no comfort");
    }

    #[test]
    fn a_trial_is_told_however_far_its_end() {
        let trial = caution("Enabled", true, Some("2027-11-01T00:00:00Z"));
        assert_eq!((trial, caution("Enabled", true, None)), (Some(CautionState::Trial), Some(CautionState::Trial)));
    }

    #[test]
    fn the_grace_period_is_told_and_what_is_over_is_not() {
        let grace = caution("Warning", false, Some("2026-12-20T00:00:00Z"));
        assert_eq!(grace, Some(CautionState::InGrace));
        for over in ["Suspended", "Deleted", "LockedOut", "Thriving", ""] {
            assert_eq!(caution(over, true, Some("2026-11-27T00:00:00Z")), None, "{over}");
        }
    }
}

//! Seats as they were counted at one moment, and who certainly had taken theirs by then.

use crate::domain::id::SkuId;
use crate::domain::license::AssignmentState;
use crate::domain::license::UserFacts;
use crate::domain::sku::Skus;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How long after a count a user has to be read for the reading to be from after it: lists and replicas lag.
pub const READ_LAG: SignedDuration = SignedDuration::from_secs(2);
/// How long a count is good for. What others take after it is seen in the next one.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_secs(10);

/// All products of the tenant with their seats, and when they were counted.
#[derive(Clone, Debug)]
pub struct SeatCount {
    /// The products.
    pub skus: Skus,
    /// From which second on, by Graph's own clock, they were surely counted; `None` when Graph did not say.
    pub counted_from: Option<Timestamp>,
    /// When the answer was here, by our clock.
    pub ended: Timestamp,
}

impl SeatCount {
    /// Whether a reading that began then, by our clock, is from after the count even where it lags.
    pub fn is_before(&self, began: Timestamp) -> bool {
        self.ended.saturating_add(READ_LAG).is_ok_and(|known| known <= began)
    }

    /// Whether it is not too old.
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.duration_since(self.ended) <= GOOD_FOR && self.ended <= now
    }

    /// Whether a user's seat of a product is certainly among those that were counted as taken: a reading from after the
    /// count shows the product active, and so since before the count, both by Graph's clock. Times of assignments have
    /// whole seconds, so one within the second of the count may be from after it.
    pub fn includes(&self, facts: &UserFacts, began: Timestamp, sku: SkuId) -> bool {
        let Some(counted) = self.counted_from.filter(|_| self.is_before(began)) else { return false };
        let active = facts.of_sku(sku).filter(|one| one.state == AssignmentState::Active);
        active.filter_map(|one| one.updated).any(|updated| updated.as_second() < counted.as_second())
    }
}

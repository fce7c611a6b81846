//! Seats as they were counted at one moment, and who certainly had taken theirs by then.

use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
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
        self.known_from() <= began
    }

    /// From when on a reading is from after it.
    pub fn known_from(&self) -> Timestamp {
        self.ended.saturating_add(READ_LAG).unwrap_or(Timestamp::MAX)
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
        let active = |one: &Assignment| one.sku == sku && one.state == AssignmentState::Active;
        let places = facts.states.iter().enumerate().filter(|(_, one)| active(one)).map(|(place, _)| place);
        places.filter_map(|place| facts.changed.get(place)).any(|at| at.as_second() < counted.as_second())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::group::GroupLicense;
    use crate::domain::license::ChangeTimes;
    use crate::domain::seat_ledger::SeatLedger;
    use crate::domain::testing;

    const SKU: SkuId = SkuId(Uuid::from_u128(7));
    const PLAN: &str = "00000000-0000-0000-0000-000000000777";

    /// A time in milliseconds.
    fn at(millis: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
    }

    /// Seats as they are counted at a time: so many are free.
    fn counted(free: i64, millis: i64) -> SeatCount {
        let mut sku = testing::sku(SKU, PLAN);
        (sku.prepaid.enabled, sku.consumed) = (free.max(0), 0);
        let counted_from = Some(at(millis - millis.rem_euclid(1_000)));
        SeatCount { skus: [sku].into_iter().collect(), counted_from, ended: at(millis) }
    }

    /// A user who took a seat at this time, as a reading of that moment shows them: times have whole seconds.
    fn user(taken: Option<i64>) -> UserFacts {
        let one = Assignment {
            sku: SKU,
            group: Some(testing::TARGET_GROUP),
            state: AssignmentState::Active,
            error: None,
            disabled_plans: Vec::new(),
        };
        let changed = taken.map(|taken| Some(at(taken - taken.rem_euclid(1_000))));
        let changed = ChangeTimes::new(changed.into_iter());
        UserFacts { changed, ..testing::facts(1, taken.map(|_| one).into_iter().collect()) }
    }

    #[test]
    fn only_a_seat_of_an_earlier_second_is_surely_counted() {
        let count = counted(3, 10_400);
        assert!(count.includes(&user(Some(9_999)), at(12_400), SKU));
        assert!(!count.includes(&user(Some(10_000)), at(12_400), SKU), "the same second may be later");
        assert!(!count.includes(&user(Some(9_999)), at(12_399), SKU), "the reading may lag");
        assert!(!count.includes(&user(None), at(12_400), SKU));
        let mut undated = counted(3, 10_400);
        undated.counted_from = None;
        assert!(!undated.includes(&user(Some(1)), at(12_400), SKU));
    }

    #[test]
    fn nothing_but_a_dated_active_entry_is_proof() {
        let count = counted(3, 10_400);
        let with = |change: fn(&mut Assignment)| {
            let mut facts = user(Some(5_000));
            change(&mut facts.states[0]);
            facts.assigned = vec![SKU];
            count.includes(&facts, at(13_000), SKU)
        };
        assert!(with(|_| {}));
        let undated = UserFacts { changed: ChangeTimes::default(), ..user(Some(5_000)) };
        assert!(!count.includes(&undated, at(13_000), SKU));
        assert!(!with(|one| one.state = AssignmentState::Error));
        assert!(!with(|one| one.state = AssignmentState::ActiveWithError));
        assert!(!with(|one| one.sku = SkuId(Uuid::from_u128(8))));
    }

    #[test]
    fn a_count_is_good_for_ten_seconds() {
        let count = counted(3, 10_400);
        assert!(count.is_good(at(10_400)) && count.is_good(at(20_400)));
        assert!(!count.is_good(at(20_401)) && !count.is_good(at(10_399)), "nor if the clock was set back");
    }

    proptest! {
        /// Users leave and take their seats at any moment, and another administrator buys and takes seats at any moment: who
        /// is let go has a seat beside all who had left, as far as the count can know.
        #[test]
        fn nobody_is_let_go_without_a_seat(
            bought in 0..40_i64,
            others in prop::collection::vec((0..30_000_i64, -3..4_i64), 0..12),
            // When each user left, and how long licensing took to give them their seat.
            left in prop::collection::vec((0..30_000_i64, 0..15_000_i64), 0..40),
            counted_at in 2_000..20_000_i64,
            read_after in 0..6_000_i64,
            lag in 0..=2_000_i64,
            decided_after in 0..4_000_i64,
            second_before: bool,
        ) {
            let read = counted_at + read_after;
            let decided = read + decided_after;
            let taken_by = |moment: i64| left.iter().filter(|(left, took)| left + took <= moment).count();
            let others_by = |moment: i64| others.iter().filter(|(at, _)| *at <= moment).map(|(_, seats)| seats).sum::<i64>();
            let free = bought - others_by(counted_at) - i64::try_from(taken_by(counted_at)).unwrap();
            let mut count = counted(free, counted_at);
            if second_before {
                count.counted_from = count.counted_from.map(|second| second - SignedDuration::from_secs(1));
            }
            let license = GroupLicense { sku: SKU, disabled_plans: Vec::new() };
            let mut ledger = SeatLedger::new(&[license], &count.skus);
            let gone: Vec<_> = left.iter().filter(|(left, _)| *left <= decided).collect();
            for (left, took) in &gone {
                // What a reading shows that lags; before they left they show nothing of the product.
                let shown = Some(left + took).filter(|taken| *taken <= read - lag);
                ledger.add_under_way(|sku| count.includes(&user(shown), at(read), sku));
            }
            (0..50).for_each(|_| ledger.add_to_come(|_| false));
            let fits = i64::try_from(ledger.fits()).unwrap();
            let waiting = gone.iter().filter(|(left, took)| left + took > counted_at).count();
            let room = free.max(0) - i64::try_from(waiting).unwrap();
            prop_assert!(fits <= room.max(0), "{fits} go and {room} have room");
            // Well read, nobody is counted twice but who took a seat within the second of the count.
            if read_after >= 2_000 && !second_before {
                let unsure = gone.iter().filter(|(left, took)| {
                    let taken = left + took;
                    taken <= counted_at && taken / 1_000 == counted_at / 1_000
                });
                prop_assert!(fits >= (room - i64::try_from(unsure.count()).unwrap()).clamp(0, 50));
            }
        }
    }
}

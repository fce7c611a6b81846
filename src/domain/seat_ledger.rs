//! Seats product by product: what is free, who has one, who may take one yet, and how many more users fit.
//!
//! A target group gives all of its products or none, so a user fits only when a seat of *every* product that they lack is
//! free. Whoever holds a product already, from wherever, has its seat and needs none. A move frees no seat of a target
//! product: what both groups assign is kept, and a seat of a product that only the source group assigns helps nobody here.
//!
//! In the conflicting scenario a seat is taken when the removal is processed, otherwise when the addition is. Until a user
//! is seen with the product they may take a seat yet: counted twice for a while, a seat makes the work slower; never
//! counted, it would leave somebody without a license.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::group::GroupLicense;
use crate::domain::id::SkuId;
use crate::domain::products;
use crate::domain::sku::Sku;
use crate::domain::sku::Skus;

/// Seats of one product: available and needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSeats {
    /// The product.
    pub sku: SkuId,
    /// Its technical name, such as `EMS`.
    pub part_number: String,
    /// The name that people know it by.
    pub name: String,
    /// Enabled less consumed, and never less than zero.
    pub available: i64,
    /// One for each user who does not hold the product yet.
    pub needed: i64,
}

impl ProductSeats {
    /// Whether fewer are free than are needed.
    pub fn is_short(&self) -> bool {
        self.available < self.needed
    }

    /// Seats left over, negative when some are missing.
    fn left_over(&self) -> i64 {
        self.available.saturating_sub(self.needed)
    }
}

/// A product of which too few seats are free. Journals from before products were counted one by one name none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Seats free.
    pub available: i64,
    /// Seats needed.
    pub needed: i64,
    /// The product, by the name that people know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How many of these users fit, from the first on: the largest batch. Older journals do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fits: Option<usize>,
    /// Seats of the product that whoever comes after these users will need, as far as it is known.
    #[serde(default, skip_serializing_if = "is_none_later")]
    pub later: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_none_later(later: &i64) -> bool {
    *later == 0
}

/// The account of all products of a target group.
#[derive(Clone, Debug)]
pub struct SeatLedger {
    /// What is free, and the seats needed by those to come.
    products: Vec<ProductSeats>,
    /// Seats of each product that users under way may take yet.
    under_way: Vec<i64>,
    /// For each user to come, whether each product is needed.
    needs: Vec<bool>,
    to_come: usize,
    /// Seats of each product that whoever comes after these users will need.
    later: Vec<i64>,
}

impl SeatLedger {
    /// An account of these products, with the seats that the tenant tells. A product that the tenant does not have has
    /// no seats.
    pub fn new(target_products: &[GroupLicense], skus: &Skus) -> Self {
        let mut products: Vec<ProductSeats> = Vec::with_capacity(target_products.len());
        for GroupLicense { sku, .. } in target_products {
            if products.iter().all(|known| known.sku != *sku) {
                products.push(ProductSeats {
                    sku: *sku,
                    part_number: skus.name(*sku),
                    name: products::display_name(*sku, skus),
                    available: skus.get(*sku).map_or(0, Sku::free_seats),
                    needed: 0,
                });
            }
        }
        let none = vec![0; products.len()];
        Self { products, under_way: none.clone(), needs: Vec::new(), to_come: 0, later: none }
    }

    /// Counts a user who was written and may take a seat yet of whatever they do not hold.
    pub fn add_under_way(&mut self, holds: impl Fn(SkuId) -> bool) {
        for (product, taken) in self.products.iter().zip(&mut self.under_way) {
            *taken = taken.saturating_add(i64::from(!holds(product.sku)));
        }
    }

    /// Counts a user who is still to be written, after those counted before.
    pub fn add_to_come(&mut self, holds: impl Fn(SkuId) -> bool) {
        for product in &mut self.products {
            let needs = !holds(product.sku);
            product.needed = product.needed.saturating_add(i64::from(needs));
            self.needs.push(needs);
        }
        self.to_come += 1;
    }

    /// Counts a user who comes after all of these. They are told of, and take no seat from these.
    pub fn add_later(&mut self, holds: impl Fn(SkuId) -> bool) {
        for (product, later) in self.products.iter().zip(&mut self.later) {
            *later = later.saturating_add(i64::from(!holds(product.sku)));
        }
    }

    /// How many of those to come fit, in the order in which they were counted, once all under way have their seats: the
    /// largest batch.
    pub fn fits(&self) -> usize {
        let free = |(product, taken): (&ProductSeats, &i64)| product.available.saturating_sub(*taken);
        let mut free: Vec<i64> = self.products.iter().zip(&self.under_way).map(free).collect();
        if free.is_empty() {
            return self.to_come;
        }
        let users = self.needs.chunks_exact(free.len());
        users
            .take_while(|needs| {
                let fits = needs.iter().zip(&free).all(|(needs, free)| !needs || *free > 0);
                if fits {
                    free.iter_mut().zip(*needs).for_each(|(free, needs)| *free -= i64::from(*needs));
                }
                fits
            })
            .count()
    }

    /// Every product, in the order in which the group has them.
    pub fn products(&self) -> &[ProductSeats] {
        &self.products
    }

    /// The product of which the fewest seats are left over; `None` without products.
    pub fn tightest(&self) -> Option<&ProductSeats> {
        self.products.iter().min_by_key(|product| product.left_over())
    }

    /// The product that is the most short for those to come, whoever is under way, when one is.
    pub fn shortage(&self) -> Option<Shortage> {
        let short = self.tightest().filter(|product| product.is_short())?;
        let place = self.products.iter().position(|one| one.sku == short.sku)?;
        Some(Shortage {
            available: short.available,
            needed: short.needed,
            product: Some(short.name.clone()),
            fits: Some(self.fits()),
            later: self.later.get(place).copied().unwrap_or_default(),
        })
    }

    /// Every product that is short with both numbers, and how many users fit; `None` when all have seats.
    pub fn told_short(&self) -> Option<String> {
        let tell = |one: &ProductSeats| {
            let are = |count: i64| if count == 1 { "is" } else { "are" };
            let seats = if one.available == 1 { "seat" } else { "seats" };
            let (free, needed) = (one.available, one.needed);
            format!("{free} {seats} of {} {} free, {needed} {} needed", one.name, are(free), are(needed))
        };
        let short: Vec<String> = self.products.iter().filter(|product| product.is_short()).map(tell).collect();
        (!short.is_empty()).then(|| format!("{}; {}", short.join(", "), told_fits(self.fits())))
    }
}

/// How many of the users fit, in words.
pub fn told_fits(fits: usize) -> String {
    match fits {
        0 => "nobody fits".to_owned(),
        1 => "the first user fits".to_owned(),
        many => format!("the first {many} users fit"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::testing::sku;

    const PLAN: &str = "00000000-0000-0000-0000-000000000777";

    fn id(number: usize) -> SkuId {
        SkuId(Uuid::from_u128(number as u128 + 1))
    }

    /// An account of products with so many free seats each.
    fn open(free: &[i64]) -> SeatLedger {
        let skus = free.iter().enumerate().map(|(number, free)| {
            let mut sku = sku(id(number), PLAN);
            (sku.prepaid.enabled, sku.consumed) = (*free, 0);
            sku
        });
        let license = |number| GroupLicense { sku: id(number), disabled_plans: Vec::new() };
        let licenses: Vec<_> = (0..free.len()).map(license).collect();
        SeatLedger::new(&licenses, &skus.collect())
    }

    #[test]
    fn a_held_product_needs_no_seat() {
        let mut ledger = open(&[1, 0]);
        ledger.add_to_come(|sku| sku == id(1));
        assert_eq!(ledger.fits(), 1);
        assert_eq!(ledger.products()[1].needed, 0);
        assert_eq!(ledger.shortage(), None);
    }

    #[test]
    fn the_tightest_product_is_named_and_says_how_many_fit() {
        let mut ledger = open(&[40, 12, 30]);
        for _ in 0..35 {
            ledger.add_to_come(|_| false);
        }
        assert_eq!(ledger.tightest().map(|one| (one.sku, one.available, one.needed)), Some((id(1), 12, 35)));
        assert_eq!(ledger.shortage().map(|short| (short.available, short.needed)), Some((12, 35)));
        let told = ledger.told_short().unwrap_or_default();
        assert!(told.contains("12 seats of SKU_2 are free, 35 are needed, 30 seats of SKU_3"), "{told}");
        assert!(told.ends_with("the first 12 users fit") && !told.contains("SKU_1 "), "{told}");
    }

    #[test]
    fn who_is_under_way_takes_a_seat_before_anybody_to_come() {
        let mut ledger = open(&[3, 3]);
        ledger.add_under_way(|_| false);
        ledger.add_under_way(|sku| sku == id(0));
        for _ in 0..3 {
            ledger.add_to_come(|_| false);
        }
        assert_eq!(ledger.fits(), 1, "one seat of the second product is left");
        assert_eq!(ledger.shortage(), None, "there are three for the three who are left");
    }

    #[test]
    fn a_product_that_the_tenant_lacks_has_no_seats_and_one_listed_twice_counts_once() {
        let license = GroupLicense { sku: id(7), disabled_plans: Vec::new() };
        let mut ledger = SeatLedger::new(&[license.clone(), license], &Skus::default());
        ledger.add_to_come(|_| false);
        assert_eq!((ledger.products().len(), ledger.fits()), (1, 0));
    }

    #[test]
    fn numbers_that_cannot_be_true_do_not_overflow() {
        for (enabled, consumed) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (5, -7), (-5, 0), (0, i64::MIN)] {
            let mut one = sku(id(0), PLAN);
            (one.prepaid.enabled, one.consumed) = (enabled, consumed);
            let free = one.free_seats();
            assert!(free >= 0 && free <= enabled.max(0), "{enabled} {consumed}: {free}");
            let license = GroupLicense { sku: id(0), disabled_plans: Vec::new() };
            let mut ledger = SeatLedger::new(&[license], &[one].into_iter().collect());
            ledger.add_under_way(|_| false);
            ledger.add_to_come(|_| false);
            assert!(ledger.fits() <= 1);
        }
    }

    #[test]
    fn an_old_journal_names_no_product() {
        let short: Shortage = serde_json::from_str(r#"{"available":1,"needed":2}"#).expect("a shortage");
        assert_eq!(short, Shortage { available: 1, needed: 2, ..Shortage::default() });
    }

    #[test]
    fn who_comes_later_is_told_of_and_takes_no_seat_from_these() {
        let mut ledger = open(&[2, 9]);
        (0..3).for_each(|_| ledger.add_to_come(|_| false));
        (0..4).for_each(|_| ledger.add_later(|_| false));
        ledger.add_later(|sku| sku == id(0));
        let short = ledger.shortage().expect("one is missing");
        assert_eq!((short.available, short.needed, short.fits, short.later), (2, 3, Some(2), 4));
        let mut enough = open(&[3, 9]);
        (0..3).for_each(|_| enough.add_to_come(|_| false));
        (0..90).for_each(|_| enough.add_later(|_| false));
        assert_eq!((enough.shortage(), enough.fits()), (None, 3));
    }

    fn anybody() -> impl Strategy<Value = Vec<bool>> {
        prop::collection::vec(any::<bool>(), 3)
    }

    proptest! {
            #[test]
            fn the_largest_batch_fits_and_one_more_does_not(
                free in prop::collection::vec(-3..20_i64, 1..=3),
                under_way in prop::collection::vec(anybody(), 0..8),
                to_come in prop::collection::vec(anybody(), 0..30),
            ) {
                let holds = |user: &Vec<bool>, sku: SkuId| user[usize::try_from(sku.0.as_u128()).unwrap_or(1) - 1];
                let mut ledger = open(&free);
                for user in &under_way {
     ledger.add_under_way(|sku| holds(user, sku));
    }
                for user in &to_come {
     ledger.add_to_come(|sku| holds(user, sku));
    }
                let fits = ledger.fits();
                let taken = |product: usize, batch: usize| {
                    let all = under_way.iter().chain(&to_come[..batch]);
                    i64::try_from(all.filter(|user| !user[product]).count()).unwrap_or(i64::MAX)
                };
                // Not one seat more than there are is given to the batch; who is under way may have been too many before.
                for (product, free) in free.iter().enumerate() {
                    let free = (*free).max(0);
                    prop_assert!(taken(product, fits) <= free.max(taken(product, 0)), "{} of {}", taken(product, fits), free);
                }
                if let Some(next) = to_come.get(fits) {
                    let full = |product: usize| taken(product, fits) >= free[product].max(0);
                    prop_assert!((0..free.len()).any(|product| !next[product] && full(product)));
                }
                let mut alone = open(&free);
                for user in &to_come {
     alone.add_to_come(|sku| holds(user, sku));
    }
                prop_assert_eq!(alone.shortage().is_none(), alone.fits() == to_come.len());
            }
        }
}

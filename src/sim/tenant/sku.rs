//! A subscribed product and its seats.
use uuid::Uuid;

use crate::sim::catalog::{Plan, Product};

/// A product that the tenant pays for.
#[derive(Debug, Clone)]
pub(crate) struct Sku {
    /// The product's GUID.
    pub(crate) id: Uuid,
    /// The part number.
    pub(crate) part: String,
    /// The name that people know it by; Graph does not tell it.
    pub(crate) name: String,
    /// The subscription's id.
    pub(crate) subscription: Uuid,
    /// Its plans.
    pub(crate) plans: Vec<Plan>,
    /// Seats that can be assigned.
    pub(crate) enabled: u32,
    /// Seats of an expired subscription in its grace period. Not assignable here: Microsoft does not say.
    pub(crate) warning: u32,
    /// Seats of a suspended subscription.
    pub(crate) suspended: u32,
    /// Seats taken: one for each user that holds the product, from however many sources.
    pub(crate) consumed: u32,
}

impl Sku {
    /// A product of Microsoft's table with so many seats, all free.
    pub(crate) fn of(product: &Product, subscription: Uuid, enabled: u32) -> Self {
        Self {
            id: product.id,
            part: product.part.clone(),
            name: product.name.clone(),
            subscription,
            plans: product.plans.clone(),
            enabled,
            warning: 0,
            suspended: 0,
            consumed: 0,
        }
    }

    /// Whether one more user can have it.
    pub(crate) fn has_seat(&self) -> bool {
        self.consumed < self.enabled
    }

    /// The word of `capabilityStatus` (Microsoft Learn, "subscribedSku resource type").
    pub(crate) fn capability(&self) -> &'static str {
        match (self.enabled, self.warning, self.suspended) {
            (1.., _, _) => "Enabled",
            (0, 1.., _) => "Warning",
            (0, 0, 1..) => "Suspended",
            (0, 0, 0) => "Deleted",
        }
    }
}

//! A subscribed product and its seats.
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::sim::catalog::{Plan, Product};

/// The words for how a product or a subscription fares (Microsoft Learn, "companySubscription resource type").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Status {
    /// Paid for, or a trial that runs.
    Enabled,
    /// Expired, in its grace period.
    Warning,
    /// The grace period is over.
    Suspended,
    /// Gone.
    Deleted,
    /// Cancelled by the customer.
    LockedOut,
}

impl Status {
    /// The word that Graph writes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Warning => "Warning",
            Self::Suspended => "Suspended",
            Self::Deleted => "Deleted",
            Self::LockedOut => "LockedOut",
        }
    }
}

/// A subscription behind a product, of which a tenant has one a product here unless its file says otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    /// Its id.
    pub(crate) id: Uuid,
    /// Whether it is a trial.
    pub(crate) trial: bool,
    /// How it fares; as its seats say if none.
    pub(crate) status: Option<Status>,
    /// When it comes to its next state if nobody renews it; far away if none.
    pub(crate) next: Option<Timestamp>,
    /// Its seats, where it is one of several; not told if none.
    pub(crate) total: Option<u32>,
}

impl Subscription {
    /// A paid subscription that runs on.
    pub(crate) fn new(id: Uuid) -> Self {
        Self { id, trial: false, status: None, next: None, total: None }
    }
}

/// A product that the tenant pays for.
#[derive(Debug, Clone)]
pub(crate) struct Sku {
    /// The product's GUID.
    pub(crate) id: Uuid,
    /// The part number.
    pub(crate) part: String,
    /// The name that people know it by; Graph does not tell it.
    pub(crate) name: String,
    /// The subscription that the seats tell of.
    pub(crate) subscription: Subscription,
    /// The subscriptions instead, if the tenant file names them one by one.
    pub(crate) several: Option<Vec<Subscription>>,
    /// Assigned to the company as a whole and not to users.
    pub(crate) company: bool,
    /// Its plans.
    pub(crate) plans: Vec<Plan>,
    /// Seats that can be assigned.
    pub(crate) enabled: u32,
    /// Seats of an expired subscription in its grace period. Not assignable here: Microsoft does not say.
    pub(crate) warning: u32,
    /// Seats of a suspended subscription.
    pub(crate) suspended: u32,
    /// Seats of a subscription that the customer cancelled.
    pub(crate) locked_out: u32,
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
            subscription: Subscription::new(subscription),
            several: None,
            company: false,
            plans: product.plans.clone(),
            enabled,
            warning: 0,
            suspended: 0,
            locked_out: 0,
            consumed: 0,
        }
    }

    /// Whether one more user can have it.
    pub(crate) fn has_seat(&self) -> bool {
        matches!(self.status(), Status::Enabled | Status::Warning) && self.consumed < self.enabled
    }

    /// The subscriptions behind it.
    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        self.several.as_deref().unwrap_or(std::slice::from_ref(&self.subscription))
    }

    /// How it fares: `capabilityStatus` (Microsoft Learn, "subscribedSku resource type") and the subscription's `status`.
    pub(crate) fn status(&self) -> Status {
        self.subscription.status.unwrap_or(match (self.enabled, self.warning, self.suspended) {
            (1.., _, _) => Status::Enabled,
            (0, 1.., _) => Status::Warning,
            (0, 0, 1..) => Status::Suspended,
            (0, 0, 0) => Status::Deleted,
        })
    }
}

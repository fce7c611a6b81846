//! SKUs, their service plans and their seats, as `subscribedSkus` tells them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::group::Group;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;

/// One service plan of a SKU (Microsoft Graph reference, "servicePlanInfo resource type").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// The plan's id.
    pub id: PlanId,
    /// The plan's technical name, such as `EXCHANGE_S_ENTERPRISE`.
    pub name: String,
    /// Whether the plan is given to users rather than to the company as a whole.
    pub for_users: bool,
}

/// Seats bought, by the state of the subscription (Microsoft Graph reference, "licenseUnitsDetail resource type").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepaidUnits {
    /// Usable seats of active subscriptions.
    pub enabled: i64,
    /// Seats of expired subscriptions inside their renewal grace period.
    pub warning: i64,
    /// Seats that are cancelled and cannot be assigned.
    pub suspended: i64,
    /// Seats of subscriptions that the customer cancelled.
    pub locked_out: i64,
}

/// A product that the tenant has bought (Microsoft Graph reference, "subscribedSku resource type").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// The product's id.
    pub id: SkuId,
    /// The product's technical name, such as `ENTERPRISEPACK`.
    pub part_number: String,
    /// Whether the product is assigned to users; only such a product can move.
    pub for_users: bool,
    /// Graph's word for the state of the subscription, such as `Enabled`.
    pub capability: String,
    /// Seats bought.
    pub prepaid: PrepaidUnits,
    /// Seats in use.
    pub consumed: i64,
    /// The product's service plans.
    pub plans: Vec<ServicePlan>,
}

impl Sku {
    /// Whether the subscription serves its users: enabled, or in its renewal grace. A word that we do not know is no promise;
    /// where Graph says nothing, the seats tell.
    pub fn is_usable(&self) -> bool {
        ["", "Enabled", "Warning"].iter().any(|word| self.capability.eq_ignore_ascii_case(word))
    }

    /// Seats that can surely be assigned: enabled less consumed, of a subscription that is usable. Whether seats in their renewal grace take new users is
    /// not documented, so they are not counted. Numbers that cannot be true never make more seats free than are enabled.
    pub fn free_seats(&self) -> i64 {
        if !self.is_usable() {
            return 0;
        }
        self.prepaid.enabled.saturating_sub(self.consumed.max(0)).max(0)
    }

    /// The plans, with their names, that an assignment with these plans switched off turns on.
    pub fn enabled<'a>(&'a self, disabled: &'a [PlanId]) -> impl Iterator<Item = &'a ServicePlan> {
        self.plans.iter().filter(|plan| !disabled.contains(&plan.id))
    }

    /// The plans that an assignment with these plans switched off turns on.
    pub fn enabled_plans(&self, disabled: &[PlanId]) -> BTreeSet<PlanId> {
        self.plans.iter().map(|plan| plan.id).filter(|id| !disabled.contains(id)).collect()
    }
}

/// All SKUs of the tenant by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skus(BTreeMap<SkuId, Sku>);

impl Skus {
    /// The SKU with this id, when the tenant has it.
    pub fn get(&self, id: SkuId) -> Option<&Sku> {
        self.0.get(&id)
    }

    /// The part number of a SKU, or its id when the tenant does not have it.
    pub fn name(&self, id: SkuId) -> String {
        self.get(id).map_or_else(|| id.to_string(), |sku| sku.part_number.clone())
    }

    /// The SKUs with this part number, compared without regard to case: one, as a rule; a tenant can have more.
    pub fn called(&self, part_number: &str) -> Vec<SkuId> {
        self.iter().filter(|sku| sku.part_number.eq_ignore_ascii_case(part_number)).map(|sku| sku.id).collect()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Sku> {
        self.0.values()
    }

    /// The technical name of a plan, found in whichever SKU brings it; its id when none does.
    pub fn plan_name(&self, id: PlanId) -> String {
        self.0
            .values()
            .flat_map(|sku| &sku.plans)
            .find(|plan| plan.id == id)
            .map_or_else(|| id.to_string(), |plan| plan.name.clone())
    }
}

/// Which of several SKUs of one part number is meant: the only one, else the only one that the group assigns.
pub fn meant(candidates: &[SkuId], group: Option<&Group>) -> Option<SkuId> {
    if let [only] = candidates {
        return Some(*only);
    }
    let mut assigned = candidates.iter().filter(|sku| group.is_some_and(|group| group.assigns(**sku).is_some()));
    assigned.next().filter(|_| assigned.next().is_none()).copied()
}

impl FromIterator<Sku> for Skus {
    fn from_iter<I: IntoIterator<Item = Sku>>(skus: I) -> Self {
        Self(skus.into_iter().map(|sku| (sku.id, sku)).collect())
    }
}

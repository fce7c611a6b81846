//! The end state: what a user will hold once the source group is left, and what speaks against leaving it.
//!
//! GBL gives a member all products of a group or none, and tries again what had failed for the user from any group. So
//! all target products are looked at, all that comes from elsewhere, and all that waits elsewhere.

mod at_preflight;
mod conflicts;
mod parts;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::classifier::Classifier;
use crate::domain::end_state::parts::Origin;
use crate::domain::end_state::parts::Part;
use crate::domain::exclusion::Edition;
use crate::domain::flaw::Flaw;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::plan_families::CoreService;
use crate::domain::plan_families::core_service;
use crate::domain::plan_needs;

pub use crate::domain::end_state::at_preflight::AtPreflight;
pub use crate::domain::end_state::at_preflight::UsageLocations;

/// What the plan says that a user keeps, as it was when they were proven safe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeps {
    /// Products that come from elsewhere, active.
    pub products: Vec<SkuId>,
    /// Products that the target group is to give; what it assigns since then may be on its way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<SkuId>,
    /// Core services that the user has now and will have by the plan.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<CoreService>,
}

impl Classifier {
    /// All products that the user is to get from the target group: those that it assigns, and any other that an entry of
    /// the user names it for, as the group may have changed since it was read. The route's target comes first.
    pub fn target_skus(&self, facts: &UserFacts) -> Vec<SkuId> {
        let mut skus = vec![self.route.target.sku];
        let seen = facts.states.iter().filter(|one| one.group == Some(self.route.target.group)).map(|one| one.sku);
        for sku in self.target_products.iter().map(|license| license.sku).chain(seen) {
            if !skus.contains(&sku) {
                skus.push(sku);
            }
        }
        skus
    }

    /// What speaks against the user's end state, each once and in a fixed order; nothing means that it holds.
    ///
    /// `edition` says by which list of exclusive plans: a wrong "no" costs a license, so a proof goes by any.
    pub fn flaws(&self, facts: &UserFacts, edition: Edition) -> Vec<Flaw> {
        let parts = self.parts(facts);
        let mut flaws = BTreeSet::new();
        self.exclusions(facts, &parts, edition, &mut flaws);
        self.unmet_needs(facts, &parts, &mut flaws);
        for sku in self.target_skus(facts) {
            let held = facts.of_sku(sku).any(Assignment::is_held);
            match self.skus.get(sku) {
                Some(product) if !product.is_usable() => {
                    flaws.insert(Flaw::NotUsable { product: sku, status: product.capability.clone() });
                }
                Some(product) if held || product.free_seats() > 0 => {}
                None if held => {}
                Some(_) | None => drop(flaws.insert(Flaw::NoSeat { product: sku })),
            }
        }
        self.failures_elsewhere(facts, &mut flaws);
        self.changes_since_preflight(facts, &parts, &mut flaws);
        flaws.into_iter().collect()
    }

    /// What the user keeps by the plan: what comes from elsewhere, and the core services of it and of the target group.
    pub fn keeps(&self, facts: &UserFacts) -> Keeps {
        let parts = self.parts(facts);
        let targets = self.target_skus(facts);
        let stays = |part: &&Part<'_>| part.from == Origin::Elsewhere { sound: true };
        let ours = |sku| sku == self.route.source.sku || targets.contains(&sku);
        let mut products: Vec<SkuId> =
            parts.iter().filter(stays).map(|part| part.sku).filter(|sku| !ours(*sku)).collect();
        products.sort_unstable();
        products.dedup();
        let lasting = |part: &&Part<'_>| part.lasts && (matches!(part.from, Origin::Target { .. }) || stays(part));
        let after: BTreeSet<CoreService> =
            parts.iter().filter(lasting).flat_map(Part::ids).filter_map(core_service).collect();
        Keeps { products, targets, services: self.services(facts).intersection(&after).copied().collect() }
    }

    /// The core services that the user has now.
    pub fn services(&self, facts: &UserFacts) -> BTreeSet<CoreService> {
        let held = facts.states.iter().filter(|one| one.is_held());
        let plans =
            held.flat_map(|one| self.skus.get(one.sku).into_iter().flat_map(|sku| sku.enabled(&one.disabled_plans)));
        plans.filter_map(|plan| core_service(plan.id)).collect()
    }

    /// Needs that what is left does not meet although they are met now, or are those of a product still to come.
    fn unmet_needs(&self, facts: &UserFacts, parts: &[Part<'_>], flaws: &mut BTreeSet<Flaw>) {
        // Few plans need another one: a verify pass of 100,000 users makes no list of all plans of each.
        let stays = |part: &&Part<'_>| match part.from {
            Origin::Target { .. } => part.lasts,
            Origin::Elsewhere { sound } => sound,
            Origin::Waiting(_) => false,
        };
        let left = |needs: &[&str]| parts.iter().filter(stays).flat_map(Part::names).any(|name| needs.contains(&name));
        let held = || facts.states.iter().filter(|one| one.is_held());
        let plans = || {
            held().flat_map(|one| self.skus.get(one.sku).into_iter().flat_map(|sku| sku.enabled(&one.disabled_plans)))
        };
        let before = |needs: &[&str]| plans().any(|plan| needs.contains(&plan.name.as_str()));
        for part in parts.iter().filter(|part| part.lasts && !matches!(part.from, Origin::Waiting(_))) {
            let to_come = part.from == Origin::Target { sound: false };
            for plan in part.plans.iter().flatten() {
                let Some(needs) = plan_needs::of(&plan.name) else { continue };
                if !left(needs) && (to_come || before(needs)) {
                    flaws.insert(Flaw::Needs { product: part.sku, plan: plan.id });
                }
            }
        }
    }

    /// A country or a taken mail address that fails elsewhere fails in the target group as well, where the conflict, which
    /// GBL may look for first, hides it until the source is gone.
    fn failures_elsewhere(&self, facts: &UserFacts, flaws: &mut BTreeSet<Flaw>) {
        let target = self.route.target.group;
        let targets = self.target_skus(facts);
        for one in facts.states.iter().filter(|one| one.group != Some(target)) {
            let meets_target = match one.error {
                Some(LicenseError::UniquenessViolation) => true,
                Some(LicenseError::ProhibitedInUsageLocationViolation | LicenseError::Unknown(_)) => {
                    targets.contains(&one.sku) && !one.is_held()
                }
                _ => false,
            };
            if meets_target && let Some(error) = &one.error {
                flaws.insert(Flaw::FailsElsewhere { product: one.sku, error: error.to_string() });
            }
        }
    }
}

#[cfg(test)]
mod tests;

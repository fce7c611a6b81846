//! The end state: what a user will hold once the source group is left, and what speaks against leaving it.
//!
//! GBL gives a member all products of a group or none, and tries again what had failed for the user from any group. So
//! all target products are looked at, all that comes from elsewhere, and all that waits elsewhere.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Edition;
use crate::domain::exclusion::Exclusions;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::plan_families::CoreService;
use crate::domain::plan_families::core_service;
use crate::domain::preflight::needs;
use crate::domain::sku::ServicePlan;
use crate::domain::sku::Sku;
use crate::domain::standing::Classifier;

/// What speaks against taking the source group from a user. Values: the words are made where they are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// A product that stays with the user, or one whose plans are not known, excludes a target product.
    Excluded {
        /// The target product.
        product: SkuId,
        /// What excludes it.
        by: SkuId,
    },
    /// A product that waits elsewhere excludes a target product and may win when the source goes.
    ExcludedByWaiting {
        /// The target product.
        product: SkuId,
        /// What waits.
        by: SkuId,
        /// Which group assigns it; `None` is a direct assignment.
        group: Option<GroupId>,
    },
    /// Two products of the target group exclude each other.
    ExcludedByCompanion {
        /// The one.
        product: SkuId,
        /// The other.
        by: SkuId,
    },
    /// A target product waits in a conflict that nothing which the user leaves explains.
    Unexplained {
        /// The target product.
        product: SkuId,
    },
    /// A plan of a product that the user will hold needs another plan, which nothing will bring then.
    Needs {
        /// The product.
        product: SkuId,
        /// Its plan.
        plan: PlanId,
    },
    /// No seat of a target product is free, and the user holds none.
    NoSeat {
        /// The target product.
        product: SkuId,
    },
    /// The plans of a target product are not known.
    UnknownPlans {
        /// The target product.
        product: SkuId,
    },
    /// The same product, or the same mail address, fails elsewhere already for a reason that will meet the target group's
    /// products too; the conflict may hide it there.
    FailsElsewhere {
        /// The product that fails.
        product: SkuId,
        /// Graph's word.
        error: String,
    },
}

impl Flaw {
    /// The product of which it says something.
    pub fn product(&self) -> SkuId {
        match self {
            Self::Excluded { product, .. }
            | Self::ExcludedByWaiting { product, .. }
            | Self::ExcludedByCompanion { product, .. }
            | Self::Unexplained { product }
            | Self::Needs { product, .. }
            | Self::NoSeat { product }
            | Self::UnknownPlans { product }
            | Self::FailsElsewhere { product, .. } => *product,
        }
    }
}

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

/// A product that the user holds or may hold once the source is gone.
struct Part<'a> {
    sku: SkuId,
    /// `None` when the tenant does not tell them. Of a target product all that the group or the entry leaves on.
    plans: Option<Vec<&'a ServicePlan>>,
    from: Origin,
    /// Whether it will be so: what an entry of the target group has on and the group has not goes with the next change.
    lasts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The target group; whether it is active now, without error.
    Target { sound: bool },
    /// Elsewhere and there; whether it is active without any error, so that others may build on it.
    Elsewhere { sound: bool },
    /// Elsewhere, not held now.
    Waiting(Option<GroupId>),
}

impl Part<'_> {
    fn ids(&self) -> impl Iterator<Item = PlanId> {
        self.plans.iter().flatten().map(|plan| plan.id)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.plans.iter().flatten().map(|plan| plan.name.as_str())
    }
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
            if !held && self.skus.get(sku).is_none_or(|sku| sku.free_seats() == 0) {
                flaws.insert(Flaw::NoSeat { product: sku });
            }
        }
        self.failures_elsewhere(facts, &mut flaws);
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

    /// Whether anything is left of the source: what the source group assigns this user and takes away with it.
    fn leaving<'a>(&'a self, facts: &'a UserFacts) -> impl Iterator<Item = (&'a Sku, &'a Assignment)> {
        let source = self.route.source.group;
        let entries = facts.states.iter().filter(move |one| one.group == Some(source) && one.is_held());
        entries.filter_map(|one| Some((self.skus.get(one.sku)?, one)))
    }

    fn parts<'a>(&'a self, facts: &'a UserFacts) -> Vec<Part<'a>> {
        let (source, target) = (self.route.source.group, self.route.target.group);
        let plans = |sku, disabled: &'a [PlanId]| Some(self.skus.get(sku)?.enabled(disabled).collect::<Vec<_>>());
        let mut parts = Vec::new();
        for sku in self.target_skus(facts) {
            let entries: Vec<_> = facts.of_sku(sku).filter(|one| one.group == Some(target)).collect();
            let from = Origin::Target { sound: !entries.is_empty() && entries.iter().all(|one| one.is_sound()) };
            let license = self.target_products.iter().find(|license| license.sku == sku);
            let off = license.map(|license| license.disabled_plans.as_slice());
            // What the group says now is what will be; should it say nothing, the entries do.
            let offs: Vec<&[PlanId]> = match off {
                Some(off) => vec![off],
                None => entries.iter().map(|one| one.disabled_plans.as_slice()).collect(),
            };
            let lasts = license.is_some() || from == (Origin::Target { sound: true });
            parts.extend(offs.into_iter().map(|off| Part { sku, plans: plans(sku, off), from, lasts }));
            // Plans that an entry still has on count too where they may exclude, and are nothing to build on.
            for one in entries.iter().filter(|one| off.is_some_and(|off| off != one.disabled_plans)) {
                parts.push(Part { sku, plans: plans(sku, &one.disabled_plans), from, lasts: false });
            }
        }
        for one in facts.states.iter().filter(|one| one.group != Some(source) && one.group != Some(target)) {
            let from = match one.state {
                AssignmentState::Active | AssignmentState::ActiveWithError => {
                    Origin::Elsewhere { sound: one.is_sound() }
                }
                // A word that we do not know may mean that it is tried again.
                AssignmentState::Error | AssignmentState::Disabled | AssignmentState::Unknown(_) => {
                    Origin::Waiting(one.group)
                }
            };
            parts.push(Part { sku: one.sku, plans: plans(one.sku, &one.disabled_plans), from, lasts: true });
        }
        let unnamed = |sku: &&SkuId| !facts.of_sku(**sku).any(Assignment::is_held);
        parts.extend(facts.assigned.iter().filter(unnamed).map(|sku| Part {
            sku: *sku,
            plans: plans(*sku, &[]),
            from: Origin::Elsewhere { sound: false },
            lasts: true,
        }));
        parts
    }

    fn exclusions(&self, facts: &UserFacts, parts: &[Part<'_>], edition: Edition, flaws: &mut BTreeSet<Flaw>) {
        let known = Exclusions::known();
        let waits = self.waits_in_conflict(facts);
        // Whoever is seen in a conflict is held to what they show themselves: what others hold proves too little then.
        let mut disproved = if waits.is_empty() { self.disproved.clone() } else { Disproved::default() };
        disproved.extend(&known.disproved_by(facts, &self.skus));
        let excludes = |one: &Part<'_>, other: &Part<'_>| {
            one.plans.is_none()
                || other.plans.is_none()
                || known.exclusive(one.ids(), other.ids(), edition).into_iter().any(|pair| !disproved.contains(pair))
        };
        let targets = || parts.iter().filter(|part| matches!(part.from, Origin::Target { .. }));
        for target in targets() {
            let product = target.sku;
            if target.plans.is_none() {
                flaws.insert(Flaw::UnknownPlans { product });
                continue;
            }
            for other in parts.iter().filter(|other| other.sku != product && excludes(target, other)) {
                let by = other.sku;
                flaws.insert(match other.from {
                    Origin::Target { .. } if other.plans.is_none() => Flaw::UnknownPlans { product: by },
                    Origin::Target { .. } => {
                        Flaw::ExcludedByCompanion { product: product.min(by), by: product.max(by) }
                    }
                    Origin::Elsewhere { .. } => Flaw::Excluded { product, by },
                    Origin::Waiting(group) => Flaw::ExcludedByWaiting { product, by, group },
                });
            }
        }
        let alone = parts.iter().all(|part| part.sku == self.route.target.sku);
        for product in waits {
            let explains = |(sku, one): (&Sku, &Assignment)| {
                let theirs = || sku.enabled(&one.disabled_plans).map(|plan| plan.id);
                let mut ours = targets().filter(|part| part.sku == product);
                ours.any(|part| {
                    known
                        .exclusive(theirs(), part.ids(), Edition::Any)
                        .into_iter()
                        .any(|pair| !disproved.contains(pair))
                })
            };
            let explained = self.leaving(facts).filter(|(sku, _)| sku.id != product).any(explains);
            // Who holds nothing but what they leave can be in conflict with nothing else.
            if !explained && !alone {
                flaws.insert(Flaw::Unexplained { product });
            }
        }
    }

    /// The target products that wait in a conflict for this user.
    fn waits_in_conflict(&self, facts: &UserFacts) -> BTreeSet<SkuId> {
        let of_group = facts.states.iter().filter(|one| one.group == Some(self.route.target.group));
        of_group.filter(|one| one.is_in_conflict()).map(|one| one.sku).collect()
    }

    /// Needs that what is left does not meet although they are met now, or are those of a product still to come.
    fn unmet_needs(&self, facts: &UserFacts, parts: &[Part<'_>], flaws: &mut BTreeSet<Flaw>) {
        let mut left = BTreeSet::new();
        for part in parts {
            match part.from {
                Origin::Target { .. } if part.lasts => left.extend(part.names()),
                Origin::Elsewhere { sound: true } => left.extend(part.names()),
                Origin::Target { .. } | Origin::Elsewhere { .. } | Origin::Waiting(_) => {}
            }
        }
        let held = facts.states.iter().filter(|one| one.is_held());
        let plans =
            held.flat_map(|one| self.skus.get(one.sku).into_iter().flat_map(|sku| sku.enabled(&one.disabled_plans)));
        let before: BTreeSet<&str> = plans.map(|plan| plan.name.as_str()).collect();
        for part in parts.iter().filter(|part| part.lasts && !matches!(part.from, Origin::Waiting(_))) {
            let to_come = part.from == Origin::Target { sound: false };
            for plan in part.plans.iter().flatten() {
                let Some(needs) = needs::of(&plan.name) else { continue };
                let met = |plans: &BTreeSet<&str>| needs.iter().any(|need| plans.contains(need));
                if !met(&left) && (to_come || met(&before)) {
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

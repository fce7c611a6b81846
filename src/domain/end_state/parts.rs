//! All that a user holds or may hold once the source group is left, part by part.

use crate::domain::classifier::Classifier;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::UserFacts;
use crate::domain::sku::ServicePlan;

/// A product that the user holds or may hold once the source is gone.
pub(super) struct Part<'a> {
    pub(super) sku: SkuId,
    /// `None` when the tenant does not tell them. Of a target product all that the group or the entry leaves on.
    pub(super) plans: Option<Vec<&'a ServicePlan>>,
    pub(super) from: Origin,
    /// Whether it will be so: what an entry of the target group has on and the group has not goes with the next change.
    pub(super) lasts: bool,
}

/// Where a product comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The target group; whether it is active now, without error.
    Target { sound: bool },
    /// Elsewhere and there; whether it is active without any error, so that others may build on it.
    Elsewhere { sound: bool },
    /// Elsewhere, not held now.
    Waiting(Option<GroupId>),
}

impl Part<'_> {
    pub(super) fn ids(&self) -> impl Iterator<Item = PlanId> {
        self.plans.iter().flatten().map(|plan| plan.id)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.plans.iter().flatten().map(|plan| plan.name.as_str())
    }
}

impl Classifier {
    pub(super) fn parts<'a>(&'a self, facts: &'a UserFacts) -> Vec<Part<'a>> {
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
}

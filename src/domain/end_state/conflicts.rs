//! What excludes a target product now or later, and whether a conflict that is seen is one with what the user leaves.

use std::collections::BTreeSet;

use crate::domain::classifier::Classifier;
use crate::domain::end_state::parts::Origin;
use crate::domain::end_state::parts::Part;
use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Edition;
use crate::domain::exclusion::Exclusions;
use crate::domain::flaw::Flaw;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::UserFacts;
use crate::domain::sku::Sku;

impl Classifier {
    /// Whether anything is left of the source: what the source group assigns this user and takes away with it.
    fn leaving<'a>(&'a self, facts: &'a UserFacts) -> impl Iterator<Item = (&'a Sku, &'a Assignment)> {
        let source = self.route.source.group;
        let entries = facts.states.iter().filter(move |one| one.group == Some(source) && one.is_held());
        entries.filter_map(|one| Some((self.skus.get(one.sku)?, one)))
    }

    pub(super) fn exclusions(
        &self,
        facts: &UserFacts,
        parts: &[Part<'_>],
        edition: Edition,
        flaws: &mut BTreeSet<Flaw>,
    ) {
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
        let ours = |part: &Part<'_>| matches!(part.from, Origin::Target { .. });
        let alone = parts.iter().all(|part| part.sku == self.route.target.sku && ours(part));
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
            let mut leaving = self.leaving(facts).filter(|(sku, _)| sku.id != product).peekable();
            // Who holds nothing but what they leave can be in conflict with nothing else. A target product from elsewhere is
            // something else: it says that the conflict is not what it seems.
            let by_elimination = alone && leaving.peek().is_some();
            if !leaving.any(explains) && !by_elimination {
                flaws.insert(Flaw::Unexplained { product });
            }
        }
    }

    /// The target products that wait in a conflict for this user.
    fn waits_in_conflict(&self, facts: &UserFacts) -> BTreeSet<SkuId> {
        let of_group = facts.states.iter().filter(|one| one.group == Some(self.route.target.group));
        of_group.filter(|one| one.is_in_conflict()).map(|one| one.sku).collect()
    }
}

//! The one function from what Graph says of a user to a standing.

use std::collections::BTreeSet;

use crate::domain::end_state::AtPreflight;
use crate::domain::end_state::Keeps;
use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Edition;
use crate::domain::flaw::Flaw;
use crate::domain::group::GroupLicense;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::sku::Skus;
use crate::domain::standing::Failure;
use crate::domain::standing::Holder;
use crate::domain::standing::Lost;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;

/// What is needed beside the user to say where they stand.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// The two ends.
    pub route: Route,
    /// The scenario that is in force.
    pub scenario: Scenario,
    /// Every SKU of the tenant with its plans.
    pub skus: Skus,
    /// Every product that the source group assigns, the route's source among them.
    pub source_products: Vec<GroupLicense>,
    /// Every product that the target group assigns, the route's target among them. GBL gives a member all of them or none.
    pub target_products: Vec<GroupLicense>,
    /// Pairs of exclusive plans that users of the tenant hold all the same.
    pub disproved: Disproved,
    /// What preflight saw, which must still be so.
    pub at_preflight: AtPreflight,
}

impl Classifier {
    /// Who judges users on the way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            route: self.route.reversed(),
            scenario: self.scenario,
            skus: self.skus.clone(),
            source_products: self.target_products.clone(),
            target_products: self.source_products.clone(),
            disproved: self.disproved.clone(),
            at_preflight: self.at_preflight.reversed(&self.skus),
        }
    }

    /// Says where a user stands of whom nothing was proven. `facts` is what one read said, `None` when Graph knows no such
    /// user.
    pub fn standing(&self, facts: Option<&UserFacts>, removal: Removal) -> Standing {
        self.standing_of(facts, removal, &Keeps::default())
    }

    /// Says where a user stands who was to keep these when they were proven.
    pub fn standing_of(&self, facts: Option<&UserFacts>, removal: Removal, keeps: &Keeps) -> Standing {
        let Some(facts) = facts else { return Standing::Missing };
        let source = &self.route.source;
        let from_source = facts.of_sku(source.sku).find(|one| one.group == Some(source.group) && one.is_held());
        let targets = self.expected(facts, removal, keeps);
        let all_sound = targets.iter().all(|sku| all_of(self.entries(facts, *sku), Assignment::is_sound));
        match (from_source, all_sound) {
            (Some(_), true) if removal == Removal::NotSent => self.unless_flawed(facts, removal, Standing::HoldsBoth),
            (Some(one), true) => Standing::SourceLingers(left_behind(one)),
            (None, true) => match self.holder(facts) {
                Some(holder) => Standing::SourceLingers(holder),
                None if removal == Removal::Sent => self.arrived(facts, keeps),
                None => Standing::Migrated,
            },
            (Some(one), false) => self.with_source(facts, one, removal),
            (None, false) => self.without_source(facts, removal, &targets),
        }
    }

    /// The target products that the user must have. Who was proven and has left is owed what was promised and what an
    /// entry shows: a product that the group has got since may not have been looked at yet.
    fn expected(&self, facts: &UserFacts, removal: Removal, keeps: &Keeps) -> Vec<SkuId> {
        let mut targets = self.target_skus(facts);
        if removal == Removal::Sent && !keeps.targets.is_empty() {
            targets.retain(|sku| keeps.targets.contains(sku) || self.entries(facts, *sku).next().is_some());
        }
        targets
    }

    /// The plans that the target group turns on through the route's target.
    pub fn target_plans(&self) -> BTreeSet<PlanId> {
        let target = self.target_products.iter().find(|license| license.sku == self.route.target.sku);
        let disabled = target.map(|license| license.disabled_plans.as_slice()).unwrap_or_default();
        self.skus.get(self.route.target.sku).map(|sku| sku.enabled_plans(disabled)).unwrap_or_default()
    }

    /// The plans that a user has switched on through one product: what any source leaves enabled.
    pub fn plans_held(&self, facts: &UserFacts, sku: SkuId) -> Option<BTreeSet<PlanId>> {
        let product = self.skus.get(sku)?;
        let held: Vec<_> = facts.of_sku(sku).filter(|one| one.is_held()).collect();
        if held.is_empty() {
            return Some(product.enabled_plans(&[]));
        }
        Some(held.into_iter().flat_map(|one| product.enabled_plans(&one.disabled_plans)).collect())
    }

    /// Who holds the source license when the source group no longer does.
    fn holder(&self, facts: &UserFacts) -> Option<Holder> {
        let sku = self.route.source.sku;
        // Anything but a plain failure counts as held: a word that we do not know must not pass for "gone".
        let left =
            facts.of_sku(sku).find(|one| !matches!(one.state, AssignmentState::Error | AssignmentState::Disabled));
        match left {
            Some(one) if one.group == Some(self.route.source.group) => Some(left_behind(one)),
            Some(one) => Some(one.group.map_or(Holder::Direct, Holder::Group)),
            None => facts.assigned.contains(&sku).then_some(Holder::Unnamed),
        }
    }

    /// A target product's elements from the target group: one by Graph's rules. Should there be more, all of them must
    /// agree.
    fn entries<'a>(&self, facts: &'a UserFacts, sku: SkuId) -> impl Iterator<Item = &'a Assignment> {
        let group = self.route.target.group;
        facts.of_sku(sku).filter(move |one| one.group == Some(group))
    }

    /// What would be safe, if the end state holds as well.
    fn unless_flawed(&self, facts: &UserFacts, removal: Removal, safe: Standing) -> Standing {
        let mut flaws = self.flaws(facts, Edition::Any);
        if removal == Removal::Sent {
            // Others take their seats meanwhile, and this one may be about to be taken: what comes of it is seen.
            flaws.retain(|flaw| !matches!(flaw, Flaw::NoSeat { .. }));
        }
        if flaws.is_empty() { safe } else { Standing::Stuck(Trouble::EndState(flaws)) }
    }

    fn with_source(&self, facts: &UserFacts, source: &Assignment, removal: Removal) -> Standing {
        let targets = self.target_skus(facts);
        let entries: Vec<_> = targets.iter().flat_map(|sku| self.entries(facts, *sku)).collect();
        let bad = entries.iter().find(|one| !(one.is_sound() || one.is_in_conflict() || one.is_collateral()));
        if let Some(bad) = bad {
            return Standing::Stuck(self.trouble(bad));
        }
        if targets.iter().any(|sku| self.entries(facts, *sku).next().is_none()) {
            return Standing::OnSource;
        }
        match entries.iter().find(|one| one.is_in_conflict()) {
            Some(conflict) if self.scenario != Scenario::Conflicting => Standing::Stuck(self.trouble(conflict)),
            // Who has left and is kept by a dependency stays in this conflict for good.
            Some(_) if removal == Removal::Sent && left_behind(source) == Holder::Dependency => {
                Standing::Stuck(self.trouble(source))
            }
            Some(_) => self.unless_flawed(facts, removal, Standing::ExpectedConflict),
            // `Other` without anything behind it.
            None => entries
                .iter()
                .find(|one| !one.is_sound())
                .map_or(Standing::OnSource, |one| Standing::Stuck(self.trouble(one))),
        }
    }

    /// All target products are there and the source is not: is the rest as the plan said?
    fn arrived(&self, facts: &UserFacts, keeps: &Keeps) -> Standing {
        let mut lost: Vec<Lost> =
            keeps.products.iter().filter(|sku| !facts.holds(**sku)).map(|sku| Lost::Product(*sku)).collect();
        let services = self.services(facts);
        lost.extend(keeps.services.difference(&services).map(|service| Lost::Service(*service)));
        if lost.is_empty() { Standing::Migrated } else { Standing::LostPart(lost) }
    }

    fn without_source(&self, facts: &UserFacts, removal: Removal, targets: &[SkuId]) -> Standing {
        let (source, target) = (&self.route.source, &self.route.target);
        let entry = facts.from_group(target.sku, target.group);
        let active = |sku| facts.of_sku(sku).any(Assignment::is_held);
        match entry {
            Some(entry) if entry.is_sound() && all_of(self.entries(facts, target.sku), Assignment::is_sound) => {
                self.without_companion(facts, removal, targets)
            }
            Some(entry) if entry.is_held() => {
                let worst = self.entries(facts, target.sku).find(|one| !one.is_sound()).unwrap_or(entry);
                Standing::Stuck(self.trouble(worst))
            }
            _ if active(target.sku) => Standing::Stuck(Trouble::TargetElsewhere),
            Some(entry) if active(source.sku) => Standing::Stuck(self.trouble(entry)),
            None if active(source.sku) => Standing::Stuck(Trouble::SourceElsewhere),
            _ if facts.assigned.contains(&source.sku) || facts.assigned.contains(&target.sku) => {
                Standing::Stuck(Trouble::Unexplained)
            }
            _ => Standing::Unlicensed,
        }
    }

    /// The target is there, the source is not, and another product of the target group is missing or in error.
    fn without_companion(&self, facts: &UserFacts, removal: Removal, targets: &[SkuId]) -> Standing {
        let mut targets = targets.to_vec();
        targets.retain(|sku| !all_of(self.entries(facts, *sku), Assignment::is_sound));
        let wrong = targets.iter().flat_map(|sku| self.entries(facts, *sku)).find(|one| !one.is_sound());
        match wrong {
            Some(one) if removal == Removal::NotSent || one.is_held() => Standing::Stuck(self.trouble(one)),
            _ => Standing::LostPart(targets.into_iter().map(Lost::Product).collect()),
        }
    }

    fn trouble(&self, entry: &Assignment) -> Trouble {
        let product = (entry.sku != self.route.target.sku).then_some(entry.sku);
        let failure = |word: String| Box::new(Failure { word, product });
        match &entry.error {
            Some(error) => Trouble::Error(failure(error.to_string())),
            None => Trouble::State(failure(entry.state.to_string())),
        }
    }
}

fn all_of<'a>(mut entries: impl Iterator<Item = &'a Assignment>, holds: impl Fn(&Assignment) -> bool) -> bool {
    entries.next().is_some_and(&holds) && entries.all(holds)
}

fn left_behind(source: &Assignment) -> Holder {
    if source.error == Some(LicenseError::DependencyViolation) { Holder::Dependency } else { Holder::NotProcessed }
}

//! Where a user stands: the one function from what Graph says to a standing.

mod labels;

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::exclusion::Edition;
use crate::domain::exclusion::Exclusions;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::sku::Skus;

/// Who still holds the source license of a user that has the target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The source group's assignment is still there: GBL has not processed the removal.
    NotProcessed,
    /// The user left the source group, but another product needs one of its plans: a ghost assignment.
    Dependency,
    /// The license is assigned to the user directly.
    Direct,
    /// Another group assigns it.
    Group(GroupId),
    /// `assignedLicenses` has it, and no source is named.
    Unnamed,
}

/// What keeps a user stuck.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Graph's word in `error`.
    Error(String),
    /// Graph's word in `state`, where `error` says nothing.
    State(String),
    /// The target is held, but not from the target group.
    TargetElsewhere,
    /// The source is held, but not from the source group.
    SourceElsewhere,
    /// Only `assignedLicenses` shows a license, with no source for it.
    Unexplained,
}

/// Where a user stands between the source and the target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// The source is held and nothing is seen of the target.
    OnSource,
    /// Both are held.
    HoldsBoth,
    /// The target waits in the conflict that taking the source away resolves.
    ExpectedConflict,
    /// The target is held from the target group and the source from nowhere.
    Migrated,
    /// The target is held, and the source still is.
    SourceLingers(Holder),
    /// Something keeps the target away that time alone will not heal.
    Stuck(Trouble),
    /// Neither is active: alarm.
    Unlicensed,
    /// Deleted, disabled or not found.
    Missing,
}

impl Standing {
    /// The word on screen, which never changes.
    pub fn word(&self) -> &'static str {
        match self {
            Self::OnSource => "OnSource",
            Self::HoldsBoth => "HoldsBoth",
            Self::ExpectedConflict => "ExpectedConflict",
            Self::Migrated => "Migrated",
            Self::SourceLingers(_) => "SourceLingers",
            Self::Stuck(_) => "Stuck",
            Self::Unlicensed => "Unlicensed",
            Self::Missing => "Missing",
        }
    }

    /// Whether the user keeps a license when the source is taken away.
    pub fn is_safe(&self, scenario: Scenario) -> bool {
        match self {
            // Migrated without our removal: the source license is gone or in error, and its group has nothing to take away.
            Self::HoldsBoth | Self::Migrated => true,
            Self::ExpectedConflict => scenario == Scenario::Conflicting,
            Self::OnSource | Self::SourceLingers(_) | Self::Stuck(_) | Self::Unlicensed | Self::Missing => false,
        }
    }

    /// How far along the road it is; a user whose figure falls went back.
    pub fn progress(&self) -> u8 {
        match self {
            Self::Unlicensed | Self::Missing => 0,
            Self::OnSource | Self::Stuck(_) => 1,
            Self::ExpectedConflict | Self::HoldsBoth => 2,
            Self::SourceLingers(_) => 3,
            Self::Migrated => 4,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck(trouble) => write!(f, "Stuck · {trouble}"),
            _ => f.write_str(self.word()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error(word) | Self::State(word) => word,
            Self::TargetElsewhere => "target from elsewhere",
            Self::SourceElsewhere => "source from elsewhere",
            Self::Unexplained => "license without a source",
        })
    }
}

/// Whether the user's removal from the source group was sent; it tells an unprocessed removal from a license at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Not sent.
    NotSent,
    /// Sent, or acknowledged.
    Sent,
}

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
        }
    }

    /// Says where a user stands. `facts` is what one read said, `None` when Graph knows no such user.
    pub fn standing(&self, facts: Option<&UserFacts>, removal: Removal) -> Standing {
        let Some(facts) = facts.filter(|facts| facts.enabled != Some(false)) else {
            return Standing::Missing;
        };
        let source = &self.route.source;
        let from_source = facts.of_sku(source.sku).find(|one| one.group == Some(source.group) && one.is_held());
        let sound_target = all_of(self.target_entries(facts), Assignment::is_sound);
        match (from_source, sound_target) {
            (Some(_), true) if removal == Removal::NotSent => Standing::HoldsBoth,
            (Some(one), true) => Standing::SourceLingers(left_behind(one)),
            (None, true) => self.holder(facts).map_or(Standing::Migrated, Standing::SourceLingers),
            (Some(_), false) => self.with_source(facts),
            (None, false) => self.with_neither(facts),
        }
    }

    /// Whether one of the user's *other* products excludes the target: then taking the source away would not free it.
    /// A product whose plans we do not know counts as one that does.
    pub fn excluded_by_others(&self, facts: &UserFacts, edition: Edition) -> Vec<SkuId> {
        let target = self.target_plans();
        let others =
            facts.held().into_iter().filter(|sku| *sku != self.route.source.sku && *sku != self.route.target.sku);
        others
            .filter(|sku| {
                self.plans_held(facts, *sku)
                    .is_none_or(|plans| !Exclusions::known().pairs(&plans, &target, edition).is_empty())
            })
            .collect()
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

    /// The target's elements from the target group: one by Graph's rules. Should there be more, all of them must agree.
    fn target_entries<'a>(&self, facts: &'a UserFacts) -> impl Iterator<Item = &'a Assignment> {
        let (sku, group) = (self.route.target.sku, self.route.target.group);
        facts.of_sku(sku).filter(move |one| one.group == Some(group))
    }

    fn with_source(&self, facts: &UserFacts) -> Standing {
        let conflict = |one: &Assignment| {
            one.error == Some(LicenseError::MutuallyExclusiveViolation) && one.state == AssignmentState::Error
        };
        let resolvable =
            self.scenario == Scenario::Conflicting && self.excluded_by_others(facts, Edition::Any).is_empty();
        let worst = self.target_entries(facts).find(|one| !conflict(one) && !one.is_sound());
        match worst.or_else(|| self.target_entries(facts).find(|one| !one.is_sound())) {
            None => Standing::OnSource,
            Some(_) if resolvable && all_of(self.target_entries(facts), conflict) => Standing::ExpectedConflict,
            Some(entry) => Standing::Stuck(trouble(entry)),
        }
    }

    fn with_neither(&self, facts: &UserFacts) -> Standing {
        let (source, target) = (&self.route.source, &self.route.target);
        let entry = facts.from_group(target.sku, target.group);
        let active = |sku| facts.of_sku(sku).any(Assignment::is_held);
        match entry {
            Some(entry) if entry.is_held() => Standing::Stuck(trouble(entry)),
            _ if active(target.sku) => Standing::Stuck(Trouble::TargetElsewhere),
            Some(entry) if active(source.sku) => Standing::Stuck(trouble(entry)),
            None if active(source.sku) => Standing::Stuck(Trouble::SourceElsewhere),
            _ if facts.assigned.contains(&source.sku) || facts.assigned.contains(&target.sku) => {
                Standing::Stuck(Trouble::Unexplained)
            }
            _ => Standing::Unlicensed,
        }
    }
}

fn all_of<'a>(mut entries: impl Iterator<Item = &'a Assignment>, holds: impl Fn(&Assignment) -> bool) -> bool {
    entries.next().is_some_and(&holds) && entries.all(holds)
}

fn left_behind(source: &Assignment) -> Holder {
    if source.error == Some(LicenseError::DependencyViolation) { Holder::Dependency } else { Holder::NotProcessed }
}

fn trouble(entry: &Assignment) -> Trouble {
    entry
        .error
        .as_ref()
        .map_or_else(|| Trouble::State(entry.state.to_string()), |error| Trouble::Error(error.to_string()))
}

#[cfg(test)]
mod tests;

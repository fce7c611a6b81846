//! What preflight saw and the operator approved, and what of it is no longer so when a license is to be taken away.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::classifier::Classifier;
use crate::domain::end_state::parts::Origin;
use crate::domain::end_state::parts::Part;
use crate::domain::flaw::Flaw;
use crate::domain::group::GroupLicense;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::plan_families::CoreService;
use crate::domain::plan_families::core_service;
use crate::domain::sku::Skus;

/// What preflight saw of the groups and the users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtPreflight {
    /// What the source group assigned; nothing when that is not known.
    pub source_products: Vec<GroupLicense>,
    /// What the target group assigned; nothing when that is not known.
    pub target_products: Vec<GroupLicense>,
    /// Core services that users may lose.
    pub accepted: BTreeSet<CoreService>,
    /// Where users were.
    pub locations: UsageLocations,
}

/// Each user's usage location, the empty text where none was set. Of a user without an entry it is not known. Each country
/// is kept once, and a user takes 20 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageLocations(Arc<Locations>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Locations {
    countries: Vec<Box<str>>,
    /// Users with the places of their countries, in the order of their ids.
    users: Vec<(UserId, u32)>,
}

impl UsageLocations {
    /// Where a user was; `None` when that is not known.
    pub fn get(&self, user: UserId) -> Option<&str> {
        let at = self.0.users.binary_search_by_key(&user, |(id, _)| *id).ok()?;
        let country = usize::try_from(self.0.users[at].1).ok()?;
        self.0.countries.get(country).map(AsRef::as_ref)
    }

    /// Whether it is known of nobody.
    pub fn is_empty(&self) -> bool {
        self.0.users.is_empty()
    }
}

impl<'a> FromIterator<(UserId, &'a str)> for UsageLocations {
    fn from_iter<T: IntoIterator<Item = (UserId, &'a str)>>(told: T) -> Self {
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        let mut countries: Vec<Box<str>> = Vec::new();
        let mut country = |name: &'a str| {
            *known.entry(name).or_insert_with(|| {
                countries.push(name.into());
                u32::try_from(countries.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let mut users: Vec<(UserId, u32)> = told.into_iter().map(|(user, name)| (user, country(name))).collect();
        users.sort_by_key(|(user, _)| *user);
        users.dedup_by_key(|(user, _)| *user);
        users.shrink_to_fit();
        Self(Arc::new(Locations { countries, users }))
    }
}

impl AtPreflight {
    /// Takes over what a journal tells of the run's first preflight, and where its users were; what it does not tell stays.
    pub fn take_over(&mut self, [source, target]: [&Vec<GroupLicense>; 2], locations: &UsageLocations) {
        if !target.is_empty() {
            self.source_products.clone_from(source);
            self.target_products.clone_from(target);
        }
        if !locations.is_empty() {
            self.locations = locations.clone();
        }
    }

    /// The same for the way back. Users had nothing but the source's services before, so what only the target group has
    /// brought may go.
    pub(in crate::domain) fn reversed(&self, skus: &Skus) -> Self {
        let brought = services_of(&self.source_products, skus);
        let may_go = services_of(&self.target_products, skus);
        Self {
            source_products: self.target_products.clone(),
            target_products: self.source_products.clone(),
            accepted: may_go.difference(&brought).copied().collect(),
            locations: self.locations.clone(),
        }
    }
}

/// The core services that some products of a group bring.
fn services_of(products: &[GroupLicense], skus: &Skus) -> BTreeSet<CoreService> {
    let plans = products.iter().filter_map(|license| Some(skus.get(license.sku)?.enabled(&license.disabled_plans)));
    plans.flatten().filter_map(|plan| core_service(plan.id)).collect()
}

impl Classifier {
    /// What others have changed since preflight so that the user would lose by it.
    pub(super) fn changes_since_preflight(&self, facts: &UserFacts, parts: &[Part<'_>], flaws: &mut BTreeSet<Flaw>) {
        for GroupLicense { sku, .. } in &self.at_preflight.target_products {
            if self.target_products.iter().all(|license| license.sku != *sku) {
                flaws.insert(Flaw::NoLongerAssigned { product: *sku });
            }
        }
        self.location(facts, flaws);
        let stays = |part: &&Part<'_>| part.lasts && !matches!(part.from, Origin::Waiting(_));
        let after: BTreeSet<CoreService> =
            parts.iter().filter(stays).flat_map(Part::ids).filter_map(core_service).collect();
        let may_go = |service: &CoreService| after.contains(service) || self.at_preflight.accepted.contains(service);
        for service in self.services(facts).into_iter().filter(|service| !may_go(service)) {
            flaws.insert(Flaw::LosesService { product: self.route.target.sku, service });
        }
    }

    /// That the source license is held proves that products are offered where the user was. Of where the user is now,
    /// nothing proves it of a product that waits: GBL may tell a conflict first, and the country only once that is gone.
    fn location(&self, facts: &UserFacts, flaws: &mut BTreeSet<Flaw>) {
        let Some(from) = self.at_preflight.locations.get(facts.id) else { return };
        let to = facts.usage_location.as_deref().unwrap_or_default();
        if from.eq_ignore_ascii_case(to) {
            return;
        }
        let of_target = facts.states.iter().filter(|one| one.group == Some(self.route.target.group));
        if let Some(one) = of_target.filter(|one| !one.is_sound()).min_by_key(|one| one.sku) {
            flaws.insert(Flaw::LocationChanged { product: one.sku, from: from.to_string(), to: to.to_owned() });
        }
    }
}

//! What may be licensed beside what, and where: the tenant's own answers to what Microsoft's documents leave open.
use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::sim::catalog::{CATALOG, Dependency, Pair, pair};

/// Which list of exclusive plans holds (Microsoft Learn, "Product names and service plan identifiers for licensing").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
pub(crate) enum Edition {
    /// The list of the current article.
    #[default]
    #[serde(rename = "current")]
    Current,
    /// The list of the 2019 edition, when Exchange plans excluded each other as well.
    #[serde(rename = "2019")]
    Of2019,
}

/// In which order groups of which something had failed for a user are tried again when the user loses a product. Microsoft
/// does not say, and where they exclude each other, the first has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RetryOrder {
    /// As the tenant lists its groups: those made first come first.
    #[default]
    Listed,
    /// What failed longest ago comes first.
    Oldest,
    /// What failed last comes first.
    Newest,
    /// By the ids of the groups.
    GroupId,
    /// By chance, different from user to user and the same for the same seed.
    Seeded,
}

/// The rules that every assignment is checked against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// In which order what had failed is tried again.
    pub(crate) retry_order: RetryOrder,
    /// What is left to chance by [`RetryOrder::Seeded`].
    pub(crate) luck: u64,
    /// Of several products of a group that fail for a user, only the first says why, and the others say `Other`.
    pub(crate) first_failure_only: bool,
    /// Whether users hold plans side by side that the current list has as exclusive, as those of Teams Enterprise and of suites
    /// without Teams.
    pub(crate) teams_beside_suites: bool,
    edition: Edition,
    /// More pairs that stand side by side.
    stand: HashSet<Pair>,
    /// The set that each exclusive plan belongs to.
    exclusive: HashMap<Uuid, u16>,
    /// For each plan that needs others, the alternatives; a plan may have several needs.
    needs: HashMap<Uuid, Vec<Vec<Uuid>>>,
    /// Products and countries where they are not offered.
    prohibited: HashSet<(Uuid, String)>,
}

impl Rules {
    /// The rules of an edition, and the assumed dependencies.
    pub(crate) fn new(edition: Edition, sharepoint_stacks: bool) -> Self {
        let mut rules = Self { teams_beside_suites: true, ..Self::default() };
        rules.use_edition(edition, sharepoint_stacks);
        for Dependency { plan, any_of } in &CATALOG.dependencies {
            rules.require(*plan, any_of.clone());
        }
        rules
    }

    /// Lets another list of exclusive plans hold. With `sharepoint_stacks`, SharePoint plans no longer exclude each other, as
    /// the Exchange team's announcement of January 2023 says of them in passing.
    pub(crate) fn use_edition(&mut self, edition: Edition, sharepoint_stacks: bool) {
        let mut sets: Vec<&str> = Vec::new();
        self.exclusive.clear();
        self.edition = edition;
        for row in &CATALOG.exclusive {
            let listed = match edition {
                Edition::Current => row.in_current,
                Edition::Of2019 => row.in_2019,
            };
            if !listed || (sharepoint_stacks && row.set == "sharepoint-online") {
                continue;
            }
            let set = sets.iter().position(|set| *set == row.set).unwrap_or_else(|| {
                sets.push(&row.set);
                sets.len() - 1
            });
            self.exclusive.insert(row.plan, u16::try_from(set).unwrap_or(u16::MAX));
        }
    }

    /// Makes a plan need one of others.
    pub(crate) fn require(&mut self, plan: Uuid, any_of: Vec<Uuid>) {
        self.needs.entry(plan).or_default().push(any_of);
    }

    /// Puts plans into a new exclusive set.
    pub(crate) fn exclude(&mut self, plans: &[Uuid]) {
        let set = self.exclusive.values().max().map_or(0, |set| set.saturating_add(1));
        self.exclusive.extend(plans.iter().map(|plan| (*plan, set)));
    }

    /// Lets plans stand side by side although they are listed as exclusive.
    pub(crate) fn let_stand(&mut self, plans: &[Uuid]) {
        self.stand.extend(plans.iter().flat_map(|one| plans.iter().map(|other| pair(*one, *other))));
    }

    /// Stops offering a product in a country.
    pub(crate) fn prohibit(&mut self, sku: Uuid, country: &str) {
        self.prohibited.insert((sku, country.to_ascii_uppercase()));
    }

    /// Whether a product is not offered in a country.
    pub(crate) fn prohibits(&self, sku: Uuid, country: &str) -> bool {
        !self.prohibited.is_empty() && self.prohibited.contains(&(sku, country.to_ascii_uppercase()))
    }

    /// Whether two plans exclude each other.
    pub(crate) fn exclude_each_other(&self, one: Uuid, other: Uuid) -> bool {
        let set = self.set_of(one);
        one != other && set.is_some() && set == self.set_of(other) && !self.stands(pair(one, other))
    }

    fn stands(&self, pair: Pair) -> bool {
        let built_in = self.teams_beside_suites && self.edition == Edition::Current;
        self.stand.contains(&pair) || (built_in && CATALOG.compatible.contains(&pair))
    }

    /// The exclusive set of a plan.
    pub(crate) fn set_of(&self, plan: Uuid) -> Option<u16> {
        self.exclusive.get(&plan).copied()
    }

    /// What a plan needs: one of each of these.
    pub(crate) fn needs_of(&self, plan: Uuid) -> &[Vec<Uuid>] {
        self.needs.get(&plan).map_or(&[], Vec::as_slice)
    }
}

//! What may be licensed beside what, and where: the tenant's own answers to what Microsoft's documents leave open.
use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::sim::catalog::{CATALOG, Dependency};

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

/// The rules that every assignment is checked against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
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
        let mut rules = Self::default();
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

    /// Stops offering a product in a country.
    pub(crate) fn prohibit(&mut self, sku: Uuid, country: &str) {
        self.prohibited.insert((sku, country.to_ascii_uppercase()));
    }

    /// Whether a product is not offered in a country.
    pub(crate) fn prohibits(&self, sku: Uuid, country: &str) -> bool {
        !self.prohibited.is_empty() && self.prohibited.contains(&(sku, country.to_ascii_uppercase()))
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

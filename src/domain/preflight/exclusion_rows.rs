//! Which rows of Microsoft's list stand between the target and other products of the users, held or waiting.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::exclusion::Edition;
use crate::domain::exclusion::Exclusions;
use crate::domain::exclusion::Pair;
use crate::domain::group::Group;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::UserFacts;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::losses;

/// A product of users that excludes the target, by one pair of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionRow {
    /// The product.
    pub sku: SkuId,
    /// Its plan, the target's, and where that is listed.
    pub pair: Pair,
    /// How many listed users have the product with this plan on, be it that it waits in error.
    pub users: usize,
}

/// The rows for all users, those that concern most users first. Products of the two groups themselves are not among them:
/// the prediction names those.
pub(super) fn rows(facts: &Facts) -> Vec<ExclusionRow> {
    let target: BTreeSet<PlanId> =
        losses::plans_of(facts, facts.target_group.as_ref(), &facts.route.target).into_keys().collect();
    let own: BTreeSet<SkuId> = [&facts.source_group, &facts.target_group]
        .into_iter()
        .flatten()
        .flat_map(|group: &Group| &group.licenses)
        .map(|license| license.sku)
        .chain([facts.route.source.sku, facts.route.target.sku])
        .collect();
    // Many users have a product in few ways, and the list need be asked but once for each.
    let mut ways: BTreeMap<(SkuId, BTreeSet<PlanId>), usize> = BTreeMap::new();
    for (_, lookup) in &facts.users {
        let Lookup::Found(user) = lookup else { continue };
        let waiting = user.states.iter().map(|entry| entry.sku);
        let others: BTreeSet<SkuId> = user.held().into_iter().chain(waiting).filter(|sku| !own.contains(sku)).collect();
        for sku in others {
            if let Some(plans) = plans(facts, user, sku) {
                *ways.entry((sku, plans)).or_default() += 1;
            }
        }
    }
    let mut rows: BTreeMap<(SkuId, Pair), usize> = BTreeMap::new();
    for ((sku, plans), users) in ways {
        for pair in Exclusions::known().pairs(&plans, &target, Edition::Any) {
            *rows.entry((sku, pair)).or_default() += users;
        }
    }
    let mut rows: Vec<_> = rows.into_iter().map(|((sku, pair), users)| ExclusionRow { sku, pair, users }).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.users));
    rows
}

/// The plans that any source of a product switches on, as it will once it stands; all of them where no source is told.
fn plans(facts: &Facts, user: &UserFacts, sku: SkuId) -> Option<BTreeSet<PlanId>> {
    let product = facts.skus.get(sku)?;
    let mut entries = user.of_sku(sku).peekable();
    if entries.peek().is_none() {
        return Some(product.enabled_plans(&[]));
    }
    Some(entries.flat_map(|entry| product.enabled_plans(&entry.disabled_plans)).collect())
}

//! The advice that follows from what preflight read; pure, and it decides nothing.

use std::collections::BTreeMap;
use std::collections::HashSet;

use crate::domain::advice::Advice;
use crate::domain::advice::AdviceFacts;
use crate::domain::group::GroupLicense;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ProblemDetail;
use crate::domain::preflight::products_of;
use crate::domain::sku::Sku;

/// How many nested groups are named.
const MOST_NAMED: usize = 5;

/// Products without Entra ID P1 whose users group-based licensing serves all the same: Office 365 E3, A3, GCC G3, E3 for GCC
/// High and `DoD`, and those above them (Microsoft Learn, "What is group-based licensing in Microsoft Entra ID?", licensing
/// requirements; ids of "Product names and service plan identifiers for licensing").
const SUITES: [&str; 15] = [
    "6fd2c87f-b296-42f0-b197-1e91e994b900", // Office 365 E3
    "46c3a859-c90d-40b3-9551-6178a48d5c18", // Office 365 E3 (no Teams)
    "d711d25a-a21c-492f-bd19-aae1e8ebaf30", // Office 365 E3 EEA (no Teams)
    "c7df2760-2c81-4ef7-b578-5b5392b571df", // Office 365 E5
    "26d45bd9-adf1-46cd-a9e1-51e9a5524128", // Office 365 E5 Without Audio Conferencing
    "cf50bae9-29e8-4775-b07c-56ee10e3776d", // Office 365 E5 EEA (no Teams)
    "71772aeb-4bb8-4f74-9dd4-36c7a9b5ca74", // Office 365 E5 EEA (no Teams) without Audio Conferencing
    "e578b273-6db4-4691-bba0-8d691f4da603", // Office 365 A3 for faculty
    "98b6e773-24d4-4c0d-a968-6e787a1f8204", // Office 365 A3 for students
    "a4585165-0533-458a-97e3-c400570268c4", // Office 365 A5 for faculty
    "ee656612-49fa-43e5-b67e-cb1fdf7699df", // Office 365 A5 for students
    "535a3a29-c5f0-42fe-8215-d3b9e1f38c4a", // Office 365 G3 GCC
    "8900a2c0-edba-4079-bdf3-b276e293b6a8", // Office 365 G5 GCC
    "aea38a85-9bd5-4981-aa00-616b411205bf", // Office 365 E3_USGOV_GCCHIGH
    "b107e5a3-3e60-4c0d-a184-a7e4395eb44c", // Office 365 E3_USGOV_DOD
];

/// All advice on a plan, `problems` being what preflight found of it.
pub(super) fn advise(facts: &Facts, read: &AdviceFacts, problems: &[Problem]) -> Vec<Advice> {
    let users = found(facts);
    let mut all = Vec::new();
    all.extend(delicensing(facts));
    all.extend(coverage(facts, users.len()));
    all.extend(phones(facts, &users));
    let count =
        |is: fn(&UserFacts) -> bool| Some(users.values().filter(|user| is(user)).count()).filter(|all| *all > 0);
    all.extend(count(|user| user.guest == Some(true)).map(|users| Advice::Guests { users }));
    all.extend(count(|user| user.enabled == Some(false)).map(|users| Advice::DisabledAccounts { users }));
    all.extend(deleted(facts, read));
    let ends = [
        (&facts.source_group, &facts.route.source, &read.nested_in_source),
        (&facts.target_group, &facts.route.target, &read.nested_in_target),
    ];
    for (group, side, nested) in ends {
        if group.is_some() {
            all.extend(self::nested(&side.group_name, nested.as_deref()));
        }
    }
    all.extend(subscriptions(facts, problems));
    if facts.source_group.is_some() {
        let (source, target) = (&facts.route.source, &facts.route.target);
        let (old, new) = (source.sku_name.clone(), target.sku_name.clone());
        all.push(Advice::OneCallSwap { group: source.group_name.clone(), old, new });
    }
    all
}

/// Everybody of the list who was found, each once.
fn found(facts: &Facts) -> BTreeMap<UserId, &UserFacts> {
    let found = facts.users.iter().filter_map(|(_, lookup)| match lookup {
        Lookup::Found(user) => Some((user.id, user)),
        Lookup::NotFound | Lookup::Malformed => None,
    });
    found.collect()
}

fn has_plan(sku: Option<&Sku>, disabled: &[PlanId], is: impl Fn(&str) -> bool) -> bool {
    sku.is_some_and(|sku| sku.enabled(disabled).any(|plan| is(&plan.name)))
}

fn is_exchange(plan: &str) -> bool {
    plan.starts_with("EXCHANGE_")
}

fn is_phone(plan: &str) -> bool {
    plan.starts_with("MCOEV") || plan.starts_with("MCOPSTN")
}

fn seats(facts: &Facts, of: impl Fn(&Sku) -> bool) -> i64 {
    let usable = facts.skus.iter().filter(|sku| sku.for_users && sku.is_usable() && of(sku));
    usable.map(|sku| sku.prepaid.enabled.max(0)).fold(0, i64::saturating_add)
}

/// Where the source brings no mailbox, none is at stake.
fn delicensing(facts: &Facts) -> Option<Advice> {
    let source = products_of(facts.source_group.as_ref(), &facts.route.source);
    let at_stake = source.iter().any(|license| {
        let sku = facts.skus.get(license.sku);
        sku.is_none() || has_plan(sku, &license.disabled_plans, is_exchange)
    });
    let exchange_seats = seats(facts, |sku| has_plan(Some(sku), &[], is_exchange));
    at_stake.then_some(Advice::DelayedDelicensing { exchange_seats })
}

fn coverage(facts: &Facts, users: usize) -> Option<Advice> {
    let premium = |plan: &str| ["AAD_PREMIUM", "AAD_PREMIUM_P2"].contains(&plan);
    let covers = |sku: &Sku| has_plan(Some(sku), &[], premium) || SUITES.contains(&sku.id.to_string().as_str());
    let seats = seats(facts, covers);
    let short = usize::try_from(seats).unwrap_or(usize::MAX) < users;
    short.then_some(Advice::GroupLicensingCoverage { seats, users })
}

fn phones(facts: &Facts, users: &BTreeMap<UserId, &UserFacts>) -> Option<Advice> {
    let phone = |sku: SkuId, disabled: &[PlanId]| has_plan(facts.skus.get(sku), disabled, is_phone);
    let target = products_of(facts.target_group.as_ref(), &facts.route.target);
    let brought = target.iter().any(|license: &GroupLicense| phone(license.sku, &license.disabled_plans));
    let (mut all, mut lose) = (0, 0);
    for user in users.values() {
        let held = user.states.iter().filter(|state| state.is_held() && phone(state.sku, &state.disabled_plans));
        let from: HashSet<_> = held.map(|state| state.group).collect();
        all += usize::from(!from.is_empty());
        let source_alone = from.len() == 1 && from.contains(&Some(facts.route.source.group));
        lose += usize::from(source_alone && !brought);
    }
    (all > 0).then_some(Advice::PhoneNumbers { users: all, lose })
}

fn deleted(facts: &Facts, read: &AdviceFacts) -> Option<Advice> {
    let missing: HashSet<String> = facts
        .users
        .iter()
        .filter(|(_, lookup)| matches!(lookup, Lookup::NotFound))
        .map(|(listed, _)| listed.given.trim().to_lowercase())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let Some(deleted) = &read.deleted else { return Some(Advice::DeletedUnknown { users: missing.len() }) };
    // A name may have been given to somebody else since, and deleted again; it is on the list once.
    let mut users = HashSet::new();
    for user in deleted {
        let keys = [user.id.to_string(), user.upn.to_lowercase()];
        users.extend(keys.into_iter().filter(|key| missing.contains(key)));
    }
    (!users.is_empty()).then_some(Advice::DeletedAccounts { users: users.len() })
}

fn nested(group: &str, nested: Option<&[String]>) -> Option<Advice> {
    let group = group.to_owned();
    match nested {
        None => Some(Advice::NestedUnknown { group }),
        Some([]) => None,
        Some(all) => {
            let nested = all.iter().take(MOST_NAMED).cloned().collect();
            Some(Advice::NestedGroups { group, nested, count: all.len() })
        }
    }
}

fn subscriptions(facts: &Facts, problems: &[Problem]) -> Vec<Advice> {
    if facts.subscriptions.is_none() {
        return vec![Advice::SubscriptionUnknown { product: facts.route.target.sku_name.clone() }];
    }
    let ends = |problem: &Problem| match &problem.detail {
        ProblemDetail::Subscription { product, caution } => {
            Some(Advice::TargetSubscriptionEnds { product: product.clone(), caution: *caution })
        }
        _ => None,
    };
    problems.iter().filter_map(ends).collect()
}

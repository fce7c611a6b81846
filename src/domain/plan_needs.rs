//! Which service plans build on which others, as far as it is known.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Our own table of add-on plans; Microsoft publishes none, so it can only name the well-known ones.
const TABLE: &str = include_str!("../../assets/plan-needs.csv");

/// The needs of `plan` that `left` no longer meets although `before` did; `None` when nothing is missing.
pub(in crate::domain) fn unmet(
    plan: &str,
    before: &BTreeSet<String>,
    left: &BTreeSet<String>,
) -> Option<Vec<&'static str>> {
    let needs = table().get(plan)?;
    let met = |plans: &BTreeSet<String>| needs.iter().any(|need| plans.contains(*need));
    (met(before) && !met(left)).then(|| needs.clone())
}

/// The plans any one of which this plan builds on, by part number; `None` for one that builds on nothing that we know of.
pub(in crate::domain) fn of(plan: &str) -> Option<&'static [&'static str]> {
    table().get(plan).map(Vec::as_slice)
}

fn table() -> &'static HashMap<&'static str, Vec<&'static str>> {
    static KNOWN: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let rows = TABLE.lines().skip(1).filter_map(|line| line.split_once(','));
        rows.map(|(plan, needs)| (plan, needs.split(';').collect())).collect()
    })
}

//! Which service plans build on which others, as far as it is known, and which permissions the work needs.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Our own table of add-on plans; Microsoft publishes none, so it can only name the well-known ones.
const TABLE: &str = include_str!("../../../assets/plan-needs.csv");

/// What the work asks for and, for each, the permissions any one of which is enough, the least one first
/// (Microsoft Graph permissions reference).
const PERMISSIONS: [&[&str]; 4] = [
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    &[
        "GroupMember.Read.All",
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &[
        "LicenseAssignment.Read.All",
        "LicenseAssignment.ReadWrite.All",
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"],
];

/// The needs of `plan` that `left` no longer meets although `before` did; `None` when nothing is missing.
pub(super) fn unmet(plan: &str, before: &BTreeSet<String>, left: &BTreeSet<String>) -> Option<Vec<&'static str>> {
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

/// The least permission of each kind of work that none of the token's permissions allows.
pub fn missing_permissions(approved_pending: &[String]) -> Vec<String> {
    let lacks = |any_of: &&&[&str]| {
        !any_of.iter().any(|one| approved_pending.iter().any(|have| have.eq_ignore_ascii_case(one)))
    };
    PERMISSIONS.iter().filter(lacks).filter_map(|any_of| any_of.first()).map(|name| (*name).to_owned()).collect()
}

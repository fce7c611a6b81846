//! Which service plans cannot stand beside each other on one user, and so whether two products conflict.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::PlanId;

/// The data: Microsoft, "Product names and service plan identifiers for licensing", last section, 2019 and current edition.
const TABLE: &str = include_str!("../../assets/exclusive-plans.csv");

/// Which edition of Microsoft's list to go by. They differ, and Microsoft says that the list is not kept complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// What the current article lists: the best guess of what will happen.
    Current,
    /// What any edition listed: for questions in which a wrong "no" would cost a user their license.
    Any,
}

/// Two plans that exclude each other, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The plan of the first product.
    pub one: String,
    /// The plan of the second product.
    pub other: String,
}

#[derive(Debug)]
struct Entry {
    set: &'static str,
    name: &'static str,
    current: bool,
}

/// Microsoft's table of plans that cannot be assigned together.
#[derive(Debug, Default)]
pub struct Exclusions {
    entries: HashMap<PlanId, Entry>,
}

impl Exclusions {
    /// The table that comes with the program.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Exclusions> = OnceLock::new();
        KNOWN.get_or_init(|| Self { entries: TABLE.lines().skip(1).filter_map(row).collect() })
    }

    /// Every pair of plans, one from each side, that cannot stand together. The same plan on both sides is no conflict.
    pub fn pairs(&self, ours: &BTreeSet<PlanId>, theirs: &BTreeSet<PlanId>, edition: Edition) -> Vec<Pair> {
        let listed = |plan: &PlanId| {
            self.entries.get(plan).filter(|entry| edition == Edition::Any || entry.current).map(|entry| (*plan, entry))
        };
        let mut pairs = Vec::new();
        for (plan, entry) in ours.iter().filter_map(listed) {
            for (other_plan, other) in theirs.iter().filter_map(listed) {
                if plan != other_plan && entry.set == other.set {
                    pairs.push(Pair { one: entry.name.into(), other: other.name.into() });
                }
            }
        }
        pairs.sort();
        pairs
    }
}

fn row(line: &'static str) -> Option<(PlanId, Entry)> {
    let mut cells = line.split(',');
    let (set, name, id, listed) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    Some((PlanId(id.parse().ok()?), Entry { set, name, current: listed != "2019" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(ids: &[&str]) -> BTreeSet<PlanId> {
        ids.iter().map(|id| PlanId(id.parse().unwrap())).collect()
    }

    const SHAREPOINT_1: &str = "c7699d2e-19aa-44de-8edf-1736da088ca1";
    const SHAREPOINT_2: &str = "5dbe027f-2339-4123-9542-606e4d348a72";
    const EXCHANGE_1: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";
    const EXCHANGE_2: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(Exclusions::known().entries.len(), TABLE.lines().skip(1).count());
    }

    #[test]
    fn the_editions_differ_about_exchange_and_agree_about_sharepoint() {
        let (one, other) = (plans(&[SHAREPOINT_1, EXCHANGE_1]), plans(&[SHAREPOINT_2, EXCHANGE_2]));
        let known = Exclusions::known();
        assert_eq!(known.pairs(&one, &other, Edition::Current).len(), 1);
        assert_eq!(known.pairs(&one, &other, Edition::Any).len(), 2);
    }

    #[test]
    fn a_plan_does_not_exclude_itself() {
        let both = plans(&[SHAREPOINT_2]);
        assert!(Exclusions::known().pairs(&both, &both, Edition::Any).is_empty());
    }
}

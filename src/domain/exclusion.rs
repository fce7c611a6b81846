//! Which service plans cannot stand beside each other on one user, and so whether two products conflict.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::UserFacts;
use crate::domain::sku::Skus;

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

/// Two plans that exclude each other, by name, and the rows of the list that say so.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The plan of the first product.
    pub one: String,
    /// The plan of the second product.
    pub other: String,
    /// The set that both stand in, such as `sharepoint-online`; empty in a journal that is older than this.
    #[serde(default)]
    pub set: String,
    /// Which editions of the list have both.
    #[serde(default)]
    pub listed: Listed,
}

/// Which editions of Microsoft's list have both plans of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// The current one and that of 2019.
    Both,
    /// The current one alone.
    Current,
    /// That of 2019 alone.
    In2019,
    /// Each plan stands in another one, so that no edition has both.
    #[default]
    Neither,
}

#[derive(Debug)]
struct Entry {
    set: &'static str,
    name: &'static str,
    current: bool,
    old: bool,
}

/// Microsoft's table of plans that cannot be assigned together.
#[derive(Debug, Default)]
pub struct Exclusions {
    entries: HashMap<PlanId, Entry>,
    date: &'static str,
}

impl Exclusions {
    /// The table that comes with the program.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Exclusions> = OnceLock::new();
        KNOWN
            .get_or_init(|| Self { entries: TABLE.lines().filter_map(row).collect(), date: date().unwrap_or_default() })
    }

    /// The day of the current edition, as Microsoft states it, year first.
    pub fn date(&self) -> &'static str {
        self.date
    }

    /// Every pair of plans, one from each side, that cannot stand together. The same plan on both sides is no conflict.
    pub fn pairs(&self, ours: &BTreeSet<PlanId>, theirs: &BTreeSet<PlanId>, edition: Edition) -> Vec<Pair> {
        let pairs = self.exclusive(ours.iter().copied(), theirs.iter().copied(), edition);
        let mut pairs: Vec<Pair> = pairs.iter().filter_map(|pair| self.named(*pair)).collect();
        pairs.sort();
        pairs
    }

    /// The same by id: first the plan of the first side, then that of the second.
    pub fn exclusive(
        &self,
        ours: impl Iterator<Item = PlanId>,
        theirs: impl Iterator<Item = PlanId>,
        edition: Edition,
    ) -> Vec<PlanPair> {
        let listed = |plan: PlanId| {
            self.entries
                .get(&plan)
                .filter(|entry| edition == Edition::Any || entry.current)
                .map(|entry| (plan, entry.set))
        };
        let theirs: Vec<_> = theirs.filter_map(listed).collect();
        let mut pairs = Vec::new();
        for (plan, set) in ours.filter_map(listed) {
            pairs.extend(
                theirs.iter().filter(|(other, of)| plan != *other && set == *of).map(|(other, _)| (plan, *other)),
            );
        }
        pairs
    }

    /// The names of two plans of the table.
    pub fn named(&self, (one, other): PlanPair) -> Option<Pair> {
        let (one, other) = (self.entries.get(&one)?, self.entries.get(&other)?);
        Some(Pair {
            one: one.name.into(),
            other: other.name.into(),
            set: one.set.into(),
            listed: listed_both(one, other),
        })
    }

    /// The pairs of the table that this user disproves: both plans are switched on by products that are active without
    /// any error, each of which both properties of the user show. Anything less is no evidence.
    pub fn disproved_by(&self, facts: &UserFacts, skus: &Skus) -> Disproved {
        let sound = facts.states.iter().filter(|one| one.is_sound() && facts.assigned.contains(&one.sku));
        let mut listed: Vec<(SkuId, &str, PlanId)> = Vec::new();
        for one in sound {
            let plans = skus.get(one.sku).into_iter().flat_map(|sku| sku.enabled(&one.disabled_plans));
            listed.extend(plans.filter_map(|plan| Some((one.sku, self.entries.get(&plan.id)?.set, plan.id))));
        }
        let mut disproved = Disproved::default();
        for (place, (sku, set, plan)) in listed.iter().enumerate() {
            for (other_sku, other_set, other) in &listed[place + 1..] {
                if sku != other_sku && set == other_set && plan != other {
                    disproved.0.insert(in_order((*plan, *other)));
                }
            }
        }
        disproved
    }
}

/// Two plans by id.
pub type PlanPair = (PlanId, PlanId);

/// Pairs of the table of exclusive plans that the tenant disproves: users hold both, active.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Disproved(BTreeSet<PlanPair>);

impl Disproved {
    /// Whether these two plans were seen to stand beside each other.
    pub fn contains(&self, pair: PlanPair) -> bool {
        self.0.contains(&in_order(pair))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each pair once.
    pub fn iter(&self) -> impl Iterator<Item = PlanPair> {
        self.0.iter().copied()
    }

    /// Takes others in.
    pub fn extend(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }
}

fn in_order((one, other): PlanPair) -> PlanPair {
    if one <= other { (one, other) } else { (other, one) }
}

fn listed_both(one: &Entry, other: &Entry) -> Listed {
    match (one.current && other.current, one.old && other.old) {
        (true, true) => Listed::Both,
        (true, false) => Listed::Current,
        (false, true) => Listed::In2019,
        (false, false) => Listed::Neither,
    }
}

fn date() -> Option<&'static str> {
    TABLE.lines().find_map(|line| line.strip_prefix("# current edition: "))
}

/// A row; neither a comment nor the line of headings has an id in its place.
fn row(line: &'static str) -> Option<(PlanId, Entry)> {
    let mut cells = line.split(',');
    let (set, name, id, listed) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    Some((PlanId(id.parse().ok()?), Entry { set, name, current: listed != "2019", old: listed != "now" }))
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
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(Exclusions::known().entries.len(), lines.clone().count() - 1);
        let words = ["always", "now", "2019"];
        assert!(lines.skip(1).all(|line| words.contains(&line.rsplit(',').next().unwrap())));
        assert!(Exclusions::known().date().parse::<jiff::civil::Date>().is_ok());
    }

    #[test]
    fn the_editions_differ_about_exchange_and_agree_about_sharepoint() {
        let (one, other) = (plans(&[SHAREPOINT_1, EXCHANGE_1]), plans(&[SHAREPOINT_2, EXCHANGE_2]));
        let known = Exclusions::known();
        assert_eq!(known.pairs(&one, &other, Edition::Current).len(), 1);
        assert_eq!(known.pairs(&one, &other, Edition::Any).len(), 2);
    }

    #[test]
    fn a_pair_says_which_rows_it_is_from() {
        const RMS: &str = "bea4c11e-220a-4e6d-8eb8-8ea15d019f90";
        const RMS_GOV: &str = "6a76346d-5d6e-4051-9fe3-ed3f312b5597";
        let listed = |one: &str, other: &str| {
            let pairs = Exclusions::known().pairs(&plans(&[one]), &plans(&[other]), Edition::Any);
            (pairs[0].set.clone(), pairs[0].listed)
        };
        assert_eq!(listed(SHAREPOINT_1, SHAREPOINT_2), ("sharepoint-online".into(), Listed::Both));
        assert_eq!(listed(EXCHANGE_1, EXCHANGE_2), ("exchange-online".into(), Listed::In2019));
        assert_eq!(listed(RMS, RMS_GOV), ("microsoft-365-rms".into(), Listed::Current));
    }

    #[test]
    fn a_plan_does_not_exclude_itself() {
        let both = plans(&[SHAREPOINT_2]);
        assert!(Exclusions::known().pairs(&both, &both, Edition::Any).is_empty());
    }
}

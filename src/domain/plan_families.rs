//! Families of service plans with ranks: which plans of one set are replaced, lower, gone or new in another.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::id::PlanId;
use crate::domain::products;

/// The data. Its header says where it is from; the ranks are our own, as Microsoft publishes none.
const TABLE: &str = include_str!("../../assets/plan-families.csv");

/// A service that users work with every day. Losing one stops the migration until the operator accepts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoreService {
    /// A mailbox.
    Exchange,
    /// Sites and files: SharePoint and OneDrive.
    Sharepoint,
    /// Microsoft Teams.
    Teams,
    /// Word, Excel and the others on a computer.
    Apps,
}

impl CoreService {
    /// The word in `accept_losses`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Sharepoint => "sharepoint",
            Self::Teams => "teams",
            Self::Apps => "apps",
        }
    }
}

/// Service plans by id, each with its part number.
pub type NamedPlans = BTreeMap<PlanId, String>;

/// What becomes of one service plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlanChange {
    /// The family's name; the plan's own for one that has no relatives.
    pub family: String,
    /// The part number of the plan that the source brings; `None` for one that is new.
    pub from: Option<String>,
    /// The part number of the best plan of the target in its place; `None` when there is none.
    pub to: Option<String>,
    /// The core service that `from` brings, when it brings one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core: Option<CoreService>,
}

/// Every enabled plan of both sides, each plan of the source in one of the first three lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChanges {
    /// The target brings the same plan, or one of the same or a higher rank.
    pub replaced: Vec<PlanChange>,
    /// The target brings a plan of a lower rank.
    pub lower: Vec<PlanChange>,
    /// The target brings nothing in its place.
    pub gone: Vec<PlanChange>,
    /// Plans of the target that stand for none of the source's.
    pub new: Vec<PlanChange>,
}

impl PlanChanges {
    /// Whether users lose nothing.
    pub fn loses_nothing(&self) -> bool {
        self.lower.is_empty() && self.gone.is_empty()
    }

    /// The core services that are gone.
    pub fn core_gone(&self) -> BTreeSet<CoreService> {
        self.gone.iter().filter_map(|change| change.core).collect()
    }

    /// Whether there is no plan on either side: nothing was compared.
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.loses_nothing() && self.new.is_empty()
    }
}

/// One row of the table: a plan's place in a family.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    family: String,
    rank: u8,
    /// For people, and the tests; plans are known by id.
    #[cfg(test)]
    plan: String,
    id: Uuid,
    core: Option<CoreService>,
}

/// Every place of a plan, the first being its home.
type Table = HashMap<PlanId, Vec<Row>>;

/// The core service that a plan brings, by its home in the table.
pub fn core_service(plan: PlanId) -> Option<CoreService> {
    table().get(&plan)?.first()?.core
}

/// Compares two sets of plans.
///
/// A plan is replaced or lowered only by one of its family. In a family of a core service every plan brings that service:
/// the mobile apps are no lower rank of the desktop apps. A plan that the table does not know is replaced by itself alone.
pub fn compare(source: &NamedPlans, target: &NamedPlans) -> PlanChanges {
    let mut changes = PlanChanges::default();
    let mut stand_in: BTreeSet<PlanId> = BTreeSet::new();
    for (plan, name) in source {
        let home = table().get(plan).and_then(|places| places.first());
        let core = home.and_then(|row| row.core);
        let change = |to: Option<PlanId>| PlanChange {
            family: family(*plan, name),
            from: Some(name.clone()),
            to: to.map(|to| target[&to].clone()),
            core,
        };
        if target.contains_key(plan) {
            changes.replaced.push(change(Some(*plan)));
            stand_in.insert(*plan);
            continue;
        }
        match home.and_then(|home| best(home, target)) {
            Some((rank, to)) => {
                let list =
                    if home.is_some_and(|home| rank >= home.rank) { &mut changes.replaced } else { &mut changes.lower };
                list.push(change(Some(to)));
                stand_in.insert(to);
            }
            None => changes.gone.push(change(None)),
        }
    }
    for (plan, name) in target.iter().filter(|(plan, _)| !stand_in.contains(plan)) {
        changes.new.push(PlanChange { family: family(*plan, name), from: None, to: Some(name.clone()), core: None });
    }
    for list in [&mut changes.replaced, &mut changes.lower, &mut changes.gone, &mut changes.new] {
        list.sort();
    }
    changes
}

/// The plan of the highest rank that can stand in the place of another.
fn best(home: &Row, target: &NamedPlans) -> Option<(u8, PlanId)> {
    let candidates = target.iter().filter_map(|(plan, name)| {
        let places = table().get(plan)?;
        let place = places.iter().find(|place| place.family == home.family)?;
        Some((place.rank, name, *plan))
    });
    candidates.max().map(|(rank, _, plan)| (rank, plan))
}

/// The family at whose home a plan is.
fn family(plan: PlanId, name: &str) -> String {
    let home = table().get(&plan).and_then(|places| places.first()).map(|row| row.family.clone());
    home.unwrap_or_else(|| products::plan_name(plan).unwrap_or(name).to_owned())
}

fn table() -> &'static Table {
    static KNOWN: OnceLock<Table> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut table = Table::new();
        for row in rows() {
            table.entry(PlanId(row.id)).or_default().push(row);
        }
        table
    })
}

fn rows() -> impl Iterator<Item = Row> {
    let reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(TABLE.as_bytes());
    // A test reads every row.
    reader.into_deserialize::<Row>().filter_map(Result::ok)
}

#[cfg(test)]
mod tests;

//! Microsoft's products as the simulator knows them: plans, which plans exclude each other, which need another.
use std::collections::HashMap;
use std::sync::LazyLock;

use uuid::Uuid;

/// A product that can be subscribed to.
#[derive(Debug)]
pub(crate) struct Product {
    /// The product's GUID.
    pub(crate) id: Uuid,
    /// The part number, such as `ENTERPRISEPACK`.
    pub(crate) part: String,
    /// The name that people know it by.
    pub(crate) name: String,
    /// Its service plans in the order of Microsoft's table.
    pub(crate) plans: Vec<Plan>,
}

/// A service plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The plan's GUID.
    pub(crate) id: Uuid,
    /// The plan's name, such as `SHAREPOINTSTANDARD`.
    pub(crate) name: String,
}

/// A plan that may not be enabled beside another of its set.
#[derive(Debug)]
pub(crate) struct Exclusive {
    /// The set, such as `sharepoint-online`.
    pub(crate) set: String,
    /// The plan.
    pub(crate) plan: Uuid,
    /// Listed in the 2019 edition of Microsoft's service plan article.
    pub(crate) in_2019: bool,
    /// Listed in the current edition.
    pub(crate) in_current: bool,
}

/// Two plans, the lesser id first.
pub(crate) type Pair = (Uuid, Uuid);

/// A plan that works only beside one of others.
#[derive(Debug)]
pub(crate) struct Dependency {
    /// The plan that needs another.
    pub(crate) plan: Uuid,
    /// Any one of these will do.
    pub(crate) any_of: Vec<Uuid>,
}

/// The tables of `assets/sim`, read once.
///
/// Products and plans: Microsoft Learn, "Product names and service plan identifiers for licensing". Exclusive plans: the last
/// section of the same article, current and 2019 editions. Pairs that stand all the same: Teams Enterprise is sold to stand
/// beside suites without Teams, with plans that the article lists as exclusive. Dependencies: assumed, Microsoft publishes no
/// table of them.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// Products, as listed.
    pub(crate) products: Vec<Product>,
    /// Plans that exclude each other.
    pub(crate) exclusive: Vec<Exclusive>,
    /// Pairs of exclusive plans that users hold side by side all the same.
    pub(crate) compatible: Vec<Pair>,
    /// Plans that need others.
    pub(crate) dependencies: Vec<Dependency>,
    plans: Vec<Plan>,
}

/// The one catalog of the process.
pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::read);

impl Catalog {
    /// A product by GUID or part number.
    pub(crate) fn product(&self, key: &str) -> Option<&Product> {
        let id = Uuid::try_parse(key).ok();
        self.products.iter().find(|product| Some(product.id) == id || product.part.eq_ignore_ascii_case(key))
    }

    /// A plan by GUID or name.
    pub(crate) fn plan(&self, key: &str) -> Option<Plan> {
        let id = Uuid::try_parse(key).ok();
        self.plans.iter().find(|plan| Some(plan.id) == id || plan.name == key).cloned()
    }

    fn read() -> Self {
        let plans: Vec<Plan> = rows(include_str!("../../assets/sim/plans.csv"))
            .map(|row| Plan { id: guid(&row, 0), name: cell(&row, 1) })
            .collect();
        let by_name: HashMap<&str, Uuid> = plans.iter().map(|plan| (plan.name.as_str(), plan.id)).collect();
        let find = |name: &str| by_name.get(name).copied().unwrap_or_default();
        let products = rows(include_str!("../../assets/sim/products.csv"))
            .map(|row| Product {
                id: guid(&row, 0),
                part: cell(&row, 1),
                name: cell(&row, 2),
                plans: cell(&row, 3).split(';').map(|name| Plan { id: find(name), name: name.to_owned() }).collect(),
            })
            .collect();
        let exclusive = rows(include_str!("../../assets/sim/exclusive.csv"))
            .map(|row| Exclusive {
                set: cell(&row, 0),
                plan: find(&cell(&row, 1)),
                in_2019: cell(&row, 2) == "y",
                in_current: cell(&row, 3) == "y",
            })
            .collect();
        let compatible = rows(include_str!("../../assets/sim/compatible.csv"))
            .map(|row| pair(find(&cell(&row, 0)), find(&cell(&row, 1))))
            .collect();
        let dependencies = rows(include_str!("../../assets/sim/dependencies.csv"))
            .map(|row| Dependency { plan: find(&cell(&row, 0)), any_of: cell(&row, 1).split(';').map(find).collect() })
            .collect();
        Self { products, exclusive, compatible, dependencies, plans }
    }
}

/// Two plans in either order as a [`Pair`].
pub(crate) fn pair(one: Uuid, other: Uuid) -> Pair {
    (one.min(other), one.max(other))
}

fn rows(text: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    // The files are part of the program and a test reads every row of them, so a bad row cannot hide.
    csv::Reader::from_reader(text.as_bytes()).into_records().map_while(Result::ok)
}

fn cell(row: &csv::StringRecord, column: usize) -> String {
    row.get(column).unwrap_or_default().to_owned()
}

fn guid(row: &csv::StringRecord, column: usize) -> Uuid {
    row.get(column).and_then(|text| Uuid::try_parse(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_assets_is_sound() {
        assert_eq!(CATALOG.products.len(), include_str!("../../assets/sim/products.csv").lines().count() - 1);
        assert_eq!(CATALOG.exclusive.len(), 42);
        assert!(CATALOG.products.iter().all(|product| !product.id.is_nil()));
        assert!(CATALOG.products.iter().flat_map(|product| &product.plans).all(|plan| !plan.id.is_nil()));
        assert!(CATALOG.exclusive.iter().all(|row| !row.plan.is_nil()));
        let set_of = |plan: &Uuid| CATALOG.exclusive.iter().find(|row| row.plan == *plan).map(|row| &row.set);
        assert_eq!(CATALOG.compatible.len(), 2);
        assert!(CATALOG.compatible.iter().all(|(one, other)| set_of(one).is_some() && set_of(one) == set_of(other)));
        assert!(CATALOG.dependencies.iter().all(|row| !row.plan.is_nil() && row.any_of.iter().all(|id| !id.is_nil())));
    }

    #[test]
    fn the_classic_products_have_all_their_plans() {
        for (part, plans) in [("STANDARDPACK", 34), ("ENTERPRISEPACK", 37), ("ENTERPRISEPREMIUM", 56), ("SPE_E5", 86)] {
            assert_eq!(CATALOG.product(part).unwrap().plans.len(), plans, "{part}");
        }
    }

    #[test]
    fn no_product_holds_two_plans_of_one_set() {
        for product in &CATALOG.products {
            let mut sets: Vec<_> = product
                .plans
                .iter()
                .flat_map(|plan| CATALOG.exclusive.iter().filter(|row| row.plan == plan.id).map(|row| &row.set))
                .collect();
            let before = sets.len();
            sets.sort();
            sets.dedup();
            assert_eq!(sets.len(), before, "{}", product.part);
        }
    }
}

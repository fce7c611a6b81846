//! Friendly names of products and service plans, as Microsoft publishes them; the tenant itself tells only part numbers.

use std::collections::HashMap;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::sku::Skus;

/// The data: Microsoft, "Product names and service plan identifiers for licensing".
const TABLE: &str = include_str!("../../assets/products.csv");
/// From the same article: the plans of the products that are common.
const PLANS: &str = include_str!("../../assets/plans.csv");

/// What stands in a row of either table beside the id.
#[derive(Debug)]
pub struct ProductNames {
    /// The technical name, such as `ENTERPRISEPACK`.
    pub part_number: String,
    /// The name that people know, such as `Office 365 E3`.
    pub name: String,
}

/// The friendly name of a product, such as `Office 365 E3`; `None` for one that is not on Microsoft's list.
pub fn name(id: SkuId) -> Option<&'static str> {
    names(id).map(|names| names.name.as_str())
}

/// Both names of a product; `None` for one that is not on Microsoft's list.
pub fn names(id: SkuId) -> Option<&'static ProductNames> {
    static KNOWN: OnceLock<HashMap<Uuid, ProductNames>> = OnceLock::new();
    KNOWN.get_or_init(|| read(TABLE)).get(&id.0)
}

/// The friendly name of a service plan, such as `SharePoint (Plan 2)`; `None` for one that no common product has.
pub fn plan_name(id: PlanId) -> Option<&'static str> {
    plan_names(id).map(|names| names.name.as_str())
}

/// Both names of a service plan; `None` for one that no common product has.
pub fn plan_names(id: PlanId) -> Option<&'static ProductNames> {
    plans().get(&id.0)
}

/// The friendly name of a service plan by its part number; `None` for one that no common product has.
pub fn plan_called(part_number: &str) -> Option<&'static str> {
    static KNOWN: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let table = || plans().values().map(|plan| (plan.part_number.as_str(), plan.name.as_str())).collect();
    KNOWN.get_or_init(table).get(part_number).copied()
}

/// The name that people know of a plan, by its part number; both where two plans `among` these have the same name, and
/// the part number alone for one that no common product has.
pub fn plan_display_name(part_number: &str, among: &[String]) -> String {
    let Some(name) = plan_called(part_number) else { return part_number.to_owned() };
    let alike = among.iter().filter(|one| plan_called(one) == Some(name)).count();
    if alike > 1 { format!("{name} ({part_number})") } else { name.to_owned() }
}

/// The name that people know of a product; what the tenant calls it, else its id, for one that is not on Microsoft's list.
pub fn display_name(id: SkuId, skus: &Skus) -> String {
    name(id).map_or_else(|| skus.name(id), ToOwned::to_owned)
}

/// The products of the tenant that bring a service plan, by the names that people know, in the order of the alphabet.
pub fn bringing(plan: PlanId, skus: &Skus) -> Vec<String> {
    let with_plan = skus.iter().filter(|sku| sku.plans.iter().any(|one| one.id == plan));
    let mut found: Vec<String> = with_plan.map(|sku| display_name(sku.id, skus)).collect();
    found.sort();
    found
}

/// The id of a product by its part number, compared without regard to case; `None` when Microsoft's list has none.
pub fn by_part_number(part_number: &str) -> Option<SkuId> {
    let mut rows = csv::Reader::from_reader(TABLE.as_bytes());
    let mut rows = rows.deserialize::<(Uuid, String, String)>().filter_map(Result::ok);
    rows.find(|(_, part, _)| part.eq_ignore_ascii_case(part_number)).map(|(id, _, _)| SkuId(id))
}

fn plans() -> &'static HashMap<Uuid, ProductNames> {
    static KNOWN: OnceLock<HashMap<Uuid, ProductNames>> = OnceLock::new();
    KNOWN.get_or_init(|| read(PLANS))
}

fn read(table: &str) -> HashMap<Uuid, ProductNames> {
    // A test reads every row; a row that could not be read would only show its part number.
    csv::Reader::from_reader(table.as_bytes())
        .deserialize::<(Uuid, String, String)>()
        .filter_map(Result::ok)
        .map(|(id, part_number, name)| (id, ProductNames { part_number, name }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::sku;

    fn named(id: &str) -> Option<&'static str> {
        name(SkuId(id.parse().unwrap()))
    }

    fn plan(id: &str) -> PlanId {
        PlanId(id.parse().unwrap())
    }

    #[test]
    fn every_row_is_read() {
        for table in [TABLE, PLANS] {
            assert_eq!(read(table).len(), table.lines().count() - 1);
            assert!(read(table).values().all(|row| !row.part_number.is_empty() && !row.name.trim().is_empty()));
        }
    }

    #[test]
    fn products_have_the_names_that_people_know() {
        assert_eq!(named("18181a46-0d4e-45cd-891e-60aabd171b4e"), Some("Office 365 E1"));
        assert_eq!(named("6fd2c87f-b296-42f0-b197-1e91e994b900"), Some("Office 365 E3"));
        assert_eq!(
            named("977464c4-bfaf-4b67-b761-a9bb735a2196"),
            Some("Dynamics 365 Field Service, Enterprise Edition - Resource Scheduling Optimization")
        );
        assert_eq!(named("00000000-0000-0000-0000-000000000001"), None);
    }

    #[test]
    fn plans_have_the_names_that_people_know() {
        let sharepoint = plan("5dbe027f-2339-4123-9542-606e4d348a72");
        assert_eq!(plan_name(sharepoint), Some("SharePoint (Plan 2)"));
        assert_eq!(plan_names(sharepoint).unwrap().part_number, "SHAREPOINTENTERPRISE");
        assert_eq!(plan_called("SHAREPOINTENTERPRISE"), Some("SharePoint (Plan 2)"));
        assert_eq!(plan_name(plan("00000000-0000-0000-0000-000000000001")), None);
        assert_eq!(plan_called("NO_SUCH_PLAN"), None);
    }

    #[test]
    fn every_plan_of_the_rules_has_a_name() {
        let exclusive = include_str!("../../assets/exclusive-plans.csv");
        for row in exclusive.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            let named = plan_names(plan(cells[2])).map(|names| names.part_number.as_str());
            // Microsoft gives these an id and a technical name, and no other.
            let nameless = ["INTUNE_B", "SHAREPOINTSTANDARD_YAMMERSHADOW"].contains(&cells[1]);
            assert_eq!(named, (!nameless).then_some(cells[1]));
        }
        let needs = include_str!("../../assets/plan-needs.csv");
        for part_number in needs.lines().skip(1).flat_map(|row| row.split([',', ';'])) {
            assert!(plan_called(part_number).is_some(), "{part_number}");
        }
    }

    #[test]
    fn a_plan_is_brought_by_the_products_of_the_tenant_that_have_it() {
        let teams = plan("57ff2da0-773e-42df-b2af-ffb7a2317929");
        let sold = |id: &str, plan: PlanId| sku(SkuId(id.parse().unwrap()), &plan.to_string());
        let skus: Skus = [
            sold("6fd2c87f-b296-42f0-b197-1e91e994b900", teams),
            sold("18181a46-0d4e-45cd-891e-60aabd171b4e", teams),
            sold("00000000-0000-0000-0000-000000000002", teams),
            sold("c5928f49-12ba-48f7-ada3-0d743a3601d5", plan("00000000-0000-0000-0000-000000000001")),
        ]
        .into_iter()
        .collect();
        assert_eq!(bringing(teams, &skus), ["Office 365 E1", "Office 365 E3", "SKU_2"]);
    }
}

//! Friendly names of products, as Microsoft publishes them with the ids; the tenant itself tells only part numbers.

use std::collections::HashMap;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::domain::id::SkuId;

/// The data: Microsoft, "Product names and service plan identifiers for licensing".
const TABLE: &str = include_str!("../../assets/products.csv");

/// The friendly name of a product, such as `Office 365 E3`; `None` for one that is not on Microsoft's list.
pub fn name(id: SkuId) -> Option<&'static str> {
    static KNOWN: OnceLock<HashMap<SkuId, String>> = OnceLock::new();
    KNOWN.get_or_init(read).get(&id).map(String::as_str)
}

/// The id of a product by its part number, compared without regard to case; `None` when Microsoft's list has none.
pub fn by_part_number(part_number: &str) -> Option<SkuId> {
    let mut rows = csv::Reader::from_reader(TABLE.as_bytes());
    let mut rows = rows.deserialize::<(Uuid, String, String)>().filter_map(Result::ok);
    rows.find(|(_, part, _)| part.eq_ignore_ascii_case(part_number)).map(|(id, _, _)| SkuId(id))
}

fn read() -> HashMap<SkuId, String> {
    // A test reads every row; a row that could not be read would only show its part number.
    csv::Reader::from_reader(TABLE.as_bytes())
        .deserialize::<(Uuid, String, String)>()
        .filter_map(Result::ok)
        .map(|(id, _, name)| (SkuId(id), name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str) -> Option<&'static str> {
        name(SkuId(id.parse().unwrap()))
    }

    #[test]
    fn every_row_is_read() {
        assert_eq!(read().len(), TABLE.lines().count() - 1);
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
}

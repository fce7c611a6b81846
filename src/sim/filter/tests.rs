//! What filters match and what is refused.
use serde_json::json;

use super::*;

fn matches(filter: &str) -> bool {
    let object = json!({
        "id": "6d325baf-22b7-46fa-a2fc-a2500613ca15",
        "userPrincipalName": "o'brien@contoso.com",
        "accountEnabled": true,
        "usageLocation": null,
        "assignedLicenses": [{ "skuId": "184efa21-98c3-4e5d-95ab-d07053a96e67" }],
    });
    let get = |name: &str| object.get(name).cloned().unwrap_or_default();
    Filter::read(filter).unwrap().matches(&get)
}

#[test]
fn the_forms_that_license_admins_use_match() {
    for filter in [
        "id eq '6D325BAF-22b7-46fa-a2fc-a2500613ca15'",
        "id in ('x','6d325baf-22b7-46fa-a2fc-a2500613ca15')",
        "userPrincipalName eq 'o''brien@contoso.com'",
        "userPrincipalName eq 'x' or startswith(userPrincipalName,'O''B')",
        "accountEnabled eq true and usageLocation eq null",
        "assignedLicenses/any(s:s/skuId eq 184efa21-98c3-4e5d-95ab-d07053a96e67)",
        "not (accountEnabled eq false)",
        "NOT(assignedLicenses/any(s:s/skuId eq 00000000-0000-0000-0000-000000000000))",
        "assignedLicenses/$count ne 0",
        "endsWith(userPrincipalName,'@contoso.com')",
        "(id eq 'x' or id eq 'y') or accountEnabled eq true",
    ] {
        assert!(matches(filter), "{filter}");
    }
    assert!(!matches("id in ('x','y')"));
    assert!(!matches("assignedLicenses/$count eq 0"));
}

#[test]
fn nonsense_is_refused() {
    for filter in
        ["", "id", "id eq", "id eq 'x", "id in ()", "id eq 'x' 'y'", "(id eq 'x'", "id like 'x'", "a/any(x:y/z eq 1)"]
    {
        assert_eq!(Filter::read(filter).unwrap_err().status, 400, "{filter}");
    }
}

#[test]
fn sixteen_values_are_one_too_many() {
    let list = |count: usize| (0..count).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(",");
    assert!(Filter::read(&format!("id in ({})", list(15))).is_ok());
    let refused = Filter::read(&format!("id in ({})", list(16))).unwrap_err();
    assert_eq!(refused.code, "Request_UnsupportedQuery");
    let ored = (0..18).map(|n| format!("id eq '{n}'")).collect::<Vec<_>>().join(" or ");
    assert!(Filter::read(&ored).unwrap_err().message.contains("'OR' operators: 18. Max allowed: 15."));
    assert!(Filter::read(&format!("id eq '{}'", "x".repeat(121))).is_err());
}

#[test]
fn advanced_forms_are_told_from_plain_ones() {
    assert!(!Filter::read("id in ('a') and accountEnabled eq true").unwrap().advanced());
    assert!(Filter::read("not (id eq 'a')").unwrap().advanced());
    assert!(Filter::read("assignedLicenses/$count eq 0").unwrap().advanced());
}

#[test]
fn keys_are_found_where_nothing_else_can_match() {
    let filter = Filter::read("id in ('a','b') or id eq 'c'").unwrap();
    assert_eq!(filter.keys("id"), Some(vec!["a", "b", "c"]));
    assert_eq!(Filter::read("id eq 'a' or accountEnabled eq true").unwrap().keys("id"), None);
}

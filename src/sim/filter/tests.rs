//! What filters match and what is refused.
use serde_json::json;

use super::*;

fn matches(filter: &str) -> bool {
    let object = json!({
        "id": "6d325baf-22b7-46fa-a2fc-a2500613ca15",
        "userPrincipalName": "o'brien@contoso.com",
        "accountEnabled": true,
        "usageLocation": null,
        "createdDateTime": "2026-03-01T08:00:00Z",
        "proxyAddresses": ["SMTP:o'brien@contoso.com"],
        "assignedPlans": [{ "service": "exchange", "capabilityStatus": "Enabled" }, { "service": "yammer", "capabilityStatus": "Deleted" }],
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
        "createdDateTime ge 2026-03-01T08:00:00Z and createdDateTime lt 2026-03-01T10:00:00.5+01:00",
        "userPrincipalName le 'p'",
        "proxyAddresses/any(p:startsWith(p,'smtp:o'))",
        "assignedPlans/any(p:p/service eq 'exchange' and p/capabilityStatus eq 'Enabled')",
    ] {
        assert!(matches(filter), "{filter}");
    }
    assert!(!matches("id in ('x','y')"));
    assert!(!matches("assignedLicenses/$count eq 0"));
    assert!(
        !matches("assignedPlans/any(p:p/service eq 'yammer' and p/capabilityStatus eq 'Enabled')"),
        "of one element"
    );
    assert!(!matches("createdDateTime gt 2026-03-01T08:00:00Z"));
}

#[test]
fn nonsense_is_refused() {
    for filter in [
        "",
        "id",
        "id eq",
        "id eq 'x",
        "id in ()",
        "id eq 'x' 'y'",
        "(id eq 'x'",
        "id like 'x'",
        "a/any(x:y/z eq 1)",
        "a/any(x:x/any(y:y eq 1))",
        "a/any(x:x ne 1)",
        "id ge 2026-13-01T00:00:00Z",
    ] {
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

//! The list of groups that assign licenses, where a tenant does not answer all of it.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::Value;
use serde_json::json;

use super::GROUP;
use super::Served;
use super::json as answer;
use crate::domain::sku::Skus;
use crate::graph::url;

const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";

fn skus() -> Skus {
    let json = json!({
        "skuId": E1, "skuPartNumber": "STANDARDPACK", "capabilityStatus": "Enabled", "appliesTo": "User",
        "consumedUnits": 1, "prepaidUnits": { "enabled": 2, "suspended": 0, "warning": 0, "lockedOut": 0 }, "servicePlans": [],
    });
    [crate::graph::skus::sku(&json.to_string()).expect("a product")].into_iter().collect()
}

fn group() -> Value {
    json!({ "id": GROUP, "displayName": "LIC\u{1b}[2J", "securityEnabled": true, "assignedLicenses": [{ "skuId": E1, "disabledPlans": [] }] })
}

#[tokio::test]
async fn a_tenant_that_refuses_the_advanced_query_is_asked_product_by_product() {
    let served = Served::by(|seen, _| match seen.path.as_str() {
        path if path.contains("/$count%20ne%200") => StatusCode::BAD_REQUEST.into_response(),
        path if path.contains(E1) => answer(&json!({ "value": [group()] })),
        path if path.ends_with("$batch") => seen.batch(|_| (403, Value::Null, json!({ "error": { "code": "x" } }))),
        _ => StatusCode::FORBIDDEN.into_response(),
    })
    .await;
    let groups = served.graph.licensed_groups(&skus()).await.expect("groups");
    let told: Vec<_> = groups.iter().map(|one| (one.group.name.as_str(), one.members, one.has_errors)).collect();
    assert_eq!(told, [("LIC[2J", None, None)], "counts and errors are a convenience");
}

#[tokio::test]
async fn only_advanced_queries_carry_the_header() {
    let served = Served::by(|seen, _| match seen.path.as_str() {
        path if path.contains("/$count%20ne%200") => answer(&json!({ "value": [group()] })),
        path if path.ends_with("$batch") => {
            seen.batch(|_| (200, Value::Null, json!({ "@odata.count": 7, "value": [] })))
        }
        _ => answer(&json!({ "value": [{ "id": GROUP }] })),
    })
    .await;
    let groups = served.graph.licensed_groups(&skus()).await.expect("groups");
    assert_eq!((groups[0].members, groups[0].has_errors), (Some(7), Some(true)));
    for seen in served.seen() {
        let header = seen.headers.get("consistencylevel").map(|level| level.to_str().expect("text").to_owned());
        let advanced = url::is_advanced(seen.path.split_once('?').map(|(_, query)| query));
        assert_eq!(header.as_deref(), advanced.then_some("eventual"), "{}", seen.path);
        if let Some(item) = seen.json()["requests"].as_array().and_then(|items| items.first()) {
            assert_eq!(item["headers"]["ConsistencyLevel"], "eventual");
        }
    }
}

#[tokio::test]
async fn groups_that_may_not_be_read_are_an_error() {
    let served = Served::by(|_, _| StatusCode::FORBIDDEN.into_response()).await;
    assert!(served.graph.licensed_groups(&skus()).await.is_err());
}

//! A tenant that has a part number twice, from outside: which SKU is meant, and what `check` says when nobody can tell.

use std::process::Command;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;

const SOURCE_GROUP: &str = "b82c04f0-ce30-4ff1-bac7-735d92d83036";
const TARGET_GROUP: &str = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe";
const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";
/// Two SKUs of one part number; the first has the lower id and no seats.
const TWINS: [&str; 2] = ["05e9a617-0261-4cee-bb44-138d3ef5d965", "6fd2c87f-b296-42f0-b197-1e91e994b900"];
const USER: &str = "48a80680-7326-48cd-9935-b556b81d3a4e";

fn sku(id: &str, part: &str, seats: u32) -> Value {
    let plan = json!({ "servicePlanId": "a23b959c-7ce8-4e57-9140-b90eb88a9e97", "servicePlanName": "SWAY", "appliesTo": "User" });
    json!({
        "skuId": id, "skuPartNumber": part, "appliesTo": "User", "capabilityStatus": "Enabled", "consumedUnits": 0,
        "prepaidUnits": { "enabled": seats }, "servicePlans": [plan],
    })
}

fn group(id: &str, skus: &[&str]) -> Value {
    let licenses: Vec<_> = skus.iter().map(|sku| json!({ "skuId": sku, "disabledPlans": [] })).collect();
    json!({
        "id": id, "displayName": "Licenses", "groupTypes": [], "mailEnabled": false, "securityEnabled": true,
        "assignedLicenses": licenses,
    })
}

/// What `check --json` says of a tenant whose target group assigns these SKUs, and how it ends.
async fn check(assigned: &'static [&'static str]) -> (Value, Option<i32>) {
    let user = json!({
        "id": USER, "userPrincipalName": "adelev@contoso.com", "accountEnabled": true, "usageLocation": "US",
        "assignedLicenses": [{ "skuId": E1, "disabledPlans": [] }],
        "licenseAssignmentStates": [
            { "skuId": E1, "disabledPlans": [], "assignedByGroup": SOURCE_GROUP, "state": "Active", "error": "None" },
        ],
    });
    let skus = json!({ "value": [sku(E1, "STANDARDPACK", 9), sku(TWINS[0], "ENTERPRISEPACK", 0), sku(TWINS[1], "ENTERPRISEPACK", 9)] });
    let ends = json!({ "value": [
        { "skuId": TWINS[1], "status": "Warning", "isTrial": false, "totalLicenses": 9,
          "nextLifecycleDateTime": "2099-01-31T00:00:00Z" },
    ] });
    let groups = move |Path(id): Path<String>| async move {
        if id == SOURCE_GROUP { Json(group(SOURCE_GROUP, &[E1])) } else { Json(group(TARGET_GROUP, assigned)) }
    };
    let users = json!({ "value": [user] });
    let app = Router::new()
        .route("/v1.0/subscribedSkus", get(move || async move { Json(skus) }))
        .route("/v1.0/directory/subscriptions", get(move || async move { Json(ends) }))
        .route("/v1.0/groups/{id}", get(groups))
        .route("/v1.0/users", get(move || async move { Json(users) }))
        .fallback(async || StatusCode::NOT_FOUND);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[tenant]\nid = \"contoso.com\"\ngraph_url = \"{url}\"\nlogin_url = \"{url}\"\n[auth]\nmethod = \"access-token\"\n\
         [migration]\nusers = \"users.csv\"\n[migration.source]\ngroup = \"{SOURCE_GROUP}\"\nsku = \"STANDARDPACK\"\n\
         [migration.target]\ngroup = \"{TARGET_GROUP}\"\nsku = \"contoso:enterprisepack\"\n"
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    std::fs::write(folder.path().join("users.csv"), format!("{USER}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.args(["check", "--json"]).current_dir(folder.path()).env("SKUFERRY_ACCESS_TOKEN", "any");
    command.env("SKUFERRY_DATA_DIR", folder.path()).env("SKUFERRY_CONFIG_DIR", folder.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    server.abort();
    let told = String::from_utf8_lossy(&output.stderr);
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}")), output.status.code())
}

fn problems(found: &Value) -> Vec<&str> {
    found["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sku_that_the_group_assigns_is_meant_though_its_id_is_the_higher() {
    let (found, exit) = check(&[TWINS[1]]).await;
    assert_eq!(problems(&found), ["subscription-ends"], "{found}");
    assert_eq!((&found["seats"]["available"], exit), (&json!(9), Some(0)));
    let message = found["problems"][0]["message"].as_str().unwrap();
    assert!(message.contains("grace period") && message.contains("2099-01-31"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_group_does_not_tell_is_ambiguous_with_both_ids() {
    for assigned in [&[][..], &TWINS[..]] {
        let (found, exit) = check(assigned).await;
        let blocks = found["problems"].as_array().unwrap().iter().filter(|one| one["warning"] != true);
        let blocks: Vec<_> = blocks.map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!((blocks.as_slice(), exit), (&["sku-ambiguous"][..], Some(1)), "{found}");
        let message = found["problems"][0]["message"].as_str().unwrap();
        assert!(TWINS.iter().all(|id| message.contains(id)), "{message}");
    }
}

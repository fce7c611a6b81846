//! Walks through the simulated tenant that take more than one step to tell.
use std::time::Duration;

use serde_json::{Value, json};
use skuferry::sim::Options;

use crate::sim_kit::Kit;

const SOURCE: &str = "b82c04f0-ce30-4ff1-bac7-735d92d83036";
const TARGET: &str = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe";

/// All objects of a collection, over all of its pages, and the link that the last page ends with.
async fn all(kit: &Kit, first: &str, end: &str) -> (Vec<Value>, String) {
    let (mut path, mut objects) = (first.to_owned(), Vec::new());
    // More pages than any collection here has: links that never end are a fault.
    for _ in 0..10_000 {
        let page = kit.get(&path).await;
        objects.extend(page["value"].as_array().unwrap().iter().cloned());
        match page["@odata.nextLink"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => return (objects, page[end].as_str().unwrap_or_default().to_owned()),
        }
    }
    panic!("the links from {first} never end");
}

#[tokio::test]
async fn pages_in_any_order_hold_everybody_once() {
    let kit = Kit::start(Options { users: 120, ..Options::default() }).await;
    let users = kit.sim.state()["users"].as_array().unwrap().len();
    for query in ["$top=50", "$top=7&$orderby=displayName", "$top=7&$orderby=displayName%20desc"] {
        let (found, _) = all(&kit, &format!("/v1.0/users?$select=id,displayName&{query}"), "").await;
        let mut ids: Vec<&str> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), found.len()), (users, users), "{query}");
        let names: Vec<String> = found.iter().map(|one| one["displayName"].as_str().unwrap().to_lowercase()).collect();
        if query.contains("orderby") {
            let down = query.ends_with("desc");
            assert!(names.is_sorted_by(|one, next| if down { one >= next } else { one <= next }), "{query}");
        }
    }
}

#[tokio::test]
async fn deltas_tell_of_every_change_once_and_of_licenses_never() {
    let kit = Kit::start(Options { users: 250, ..Options::default() }).await;
    let select = "$select=id,displayName,licenseAssignmentStates";
    let (first, link) = all(&kit, &format!("/v1.0/users/delta?{select}"), "@odata.deltaLink").await;
    assert_eq!(first.len(), kit.sim.state()["users"].as_array().unwrap().len());
    let (members, groups) = all(&kit, "/v1.0/groups/delta?$select=displayName,members", "@odata.deltaLink").await;
    let of = |rows: &[Value], group: &str| {
        let rows = rows.iter().filter(|row| row["id"] == group);
        rows.flat_map(|row| row["members@delta"].as_array().cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(of(&members, SOURCE).len(), 262, "spread over several rows, complete");

    let [one, other] = [0, 10].map(|place| first[place]["id"].as_str().unwrap().to_owned());
    let bind = json!({ "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{other}")] });
    assert_eq!(kit.ask(&format!("PATCH /v1.0/groups/{TARGET}"), &[], Some(&bind)).await.status, 204);
    kit.sim.advance(Duration::from_mins(10));
    let (changed, link) = all(&kit, &link, "@odata.deltaLink").await;
    assert_eq!(changed, [] as [Value; 0], "a license changed and nothing else");
    let joined = all(&kit, &groups, "@odata.deltaLink").await.0;
    assert_eq!(of(&joined, TARGET)[0]["id"], json!(other));

    assert_eq!(kit.ask(&format!("DELETE /v1.0/users/{other}"), &[], None).await.status, 204);
    let name = json!({ "displayName": "New Name" });
    assert_eq!(kit.ask(&format!("PATCH /v1.0/users/{one}"), &[], Some(&name)).await.status, 204);
    let (changed, link) = all(&kit, &link, "@odata.deltaLink").await;
    assert_eq!(changed.len(), 2);
    let gone = changed.iter().find(|row| row["id"] == other.as_str()).unwrap();
    assert_eq!(gone["@removed"]["reason"], "changed");
    let left = of(&all(&kit, &groups, "@odata.deltaLink").await.0, SOURCE);
    assert_eq!(
        left,
        [json!({ "@odata.type": "#microsoft.graph.user", "id": other, "@removed": { "reason": "deleted" } })]
    );

    kit.sim.advance(Duration::from_hours(8 * 24));
    let old = kit.ask(&format!("GET {link}"), &[], None).await;
    assert_eq!((old.status, old.body["error"]["code"].as_str()), (410, Some("resyncRequired")));
}

#[tokio::test]
async fn a_minimal_delta_tells_no_more_than_what_changed() {
    let kit = Kit::example().await;
    let minimal = [("prefer", "return=minimal")];
    let (_, link) = all(&kit, "/v1.0/users/delta?$select=displayName,usageLocation,jobTitle", "@odata.deltaLink").await;
    let (_, groups) = all(&kit, "/v1.0/groups/delta?$select=displayName,members", "@odata.deltaLink").await;
    let adele = kit.user("adelev@contoso.com");
    let place = json!({ "usageLocation": "NO" });
    assert_eq!(kit.ask(&format!("PATCH /v1.0/users/{adele}"), &[], Some(&place)).await.status, 204);
    let add = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/users/{adele}") });
    assert_eq!(kit.ask(&format!("POST /v1.0/groups/{TARGET}/members/$ref"), &[], Some(&add)).await.status, 204);

    let whole = kit.ask(&format!("GET {link}"), &[], None).await.body["value"].clone();
    assert_eq!(whole, json!([{ "id": adele, "displayName": "Adele Vance", "usageLocation": "NO", "jobTitle": null }]));
    let heard = kit.ask(&format!("GET {link}"), &minimal, None).await;
    assert_eq!(heard.body["value"], json!([{ "id": adele, "usageLocation": "NO" }]));
    assert_eq!(heard.headers["preference-applied"], "return=minimal");
    let joined = kit.ask(&format!("GET {groups}"), &minimal, None).await.body["value"].clone();
    let member = json!({ "@odata.type": "#microsoft.graph.user", "id": adele });
    assert_eq!(joined, json!([{ "id": TARGET, "members@delta": [member] }]));
}

/// Everything that one run of a tenant answered, but for times.
async fn run(seed: u64) -> Vec<String> {
    let kit = Kit::start(Options { users: 30, seed, ..Options::default() }).await;
    let mut told = Vec::new();
    let mut tell = |heard: crate::sim_kit::Heard| {
        let ids = ["request-id", "client-request-id"].map(|name| heard.headers.get(name).cloned().unwrap_or_default());
        let words: Vec<String> = heard.body.to_string().split('"').map(str::to_owned).collect();
        // Times, tokens with times in them, and the port differ.
        let differs = |word: &str| {
            ["202", "eyJ"].iter().any(|start| word.starts_with(start))
                || ["://", "Timestamp: "].iter().any(|part| word.contains(part))
        };
        let same = words.iter().filter(|word| !differs(word));
        told.push(format!("{} {ids:?} {}", heard.status, same.cloned().collect::<Vec<_>>().join("|")));
        heard.body
    };
    let scope = "scope=https://graph.microsoft.com/User.Read.All%20offline_access";
    let begun = tell(kit.form("/contoso.com/oauth2/v2.0/devicecode", &format!("client_id=app&{scope}")).await);
    kit.sim.advance(Duration::from_secs(10));
    let code = begun["device_code"].as_str().unwrap();
    tell(
        kit.form("/contoso.com/oauth2/v2.0/token", &format!("grant_type=device_code&client_id=app&device_code={code}"))
            .await,
    );
    tell(kit.form("/contoso.com/oauth2/v2.0/token", "grant_type=refresh_token&client_id=app&refresh_token=x").await);
    let members = tell(kit.ask(&format!("GET /v1.0/groups/{SOURCE}/members?$select=id"), &[], None).await);
    let urls = members["value"].as_array().unwrap().iter().take(20);
    let urls = urls.map(|one| format!("https://graph.microsoft.com/v1.0/users/{}", one["id"].as_str().unwrap()));
    let bind = json!({ "members@odata.bind": urls.collect::<Vec<_>>() });
    tell(kit.ask(&format!("PATCH /v1.0/groups/{TARGET}"), &[], Some(&bind)).await);
    let group = json!({ "displayName": "N", "mailEnabled": false, "mailNickname": "n", "securityEnabled": true });
    tell(kit.ask("POST /v1.0/groups", &[], Some(&group)).await);
    for _ in 0..12 {
        kit.sim.advance(Duration::from_secs(45));
        tell(kit.ask("GET /v1.0/users?$select=id,licenseAssignmentStates&$top=999", &[], None).await);
        tell(kit.ask("GET /v1.0/subscribedSkus?$select=skuPartNumber,consumedUnits", &[], None).await);
    }
    tell(kit.ask("GET /v1.0/users/nobody", &[], None).await);
    told
}

#[tokio::test]
async fn the_same_requests_get_the_same_answers_to_the_last_id() {
    let (one, same, other) = (run(7).await, run(7).await, run(8).await);
    for (place, (one, same)) in one.iter().zip(&same).enumerate() {
        assert_eq!(one, same, "answer {place}");
    }
    assert_ne!(one, other);
}

#[tokio::test]
async fn the_same_seed_and_the_same_requests_make_the_same_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let kit = Kit::start(Options { users: 40, seed: 7, ..Options::default() }).await;
        let (members, _) = all(&kit, &format!("/v1.0/groups/{SOURCE}/members?$select=id"), "").await;
        for chunk in members.chunks(20).take(2) {
            let url = |one: &Value| format!("https://graph.microsoft.com/v1.0/users/{}", one["id"].as_str().unwrap());
            let bind = json!({ "members@odata.bind": chunk.iter().map(url).collect::<Vec<_>>() });
            assert_eq!(kit.ask(&format!("PATCH /v1.0/groups/{TARGET}"), &[], Some(&bind)).await.status, 204);
        }
        let group =
            json!({ "displayName": "New", "mailEnabled": false, "mailNickname": "new", "securityEnabled": true });
        let group = kit.ask("POST /v1.0/groups", &[], Some(&group)).await.body["id"].clone();
        let mut waiting = Vec::new();
        for _ in 0..30 {
            kit.sim.advance(Duration::from_secs(10));
            waiting.push(kit.sim.state()["pending"].as_u64().unwrap());
        }
        assert!(waiting[0] > waiting[29] && waiting.is_sorted_by(|one, next| one >= next), "{waiting:?}");
        runs.push((members, group, waiting));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn licensing_takes_minutes_and_not_everybody_at_once() {
    let kit = Kit::start(Options { users: 40, ..Options::default() }).await;
    let (members, _) = all(&kit, &format!("/v1.0/groups/{SOURCE}/members?$select=id"), "").await;
    let url = |one: &Value| format!("https://graph.microsoft.com/v1.0/users/{}", one["id"].as_str().unwrap());
    let bind = json!({ "members@odata.bind": members[10..30].iter().map(url).collect::<Vec<_>>() });
    assert_eq!(kit.ask(&format!("PATCH /v1.0/groups/{TARGET}"), &[], Some(&bind)).await.status, 204);
    let pending = || kit.sim.state()["pending"].as_u64().unwrap();
    kit.sim.advance(Duration::from_secs(29));
    assert_eq!(pending(), 20, "nobody within half a minute");
    kit.sim.advance(Duration::from_mins(1));
    assert!((1..20).contains(&pending()), "some, not all: {}", pending());
    kit.sim.advance(Duration::from_mins(7));
    assert_eq!(pending(), 0, "all within eight minutes");
}

#[tokio::test]
async fn a_license_that_another_needs_stays_as_a_ghost_and_its_reprocess_says_why() {
    let tenant = include_str!("../../assets/sim/tenant-hostile.toml");
    let quiet = tenant.split("# How long licensing takes").next().unwrap().to_owned();
    let kit = Kit::start(Options { tenant: Some(quiet), ..Options::default() }).await;
    let (ghost, group) = (kit.user("ghost@fabrikam.com"), kit.group("Desk workers"));
    assert_eq!(kit.ask(&format!("DELETE /v1.0/groups/{group}/members/{ghost}/$ref"), &[], None).await.status, 204);
    kit.sim.advance(Duration::from_mins(10));
    let user = kit.get(&format!("/v1.0/users/{ghost}?$select=licenseAssignmentStates")).await;
    let kept = &user["licenseAssignmentStates"][0];
    assert_eq!((&kept["state"], &kept["error"]), (&json!("ActiveWithError"), &json!("DependencyViolation")));
    let [small, archive] = ["01", "03"].map(|end| format!("00000000-0000-4000-8000-0000000000{end}"));
    let reprocess = format!("POST /v1.0/users/{ghost}/reprocessLicenseAssignment");
    let refused = kit.ask(&reprocess, &[], None).await;
    let sentence =
        format!("License assignment failed because service plan {archive} depends on the service plan(s) {small}.");
    assert_eq!((refused.status, &refused.body["error"]["message"]), (400, &json!(sentence)));
    let records = kit.get("/v1.0/auditLogs/directoryAudits?$filter=result eq 'failure'").await;
    let reason = &records["value"][0]["resultReason"];
    assert_eq!(
        reason,
        &json!(format!(
            "License assignment failed because service plan [{archive}] depends on the service plan(s) [{small}]."
        ))
    );

    let without = json!({ "addLicenses": [], "removeLicenses": ["00000000-0000-4000-8000-0000000000a3"] });
    let removed = kit.ask(&format!("POST /v1.0/users/{ghost}/assignLicense"), &[], Some(&without)).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert_eq!(kit.ask(&reprocess, &[], None).await.status, 200);
    kit.sim.advance(Duration::from_mins(10));
    let user = kit.get(&format!("/v1.0/users/{ghost}?$select=licenseAssignmentStates")).await;
    assert_eq!(user["licenseAssignmentStates"], json!([]));
}

#[tokio::test]
async fn no_more_than_twenty_members_are_expanded() {
    let kit = Kit::start(Options { users: 40, ..Options::default() }).await;
    let group = kit.get(&format!("/v1.0/groups/{SOURCE}?$expand=members($select=id)")).await;
    assert_eq!(group["members"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn a_restored_user_returns_to_its_groups_and_licenses() {
    let kit = Kit::example().await;
    let id = "6d325baf-22b7-46fa-a2fc-a2500613ca15";
    let mine = |kit: &Kit| {
        let state = kit.sim.state();
        let user = state["users"].as_array().unwrap().iter().find(|user| user["id"] == id).cloned();
        user.map(|user| (user["groups"].clone(), user["skus"].clone()))
    };
    let seats = |kit: &Kit| {
        kit.sim.state()["skus"].as_array().unwrap().iter().map(|sku| sku["consumed"].clone()).collect::<Vec<_>>()
    };
    let (before, taken) = (mine(&kit), seats(&kit));
    assert_eq!(kit.ask(&format!("DELETE /v1.0/groups/{SOURCE}/members/{id}"), &[], None).await.status, 204);
    let lists = async |kit: &Kit| kit.get("/v1.0/users?$top=999").await.to_string().contains(id);
    assert!(mine(&kit).is_none() && lists(&kit).await, "lists are late");
    kit.sim.advance(Duration::from_secs(3));
    assert!(!lists(&kit).await);
    assert_ne!(seats(&kit), taken);
    assert_eq!(kit.ask(&format!("POST /v1.0/directory/deletedItems/{id}/restore"), &[], None).await.status, 200);
    kit.sim.advance(Duration::from_mins(10));
    assert_eq!((mine(&kit), seats(&kit)), (before, taken));
    let records = kit
        .get("/v1.0/auditLogs/directoryAudits?$filter=category eq 'UserManagement'&$orderby=activityDateTime asc")
        .await;
    let activities: Vec<&Value> =
        records["value"].as_array().unwrap().iter().map(|one| &one["activityDisplayName"]).take(2).collect();
    assert_eq!(activities, ["Delete user", "Restore user"]);
}

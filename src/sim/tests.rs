//! The whole tenant over HTTP: sign in, read, migrate a user, batch.
mod hostile;
mod tls;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sim::route::operations;
use crate::sim::shape::USER_PROPERTIES;
use crate::sim::testing::{ask, exchange, raw};
use crate::sim::{Options, Scenario, Sim, SimError};

const SOURCE: &str = "b82c04f0-ce30-4ff1-bac7-735d92d83036";
const TARGET: &str = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe";

async fn sim(users: usize) -> Sim {
    let sim = Sim::start(Options { users, ..Options::default() }).await.unwrap();
    sim.freeze();
    sim
}

fn listed(sim: &Sim, place: usize) -> String {
    sim.users_csv().lines().nth(place).unwrap().to_owned()
}

fn states(user: &Value) -> Vec<(String, String)> {
    let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    user["licenseAssignmentStates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (word(one, "state"), word(one, "error")))
        .collect()
}

#[tokio::test]
async fn a_user_is_migrated_through_a_conflict_without_a_gap() {
    let sim = sim(12).await;
    let began: Timestamp = sim.state()["now"].as_str().unwrap().parse().unwrap();
    let unlicensed = sim.without_license(began);
    let user = listed(&sim, 0);
    let path = format!("/v1.0/users/{user}?$select=id,licenseAssignmentStates");
    let id = ask(&sim, "GET", &path, &[], None).await.body["id"].as_str().unwrap().to_owned();
    let bind = json!({ "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")] });
    assert_eq!(ask(&sim, "PATCH", &format!("/v1.0/groups/{TARGET}"), &[], Some(bind.clone())).await.status, 204);
    let again = ask(&sim, "PATCH", &format!("/v1.0/groups/{TARGET}"), &[], Some(bind)).await;
    assert_eq!((again.status, &again.body["error"]["code"]), (400, &json!("Request_BadRequest")));
    assert_eq!(states(&ask(&sim, "GET", &path, &[], None).await.body).len(), 1, "licensing takes its time");
    sim.advance(Duration::from_mins(10));
    let conflict = ("Error".to_owned(), "MutuallyExclusiveViolation".to_owned());
    assert!(states(&ask(&sim, "GET", &path, &[], None).await.body).contains(&conflict));
    let member = format!("/v1.0/groups/{SOURCE}/members/{id}/$ref");
    assert_eq!(ask(&sim, "DELETE", &member, &[], None).await.status, 204);
    sim.advance(Duration::from_mins(10));
    let user = ask(&sim, "GET", &path, &[], None).await.body;
    let active = ("Active".to_owned(), "None".to_owned());
    assert_eq!(states(&user), [active.clone(), active], "the target and its companion");
    assert_eq!(sim.without_license(began), unlicensed, "one is taken and the other given at the same moment");
    assert!((0..2).all(|one| user["licenseAssignmentStates"][one]["assignedByGroup"] == json!(TARGET)));
    let gone = ask(&sim, "DELETE", &member, &[], None).await;
    assert_eq!(gone.status, 404);
    assert!(gone.body["error"]["message"].as_str().unwrap().contains(SOURCE), "the 404 names the group");
    sim.stop().await;
}

#[tokio::test]
async fn whoever_listens_hears_every_request_and_the_past_is_kept_as_long_as_asked() {
    let sim = sim(2).await;
    sim.set_faults("[lag]\nmemory = \"1h\"\n[[event]]\nat = \"30m\"\nstrip = \"admin@contoso.com\"\n").unwrap();
    let (hear, heard) = std::sync::mpsc::channel();
    sim.listen(move |entry| hear.send(entry.path.clone()).unwrap());
    assert_eq!(ask(&sim, "GET", "/v1.0/organization", &[], None).await.status, 200);
    assert_eq!(heard.try_recv().unwrap(), "/v1.0/organization");
    let spells = || sim.past()[0]["past"].as_array().unwrap().len();
    assert_eq!(spells(), 1);
    sim.advance(Duration::from_mins(40));
    assert_eq!(spells(), 2, "what was half an hour ago is still known");
    sim.stop().await;
}

#[tokio::test]
async fn nobody_is_without_a_license_unnoticed_however_short_it_was() {
    let sim = sim(12).await;
    let now = || -> Timestamp { sim.state()["now"].as_str().unwrap().parse().unwrap() };
    let (began, user) = (now(), listed(&sim, 0));
    let without = |after: Timestamp| sim.without_license(after).into_iter().map(|id| json!(id)).collect::<Vec<_>>();
    let one = &ask(&sim, "GET", &format!("/v1.0/users/{user}"), &[], None).await.body["id"];
    assert!(!without(began).contains(one), "seeded with a license");
    let member =
        |verb: &str| format!("[[event]]\nat = \"2m\"\n{verb} = {{ user = \"{user}\", group = \"{SOURCE}\" }}\n");
    let strip = format!("[[event]]\nat = \"1m\"\nstrip = \"{user}\"\n");
    sim.set_faults(&(strip + &member("remove") + &member("add"))).unwrap();
    sim.advance(Duration::from_mins(40));
    let licensed =
        sim.state()["users"].as_array().unwrap().iter().any(|found| found["id"] == *one && found["skus"] != json!([]));
    assert!(licensed, "it is over");
    assert!(without(began).contains(one), "and was seen");
    assert!(!without(now()).contains(one), "but is not so any more");
    let last = json!(listed(&sim, 1));
    let id = &ask(&sim, "GET", &format!("/v1.0/users/{}", last.as_str().unwrap()), &[], None).await.body["id"];
    sim.set_faults(&format!("[[event]]\ndelete_user = {last}\n")).unwrap();
    assert!(!without(began).contains(id), "who is deleted needs none");
    sim.stop().await;
}

#[tokio::test]
async fn every_answer_carries_graphs_headers_and_its_ids() {
    let sim = sim(2).await;
    let sent = ask(&sim, "GET", "/v1.0/organization", &[("client-request-id", "abc")], None).await;
    assert_eq!(sent.status, 200);
    assert_eq!(sent.body["value"][0]["displayName"], json!("Contoso"));
    for header in ["request-id: ", "client-request-id: abc", "date: ", "odata.metadata=minimal", "odata-version: 4.0"] {
        assert!(sent.head.contains(header), "{header} in {}", sent.head);
    }
    let missing = ask(&sim, "GET", "/v1.0/users/nobody@contoso.com", &[], None).await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body["error"]["code"], json!("Request_ResourceNotFound"));
    assert!(missing.body["error"]["innerError"]["request-id"].is_string());
}

#[tokio::test]
async fn nothing_is_told_without_a_token() {
    let sim = sim(2).await;
    let refused = raw(&sim, "GET", "/v1.0/organization", &[], None).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    assert!(refused.head.contains("www-authenticate"));
    let foreign = raw(&sim, "GET", "/v1.0/organization", &[("authorization", "Bearer a.b.c")], None).await;
    assert_eq!(foreign.status, 401);
}

#[tokio::test]
async fn pages_hold_everybody_once_while_members_leave() {
    let sim = sim(30).await;
    let mut path = format!("/v1.0/groups/{SOURCE}/members?$select=id&$top=7");
    let mut seen = Vec::new();
    loop {
        let page = ask(&sim, "GET", &path, &[], None).await.body;
        let ids: Vec<String> =
            page["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let gone = format!("/v1.0/groups/{SOURCE}/members/{}/$ref", ids[0]);
        assert_eq!(ask(&sim, "DELETE", &gone, &[], None).await.status, 204);
        sim.advance(Duration::from_mins(1));
        seen.extend(ids);
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix(&sim.url()).unwrap().to_owned(),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), all), (32, 32));
}

#[tokio::test]
async fn a_page_token_belongs_to_its_query() {
    let sim = sim(30).await;
    let page = ask(&sim, "GET", "/v1.0/users?$select=id&$top=5", &[], None).await.body;
    let next = page["@odata.nextLink"].as_str().unwrap().replace("$top=5", "$top=6");
    let refused = ask(&sim, "GET", next.strip_prefix(&sim.url()).unwrap(), &[], None).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (400, &json!("Directory_ExpiredPageToken")));
}

#[tokio::test]
async fn a_cast_of_transitive_members_needs_the_header_and_the_count() {
    let sim = sim(12).await;
    let direct = format!("/v1.0/groups/{SOURCE}/members/microsoft.graph.user?$select=id");
    assert_eq!(ask(&sim, "GET", &direct, &[], None).await.status, 200);
    let path = format!("/v1.0/groups/{SOURCE}/transitiveMembers/microsoft.graph.user?$count=true&$select=id");
    assert_eq!(ask(&sim, "GET", &path, &[], None).await.status, 400);
    let header = [("ConsistencyLevel", "eventual")];
    let heard = ask(&sim, "GET", &path, &header, None).await;
    assert_eq!((heard.status, &heard.body["@odata.count"]), (200, &json!(14)));
    let count = ask(&sim, "GET", &format!("/v1.0/groups/{SOURCE}/members/$count"), &header, None).await;
    assert_eq!((count.status, count.text.as_str()), (200, "14"));
}

#[tokio::test]
async fn a_batch_answers_each_item_and_keeps_its_order() {
    let sim = sim(12).await;
    let user = listed(&sim, 0);
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": format!("/users/{user}?$select=id") },
        { "id": "2", "method": "GET", "url": "users/nobody" },
        { "id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"] },
        { "id": "4", "method": "GET", "url": "/organization", "dependsOn": ["1"] },
    ] });
    let heard = ask(&sim, "POST", "/v1.0/$batch", &[], Some(batch)).await;
    let status: Vec<u64> =
        heard.body["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!((heard.status, status), (200, vec![200, 404, 424, 200]));
    let inner: Vec<bool> = sim.log().iter().map(|entry| entry.in_batch).collect();
    assert_eq!(inner, [false, true, true, true]);
    let many: Vec<Value> = (0..21).map(|id| json!({ "id": id, "method": "GET", "url": "/organization" })).collect();
    assert_eq!(ask(&sim, "POST", "/v1.0/$batch", &[], Some(json!({ "requests": many }))).await.status, 400);
}

#[tokio::test]
async fn forgetting_ref_deletes_the_user() {
    let sim = sim(12).await;
    let upn = listed(&sim, 0);
    let id = ask(&sim, "GET", &format!("/v1.0/users/{upn}"), &[], None).await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(ask(&sim, "DELETE", &format!("/v1.0/groups/{SOURCE}/members/{id}"), &[], None).await.status, 204);
    assert_eq!(ask(&sim, "GET", &format!("/v1.0/users/{upn}"), &[], None).await.status, 404);
}

#[tokio::test]
async fn a_write_must_say_how_long_it_is() {
    let sim = sim(12).await;
    let (user, token) = (listed(&sim, 0), sim.access_token());
    let post = |more: &str| {
        let path = format!("/v1.0/users/{user}/reprocessLicenseAssignment");
        let host = sim.address;
        format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n{more}\r\n"
        )
    };
    assert!(exchange(&sim, &post("")).await.starts_with("HTTP/1.1 411 "));
    assert!(exchange(&sim, &post("content-length: 0\r\n")).await.starts_with("HTTP/1.1 200 "));
    let statuses: Vec<u16> = sim.log().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [411, 200]);
}

#[tokio::test]
async fn only_loopback_is_served() {
    let refused = Sim::start(Options { listen: "0.0.0.0:0".parse().unwrap(), users: 1, ..Options::default() }).await;
    assert!(matches!(refused, Err(SimError::NotLoopback(_))));
    let refused = Sim::start(Options { speed: 0.0, users: 1, ..Options::default() }).await;
    assert!(matches!(refused, Err(SimError::Speed(_))));
}

#[tokio::test]
async fn the_config_fits_the_tenant() {
    let options = Options { users: 60, speed: 60.0, scenario: Scenario::NonConflicting, ..Options::default() };
    let sim = Sim::start(options).await.unwrap();
    let config: toml::Table = sim.config_toml().parse().unwrap();
    assert_eq!(config["tenant"]["graph_url"].as_str(), Some(sim.url().as_str()));
    assert_eq!(config["migration"]["batch_size"].as_integer(), Some(20));
    assert_eq!(config["migration"]["target"]["sku"].as_str(), Some("ENTERPRISEPREMIUM"));
    assert_eq!(config["polling"]["stuck_after"].as_str(), Some("30s"));
    assert_eq!(sim.users_csv().lines().count(), 60);
    let dir = std::env::temp_dir().join(format!("skuferry-sim-{}", sim.address.port()));
    std::fs::create_dir_all(&dir).unwrap();
    sim.write_config(&dir).unwrap();
    assert!(dir.join("users.csv").exists() && dir.join("config.toml").exists());
    std::fs::write(dir.join("users.csv"), "mine").unwrap();
    std::fs::remove_file(dir.join("config.toml")).unwrap();
    assert!(sim.write_config(&dir).is_err(), "it never overwrites");
    assert_eq!(std::fs::read_to_string(dir.join("users.csv")).unwrap(), "mine");
    assert!(!dir.join("config.toml").exists());
    std::fs::remove_dir_all(&dir).unwrap();
}

#[tokio::test]
async fn the_clock_obeys_its_handle() {
    let sim = sim(2).await;
    let before: Timestamp =
        raw(&sim, "GET", "/_sim/clock", &[], None).await.body["now"].as_str().unwrap().parse().unwrap();
    let after = raw(&sim, "POST", "/_sim/clock", &[], Some(json!({ "advance": "90s", "speed": 2.0 }))).await;
    assert_eq!((after.status, &after.body["frozen"]), (200, &json!(true)));
    let after: Timestamp = after.body["now"].as_str().unwrap().parse().unwrap();
    assert_eq!(after.duration_since(before), jiff::SignedDuration::from_secs(90));
    assert_eq!(raw(&sim, "POST", "/_sim/clock", &[], Some(json!({ "advanse": 1 }))).await.status, 400);
}

#[tokio::test]
async fn the_model_knows_every_property_and_every_action() {
    let sim = sim(2).await;
    let model = raw(&sim, "GET", "/v1.0/$metadata", &[], None).await;
    assert_eq!(model.status, 200, "it is everybody's");
    let groups = ask(&sim, "GET", "/v1.0/groups?$top=1", &[], None).await.body["value"][0].clone();
    let properties = USER_PROPERTIES.iter().copied().chain(groups.as_object().unwrap().keys().map(String::as_str));
    for name in properties.filter(|name| *name != "id") {
        assert!(model.text.contains(&format!("<Property Name=\"{name}\"")), "{name}");
    }
    for operation in operations() {
        let last = operation.rsplit('/').next().unwrap().to_owned();
        let known = ["Name=", "<Action Name=", "<Function Name="]
            .iter()
            .any(|kind| model.text.contains(&format!("{kind}\"{last}\"")));
        assert!(known || last.starts_with(['$', '{']) || last.starts_with("microsoft.graph."), "{operation}");
    }
}

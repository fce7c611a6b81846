//! The tenant at its worst, over HTTP: faults, quotas, lags, other hands.
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// What comes back over a connection of its own, however it ends.
async fn remains(sim: &Sim, path: &str) -> String {
    let mut stream = TcpStream::connect(sim.address).await.unwrap();
    let (host, token) = (sim.address, sim.access_token());
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

async fn id(sim: &Sim, place: usize) -> String {
    let user = ask(sim, "GET", &format!("/v1.0/users/{}", listed(sim, place)), &[], None).await;
    user.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_504_may_have_committed() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    sim.set_faults("[[fault]]\non = \"DELETE /groups/*/members/*/$ref\"\nnth = 1\nanswer = 504\ncommit = true\n")
        .unwrap();
    let path = format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    assert_eq!(ask(&sim, "DELETE", &path, &[], None).await.status, 504);
    assert_eq!(ask(&sim, "DELETE", &path, &[], None).await.status, 404, "it was done all the same");
    let faults: Vec<Option<String>> = sim.log().into_iter().rev().take(2).map(|entry| entry.fault).collect();
    assert_eq!(faults, [None, Some("504 after commit on DELETE /groups/*/members/*/$ref".to_owned())]);
}

#[tokio::test]
async fn a_fault_without_commit_does_nothing_else() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    sim.set_faults(r#"{"fault":[{"on":"DELETE /**","first":1,"answer":503,"retry_after":9,"body":"json"}]}"#).unwrap();
    let path = format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    let refused = ask(&sim, "DELETE", &path, &[], None).await;
    assert!(refused.head.contains("retry-after: 9"), "{}", refused.head);
    assert_eq!((refused.status, &refused.body["error"]["code"]), (503, &json!("serviceNotAvailable")));
    let wish = json!({ "fault": [{ "on": "GET /**", "answer": 500 }] });
    assert_eq!(raw(&sim, "PUT", "/_sim/faults", &[], Some(wish)).await.status, 204);
    assert_eq!(ask(&sim, "GET", "/v1.0/organization", &[], None).await.status, 500);
    assert_eq!(raw(&sim, "DELETE", "/_sim/faults", &[], None).await.status, 204);
    let wrong = raw(&sim, "PUT", "/_sim/faults", &[], Some(json!({ "fualt": [] }))).await;
    assert!(wrong.status == 400 && wrong.text.contains("unknown field `fualt`"), "{}", wrong.text);
    assert_eq!(ask(&sim, "DELETE", &path, &[], None).await.status, 204);
    assert!(sim.log().last().unwrap().early, "nine seconds had not passed");
}

#[tokio::test]
async fn answers_break_off_vanish_or_turn_into_pages() {
    let sim = sim(12).await;
    sim.set_faults(
        "[[fault]]\non = \"GET /users\"\ncut = true\n\
         [[fault]]\non = \"GET /groups\"\ndrop = true\n\
         [[fault]]\non = \"GET /organization\"\nanswer = 502\nbody = \"html\"\n",
    )
    .unwrap();
    let cut = remains(&sim, "/v1.0/users").await;
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    let promised: usize = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert!(body.len() * 2 == promised || body.len() * 2 + 1 == promised, "{} of {promised}", body.len());
    assert_eq!(remains(&sim, "/v1.0/groups").await, "");
    let page = ask(&sim, "GET", "/v1.0/organization", &[], None).await;
    assert!(page.status == 502 && page.text.starts_with("<html>") && page.head.contains("content-type: text/html"));
}

#[tokio::test]
async fn lists_lag_and_points_do_not() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    let member = format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    assert_eq!(ask(&sim, "DELETE", &member, &[], None).await.status, 204);
    let listing = format!("/v1.0/groups/{SOURCE}/members?$select=id&$top=999");
    let cast = format!("/v1.0/groups/{SOURCE}/members/microsoft.graph.user?$select=id&$top=999&$count=true");
    let shows = async |path: &str| {
        let header = [("consistencylevel", if path.contains("graph.user") { "eventual" } else { "session" })];
        ask(&sim, "GET", path, &header, None).await.text.contains(&user)
    };
    assert!(shows(&listing).await && shows(&cast).await);
    sim.advance(Duration::from_secs(3));
    assert!(!shows(&listing).await && shows(&cast).await, "the index lags longer");
    sim.advance(Duration::from_secs(15));
    assert!(!shows(&cast).await);
    let memberships = ask(&sim, "GET", &format!("/v1.0/users/{user}/memberOf"), &[], None).await;
    assert!(!memberships.text.contains(SOURCE));
}

#[tokio::test]
async fn a_stale_read_shows_the_past_and_flapping_comes_and_goes() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    let path = format!("/v1.0/users/{user}?$select=licenseAssignmentStates");
    sim.set_faults(&format!(
        "[[event]]\nstrip = \"{user}\"\n[[fault]]\non = \"GET /users/*\"\nnth = 2\nstale = \"5s\""
    ))
    .unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(states(&ask(&sim, "GET", &path, &[], None).await.body).len());
    }
    assert_eq!(seen, [0, 1, 0]);
    let log = sim.log();
    let shown: Vec<_> = log.iter().map(|read| read.at.duration_since(read.shows.unwrap()).as_secs()).collect();
    assert_eq!(shown[shown.len() - 3..], [0, 5, 0], "the log tells of what time each answer was");
    sim.set_faults("[lag]\npoints = \"5s\"\nflap = true").unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(states(&ask(&sim, "GET", &path, &[], None).await.body).len());
    }
    assert!(seen.contains(&0) && seen.contains(&1), "{seen:?}");
}

#[tokio::test]
async fn memberships_lag_and_flap_where_asked_for() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    let member = format!("/v1.0/groups/{SOURCE}/members/{user}");
    let body = json!({ "groupIds": [SOURCE] });
    let asked = format!("/v1.0/users/{user}/checkMemberGroups");
    let places = ["memberOf", "transitiveMemberOf"].map(|place| format!("/v1.0/users/{user}/{place}"));
    let shows = async || {
        let mut shown = Vec::new();
        for place in &places {
            shown.push(ask(&sim, "GET", place, &[], None).await.text.contains(SOURCE));
        }
        shown.push(ask(&sim, "POST", &asked, &[], Some(body.clone())).await.text.contains(SOURCE));
        shown.push(ask(&sim, "GET", &member, &[], None).await.status == 200);
        shown
    };
    sim.set_faults("[lag]\nmemberships = \"1h\"").unwrap();
    sim.advance(Duration::from_hours(2));
    let gone = ask(&sim, "DELETE", &format!("{member}/$ref"), &[], None).await;
    assert_eq!((gone.status, shows().await), (204, vec![true; 4]), "a replica has not heard of it");
    sim.set_faults("[lag]\nflap = true").unwrap();
    let seen = [shows().await, shows().await, shows().await].concat();
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
    sim.set_faults("[lag]\nflap = false").unwrap();
    sim.advance(Duration::from_mins(61));
    assert_eq!(shows().await, [false; 4]);
    sim.set_faults("[lag]\nmemberships = \"0s\"").unwrap();
    let back = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{user}") });
    let joined = ask(&sim, "POST", &format!("/v1.0/groups/{SOURCE}/members/$ref"), &[], Some(back)).await;
    assert_eq!((joined.status, shows().await), (204, vec![true; 4]), "nothing lags unless asked for");
}

#[tokio::test]
async fn what_one_group_gives_is_lost_until_licensing_looks() {
    let sim = sim(12).await;
    let user = id(&sim, 0).await;
    let path = format!("/v1.0/users/{user}?$select=licenseAssignmentStates,id");
    let lose = |group: &str| format!("[[event]]\nlose = {{ user = \"{user}\", group = \"{group}\" }}");
    sim.set_faults(&lose(TARGET)).unwrap();
    assert_eq!(states(&ask(&sim, "GET", &path, &[], None).await.body).len(), 1, "another group gave it");
    sim.set_faults(&lose(SOURCE)).unwrap();
    assert!(states(&ask(&sim, "GET", &path, &[], None).await.body).is_empty());
    let again = format!("/v1.0/users/{user}/reprocessLicenseAssignment");
    assert_eq!(ask(&sim, "POST", &again, &[], None).await.status, 200);
    sim.advance(Duration::from_mins(30));
    assert_eq!(states(&ask(&sim, "GET", &path, &[], None).await.body).len(), 1, "the user was a member all along");
}

#[tokio::test]
async fn others_drain_seats_and_move_members() {
    let sim = sim(12).await;
    let (first, second) = (id(&sim, 0).await, id(&sim, 2).await);
    sim.set_faults(&format!(
        "[[event]]\nat = \"30s\"\ndrain = \"ENTERPRISEPACK\"\n\
         [[event]]\nat = \"10s\"\nremove = {{ user = \"{first}\", group = \"{SOURCE}\" }}\n\
         [[event]]\ncurse = \"{second}\"\n"
    ))
    .unwrap();
    let seats = |sim: &Sim| {
        let skus = sim.state()["skus"].clone();
        skus.as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == "ENTERPRISEPACK").unwrap()["available"]
            .clone()
    };
    assert_ne!(seats(&sim), json!(0));
    sim.advance(Duration::from_secs(31));
    assert_eq!(seats(&sim), json!(0));
    let groups = |sim: &Sim, user: &str| {
        let users = sim.state()["users"].clone();
        users.as_array().unwrap().iter().find(|one| one["id"] == user).unwrap().clone()
    };
    assert!(!groups(&sim, &first)["groups"].to_string().contains(SOURCE));
    let member = format!("/v1.0/groups/{SOURCE}/members/{second}/$ref");
    assert_eq!(ask(&sim, "DELETE", &member, &[], None).await.status, 204);
    sim.advance(Duration::from_mins(10));
    assert_eq!(groups(&sim, &second)["licenseAssignmentStates"], json!([]));
    let wrong = sim.set_faults("[[event]]\ndrain = \"NOTHING\"").unwrap_err();
    assert_eq!(wrong.to_string(), "line 2: the tenant has no product `NOTHING`");
    let wrong = sim.set_faults("[[event]]\n\ndrian = \"x\"").unwrap_err().to_string();
    assert!(wrong.contains("line 3") && wrong.contains("unknown field `drian`"), "{wrong}");
}

#[tokio::test]
async fn writes_beyond_the_quota_are_refused_each_by_itself() {
    let sim = sim(12).await;
    sim.set_faults("[throttle]\nwrites = 3").unwrap();
    let user = id(&sim, 0).await;
    let check = |id: u8| json!({ "id": id.to_string(), "method": "DELETE", "url": format!("/groups/{SOURCE}/members/{user}/$ref") });
    let items: Vec<Value> = (1..=5).map(check).collect();
    let heard = ask(&sim, "POST", "/v1.0/$batch", &[], Some(json!({ "requests": items }))).await;
    let responses = heard.body["responses"].as_array().unwrap();
    let statuses: Vec<u64> = responses.iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [204, 404, 404, 429, 429]);
    assert_eq!(responses[0]["headers"]["x-ms-resource-unit"], json!("1"));
    let headers = &responses[3]["headers"];
    assert_eq!(headers["x-ms-throttle-information"], json!("WriteLimitExceeded"));
    assert!(headers["Retry-After"].as_str().unwrap().parse::<u64>().unwrap() >= 50);
    sim.advance(Duration::from_secs(150));
    let member = format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    assert_eq!(ask(&sim, "DELETE", &member, &[], None).await.status, 404);
    assert!(!sim.log().last().unwrap().early, "the time had passed");
}

#[tokio::test]
async fn parallel_writes_to_one_group_collide_when_asked_to() {
    let sim = Sim::start(Options { users: 12, ..Options::default() }).await.unwrap();
    let (first, second) = (id(&sim, 0).await, id(&sim, 2).await);
    sim.set_faults("[throttle]\nwrite_takes = \"300ms\"").unwrap();
    let path = |user: &str| format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    let (one, other) = (path(&first), path(&second));
    let (one, other) = tokio::join!(ask(&sim, "DELETE", &one, &[], None), ask(&sim, "DELETE", &other, &[], None));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}

#[tokio::test]
async fn tokens_can_be_revoked() {
    let sim = sim(2).await;
    let auth = format!("Bearer {}", sim.access_token());
    let header = [("authorization", auth.as_str())];
    assert_eq!(raw(&sim, "GET", "/v1.0/organization", &header, None).await.status, 200);
    sim.set_faults("[[event]]\nrevoke_tokens = true").unwrap();
    assert_eq!(raw(&sim, "GET", "/v1.0/organization", &header, None).await.status, 401);
    assert_eq!(ask(&sim, "GET", "/v1.0/organization", &[], None).await.status, 200, "a new one is good");
}

#[tokio::test]
async fn a_switch_over_may_leave_a_gap_when_asked_to() {
    let sim = sim(12).await;
    sim.set_faults("[licensing]\ngap = \"20s\"\nleast = \"10s\"\ntypical = \"10s\"\nmost = \"10s\"").unwrap();
    let user = id(&sim, 0).await;
    let bind = json!({ "@odata.id": format!("{}/v1.0/users/{user}", sim.url()), "@odata.type": "x" });
    assert_eq!(ask(&sim, "POST", &format!("/v1.0/groups/{TARGET}/members/$ref"), &[], Some(bind)).await.status, 204);
    sim.advance(Duration::from_secs(10));
    let member = format!("/v1.0/groups/{SOURCE}/members/{user}/$ref");
    assert_eq!(ask(&sim, "DELETE", &member, &[], None).await.status, 204);
    let path = format!("/v1.0/users/{user}?$select=licenseAssignmentStates");
    let mut seen = Vec::new();
    for _ in 0..4 {
        sim.advance(Duration::from_secs(9));
        let words: Vec<String> =
            states(&ask(&sim, "GET", &path, &[], None).await.body).into_iter().map(|(state, _)| state).collect();
        seen.push(words.join(" "));
    }
    assert_eq!(seen, ["Active Error Error", "Error Error", "Error Error", "Active Active"]);
}

#[tokio::test]
async fn whoever_comes_before_a_date_is_early() {
    let sim = sim(2).await;
    let path = "/v1.0/organization";
    for wait in ["retry_after = 30\nretry_after_date = true", "retry_after = 29.5"] {
        sim.set_faults(&format!("[[fault]]\non = \"GET /organization\"\nfirst = 1\nanswer = 429\n{wait}")).unwrap();
        assert_eq!(ask(&sim, "GET", path, &[], None).await.status, 429);
        sim.advance(Duration::from_secs(20));
        assert_eq!(ask(&sim, "GET", path, &[], None).await.status, 200);
        sim.advance(Duration::from_secs(20));
        assert_eq!(ask(&sim, "GET", path, &[], None).await.status, 200);
        let early: Vec<bool> = sim.log().iter().rev().take(3).map(|entry| entry.early).collect();
        assert_eq!(early, [false, true, false], "{wait}");
    }
}

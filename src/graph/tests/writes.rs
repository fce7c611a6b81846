//! Writes: what is sent, how often, and what is made of each answer.

use axum::http::Method;
use axum::response::IntoResponse;
use serde_json::Value;
use serde_json::json;

use super::GROUP;
use super::Served;
use super::json as answer;
use super::user;
use crate::clock::Clock;
use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Order;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::time::SignedDuration;

fn add(users: u128) -> Order<Add> {
    test_order(GROUP, (1..=users).map(user).collect(), None)
}

/// An order good for a minute from the server's clock.
fn remove(served: &Served, users: u128) -> Order<Remove> {
    let good_until = served.clock.now() + SignedDuration::from_secs(60);
    test_order(GROUP, (1..=users).map(user).collect(), Some(good_until))
}

fn kind(outcome: &Outcome) -> (&'static str, Option<FaultKind>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Failed(fault) => ("failed", Some(fault.kind)),
        Outcome::Lost(fault) => ("lost", Some(fault.kind)),
    }
}

#[tokio::test]
async fn one_is_posted_and_several_are_patched() {
    let served = Served::by(|_, _| 204.into_status()).await;
    assert_eq!(served.graph.add(add(1)).await.outcomes, [(user(1), Outcome::Done)]);
    assert_eq!(served.graph.add(add(3)).await.outcomes.len(), 3);
    let seen = served.seen();
    assert_eq!(
        (&seen[0].method, seen[0].path.as_str()),
        (&Method::POST, &*format!("/v1.0/groups/{GROUP}/members/$ref"))
    );
    let object = |id: u128| format!("{}/v1.0/directoryObjects/{}", served.url, user(id));
    assert_eq!(seen[0].json(), json!({ "@odata.id": object(1) }));
    assert_eq!((&seen[1].method, seen[1].path.as_str()), (&Method::PATCH, &*format!("/v1.0/groups/{GROUP}")));
    assert_eq!(seen[1].json(), json!({ "members@odata.bind": [object(1), object(2), object(3)] }));
    assert!(seen[0].headers.contains_key("client-request-id"));
    assert_ne!(seen[0].headers["client-request-id"], seen[1].headers["client-request-id"]);
}

#[tokio::test]
async fn a_direct_license_is_taken_off_and_none_is_given() {
    let served = Served::by(|_, _| answer(&json!({ "id": user(1) }))).await;
    let good_until = served.clock.now() + SignedDuration::from_secs(60);
    let order: Order<Direct> = test_order(GROUP, vec![user(1)], Some(good_until));
    let sku = order.sku().to_string();
    assert_eq!(served.graph.remove_direct(order).await.outcomes, [(user(1), Outcome::Done)]);
    let seen = served.seen();
    let written: Vec<_> = seen.iter().map(|one| (one.method.clone(), one.path.clone(), one.json())).collect();
    let body = json!({ "addLicenses": [], "removeLicenses": [sku] });
    assert_eq!(written, [(Method::POST, format!("/v1.0/users/{}/assignLicense", user(1)), body)]);
}

#[tokio::test]
async fn an_answer_says_what_became_of_everybody_and_nothing_is_sent_twice() {
    let exists = r#"{"error":{"code":"Request_BadRequest","message":"One or more added object references already exist for the following modified properties: 'members'."}}"#;
    for (status, body, expected) in [
        (204, "", ("done", None)),
        (200, "<html>Welcome to the hotel</html>", ("lost", Some(FaultKind::Malformed))),
        (302, "", ("lost", Some(FaultKind::Malformed))),
        (400, exists, ("failed", Some(FaultKind::AlreadyMember))),
        (400, "", ("failed", Some(FaultKind::Refused))),
        (404, "", ("failed", Some(FaultKind::NotFound))),
        (409, "", ("failed", Some(FaultKind::Concurrent))),
        (424, "", ("lost", Some(FaultKind::Throttled))),
        (429, "", ("failed", Some(FaultKind::Throttled))),
        (500, "", ("lost", Some(FaultKind::Service))),
        (501, "", ("failed", Some(FaultKind::Refused))),
        (504, "<html></html>", ("lost", Some(FaultKind::Service))),
    ] {
        let served = Served::by(move |_, _| (status.into_status().status(), body).into_response()).await;
        let answer = served.graph.add(add(2)).await;
        let kinds: Vec<_> = answer.outcomes.iter().map(|(_, outcome)| kind(outcome)).collect();
        assert_eq!(kinds, [expected, expected], "{status}");
        assert_eq!(answer.unspent.is_some(), expected.0 == "failed", "{status}");
        assert_eq!(served.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_connection_that_never_opened_failed_and_one_that_broke_is_lost() {
    let served = Served::by(|_, _| panic!("the connection breaks")).await;
    let answer = served.graph.add(add(1)).await;
    assert_eq!(kind(&answer.outcomes[0].1), ("lost", Some(FaultKind::Unreachable)));
    assert!(answer.unspent.is_none());

    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let endpoints = crate::graph::Endpoints::custom(&url, &url).expect("endpoints");
    let graph = crate::graph::Graph::new(endpoints, served.tokens.clone(), served.clock.clone()).expect("a client");
    let answer = graph.add(add(1)).await;
    assert_eq!(kind(&answer.outcomes[0].1), ("failed", Some(FaultKind::Unreachable)));
    assert!(answer.unspent.is_some());
    assert!(graph.connection_status().borrow().failing_since.is_some());
}

#[tokio::test]
async fn removals_are_told_apart_by_id_whatever_their_order() {
    let served = Served::by(|seen, _| {
        seen.batch(|url| match super::named(url)[1] {
            id if id == user(2) => (404, Value::Null, json!({ "error": { "code": "Request_ResourceNotFound" } })),
            id if id == user(3) => (429, json!({ "Retry-After": "1" }), Value::Null),
            id if id == user(4) => (503, Value::Null, Value::Null),
            id if id == user(5) => (424, Value::Null, Value::Null),
            _ => (204, Value::Null, Value::Null),
        })
    })
    .await;
    let answer = served.graph.remove(remove(&served, 6)).await;
    let got: Vec<_> = answer.outcomes.iter().map(|(id, outcome)| (*id, kind(outcome))).collect();
    let expected = [
        ("done", None),
        ("failed", Some(FaultKind::NotFound)),
        ("failed", Some(FaultKind::Throttled)),
        ("lost", Some(FaultKind::Service)),
        ("lost", Some(FaultKind::Throttled)),
        ("done", None),
    ];
    assert_eq!(got, (1..).map(user).zip(expected).collect::<Vec<_>>());
    let unspent = answer.unspent.expect("two may be sent again");
    assert_eq!(unspent.users(), [user(2), user(3)]);
    let requests = served.seen()[0].json()["requests"].as_array().cloned().expect("requests");
    for (request, id) in requests.iter().zip(1..) {
        assert_eq!(request["method"], "DELETE");
        assert_eq!(request["url"], format!("/groups/{GROUP}/members/{}/$ref", user(id)));
    }
    assert!(served.graph.write_wait(1) > std::time::Duration::from_millis(500), "the item's Retry-After holds writes");
    assert_eq!(served.graph.connection_status().borrow().throttled, 1);
}

#[tokio::test]
async fn an_item_that_is_missing_doubled_or_unreadable_is_lost() {
    let served = Served::by(|_, _| {
        answer(&json!({ "responses": [
            { "id": "0", "status": 204 },
            { "id": "2", "status": 204 }, { "id": "2", "status": 404 },
            { "id": "3", "status": "204" },
            { "id": "4", "status": 204.0 },
            { "id": "77", "status": 204 },
        ] }))
    })
    .await;
    let answer = served.graph.remove(remove(&served, 5)).await;
    let words: Vec<_> = answer.outcomes.iter().map(|(_, outcome)| kind(outcome).0).collect();
    assert_eq!(words, ["done", "lost", "lost", "lost", "done"]);
    assert!(answer.outcomes.iter().all(|(id, _)| (1..=5).map(user).any(|one| one == *id)));
}

#[tokio::test]
async fn a_batch_that_is_no_batch_is_lost_and_a_refused_one_failed() {
    for (status, body, expected) in [
        (200, "{}", "lost"),
        (200, "<html>", "lost"),
        (200, "", "lost"),
        (204, "", "lost"),
        (400, "{}", "failed"),
        (429, "{}", "failed"),
        (503, "{}", "lost"),
    ] {
        let served = Served::by(move |_, _| (status.into_status().status(), body).into_response()).await;
        let answer = served.graph.remove(remove(&served, 2)).await;
        assert!(answer.outcomes.iter().all(|(_, outcome)| kind(outcome).0 == expected), "{status} {body:?}");
        assert_eq!(served.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_stale_proof_sends_nothing() {
    let served = Served::by(|_, _| 204.into_status()).await;
    for users in [1, 3] {
        let order = remove(&served, users);
        served.clock.advance(SignedDuration::from_secs(61));
        let answer = served.graph.remove(order).await;
        assert!(answer.outcomes.iter().all(|(_, out)| kind(out) == ("failed", Some(FaultKind::NotSent))));
        assert_eq!(answer.unspent.map(|order| order.users().len()), usize::try_from(users).ok());
    }
    served.graph.http().rate_limiter.hold(crate::graph::rate_limiter::Side::Writes, std::time::Duration::from_secs(90));
    let answer = served.graph.remove(remove(&served, 1)).await;
    assert_eq!(
        kind(&answer.outcomes[0].1),
        ("failed", Some(FaultKind::NotSent)),
        "no wait for a turn that comes too late"
    );
    assert!(served.seen().is_empty());
}

#[tokio::test]
async fn a_halt_sends_nothing_not_even_what_waits() {
    let served = Served::by(|_, _| 204.into_status()).await;
    served.graph.stop_writing();
    let answer = served.graph.add(add(2)).await;
    assert!(answer.outcomes.iter().all(|(_, out)| kind(out) == ("failed", Some(FaultKind::NotSent))));
    served.graph.allow_writing();
    served.graph.http().rate_limiter.hold(crate::graph::rate_limiter::Side::Writes, std::time::Duration::from_hours(1));
    let graph = served.graph.clone();
    let waiting = tokio::spawn(async move { graph.add(add(1)).await });
    tokio::task::yield_now().await;
    served.graph.stop_writing();
    let answer = waiting.await.expect("an answer");
    assert_eq!(kind(&answer.outcomes[0].1), ("failed", Some(FaultKind::NotSent)));
    assert!(served.seen().is_empty());
}

#[tokio::test]
async fn a_lone_removal_ends_in_ref() {
    let served = Served::by(|_, _| 204.into_status()).await;
    let answer = served.graph.remove(remove(&served, 1)).await;
    assert_eq!(answer.outcomes, [(UserId(user(1).0), Outcome::Done)]);
    let seen = &served.seen()[0];
    assert_eq!(
        (&seen.method, &seen.path),
        (&Method::DELETE, &format!("/v1.0/groups/{GROUP}/members/{}/$ref", user(1)))
    );
}

/// Numbers as answers without a body.
trait IntoStatus {
    fn into_status(self) -> axum::response::Response;
}

impl IntoStatus for u16 {
    fn into_status(self) -> axum::response::Response {
        axum::http::StatusCode::from_u16(self).expect("a status").into_response()
    }
}

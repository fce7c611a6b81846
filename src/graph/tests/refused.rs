//! 403: one user who is refused, a form of request that is, and a permission that is missing.

use axum::http::Method;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use super::GROUP;
use super::Seen;
use super::Served;
use super::named;
use super::user;
use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Order;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::time::Timestamp;

const DENIED: &str = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#;

fn add(users: impl IntoIterator<Item = u128>) -> Order<Add> {
    test_order(GROUP, users.into_iter().map(user).collect(), None)
}

fn denied() -> Response {
    (StatusCode::FORBIDDEN, DENIED).into_response()
}

/// A service that refuses these users, and every request of several with one of them.
async fn refusing(guests: &'static [u128]) -> Served {
    Served::by(move |seen, _| {
        let asked = named(&seen.body);
        if guests.iter().any(|guest| asked.contains(&user(*guest))) { denied() } else { done() }
    })
    .await
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn kinds(outcomes: &[(UserId, Outcome)]) -> Vec<Option<FaultKind>> {
    let kind = |outcome: &Outcome| match outcome {
        Outcome::Done => None,
        Outcome::Failed(fault) | Outcome::Lost(fault) => Some(fault.kind),
    };
    outcomes.iter().map(|(_, outcome)| kind(outcome)).collect()
}

fn methods(seen: &[Seen]) -> (usize, usize) {
    let count = |method: Method| seen.iter().filter(|seen| seen.method == method).count();
    (count(Method::PATCH), count(Method::POST))
}

fn said(outcome: &Outcome) -> String {
    let Outcome::Failed(fault) = outcome else { panic!("{outcome:?}") };
    crate::words::fault::message(&fault.message)
}

#[tokio::test]
async fn a_guest_among_twenty_is_refused_by_name_wherever_they_stand() {
    for guest in [1_u128, 11, 20] {
        let guests: &'static [u128] = match guest {
            1 => &[1],
            11 => &[11],
            _ => &[20],
        };
        let served = refusing(guests).await;
        let answer = served.graph.add(add(1..=20)).await;
        let refused: Vec<_> = answer.outcomes.iter().filter(|(_, outcome)| *outcome != Outcome::Done).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0, user(guest));
        let said = said(&refused[0].1);
        assert!(said.starts_with("Graph refuses this for this user, though not for others: Insuff"), "{said}");
        assert!(!said.contains("Needed"), "no permission is missing: {said}");
        assert_eq!(answer.unspent.expect("the guest").users(), [user(guest)]);
        let requests = served.seen().len();
        assert!(requests <= 12, "{requests} requests for the guest at {guest}");
    }
}

#[tokio::test]
async fn several_guests_are_found_and_all_others_added() {
    let served = refusing(&[1, 2, 9, 25, 40]).await;
    for (users, guests) in [(1..=20, 3), (21..=40, 2)] {
        let outcomes = served.graph.add(add(users)).await.outcomes;
        let refused = kinds(&outcomes).iter().filter(|kind| **kind == Some(FaultKind::Refused)).count();
        assert_eq!((outcomes.len(), refused), (20, guests));
        assert_eq!(kinds(&outcomes).iter().filter(|kind| kind.is_none()).count(), 20 - guests);
    }
    let mut added: Vec<_> = served.seen().iter().map(|seen| seen.body.clone()).collect();
    let requests = added.len();
    added.sort();
    added.dedup();
    assert_eq!(added.len(), requests, "nothing is sent twice");
    let alone = served.graph.add(add([25])).await;
    assert_eq!(kinds(&alone.outcomes), [Some(FaultKind::Refused)]);
    assert!(!said(&alone.outcomes[0].1).contains("Needed"));
}

#[tokio::test]
async fn a_permission_is_missing_only_when_each_alone_was_refused_too() {
    let served = Served::by(|_, _| denied()).await;
    let answer = served.graph.add(add(1..=3)).await;
    assert_eq!(kinds(&answer.outcomes), [Some(FaultKind::Forbidden); 3]);
    assert!(said(&answer.outcomes[0].1).contains("Needed: GroupMember.ReadWrite.All"));
    assert_eq!(methods(&served.seen()), (1, 3));
    assert_eq!(kinds(&served.graph.add(add([4])).await.outcomes), [Some(FaultKind::Forbidden)]);
}

#[tokio::test]
async fn a_token_that_may_add_single_members_only_adds_them_so_from_then_on() {
    let served = Served::by(|seen, _| if seen.method == Method::PATCH { denied() } else { done() }).await;
    for users in [1..=20, 21..=40] {
        assert_eq!(kinds(&served.graph.add(add(users)).await.outcomes), [None; 20]);
    }
    let (patches, posts) = methods(&served.seen());
    assert_eq!(posts, 40);
    assert!(patches <= 5, "the form that is refused is tried {patches} times");
}

#[tokio::test]
async fn whoever_stands_behind_a_refusal_for_haste_is_not_sent() {
    let served = Served::by(|seen, before| match (&seen.method, before) {
        (&Method::PATCH, _) => denied(),
        (_, 6) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response(),
        _ => done(),
    })
    .await;
    let answer = served.graph.add(add(1..=20)).await;
    let (patches, posts) = methods(&served.seen());
    assert_eq!((patches, posts), (5, 2), "the first alone, four halves, and the one who has to wait");
    assert_eq!(answer.unspent.expect("the others").users().len(), 19);
    let throttled = kinds(&answer.outcomes).iter().filter(|kind| **kind == Some(FaultKind::Throttled)).count();
    assert_eq!(throttled, 19, "all who were not sent have to wait");
}

#[tokio::test]
async fn nobody_is_sent_behind_a_request_of_which_nobody_knows_what_became() {
    let served = Served::by(|seen, before| match (&seen.method, before) {
        (&Method::PATCH, 0) => denied(),
        (_, 1) => done(),
        _ => StatusCode::GATEWAY_TIMEOUT.into_response(),
    })
    .await;
    let answer = served.graph.add(add(1..=20)).await;
    assert_eq!(methods(&served.seen()), (2, 1), "rule 8: it is asked first");
    let lost = answer.outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Lost(_))).count();
    assert_eq!(lost, 10);
    assert_eq!(answer.unspent.expect("the others").users().len(), 9);
    let waits = |outcome: &Outcome| matches!(outcome, Outcome::Failed(fault) if fault.kind == FaultKind::Service);
    assert_eq!(answer.outcomes.iter().filter(|(_, outcome)| waits(outcome)).count(), 9);
}

#[tokio::test]
async fn a_removal_refused_among_others_asks_for_no_permission() {
    let served = Served::by(|seen, _| {
        seen.batch(|url| match named(url)[1] {
            id if id == user(2) => (403, Value::Null, serde_json::from_str(DENIED).expect("JSON")),
            _ => (204, Value::Null, json!(null)),
        })
    })
    .await;
    let order: Order<Remove> = test_order(GROUP, (1..=3).map(user).collect(), Some(Timestamp::MAX));
    let answer = served.graph.remove(order).await;
    assert_eq!(kinds(&answer.outcomes), [None, Some(FaultKind::Refused), None]);
    assert!(!said(&answer.outcomes[1].1).contains("Needed"));
}

//! Reads: paging, repeating, batches, and whom an answer is about.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::Value;
use serde_json::json;

use super::GROUP;
use super::Served;
use super::facts;
use super::json as answer;
use super::named;
use super::user;
use crate::clock::Clock;
use crate::domain::fault::FaultKind;
use crate::domain::last_reads::LastReads;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::time::SignedDuration;
use crate::graph::UserKey;
use crate::words::error::causes;

#[tokio::test]
async fn pages_are_followed_on_the_same_host_only() {
    let served = Served::by(|seen, before| {
        let host = seen.headers["host"].to_str().expect("text");
        let value = json!([
            { "@odata.type": "#microsoft.graph.user", "id": user(1), "userPrincipalName": "a@c.com" },
            { "@odata.type": "#microsoft.graph.group", "id": user(9) },
        ]);
        match before {
            0 => answer(
                &json!({ "value": value, "@odata.nextLink": format!("http://{host}/v1.0/next?$skiptoken=a%2Bb") }),
            ),
            1 => answer(&json!({ "value": [], "@odata.nextLink": format!("http://{host}/v1.0/more") })),
            2 => answer(&json!({ "value": value })),
            3 => answer(&json!({ "value": value, "@odata.nextLink": "http://localhost:1/v1.0/next" })),
            _ => answer(&json!({ "value": [], "@odata.nextLink": format!("http://{host}/v1.0/circle") })),
        }
    })
    .await;
    let members = served.graph.members(GROUP).await.expect("members");
    assert_eq!(members, [(user(1), "a@c.com".to_owned())], "each member once");
    assert_eq!(served.seen()[1].path, "/v1.0/next?$skiptoken=a%2Bb");
    assert_eq!(served.graph.members(GROUP).await.expect_err("a foreign host").kind(), FaultKind::Malformed);
    assert_eq!(served.seen().len(), 4);
    assert_eq!(served.graph.members(GROUP).await.expect_err("a circle").kind(), FaultKind::Malformed);
    assert_eq!(served.seen().len(), 6);
}

#[tokio::test]
async fn reads_are_repeated_while_that_may_help_and_the_pulse_tells() {
    let served = Served::by(|_, before| match before {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0.05")], "").into_response(),
        1 => StatusCode::BAD_GATEWAY.into_response(),
        2 => panic!("the connection breaks"),
        3 => answer(&json!({ "value": [{ "id": "x", "displayName": "Con\u{1b}toso" }] })),
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    })
    .await;
    assert_eq!(served.graph.organization_name().await.expect("a name").as_deref(), Some("Contoso"));
    let connection_status = *served.graph.connection_status().borrow();
    assert_eq!(
        (connection_status.requests, connection_status.throttled, connection_status.failing_since),
        (4, 1, None)
    );
    let error = served.graph.skus().await.expect_err("trouble");
    assert_eq!((error.kind(), served.seen().len()), (FaultKind::Service, 9));
    assert!(served.graph.connection_status().borrow().failing_since.is_some());
}

#[tokio::test]
async fn a_wait_longer_than_our_patience_is_told_to_the_caller() {
    let served = Served::by(|_, _| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "150")], "").into_response()).await;
    let error = served.graph.skus().await.expect_err("throttled");
    assert_eq!(error.retry_after(), Some(SignedDuration::from_secs(150)));
    assert_eq!((error.kind(), served.seen().len()), (FaultKind::Throttled, 1));
    let error = served.graph.members(GROUP).await.expect_err("nothing leaves before that time");
    assert!(error.retry_after() > Some(SignedDuration::from_secs(140)));
    assert_eq!((error.kind(), served.seen().len()), (FaultKind::Throttled, 1));
    let until = served.graph.connection_status().borrow().slowed_until.expect("the pulse tells");
    assert!(until > served.clock.now() + SignedDuration::from_secs(140));
}

#[tokio::test]
async fn refusals_name_the_permission() {
    let served = Served::by(|_, _| {
        (
            StatusCode::FORBIDDEN,
            r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}}"#,
        )
            .into_response()
    })
    .await;
    let said = causes(&served.graph.skus().await.expect_err("refused"));
    assert!(said.starts_with("Insufficient privileges. Needed: LicenseAssignment.Read.All or"), "{said}");
    assert_eq!(served.graph.organization_name().await, Ok(None));
}

#[tokio::test]
async fn a_tenant_that_does_not_tell_its_name_is_as_good_as_any() {
    let answers = [
        (StatusCode::BAD_REQUEST, r#"{"error":{"code":"BadRequest","message":"Resource not found for the segment."}}"#),
        (StatusCode::NOT_IMPLEMENTED, ""),
        (StatusCode::METHOD_NOT_ALLOWED, ""),
        (StatusCode::OK, "<html>"),
        (StatusCode::OK, r#"{"value":[{"displayName":7}]}"#),
    ];
    let served = Served::by(move |_, before| answers[before].into_response()).await;
    for (status, body) in answers {
        assert_eq!(served.graph.organization_name().await, Ok(None), "{status} {body}");
    }
}

/// A service without `$batch`, where each user can be asked for alone.
async fn without_batch(status: u16) -> Served {
    Served::by(move |seen, _| match (seen.path.contains("$batch"), seen.method.as_str()) {
        (true, _) => StatusCode::from_u16(status).expect("a status").into_response(),
        (false, "DELETE") if seen.path.contains(&user(2).to_string()) => StatusCode::NOT_FOUND.into_response(),
        (false, "DELETE") => StatusCode::NO_CONTENT.into_response(),
        (false, _) if seen.path.contains(&user(3).to_string()) => StatusCode::NOT_FOUND.into_response(),
        (false, _) if seen.path.contains("$filter") => {
            answer(&json!({ "value": named(&seen.path).into_iter().map(facts).collect::<Vec<_>>() }))
        }
        (false, _) => answer(&facts(named(&seen.path)[0])),
    })
    .await
}

#[tokio::test]
async fn without_batch_each_is_asked_and_written_alone() {
    for status in [400, 403, 404, 405, 501] {
        let served = without_batch(status).await;
        let users: Vec<_> = (1..=25).map(user).collect();
        let reads = served.graph.point_reads(&users).await;
        let found = |at: usize| reads[at].1.as_ref().expect("a read").facts.as_ref().map(|facts| facts.id);
        assert!((0..25).all(|at| found(at) == (at != 2).then(|| users[at])), "{status}");
        let keys: Vec<_> = users.iter().copied().map(UserKey::Id).collect();
        assert_eq!(served.graph.find_users(&keys).await.expect("an answer").iter().flatten().count(), 24, "{status}");
        let batches = |served: &Served| served.seen().iter().filter(|seen| seen.path.contains("$batch")).count();
        assert_eq!(batches(&served), 2, "one for each of the first two chunks: {status}");
        let good_until = served.clock.now() + SignedDuration::from_secs(60);
        let answer = served.graph.remove(test_order(GROUP, users[..3].to_vec(), Some(good_until))).await;
        let done: Vec<_> = answer.outcomes.iter().map(|(_, outcome)| *outcome == Outcome::Done).collect();
        assert_eq!((done, batches(&served)), (vec![true, false, true], 2), "{status}");
        let served = without_batch(status).await;
        served.clock.advance(SignedDuration::from_secs(61));
        served.graph.point_reads(&users[..1]).await;
        let before = served.seen().len();
        let answer = served.graph.remove(test_order(GROUP, users[..3].to_vec(), Some(good_until))).await;
        assert_eq!((served.seen().len(), answer.unspent.map(|order| order.users().len())), (before, Some(3)));
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_like_its_items_is_tried_again() {
    let served = Served::by(|_, _| StatusCode::FORBIDDEN.into_response()).await;
    for requests in [2, 4] {
        let reads = served.graph.point_reads(&[user(1)]).await;
        assert_eq!(reads[0].1.as_ref().expect_err("refused").kind(), FaultKind::Forbidden);
        assert_eq!(served.seen().len(), requests);
    }
}

#[tokio::test]
async fn users_are_found_where_filters_are_refused() {
    for status in [400, 403, 404, 501] {
        let served = Served::by(move |seen, _| {
            seen.batch(|url| {
                if url.contains("$filter") {
                    (status, Value::Null, Value::Null)
                } else {
                    (200, Value::Null, facts(named(url)[0]))
                }
            })
        })
        .await;
        let found = served.graph.find_users(&[UserKey::Id(user(1))]).await.expect("an answer");
        assert_eq!(found[0].as_ref().map(|facts| facts.id), Some(user(1)), "{status}");
    }
    let served = Served::by(|seen, _| seen.batch(|_| (403, Value::Null, Value::Null))).await;
    let error = served.graph.find_users(&[UserKey::Id(user(1))]).await.expect_err("nobody may be read");
    assert_eq!(error.kind(), FaultKind::Forbidden);
}

#[tokio::test]
async fn a_byte_order_mark_spoils_no_answer() {
    let served = Served::by(|_, _| (StatusCode::OK, "\u{feff}{\"value\":[]}").into_response()).await;
    assert_eq!(served.graph.members(GROUP).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_group_is_none_when_there_is_none_and_never_another() {
    let served = Served::by(|_, before| match before {
        0 => StatusCode::NOT_FOUND.into_response(),
        1 => answer(&json!({ "id": user(1) })),
        _ => answer(&json!({ "id": GROUP, "displayName": "LIC", "groupTypes": null, "onPremisesSyncEnabled": true,
            "assignedLicenses": [{ "skuId": user(7), "disabledPlans": [user(8)] }] })),
    })
    .await;
    assert_eq!(served.graph.group(GROUP).await, Ok(None));
    assert_eq!(served.graph.group(GROUP).await.expect_err("another").kind(), FaultKind::Malformed);
    let group = served.graph.group(GROUP).await.expect("readable").expect("a group");
    assert!(group.synced && !group.is_dynamic() && group.licenses.len() == 1);
}

#[tokio::test]
async fn point_reads_repeat_what_was_refused_for_haste_and_tell_each_user_apart() {
    let served = Served::by(|seen, before| {
        seen.batch(|url| {
            let id = named(url)[0];
            match (before, id.0.as_u128()) {
                (0, 2) => (429, json!({ "Retry-After": "0.05" }), Value::Null),
                (_, 3) => (404, Value::Null, json!({ "error": { "code": "Request_ResourceNotFound" } })),
                (_, 4) => (200, Value::Null, facts(user(1))),
                (_, 5) => (403, Value::Null, Value::Null),
                (_, 6) => (200, Value::Null, json!({ "id": user(6) })),
                _ => (200, Value::Null, facts(id)),
            }
        })
    })
    .await;
    let users: Vec<_> = (1..=25).map(user).collect();
    let reads = served.graph.point_reads(&users).await;
    assert_eq!(reads.iter().map(|(id, _)| *id).collect::<Vec<_>>(), users);
    let of = |at: usize| reads[at].1.as_ref();
    assert_eq!(of(0).expect("read").facts.as_ref().expect("facts").id, user(1));
    assert!(of(1).expect("read").facts.is_some());
    assert!(of(2).expect("read").facts.is_none());
    assert_eq!(of(3).expect_err("another").kind(), FaultKind::Malformed);
    assert_eq!(of(4).expect_err("refused").kind(), FaultKind::Forbidden);
    assert_eq!(of(5).expect_err("bare").kind(), FaultKind::Malformed);
    assert_eq!(served.seen().len(), 3);
    let sizes: Vec<_> =
        served.seen().iter().map(|seen| seen.json()["requests"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 26);
}

#[tokio::test]
async fn memberships_are_read_to_the_last_page() {
    let served = Served::by(|seen, _| {
        let host = seen.headers["host"].to_str().expect("text").to_owned();
        if seen.path.starts_with("/v1.0/next") {
            return answer(&json!({ "value": [{ "id": GROUP.0.to_string().to_uppercase() }] }));
        }
        seen.batch(|url| match named(url)[0].0.as_u128() {
            1 => (200, Value::Null, json!({ "value": [{ "id": user(9) }, { "id": GROUP }] })),
            2 => (200, Value::Null, json!({ "value": [], "@odata.nextLink": format!("http://{host}/v1.0/next") })),
            3 => (404, Value::Null, Value::Null),
            4 => (200, Value::Null, json!({ "value": [{ "id": "?" }] })),
            _ => (200, Value::Null, json!({ "value": [{ "id": user(9) }] })),
        })
    })
    .await;
    let users: Vec<_> = (1..=5).map(user).collect();
    let answers = served.graph.memberships(&users, GROUP).await;
    let said: Vec<_> = answers.iter().map(|(_, answer)| answer.as_ref().ok().copied()).collect();
    assert_eq!(said, [Some(true), Some(true), Some(false), None, Some(false)]);
}

#[tokio::test]
async fn where_a_user_does_not_tell_their_groups_the_groups_own_list_is_asked() {
    let served = Served::by(|seen, _| {
        if seen.path.contains("/members?") {
            return answer(&json!({ "value": [{ "@odata.type": "#microsoft.graph.user", "id": user(1), "userPrincipalName": "a@c.com" }] }));
        }
        seen.batch(|url| match (url.contains("/memberOf"), named(url)[0].0.as_u128()) {
            (true, 4) => (200, Value::Null, json!({ "value": [{ "id": GROUP }] })),
            (true, 2) => (403, Value::Null, Value::Null),
            (true, _) | (false, 3) => (404, Value::Null, Value::Null),
            (false, id) => (200, Value::Null, facts(user(id))),
        })
    })
    .await;
    let users: Vec<_> = (1..=4).map(user).collect();
    let answers = served.graph.memberships(&users, GROUP).await;
    let said: Vec<_> = answers.iter().map(|(_, answer)| answer.as_ref().ok().copied()).collect();
    assert_eq!(said, [Some(true), Some(false), Some(false), Some(true)]);
}

#[tokio::test]
async fn users_are_found_in_the_order_asked_and_asked_again_before_they_are_missing() {
    let served = Served::by(|seen, _| {
        seen.batch(|url| {
            let mut one = facts(user(2));
            one["userPrincipalName"] = json!("O'Brien@c.com");
            match url {
                url if url.starts_with("/users?$filter=id%20in") => {
                    (200, Value::Null, json!({ "value": [facts(user(1))] }))
                }
                url if url.starts_with("/users?$filter=userPrincipalName") => {
                    (200, Value::Null, json!({ "value": [one] }))
                }
                url if url.contains(&user(3).to_string()) => (200, Value::Null, facts(user(3))),
                url if url.contains("odd") => (400, Value::Null, Value::Null),
                _ => (404, Value::Null, Value::Null),
            }
        })
    })
    .await;
    let upn = |text: &str| UserKey::Upn(text.to_owned().into());
    let given = [
        upn("gone@c.com"),
        UserKey::Id(user(3)),
        upn("o'brien@C.com"),
        UserKey::Id(user(1)),
        upn(""),
        upn("odd,,"),
        upn("o'brien@c.com"),
    ];
    let found = served.graph.find_users(&given).await.expect("an answer");
    let ids: Vec<_> = found.iter().map(|one| one.as_ref().map(|facts| facts.id)).collect();
    assert_eq!(ids, [None, Some(user(3)), Some(user(2)), Some(user(1)), None, None, Some(user(2))]);
    assert_eq!(served.seen().len(), 2);
}

#[tokio::test]
async fn whoever_was_not_asked_for_is_not_found() {
    let served = Served::by(|seen, _| {
        seen.batch(|url| {
            let other = facts(user(66));
            if url.contains("$filter") {
                (200, Value::Null, json!({ "value": [other] }))
            } else {
                (200, Value::Null, other)
            }
        })
    })
    .await;
    let given = [UserKey::Id(user(1)), UserKey::Upn("a@c.com".into()), UserKey::Upn("U66@c.com".into())];
    let found = served.graph.find_users(&given).await.expect("an answer");
    assert_eq!(found, [None, None, Some(crate::graph::wire::user(&facts(user(66)).to_string()).expect("facts"))]);
}

#[tokio::test]
async fn what_a_proof_waits_for_is_asked_with_priority_and_polling_is_not() {
    let served = Served::by(|seen, _| seen.batch(|url| (200, Value::Null, facts(named(url)[0])))).await;
    served.graph.point_reads(&[user(1)]).await;
    let seen = &served.seen()[0];
    assert_eq!(seen.headers["x-ms-throttle-priority"], "High");
    assert_eq!(seen.json()["requests"][0]["headers"]["x-ms-throttle-priority"], "High");
    let _ = served.graph.survey(GROUP, &[user(1)], &LastReads::default()).await;
    assert!(!served.seen()[1].headers.contains_key("x-ms-throttle-priority"));
}

#[tokio::test]
async fn an_answer_without_end_is_refused() {
    let served = Served::by(|_, _| vec![b' '; (64 << 20) + 1].into_response()).await;
    let error = served.graph.skus().await.expect_err("too large");
    assert_eq!((error.kind(), served.seen().len()), (FaultKind::Malformed, 1));
}

#[tokio::test]
async fn every_call_can_be_spawned() {
    fn sendable<T: Send>(_: T) {}
    let served = Served::by(|_, _| StatusCode::NOT_FOUND.into_response()).await;
    let (graph, users) = (&served.graph, [user(1)]);
    sendable(graph.survey(GROUP, &users, &LastReads::default()));
    sendable(graph.point_reads(&users));
    sendable(graph.memberships(&users, GROUP));
    sendable(graph.find_users(&[]));
    sendable((graph.skus(), graph.members(GROUP), graph.group(GROUP), graph.identity(), graph.organization_name()));
    sendable(graph.add(test_order(GROUP, vec![user(1)], None)));
    sendable(graph.remove(test_order(GROUP, vec![user(1)], None)));
    assert!(served.seen().is_empty(), "a call that nobody awaits does nothing");
}

#[tokio::test]
async fn subscriptions_are_read_and_fail_softly_where_they_may_not_be_read() {
    let served = Served::by(|seen, before| {
        assert!(seen.path.starts_with("/v1.0/directory/subscriptions?$select="), "{}", seen.path);
        let sku = "6fd2c87f-b296-42f0-b197-1e91e994b900";
        match before {
            0 => answer(&json!({ "value": [
                { "skuId": sku, "status": "Enabled", "isTrial": false, "totalLicenses": 25,
                  "nextLifecycleDateTime": "2026-12-01T00:00:00Z" },
                { "skuId": null, "status": "Enabled" },
                { "skuId": sku, "status": "Warning", "isTrial": null, "nextLifecycleDateTime": null },
            ] })),
            1 => StatusCode::FORBIDDEN.into_response(),
            2 => StatusCode::NOT_FOUND.into_response(),
            3 => answer(&json!({ "value": 7 })),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        }
    })
    .await;
    let read = served.graph.subscriptions().await.expect("an answer").expect("subscriptions");
    assert_eq!(read.len(), 2, "one that names no product is left out");
    assert_eq!((read[0].seats, read[0].trial), (Some(25), false));
    assert_eq!(read[0].next_state, Some("2026-12-01T00:00:00Z".parse().expect("a time")));
    assert_eq!((read[1].status.as_str(), read[1].next_state), ("Warning", None));
    for refused in 0..3 {
        assert_eq!(served.graph.subscriptions().await.expect("softly"), None, "{refused}");
    }
    assert_eq!(served.graph.subscriptions().await.expect_err("nobody is signed in").kind(), FaultKind::SignIn);
}

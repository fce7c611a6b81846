//! Verify passes: which form is taken, what is learnt, what is counted.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use super::GROUP;
use super::Seen;
use super::Served;
use super::facts;
use super::json as answer;
use super::named;
use super::user;
use crate::domain::id::UserId;
use crate::domain::read::SurveyForm;

fn users(count: u128) -> Vec<UserId> {
    (1..=count).map(user).collect()
}

fn is_pages(seen: &Seen) -> bool {
    seen.path.contains("/members?")
}

/// Answers filters and point reads.
fn others(seen: &Seen) -> Response {
    seen.batch(|url| {
        let found = named(url);
        if url.starts_with("/users?") {
            let value: Vec<_> = found.into_iter().map(facts).collect();
            (200, Value::Null, json!({ "value": value }))
        } else {
            (200, Value::Null, facts(found[0]))
        }
    })
}

#[tokio::test]
async fn member_pages_are_read_and_filters_ask_for_the_rest() {
    let served = Served::by(|seen, _| {
        if !is_pages(seen) {
            return others(seen);
        }
        let mut value: Vec<_> = (1..=8).map(|id| facts(user(id))).collect();
        value.push(json!({ "@odata.type": "#microsoft.graph.group", "id": user(99) }));
        value.push(facts(user(77)));
        answer(&json!({ "value": value }))
    })
    .await;
    let survey = served.graph.survey(GROUP, &users(10)).await.expect("a survey");
    assert_eq!((survey.form, survey.requests, survey.facts.len()), (SurveyForm::MemberPages, 2, 10));
    assert!(!survey.facts.contains_key(&user(77)), "nobody else gets in");
}

#[tokio::test]
async fn pages_without_licenses_are_not_asked_for_again() {
    let served = Served::by(|seen, _| {
        let member = json!({ "@odata.type": "#microsoft.graph.user", "id": user(1), "userPrincipalName": "a@c.com" });
        if is_pages(seen) { answer(&json!({ "value": [member] })) } else { others(seen) }
    })
    .await;
    for requests in [3, 2] {
        let survey = served.graph.survey(GROUP, &users(301)).await.expect("a survey");
        assert_eq!((survey.form, survey.requests, survey.facts.len()), (SurveyForm::IdFilters, requests, 301));
    }
    assert_eq!(served.seen().iter().filter(|seen| is_pages(seen)).count(), 1);
}

#[tokio::test]
async fn point_reads_are_the_last_resort() {
    let served = Served::by(|seen, _| {
        if is_pages(seen) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        if seen.body.contains("$filter") { seen.batch(|_| (400, Value::Null, Value::Null)) } else { others(seen) }
    })
    .await;
    for requests in [1 + 1 + 2, 2] {
        let survey = served.graph.survey(GROUP, &users(40)).await.expect("a survey");
        assert_eq!((survey.form, survey.requests, survey.facts.len()), (SurveyForm::PointReads, requests, 40));
    }
}

#[tokio::test]
async fn a_group_far_larger_than_the_batch_is_not_read_to_its_end() {
    let served = Served::by(|seen, _| {
        if !is_pages(seen) && seen.method == "POST" {
            return others(seen);
        }
        let host = seen.headers["host"].to_str().expect("text");
        let link = format!("http://{host}/v1.0/groups/{GROUP}/members?page={}", seen.path.len());
        answer(&json!({ "value": [facts(user(1_000))], "@odata.nextLink": link }))
    })
    .await;
    let first = served.graph.survey(GROUP, &users(30)).await.expect("a survey");
    assert_eq!((first.form, first.requests, first.facts.len()), (SurveyForm::MemberPages, 2, 30));
    let second = served.graph.survey(GROUP, &users(30)).await.expect("a survey");
    assert_eq!((second.form, second.requests), (SurveyForm::IdFilters, 1));
}

#[tokio::test]
async fn users_that_no_form_finds_are_left_out() {
    let served = Served::by(|seen, _| {
        if is_pages(seen) {
            return answer(&json!({ "value": [] }));
        }
        seen.batch(|_| (200, Value::Null, json!({ "value": [{ "id": user(1), "licenseAssignmentStates": null }] })))
    })
    .await;
    let survey = served.graph.survey(GROUP, &users(2)).await.expect("a survey");
    assert!(survey.facts.is_empty());
}

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
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::last_reads::LastReads;
use crate::domain::read::NotUsed;
use crate::domain::read::SurveyForm;

fn users(count: u128) -> Vec<UserId> {
    (1..=count).map(user).collect()
}

fn is_pages(seen: &Seen) -> bool {
    seen.path.contains("/members?") || is_cast(seen)
}

fn is_cast(seen: &Seen) -> bool {
    seen.path.contains("/members/microsoft.graph.user?")
}

/// A user as who may not read licenses gets them.
fn bare(id: UserId) -> Value {
    json!({ "@odata.type": "#microsoft.graph.user", "id": id, "licenseAssignmentStates": null })
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
    let survey = served.graph.survey(GROUP, &users(10), &LastReads::default()).await.expect("a survey");
    assert_eq!((survey.asked.form, survey.asked.requests, survey.facts.len()), (SurveyForm::MemberPages, 2, 10));
    assert!(!survey.facts.contains_key(&user(77)), "nobody else gets in");
}

#[tokio::test]
async fn pages_without_licenses_are_not_asked_for_again() {
    let served = Served::by(|seen, _| {
        let member = json!({ "@odata.type": "#microsoft.graph.user", "id": user(1), "userPrincipalName": "a@c.com" });
        if is_pages(seen) { answer(&json!({ "value": [member] })) } else { others(seen) }
    })
    .await;
    for requests in [4, 2] {
        let survey = served.graph.survey(GROUP, &users(301), &LastReads::default()).await.expect("a survey");
        assert_eq!(
            (survey.asked.form, survey.asked.requests, survey.facts.len()),
            (SurveyForm::IdFilters, requests, 301)
        );
        let none = NotUsed::NullStates;
        assert_eq!(survey.asked.not_used, [(SurveyForm::MemberPages, none), (SurveyForm::CastPages, none)]);
    }
    assert_eq!(served.seen().iter().filter(|seen| is_pages(seen)).count(), 2, "each kind of pages once");
}

#[tokio::test]
async fn pages_that_tell_licenses_with_a_cast_only_are_read_with_the_cast_and_without_the_header() {
    let served = Served::by(|seen, _| {
        assert!(!seen.headers.contains_key("consistencylevel"), "an index would answer, and lag");
        let whole = is_cast(seen);
        answer(&json!({ "value": (1..=40).map(|id| if whole { facts(user(id)) } else { bare(user(id)) }).collect::<Vec<_>>() }))
    })
    .await;
    for (requests, units) in [(2, 4), (1, 2)] {
        let survey = served.graph.survey(GROUP, &users(40), &LastReads::default()).await.expect("a survey");
        let asked = &survey.asked;
        assert_eq!((asked.form, asked.requests, asked.units), (SurveyForm::CastPages, requests, units));
        assert_eq!(asked.not_used, [(SurveyForm::MemberPages, NotUsed::NullStates)]);
        assert_eq!(survey.facts.len(), 40);
    }
}

#[tokio::test]
async fn who_is_hidden_on_a_page_that_tells_of_others_is_asked_for_and_the_pages_stay_in_use() {
    let served = Served::by(|seen, _| {
        if !is_pages(seen) {
            return others(seen);
        }
        answer(&json!({ "value": (1..=40).map(|id| if id > 3 { facts(user(id)) } else { bare(user(id)) }).collect::<Vec<_>>() }))
    })
    .await;
    for _ in 0..2 {
        let survey = served.graph.survey(GROUP, &users(40), &LastReads::default()).await.expect("a survey");
        assert_eq!((survey.asked.form, survey.asked.requests), (SurveyForm::MemberPages, 2));
        assert_eq!((survey.asked.not_used.len(), survey.facts.len()), (0, 40));
    }
}

#[tokio::test]
async fn filters_that_tell_no_licenses_make_way_for_point_reads() {
    let served = Served::by(|seen, _| {
        if is_pages(seen) {
            return StatusCode::FORBIDDEN.into_response();
        }
        seen.batch(|url| {
            let found = named(url);
            if url.starts_with("/users?") {
                let value: Vec<_> = found.into_iter().map(bare).collect();
                (200, Value::Null, json!({ "value": value }))
            } else {
                (200, Value::Null, facts(found[0]))
            }
        })
    })
    .await;
    for requests in [1 + 1 + 1 + 2, 2] {
        let survey = served.graph.survey(GROUP, &users(40), &LastReads::default()).await.expect("a survey");
        assert_eq!((survey.asked.form, survey.asked.requests), (SurveyForm::PointReads, requests));
        let refused = NotUsed::NotPermitted;
        let why = [
            (SurveyForm::MemberPages, refused),
            (SurveyForm::CastPages, refused),
            (SurveyForm::IdFilters, NotUsed::NullStates),
        ];
        assert_eq!((survey.asked.not_used, survey.facts.len()), (why.to_vec(), 40));
    }
}

#[tokio::test]
async fn where_nothing_tells_licenses_the_pass_fails_and_says_so() {
    let served = Served::by(|seen, _| {
        if is_pages(seen) {
            return answer(&json!({ "value": [bare(user(1))] }));
        }
        seen.batch(|url| {
            let value = bare(named(url)[0]);
            (200, Value::Null, if url.starts_with("/users?") { json!({ "value": [value] }) } else { value })
        })
    })
    .await;
    for _ in 0..2 {
        let failed =
            served.graph.survey(GROUP, &users(1), &LastReads::default()).await.expect_err("null is not nothing");
        assert!(matches!(*failed.fault().message, FaultMessage::Lacks { .. }), "{failed:?}");
    }
    // A page and a filter each time: what failed altogether taught nothing about the forms.
    assert_eq!(served.seen().iter().filter(|seen| is_pages(seen)).count(), 4);
}

#[tokio::test]
async fn the_choice_is_made_anew_when_the_form_in_use_stops_answering() {
    // Pages are refused at first; later it is the filters that are.
    let served = Served::by(|seen, count| {
        let early = count < 4;
        match (is_pages(seen), seen.body.contains("$filter")) {
            (true, _) if early => StatusCode::BAD_REQUEST.into_response(),
            (true, _) => answer(&json!({ "value": (1..=40).map(|id| facts(user(id))).collect::<Vec<_>>() })),
            (false, true) if !early => seen.batch(|_| (400, Value::Null, Value::Null)),
            _ => others(seen),
        }
    })
    .await;
    let mut forms = Vec::new();
    for _ in 0..4 {
        let survey = served.graph.survey(GROUP, &users(40), &LastReads::default()).await.expect("a survey");
        assert_eq!(survey.facts.len(), 40, "nobody is lost over it");
        forms.push((survey.asked.form, survey.asked.requests));
    }
    let (filters, pages) = (SurveyForm::IdFilters, SurveyForm::MemberPages);
    assert_eq!(forms, [(filters, 3), (filters, 1), (pages, 2), (pages, 1)]);
}

#[tokio::test]
async fn a_service_in_trouble_is_not_asked_in_every_form() {
    let served = Served::by(|_, _| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
    served.graph.set_speed(1e6);
    let failed = served.graph.survey(GROUP, &users(400), &LastReads::default()).await.expect_err("there is no answer");
    assert_eq!(failed.kind(), FaultKind::Service);
    let cast_too = served.seen().iter().all(is_pages);
    assert!(cast_too, "two forms are enough to tell that it is not the form");
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
    for requests in [2 + 1 + 2, 2] {
        let survey = served.graph.survey(GROUP, &users(40), &LastReads::default()).await.expect("a survey");
        assert_eq!(
            (survey.asked.form, survey.asked.requests, survey.facts.len()),
            (SurveyForm::PointReads, requests, 40)
        );
        assert_eq!(survey.asked.not_used[0], (SurveyForm::MemberPages, NotUsed::Refused(Some(400))));
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
    let first = served.graph.survey(GROUP, &users(30), &LastReads::default()).await.expect("a survey");
    assert_eq!((first.asked.form, first.asked.requests, first.facts.len()), (SurveyForm::MemberPages, 2, 30));
    let second = served.graph.survey(GROUP, &users(30), &LastReads::default()).await.expect("a survey");
    assert_eq!((second.asked.form, second.asked.requests), (SurveyForm::IdFilters, 1));
}

#[tokio::test]
async fn users_that_no_form_finds_are_left_out() {
    let served = Served::by(|seen, _| {
        if is_pages(seen) {
            return answer(&json!({ "value": [] }));
        }
        seen.batch(|_| (200, Value::Null, json!({ "value": [{ "id": "no id", "licenseAssignmentStates": [] }] })))
    })
    .await;
    let survey = served.graph.survey(GROUP, &users(2), &LastReads::default()).await.expect("a survey");
    assert!(survey.facts.is_empty());
}

//! When requests leave after refusals for haste. Time is tokio's, and stands while something is under way.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use tokio::time::Instant;

use super::GROUP;
use super::Served;
use super::json as answer;
use super::user;
use crate::domain::approval::Add;
use crate::domain::fault::FaultKind;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::time::SignedDuration;

/// When each request came, from the first on.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<Instant>>>);

impl Times {
    fn note(&self) {
        self.0.lock().expect("the times").push(Instant::now());
    }

    fn all(&self) -> Vec<Duration> {
        let times = self.0.lock().expect("the times");
        times.iter().map(|time| *time - times[0]).collect()
    }
}

fn slow_down(retry_after: &str) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [("retry-after", retry_after.to_owned())]).into_response()
}

/// A service that answers so many requests with 429 and this `Retry-After`, and the others as asked.
async fn served(refusals: usize, retry_after: Option<&'static str>, times: &Times) -> Served {
    let times = times.clone();
    Served::by(move |seen, before| {
        times.note();
        match retry_after {
            Some(retry_after) if before < refusals => slow_down(retry_after),
            None if before < refusals => StatusCode::TOO_MANY_REQUESTS.into_response(),
            _ if seen.method == "GET" => answer(&json!({ "value": [] })),
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    })
    .await
}

/// Adds one user until it is done, as the engine does.
async fn add(served: &Served) -> Vec<FaultKind> {
    let mut faults = Vec::new();
    loop {
        let answer = served.graph.add(test_order::<Add>(GROUP, vec![user(1)], None)).await;
        match &answer.outcomes[0].1 {
            Outcome::Done => return faults,
            Outcome::Failed(fault) | Outcome::Lost(fault) => faults.push(fault.kind),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_is_waited_for_and_no_more() {
    for write in [false, true] {
        let times = Times::default();
        let served = served(4, Some("1"), &times).await;
        if write {
            assert_eq!(add(&served).await, [FaultKind::Throttled; 4]);
        } else {
            assert!(served.graph.skus().await.is_ok());
        }
        let all = times.all();
        assert_eq!(all.len(), 5);
        for (seconds, at) in (0..).zip(&all) {
            let early = Duration::from_secs(seconds);
            assert!(*at >= early && *at < early + Duration::from_millis(100), "sent at {all:?}");
        }
        assert_eq!(served.graph.connection_status().borrow().throttled, 4);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_the_waits_double_with_jitter_and_begin_anew_after_success() {
    let times = Times::default();
    let served = served(4, None, &times).await;
    served.graph.set_speed(1.0);
    add(&served).await;
    let all = times.all();
    let waits: Vec<f64> = all.windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs_f64()).collect();
    for (wait, longest) in waits.iter().zip([1.0, 2.0, 4.0, 8.0]) {
        assert!((longest / 2.0..longest + 0.1).contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_that_are_refused_do_not_hold_writes() {
    let times = Times::default();
    let noted = times.clone();
    let served = Served::by(move |seen, _| {
        if seen.method == "GET" {
            return slow_down("60");
        }
        noted.note();
        StatusCode::NO_CONTENT.into_response()
    })
    .await;
    let graph = served.graph.clone();
    let reading = tokio::spawn(async move { graph.skus().await });
    while served.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let began = Instant::now();
    assert!(add(&served).await.is_empty());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    reading.abort();
    let status = *served.graph.connection_status().borrow();
    assert!(status.reads_held_until.is_some() && status.writes_held_until.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_warning_is_our_own_caution_and_not_a_wish_of_the_service() {
    let served = Served::by(|_, _| {
        let headers = [("x-ms-throttle-limit-percentage", "1.0")];
        (StatusCode::OK, headers, json!({ "value": [] }).to_string()).into_response()
    })
    .await;
    assert!(served.graph.skus().await.is_ok());
    let status = *served.graph.connection_status().borrow();
    assert!(status.cautious_until.is_some());
    assert_eq!((status.slowed_until, status.reads_held_until, status.writes_held_until), (None, None, None));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_centuries_is_told_and_ended_after_ten_minutes() {
    for asked in ["3155760000", "1e300", "18446744073709551615", "Tue, 01 Jan 2999 00:00:00 GMT"] {
        let times = Times::default();
        let served = served(1, Some(asked), &times).await;
        let error = served.graph.skus().await.expect_err("throttled");
        assert_eq!(error.kind(), FaultKind::Throttled);
        let said = crate::words::error::causes(&error);
        assert!(said.contains("asked to be left alone for 876600h"), "{said}");
        assert!(said.contains("asked again after 10m, or at once by `p`"), "{said}");
        let status = *served.graph.connection_status().borrow();
        let until = status.slowed_until.expect("it waits");
        let now = crate::clock::Clock::now(&*served.clock);
        assert!(until <= now + SignedDuration::from_mins(10), "{until}");
        assert!(status.asked_until.expect("what was asked") > now + SignedDuration::from_hours(800_000));
        // Before that it is not asked, and says why.
        tokio::time::sleep(Duration::from_mins(5)).await;
        let error = served.graph.skus().await.expect_err("still");
        assert!(crate::words::error::causes(&error).contains("or at once by `p`"), "{error}");
        assert_eq!(times.all().len(), 1);
        tokio::time::sleep(Duration::from_secs(301)).await;
        assert!(served.graph.skus().await.is_ok());
        assert_eq!(served.graph.connection_status().borrow().asked_until, None);
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_wait_longer_than_ten_minutes_is_ended_by_hand() {
    let times = Times::default();
    let long = served(1, Some("86400"), &times).await;
    assert!(long.graph.skus().await.is_err());
    long.graph.ask_again();
    assert!(long.graph.skus().await.is_ok());
    assert!(times.all()[1] < Duration::from_secs(1), "{:?}", times.all());

    let times = Times::default();
    let short = served(1, Some("60"), &times).await;
    let graph = short.graph.clone();
    let reading = tokio::spawn(async move { graph.skus().await });
    while short.graph.connection_status().borrow().throttled == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    short.graph.ask_again();
    assert!(reading.await.expect("read").is_ok());
    assert!(times.all()[1] >= Duration::from_mins(1), "{:?}", times.all());
}

#[tokio::test(start_paused = true)]
async fn a_date_is_counted_from_the_answers_own_and_one_in_the_past_is_no_hint() {
    let headers = [("retry-after", "Thu, 01 Jan 1970 00:00:30 GMT"), ("date", "Thu, 01 Jan 1970 00:00:00 GMT")];
    let times = Times::default();
    let noted = times.clone();
    let served = Served::by(move |_, before| {
        noted.note();
        match before {
            0 => (StatusCode::TOO_MANY_REQUESTS, headers).into_response(),
            1 => slow_down("Thu, 01 Jan 1970 00:00:30 GMT"),
            _ => answer(&json!({ "value": [] })),
        }
    })
    .await;
    served.graph.set_speed(1.0);
    assert!(served.graph.skus().await.is_ok());
    let all = times.all();
    assert!(all[1] >= Duration::from_secs(30) && all[1] < Duration::from_millis(30_100), "{all:?}");
    let own = all[2].saturating_sub(all[1]);
    assert!(own >= Duration::from_millis(500) && own < Duration::from_millis(1_100), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_asks_for_a_wait_is_left_alone_for_so_long() {
    let times = Times::default();
    let served = served(1, Some("3000000000"), &times).await;
    let endpoints = crate::graph::Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let (tenant, secret) = ("contoso.onmicrosoft.com", "s3cret-s3cret".into());
    let source = crate::graph::auth::ClientSecret::new(&endpoints, tenant, "an-app", secret, served.clock.clone());
    let source = source.expect("a source");
    for _ in 0..3 {
        let error = crate::graph::TokenSource::token(&source).await.expect_err("throttled");
        assert_eq!(error.kind(), FaultKind::Throttled);
        tokio::time::sleep(Duration::from_mins(2)).await;
    }
    assert_eq!(times.all().len(), 1);
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert!(crate::graph::TokenSource::token(&source).await.is_err(), "no token, but it was asked");
    assert!(times.all()[1] >= Duration::from_mins(10));
}

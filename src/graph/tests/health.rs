//! What the client tells of how it fares: which limit throttles it, how much of that is used, and when its token ends.

use std::future::ready;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use super::Served;
use super::json as answer;
use crate::clock::Clock;
use crate::clock::ManualClock;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;

#[tokio::test]
async fn a_refusal_for_haste_names_its_limit_and_that_nothing_is_left_of_it() {
    for (information, used) in
        [("ResourceUnitLimitExceeded", Some(100)), ("CPULimitExceeded", None), ("Unheard of", None)]
    {
        let served = Served::by(move |_, count| match count {
            0 => {
                let headers = [("Retry-After", "0.05"), ("x-ms-throttle-information", information)];
                (StatusCode::TOO_MANY_REQUESTS, headers, "").into_response()
            }
            _ => answer(&json!({ "value": [] })),
        })
        .await;
        served.graph.skus().await.expect("answered in the end");
        let status = *served.graph.connection_status().borrow();
        assert_eq!((status.reads_used, status.writes_used), (used, None), "{information}");
        assert_eq!((status.throttled, status.waiting_since), (1, None));
    }
}

#[tokio::test]
async fn a_warning_tells_how_much_is_used() {
    for (said, used) in [("0.85", Some(85)), (" 1.2 ", Some(120)), ("much", None), ("NaN", None), ("-1", None)] {
        let served = Served::by(move |_, _| {
            let headers = [("content-type", "application/json"), ("x-ms-throttle-limit-percentage", said)];
            (StatusCode::OK, headers, json!({ "value": [] }).to_string()).into_response()
        })
        .await;
        served.graph.skus().await.expect("answered");
        let status = *served.graph.connection_status().borrow();
        assert_eq!(status.reads_used, used, "{said}");
        assert_eq!(status.cautious_until.is_some(), used.is_some(), "{said}");
    }
}

/// One token that ends at a time, and whether another follows it.
struct One(Timestamp, bool);

impl TokenSource for One {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(ready(Ok(Token::new("a-token".into(), Some(self.0)))))
    }

    fn forget(&self, _refused: &Token) {}

    fn renews(&self) -> bool {
        self.1
    }
}

#[tokio::test]
async fn a_token_that_ends_soon_is_told_later_where_another_should_have_followed() {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let end = start + SignedDuration::from_mins(60);
    for (renews, before) in [(false, 15), (true, 4)] {
        let clock = Arc::new(ManualClock::at(start));
        let endpoints = Endpoints::custom("http://127.0.0.1:9", "http://127.0.0.1:9").expect("endpoints");
        let source = Arc::new(One(end, renews));
        let graph = Graph::new(endpoints, source, Arc::clone(&clock) as Arc<dyn Clock>).expect("a client");
        assert_eq!(graph.token_ends(), None, "no token was had yet");
        graph.identity().await.expect("a token");
        clock.set(end - SignedDuration::from_mins(before));
        assert_eq!(graph.token_ends(), None);
        clock.set(end - SignedDuration::from_mins(before) + SignedDuration::from_secs(1));
        assert_eq!(graph.token_ends(), Some(end));
        clock.set(end);
        assert_eq!(graph.token_ends(), None, "what has ended is told by the sign-in");
    }
}

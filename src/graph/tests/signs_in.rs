//! Tokens: asked for, kept, refused, renewed once.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;

use super::GROUP;
use super::Served;
use super::json as answer;
use super::user;
use crate::domain::approval::Add;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::time::SignedDuration;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::TokenSource;
use crate::graph::auth::AccessToken;
use crate::graph::auth::ClientSecret;
use crate::graph::auth::UserSignIn;
use crate::graph::auth::Way;

fn bearer(seen: &super::Seen) -> &str {
    seen.headers["authorization"].to_str().expect("text")
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_reads_and_writes() {
    let served = Served::by(|seen, _| match bearer(seen) {
        "Bearer token-0" | "Bearer token-1" => StatusCode::UNAUTHORIZED.into_response(),
        _ if seen.method == "GET" => answer(&json!({ "value": [] })),
        _ => StatusCode::NO_CONTENT.into_response(),
    })
    .await;
    assert_eq!(served.graph.skus().await.expect_err("refused twice").kind(), FaultKind::SignIn);
    assert_eq!(served.seen().len(), 2);
    assert!(served.graph.skus().await.is_ok());
    served.tokens.0.store(1, std::sync::atomic::Ordering::SeqCst);
    let answer = served.graph.add(test_order::<Add>(GROUP, vec![user(1)], None)).await;
    assert_eq!(answer.outcomes, [(user(1), Outcome::Done)]);
    assert_eq!(served.seen().len(), 6);
}

#[tokio::test]
async fn a_given_token_that_is_refused_is_not_sent_again_and_never_shown() {
    let served = Served::by(|seen, _| {
        let body =
            json!({ "error": { "code": "InvalidAuthenticationToken", "message": format!("bad: {}", bearer(seen)) } });
        (StatusCode::UNAUTHORIZED, body.to_string()).into_response()
    })
    .await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let given = Arc::new(AccessToken::new(" s3cret\n".into()));
    let graph = Graph::new(endpoints, given, served.clock.clone()).expect("a client");
    let error = graph.skus().await.expect_err("refused");
    assert_eq!(*error.fault().message, "bad: Bearer [masked]".into());
    let answer = graph.add(test_order::<Add>(GROUP, vec![user(1)], None)).await;
    assert!(matches!(&answer.outcomes[0].1, Outcome::Failed(fault) if fault.kind == FaultKind::SignIn));
    assert_eq!(served.seen().len(), 2);
    assert_eq!(bearer(&served.seen()[0]), "Bearer s3cret");
}

#[tokio::test]
async fn a_client_secret_gets_a_token_and_keeps_it_until_shortly_before_its_end() {
    let served =
        Served::by(|_, before| answer(&json!({ "access_token": format!("t-{before}"), "expires_in": 3600 }))).await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let source =
        ClientSecret::new(&endpoints, "c.com", "app", "se&cret".into(), served.clock.clone()).expect("a source");
    let token = source.token().await.expect("a token");
    served.clock.advance(SignedDuration::from_mins(54));
    assert!(source.token().await.expect("a token").is(&token));
    served.clock.advance(SignedDuration::from_mins(2));
    let second = source.token().await.expect("a token");
    assert!(!second.is(&token));
    source.forget(&token);
    assert!(source.token().await.expect("a token").is(&second), "an old token's refusal says nothing of the new one");
    source.forget(&second);
    assert!(!source.token().await.expect("a token").is(&second));
    let seen = &served.seen()[0];
    assert_eq!(seen.path, "/c.com/oauth2/v2.0/token");
    let fields: Vec<&str> = seen.body.split('&').collect();
    for field in ["grant_type=client_credentials", "client_id=app", "client_secret=se%26cret"] {
        assert!(fields.contains(&field), "{}", seen.body);
    }
    assert!(
        fields.iter().any(|field| field.starts_with("scope=http") && field.ends_with("%2F.default")),
        "{}",
        seen.body
    );
}

#[tokio::test]
async fn a_refused_secret_says_why_and_is_not_shown() {
    let served = Served::by(|_, _| {
        let body = json!({ "error": "invalid_client", "error_codes": [7_000_215], "correlation_id": "c-1",
            "error_description": "AADSTS7000215: Invalid client secret s3cret.\r\nTrace ID: x" });
        (StatusCode::UNAUTHORIZED, body.to_string()).into_response()
    })
    .await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let source =
        ClientSecret::new(&endpoints, "c.com", "app", "s3cret".into(), served.clock.clone()).expect("a source");
    let error = source.token().await.expect_err("refused");
    assert_eq!(error.kind(), FaultKind::SignIn);
    assert_eq!(
        crate::words::error::causes(&error),
        "the client secret is wrong. AADSTS7000215: Invalid client secret [masked]. (codes 7000215; correlation id c-1) (401, invalid_client)"
    );
    for tenant in ["", "..", "a/b", "a?b", "a b"] {
        assert!(ClientSecret::new(&endpoints, tenant, "app", "s".into(), served.clock.clone()).is_err(), "{tenant:?}");
    }
}

#[tokio::test]
async fn a_token_that_holds_the_letters_of_the_secret_stays_whole() {
    let served = Served::by(|_, _| answer(&json!({ "access_token": "xx.hunter2.xx", "expires_in": 3600 }))).await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    for secret in ["x", "hunter2"] {
        let source =
            ClientSecret::new(&endpoints, "c.com", "app", secret.into(), served.clock.clone()).expect("a source");
        assert_eq!(source.token().await.expect("a token").secret(), "xx.hunter2.xx");
    }
}

/// Each of twenty single additions is refused: a newer token may bring the permission, and one of them is enough to tell.
#[tokio::test]
async fn a_permission_that_is_missing_has_the_sign_in_asked_once() {
    let served = Served::by(|_, _| {
        let body = json!({ "error": { "code": "Authorization_RequestDenied", "message": "Insufficient privileges." } });
        (StatusCode::FORBIDDEN, body.to_string()).into_response()
    })
    .await;
    let forgotten = || served.tokens.0.load(std::sync::atomic::Ordering::SeqCst);
    let before = forgotten();
    let answer = served.graph.add(test_order::<Add>(GROUP, (1..=20).map(user).collect(), None)).await;
    assert!(answer.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Failed(_))));
    assert!(served.seen().len() > 20, "all were tried alone");
    assert_eq!(forgotten() - before, 1);
    served.graph.skus().await.expect_err("refused");
    assert_eq!(forgotten() - before, 1, "nor does a read ask again at once");
}

#[tokio::test]
async fn what_a_service_echoes_of_a_refresh_token_a_code_or_an_assertion_is_masked() {
    // The device code and the refresh token are the service's own; it repeats each in its next refusal.
    let served = Served::by(|seen, before| match before {
        0 => {
            answer(&json!({ "device_code": "dev1ce-c0de-marked", "user_code": "ABC", "verification_uri": "https://x/d",
            "expires_in": "900", "interval": "0" }))
        }
        1 => answer(&json!({ "access_token": "first", "refresh_token": "refr3sh-marked-token", "expires_in": 1 })),
        _ => {
            let body =
                json!({ "error": "invalid_grant", "error_description": format!("AADSTS50173: no: {}", seen.body) });
            (StatusCode::BAD_REQUEST, body.to_string()).into_response()
        }
    })
    .await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let source = UserSignIn::new(&endpoints, "c.com", "app", Way::DeviceCode, served.clock.clone()).expect("a source");
    source.sign_in(&|_| {}).await.expect("numbers may be texts");
    served.clock.advance(SignedDuration::from_mins(1));
    let error = source.token().await.expect_err("refused");
    assert!(served.seen()[2].body.contains("refr3sh-marked-token"));
    assert!(error.to_string().contains("[masked]") && !format!("{error:?}").contains("refr3sh-marked"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_token_is_not_quoted() {
    let served = Served::by(|_, _| answer(&json!({ "token": "unkn0wn-shape" }))).await;
    let endpoints = Endpoints::custom(&served.url, &served.url).expect("endpoints");
    let source =
        ClientSecret::new(&endpoints, "c.com", "app", "s3cret".into(), served.clock.clone()).expect("a source");
    let error = source.token().await.expect_err("no token");
    assert_eq!(*error.fault().message, FaultMessage::NoToken);
}

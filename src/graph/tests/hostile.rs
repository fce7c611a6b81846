//! A service that answers too much, too deep, without end, or with what it was sent.

use std::io::Write;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;

use super::GROUP;
use super::Served;
use super::facts;
use super::json as answer;
use super::user;
use crate::domain::approval::Add;
use crate::domain::fault::FaultKind;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::graph::error::GraphError;
use crate::graph::limits;

/// The error of a read of products.
async fn skus(served: &Served) -> GraphError {
    served.graph.skus().await.expect_err("refused")
}

fn body(body: String) -> Response {
    (StatusCode::OK, [("content-type", "application/json")], body).into_response()
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_with_or_without_its_length() {
    for chunked in [false, true] {
        let served = Served::by(move |_, _| {
            let large = format!("{{\"value\":[\"{}\"]}}", "x".repeat(limits::ANSWER));
            if !chunked {
                return body(large);
            }
            let chunks = large.into_bytes().chunks(1 << 20).map(<[u8]>::to_vec).collect::<Vec<_>>();
            let stream = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
            (StatusCode::OK, axum::body::Body::from_stream(stream)).into_response()
        })
        .await;
        let error = skus(&served).await;
        assert_eq!(error.kind(), FaultKind::Malformed);
        let said = crate::words::error::causes(&error);
        assert!(said.starts_with("the answer is larger than 64 MiB, so it is not Microsoft Graph's"), "{said}");
        assert_eq!(served.seen().len(), 1, "a second try would fare no better");
    }
}

/// So many zero bytes after decompression, in a gzip stream of about a thousandth.
fn bomb(bytes: u64) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), bytes), &mut encoder).expect("compressed");
    encoder.flush().expect("compressed");
    encoder.finish().expect("compressed")
}

#[tokio::test]
async fn a_small_answer_that_inflates_without_end_is_refused_while_it_is_read() {
    let small = bomb(512 << 20);
    assert!(small.len() < 1 << 20, "{}", small.len());
    for status in [StatusCode::OK, StatusCode::FORBIDDEN] {
        let small = small.clone();
        let served = Served::by(move |_, _| (status, [("content-encoding", "gzip")], small.clone()).into_response());
        let served = served.await;
        let error = skus(&served).await;
        if status == StatusCode::OK {
            assert!(crate::words::error::causes(&error).starts_with("the answer is larger than 64 MiB"), "{error}");
        } else {
            assert_eq!(error.kind(), FaultKind::Forbidden, "a refusal is told by its status");
        }
    }
}

#[tokio::test]
async fn of_a_refusal_the_first_64_kib_are_read() {
    let filler = "x".repeat(limits::ERROR);
    for text in [
        json!({ "error": { "code": "C", "message": filler } }).to_string(),
        format!("<html>{filler}</html>"),
        format!("{{\"error\":{{\"x\":[{}", "[],".repeat(1 << 20)),
    ] {
        let served = Served::by(move |_, _| (StatusCode::TOO_MANY_REQUESTS, text.clone()).into_response()).await;
        let order = test_order::<Add>(GROUP, vec![user(1), user(2)], None);
        let added = served.graph.add(order).await;
        let Outcome::Failed(fault) = &added.outcomes[0].1 else { panic!("{:?}", added.outcomes) };
        assert_eq!((fault.kind, fault.status), (FaultKind::Throttled, Some(429)));
        let said = crate::words::fault::message(&fault.message);
        assert!(said.len() < 700, "{said}");
    }
}

#[tokio::test]
async fn pages_that_never_end_are_refused() {
    let served = Served::by(|seen, before| {
        let host = seen.headers["host"].to_str().expect("text");
        answer(&json!({ "value": [], "@odata.nextLink": format!("http://{host}/v1.0/next?$skiptoken={before}") }))
    })
    .await;
    served.graph.set_speed(1e6);
    let error = served.graph.members(GROUP).await.expect_err("no end");
    assert_eq!(error.kind(), FaultKind::Malformed);
    assert!(crate::words::error::causes(&error).contains("do not come to an end"), "{error}");
    assert_eq!(served.seen().len(), limits::PAGES);
}

#[tokio::test]
async fn a_page_and_a_link_have_a_largest_size() {
    let page = format!("{{\"value\":[{}1]}}", "1,".repeat(limits::PAGE));
    let served = Served::by(move |_, _| body(page.clone())).await;
    let error = skus(&served).await;
    assert!(crate::words::error::causes(&error).contains("more than 10000 entries"), "{error}");

    let served = Served::by(|seen, _| {
        let host = seen.headers["host"].to_str().expect("text");
        let link = format!("http://{host}/v1.0/next?$skiptoken={}", "x".repeat(limits::LINK));
        answer(&json!({ "value": [], "@odata.nextLink": link }))
    })
    .await;
    let error = skus(&served).await;
    assert!(crate::words::error::causes(&error).contains("link to the next page is longer than 8 KiB"), "{error}");

    let served = Served::by(|_, _| {
        let one = json!({ "id": "0", "status": 200 });
        answer(&json!({ "responses": vec![one; limits::BATCH + 1] }))
    })
    .await;
    let reads = served.graph.point_reads(&[user(1), user(2)]).await;
    assert!(reads.iter().all(|(_, read)| read.as_ref().is_err_and(|error| error.kind() == FaultKind::Malformed)));
}

#[tokio::test]
async fn what_is_nested_deeply_is_refused_and_breaks_nothing() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for text in [deep.clone(), format!("{{\"value\":[{deep}]}}"), format!("{{\"error\":{deep}}}")] {
            for status in [StatusCode::OK, StatusCode::BAD_REQUEST] {
                let text = text.clone();
                let served = Served::by(move |_, _| (status, text.clone()).into_response()).await;
                let error = skus(&served).await;
                assert!(matches!(error.kind(), FaultKind::Malformed | FaultKind::Refused), "{error}");
                assert!(crate::words::error::causes(&error).len() < 700, "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_has_a_largest_length() {
    let marks = format!("a{}", "\u{301}".repeat(60_000));
    let served = Served::by(move |seen, _| {
        let mut one = facts(user(1));
        one["displayName"] = marks.clone().into();
        one["userPrincipalName"] = "x".repeat(100_000).into();
        seen.batch(|_| (200, json!(null), one.clone()))
    })
    .await;
    let reads = served.graph.point_reads(&[user(1)]).await;
    if let Ok(read) = &reads[0].1 {
        let facts = read.facts.as_ref().expect("a user");
        assert_eq!(facts.display_name.as_ref().map(|name| name.chars().count()), Some(limits::NAME));
        assert_eq!(facts.upn.len(), limits::NAME);
    } else {
        panic!("{reads:?}");
    }
}

#[tokio::test]
async fn the_token_is_masked_wherever_a_service_repeats_it() {
    let served = Served::by(|seen, before| {
        let token = seen.headers["authorization"].to_str().expect("text").trim_start_matches("Bearer ").to_owned();
        let escaped = token.chars().map(|char| format!("\\u{:04x}", u32::from(char))).collect::<Vec<_>>().concat();
        let broken: String = token.chars().flat_map(|char| [char, '\u{200b}']).collect();
        let id = [("request-id", token.clone())];
        match before {
            0 => (
                StatusCode::BAD_REQUEST,
                id,
                format!("{{\"error\":{{\"code\":\"{escaped}\",\"message\":\"{broken}\"}}}}"),
            )
                .into_response(),
            1 => (StatusCode::BAD_REQUEST, id, format!("<p>{}</p>", token.replace('-', "<b></b>-"))).into_response(),
            2 => (StatusCode::BAD_REQUEST, id, format!("{{error: {token}")).into_response(),
            3 => body(format!("{{\"value\":[\"{escaped}\"]}}")),
            _ => body(format!("{{\"id\":\"{GROUP}\",\"displayName\":\"{escaped}\",\"assignedLicenses\":[]}}")),
        }
    })
    .await;
    for _ in 0..4 {
        let said = format!("{:?}", skus(&served).await);
        assert!(!said.contains("token-0") && !said.replace('\u{200b}', "").contains("token-0"), "{said}");
        assert!(said.contains("[masked]"), "{said}");
    }
    let group = served.graph.group(GROUP).await.expect("read").expect("a group");
    assert_eq!(group.name, "[masked]");
}

#[tokio::test]
async fn a_token_that_was_replaced_is_masked_too() {
    let count = AtomicUsize::new(0);
    let served = Served::by(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::UNAUTHORIZED.into_response(),
        _ => (StatusCode::BAD_REQUEST, r#"{"error":{"message":"token-0 and token-1 are bad"}}"#).into_response(),
    })
    .await;
    let said = crate::words::error::causes(&skus(&served).await);
    assert!(said.starts_with("[masked] and [masked] are bad"), "{said}");
}

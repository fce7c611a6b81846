//! The client against small servers that answer as each test needs.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::ManualClock;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::graph::Graph;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::cloud::Endpoints;

mod health;
mod hostile;
mod last_look;
mod licensed_groups;
mod reads;
mod refused;
mod signs_in;
mod silent;
mod surveys;
mod tenant;
mod waits;
mod writes;

const GROUP: GroupId = GroupId(Uuid::from_u128(0xb82c));

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

/// One request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Answers a `$batch` by giving each item's url to `item`, which gives status, headers and body.
    fn batch(&self, mut item: impl FnMut(&str) -> (u16, Value, Value)) -> Response {
        let requests = self.json()["requests"].as_array().cloned().unwrap_or_default();
        let answer = |request: &Value| {
            let (status, headers, body) = item(request["url"].as_str().unwrap_or_default());
            serde_json::json!({ "id": request["id"], "status": status, "headers": headers, "body": body })
        };
        let responses: Vec<_> = requests.iter().rev().map(answer).collect();
        json(&serde_json::json!({ "responses": responses }))
    }
}

fn json(value: &Value) -> Response {
    (StatusCode::OK, [("content-type", "application/json")], value.to_string()).into_response()
}

type Answer = dyn Fn(&Seen, usize) -> Response + Send + Sync;

#[derive(Clone)]
struct Shared {
    log: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Answer>,
}

/// A server that answers each request by one function, which is also told how many came before.
struct Served {
    graph: Graph,
    url: String,
    log: Arc<Mutex<Vec<Seen>>>,
    tokens: Arc<Numbered>,
    clock: Arc<ManualClock>,
}

/// Gives `token-0`; once that was forgotten, `token-1`, and so on.
#[derive(Default)]
struct Numbered(AtomicUsize);

impl TokenSource for Numbered {
    fn token(&self) -> TokenFuture<'_> {
        let token = format!("token-{}", self.0.load(Ordering::SeqCst));
        Box::pin(std::future::ready(Ok(Token::new(token.into(), None))))
    }

    fn forget(&self, _refused: &Token) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn answer(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let seen = Seen { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let before = {
        let mut log = shared.log.lock().expect("the log");
        log.push(seen.clone());
        log.len() - 1
    };
    (shared.answer)(&seen, before)
}

impl Served {
    async fn by(answer_with: impl Fn(&Seen, usize) -> Response + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let shared = Shared { log: Arc::clone(&log), answer: Arc::new(answer_with) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time")));
        let tokens = Arc::new(Numbered::default());
        let endpoints = Endpoints::custom(&url, &url).expect("endpoints");
        let graph = Graph::new(endpoints, Arc::clone(&tokens) as _, Arc::clone(&clock) as _).expect("a client");
        graph.set_speed(1_000.0);
        Self { graph, url, log, tokens, clock }
    }

    fn seen(&self) -> Vec<Seen> {
        self.log.lock().expect("the log").clone()
    }
}

/// A user as Graph writes one, on the source license.
fn facts(id: UserId) -> Value {
    serde_json::json!({
        "@odata.type": "#microsoft.graph.user", "id": id, "userPrincipalName": format!("u{}@c.com", id.0.as_u128()),
        "assignedLicenses": [], "licenseAssignmentStates": [],
    })
}

/// The users whose ids stand in a url.
fn named(url: &str) -> Vec<UserId> {
    let words = url.split(|char: char| !char.is_ascii_hexdigit() && char != '-');
    words.filter_map(|word| word.strip_prefix("27").unwrap_or(word).parse().ok()).map(UserId).collect()
}

//! The wire: accepts connections, turns HTTP into questions to the tenant and back.
mod caller;
mod line;
mod tls;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::response::Parts;
use axum::http::{HeaderMap, HeaderName, Method, Response, StatusCode, Uri, header};
use futures_util::StreamExt;

use crate::sim::answer::{Answer, Refusal, Wire};
use crate::sim::ask::Ask;
use crate::sim::clock::http_date;
use crate::sim::world::World;
use crate::sim::{control, oauth};

pub(crate) use line::{Breaker, Lines};
pub(crate) use tls::listen as listen_tls;

/// The world as the tasks of the server share it. The lock is held for one request and never across an await.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    /// `http` or `https`, for links that lead back here.
    scheme: &'static str,
}

impl Shared {
    /// Shares a world.
    pub(crate) fn new(world: World, scheme: &'static str) -> Self {
        Self { world: Arc::new(Mutex::new(world)), scheme }
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The world. A panic elsewhere while it was held leaves it usable: nothing in it is torn by one.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The largest body that is read.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The service: one handler for all paths, because OData paths are no router's taste.
pub(crate) fn service(shared: Shared) -> Router {
    Router::new().fallback(handle).layer(axum::extract::DefaultBodyLimit::max(MOST_BYTES)).with_state(shared)
}

async fn handle(
    State(shared): State<Shared>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if let Some(refusal) = caller::refused(&uri, &headers) {
        return refusal;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let ask = Ask {
        base: format!("{}://{host}", shared.scheme()),
        method,
        root: "",
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        item: None,
        stale: Duration::ZERO,
    };
    let (parts, bytes, wire) = reply(&mut shared.lock(), ask);
    if !wire.delay.is_zero() {
        tokio::time::sleep(wire.delay).await;
    }
    if wire.drop {
        breaker.trip();
    }
    let body = if wire.cut { half(bytes) } else { Body::from(bytes) };
    Response::from_parts(parts, body)
}

/// The answer to a request, whoever is to give it.
fn reply(world: &mut World, mut ask: Ask) -> (Parts, Vec<u8>, Wire) {
    if let Some(answer) = control::answer(world, &ask) {
        return head(world, &answer);
    }
    world.catch_up();
    if let Some(answer) = oauth::answer(world, &ask) {
        return head(world, &answer);
    }
    // Some clients join a base that ends in a slash with a path that begins with one.
    let path = format!("/{}", ask.path.trim_start_matches('/'));
    let caller = if let Some(path) = path.strip_prefix("/v1.0/") {
        (ask.root, ask.path) = ("/v1.0", format!("/{}", path.trim_end_matches('/')));
        world.caller(&ask)
    } else {
        let version = path.split('/').nth(1).unwrap_or_default();
        Err(Refusal::new(400, "BadRequest", format!("Invalid version: {version}")))
    };
    let answer = world.answer(&ask, &caller);
    let (mut parts, bytes, wire) = head(world, &answer);
    for (name, value) in GRAPH_HEADERS {
        parts.headers.insert(*name, header::HeaderValue::from_static(value));
    }
    (parts, bytes, wire)
}

/// What every answer of Graph carries.
const GRAPH_HEADERS: &[(&str, &str)] = &[
    ("odata-version", "4.0"),
    ("strict-transport-security", "max-age=31536000"),
    (
        "x-ms-ags-diagnostic",
        r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM0"}}"#,
    ),
];

fn head(world: &World, answer: &Answer) -> (Parts, Vec<u8>, Wire) {
    let bytes = answer.bytes();
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    add("date", &http_date(world.clock.now()));
    add("cache-control", "no-cache");
    if let Some(kind) = answer.content_type() {
        add("content-type", kind);
    }
    if answer.status != StatusCode::NO_CONTENT {
        add("content-length", &bytes.len().to_string());
    }
    let (mut parts, ()) = Response::new(()).into_parts();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), header::HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    parts.status = answer.status;
    parts.headers = headers;
    (parts, bytes, answer.wire)
}

/// The first half of a body, and then a broken connection.
fn half(mut bytes: Vec<u8>) -> Body {
    bytes.truncate(bytes.len() / 2);
    let start = futures_util::stream::once(async move { Ok(bytes) });
    let end = futures_util::stream::once(async {
        // The half must be on its way before the connection breaks, or nothing of it would arrive.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(start.chain(end))
}

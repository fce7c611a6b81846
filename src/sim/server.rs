//! The wire: accepts connections, turns HTTP into questions to the tenant and back.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::world::World;
use crate::sim::{control, oauth};

/// The world as the tasks of the server share it. The lock is held for one request and never across an await.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    /// Shares a world.
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    /// The world. A panic elsewhere while it was held leaves it usable: nothing in it is torn by one.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let mut ask = Ask {
        base: format!("http://{host}"),
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
        item: None,
    };
    let mut world = shared.lock();
    if let Some(answer) = control::answer(&mut world, &ask) {
        return plain(&answer, &world);
    }
    world.catch_up();
    if let Some(answer) = oauth::answer(&mut world, &ask) {
        return plain(&answer, &world);
    }
    let Some(path) = ask.path.strip_prefix("/v1.0/").or_else(|| ask.path.strip_prefix("//v1.0/")) else {
        let version = ask.path.split('/').nth(1).unwrap_or_default();
        let refusal = Refusal::new(400, "BadRequest", format!("Invalid version: {version}"));
        return graph(&refusal.into_answer("", "", ""), &world);
    };
    ask.path = format!("/{}", path.trim_end_matches('/'));
    let caller = world.caller(&ask);
    let answer = world.answer(&ask, &caller);
    graph(&answer, &world)
}

/// An answer with the headers that Graph always sends.
fn graph(answer: &Answer, world: &World) -> Response<Body> {
    let mut response = plain(answer, world);
    let headers = response.headers_mut();
    for (name, value) in [
        ("odata-version", "4.0"),
        ("strict-transport-security", "max-age=31536000"),
        (
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"SIM0"}}"#,
        ),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

fn plain(answer: &Answer, world: &World) -> Response<Body> {
    let date = world.clock.wall().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response =
        Response::builder().status(answer.status).header(header::DATE, date).header(header::CACHE_CONTROL, "no-cache");
    if let Some(kind) = answer.content_type() {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(answer.bytes())).unwrap_or_else(|_| {
        let mut broken = Response::new(Body::empty());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

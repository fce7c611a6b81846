//! A box between the engine and its tenant, as proxies and firewalls are: it passes on, spoils answers, or is gone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures_util::stream;
use skuferry::clock::SystemClock;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::auth::AccessToken;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::words;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::sim_kit;

/// What an answer without end is made of.
const PIECE: &[u8] = &[b' '; 1 << 16];

/// What the box does with the requests that it is told to meddle with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// It passes them on.
    Nothing,
    /// It answers in the tenant's place, which never hears of them: 200 with this body.
    Answer(&'static str, &'static str),
    /// It answers in the tenant's place with more than anybody should read.
    Enormous,
    /// It answers in the tenant's place in pieces without end, and says no length.
    Endless,
    /// It passes them on, and puts one word for another in the answer.
    Word(&'static str, &'static str),
}

/// Which requests it meddles with: a verb, a part of the path, and a part of the body; each may be left empty.
pub(crate) type Which = (&'static str, &'static str, &'static str);

/// The box. The engine reaches its tenant through it only.
pub(crate) struct Middlebox {
    address: SocketAddr,
    shared: Shared,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    tenant: String,
    client: reqwest::Client,
    spoil: Arc<Mutex<(Which, Spoil)>>,
    /// How many bytes of answers without end were given.
    given: Arc<AtomicUsize>,
}

impl Middlebox {
    /// A box that passes everything on.
    pub(crate) async fn before(sim: &Sim) -> Self {
        let nothing = Arc::new(Mutex::new((("", "", ""), Spoil::Nothing)));
        let shared = Shared { tenant: sim.url(), client: sim_kit::client(), spoil: nothing, given: Arc::default() };
        let port: u16 = sim.url().rsplit(':').next().unwrap().parse().unwrap();
        // An address of its own, so that nobody takes the port while the box is gone. Elsewhere there is one loopback only.
        let [high, low] = port.to_be_bytes();
        let host = if cfg!(target_os = "linux") { [127, 77, high, low] } else { [127, 0, 0, 1] };
        let listener = TcpListener::bind(SocketAddr::from((host, 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = serve(listener, &shared);
        Self { address, shared, server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Meddles with these requests from now on.
    pub(crate) fn spoil(&self, which: Which, spoil: Spoil) {
        *self.shared.spoil.lock().unwrap() = (which, spoil);
    }

    /// Nobody listens any more: connections are refused.
    pub(crate) async fn unplug(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// It listens again.
    pub(crate) async fn plug(&mut self) {
        self.server = serve(TcpListener::bind(self.address).await.unwrap(), &self.shared);
    }
}

impl Drop for Middlebox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn serve(listener: TcpListener, shared: &Shared) -> JoinHandle<()> {
    let service = Router::new().fallback(handle).with_state(shared.clone());
    tokio::spawn(async move {
        let _ = axum::serve(listener, service).await;
    })
}

async fn handle(State(shared): State<Shared>, verb: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().unwrap().as_str();
    let ((on, part, within), spoil) = *shared.spoil.lock().unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    let meant = (on.is_empty() || verb == on) && path.contains(part) && text.contains(within);
    let closing = (header::CONNECTION, "close"); // so that an unplugged box leaves no connection behind
    match spoil {
        Spoil::Answer(kind, body) if meant => ([(header::CONTENT_TYPE, kind), closing], body).into_response(),
        Spoil::Enormous if meant => {
            ([(header::CONTENT_LENGTH, "4000000000"), closing], endless(&shared)).into_response()
        }
        Spoil::Endless if meant => {
            ([(header::CONTENT_TYPE, "application/json"), closing], endless(&shared)).into_response()
        }
        _ => {
            let mut request = shared.client.request(verb, format!("{}{path}", shared.tenant)).body(body);
            for (name, value) in headers.iter().filter(|(name, _)| **name != header::CONTENT_LENGTH) {
                request = request.header(name, value);
            }
            let Ok(answer) = request.send().await else {
                panic!("the tenant broke off, and so does the box");
            };
            let (status, mut headers) = (answer.status(), answer.headers().clone());
            let mut text = answer.text().await.unwrap();
            if let (Spoil::Word(word, another), true) = (spoil, meant) {
                text = text.replace(word, another);
            }
            headers.remove(header::CONTENT_LENGTH);
            (status, headers, [closing], text).into_response()
        }
    }
}

fn endless(shared: &Shared) -> Body {
    let given = shared.given.clone();
    Body::from_stream(stream::repeat_with(move || {
        given.fetch_add(PIECE.len(), Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(PIECE))
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_answer_that_says_no_length_and_never_ends_little_more_than_the_limit_is_taken() {
    let sim = Sim::start(Options { users: 4, ..Options::default() }).await.unwrap();
    let between = Middlebox::before(&sim).await;
    between.spoil(("GET", "/subscribedSkus", ""), Spoil::Endless);
    let endpoints = Endpoints::custom(&between.url(), &sim.url()).unwrap();
    let tokens = Arc::new(AccessToken::new(sim.access_token().into()));
    let graph = Graph::new(endpoints, tokens, Arc::new(SystemClock)).unwrap();
    let error = graph.skus().await.unwrap_err();
    assert!(words::fault::fault(error.fault()).contains("the answer is larger than 64 MiB"), "{error:?}");
    // What the buffers in between hold comes on top.
    let given = between.shared.given.load(Ordering::Relaxed);
    assert!((64 << 20..128 << 20).contains(&given), "{given} bytes were taken");
}

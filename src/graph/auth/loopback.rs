//! The address of this machine to which the browser comes back with the code, and what it shows then.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::fault::Fault;
use crate::graph::auth::refused;

/// How long the last page may take to be fetched after its answer was understood.
const FAREWELL: Duration = Duration::from_secs(2);
/// Browsers that come back at once; more are turned away.
const MOST_WAITING: usize = 8;

/// A listener on this machine for one sign-in. It ends when it is dropped.
pub(super) struct Loopback {
    port: u16,
    answers: mpsc::Receiver<Result<SecretString, Fault>>,
    stop: CancellationToken,
    servers: Vec<AbortOnDropHandle<()>>,
}

/// What a browser that comes back is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Somebody signed in.
    SignedIn,
    /// The sign-in was refused.
    Refused,
    /// It is not the answer to this sign-in.
    NotOurs,
    /// The answer holds no code.
    NoCode,
}

/// The words of the page that says so; they stand in it as they are, as HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandingPage {
    /// Their language, as in BCP 47.
    pub language: &'static str,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
}

struct LandingServer {
    state: SecretString,
    port: u16,
    landing: fn(Landing) -> LandingPage,
    answers: mpsc::Sender<Result<SecretString, Fault>>,
}

impl Loopback {
    /// Takes a free port. Only what carries `state` is an answer.
    pub(super) async fn listen(state: SecretString, landing: fn(Landing) -> LandingPage) -> io::Result<Self> {
        let first = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = first.local_addr()?.port();
        // `localhost` is both in most browsers. Somebody else on the other one would learn a code that is of no use.
        let second = TcpListener::bind(("::1", port)).await.ok();
        let (sender, answers) = mpsc::channel(MOST_WAITING);
        let server = Arc::new(LandingServer { state, port, landing, answers: sender });
        let stop = CancellationToken::new();
        let serve = |listener| {
            let router = Router::new().route("/", get(answer)).with_state(Arc::clone(&server));
            let serve = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
            AbortOnDropHandle::new(tokio::spawn(async move { drop(serve.await) }))
        };
        let servers = [Some(first), second].into_iter().flatten().map(serve).collect();
        Ok(Self { port, answers, stop, servers })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Waits until a browser comes back, and until it has the page that says so.
    pub(super) async fn code(mut self) -> Option<Result<SecretString, Fault>> {
        let answer = self.answers.recv().await;
        self.stop.cancel();
        for server in self.servers {
            drop(tokio::time::timeout(FAREWELL, server).await);
        }
        answer
    }
}

/// The browser is back (Microsoft identity platform, "OAuth 2.0 authorization code flow", successful and error response).
async fn answer(
    State(server): State<Arc<LandingServer>>,
    headers: HeaderMap,
    Query(mut told): Query<HashMap<String, String>>,
) -> Response {
    use secrecy::ExposeSecret;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host == format!("{name}:{}", server.port));
    if !ours || told.get("state").is_none_or(|state| state != server.state.expose_secret()) {
        return page(StatusCode::BAD_REQUEST, &server, Landing::NotOurs);
    }
    let refusal = told.get("error").map(|error| {
        let description = told.get("error_description").map_or("", String::as_str);
        refused::from_browser(error, description)
    });
    let (answer, landing) = match (refusal, told.remove("code")) {
        (Some(refusal), _) => (Err(refusal), Landing::Refused),
        (None, Some(code)) => (Ok(SecretString::from(code)), Landing::SignedIn),
        (None, None) => return page(StatusCode::BAD_REQUEST, &server, Landing::NoCode),
    };
    // Whoever comes after the first changes nothing.
    let _ = server.answers.try_send(answer);
    page(StatusCode::OK, &server, landing)
}

/// A page of fixed words: nothing that came with the request is in it.
fn page(status: StatusCode, server: &LandingServer, landing: Landing) -> Response {
    let LandingPage { language, title, text } = (server.landing)(landing);
    let name = env!("CARGO_PKG_NAME");
    let html = format!(
        "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{name}: {title}</title></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONNECTION, "close"),
    ];
    (status, headers, Html(html)).into_response()
}

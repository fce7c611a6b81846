//! One request and its answer: headers, request id, time-outs, body limit. Repeating is `read`'s, rules are `write`'s.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Client;
use reqwest::Method;
use reqwest::Url;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::causes::causes;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::fault::Silence;
use crate::domain::time::Timestamp;
use crate::graph::auth::Token;
use crate::graph::auth::TokenSource;
use crate::graph::cloud;
use crate::graph::connection_status::StatusPublisher;
use crate::graph::error::GraphError;
use crate::graph::exchange::Asked;
use crate::graph::granted::Granted;
use crate::graph::rate_limiter::RateLimiter;
use crate::graph::rate_limiter::Side;
use crate::graph::refusal;
use crate::graph::refusal::Needs;
use crate::graph::retry;
use crate::graph::secret_mask::SecretMask;
use crate::graph::signed_in::SignedIn;
use crate::graph::text;
use crate::graph::url;

mod body;
mod dates;
mod read;
mod write;

pub(in crate::graph) use body::read as read_body;
pub(in crate::graph) use read::Priority;
pub(in crate::graph) use read::ReadRequest;
pub(in crate::graph) use read::RequestCounter;
pub(in crate::graph) use write::Sent;
pub(in crate::graph) use write::Write;
pub(in crate::graph) use write::surely_refused;

/// How long one answer may take, from the first byte sent to the last received.
const TIME_OUT: Duration = Duration::from_mins(1);
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept. A write on one that the other side has closed in the meantime would be lost
/// for us until it is read back, so it is shorter than what gateways allow.
const IDLE: Duration = Duration::from_secs(45);
/// How long a token is kept although Graph answers 403, after another was given up for that.
const GIVE_UP_AFTER: Duration = Duration::from_mins(1);
/// How many tokens are remembered, so that none of them is shown when the other side repeats an earlier one.
const MASKS: usize = 4;

/// What all requests of one client share.
pub(in crate::graph) struct Http {
    client: Client,
    root: String,
    pub(in crate::graph) tokens: Arc<dyn TokenSource>,
    /// Whether somebody is signed in, and who.
    pub(in crate::graph) sign_in: SignedIn,
    pub(in crate::graph) clock: Arc<dyn Clock>,
    pub(in crate::graph) rate_limiter: RateLimiter,
    pub(in crate::graph) monitor: StatusPublisher,
    writing: watch::Sender<bool>,
    /// What was seen to be permitted.
    pub(in crate::graph) granted: Granted,
    masks: Mutex<VecDeque<(Token, Arc<SecretMask>)>>,
    dates: dates::Dates,
    /// Whether `$batch` is not to be had.
    unbatched: AtomicBool,
    /// Whether a user's groups are not shown with the user.
    unexpanded: AtomicBool,
    /// When a token was last given up for a 403.
    given_up: Mutex<Option<Instant>>,
}

/// An answer, whatever its status.
pub(in crate::graph) struct Reply {
    pub(in crate::graph) status: u16,
    pub(in crate::graph) began: Timestamp,
    pub(in crate::graph) ended: Timestamp,
    /// From which second on, by Graph's own clock, it was surely worked on; `None` without a `Date`.
    pub(in crate::graph) worked_on_from: Option<Timestamp>,
    pub(in crate::graph) body: String,
    headers: HeaderMap,
}

/// A request on its way out.
struct Out<'a> {
    method: Method,
    url: &'a Url,
    body: Option<&'a str>,
    side: Side,
    /// Resource units, or writes.
    cost: u32,
    priority: Priority,
}

/// No answer came, or not all of it.
struct NoAnswer {
    fault: Fault,
    /// Whether the request may have reached the service.
    may_have_arrived: bool,
}

impl Reply {
    pub(in crate::graph) fn fault(&self, needs: Needs) -> Fault {
        let id = self.headers.get("request-id").and_then(|id| id.to_str().ok());
        let fault = refusal::read(self.status, id, &self.body, needs);
        refusal::with_wait(fault, retry_after(&self.headers, self.ended))
    }
}

impl Http {
    pub(in crate::graph) fn new(
        root: String,
        authorities: &[u8],
        tokens: Arc<dyn TokenSource>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let url = Url::parse(&root).map_err(|why| GraphError::new(FaultKind::Refused, why.to_string()))?;
        Ok(Self {
            client: client(&url, authorities)?,
            root,
            tokens,
            sign_in: SignedIn::default(),
            clock,
            rate_limiter: RateLimiter::new(),
            monitor: StatusPublisher::new(),
            writing: watch::Sender::new(true),
            granted: Granted::default(),
            masks: Mutex::default(),
            dates: dates::Dates::default(),
            unbatched: AtomicBool::new(false),
            unexpanded: AtomicBool::new(false),
            given_up: Mutex::new(None),
        })
    }

    pub(in crate::graph) async fn token(&self) -> Result<Token, GraphError> {
        self.sign_in.heard(self.tokens.token().await)
    }

    /// Graph's root with its version, without a slash at its end.
    pub(in crate::graph) fn root(&self) -> &str {
        &self.root
    }

    /// The URL of a path below the version.
    pub(in crate::graph) fn url(&self, path: &str) -> Result<Url, GraphError> {
        Url::parse(&format!("{}{path}", self.root))
            .map_err(|why| GraphError::new(FaultKind::Malformed, FaultMessage::NoUrl(why.to_string())))
    }

    /// Opens or shuts the way for writes; one that waits for its turn when it is shut does not leave.
    pub(in crate::graph) fn allow_writes(&self, allow: bool) {
        self.writing.send_replace(allow);
    }

    /// Whether several requests may go in one `$batch`.
    pub(in crate::graph) fn batches(&self) -> bool {
        !self.unbatched.load(Ordering::Relaxed)
    }

    /// `$batch` is refused where the same request alone is answered.
    pub(in crate::graph) fn stop_batching(&self) {
        self.unbatched.store(true, Ordering::Relaxed);
    }

    /// Whether a user's groups may be asked for together with the user.
    pub(in crate::graph) fn expands(&self) -> bool {
        !self.unexpanded.load(Ordering::Relaxed)
    }

    /// A user is refused with their groups and answered without.
    pub(in crate::graph) fn stop_expanding(&self) {
        self.unexpanded.store(true, Ordering::Relaxed);
    }

    /// Graph answered 403. A permission that was granted meanwhile comes with the next token; but where it is truly
    /// missing, each of many refusals would have the sign-in asked, so that is done once in a while only.
    fn may_lack_permission(&self, token: &Token) {
        let now = Instant::now();
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        if given_up.is_none_or(|last| now.duration_since(last) >= GIVE_UP_AFTER) {
            *given_up = Some(now);
            self.tokens.forget(token);
        }
    }

    /// What masks this token and those before it.
    fn masks(&self, token: &Token) -> Vec<Arc<SecretMask>> {
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        if !masks.iter().any(|(known, _)| known.is(token)) {
            masks.truncate(MASKS - 1);
            masks.push_front((token.clone(), Arc::new(SecretMask::new(token.secret()))));
        }
        masks.iter().map(|(_, mask)| Arc::clone(mask)).collect()
    }

    async fn send(&self, out: Out<'_>, token: &Token) -> Result<Reply, NoAnswer> {
        let unsent = |kind, why| NoAnswer { fault: Fault::new(kind, why), may_have_arrived: false };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.secret()))
            .map_err(|_| unsent(FaultKind::SignIn, FaultMessage::BadToken))?;
        bearer.set_sensitive(true);
        let id = Uuid::new_v4();
        let posts = out.method == Method::POST;
        let mut request = self
            .client
            .request(out.method.clone(), out.url.clone())
            .header(header::AUTHORIZATION, bearer)
            .header(header::ACCEPT, "application/json")
            .header("client-request-id", id.to_string());
        if out.priority == Priority::High {
            request = request.header("x-ms-throttle-priority", "High");
        }
        if url::is_advanced(out.url.query()) {
            request = request.header("ConsistencyLevel", "eventual");
        }
        if let Some(body) = out.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_owned());
        } else if posts {
            // Graph's front end answers 411 to a POST that does not say that it has no body.
            request = request.header(header::CONTENT_LENGTH, 0);
        }
        let asked = Asked { method: &out.method, url: out.url, id: Some(id) };
        let (began, left) = (self.clock.now(), Instant::now());
        let in_flight = self.monitor.sent(began);
        let answered = match request.send().await {
            Ok(response) => body::receive(response, &self.masks(token)).await,
            Err(error) => {
                let may_have_arrived = !error.is_connect() && !error.is_builder();
                let message = FaultMessage::NoAnswerCame { why: why(error), client_request_id: None };
                let fault = Fault::new(FaultKind::Unreachable, message);
                Err(NoAnswer { fault, may_have_arrived })
            }
        };
        let ended = self.clock.now();
        drop(in_flight);
        match answered {
            Ok((status, headers, body)) => {
                asked.answered(status, &headers, left.elapsed());
                self.monitor.answered(ended, status);
                if (200..300).contains(&status) && !out.url.path().ends_with("/$batch") {
                    self.rate_limiter.let_through(out.side);
                }
                self.heed(status, &headers, out.side, out.cost);
                let worked_on_from = date(&headers).map(|second| self.dates.heard(second, left, Instant::now()));
                Ok(Reply { status, began, ended, worked_on_from, body, headers })
            }
            Err(mut no) => {
                asked.unanswered(&no.fault, left.elapsed());
                self.monitor.silent(ended);
                no.fault.message = Box::new(no.fault.message.of_request(id.to_string()));
                Err(no)
            }
        }
    }

    /// Slows or holds this side of the pace as an answer, or an item of a batch, asks for. `cost` is what the request
    /// was counted as.
    pub(in crate::graph) fn heed(&self, status: u16, headers: &HeaderMap, side: Side, cost: u32) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let scope = text("x-ms-throttle-scope").unwrap_or_default();
        let side = if scope.to_ascii_lowercase().contains("/readwrite") { Side::Both } else { side };
        let used = text("x-ms-throttle-limit-percentage").and_then(|text| text.trim().parse::<f64>().ok());
        match (status, retry_after(headers, self.clock.now())) {
            (429, asked) => {
                self.monitor.throttled();
                self.monitor.used(side.limit(), used_up(used, text("x-ms-throttle-information")));
                self.rate_limiter.refused(side, asked, cost);
            }
            (503 | 504, Some(asked)) => self.rate_limiter.hold(side, asked),
            // A refusal names its wait; only where all goes well yet is a warning of use.
            _ => {
                if let Some(used) = used {
                    self.monitor.used(side.limit(), percent(used));
                    self.rate_limiter.heed(side, used);
                }
            }
        }
        self.monitor.hindered(self.clock.now(), self.rate_limiter.hindrance());
    }

    /// How long to wait so that a request is worked on soon after one of Graph's seconds has turned. Where that is not known
    /// well, requests that leave after the first of these waits narrow it down.
    pub(in crate::graph) fn until_turn(&self) -> (Vec<Duration>, Duration) {
        self.dates.until_turn(Instant::now())
    }

    /// Asks a service again that asked for more than the longest wait.
    pub(in crate::graph) fn ask_again(&self) {
        self.rate_limiter.ask_again();
        self.monitor.hindered(self.clock.now(), self.rate_limiter.hindrance());
    }
}

/// Makes the client that talks to this address. On loopback no certificates are loaded, which a machine without any
/// would fail at, and no proxy is asked.
pub(in crate::graph) fn client(url: &Url, authorities: &[u8]) -> Result<Client, GraphError> {
    // Fails when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .user_agent(concat!("skuferry/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .timeout(TIME_OUT);
    if cloud::is_loopback(url) {
        builder = builder.no_proxy();
        if url.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
    }
    if !authorities.is_empty() && url.scheme() != "http" {
        builder = builder.tls_certs_merge(cloud::certificates(authorities)?);
    }
    builder.build().map_err(|error| GraphError::new(FaultKind::Unreachable, FaultMessage::NoTls(why(error))))
}

/// What went wrong below HTTP, with every cause; the URL is left out.
pub(in crate::graph) fn why(error: reqwest::Error) -> Silence {
    let error = error.without_url();
    if error.is_timeout() {
        return Silence::TookTooLong;
    }
    Silence::Told(text::message(&causes(&error)))
}

/// A share of a limit in percent; Graph tells up to 1.8 of it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0 and at most 1000")]
fn percent(used: f64) -> Option<u16> {
    (used.is_finite() && used >= 0.0).then(|| (used * 100.0).round().min(1_000.0) as u16)
}

/// How much of a limit a refusal for haste says is used. One that names the limit says that there is nothing left; one for
/// the service's own load says nothing of it.
fn used_up(used: Option<f64>, information: Option<&str>) -> Option<u16> {
    let limits = ["ResourceUnitLimitExceeded", "WriteLimitExceeded"];
    let named = information.is_some_and(|said| limits.iter().any(|limit| said.trim().eq_ignore_ascii_case(limit)));
    used.and_then(percent).or(named.then_some(100))
}

/// Reads `Retry-After`, counting a date from the answer's own where it has one.
pub(in crate::graph) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let asked = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok())?;
    retry::retry_after(asked, date(headers).unwrap_or(now))
}

/// An answer's `Date`, in whole seconds.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    headers.get(header::DATE).and_then(|value| value.to_str().ok()).and_then(retry::date)
}

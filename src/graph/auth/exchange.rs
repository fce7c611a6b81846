//! The HTTP client under the OAuth library: our limits, time-outs, proxies and waits; tokens and secrets pass through it
//! alone.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use oauth2::AsyncHttpClient;
use oauth2::HttpRequest;
use oauth2::HttpResponse;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use secrecy::zeroize::Zeroize;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::fault::Silence;
use crate::domain::time::SignedDuration;
use crate::graph::auth::grant::Grant;
use crate::graph::auth::refused::refused;
use crate::graph::error::GraphError;
use crate::graph::exchange::Asked;
use crate::graph::http;
use crate::graph::limits;
use crate::graph::rate_limiter::LONGEST_HOLD;
use crate::graph::retry;
use crate::graph::retry::Failure;
use crate::graph::retry::PATIENCE;
use crate::graph::retry::Step;
use crate::graph::secret_mask::SecretMask;

/// How long one answer may take.
const TIME_OUT: Duration = Duration::from_secs(30);
/// How long a device code is good, and how often it is asked about, when the server does not say (Microsoft
/// Authentication Library for Python).
const CODE: (u64, u64) = (1_800, 5);

/// How the sign-in service is reached.
pub(super) struct Line {
    pub(super) client: Client,
    pub(super) clock: Arc<dyn Clock>,
    /// Not before then is it asked again, because it asked for that.
    pub(super) held_until: Mutex<Option<Instant>>,
}

/// One request of the library, repeated while that may help, and what came of it.
pub(super) struct Exchange<'a> {
    line: &'a Line,
    /// What must not be shown of an answer.
    masks: Vec<SecretMask>,
    /// Whether one that fails is left to the caller, who asks again anyway.
    polls: bool,
    last_answer: Mutex<LastAnswer>,
}

/// What the last answer said.
#[derive(Default)]
struct LastAnswer {
    grant: Option<Grant>,
    refusal: Option<GraphError>,
}

/// Stands for a refusal that is kept in [`LastAnswer`]: the library passes it on and knows nothing of it.
#[derive(Debug)]
pub(super) struct RefusalKept;

impl fmt::Display for RefusalKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sign-in-not-answered")
    }
}

impl std::error::Error for RefusalKept {}

/// One answer, as far as it is looked at here.
struct Answer {
    status: u16,
    body: String,
    retry_after: Option<Duration>,
    /// How far this machine's clock is ahead of the service's.
    ahead: Option<SignedDuration>,
}

impl<'a> Exchange<'a> {
    /// A request that is sent again while waiting may help.
    pub(super) fn new(line: &'a Line, secrets: &[&str]) -> Self {
        let masks = secrets.iter().map(|secret| SecretMask::new(secret)).collect();
        Self { line, masks, polls: false, last_answer: Mutex::default() }
    }

    /// Requests that the library itself sends again and again.
    pub(super) fn polls(line: &'a Line, secrets: &[&str]) -> Self {
        Self { polls: true, ..Self::new(line, secrets) }
    }

    /// What was granted.
    pub(super) fn grant<T, E>(&self, answered: Result<T, E>) -> Result<Grant, GraphError> {
        self.answer(answered)?;
        self.last_answer.lock().unwrap_or_else(PoisonError::into_inner).grant.take().ok_or_else(strange)
    }

    /// What the library made of the answer, or why there was none. Its own words might quote a secret.
    pub(super) fn answer<T, E>(&self, answered: Result<T, E>) -> Result<T, GraphError> {
        let refusal = self.last_answer.lock().unwrap_or_else(PoisonError::into_inner).refusal.take();
        answered.map_err(|_| refusal.unwrap_or_else(strange))
    }

    fn hear(&self, grant: Option<Grant>, refusal: Option<GraphError>) {
        *self.last_answer.lock().unwrap_or_else(PoisonError::into_inner) = LastAnswer { grant, refusal };
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, RefusalKept> {
        let started = Instant::now();
        for attempt in 1.. {
            let wait = self.line.held();
            if started.elapsed().saturating_add(wait) > PATIENCE {
                let wait = wait.try_into().ok();
                self.hear(
                    None,
                    Some(GraphError::after(Fault::new(FaultKind::Throttled, FaultMessage::SignInTooLong), wait)),
                );
                return Err(RefusalKept);
            }
            tokio::time::sleep(wait).await;
            let (fault, status, retry_after) = match self.once(&request).await {
                Ok(answer) if answer.status == 200 => return self.granted(answer.body),
                Ok(answer) => {
                    let body = self.masks.iter().fold(answer.body, |body, mask| mask.body(body));
                    let fault = refused(answer.status, &body, answer.ahead);
                    if !retry::passes(Some(answer.status)) {
                        self.hear(None, Some(fault.into()));
                        return Ok(response(answer.status, body.into_bytes()));
                    }
                    (fault, Some(answer.status), answer.retry_after)
                }
                Err(fault) if lasts(&fault.message) => {
                    self.hear(None, Some(fault.into()));
                    return Err(RefusalKept);
                }
                Err(fault) => (fault, None, None),
            };
            if let (Some(429 | 503), Some(asked)) = (status, retry_after) {
                self.line.hold(asked);
            }
            let failure = Failure { attempt, spent: started.elapsed(), status, retry_after };
            match failure.step(fastrand::f64()) {
                Step::Wait(wait) if !self.polls => tokio::time::sleep(wait).await,
                Step::Wait(_) | Step::GiveUp => {
                    let wait = retry_after.and_then(|wait| wait.try_into().ok());
                    self.hear(None, Some(GraphError::after(fault, wait)));
                    return Err(RefusalKept);
                }
            }
        }
        Err(RefusalKept)
    }

    /// Takes the tokens out of an answer, so that they are in nothing that is not zeroed, and numbers that are texts are
    /// numbers for the library.
    fn granted(&self, mut body: String) -> Result<HttpResponse, RefusalKept> {
        if let Some(grant) = Grant::read(&body) {
            body.zeroize();
            self.hear(Some(grant), None);
            return Ok(response(200, br#"{"access_token":"taken out","token_type":"Bearer"}"#.to_vec()));
        }
        let device: Option<Value> = serde_json::from_str(&body).ok();
        let whole = |name: &str, otherwise: u64| match device.as_ref().map(|device| &device[name]) {
            Some(Value::Number(number)) => number.as_u64().unwrap_or(otherwise),
            Some(Value::String(text)) => text.parse().unwrap_or(otherwise),
            _ => otherwise,
        };
        let (expires_in, interval) = (whole("expires_in", CODE.0), whole("interval", CODE.1));
        let Some(device) = device.filter(|device| device["device_code"].is_string()) else {
            body.zeroize();
            self.hear(None, Some(strange()));
            return Err(RefusalKept);
        };
        self.hear(None, None);
        let device = json!({
            "device_code": device["device_code"], "user_code": device["user_code"],
            "verification_uri": device["verification_uri"], "expires_in": expires_in, "interval": interval,
        });
        body.zeroize();
        Ok(response(200, device.to_string().into_bytes()))
    }

    async fn once(&self, request: &HttpRequest) -> Result<Answer, Fault> {
        let lost = |error: reqwest::Error| {
            Fault::new(FaultKind::Unreachable, FaultMessage::SignInUnreachable(http::why(error)))
        };
        let request = reqwest::Request::try_from(request.clone()).map_err(lost)?;
        let (method, url) = (request.method().clone(), request.url().clone());
        let (asked, left) = (Asked { method: &method, url: &url, id: None }, Instant::now());
        let sent = tokio::time::timeout(TIME_OUT, self.line.client.execute(request)).await;
        let late = |_| Fault::new(FaultKind::Unreachable, FaultMessage::SignInUnreachable(Silence::TookTooLong));
        let reply = sent.map_err(late).and_then(|sent| sent.map_err(lost));
        let reply = reply.inspect_err(|fault| asked.unanswered(fault, left.elapsed()))?;
        let (status, now) = (reply.status().as_u16(), self.line.clock.now());
        asked.answered(status, reply.headers(), left.elapsed());
        let retry_after = http::retry_after(reply.headers(), now);
        let date = reply.headers().get("date").and_then(|date| date.to_str().ok()).and_then(retry::date);
        let ahead = date.map(|date| now.duration_since(date));
        let body = http::read_body(reply, limits::SIGN_IN).await?;
        Ok(Answer { status, body, retry_after, ahead })
    }
}

impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = RefusalKept;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, RefusalKept>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Line {
    /// How long it is not to be asked yet.
    fn held(&self) -> Duration {
        let until = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn hold(&self, asked: Duration) {
        let until = Instant::now() + asked.min(LONGEST_HOLD);
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

/// Whether waiting does not mend it.
fn lasts(message: &FaultMessage) -> bool {
    matches!(message, FaultMessage::SignInUnreachable(why) if why.remedy().is_some())
}

fn strange() -> GraphError {
    GraphError::new(FaultKind::SignIn, FaultMessage::NoToken)
}

fn response(status: u16, body: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status.try_into().unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, reqwest::header::HeaderValue::from_static("application/json"));
    response
}

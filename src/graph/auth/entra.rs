//! Asking Entra's token endpoint, and reading what it says when it refuses.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Client;
use reqwest::Method;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::time::SignedDuration;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;
use crate::graph::exchange::Asked;
use crate::graph::http;
use crate::graph::limits;
use crate::graph::rate_limiter::LONGEST_HOLD;
use crate::graph::retry::Failure;
use crate::graph::retry::PATIENCE;
use crate::graph::retry::Step;
use crate::graph::secret_mask::SecretMask;
use crate::graph::text;

/// What MSAL takes for the life of a token when the server does not say (Microsoft Authentication Library for Python).
const LIFE: i64 = 1_800;
/// How long one answer may take.
const TIME_OUT: Duration = Duration::from_secs(30);

/// What the token endpoint gives.
pub(in crate::graph) struct Grant {
    pub(in crate::graph) access_token: SecretString,
    pub(in crate::graph) expires_in: SignedDuration,
}

/// The token endpoint of one tenant.
pub(in crate::graph) struct Entra {
    client: Client,
    url: Url,
    clock: Arc<dyn Clock>,
    /// Not before then is it asked again, because it asked for that.
    held_until: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Value,
}

impl Entra {
    pub(in crate::graph) fn new(
        endpoints: &Endpoints,
        tenant: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let named = tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if !named || !tenant.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return Err(GraphError::new(FaultKind::SignIn, FaultMessage::BadTenant));
        }
        let url = format!("{}/{tenant}/oauth2/v2.0/token", endpoints.login_root());
        let url = Url::parse(&url).map_err(|why| GraphError::new(FaultKind::SignIn, why.to_string()))?;
        Ok(Self { client: http::client(&url)?, url, clock, held_until: Mutex::default() })
    }

    /// Posts the form until an answer comes that waiting does not change. `secret` is masked in whatever comes back.
    pub(in crate::graph) async fn grant(&self, form: &[(&str, &str)], secret: &str) -> Result<Grant, GraphError> {
        let started = Instant::now();
        for attempt in 1.. {
            let wait = self.held();
            if started.elapsed().saturating_add(wait) > PATIENCE {
                let fault = Fault::new(FaultKind::Throttled, FaultMessage::SignInTooLong);
                return Err(GraphError::after(fault, wait.try_into().ok()));
            }
            tokio::time::sleep(wait).await;
            let (fault, status, retry_after) = match self.ask(form, secret).await {
                Ok((200, body, _)) => return approved_pending(&body),
                Ok((status, body, retry_after)) => (refused(status, &body), Some(status), retry_after),
                Err(fault) => (fault, None, None),
            };
            if let (Some(429 | 503), Some(asked)) = (status, retry_after) {
                self.hold(asked);
            }
            let failure = Failure { attempt, spent: started.elapsed(), status, retry_after };
            match failure.step(fastrand::f64()) {
                Step::Wait(wait) => tokio::time::sleep(wait).await,
                Step::GiveUp => {
                    return Err(GraphError::after(fault, retry_after.and_then(|wait| wait.try_into().ok())));
                }
            }
        }
        Err(GraphError::new(FaultKind::SignIn, FaultMessage::SignInGivenUp))
    }

    /// How long it is not to be asked yet.
    fn held(&self) -> Duration {
        let until = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn hold(&self, asked: Duration) {
        let until = Instant::now() + asked.min(LONGEST_HOLD);
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    async fn ask(&self, form: &[(&str, &str)], secret: &str) -> Result<(u16, String, Option<Duration>), Fault> {
        let lost = |error: reqwest::Error| {
            Fault::new(FaultKind::Unreachable, FaultMessage::SignInUnreachable(http::why(error)))
        };
        let (asked, left) = (Asked { method: &Method::POST, url: &self.url, id: None }, Instant::now());
        let sent = self.client.post(self.url.clone()).timeout(TIME_OUT).form(form).send().await;
        let reply = sent.map_err(lost).inspect_err(|fault| asked.unanswered(fault, left.elapsed()))?;
        let status = reply.status().as_u16();
        asked.answered(status, reply.headers(), left.elapsed());
        let retry_after = http::retry_after(reply.headers(), self.clock.now());
        let body = http::read_body(reply, limits::SIGN_IN).await?;
        // A grant is never shown, and masking inside it would spoil a token that happens to hold the secret's letters.
        let body = if status == 200 { body } else { SecretMask::new(secret).body(body) };
        Ok((status, body, retry_after))
    }
}

fn approved_pending(body: &str) -> Result<Grant, GraphError> {
    let approved_pending: Granted = serde_json::from_str(body)
        // The parser's own words might quote the token.
        .map_err(|_| GraphError::new(FaultKind::SignIn, FaultMessage::NoToken))?;
    let life = match approved_pending.expires_in {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let expires_in = SignedDuration::from_secs(life.filter(|life| *life > 0).unwrap_or(LIFE).min(86_400 * 7));
    Ok(Grant { access_token: approved_pending.access_token, expires_in })
}

/// Entra's refusal: the word in `code`; its first line, the codes and the correlation id in the message (Microsoft
/// identity platform, "OAuth 2.0 client credentials flow", error response).
fn refused(status: u16, body: &str) -> Fault {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let word = json["error"].as_str().map(text::message);
    let said = json["error_description"].as_str().and_then(|text| text.lines().next()).map(text::message);
    let codes = json["error_codes"].as_array().into_iter().flatten();
    let codes = codes.map(|code| text::message(&code.to_string())).collect();
    let correlation_id = json["correlation_id"].as_str().map(text::message);
    let message = Box::new(FaultMessage::SignInRefused { said, status, codes, correlation_id });
    let kind = match status {
        429 => FaultKind::Throttled,
        500..=599 => FaultKind::Service,
        _ => FaultKind::SignIn,
    };
    Fault { kind, status: Some(status), code: word, message, request_id: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_refusal_keeps_what_support_asks_for() {
        let body = r#"{"error":"invalid_client","error_codes":[7000215],"correlation_id":"c-1",
            "error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t\r\nTimestamp: x"}"#;
        let fault = refused(401, body);
        assert_eq!(fault.kind, FaultKind::SignIn);
        assert_eq!(fault.code.as_deref(), Some("invalid_client"));
        let expected = FaultMessage::SignInRefused {
            said: Some("AADSTS7000215: Invalid client secret provided.".to_owned()),
            status: 401,
            codes: vec!["7000215".to_owned()],
            correlation_id: Some("c-1".to_owned()),
        };
        assert_eq!(*fault.message, expected);
        assert_eq!(refused(503, "<html>").kind, FaultKind::Service);
        let FaultMessage::SignInRefused { said, status: 400, .. } = *refused(400, "").message else { panic!() };
        assert_eq!(said, None);
    }

    #[test]
    fn a_life_may_be_a_number_a_text_or_missing() {
        for (life, expected) in [("3599", 3_599), ("\"3599\"", 3_599), ("null", LIFE), ("-1", LIFE)] {
            let body = format!(r#"{{"access_token":"t","expires_in":{life},"token_type":"Bearer"}}"#);
            let grant = approved_pending(&body).expect("a grant");
            assert_eq!(grant.expires_in.as_secs(), expected);
            assert_eq!(grant.access_token.expose_secret(), "t");
        }
        assert!(approved_pending("{}").is_err());
        assert!(approved_pending("").is_err());
    }
}

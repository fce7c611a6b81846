//! Reading a refusal of Entra's: in an admin's words first, then in its own, with what support asks for.

use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::sign_in::SignInCause;
use crate::domain::time::SignedDuration;
use crate::graph::text;

/// From which difference on a clock is called wrong.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The fault that a refusal is: the word in `code`; the cause, its first line, the codes and the correlation id in the
/// message (Microsoft identity platform, "OAuth 2.0 client credentials flow", error response). `ahead` is how far this
/// machine's clock is ahead of the service's.
pub(super) fn refused(status: u16, body: &str, ahead: Option<SignedDuration>) -> Fault {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let word = json["error"].as_str().map(text::message);
    let line = json["error_description"].as_str().and_then(|text| text.lines().next()).map(text::message);
    let numbers: Vec<u64> = json["error_codes"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let known = numbers.iter().find_map(|number| SignInCause::of(u32::try_from(*number).ok()?));
    let declined = word.as_deref().filter(|word| ["authorization_declined", "access_denied"].contains(word));
    let cause = known.or_else(|| line.as_deref().and_then(SignInCause::in_text));
    let cause = if cause.is_none() || cause == Some(SignInCause::Ended) {
        declined.map(|_| SignInCause::Declined).or(cause)
    } else {
        cause
    };
    let mut details = Vec::new();
    if !numbers.is_empty() {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        details.push(format!("codes {}", text::message(&numbers.join(", "))));
    }
    details.extend(json["correlation_id"].as_str().map(|id| format!("correlation id {}", text::message(id))));
    let mut message = line.unwrap_or_else(|| format!("the sign-in answered {status} and did not say why"));
    if let Some(cause) = cause {
        message = format!("{}{}. {message}", cause.meaning(), skew(cause, ahead));
    }
    if !details.is_empty() {
        message = format!("{message} ({})", details.join("; "));
    }
    let kind = match status {
        429 => FaultKind::Throttled,
        500..=599 => FaultKind::Service,
        _ => FaultKind::SignIn,
    };
    Fault { kind, status: Some(status), code: word, message, request_id: None }
}

/// What came back to the browser instead of a code.
pub(super) fn from_browser(error: &str, description: &str) -> Fault {
    let body = serde_json::json!({ "error": error, "error_description": description });
    Fault { status: None, ..refused(400, &body.to_string(), None) }
}

fn skew(cause: SignInCause, ahead: Option<SignedDuration>) -> String {
    match ahead.filter(|ahead| cause == SignInCause::Clock && ahead.abs() >= SKEW) {
        Some(ahead) => {
            let length = SignedDuration::from_secs(ahead.abs().as_secs());
            format!(": this machine is {length:#} {}", if ahead.is_positive() { "ahead" } else { "behind" })
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_what_support_asks_for() {
        let body = r#"{"error":"invalid_client","error_codes":[7000215],"correlation_id":"c-1",
            "error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t\r\nTimestamp: x"}"#;
        let fault = refused(401, body, None);
        assert_eq!(fault.kind, FaultKind::SignIn);
        assert_eq!(fault.code.as_deref(), Some("invalid_client"));
        assert_eq!(
            fault.message,
            "the client secret is wrong. AADSTS7000215: Invalid client secret provided. (codes 7000215; correlation id c-1)"
        );
        assert_eq!(refused(503, "<html>", None).kind, FaultKind::Service);
        assert_eq!(refused(400, "", None).message, "the sign-in answered 400 and did not say why");
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS700024: Client assertion is not within its valid time range."}"#;
        let message = |seconds| refused(401, body, Some(SignedDuration::from_secs(seconds))).message;
        assert!(message(-720).contains("this machine is 12m behind"), "{}", message(-720));
        assert!(message(3_700).contains("this machine is 1h 1m 40s ahead"), "{}", message(3_700));
        assert!(!message(5).contains("this machine"));
    }
}

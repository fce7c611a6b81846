//! Reading a refusal of Entra's: its cause, its own words, and what support asks for.

use serde_json::Value;

use crate::domain::fault::EntraRefusal;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::SignInFault;
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
    let clock_ahead = ahead.filter(|ahead| cause == Some(SignInCause::Clock) && ahead.abs() >= SKEW);
    let refusal = EntraRefusal {
        cause,
        clock_ahead: clock_ahead.map(|ahead| ahead.as_secs()),
        said: line,
        status,
        codes: numbers,
        correlation_id: json["correlation_id"].as_str().map(text::message),
    };
    let kind = match status {
        429 => FaultKind::Throttled,
        500..=599 => FaultKind::Service,
        _ => FaultKind::SignIn,
    };
    Fault {
        kind,
        status: Some(status),
        code: word,
        message: Box::new(SignInFault::Refused(refusal).into()),
        request_id: None,
    }
}

/// What came back to the browser instead of a code.
pub(super) fn from_browser(error: &str, description: &str) -> Fault {
    let body = serde_json::json!({ "error": error, "error_description": description });
    Fault { status: None, ..refused(400, &body.to_string(), None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::fault::message;

    #[test]
    fn a_refusal_keeps_what_support_asks_for() {
        let body = r#"{"error":"invalid_client","error_codes":[7000215],"correlation_id":"c-1",
            "error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t\r\nTimestamp: x"}"#;
        let fault = refused(401, body, None);
        assert_eq!(fault.kind, FaultKind::SignIn);
        assert_eq!(fault.code.as_deref(), Some("invalid_client"));
        assert_eq!(
            message(&fault.message),
            "the client secret is wrong. AADSTS7000215: Invalid client secret provided. (codes 7000215; correlation id c-1)"
        );
        assert_eq!(refused(503, "<html>", None).kind, FaultKind::Service);
        assert_eq!(message(&refused(400, "", None).message), "the sign-in answered 400 and did not say why");
    }

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        let body = r#"{"error":"invalid_client","error_description":"AADSTS700024: Client assertion is not within its valid time range."}"#;
        let message = |seconds| message(&refused(401, body, Some(SignedDuration::from_secs(seconds))).message);
        assert!(message(-720).contains("this machine is 12m behind"), "{}", message(-720));
        assert!(message(3_700).contains("this machine is 1h 1m 40s ahead"), "{}", message(3_700));
        assert!(!message(5).contains(": this machine is"));
    }
}

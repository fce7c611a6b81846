//! Reading an error body: Graph's shapes, the legacy one, and those of gateways that answer in HTML or not at all.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
pub(in crate::graph) use crate::domain::fault::Needs;
use crate::graph::limits;
use crate::graph::rate_limiter::LONGEST_HOLD;
use crate::graph::retry::passes;
use crate::graph::text;

/// The kind of fault that a status alone tells.
fn kind(status: u16, message: &str, needs: Needs) -> FaultKind {
    match status {
        // Graph has no code of its own for this case; only the text tells it ("Add members", Microsoft Graph).
        400 if needs == Needs::WriteMembers && message.to_lowercase().contains("already exist") => {
            FaultKind::AlreadyMember
        }
        401 => FaultKind::SignIn,
        403 => FaultKind::Forbidden,
        404 => FaultKind::NotFound,
        409 => FaultKind::Concurrent,
        424 | 429 => FaultKind::Throttled,
        400..=499 | 501 => FaultKind::Refused,
        500..=599 => FaultKind::Service,
        _ => FaultKind::Malformed,
    }
}

/// What an answer other than success says. `request_id` is the header's, which wins over the body's.
pub(in crate::graph) fn read(status: u16, request_id: Option<&str>, body: &str, needs: Needs) -> Fault {
    let small = Some(body).filter(|body| body.len() <= limits::ERROR);
    let parsed: Option<Value> = small.and_then(|body| serde_json::from_str(body).ok());
    let error = parsed.as_ref().and_then(|json| json.get("error").or_else(|| json.get("odata.error")));
    let said = error.and_then(message).map(text::message).filter(|text| !text.is_empty());
    let kind = kind(status, said.as_deref().unwrap_or_default(), needs);
    let graphs = error.is_some();
    let mut message = said.map_or_else(
        || match text::excerpt(body) {
            Some(excerpt) if !graphs => FaultMessage::NotGraphsPage { status, excerpt },
            _ => FaultMessage::SilentAnswer { status },
        },
        FaultMessage::Told,
    );
    if status == 403 && (graphs || body.is_empty()) {
        message = FaultMessage::Missing { said: Box::new(message), needs };
    }
    let object = error.and_then(Value::as_object);
    let request_id = request_id.or_else(|| object.and_then(|error| within(error, "request-id", 0)));
    Fault {
        kind,
        status: Some(status),
        code: object.and_then(|error| within(error, "code", 0)).map(text::message),
        message: Box::new(message),
        request_id: request_id.map(text::message).filter(|id| !id.is_empty()),
    }
}

/// A refusal for haste, with the wait that it asks for where that is longer than we wait.
pub(in crate::graph) fn with_wait(fault: Fault, asked: Option<Duration>) -> Fault {
    match asked.filter(|asked| *asked > LONGEST_HOLD && passes(fault.status)) {
        Some(asked) => {
            let (asked, left) = (seconds(asked), seconds(LONGEST_HOLD));
            Fault { message: Box::new(FaultMessage::AndWait { said: fault.message, asked, left }), ..fault }
        }
        None => fault,
    }
}

/// What is said of a wait that is longer than we wait.
pub(in crate::graph) fn long_wait(asked: Duration, left: Duration) -> FaultMessage {
    FaultMessage::LongWait { asked: seconds(asked), left: seconds(left) }
}

fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)
}

/// A 403 for one user where others are let through: no permission is missing, so none is asked for.
pub(in crate::graph) fn of_one(fault: Fault, asked: Needs) -> Fault {
    let said = match *fault.message {
        FaultMessage::Missing { said, needs } if needs == asked => said,
        message => Box::new(message),
    };
    Fault { kind: FaultKind::Refused, message: Box::new(FaultMessage::OneUser(said)), ..fault }
}

fn message(error: &Value) -> Option<&str> {
    match error {
        Value::String(text) => Some(text),
        _ => match error.get("message")? {
            Value::String(text) => Some(text),
            other => other.get("value")?.as_str(),
        },
    }
}

/// The first text under this name, here or in a nested `innerError`, in either spelling; empty ones do not count.
fn within<'a>(error: &'a Map<String, Value>, name: &str, depth: u8) -> Option<&'a str> {
    if let Some(text) = error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
        return Some(text);
    }
    let inner = ["innerError", "innererror"].iter().find_map(|name| error.get(*name)?.as_object())?;
    if depth < 8 { within(inner, name, depth + 1) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Fault {
        read(status, None, body, Needs::WriteMembers)
    }

    #[test]
    fn graphs_shape_with_either_spelling_of_the_inner_error() {
        for inner in ["innerError", "innererror"] {
            let body = format!(
                r#"{{"error":{{"code":"","message":"Resource 'x' does not exist.","target":null,
                "{inner}":{{"innererror":{{"code":"Request_ResourceNotFound","request-id":"r-1"}}}}}}}}"#
            );
            let fault = of(404, &body);
            assert_eq!(fault.kind, FaultKind::NotFound);
            assert_eq!(fault.code.as_deref(), Some("Request_ResourceNotFound"));
            assert_eq!(fault.request_id.as_deref(), Some("r-1"));
            assert_eq!(*fault.message, "Resource 'x' does not exist.".into());
        }
    }

    #[test]
    fn the_legacy_shape() {
        let fault =
            of(403, r#"{"odata.error":{"code":"Authorization_RequestDenied","message":{"lang":"en","value":"No."}}}"#);
        assert_eq!(fault.kind, FaultKind::Forbidden);
        let said = Box::new("No.".into());
        assert_eq!(*fault.message, FaultMessage::Missing { said, needs: Needs::WriteMembers });
        assert_eq!(fault.code.as_deref(), Some("Authorization_RequestDenied"));
    }

    #[test]
    fn pages_of_gateways_and_silence_are_told_by_the_status() {
        for body in ["", " \n", "<html></html>", r#"{"error":7}"#, r#"{"error":{"message":""}}"#] {
            let fault = of(502, body);
            assert_eq!(fault.kind, FaultKind::Service, "{body}");
            assert_eq!(*fault.message, FaultMessage::SilentAnswer { status: 502 });
        }
        let page = "<html><head><style>h1 { color: red }</style><title>Blocked</title></head><body>\n<h1>Ask\u{1b}[2J \
                    IT</h1><script>x < y</script></body></html>";
        let fault = of(403, page);
        let excerpt = "Blocked Ask[2J IT".to_owned();
        assert_eq!(*fault.message, FaultMessage::NotGraphsPage { status: 403, excerpt });
        let FaultMessage::NotGraphsPage { excerpt, .. } = *of(502, &"word ".repeat(10_000)).message else { panic!() };
        assert!(excerpt.chars().count() < 200, "{excerpt}");
    }

    #[test]
    fn kinds_follow_the_status() {
        for (status, expected) in [
            (302, FaultKind::Malformed),
            (400, FaultKind::Refused),
            (401, FaultKind::SignIn),
            (409, FaultKind::Concurrent),
            (412, FaultKind::Refused),
            (424, FaultKind::Throttled),
            (429, FaultKind::Throttled),
            (501, FaultKind::Refused),
            (503, FaultKind::Service),
        ] {
            assert_eq!(of(status, "").kind, expected, "{status}");
        }
    }

    #[test]
    fn a_member_already_there_is_told_by_its_message_and_only_when_writing() {
        let body = r#"{"error":{"code":"Request_BadRequest","message":"One or more added object references already exist for the following modified properties: 'members'."}}"#;
        assert_eq!(of(400, body).kind, FaultKind::AlreadyMember);
        assert_eq!(read(400, None, body, Needs::ReadUsers).kind, FaultKind::Refused);
    }

    #[test]
    fn messages_lose_what_steers_a_terminal_and_the_header_names_the_request() {
        let body = r#"{"error":{"code":"C\u001b","message":"a\u001b[2Jb","innerError":{"request-id":"body"}}}"#;
        let fault = read(400, Some("header"), body, Needs::ReadUsers);
        assert_eq!(*fault.message, "a[2Jb".into());
        assert_eq!(fault.code.as_deref(), Some("C"));
        assert_eq!(fault.request_id.as_deref(), Some("header"));
    }
}

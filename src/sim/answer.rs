//! One answer before it goes on the wire, and Graph's way of saying no.
use std::borrow::Cow;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// An answer: status, extra headers, body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// Headers beyond those that every answer carries.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Content,
    /// What goes wrong on its way.
    pub(crate) wire: Wire,
    /// The time whose truth it shows, if it is that of a user read by itself.
    pub(crate) shows: Option<Timestamp>,
}

/// What goes wrong with an answer on its way to the client.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wire {
    /// Real time that it takes longer.
    pub(crate) delay: Duration,
    /// It breaks off in the middle.
    pub(crate) cut: bool,
    /// The connection breaks before any of it is sent.
    pub(crate) drop: bool,
}

impl Wire {
    /// What goes wrong with a whole of which this and another are parts.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            delay: self.delay.saturating_add(other.delay),
            cut: self.cut || other.cut,
            drop: self.drop || other.drop,
        }
    }
}

/// A body.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// None.
    Empty,
    /// JSON, the usual.
    Json(Value),
    /// Plain text, such as a count.
    Text(String),
    /// A page, as a gateway in between would send.
    Html(String),
    /// A document, such as the model of the service.
    Xml(&'static str),
}

/// The content type of Graph's JSON (Microsoft Learn, "Combine multiple HTTP requests using JSON batching").
pub(crate) const GRAPH_JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

impl Answer {
    /// A status and a body.
    pub(crate) fn bare(status: u16, body: Content) -> Self {
        Self { status: code(status), headers: Vec::new(), body, wire: Wire::default(), shows: None }
    }

    /// JSON with a status.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::bare(status, Content::Json(body))
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// 204 without a body.
    pub(crate) fn no_content() -> Self {
        Self::bare(204, Content::Empty)
    }

    /// 200 with plain text.
    pub(crate) fn text(body: String) -> Self {
        Self::bare(200, Content::Text(body))
    }

    /// The same, as the truth of a time.
    pub(crate) fn showing(mut self, at: Timestamp) -> Self {
        self.shows = Some(at);
        self
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Makes null of what the user, or the users of the list, have of licenses.
    pub(crate) fn tell_no_licenses(&mut self) {
        let Content::Json(body) = &mut self.body else { return };
        let hide = |object: &mut Value| {
            for name in ["assignedLicenses", "assignedPlans", "licenseAssignmentStates"] {
                object.get_mut(name).into_iter().for_each(|value| *value = Value::Null);
            }
        };
        match body.get_mut("value").and_then(Value::as_array_mut) {
            Some(all) => all.iter_mut().for_each(hide),
            None => hide(body),
        }
    }

    /// The type of the body, if there is one.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        match self.body {
            Content::Empty => None,
            Content::Json(_) if self.status.is_success() => Some(GRAPH_JSON),
            Content::Json(_) => Some("application/json"),
            Content::Text(_) => Some("text/plain"),
            Content::Html(_) => Some("text/html"),
            Content::Xml(_) => Some("application/xml"),
        }
    }

    /// The bytes of the body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Content::Empty => Vec::new(),
            Content::Json(value) => value.to_string().into_bytes(),
            Content::Text(text) | Content::Html(text) => text.clone().into_bytes(),
            Content::Xml(text) => text.as_bytes().to_vec(),
        }
    }
}

/// A refusal in Graph's words; the envelope around it is made where the request's ids are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status.
    pub(crate) status: StatusCode,
    /// The error's `code`.
    pub(crate) code: Cow<'static, str>,
    /// The error's `message`.
    pub(crate) message: String,
    /// Headers that go with it, such as `Retry-After`.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal with a status, code and message.
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status: self::code(status), code: code.into(), message: message.into(), headers: Vec::new() }
    }

    /// 400 `Request_BadRequest`.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 400 `Request_UnsupportedQuery`.
    pub(crate) fn query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    /// 404 for a directory object (reference: microsoft-graph-docs issue 8637).
    pub(crate) fn missing(key: &str) -> Self {
        let message = format!(
            "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        );
        Self::new(404, "Request_ResourceNotFound", message)
    }

    /// 403 for a missing permission or an object that cannot be managed through Graph.
    pub(crate) fn denied() -> Self {
        Self::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    /// 401 with the challenge that goes with it.
    pub(crate) fn unauthenticated(message: &str) -> Self {
        let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
                         client_id=\"00000003-0000-0000-c000-000000000000\"";
        Self::new(401, "InvalidAuthenticationToken", message).with("WWW-Authenticate", challenge)
    }

    /// The same with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer, in the envelope of directory services (reference section 7.1). `date` has no `Z`.
    pub(crate) fn into_answer(self, date: &str, request_id: &str, client_request_id: &str) -> Answer {
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": { "date": date, "request-id": request_id, "client-request-id": client_request_id },
        } });
        Answer { headers: self.headers, ..Answer::json(self.status.as_u16(), body) }
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

//! The line that the log has of each request and of each request inside a `$batch`. Headers, bodies and names stay out.

use std::time::Duration;

use reqwest::Method;
use reqwest::Url;
use reqwest::header::HeaderMap;
use uuid::Uuid;

use crate::domain::fault::Fault;
use crate::graph::template::template;

/// No word of a header that is longer than this is written down.
const LONGEST: usize = 64;

/// What was asked, as the log tells it.
pub(in crate::graph) struct Asked<'a> {
    pub(in crate::graph) method: &'a Method,
    pub(in crate::graph) url: &'a Url,
    /// Our own id of it; the sign-in is asked without one.
    pub(in crate::graph) id: Option<Uuid>,
}

impl Asked<'_> {
    fn path(&self) -> String {
        template(self.url.path(), self.url.query())
    }

    /// An answer came, whatever its status.
    pub(in crate::graph) fn answered(&self, status: u16, headers: &HeaderMap, took: Duration) {
        let (path, client_request_id) = (self.path(), self.id.map(tracing::field::display));
        let (request_id, cost) = (request_id(headers), cost(headers));
        tracing::info!(method = %self.method, path, status, request_id, client_request_id, cost, ms = millis(took));
    }

    /// No answer came, or not all of it. The system's own words may name a host, so they are for `debug`.
    pub(in crate::graph) fn unanswered(&self, fault: &Fault, took: Duration) {
        let (path, client_request_id) = (self.path(), self.id.map(tracing::field::display));
        tracing::warn!(method = %self.method, path, no_answer = ?fault.kind, client_request_id, ms = millis(took));
        tracing::debug!(said = &*fault.message.for_log());
    }
}

/// The answer to a request inside a `$batch`. `path` is what was asked, relative to the version.
pub(in crate::graph) fn item(method: &Method, path: &str, status: u16, headers: &HeaderMap) {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let path = template(path, query);
    let (request_id, cost) = (request_id(headers), cost(headers));
    tracing::info!(item = true, method = %method, path, status, request_id, cost);
}

/// Graph's id of the request, or Entra's.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    word(headers, "request-id").or_else(|| word(headers, "x-ms-request-id"))
}

/// What the request cost in resource units (Microsoft Graph throttling limits, "Identity and access").
fn cost(headers: &HeaderMap) -> Option<&str> {
    word(headers, "x-ms-resource-unit")
}

/// A header's value, if it looks like an id or a number and nothing else.
fn word<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    let plain = value.len() <= LONGEST && value.bytes().all(|byte| byte.is_ascii_hexdigit() || b"-.".contains(&byte));
    plain.then_some(value)
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

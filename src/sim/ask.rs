//! One request as the simulator sees it, whether it came alone or inside a `$batch`.
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::sim::answer::Refusal;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// The verb.
    pub(crate) method: Method,
    /// The version root that the path was found under, or nothing if it was not.
    pub(crate) root: &'static str,
    /// The path behind the version root, still percent-encoded, such as `/users/x`.
    pub(crate) path: String,
    /// The query, still percent-encoded, without its `?`.
    pub(crate) query: String,
    /// The headers; those of the item inside a `$batch`.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Scheme and host as the client wrote them, so that links lead back to where it came from.
    pub(crate) base: String,
    /// The outer request and the item's id, if this came inside a `$batch`.
    pub(crate) item: Option<(u64, String)>,
    /// How old a truth a fault makes it see.
    pub(crate) stale: Duration,
}

impl Ask {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the client accepts answers from the lagging index, and with it advanced queries.
    pub(crate) fn eventual(&self) -> bool {
        self.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    /// Whether this is a write over the wire that does not tell how long it is.
    pub(crate) fn is_unmeasured(&self) -> bool {
        let writes = [Method::POST, Method::PATCH, Method::PUT].contains(&self.method);
        let measured = ["content-length", "transfer-encoding"].into_iter().any(|name| self.headers.contains_key(name));
        writes && self.item.is_none() && !measured
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        let kind = self.header("content-type").unwrap_or_default();
        if !kind.is_empty() && !kind.to_ascii_lowercase().contains("json") {
            let message = "A supported MIME type could not be found that matches the content type of the request. \
                           None of the supported type(s) matches the content type.";
            return Err(Refusal::new(415, "Request_BadRequest", message));
        }
        let unreadable = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is \
                          of valid JSON format.";
        match serde_json::from_slice(&self.body) {
            Ok(value @ Value::Object(_)) if !kind.is_empty() => Ok(value),
            _ => Err(Refusal::new(400, "BadRequest", unreadable)),
        }
    }

    /// Path and query as the client wrote them.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// Decodes percent-encoding; what is not valid stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = (*byte == b'%').then(|| Some((hex(*bytes.get(at + 1)?)?, hex(*bytes.get(at + 2)?)?))).flatten();
        if let Some((high, low)) = pair {
            out.push(high * 16 + low);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The parts of a query or a form, decoded; `+` is a space there.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    })
}

/// Encodes what may not stand in a query value.
pub(crate) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~$(),'/:@".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_comes_back() {
        let text = "id in ('a','b') & o''brien+x@y #1%";
        assert_eq!(decode(&encode(text)), text);
        assert_eq!(decode("100%"), "100%", "a stray percent sign stays");
        assert_eq!(
            pairs("$top=5&a=b+c%27").collect::<Vec<_>>(),
            [("$top".into(), "5".into()), ("a".into(), "b c'".into())]
        );
    }
}

//! The body of an answer: read up to a largest size, and without what it repeats of a secret.

use std::sync::Arc;

use reqwest::Response;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::graph::http::NoAnswer;
use crate::graph::http::why;
use crate::graph::limits;
use crate::graph::secret_mask::SecretMask;
use crate::graph::text;

/// Reads a whole answer. A refusal or a plain yes is told by its status alone, whatever its body is.
pub(super) async fn receive(
    response: Response,
    masks: &[Arc<SecretMask>],
) -> Result<(u16, HeaderMap, String), NoAnswer> {
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    let body = match read(response, limits::ANSWER).await {
        Ok(body) => body,
        Err(_) if status == 204 || status >= 400 => String::new(),
        Err(fault) => return Err(NoAnswer { fault, may_have_arrived: true }),
    };
    let body = masks.iter().fold(readable(body), |body, mask| mask.body(body));
    if let Some(id) = headers.get("request-id").and_then(|id| id.to_str().ok()) {
        let masked = masks.iter().fold(id.to_owned(), |id, mask| mask.text(&id).into_owned());
        if let Ok(masked) = HeaderValue::from_str(&masked) {
            headers.insert("request-id", masked);
        }
    }
    Ok((status, headers, body))
}

/// What is no JSON is only shown, so its first words are enough; taken now, so that no tag parts a secret in them.
fn readable(body: String) -> String {
    if body.trim_start().starts_with(['{', '[', '"']) {
        return body;
    }
    text::excerpt(&body).unwrap_or(body)
}

/// Reads a body while it is not too large after decompression. Of a refusal, only the beginning is read.
pub(in crate::graph) async fn read(mut response: Response, most: usize) -> Result<String, Fault> {
    let refused = !response.status().is_success();
    let most = if refused { most.min(limits::ERROR) } else { most };
    let large = || Fault::new(FaultKind::Malformed, FaultMessage::TooLarge { most, client_request_id: None });
    if !refused && response.content_length().is_some_and(|length| length > most as u64) {
        return Err(large());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > most => {
                if !refused {
                    return Err(large());
                }
                bytes.extend_from_slice(&chunk[..most - bytes.len()]);
                break;
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                let message = FaultMessage::CutOff { why: why(error), client_request_id: None };
                return Err(Fault::new(FaultKind::Unreachable, message));
            }
        }
    }
    // Some gateways put a byte order mark before JSON, which a reader may ignore (RFC 8259, section 8.1).
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(..3);
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

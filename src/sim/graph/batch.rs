//! `$batch`: up to twenty requests in one (Microsoft Learn, "Combine multiple HTTP requests using JSON batching").
use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value, json};

use crate::sim::answer::{Answer, Refusal, Wire};
use crate::sim::ask::Ask;
use crate::sim::graph::json_body;
use crate::sim::token::Caller;
use crate::sim::world::World;

/// The most requests in one batch.
const MOST_ITEMS: usize = 20;

/// One request of a batch.
struct Item {
    id: String,
    needs: Vec<String>,
    ask: Ask,
}

/// Answers a batch: malformed, it is refused as a whole; else every item has its own answer and the whole is 200.
pub(crate) fn answer(world: &mut World, ask: &Ask, caller: &Caller, number: u64) -> Result<Answer, Refusal> {
    if ask.item.is_some() {
        return Err(Refusal::new(400, "BadRequest", "Invalid batch payload format: a batch cannot hold a batch."));
    }
    let items = read(ask, number)?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::with_capacity(items.len());
    let mut wire = Wire::default();
    for item in items {
        let key = item.id.to_ascii_lowercase();
        let failed = item.needs.iter().any(|need| statuses.get(need).is_none_or(|status| *status >= 400));
        let (status, response) = if failed {
            (424, dependency_failed(&item.id))
        } else {
            let answer = world.answer(&item.ask, &Ok(caller.clone()));
            wire = wire.and(answer.wire);
            (answer.status.as_u16(), shown(&item.id, answer))
        };
        statuses.insert(key, status);
        responses.push(response);
    }
    Ok(Answer { wire, ..Answer::json(200, json!({ "responses": responses })) })
}

fn read(ask: &Ask, number: u64) -> Result<Vec<Item>, Refusal> {
    let body = ask.json()?;
    let Some(requests) = body.get("requests").and_then(Value::as_array) else {
        return Err(malformed("Invalid batch payload format."));
    };
    if requests.is_empty() || requests.len() > MOST_ITEMS {
        return Err(malformed(&format!(
            "Number of batch request steps must be between 1 and {MOST_ITEMS}; the request has {}.",
            requests.len()
        )));
    }
    let mut items: Vec<Item> = Vec::with_capacity(requests.len());
    for request in requests {
        let item = read_item(request, ask, number)?;
        if items.iter().any(|other| other.id.eq_ignore_ascii_case(&item.id)) {
            return Err(malformed(&format!("The value of property 'id' must be unique: '{}'.", item.id)));
        }
        if let Some(unknown) =
            item.needs.iter().find(|need| !items.iter().any(|other| other.id.eq_ignore_ascii_case(need)))
        {
            return Err(malformed(&format!(
                "The step '{}' depends on '{unknown}', which does not come before it.",
                item.id
            )));
        }
        items.push(item);
    }
    Ok(items)
}

fn read_item(request: &Value, ask: &Ask, number: u64) -> Result<Item, Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let id = match request.get("id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        // Documented as a string; clients that send a number are understood.
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err(malformed("A step has no 'id'.")),
    };
    let (Some(method), Some(url)) = (text("method"), text("url")) else {
        return Err(malformed(&format!("The step '{id}' lacks 'method' or 'url'.")));
    };
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
    let method = method.map_err(|_| malformed(&format!("The step '{id}' has an unknown 'method'.")))?;
    let headers = headers(request.get("headers"));
    let body = match request.get("body").filter(|body| !body.is_null()) {
        Some(_) if !headers.contains_key("content-type") => {
            return Err(malformed(&format!("The step '{id}' has a body but no Content-Type header.")));
        }
        Some(body) => Bytes::from(body.to_string()),
        None => Bytes::new(),
    };
    let (path, query) = relative(url).split_once('?').unwrap_or((relative(url), ""));
    let needs = request.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    Ok(Item {
        needs: needs.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect(),
        ask: Ask {
            method,
            root: "",
            path: format!("/{}", path.trim_start_matches('/')),
            query: query.to_owned(),
            headers,
            body,
            base: ask.base.clone(),
            item: Some((number, id.clone())),
            stale: ask.stale,
        },
        id,
    })
}

/// The part of a URL behind the version root. Items should give just that; SDKs on a root of their own give the whole.
fn relative(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.split_once("/v1.0").map_or(url, |(_, rest)| rest),
        None => url,
    }
}

fn headers(given: Option<&Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given.and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name.as_str()), value) {
            headers.insert(name, value);
        }
    }
    headers
}

fn shown(id: &str, answer: Answer) -> Value {
    let status = answer.status.as_u16();
    let mut headers = Map::new();
    headers.insert("Cache-Control".into(), "no-cache".into());
    if let Some(kind) = answer.content_type() {
        headers.insert("Content-Type".into(), kind.into());
    }
    for (name, value) in &answer.headers {
        headers.insert((*name).to_owned(), value.clone().into());
    }
    json!({ "id": id, "status": status, "headers": headers, "body": json_body(answer) })
}

fn dependency_failed(id: &str) -> Value {
    json!({
        "id": id,
        "status": 424,
        "headers": { "Content-Type": "application/json" },
        "body": { "error": { "code": "FailedDependency", "message": "Failed Dependency" } },
    })
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}

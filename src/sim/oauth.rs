//! The sign-in service under `/{tenant}/oauth2/v2.0`, as Microsoft Entra answers there.
//!
//! It runs by wall time, because its clients do: only the tenant's own life is sped up.
mod authorize;
mod client;
mod device;
mod endpoint;
mod grant;
mod openid;
mod refusals;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::answer::{Answer, Content, Refusal};
use crate::sim::ask::{Ask, decode, pairs};
use crate::sim::dice::guid;
use crate::sim::fault::Fault;
use crate::sim::log::LogEntry;
use crate::sim::world::World;

pub(crate) use client::any_token;
pub(crate) use settings::{AppText, SignIn, SignInText};

/// A form, decoded.
type Form = HashMap<String, String>;

/// A refusal: the OAuth error, Entra's number for it, its words.
#[derive(Debug, PartialEq, Eq)]
struct No(&'static str, u32, String);

/// What the service does for a request.
type Work = fn(&mut World, &Ask) -> Result<Value, No>;

/// What can be asked of the sign-in service; none if the path is not one of its.
pub(crate) fn answer(world: &mut World, ask: &Ask) -> Option<Answer> {
    let parts: Vec<&str> = ask.path.split('/').filter(|part| !part.is_empty()).collect();
    let work: Work = match (ask.method.as_str(), parts.as_slice()) {
        // It answers with a page, or sends the browser on.
        ("GET", [_, "oauth2", "v2.0", "authorize"]) => |_, _| Ok(Value::Null),
        ("POST", [_, "oauth2", "v2.0", "token"]) => endpoint::token,
        ("POST", [_, "oauth2", "v2.0", "devicecode"]) => device::begin,
        ("GET", [_, "v2.0", ".well-known", "openid-configuration"]) => openid::configuration,
        ("GET", [_, "discovery", "v2.0", "keys"]) => openid::keys,
        ("GET", [_, "discovery", "instance"]) => openid::instance,
        // What the Azure CLI asks of Azure before it believes that it has signed in: this tenant has no subscription there.
        ("GET", ["subscriptions"]) => return Some(Answer::ok(json!({ "value": [] }))),
        ("GET", ["devicelogin"]) => return Some(Answer::bare(200, Content::Html(device::PAGE.to_owned()))),
        _ => return None,
    };
    let (now, number) = (world.catch_up(), world.log.number());
    let fault = world.faults.meet(ask, now);
    let commits = fault.as_ref().is_none_or(|fault| fault.commits);
    let truth = commits.then(|| match known(world, parts[0]) {
        Ok(()) if parts.last() == Some(&"authorize") => authorize::page(world, ask),
        known => known.and_then(|()| work(world, ask)).map_or_else(|no| refused(world, ask, &no), Answer::ok),
    });
    let instead = fault.as_ref().and_then(|fault| fault.answer(now)).map(|instead| {
        instead.unwrap_or_else(|refusal| {
            let answer = refused(world, ask, &troubled(&refusal));
            Answer { status: refusal.status, headers: refusal.headers, ..answer }
        })
    });
    let mut answer = instead.or(truth).unwrap_or_else(Answer::no_content);
    let request_id = guid(&mut world.dice).to_string();
    answer.headers.push(("x-ms-request-id", request_id.clone()));
    if ask.method == Method::POST {
        // What holds secrets is kept by nobody (RFC 6749, 5.1).
        answer.headers.push(("cache-control", "no-store, no-cache".to_owned()));
    }
    answer.wire = answer.wire.and(fault.as_ref().map(Fault::wire).unwrap_or_default());
    world.log.push(LogEntry {
        number,
        at: now,
        method: ask.method.to_string(),
        path: ask.target(),
        status: answer.status.as_u16(),
        in_batch: false,
        outer: None,
        item: None,
        body: None,
        client_request_id: ask.header("client-request-id").map(str::to_owned),
        request_id,
        app: None,
        resource_units: 0,
        early: false,
        fault: fault.map(|fault| fault.name),
        shows: None,
    });
    Some(answer)
}

/// What a fault makes the service say: trouble of its own, unless the fault has an OAuth error as its code.
fn troubled(refusal: &Refusal) -> No {
    let known = ["invalid_grant", "invalid_client", "interaction_required", "consent_required", "unauthorized_client"];
    let asked = known.into_iter().find(|error| *error == refusal.code);
    let own = if refusal.status.is_server_error() || refusal.status == StatusCode::TOO_MANY_REQUESTS {
        "temporarily_unavailable"
    } else {
        "invalid_request"
    };
    let text = match asked {
        Some(_) => refusal.message.clone(),
        None => "A transient error has occurred. Please try again.".to_owned(),
    };
    No(asked.unwrap_or(own), 90_033, text)
}

/// Refuses a tenant that is not this one. Discovery goes by any name.
fn known(world: &World, tenant: &str) -> Result<(), No> {
    let tenant = decode(tenant);
    let any = ["common", "organizations", "consumers"].iter().any(|any| any.eq_ignore_ascii_case(&tenant));
    let id = Uuid::try_parse(&tenant).is_ok_and(|id| id == world.tenant.id);
    if any || id || world.tenant.owns_domain(&tenant) {
        return Ok(());
    }
    let text = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the \
         tenant."
    );
    Err(No("invalid_request", 90_002, text))
}

/// Refuses a scope of another service than Graph; a bare name is Graph's. Here Graph goes by its own names, by its id, and by
/// wherever this tenant listens.
fn check_scope(scope: &str) -> Result<(), No> {
    let others = |one: &&str| {
        let resource = one.rsplit_once('/').map_or("", |(resource, _)| resource.trim_end_matches('/'));
        let host = resource.split("://").nth(1).unwrap_or(resource);
        let name = host.split(':').next().unwrap_or_default();
        !(GRAPH.contains(&host) || ["127.0.0.1", "localhost", "[", ""].contains(&name))
    };
    match scope.split_whitespace().find(others) {
        None => Ok(()),
        Some(foreign) => {
            let text = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {foreign} is not valid."
            );
            Err(No("invalid_scope", 70_011, text))
        }
    }
}

/// The hosts of Graph in all clouds, and the id by which it goes everywhere.
const GRAPH: &[&str] = &[
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "00000003-0000-0000-c000-000000000000",
];

/// The form of a request.
fn form(ask: &Ask) -> Form {
    pairs(&String::from_utf8_lossy(&ask.body)).filter(|(_, value)| !value.is_empty()).collect()
}

/// A field that must be there.
fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, No> {
    form.get(name).map(String::as_str).ok_or_else(|| {
        No("invalid_request", 900_144, format!("The request body must contain the following parameter: '{name}'."))
    })
}

/// A refusal as Entra words it (Microsoft Learn, "OAuth 2.0 client credentials flow").
fn refused(world: &mut World, ask: &Ask, No(error, number, text): &No) -> Answer {
    let (trace, chance) = (guid(&mut world.dice), guid(&mut world.dice));
    let correlation = ask.header("client-request-id").and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(chance);
    let time = world.clock.wall().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let description =
        format!("AADSTS{number}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}");
    let status = if *error == "invalid_client" { 401 } else { 400 };
    let body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [number],
        "timestamp": time,
        "trace_id": trace,
        "correlation_id": correlation,
    });
    Answer::json(status, body)
}

//! The sign-in endpoints under `/{tenant}/oauth2/v2.0`.
use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::answer::Answer;
use crate::sim::ask::{Ask, pairs};
use crate::sim::token::{self, ALL_PERMISSIONS, Caller};
use crate::sim::world::World;

/// How long an access token lives, in seconds.
const TOKEN_SECONDS: i64 = 3599;

/// What can be asked of the sign-in service; none if the path is not one of its.
pub(crate) fn answer(world: &mut World, ask: &Ask) -> Option<Answer> {
    let parts: Vec<&str> = ask.path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [_, "oauth2", "v2.0", "token"] if ask.method == "POST" => Some(token(world, ask)),
        _ => None,
    }
}

/// A refusal as Entra words it (Microsoft Learn, "OAuth 2.0 client credentials flow").
pub(crate) fn refuse(world: &World, error: &str, code: u32, text: &str) -> Answer {
    let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
    let time = world.clock.wall().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let status = if error == "invalid_client" { 401 } else { 400 };
    Answer::json(
        status,
        json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"
            ),
            "error_codes": [code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        }),
    )
}

fn token(world: &mut World, ask: &Ask) -> Answer {
    let body = String::from_utf8_lossy(&ask.body).into_owned();
    let form: HashMap<String, String> = pairs(&body).collect();
    let field = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let Some(app) = field("client_id") else {
        return refuse(
            world,
            "invalid_request",
            900_144,
            "The request body must contain the following parameter: 'client_id'.",
        );
    };
    match field("grant_type") {
        Some("client_credentials") => {
            if field("client_secret").is_none() && field("client_assertion").is_none() {
                let text =
                    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
                return refuse(world, "invalid_client", 7_000_218, text);
            }
            if !field("scope").is_some_and(|scope| scope.ends_with("/.default")) {
                let text = "The provided value for scope is not valid. Client credential flows must have a scope value \
                            with /.default suffixed to the resource identifier (application ID URI).";
                return refuse(world, "invalid_scope", 1_002_012, text);
            }
            Answer::json(200, app_token(world, app))
        }
        Some(other) => {
            let text = format!("The app requested an unsupported grant type '{other}'.");
            refuse(world, "unsupported_grant_type", 70_003, &text)
        }
        None => refuse(
            world,
            "invalid_request",
            900_144,
            "The request body must contain the following parameter: 'grant_type'.",
        ),
    }
}

fn app_token(world: &World, app: &str) -> Value {
    let grants = ALL_PERMISSIONS.iter().map(|grant| (*grant).to_owned()).collect();
    let caller = Caller { app: app.to_owned(), user: None, grants };
    let token = token::issue(world.tenant.id, &caller, None, world.clock.wall(), TOKEN_SECONDS);
    json!({ "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "ext_expires_in": TOKEN_SECONDS, "access_token": token })
}

/// A token for an application that may do everything.
pub(crate) fn any_token(world: &World) -> String {
    app_token(world, "00000000-0000-0000-0000-000000000001")["access_token"].as_str().unwrap_or_default().to_owned()
}

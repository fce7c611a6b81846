//! Every property of every answer is one that Graph knows, and of its type: `sim_schema.toml`, written from the reference.
use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

type Shapes = BTreeMap<String, BTreeMap<String, String>>;

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| toml::from_str(include_str!("sim_schema.toml")).unwrap());

/// Checks an answer: a refusal, a batch, an entity or a collection, told apart by status and context.
pub(crate) fn check(status: u16, body: &Value) -> Result<(), String> {
    if let Value::String(text) = body {
        let count = text.parse::<usize>().is_ok();
        return if text.is_empty() || count || text.starts_with('<') {
            Ok(())
        } else {
            Err("neither JSON nor a count".into())
        };
    }
    if status >= 400 {
        return shape("refusal", body, "");
    }
    if let Some(responses) = body.get("responses").and_then(Value::as_array) {
        return responses.iter().try_for_each(|one| {
            shape("response", one, "")?;
            let status = one["status"].as_u64().and_then(|status| u16::try_from(status).ok()).ok_or("no status")?;
            if one["body"].is_null() { Ok(()) } else { check(status, &one["body"]) }
        });
    }
    let context = body["@odata.context"].as_str().ok_or("no @odata.context")?;
    let fragment = context.split("$metadata#").nth(1).ok_or("no fragment in @odata.context")?;
    let set = fragment.split(['(', '/']).next().unwrap_or_default();
    let set = if fragment.contains("/licenseDetails") { "licenseDetails" } else { set };
    let kind = match set {
        "users" => "user",
        "groups" => "group",
        "directoryObjects" => "",
        "directory" if fragment.starts_with("directory/subscriptions") => "companySubscription",
        "subscribedSkus" => "subscribedSku",
        "organization" => "organization",
        "licenseDetails" => "licenseDetails",
        "auditLogs" => "directoryAudit",
        "domains" => "domain",
        "Collection" if fragment == "Collection($ref)" => "reference",
        "$ref" => return entity("reference", body),
        "Collection" => "string",
        other => return Err(format!("an unknown context: {other}")),
    };
    if fragment.ends_with("$entity") {
        return entity(kind, body);
    }
    let value = body["value"].as_array().ok_or("a collection without value")?;
    let known = ["@odata.context", "@odata.count", "@odata.nextLink", "@odata.deltaLink", "value"];
    if let Some(unknown) =
        body.as_object().into_iter().flat_map(|body| body.keys()).find(|key| !known.contains(&key.as_str()))
    {
        return Err(format!("a collection with {unknown}"));
    }
    value.iter().try_for_each(|one| if kind == "string" { of_type("string", one, "value") } else { entity(kind, one) })
}

/// Checks an answer of the sign-in service by the endpoint that gave it.
pub(crate) fn check_sign_in(path: &str, status: u16, body: &Value) -> Result<(), String> {
    let name = match path.rsplit('/').next() {
        _ if status >= 400 => "signInRefusal",
        Some("token") => "token",
        Some("devicecode") => "deviceCode",
        Some("keys") => "keySet",
        Some("openid-configuration") => "openidConfiguration",
        Some("instance") => "instanceDiscovery",
        _ => return Err("no endpoint of the sign-in service".into()),
    };
    shape(name, body, "")
}

/// A token whose header and claims are of their shapes.
fn jwt(text: &str, at: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, claims, _] = parts.as_slice() else { return Err(format!("{at}: no token")) };
    for (name, part) in [("tokenHeader", header), ("claims", claims)] {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|error| format!("{at}: {error}"))?;
        let part: Value = serde_json::from_slice(&bytes).map_err(|error| format!("{at}: {error}"))?;
        shape(name, &part, at)?;
    }
    Ok(())
}

/// An object whose kind is known or says itself what it is.
fn entity(kind: &str, body: &Value) -> Result<(), String> {
    let said = body["@odata.type"].as_str().map(|said| said.trim_start_matches("#microsoft.graph."));
    shape(said.unwrap_or(kind), body, "")
}

fn shape(name: &str, body: &Value, at: &str) -> Result<(), String> {
    let shape = SHAPES.get(name).ok_or_else(|| format!("{at}: no shape `{name}`"))?;
    let fields = body.as_object().ok_or_else(|| format!("{at}: {name} is no object"))?;
    for (field, value) in fields {
        let at = format!("{at}/{field}");
        match shape.get(field) {
            Some(kind) => of_type(kind, value, &at)?,
            None if field == "@odata.context" || field == "@odata.type" => of_type("string", value, &at)?,
            None => return Err(format!("{at}: {name} has no such property")),
        }
    }
    Ok(())
}

fn of_type(kind: &str, value: &Value, at: &str) -> Result<(), String> {
    if let Some(kind) = kind.strip_suffix('?') {
        return if value.is_null() { Ok(()) } else { of_type(kind, value, at) };
    }
    if let Some(kind) = kind.strip_suffix("[]") {
        let list = value.as_array().ok_or_else(|| format!("{at}: {value} is no list"))?;
        return list.iter().try_for_each(|one| of_type(kind, one, at));
    }
    let text = value.as_str();
    let fits = match kind {
        "any" => true,
        "object" => return entity("", value),
        "jwt" => return jwt(text.unwrap_or_default(), at),
        "string" => text.is_some(),
        "bool" => value.is_boolean(),
        "int" => value.is_i64() || value.is_u64(),
        "guid" => text.is_some_and(|text| {
            text.len() == 36 && uuid::Uuid::try_parse(text).is_ok() && !text.contains(char::is_uppercase)
        }),
        "time" => text.is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()),
        "bare-time" => text.is_some_and(|text| !text.ends_with('Z') && text.parse::<jiff::civil::DateTime>().is_ok()),
        "Bearer" | "RSA" | "sig" | "RS256" | "JWT" => text == Some(kind),
        _ if kind.contains('|') => text.is_some_and(|text| kind.split('|').any(|word| word == text)),
        other => return shape(other, value, at),
    };
    if fits { Ok(()) } else { Err(format!("{at}: {value} is no {kind}")) }
}

#[test]
fn the_check_finds_what_does_not_belong() {
    let context = "https://graph.microsoft.com/v1.0/$metadata#users/$entity";
    let user = |field: &str, value: Value| {
        let mut user = serde_json::json!({ "@odata.context": context });
        user[field] = value;
        check(200, &user)
    };
    assert!(user("displayName", "A".into()).is_ok());
    assert!(user("displayname", "A".into()).is_err());
    assert!(user("accountEnabled", "yes".into()).is_err());
    assert!(user("id", "6D325BAF-22B7-46FA-A2FC-A2500613CA15".into()).is_err(), "ids are in small letters");
    let state = serde_json::json!([{ "skuId": null, "state": "Actve" }]);
    assert!(user("licenseAssignmentStates", state).unwrap_err().contains("Actve"));
}

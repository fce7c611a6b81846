//! Client credentials: an application signs in by itself, with a secret or a certificate.
use serde_json::{Value, json};

use crate::sim::ask::Ask;
use crate::sim::oauth::{Form, No, check_scope};
use crate::sim::token::{self, ALL_PERMISSIONS, Caller};
use crate::sim::world::World;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client-credentials grant (Microsoft Learn, "OAuth 2.0 client credentials flow"). Any application is let in; a secret
/// is checked only if the tenant file knows it, and so is an assertion's signature; its claims are checked always.
pub(super) fn credentials(world: &mut World, ask: &Ask, form: &Form, app: &str) -> Result<Value, No> {
    match (form.get("client_secret"), form.get("client_assertion")) {
        (Some(secret), _) if !world.sign_in.secret_fits(app, secret) => {
            let text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
                        value, not the client secret ID, for a secret added to app.";
            return Err(No("invalid_client", 7_000_215, text.to_owned()));
        }
        (Some(_), _) => {}
        (None, Some(assertion)) if form.get("client_assertion_type").is_some_and(|kind| kind == ASSERTION) => {
            check_assertion(world, ask, assertion, app)?;
        }
        _ => {
            let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            return Err(No("invalid_client", 7_000_218, text.to_owned()));
        }
    }
    if !form.get("scope").is_some_and(|scope| scope.ends_with("/.default")) {
        let text = "The provided value for scope is not valid. Client credential flows must have a scope value with \
                    /.default suffixed to the resource identifier (application ID URI).";
        return Err(No("invalid_scope", 1_002_012, text.to_owned()));
    }
    check_scope(form.get("scope").map_or("", String::as_str))?;
    let seconds = i64::try_from(world.sign_in.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let answer = app_token(world, app, world.sign_in.granted(app), seconds);
    world.sign_in.issued.extend(answer["access_token"].as_str().map(str::to_owned));
    world.sign_in.issued.extend(form.get("client_assertion").cloned());
    Ok(answer)
}

/// The assertion of a certificate (Microsoft Learn, "Microsoft identity platform application authentication certificate
/// credentials").
fn check_assertion(world: &World, ask: &Ask, assertion: &str, app: &str) -> Result<(), No> {
    let malformed = |what: &str| No("invalid_client", 50_027, format!("JWT token is invalid or malformed: {what}."));
    let header = token::header(assertion).ok_or_else(|| malformed("its header cannot be read"))?;
    let claims = token::open(assertion).ok_or_else(|| malformed("its claims cannot be read"))?;
    let algorithm = header["alg"].as_str().unwrap_or_default();
    if !["RS256", "PS256"].contains(&algorithm) {
        return Err(malformed("its algorithm is neither RS256 nor PS256"));
    }
    if header["x5t"].as_str().or(header["x5t#S256"].as_str()).is_none() {
        return Err(malformed("it names no certificate"));
    }
    if claims["iss"] != app || claims["sub"] != app {
        let text = "Issuer and subject of the client assertion must both be the application's id.";
        return Err(No("invalid_client", 700_021, text.to_owned()));
    }
    let endpoint = format!("{}{}", ask.base, ask.path);
    if claims["aud"] != endpoint.as_str() {
        let text = format!("Client assertion audience claim does not match realm issuer: expected {endpoint}.");
        return Err(No("invalid_client", 700_023, text));
    }
    if claims["jti"].as_str().is_none_or(str::is_empty) {
        return Err(malformed("it has no jti"));
    }
    // The client writes by its own clock, which stays behind when the tenant's is advanced.
    let now = world.clock.outside().duration_since(jiff::Timestamp::UNIX_EPOCH).as_secs_f64();
    // Fractions are allowed (RFC 7519), and MSAL sends them. Five minutes of difference between clocks are forgiven.
    let good = claims["exp"].as_f64().is_some_and(|exp| exp > now)
        && claims["nbf"].as_f64().is_none_or(|nbf| nbf <= now + 300.0);
    if !good {
        let text = "Client assertion is not within its valid time range.";
        return Err(No("invalid_client", 700_024, text.to_owned()));
    }
    match world.sign_in.certificate(app) {
        Some(certificate) if !certificate.is_named_in(&header) => {
            let text =
                "The certificate with identifier used to sign the client assertion is not registered on application.";
            Err(No("invalid_client", 700_027, text.to_owned()))
        }
        Some(certificate) if !certificate.signed(assertion, algorithm) => {
            let text = "Client assertion failed signature validation.";
            Err(No("invalid_client", 700_027, text.to_owned()))
        }
        _ => Ok(()),
    }
}

fn app_token(world: &World, app: &str, grants: Vec<String>, seconds: i64) -> Value {
    let caller = Caller { app: app.to_owned(), user: None, grants };
    let token = token::issue(world.tenant.id, &caller, None, world.clock.wall(), seconds);
    json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token })
}

/// A token for an application that may do everything.
pub(crate) fn any_token(world: &World) -> String {
    let grants = ALL_PERMISSIONS.iter().map(|grant| (*grant).to_owned()).collect();
    let answer = app_token(world, "00000000-0000-0000-0000-000000000001", grants, 3599);
    answer["access_token"].as_str().unwrap_or_default().to_owned()
}

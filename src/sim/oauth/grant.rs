//! The token endpoint: which grant is it, and the tokens for a signed-in user.
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sim::ask::Ask;
use crate::sim::clock::later;
use crate::sim::oauth::refusals::{self, Place};
use crate::sim::oauth::settings::Refresh;
use crate::sim::oauth::{Form, No, authorize, check_scope, client, device, form, required};
use crate::sim::seed::guid;
use crate::sim::tenant::{User, UserIx};
use crate::sim::token::{self, Caller};
use crate::sim::world::World;

/// A refresh token lives for 90 days (Microsoft Learn, "Refresh tokens in the Microsoft identity platform").
const REFRESH_LIFETIME: Duration = Duration::from_hours(90 * 24);
/// The role of who may change users, groups and licenses, and that of every member (Microsoft Entra, "built-in roles").
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const EVERYBODY: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";
/// What is not a permission of Graph but of OpenID.
const OPENID_SCOPES: &[&str] = &["openid", "offline_access", "profile", "email"];

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) fn token(world: &mut World, ask: &Ask) -> Result<Value, No> {
    let form = form(ask);
    let app = required(&form, "client_id")?.to_owned();
    let kind = required(&form, "grant_type")?;
    let place = if kind == "refresh_token" { Place::Refresh } else { Place::Token };
    if let Some(number) = world.sign_in.refuses(place) {
        return Err(refusals::by_number(number));
    }
    match kind {
        "authorization_code" => authorize::redeem(world, ask, &form, &app),
        "client_credentials" => client::credentials(world, ask, &form, &app),
        // The short name is what MSAL for JavaScript sends.
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => device::redeem(world, ask, &form, &app),
        "refresh_token" => refresh(world, ask, &form, &app),
        other => {
            Err(No("unsupported_grant_type", 70_003, format!("The app requested an unsupported grant type '{other}'.")))
        }
    }
}

/// Each use gives a new refresh token; the old one stays good until it expires.
fn refresh(world: &mut World, ask: &Ask, form: &Form, app: &str) -> Result<Value, No> {
    let given = required(form, "refresh_token")?;
    let now = world.clock.wall();
    let known = world.sign_in.refreshes.get(given).filter(|known| known.app == app);
    let Some(Refresh { scope, until, user, .. }) = known.cloned() else {
        let text = "The provided value for the input parameter 'refresh_token' is not valid.";
        return Err(No("invalid_grant", 9_002_313, text.to_owned()));
    };
    if until <= now {
        return Err(No("invalid_grant", 700_082, "The refresh token has expired due to inactivity.".to_owned()));
    }
    let scope = form.get("scope").cloned().unwrap_or(scope);
    check_scope(&scope)?;
    signed_in(world, ask, form, (app, Some(user)), &scope)
}

/// The tokens for the user who signs in.
pub(super) fn signed_in(
    world: &mut World,
    ask: &Ask,
    form: &Form,
    (app, user): (&str, Option<UserIx>),
    scope: &str,
) -> Result<Value, No> {
    let Some(place) = user else {
        return Err(No("invalid_grant", 50_034, "The user account does not exist in the directory.".to_owned()));
    };
    let now = world.clock.wall();
    let user = world.tenant.user(place).clone();
    let asked: Vec<&str> = scope.split_whitespace().collect();
    let grants = granted(world, app, &asked)?;
    let roles: &[&str] = if world.sign_in.directory_role { &[USER_ADMINISTRATOR, EVERYBODY] } else { &[EVERYBODY] };
    let seconds = i64::try_from(world.sign_in.token_lifetime.as_secs()).unwrap_or(i64::MAX);
    let caller = Caller { app: app.to_owned(), user: Some(user.id.to_string()), grants };
    let access = token::issue(world.tenant.id, &caller, Some((&user.upn, roles)), now, seconds);
    world.sign_in.issued.push(access.clone());
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": access,
    });
    if asked.contains(&"offline_access") {
        let text = format!("0.{}{}", guid(&mut world.dice).simple(), guid(&mut world.dice).simple());
        let until = later(now, REFRESH_LIFETIME);
        let kept = Refresh { app: app.to_owned(), scope: scope.to_owned(), until, user: place };
        world.sign_in.issued.push(text.clone());
        world.sign_in.refreshes.insert(text.clone(), kept);
        answer["refresh_token"] = text.into();
    }
    if asked.contains(&"openid") {
        let sealed = id_token(world, ask, form, (app, &user), now, seconds);
        world.sign_in.issued.push(sealed.clone());
        answer["id_token"] = sealed.into();
    }
    if form.get("client_info").is_some_and(|wish| wish == "1") {
        answer["client_info"] = token::part(&json!({ "uid": user.id, "utid": world.tenant.id })).into();
    }
    Ok(answer)
}

/// The permissions that the application gets for these scopes.
fn granted(world: &World, app: &str, asked: &[&str]) -> Result<Vec<String>, No> {
    let names = asked.iter().map(|scope| scope.rsplit('/').next().unwrap_or_default());
    let mut grants: Vec<String> = if names.clone().any(|name| name == ".default") {
        world.sign_in.granted(app)
    } else {
        names.filter(|name| !OPENID_SCOPES.contains(name)).map(str::to_owned).collect()
    };
    if let Some(missing) = grants.iter().find(|grant| !world.sign_in.grants(app, grant)) {
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{app}' for '{missing}'."
        );
        return Err(No("invalid_grant", 65_001, text));
    }
    if !world.sign_in.directory_role {
        // Scopes say what the application may do; without a role the user may not, so the write scopes are worth nothing.
        grants.retain(|grant| !grant.contains("Write") && !grant.ends_with("Create"));
    }
    Ok(grants)
}

/// Says who has signed in.
fn id_token(world: &World, ask: &Ask, form: &Form, (app, user): (&str, &User), now: Timestamp, seconds: i64) -> String {
    let tenant = world.tenant.id;
    let mut claims = json!({
        "aud": app, "iss": format!("{}/{tenant}/v2.0", ask.base), "iat": now.as_second(), "nbf": now.as_second(),
        "exp": now.as_second() + seconds, "name": user.display, "oid": user.id, "preferred_username": user.upn,
        "sub": user.id, "tid": tenant, "ver": "2.0",
    });
    if let Some(nonce) = form.get("nonce") {
        claims["nonce"] = nonce.as_str().into();
    }
    token::seal(&claims)
}

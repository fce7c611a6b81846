//! The token endpoint: which grant it is.
use serde_json::Value;

use crate::sim::ask::Ask;
use crate::sim::oauth::refusals::{self, Place};
use crate::sim::oauth::settings::Refresh;
use crate::sim::oauth::{Form, No, authorize, check_scope, client, device, form, grant, required};
use crate::sim::world::World;

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
    grant::signed_in(world, ask, form, (app, Some(user)), &scope)
}

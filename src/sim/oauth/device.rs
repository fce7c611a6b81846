//! The device code flow: a person somewhere else agrees by itself after a moment.
use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::ask::Ask;
use crate::sim::clock::later;
use crate::sim::dice::guid;
use crate::sim::oauth::refusals::{self, Place};
use crate::sim::oauth::settings::{Device, Outcome};
use crate::sim::oauth::{Form, No, check_scope, form, grant, required};
use crate::sim::world::World;

/// What the person's browser would show.
pub(super) const PAGE: &str = "<html><head><title>Simulated sign-in</title></head><body><h1>Nothing to do here</h1>\
<p>This tenant is simulated: the device code is decided on by itself after a moment.</p></body></html>";

/// `POST /{tenant}/oauth2/v2.0/devicecode` (Microsoft Learn, "OAuth 2.0 device authorization grant flow").
pub(super) fn begin(world: &mut World, ask: &Ask) -> Result<Value, No> {
    let form = form(ask);
    let app = required(&form, "client_id")?.to_owned();
    let scope = required(&form, "scope")?.to_owned();
    check_scope(&scope)?;
    if let Some(number) = world.sign_in.refuses(Place::DeviceCode) {
        return Err(refusals::by_number(number));
    }
    let begun = world.clock.wall();
    let code = format!("{}{}", guid(&mut world.dice).simple(), guid(&mut world.dice).simple());
    let user_code: String = code.to_ascii_uppercase().chars().take(9).collect();
    world.sign_in.issued.push(code.clone());
    world.sign_in.devices.insert(code.clone(), Device { app, scope, begun, polled: None });
    let page = format!("{}/devicelogin", ask.base);
    Ok(json!({
        "user_code": user_code,
        "device_code": code,
        "verification_uri": page,
        "expires_in": world.sign_in.expires_after.as_secs(),
        "interval": world.sign_in.interval.as_secs(),
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
    }))
}

/// One poll for the tokens.
pub(super) fn redeem(world: &mut World, ask: &Ask, form: &Form, app: &str) -> Result<Value, No> {
    let code = required(form, "device_code")?;
    let now = world.clock.wall();
    let sign_in = &mut world.sign_in;
    let (decided_after, expires_after) = (sign_in.decided_after, sign_in.expires_after);
    let Some(device) = sign_in.devices.get_mut(code).filter(|device| device.app == app) else {
        let text = "The verification code is invalid: no device waits with it.";
        return Err(No("bad_verification_code", 70_018, text.to_owned()));
    };
    // Sleeps and clocks are not exact, so half an interval is forgiven.
    let hasty = device.polled.is_some_and(|last| now < later(last, sign_in.interval / 2));
    device.polled = Some(now);
    let device = device.clone();
    if now >= later(device.begun, expires_after) {
        return Err(No("expired_token", 70_019, "Verification code expired.".to_owned()));
    }
    if hasty {
        // Entra's page does not list it, RFC 8628 does.
        return Err(No("slow_down", 70_016, "The client polls faster than the interval allows.".to_owned()));
    }
    let decided = now >= later(device.begun, decided_after.max(Duration::ZERO));
    match sign_in.outcome {
        Outcome::Approve if decided => {
            sign_in.devices.remove(code);
            let user = world.sign_in.user;
            grant::signed_in(world, ask, form, (app, user), &device.scope)
        }
        Outcome::Decline if decided => {
            sign_in.devices.remove(code);
            Err(No("authorization_declined", 70_000, "The user declined the authorization request.".to_owned()))
        }
        _ => {
            let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
            Err(No("authorization_pending", 70_016, text.to_owned()))
        }
    }
}

//! The page on which a person picks an account, and the way back with a code (authorization code flow with PKCE).
use std::fmt::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::{Answer, Content};
use crate::sim::ask::{Ask, encode, pairs};
use crate::sim::clock::later;
use crate::sim::dice::guid;
use crate::sim::oauth::refusals::{self, Place};
use crate::sim::oauth::settings::Code;
use crate::sim::oauth::{Form, No, check_scope, grant, required};
use crate::sim::tenant::UserIx;
use crate::sim::world::World;

/// A code is good for ten minutes (Microsoft Learn, "OAuth 2.0 authorization code flow").
const GOOD_FOR: Duration = Duration::from_mins(10);
/// How many accounts can be picked.
const ACCOUNTS: usize = 3;

/// `GET /{tenant}/oauth2/v2.0/authorize` (Microsoft Learn, "OAuth 2.0 authorization code flow"): the page, or the way back once
/// an account was picked. What must not go back is said on a page.
pub(super) fn page(world: &mut World, ask: &Ask) -> Answer {
    let query: Form = pairs(&ask.query).filter(|(_, value)| !value.is_empty()).collect();
    match checked(world, &query) {
        Err(No(_, number, text)) => {
            let html =
                format!("<h1>Sorry, we cannot sign you in</h1><p id=\"error\">AADSTS{number}: {}</p>", escaped(&text));
            Answer::bare(400, Content::Html(whole(&html)))
        }
        Ok(back) => match picked(world, &query) {
            None => Answer::bare(200, Content::Html(accounts(world, ask, &query))),
            Some(picked) => lead(world, &query, &back, picked),
        },
    }
}

/// Whether a request may lead anywhere, and where its answer goes.
fn checked(world: &World, query: &Form) -> Result<String, No> {
    let back = required(query, "redirect_uri")?;
    // A registered http://localhost stands for any port of it (Microsoft Learn, "Redirect URI restrictions").
    let local =
        back.strip_prefix("http://localhost").is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    if !local || world.sign_in.refuses(Place::Authorize) == Some(50_011) {
        return Err(refusals::by_number(50_011));
    }
    required(query, "client_id")?;
    check_scope(required(query, "scope")?)?;
    if required(query, "response_type")? != "code" {
        return Err(No("unsupported_response_type", 700_054, "response_type must be 'code'.".to_owned()));
    }
    if query.get("code_challenge").is_some() && query.get("code_challenge_method").is_none_or(|method| method != "S256")
    {
        return Err(No("invalid_request", 501_481, "The code_challenge_method must be S256.".to_owned()));
    }
    Ok(back.to_owned())
}

/// The account that was picked; `Err` when whoever sits there would rather not.
fn picked(world: &World, query: &Form) -> Option<Result<UserIx, ()>> {
    let account = query.get("account")?;
    let id = Uuid::try_parse(account).ok();
    Some(candidates(world).into_iter().find(|ix| Some(world.tenant.user(*ix).id) == id).ok_or(()))
}

fn candidates(world: &World) -> Vec<UserIx> {
    let first = world.sign_in.user;
    let others = world.tenant.users_from(None).map(|(ix, _)| ix).filter(|ix| Some(*ix) != first);
    first.into_iter().chain(others).take(ACCOUNTS).collect()
}

/// Sends the browser back, with a code or with the reason why there is none.
fn lead(world: &mut World, query: &Form, back: &str, picked: Result<UserIx, ()>) -> Answer {
    let refused = world.sign_in.refuses(Place::Authorize).map(refusals::by_number);
    let mut target = format!("{back}{}", if back.contains('?') { '&' } else { '?' });
    match (refused, picked) {
        (Some(No(error, number, text)), _) => {
            let _ = write!(
                target,
                "error={error}&error_description={}",
                encode(&format!("AADSTS{number}: {text}")).replace('&', "%26")
            );
        }
        (None, Err(())) => {
            let No(error, number, text) = refusals::by_number(65_004);
            let _ = write!(target, "error={error}&error_description={}", encode(&format!("AADSTS{number}: {text}")));
        }
        (None, Ok(user)) => {
            let code = format!("0.A{}{}", guid(&mut world.dice).simple(), guid(&mut world.dice).simple());
            let field = |name: &str| query.get(name).cloned().unwrap_or_default();
            let kept = Code {
                app: field("client_id"),
                scope: field("scope"),
                back: back.to_owned(),
                challenge: query.get("code_challenge").cloned(),
                user,
                until: later(world.clock.wall(), GOOD_FOR),
            };
            world.sign_in.issued.push(code.clone());
            world.sign_in.codes.insert(code.clone(), kept);
            let _ = write!(target, "code={code}");
        }
    }
    if let Some(state) = query.get("state") {
        let _ = write!(target, "&state={}", encode(state).replace('&', "%26"));
    }
    Answer::bare(302, Content::Empty).with("location", target)
}

/// The tokens for a code, once.
pub(super) fn redeem(world: &mut World, ask: &Ask, form: &Form, app: &str) -> Result<Value, No> {
    let code = required(form, "code")?;
    let wrong = |number, text: &str| No("invalid_grant", number, text.to_owned());
    let Some(kept) = world.sign_in.codes.remove(code) else {
        return Err(wrong(
            54_005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
        ));
    };
    if kept.app != app || required(form, "redirect_uri")? != kept.back {
        return Err(wrong(
            500_112,
            "The reply address does not match the reply address provided when requesting Authorization code.",
        ));
    }
    if world.clock.wall() >= kept.until {
        return Err(wrong(70_008, "The provided authorization code or refresh token has expired due to inactivity."));
    }
    if let Some(challenge) = &kept.challenge {
        let given =
            form.get("code_verifier").map(|verifier| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())));
        if given.as_ref() != Some(challenge) {
            return Err(wrong(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ));
        }
    }
    grant::signed_in(world, ask, form, (app, Some(kept.user)), &kept.scope)
}

fn accounts(world: &World, ask: &Ask, query: &Form) -> String {
    let mut html = format!("<h1>Pick an account</h1><form method=\"get\" action=\"{}\">", escaped(&ask.path));
    let mut fields: Vec<_> = query.iter().collect();
    fields.sort();
    for (name, value) in fields {
        let _ = write!(html, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value));
    }
    for (place, ix) in candidates(world).into_iter().enumerate() {
        let user = world.tenant.user(ix);
        let _ = write!(
            html,
            "<p><button id=\"account-{place}\" name=\"account\" value=\"{}\">{}</button></p>",
            user.id,
            escaped(&user.upn)
        );
    }
    html.push_str("<p><button id=\"cancel\" name=\"account\" value=\"none\">Cancel</button></p></form>");
    whole(&html)
}

fn whole(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Simulated sign-in</title></head><body>{body}</body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

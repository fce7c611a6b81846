//! Signing in, over HTTP.
use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::testing::{Heard, form, raw};
use crate::sim::{Options, Sim, token};

const TOKEN: &str = "/contoso.onmicrosoft.com/oauth2/v2.0/token";
const DEVICE: &str = "/contoso.onmicrosoft.com/oauth2/v2.0/devicecode";
const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");

async fn sim() -> Sim {
    Sim::start(Options { users: 2, ..Options::default() }).await.unwrap()
}

async fn begin(sim: &Sim) -> String {
    let scope = "https://graph.microsoft.com/User.Read.All offline_access openid";
    let begun = form(sim, DEVICE, &[("client_id", "app"), ("scope", scope)]).await;
    assert_eq!((begun.status, &begun.body["interval"], &begun.body["expires_in"]), (200, &json!(5), &json!(900)));
    begun.body["device_code"].as_str().unwrap().to_owned()
}

async fn poll(sim: &Sim, code: &str) -> Heard {
    form(sim, TOKEN, &[GRANT, ("client_id", "app"), ("device_code", code)]).await
}

fn error(heard: &Heard) -> &Value {
    assert!(heard.body["error_codes"].is_array() && heard.body["correlation_id"].is_string());
    &heard.body["error"]
}

#[tokio::test]
async fn a_device_waits_is_slowed_down_and_gets_its_tokens() {
    let sim = sim().await;
    let code = begin(&sim).await;
    let pending = poll(&sim, &code).await;
    assert_eq!((pending.status, error(&pending)), (400, &json!("authorization_pending")));
    assert!(pending.body["error_description"].as_str().unwrap().starts_with("AADSTS70016: "));
    assert_eq!(error(&poll(&sim, &code).await), &json!("slow_down"));
    sim.advance(Duration::from_secs(10));
    let done = poll(&sim, &code).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let claims = token::open(done.body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!((&claims["scp"], &claims["upn"]), (&json!("User.Read.All"), &json!("admin@contoso.com")));
    let auth = format!("Bearer {}", done.body["access_token"].as_str().unwrap());
    let header = [("authorization", auth.as_str())];
    let me = raw(&sim, "GET", "/v1.0/me", &header, None).await;
    assert_eq!((me.status, &me.body["userPrincipalName"]), (200, &json!("admin@contoso.com")));
    let refused = raw(&sim, "GET", "/v1.0/subscribedSkus", &header, None).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (403, &json!("Authorization_RequestDenied")));
    assert_eq!(error(&poll(&sim, &code).await), &json!("bad_verification_code"), "a code is good once");
    let token = done.body["refresh_token"].as_str().unwrap();
    let again =
        form(&sim, TOKEN, &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)]).await;
    assert_eq!(again.status, 200);
    assert_ne!(again.body["refresh_token"], done.body["refresh_token"]);
    sim.advance(Duration::from_hours(24 * 91));
    let late =
        form(&sim, TOKEN, &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)]).await;
    assert_eq!(error(&late), &json!("invalid_grant"));
}

#[tokio::test]
async fn a_device_can_be_declined_or_forgotten() {
    let sim = sim().await;
    sim.set_faults("[sign_in]\ndevice_outcome = \"decline\"").unwrap();
    let code = begin(&sim).await;
    sim.advance(Duration::from_secs(5));
    assert_eq!(error(&poll(&sim, &code).await), &json!("authorization_declined"));
    sim.set_faults("[sign_in]\ndevice_outcome = \"never\"").unwrap();
    let code = begin(&sim).await;
    sim.advance(Duration::from_mins(16));
    assert_eq!(error(&poll(&sim, &code).await), &json!("expired_token"));
}

#[tokio::test]
async fn an_application_needs_a_secret_and_the_default_scope() {
    let sim = sim().await;
    let scope = ("scope", "https://graph.microsoft.com/.default");
    let base = [("grant_type", "client_credentials"), ("client_id", "app")];
    let secret = ("client_secret", "any+thing & more");
    let good = form(&sim, TOKEN, &[base[0], base[1], scope, secret]).await;
    assert_eq!((good.status, &good.body["expires_in"]), (200, &json!(3599)));
    assert!(good.body["refresh_token"].is_null());
    let none = form(&sim, TOKEN, &[base[0], base[1], scope]).await;
    assert_eq!((none.status, error(&none)), (401, &json!("invalid_client")));
    let narrow = form(&sim, TOKEN, &[base[0], base[1], ("scope", "User.Read.All"), secret]).await;
    assert_eq!(error(&narrow), &json!("invalid_scope"));
    sim.set_faults("[[app]]\nclient_id = \"app\"\nsecret = \"right\"\npermissions = [\"User.Read.All\"]").unwrap();
    let wrong = form(&sim, TOKEN, &[base[0], base[1], scope, secret]).await;
    assert_eq!(wrong.body["error_codes"], json!([7_000_215]));
    let right = form(&sim, TOKEN, &[base[0], base[1], scope, ("client_secret", "right")]).await;
    let claims = token::open(right.body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["roles"], json!(["User.Read.All"]));
}

#[tokio::test]
async fn a_certificate_assertion_must_fit_its_application_and_endpoint() {
    let sim = sim().await;
    let audience = format!("{}{TOKEN}", sim.url());
    let send = async |changes: Value| {
        let now = jiff::Timestamp::from_second(4_000_000_000).unwrap().as_second();
        let mut claims = json!({ "aud": audience, "iss": "app", "sub": "app", "jti": "1", "nbf": 0, "exp": now });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = token::part(&json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": "abc" }));
        let assertion = format!("{header}.{}.c2ln", token::part(&claims));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        form(
            &sim,
            TOKEN,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "app"),
                ("scope", "https://graph.microsoft.com/.default"),
                ("client_assertion_type", kind),
                ("client_assertion", &assertion),
            ],
        )
        .await
        .status
    };
    assert_eq!(send(json!({})).await, 200);
    for wrong in [json!({ "aud": "x" }), json!({ "iss": "x" }), json!({ "exp": 1 }), json!({ "jti": null })] {
        assert_eq!(send(wrong.clone()).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn the_openid_configuration_leads_to_the_endpoints() {
    let sim = sim().await;
    let heard = raw(&sim, "GET", "/contoso.com/v2.0/.well-known/openid-configuration", &[], None).await;
    assert_eq!(heard.body["token_endpoint"], json!(format!("{}/contoso.com/oauth2/v2.0/token", sim.url())));
    let paths: Vec<String> = sim.log().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["/contoso.com/v2.0/.well-known/openid-configuration"], "sign-ins are in the log");
}

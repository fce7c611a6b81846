//! Signing in, over HTTP.
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaPublicKeyComponents,
};
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

/// Sends an assertion with these claims changed, made by `sign` from header and claims.
async fn assert_with(sim: &Sim, header: &Value, changes: &Value, sign: impl Fn(&str) -> Vec<u8>) -> Heard {
    let now = jiff::Timestamp::from_second(4_000_000_000).unwrap().as_second();
    let audience = format!("{}{TOKEN}", sim.url());
    let mut claims = json!({ "aud": audience, "iss": "app", "sub": "app", "jti": "1", "nbf": 0, "exp": now });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let text = format!("{}.{}", token::part(header), token::part(&claims));
    let assertion = format!("{text}.{}", URL_SAFE_NO_PAD.encode(sign(&text)));
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "app"),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    form(sim, TOKEN, &fields).await
}

#[tokio::test]
async fn a_certificate_assertion_must_fit_its_application_and_endpoint() {
    let sim = sim().await;
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": "abc" });
    let anything = |_: &str| b"sig".to_vec();
    assert_eq!(assert_with(&sim, &header, &json!({}), anything).await.status, 200, "no certificate is known");
    let msal = assert_with(&sim, &header, &json!({ "exp": 4_000_000_000.25, "nbf": 0.5 }), anything).await;
    assert_eq!(msal.status, 200, "some libraries count fractions of seconds");
    for (claim, wrong, number) in [
        ("aud", json!("x"), 700_023),
        ("iss", json!("x"), 700_021),
        ("sub", json!("x"), 700_021),
        ("exp", json!(1), 700_024),
        ("nbf", json!(4_000_000_000_u32), 700_024),
        ("jti", Value::Null, 50_027),
    ] {
        let refused = assert_with(&sim, &header, &json!({ claim: wrong }), anything).await;
        assert_eq!((refused.status, &refused.body["error_codes"]), (401, &json!([number])), "{claim}");
    }
    let soon = sim.shared.lock().clock.wall().as_second() + 600;
    sim.advance(Duration::from_hours(24));
    let own = assert_with(&sim, &header, &json!({ "exp": soon, "nbf": soon - 600 }), anything).await;
    assert_eq!(own.status, 200, "a client writes by its own clock, which is not advanced");
    let none = json!({ "alg": "none", "x5t": "abc" });
    assert_eq!(assert_with(&sim, &none, &json!({}), anything).await.status, 401);
}

#[tokio::test]
async fn an_assertion_is_checked_against_a_certificate_that_is_known() {
    let sim = sim().await;
    let der = token::pkcs8();
    let certified = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&certified).unwrap();
    let app = json!({ "app": [{ "client_id": "app", "certificate": certificate.pem() }] });
    sim.set_faults(&app.to_string()).unwrap();
    let print = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, certificate.der()));
    let key = ring::rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let sign = |padding: &'static dyn RsaEncoding, text: &str| {
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(padding, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        signature
    };
    let new = json!({ "alg": "PS256", "x5t#S256": print(&SHA256) });
    let old = json!({ "alg": "RS256", "x5t": print(&SHA1_FOR_LEGACY_USE_ONLY) });
    assert_eq!(assert_with(&sim, &new, &json!({}), |text| sign(&RSA_PSS_SHA256, text)).await.status, 200);
    assert_eq!(assert_with(&sim, &old, &json!({}), |text| sign(&RSA_PKCS1_SHA256, text)).await.status, 200);
    let stranger = json!({ "alg": "PS256", "x5t#S256": "abc" });
    for (header, padding) in [(&old, &RSA_PSS_SHA256 as &'static dyn RsaEncoding), (&stranger, &RSA_PSS_SHA256)] {
        let refused = assert_with(&sim, header, &json!({}), |text| sign(padding, text)).await;
        assert_eq!((refused.status, &refused.body["error_codes"]), (401, &json!([700_027])), "{header}");
    }
    let forged = assert_with(&sim, &new, &json!({}), |text| sign(&RSA_PSS_SHA256, &format!("{text} "))).await;
    assert_eq!(forged.status, 401);
    let nonsense = sim.set_faults("[[app]]\nclient_id = \"app\"\ncertificate = \"nonsense\"").unwrap_err().to_string();
    assert!(nonsense.contains("expected a certificate in PEM") && nonsense.contains("line 3"), "{nonsense}");
}

#[tokio::test]
async fn tokens_can_be_checked_with_the_published_keys() {
    let sim = sim().await;
    let keys = raw(&sim, "GET", "/contoso.com/discovery/v2.0/keys", &[], None).await.body;
    let key = &keys["keys"][0];
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let public = RsaPublicKeyComponents { n: part("n"), e: part("e") };
    let token = sim.access_token();
    assert_eq!(token::header(&token).unwrap()["kid"], key["kid"]);
    let (text, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.verify(&RSA_PKCS1_2048_8192_SHA256, text.as_bytes(), &signature).is_ok());
    assert!(public.verify(&RSA_PKCS1_2048_8192_SHA256, b"else", &signature).is_err());
}

#[tokio::test]
async fn the_openid_configuration_leads_to_the_endpoints() {
    let sim = sim().await;
    let heard = raw(&sim, "GET", "/contoso.com/v2.0/.well-known/openid-configuration", &[], None).await;
    assert_eq!(heard.body["token_endpoint"], json!(format!("{}/contoso.com/oauth2/v2.0/token", sim.url())));
    let paths: Vec<String> = sim.log().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["/contoso.com/v2.0/.well-known/openid-configuration"], "sign-ins are in the log");
}

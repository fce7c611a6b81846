//! Every answer of the simulated sign-in service, under the schema (section 6 of the licensing reference).
use std::time::Duration;

use serde_json::{Value, json};

use crate::sim_kit::Kit;

const TOKEN: &str = "/contoso.com/oauth2/v2.0/token";
const DEVICE: &str = "/contoso.com/oauth2/v2.0/devicecode";
const DEVICE_GRANT: &str = "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=app";
const SCOPE: &str = "scope=https://graph.microsoft.com/User.Read.All%20offline_access%20openid%20profile";

/// What each form comes to: status and `error`.
async fn outcome(kit: &Kit, path: &str, fields: &str) -> (u16, Value) {
    let heard = kit.form(path, fields).await;
    (heard.status, heard.body["error"].clone())
}

async fn device(kit: &Kit) -> String {
    let begun = kit.form(DEVICE, &format!("client_id=app&{SCOPE}")).await;
    assert_eq!(begun.status, 200);
    format!("{DEVICE_GRANT}&device_code={}", begun.body["device_code"].as_str().unwrap())
}

#[tokio::test]
async fn a_device_code_in_all_its_ends() {
    let kit = Kit::example().await;
    let poll = device(&kit).await;
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("authorization_pending")));
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("slow_down")));
    kit.sim.advance(Duration::from_secs(10));
    let done = kit.form(TOKEN, &format!("{poll}&client_info=1")).await;
    assert_eq!(done.status, 200);
    for there in ["access_token", "refresh_token", "id_token", "client_info", "scope"] {
        assert!(done.body[there].is_string(), "{there}");
    }
    let refresh = format!(
        "grant_type=refresh_token&client_id=app&refresh_token={}",
        done.body["refresh_token"].as_str().unwrap()
    );
    let again = kit.form(TOKEN, &refresh).await;
    assert!(again.status == 200 && again.body["refresh_token"].is_string());
    let other = refresh.replace("client_id=app", "client_id=other");
    assert_eq!(
        outcome(&kit, TOKEN, &other).await,
        (400, json!("invalid_grant")),
        "a refresh token is one application's"
    );
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("bad_verification_code")));
    kit.sim.set_faults("[sign_in]\ndevice_outcome = \"decline\"").unwrap();
    let poll = device(&kit).await;
    kit.sim.advance(Duration::from_secs(10));
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("authorization_declined")));
    kit.sim.set_faults("[sign_in]\ndevice_outcome = \"never\"").unwrap();
    let poll = device(&kit).await;
    kit.sim.advance(Duration::from_mins(16));
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("expired_token")));
}

#[tokio::test]
async fn refusals_name_what_is_missing() {
    let kit = Kit::example().await;
    let app = "grant_type=client_credentials&client_id=app&client_secret=x";
    let default = "scope=https://graph.microsoft.com/.default";
    assert_eq!(outcome(&kit, TOKEN, &format!("{app}&{default}")).await, (200, Value::Null));
    for (fields, status, error) in [
        ("client_id=app", 400, "invalid_request"),
        ("grant_type=client_credentials", 400, "invalid_request"),
        ("grant_type=password&client_id=app", 400, "unsupported_grant_type"),
        ("grant_type=refresh_token&client_id=app&refresh_token=x", 400, "invalid_grant"),
        (&format!("{app}&scope=https://graph.microsoft.com/User.Read"), 400, "invalid_scope"),
        (&format!("grant_type=client_credentials&client_id=app&{default}"), 401, "invalid_client"),
    ] {
        assert_eq!(outcome(&kit, TOKEN, fields).await, (status, json!(error)), "{fields}");
    }
    kit.sim.set_faults("[[app]]\nclient_id = \"app\"\npermissions = [\"Group.ReadWrite.All\"]").unwrap();
    let poll = device(&kit).await;
    kit.sim.advance(Duration::from_secs(10));
    assert_eq!(outcome(&kit, TOKEN, &poll).await, (400, json!("invalid_grant")), "nobody has consented");
    let scopeless = outcome(&kit, DEVICE, "client_id=app").await;
    assert_eq!(scopeless, (400, json!("invalid_request")));
}

#[tokio::test]
async fn other_tenants_and_other_services_are_not_signed_in_to() {
    let kit = Kit::example().await;
    let app = "grant_type=client_credentials&client_id=app&client_secret=x&scope=";
    for tenant in ["contoso.com", "Contoso.onmicrosoft.com", "48a80680-7326-48cd-9935-b556b81d3a4e", "organizations"] {
        let token = format!("/{tenant}/oauth2/v2.0/token");
        assert_eq!(
            kit.form(&token, &format!("{app}https://graph.microsoft.com/.default")).await.status,
            200,
            "{tenant}"
        );
    }
    for tenant in ["fabrikam.com", "00000000-0000-4000-8000-000000000000"] {
        let lost = kit
            .form(&format!("/{tenant}/oauth2/v2.0/token"), &format!("{app}https://graph.microsoft.com/.default"))
            .await;
        assert_eq!((lost.status, &lost.body["error_codes"]), (400, &json!([90002])), "{tenant}");
        let about = kit
            .ask(&format!("GET /{tenant}/v2.0/.well-known/openid-configuration"), &[("authorization", "")], None)
            .await;
        assert_eq!(about.status, 400, "{tenant}");
    }
    let here = format!("{}/.default", kit.sim.url());
    for (scope, error) in [
        ("https://graph.microsoft.us/.default", Value::Null),
        ("00000003-0000-0000-c000-000000000000/.default", Value::Null),
        (here.as_str(), Value::Null),
        ("https://foo.microsoft.com/.default", json!("invalid_scope")),
    ] {
        let heard = kit.form(TOKEN, &format!("{app}{scope}")).await;
        assert_eq!(heard.body["error"], error, "{scope}");
        assert!(error.is_null() || heard.body["error_codes"] == json!([70011]), "{}", heard.body);
    }
    let own = [("client-request-id", "6d325baf-22b7-46fa-a2fc-a2500613ca15"), ("authorization", "")];
    let heard = kit.ask(&format!("POST {TOKEN}"), &own, Some(&Value::String("client_id=app".into()))).await;
    assert_eq!(heard.body["correlation_id"], "6d325baf-22b7-46fa-a2fc-a2500613ca15");
    assert!(heard.headers["cache-control"].contains("no-store") && heard.headers.contains_key("x-ms-request-id"));
    let elsewhere = outcome(&kit, DEVICE, "client_id=app&scope=https://vault.azure.net/user_impersonation").await;
    assert_eq!(elsewhere, (400, json!("invalid_scope")));
}

#[tokio::test]
async fn a_fault_of_the_service_speaks_as_the_service_does() {
    let kit = Kit::example().await;
    let fields =
        "grant_type=client_credentials&client_id=app&client_secret=x&scope=https://graph.microsoft.com/.default";
    let on = "[[fault]]\non = \"POST /*/oauth2/v2.0/token\"\n";
    for (answer, error) in [
        ("answer = 503\nretry_after = 7", "temporarily_unavailable"),
        ("answer = 429", "temporarily_unavailable"),
        ("answer = 400\ncode = \"invalid_grant\"\nmessage = \"The grant was revoked.\"", "invalid_grant"),
    ] {
        kit.sim.set_faults(&format!("{on}{answer}")).unwrap();
        let heard = kit.form(TOKEN, fields).await;
        assert_eq!(heard.body["error"], error, "{answer}");
        assert!(answer.contains(&heard.status.to_string()), "{answer}");
        assert_eq!(heard.headers.contains_key("retry-after"), answer.contains("retry_after"), "{answer}");
    }
    kit.sim.set_faults("[[fault]]\non = \"GET /organization\"\nanswer = 401").unwrap();
    let heard = kit.ask("GET /v1.0/organization", &[], None).await;
    assert!(heard.status == 401 && heard.headers.contains_key("www-authenticate"), "as with a token that is no good");
}

#[tokio::test]
async fn the_service_describes_itself() {
    let kit = Kit::example().await;
    let about = kit.get("/contoso.com/v2.0/.well-known/openid-configuration").await;
    for endpoint in ["token_endpoint", "device_authorization_endpoint", "jwks_uri"] {
        assert!(about[endpoint].as_str().unwrap().starts_with(&kit.sim.url()), "{endpoint}");
    }
    let keys = about["jwks_uri"].as_str().unwrap().strip_prefix(&kit.sim.url()).unwrap();
    assert_eq!(kit.get(keys).await["keys"].as_array().unwrap().len(), 1);
    let found = kit.get("/common/discovery/instance").await;
    assert!(found["tenant_discovery_endpoint"].as_str().unwrap().ends_with("/v2.0/.well-known/openid-configuration"));
}

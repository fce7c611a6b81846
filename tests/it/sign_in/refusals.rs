//! Each refusal, in an admin's words, with what to do about it, at each place where it may come.

use std::sync::Arc;

use skuferry::domain::fault::FaultKind;
use skuferry::domain::sign_in::SignInCause;
use skuferry::graph::GraphError;
use skuferry::graph::auth::ClientSecret;
use skuferry::graph::auth::Way;
use skuferry::sim::Sim;
use skuferry::words::sign_in::meaning;

use crate::sign_in::APP;
use crate::sign_in::AT_ONCE;
use crate::sign_in::TENANT;
use crate::sign_in::client;
use crate::sign_in::clock;
use crate::sign_in::endpoints;
use crate::sign_in::in_a_browser;
use crate::sign_in::in_browser;
use crate::sign_in::pem;
use crate::sign_in::person;
use crate::sign_in::tenant;
use crate::sign_in::with_certificate;

fn refuse(sim: &Sim, number: u32, place: &str) {
    sim.set_faults(&format!("{AT_ONCE}refuse = {number}\nrefuse_at = \"{place}\"\n")).unwrap();
}

async fn with_secret(sim: &Sim, tenant: &str) -> GraphError {
    let tokens = ClientSecret::new(&endpoints(sim), tenant, APP, "s3cret-value".into(), clock()).unwrap();
    client(sim, Arc::new(tokens)).identity().await.unwrap_err()
}

/// What it says, what to do, and the number for who wants to look it up.
fn says(error: &GraphError, cause: SignInCause, number: u32, action: &str) {
    let text = skuferry::words::fault::fault(error.fault());
    assert_eq!(error.kind(), FaultKind::SignIn, "{text}");
    assert!(text.starts_with(&meaning(cause)), "{number}: {text}");
    assert!(text.contains(&format!("AADSTS{number}")), "{number}: {text}");
    assert_eq!(error.fault().message.sign_in_cause(), Some(cause), "{text}");
    let told = skuferry::words::sign_in::action(cause);
    assert!(told.contains(action), "{number}: {told}");
}

#[tokio::test]
async fn a_browser_comes_back_with_the_reason() {
    let sim = tenant().await;
    for (number, cause, action) in [
        (53_003, SignInCause::Policy, "azure-cli"),
        (53_000, SignInCause::Device, "client-certificate"),
        (65_001, SignInCause::Consent, "Grant admin consent"),
        (90_094, SignInCause::Consent, "Grant admin consent"),
        (50_020, SignInCause::OtherTenant, "[tenant]"),
        (50_076, SignInCause::Mfa, "browser"),
        (50_105, SignInCause::NotAssigned, "Enterprise applications"),
    ] {
        refuse(&sim, number, "authorize");
        let (ended, page) = in_a_browser(&person(&sim, in_browser()), "account-0").await;
        says(&ended.unwrap_err(), cause, number, action);
        assert!(page.contains("The terminal says why"), "{page}");
    }
    // Here Entra leads nowhere: the page itself says it, and skuferry's own words do, once it is given up.
    refuse(&sim, 50_011, "authorize");
    let address = std::sync::Mutex::new(Vec::new());
    let graph = person(&sim, in_browser());
    let show = crate::sign_in::keeping(&address);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), graph.sign_in(&show)).await;
    let address = address.lock().unwrap()[0].address().to_owned();
    let page = crate::sign_in::play(&address, "account-0").await;
    assert!(page.contains("AADSTS50011"), "{page}");
}

#[tokio::test]
async fn the_exchange_of_a_code_is_refused_with_the_reason() {
    let sim = tenant().await;
    for (number, cause, action) in [
        (7_000_218, SignInCause::PublicClient, "Allow public client flows"),
        (53_003, SignInCause::Policy, "Block device code flow"),
        (700_016, SignInCause::NoApplication, "client_id"),
    ] {
        refuse(&sim, number, "token");
        let (ended, _) = in_a_browser(&person(&sim, in_browser()), "account-0").await;
        says(&ended.unwrap_err(), cause, number, action);
    }
}

#[tokio::test]
async fn a_device_is_refused_before_and_after_its_code() {
    let sim = tenant().await;
    for (number, place, cause, action) in [
        (7_000_218, "devicecode", SignInCause::PublicClient, "Allow public client flows"),
        (700_016, "devicecode", SignInCause::NoApplication, "client_id"),
        (53_003, "token", SignInCause::Policy, "\"browser\""),
        (53_000, "token", SignInCause::Device, "\"browser\""),
        (65_001, "token", SignInCause::Consent, "Grant admin consent"),
        (50_076, "token", SignInCause::Mfa, "browser"),
    ] {
        refuse(&sim, number, place);
        let error = person(&sim, Way::DeviceCode).sign_in(&|_| {}).await.unwrap_err();
        says(&error, cause, number, action);
    }
    sim.set_faults(&format!("{AT_ONCE}refuse = 0\ndevice_outcome = \"decline\"")).unwrap();
    let error = skuferry::words::error::causes(&person(&sim, Way::DeviceCode).sign_in(&|_| {}).await.unwrap_err());
    assert!(error.starts_with(&meaning(SignInCause::Declined)), "{error}");
    sim.set_faults(&format!("{AT_ONCE}device_expires_after = \"1s\"\ndevice_outcome = \"never\"")).unwrap();
    let error = skuferry::words::error::causes(&person(&sim, Way::DeviceCode).sign_in(&|_| {}).await.unwrap_err());
    assert!(error.starts_with(&meaning(SignInCause::CodeExpired)), "{error}");
}

#[tokio::test]
async fn an_application_is_refused_with_the_reason() {
    let sim = tenant().await;
    for (number, cause, action) in [
        (7_000_215, SignInCause::SecretWrong, "not its Secret ID"),
        (7_000_222, SignInCause::SecretExpired, "new client secret"),
        (90_002, SignInCause::NoTenant, "[tenant]"),
        (65_001, SignInCause::Consent, "Grant admin consent"),
        (53_003, SignInCause::Policy, "policy"),
    ] {
        refuse(&sim, number, "token");
        says(&with_secret(&sim, TENANT).await, cause, number, action);
    }
    sim.set_faults("[sign_in]\nrefuse = 0").unwrap();
    says(&with_secret(&sim, "fabrikam.com").await, SignInCause::NoTenant, 90_002, "cloud");
    refuse(&sim, 700_024, "token");
    let error = with_certificate(&sim, &pem().0).identity().await.unwrap_err();
    says(&error, SignInCause::Clock, 700_024, "clock");
}

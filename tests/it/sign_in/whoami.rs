//! `whoami` of the built program: who is signed in, what is missing for what, and how it ends.

use std::path::Path;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use serde_json::json;
use skuferry::sim::Sim;

use crate::sign_in::APP;
use crate::sign_in::AT_ONCE;
use crate::sign_in::TENANT;
use crate::sign_in::tenant;

pub(super) fn skuferry(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", folder.join("data")).env("SKUFERRY_CONFIG_DIR", folder).current_dir(folder);
    for name in ["SKUFERRY_CLIENT_SECRET", "SKUFERRY_ACCESS_TOKEN", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(name);
    }
    command
}

/// Leaves a configuration for this tenant, with these lines in `[tenant]` and `[auth]`.
pub(super) fn written(folder: &Path, sim: &Sim, tenant: &str, auth: &str) {
    let text = sim.config_toml();
    let (_, rest) = text.split_once("[migration]").unwrap();
    let url = sim.url();
    let text = format!(
        "[tenant]\n{tenant}\ngraph_url = \"{url}\"\nlogin_url = \"{url}\"\n\n[auth]\n{auth}\nclient_id = \"{APP}\"\n\n\
         [migration]{rest}"
    );
    std::fs::write(folder.join("config.toml"), text).unwrap();
    std::fs::write(folder.join("users.csv"), sim.users_csv()).unwrap();
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn whoami(sim: &Sim, tenant: &str, auth: &str, secret: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), sim, tenant, auth);
    let mut command = skuferry(folder.path());
    command.args(["whoami"]).args(args).env("SKUFERRY_CLIENT_SECRET", secret);
    let output = run(command).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

const BY_NAME: &str = "id = \"contoso.onmicrosoft.com\"";
const SECRET: &str = "method = \"client-secret\"";

#[tokio::test]
async fn an_application_that_may_do_everything_needs_no_role() {
    let sim = tenant().await;
    let (code, out, err) = whoami(&sim, BY_NAME, SECRET, "any", &["--json"]).await;
    assert_eq!(code, Some(0), "{err}");
    let who: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&who["kind"], &who["clientId"], &who["readOnly"]), (&json!("application"), &json!(APP), &json!(false)));
    assert_eq!(who["tenant"]["configured"], json!(TENANT));
    assert!(who["tenant"]["name"].is_string() && who["expires"].is_string(), "{who}");
    let steps: Vec<_> = who["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["read", "add", "remove", "reprocess", "direct", "audit"]);
    for step in who["steps"].as_array().unwrap() {
        assert_eq!((&step["missing"], &step["role"], &step["where"]), (&json!([]), &json!("not needed"), &Value::Null));
    }
}

#[tokio::test]
async fn what_is_missing_for_what_is_told_with_where_to_grant_it() {
    let sim = tenant().await;
    let app = json!({ "app": [{ "client_id": APP, "permissions": ["User.Read.All", "GroupMember.Read.All"] }] });
    sim.set_faults(&app.to_string()).unwrap();
    let (code, out, err) = whoami(&sim, BY_NAME, SECRET, "any", &["--json"]).await;
    assert_eq!(code, Some(0), "{err}");
    let who: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(who["readOnly"], json!(true));
    let missing = |place: usize| who["steps"][place]["missing"].clone();
    assert_eq!(missing(0), json!(["LicenseAssignment.Read.All"]));
    assert_eq!(missing(1), json!(["GroupMember.ReadWrite.All"]));
    assert_eq!(missing(3), json!(["User.ReadWrite.All"]));
    assert_eq!(missing(5), json!(["AuditLog.Read.All"]));
    let (_, text, _) = whoami(&sim, BY_NAME, SECRET, "any", &[]).await;
    for words in
        ["application  ", "MISSING", "API permissions", "Application permissions", "(a migration goes on without it)"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn a_person_needs_a_role_too() {
    let sim = tenant().await;
    sim.set_faults(&format!("{AT_ONCE}directory_role = true")).unwrap();
    let (code, out, err) = whoami(&sim, BY_NAME, "method = \"device-code\"", "", &["--json"]).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("/devicelogin in any browser and enter the code "), "{err}");
    let who: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&who["kind"], &who["account"]), (&json!("delegated"), &json!("admin@contoso.com")));
    assert_eq!(who["roles"][0]["name"], json!("User Administrator"));
    assert!(who["steps"].as_array().unwrap()[..5].iter().all(|step| step["role"] != "not seen"), "{who}");
    sim.set_faults(&format!("{AT_ONCE}directory_role = false")).unwrap();
    let (_, text, _) = whoami(&sim, BY_NAME, "method = \"device-code\"", "", &[]).await;
    for words in [
        "account      admin@contoso.com",
        "none for the whole tenant",
        "not seen",
        "Groups Administrator, User Administrator",
        "administrative unit",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn it_ends_as_the_contract_says() {
    let sim = tenant().await;
    sim.set_faults(&json!({ "app": [{ "client_id": APP, "secret": "right" }] }).to_string()).unwrap();
    let (code, out, err) = whoami(&sim, BY_NAME, SECRET, "wrong-s3cret", &["--json"]).await;
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
    for words in
        ["the client secret is wrong", "AADSTS7000215", "what to do: Set SKUFERRY_CLIENT_SECRET to the secret's Value"]
    {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert!(!err.contains("wrong-s3cret"), "{err}");
    let (code, _, err) = whoami(&sim, "id = \"fabrikam.com\"", SECRET, "right", &[]).await;
    assert!(code == Some(3) && err.contains("finds no such tenant"), "{err}");
    let (code, _, err) = whoami(&sim, BY_NAME, "method = \"client-certificate\"", "", &[]).await;
    assert!(code == Some(2) && err.contains("needs a certificate"), "{err}");
    let (code, _, err) = whoami(&sim, BY_NAME, "method = \"access-token\"", "", &[]).await;
    assert!(code == Some(3) && err.contains("SKUFERRY_ACCESS_TOKEN is not set"), "{err}");
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused_before_anything_is_asked() {
    let sim = tenant().await;
    let other = "id = \"00000000-1111-4222-8333-444444444444\"";
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), &sim, other, "method = \"access-token\"");
    let mut command = skuferry(folder.path());
    command.arg("whoami").env("SKUFERRY_ACCESS_TOKEN", sim.access_token());
    let output = run(command).await;
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && err.contains("the sign-in is for the tenant "), "{err}");
    assert!(sim.log().is_empty());
}

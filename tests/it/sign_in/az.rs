//! The Azure CLI's way, with a program that prints what az prints.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use skuferry::domain::fault::FaultKind;
use skuferry::graph::Graph;
use skuferry::graph::auth::AzureCli;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;

use crate::required;
use crate::sign_in::APP;
use crate::sign_in::TENANT;
use crate::sign_in::client;
use crate::sign_in::clock;
use crate::sign_in::endpoints;
use crate::sign_in::tenant;
use crate::sign_in::whoami::skuferry;
use crate::sign_in::whoami::written;

/// A program that stands in for az: it writes down its arguments, then does what the script says.
fn stand_in(sim: &Sim, script: &str) -> (TempDir, Graph) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("az");
    fs::write(&program, format!("#!/bin/sh\necho \"$@\" >>\"$(dirname \"$0\")/asked\"\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let graph = client(sim, Arc::new(AzureCli::new(&endpoints(sim), TENANT, program.into_os_string(), clock())));
    (folder, graph)
}

fn asked(folder: &Path) -> Vec<String> {
    fs::read_to_string(folder.join("asked")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What az 2.54 and newer prints.
fn printed(token: &str, expires_on: &str) -> String {
    format!(
        "cat <<'END'\n{{\n  \"accessToken\": \"{token}\",\n  \"expiresOn\": \"2026-11-27 04:00:00.000000\",\n  \
         \"expires_on\": {expires_on},\n  \"subscription\": \"00000000-0000-0000-0000-000000000000\",\n  \"tenant\": \"x\",\n  \
         \"tokenType\": \"Bearer\"\n}}\nEND"
    )
}

#[tokio::test]
async fn its_token_is_asked_for_once_and_for_this_tenant() {
    let sim = tenant().await;
    let soon = clock().now().as_second() + 3_000;
    for expires_on in [soon.to_string(), format!("\"{soon}\""), "null".to_owned()] {
        let (folder, graph) = stand_in(&sim, &printed(&sim.access_token(), &expires_on));
        assert!(graph.skus().await.is_ok() && graph.identity().await.unwrap().is_some());
        let expected = format!("account get-access-token --resource {} --tenant {TENANT} --output json", sim.url());
        assert_eq!(asked(folder.path()), [expected], "{expires_on}");
    }
}

/// Where the real program is: `SKUFERRY_TEST_AZ`, or `az` in PATH.
pub(super) fn real() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("SKUFERRY_TEST_AZ").map(std::path::PathBuf::from);
    let found =
        || std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("az")).find(|az| az.is_file());
    named.or_else(found)
}

#[tokio::test]
async fn the_real_program_signs_in_at_the_simulated_tenant_and_its_token_is_good() {
    // A program that prints what it prints stands in for it in the other tests.
    let Some(az) = required::found("az", real()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let sim = Sim::start(Options { users: 4, tls: Some(ca.clone()), ..Options::default() }).await.unwrap();
    let url = sim.url().replace("127.0.0.1", "localhost");
    let home = folder.path().join("azure");
    fs::create_dir(&home).unwrap();
    let endpoints = [
        "management",
        "resource_manager",
        "active_directory",
        "active_directory_resource_id",
        "gallery",
        "sql_management",
    ];
    let more = ["active_directory_graph_resource_id", "microsoft_graph_resource_id"];
    let lines: String = endpoints
        .iter()
        .chain(&more)
        .fold("[Skuferry]\n".to_owned(), |text, name| text + &format!("endpoint_{name} = {url}\n"));
    fs::write(home.join("clouds.config"), lines + "profile = latest\n").unwrap();
    fs::write(
        home.join("config"),
        "[cloud]\nname = Skuferry\n[core]\ninstance_discovery = false\ncollect_telemetry = no\n",
    )
    .unwrap();
    let envs = [("AZURE_CONFIG_DIR", home.as_os_str()), ("REQUESTS_CA_BUNDLE", ca.as_os_str())];
    let mut login = std::process::Command::new(&az);
    login.args(["login", "--service-principal", "--username", APP, "--password", "any", "--tenant", TENANT]);
    login.args(["--allow-no-subscriptions", "--output", "none"]).envs(envs);
    let output = tokio::task::spawn_blocking(move || login.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    written(folder.path(), &sim, &format!("id = \"{TENANT}\"\nca_file = \"ca.pem\""), "method = \"azure-cli\"");
    let text = fs::read_to_string(folder.path().join("config.toml")).unwrap().replace(&sim.url(), &url);
    fs::write(folder.path().join("config.toml"), text).unwrap();
    let path = std::env::join_paths(
        az.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = skuferry(folder.path());
    command.args(["whoami", "--json"]).envs(envs).env("PATH", path.unwrap());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let who: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&who["method"], &who["kind"], &who["clientId"]),
        (&"azure-cli".into(), &"application".into(), &APP.into())
    );
}

#[tokio::test]
async fn what_keeps_it_from_giving_one_is_said_in_an_admins_words() {
    let sim = tenant().await;
    for (script, says) in [
        ("echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", "run `az login --tenant contoso"),
        (
            "echo \"ERROR: AADSTS50076: Due to a configuration change made by your administrator\" >&2; exit 1",
            "multifactor authentication (Azure CLI; sign in there with `az login",
        ),
        ("echo 'ERROR: AADSTS53003: Access has been blocked' >&2; exit 1", "a conditional access policy"),
        ("echo 'ERROR: what is this' >&2; exit 1", "gave no token: ERROR: what is this"),
        ("echo 'not JSON'", "printed something other than a token"),
        ("echo '{\"accessToken\": 5}'", "printed something other than a token"),
    ] {
        let (_folder, graph) = stand_in(&sim, script);
        let error = graph.identity().await.unwrap_err();
        assert_eq!(error.kind(), FaultKind::SignIn);
        assert!(skuferry::words::error::causes(&error).contains(says), "{says}: {error}");
    }
    let none = AzureCli::new(&endpoints(&sim), TENANT, "/nowhere/az".into(), clock());
    let error = skuferry::words::error::causes(&client(&sim, Arc::new(none)).identity().await.unwrap_err());
    assert!(error.contains("is not installed, or not in PATH"), "{error}");
}

#[tokio::test]
async fn what_is_for_skuferry_alone_is_not_for_az_and_nothing_that_it_prints_is_shown() {
    let sim = tenant().await;
    let (folder, graph) =
        stand_in(&sim, "env >\"$(dirname \"$0\")/env\"; echo '{\"accessToken\": \"unreadable-s3cret\"'");
    let error = graph.identity().await.unwrap_err();
    assert!(
        !skuferry::words::error::causes(&error).contains("s3cret") && !format!("{error:?}").contains("s3cret"),
        "{error:?}"
    );
    let env = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(
        env.contains("PATH=") && !env.contains("SKUFERRY_CLIENT_SECRET") && !env.contains("SKUFERRY_ACCESS_TOKEN"),
        "{env}"
    );
}

//! The Azure CLI's way, with a program that prints what az prints.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use skuferry::domain::fault::FaultKind;
use skuferry::graph::Graph;
use skuferry::graph::auth::AzureCli;
use skuferry::sim::Sim;
use tempfile::TempDir;

use crate::sign_in::TENANT;
use crate::sign_in::client;
use crate::sign_in::clock;
use crate::sign_in::endpoints;
use crate::sign_in::tenant;

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
    let soon = Timestamp::now().as_second() + 3_000;
    for expires_on in [soon.to_string(), format!("\"{soon}\""), "null".to_owned()] {
        let (folder, graph) = stand_in(&sim, &printed(&sim.access_token(), &expires_on));
        assert!(graph.skus().await.is_ok() && graph.identity().await.unwrap().is_some());
        let expected = format!("account get-access-token --resource {} --tenant {TENANT} --output json", sim.url());
        assert_eq!(asked(folder.path()), [expected], "{expires_on}");
    }
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

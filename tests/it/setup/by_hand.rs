//! The binary in a pseudo-terminal: from no configuration to the first approval, by keys alone.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use skuferry::config::AuthMethod;
use skuferry::config::Config;
use skuferry::config::UsersFrom;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::pty::Pty;
use crate::required;
use crate::sign_in::chromium::Browser;
use crate::sign_in::chromium::opened;
use crate::sign_in::chromium::opener;
use crate::witness::is_read;

const RIGHT: &str = "\u{1b}[C";
const LEFT: &str = "\u{1b}[D";
const DOWN: &str = "\u{1b}[B";

/// As a terminal hands over what is pasted.
fn pasted(text: &str) -> String {
    format!("\u{1b}[200~{text}\u{1b}[201~")
}

/// Fills in the page of the sign-in for the simulated tenant, by the method that so many steps lead to.
fn sign_in(pty: &mut Pty, (method, steps): (&str, usize), url: &str) {
    pty.wait_for("Sign in by");
    pty.press(&RIGHT.repeat(steps));
    pty.wait_for(method);
    pty.press("\t");
    pty.press("contoso.onmicrosoft.com\t");
    pty.press(LEFT);
    pty.wait_for("other addresses");
    pty.press("\t");
    pty.press(&pasted(url));
    pty.press("\t");
    pty.press(&pasted(url));
    pty.press("\t");
    pty.press("6f1e3a0c-0000-4000-8000-000000000000");
    pty.wait_for("6f1e3a0c-0000-4000-8000-000000000000");
}

/// A secret from the environment, which `Pty` sets.
const BY_SECRET: (&str, usize) = ("client-secret", 3);

/// Every file below a folder, as one text.
fn all_files(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        if path.is_dir() { all_files(&path) } else { String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned() }
    };
    entries.map(read).collect()
}

fn search(pty: &mut Pty, text: &str) {
    pty.press("/");
    pty.press(text);
    pty.wait_for("1-1 of 1");
    pty.press("\r");
    pty.wait_for("choose");
    pty.press("\r");
}

/// What `check` says of a configuration.
fn check(config: &Path, data: &Path) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.args(["check", "--json", "--config"]).arg(config);
    command.env("SKUFERRY_DATA_DIR", data).env("SKUFERRY_CLIENT_SECRET", "s3cret");
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_no_configuration_to_the_first_approval_by_keys() {
    let sim = Sim::start(Options { users: 12, speed: 1000.0, ..Options::default() }).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&[], home.path(), 40, 120);
    pty.wait_for("Set up a migration");
    pty.press("j\r");
    sign_in(&mut pty, BY_SECRET, &sim.url());
    pty.press("\r");
    pty.wait_for("step 2 of 6");
    search(&mut pty, "b82c04f0");
    pty.wait_for("step 3 of 6");
    search(&mut pty, "bcf279d1");
    let products = pty.wait_for("which one is the migration about?");
    assert!(products.contains("Office 365 E3 (ENTERPRISEPACK)"), "{products}");
    while !pty.wait_for("which one").lines().any(|line| line.contains("▸ Office 365 E3")) {
        pty.press("j");
    }
    pty.press("\r");
    pty.wait_for("All members of the group");
    pty.press("\r");
    let summary = pty.wait_for("step 5 of 6");
    assert!(summary.contains("conflicting: these plans exclude each other"), "{summary}");
    pty.press("\r");
    let place = home.path().join("config.toml");
    pty.wait_for("The configuration goes into this file");
    pty.press("\r");
    pty.wait_for("Written:");
    assert!(sim.log().iter().all(is_read), "the set-up only reads");

    let (config, text) = (Config::load(&place).unwrap(), fs::read_to_string(&place).unwrap());
    assert_eq!((config.auth.method, config.migration.users), (AuthMethod::ClientSecret, UsersFrom::SourceGroup));
    assert!(!text.contains("s3cret") && text.contains("sku = \"ENTERPRISEPACK\" # Office 365 E3"), "{text}");
    let told = check(&place, home.path());
    let said = format!("{} ready, {} blocked", told["ready"], told["blocked"]);
    assert!(summary.contains(&said), "{said}\n{summary}");
    assert_eq!(told["scenario"], "conflicting");
    for product in told["products"].as_array().unwrap() {
        let seats = format!("{} seats free, {} needed", product["available"], product["needed"]);
        assert!(summary.contains(&seats), "{seats}\n{summary}");
    }

    let signed_in = sim.log().iter().filter(|entry| entry.path.contains("/oauth2/")).count();
    pty.press("\r");
    pty.wait_for("waiting for approval: add");
    let again = sim.log().iter().filter(|entry| entry.path.contains("/oauth2/")).count();
    assert_eq!(again, signed_in, "who signed in need not do it twice");
    assert!(sim.log().iter().all(is_read), "nothing is written before the approval");
    pty.press("a");
    pty.wait_for("bcf279d1-5ad5-46a5-b469-4b8a552aa2fe");
    pty.answer("y");
    pty.wait_for("safe to remove");
    assert!(sim.log().iter().any(|entry| entry.method == "PATCH" && entry.path.contains("bcf279d1")));
    pty.press("q");
    pty.wait_for("y quits");
    pty.answer("y");
    pty.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pilot_list_and_a_file_that_is_there() {
    let home = tempfile::tempdir().unwrap();
    let authority = home.path().join("authority.pem");
    let options = Options { users: 6, speed: 1000.0, tls: Some(authority.clone()), ..Options::default() };
    let sim = Sim::start(options).await.unwrap();
    let file = home.path().join("mine.toml");
    fs::write(&file, "# mine\n").unwrap();
    let mut pty = Pty::spawn(&["setup", "--config", file.to_str().unwrap()], home.path(), 40, 120);
    sign_in(&mut pty, BY_SECRET, &sim.url());
    pty.press("\t");
    pty.press(&pasted(authority.to_str().unwrap()));
    pty.wait_for("authority.pem");
    pty.press("\r");
    pty.wait_for("step 2 of 6");
    search(&mut pty, "b82c04f0");
    pty.wait_for("step 3 of 6");
    search(&mut pty, "bcf279d1");
    while !pty.wait_for("which one").lines().any(|line| line.contains("▸ Office 365 E3")) {
        pty.press("j");
    }
    pty.press("\r");
    pty.wait_for("All members of the group");
    pty.press(&DOWN.repeat(3));
    pty.wait_for("Nobody is named yet.");
    pty.press("\r");
    pty.press(&pasted(&sim.users_csv()));
    pty.wait_for("users are named");
    pty.press("\r");
    pty.wait_for("step 5 of 6");
    pty.press("\r");
    pty.wait_for("The configuration goes into this file");
    pty.press("\r");
    pty.wait_for("This file is there already");
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    pty.press("\u{1b}");
    pty.wait_for("All is left as it was.");
    pty.press("\r");
    pty.wait_for("This file is there already");
    pty.press("mine.toml\r");
    pty.wait_for("Written:");
    pty.press("q");
    let (code, screen) = pty.end();
    assert!(code == 0 && screen.contains("skuferry check --config"), "{code} {screen}");
    assert!(fs::read_to_string(&file).unwrap().contains("ca_file = \"authority.pem\""));
    let written = all_files(home.path());
    for secret in sim.issued_secrets().iter().map(String::as_str).chain(["s3cret"]) {
        assert!(!written.contains(secret), "a secret is on the disk");
    }
    let told = check(&file, home.path());
    assert_eq!(told["users"].as_array().unwrap().len(), 6, "{told}");
    assert!(sim.log().iter().all(is_read));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_with_a_code_and_goes_back_to_what_was_entered() {
    let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["setup"], home.path(), 30, 100);
    sign_in(&mut pty, ("device-code", 1), &sim.url());
    pty.press("\r");
    // The simulated tenant approves the code by itself after a moment.
    pty.wait_for("step 2 of 6");
    pty.press("\u{1b}");
    let form = pty.wait_for("step 1 of 6");
    assert!(form.contains("6f1e3a0c") && form.contains("contoso.onmicrosoft.com"), "{form}");
    pty.press("\u{3}");
    let (code, screen) = pty.end();
    assert!(code == 0 && screen.contains("nothing was written"), "{code} {screen}");
}

#[test]
fn who_leaves_has_written_nothing() {
    for keys in ["q", "\u{3}", "jj\r"] {
        let home = tempfile::tempdir().unwrap();
        let mut pty = Pty::spawn(&[], home.path(), 24, 80);
        pty.wait_for("Set up a migration");
        pty.press(keys);
        let (code, screen) = pty.end();
        assert!(code == 0 && screen.contains("nothing was written"), "{keys:?}: {code} {screen}");
        assert!(!home.path().join("config.toml").exists());
    }
}

#[test]
fn the_offer_opens_the_demo() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&[], home.path(), 24, 80);
    pty.wait_for("See the demo");
    pty.press("\r");
    pty.wait_for("A short tour");
    pty.press("\u{1b}");
    pty.wait_until("the tour over", |screen| !screen.contains("A short tour") && screen.contains("press a"));
    pty.press("q");
    assert_eq!(pty.end().0, 0);
}

#[test]
fn without_a_terminal_it_says_what_to_do_and_ends_with_2() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, told) in [(&["setup"][..], "skuferry check --config"), (&[], "skuferry demo")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
        command.args(arguments).stdin(Stdio::null()).current_dir(home.path());
        command.env("SKUFERRY_DATA_DIR", home.path().join("data")).env("SKUFERRY_CONFIG_DIR", home.path());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("what to do: ") && said.contains(told), "{said}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_skuferry")).args(["setup", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && help.contains("--config <FILE>") && help.contains("Example"), "{help}");
}

/// A page of a browser, where the set-up begins.
const BY_BROWSER: (&str, usize) = ("browser", 0);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_browser_signs_in_for_the_set_up() {
    let home = tempfile::tempdir().unwrap();
    let sim = Sim::start(Options { users: 6, speed: 1000.0, ..Options::default() }).await.unwrap();
    let Some(browser) = required::found("chromium", Browser::start(home.path()).await) else { return };
    opener(home.path());
    let mut pty = Pty::spawn(&["setup"], home.path(), 40, 120);
    sign_in(&mut pty, BY_BROWSER, &sim.url());
    pty.press("\r");
    let page = browser.sign_in(&opened(home.path()).await).await;
    assert!(page.starts_with("skuferry: Signed in") && page.contains("You can close this page"), "{page}");
    browser.end().await;
    let groups = pty.wait_for("step 2 of 6");
    assert!(groups.contains("LIC - Office 365 E1"), "{groups}");
    assert!(sim.log().iter().all(is_read), "the set-up only reads");
    pty.press("\u{3}");
    pty.end();
}

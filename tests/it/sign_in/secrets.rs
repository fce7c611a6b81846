//! Rule 12, for every way to sign in: a whole migration, and nothing secret in any file, screen, log, notice, report, panic
//! or `Debug`, nor in what the commands that read a journal print.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::panic;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command as Program;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::graph::TokenSource;
use skuferry::graph::auth::AccessToken;
use skuferry::graph::auth::AzureCli;
use skuferry::graph::auth::Certificate;
use skuferry::graph::auth::ClientCertificate;
use skuferry::graph::auth::ClientSecret;
use skuferry::graph::auth::UserSignIn;
use skuferry::graph::auth::Way;
use skuferry::log;
use skuferry::log::Log;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use tracing_subscriber::filter::LevelFilter;

use crate::driver::Direction;
use crate::driver::Rig;
use crate::screens::frame;
use crate::screens::text;
use crate::sign_in::APP;
use crate::sign_in::AT_ONCE;
use crate::sign_in::TENANT;
use crate::sign_in::clock;
use crate::sign_in::endpoints;
use crate::sign_in::in_browser;
use crate::sign_in::pem;
use crate::sign_in::play;

const METHODS: [&str; 6] =
    ["browser", "device-code", "client-secret", "client-certificate", "azure-cli", "access-token"];
const SECRET: &str = "marked~s3cret.of-the-Application";
/// How much of a secret counts as the secret.
const PIECE: usize = 20;

/// A signed-in source of tokens, and what of it is secret beside what the service gave out.
async fn tokens(sim: &Arc<Sim>, method: &str, folder: &Path) -> (Arc<dyn TokenSource>, Vec<String>) {
    let at = endpoints(sim);
    match method {
        "browser" => {
            let tokens = UserSignIn::new(&at, TENANT, APP, in_browser(), clock()).unwrap();
            let address = Mutex::new(None);
            let (sender, mut shown) = tokio::sync::mpsc::unbounded_channel();
            let show = |prompt: skuferry::graph::auth::Prompt| drop(sender.send(prompt.address().to_owned()));
            let plays = async {
                let page = shown.recv().await.unwrap();
                play(&page, "account-0").await;
                *address.lock().unwrap() = Some(page);
            };
            let (signed_in, ()) = tokio::join!(tokens.sign_in(&show), plays);
            signed_in.unwrap();
            (Arc::new(tokens), Vec::new())
        }
        "device-code" => {
            let tokens = UserSignIn::new(&at, TENANT, APP, Way::DeviceCode, clock()).unwrap();
            tokens.sign_in(&|_| {}).await.unwrap();
            (Arc::new(tokens), Vec::new())
        }
        "client-secret" => {
            (Arc::new(ClientSecret::new(&at, TENANT, APP, SECRET.into(), clock()).unwrap()), vec![SECRET.to_owned()])
        }
        "client-certificate" => {
            let (both, alone) = pem();
            let key = both.strip_prefix(&alone).unwrap().lines().filter(|line| !line.starts_with('-'));
            let key = key.map(str::to_owned).collect();
            let certificate = Certificate::from_pem(both.as_bytes()).unwrap();
            (Arc::new(ClientCertificate::new(&at, TENANT, APP, certificate, clock()).unwrap()), key)
        }
        "azure-cli" => {
            let (token, program) = (sim.access_token(), folder.join("az"));
            fs::write(
                &program,
                format!("#!/bin/sh\necho '{{\"accessToken\":\"{token}\",\"expires_on\":4000000000}}'\n"),
            )
            .unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            (Arc::new(AzureCli::new(&at, TENANT, program.into_os_string(), clock())), vec![token])
        }
        _ => {
            let token = sim.access_token();
            (Arc::new(AccessToken::new(token.clone().into()).ending_by(clock())), vec![token])
        }
    }
}

/// Every view of a snapshot, as it is drawn.
fn screens(snapshot: &Arc<Snapshot>) -> String {
    let mut model = Model::new(Arc::clone(snapshot), clock().now(), TimeZone::UTC, Theme::Dark);
    let mut all = String::new();
    for view in 1..=4 {
        let _ = update(&mut model, Action::Cmd(Cmd::View(view)));
        let _ = writeln!(all, "{}", text(&frame(&mut model, 160, 50).0));
    }
    all
}

/// What the commands print that read the journal of a run, and every file below its data folder, reports too.
fn left_behind(data: &Path, id: &str) -> Vec<(String, String)> {
    let mut lines: Vec<String> =
        ["status ID", "status ID --json", "events ID", "events ID --json", "runs", "runs --json"]
            .map(|line| line.replace("ID", id))
            .to_vec();
    for format in ["md", "html", "csv", "json"] {
        lines.push(format!("report {id} --format {format}"));
        lines.push(format!("report {id} --format {format} --output {}/reports/{id}/run.{format}", data.display()));
    }
    fs::create_dir_all(data.join("reports").join(id)).unwrap();
    let mut found = Vec::new();
    for line in lines {
        let mut program = Program::new(env!("CARGO_BIN_EXE_skuferry"));
        program.env("SKUFERRY_DATA_DIR", data).env("SKUFERRY_CONFIG_DIR", data).current_dir(data).env("TZ", "UTC");
        let output = program.args(line.split(' ')).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let said = [output.stdout, output.stderr].concat();
        found.push((line, String::from_utf8(said).unwrap()));
    }
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((
                    path.display().to_string(),
                    String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
                ));
            }
        }
    }
    let reports = found.iter().filter(|(place, text)| place.contains("/reports/") && !text.is_empty());
    assert!(reports.count() > 4, "the reports are not there");
    found
}

/// What a panic says that has these in its sentence, by a slip of whoever writes one.
fn panicked(held: &dyn std::fmt::Debug) -> String {
    let said = panic::catch_unwind(panic::AssertUnwindSafe(|| panic!("nobody expected {held:?}"))).unwrap_err();
    let said = said.downcast::<String>().unwrap();
    assert!(said.starts_with("nobody expected "));
    *said
}

/// The pieces of a secret that must be nowhere; a JWT begins like every other, so that only its later parts count.
fn pieces(secret: &str) -> Vec<String> {
    let body = secret.split_once('.').filter(|(head, _)| head.starts_with("eyJ")).map_or(secret, |(_, rest)| rest);
    let at = |part: usize| (body.len().saturating_sub(PIECE)) * part / 3;
    (0..=3).map(|part| body[at(part)..].chars().take(PIECE).collect()).collect()
}

#[tokio::test]
async fn nothing_secret_of_any_method_is_in_a_file_a_screen_a_log_a_notice_a_report_a_panic_or_a_debug() {
    for method in METHODS {
        let data = tempfile::tempdir().unwrap();
        let mut log = Log::open(data.path(), Timestamp::UNIX_EPOCH, LevelFilter::TRACE);
        // While a process has one dispatcher only, other threads of the tests, which have none, may settle what it hears.
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        let listening = tracing::dispatcher::set_default(log.dispatch());
        let own = Arc::new(Mutex::new(Vec::new()));
        let (kept, scratch) = (Arc::clone(&own), tempfile::tempdir().unwrap());
        let slip = Arc::new(Mutex::new(String::new()));
        let panics = Arc::clone(&slip);
        let at = scratch.path().to_owned();
        let signs_in = async move |sim: &Arc<Sim>, _: PathBuf| {
            sim.set_faults(AT_ONCE).unwrap();
            let (tokens, secrets) = tokens(sim, method, &at).await;
            log::note_panics();
            let token = tokens.token().await;
            assert!(token.is_ok(), "{method}");
            let certificate = Certificate::from_pem(pem().0.as_bytes());
            *panics.lock().unwrap() = panicked(&(&token, &certificate, Some(token.as_ref().unwrap().clone())));
            drop(panic::take_hook());
            *kept.lock().unwrap() = secrets;
            Direction { tokens: Some(Box::new(move |_, _| Arc::clone(&tokens))), ..Direction::default() }
        };
        let options = Options { users: 6, seed: 5, ..Options::default() };
        let mut rig = Rig::open_by(options, |settings| settings.canary = 2, signs_in).await;
        let mut shown = String::new();
        let begun = rig.wait("begun", |shot| !shot.run.users.is_empty()).await;
        let _ = write!(shown, "{}\n{begun:?}", screens(&begun));
        rig.send(Command::SignIn);
        let done = if method == "browser" {
            // Nobody plays the browser this time: the page is on the screen, and is given up.
            let asked = |shot: &Snapshot| matches!(shot.sign_in, skuferry::graph::SignInState::Asking(Some(_)));
            let asking = rig.wait("asked", asked).await;
            let _ = write!(shown, "{}\n{asking:?}", screens(&asking));
            rig.send(Command::CancelSignIn);
            rig.finish().await
        } else {
            rig.finish().await
        };
        let _ = write!(shown, "{}\n{done:?}", screens(&done));
        rig.quit().await;
        drop(listening);
        let logged = fs::read_to_string(log.close().unwrap()).unwrap();
        let journal = fs::read_to_string(rig.journal_path()).unwrap();
        let mut secrets = rig.sim.issued_secrets();
        assert!(
            method == "access-token" || method == "azure-cli" || secrets.len() > 1 || method == "client-secret",
            "{method}"
        );
        secrets.extend(own.lock().unwrap().clone());
        assert!(!secrets.is_empty(), "{method}");
        assert!(logged.contains("panic"), "{method}: the log has nothing of the panic");
        let mut places = vec![
            ("log".to_owned(), logged),
            ("journal".to_owned(), journal),
            ("notices".to_owned(), rig.said.join("\n")),
            ("screens and Debug".to_owned(), shown),
            ("panic".to_owned(), slip.lock().unwrap().clone()),
        ];
        let path = rig.journal_path();
        places.extend(left_behind(path.parent().unwrap().parent().unwrap(), &rig.run.id.to_string()));
        let may_be_empty = |place: &str| place == "notices" || place.starts_with('/');
        for (place, text) in &places {
            assert!(!text.is_empty() || may_be_empty(place), "{method}: the {place} is empty");
            for piece in secrets.iter().flat_map(|secret| pieces(secret)) {
                assert!(!text.contains(&piece), "{method}: a secret is in the {place}: {piece}");
            }
        }
    }
}

#[test]
fn the_scan_finds_a_secret_where_there_is_one() {
    let token =
        "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eiJ9.c2lnbmF0dXJlLXdpdGgtbG90cy1vZi1ieXRlcw";
    let log = format!("Bearer {token}");
    assert!(pieces(token).iter().all(|piece| log.contains(piece)));
    assert!(pieces(SECRET).iter().all(|piece| format!("x={SECRET}").contains(piece)));
}

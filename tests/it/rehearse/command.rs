//! The command from outside: the file that it writes, what it asks of the tenant, and the terminal that it opens.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use skuferry::config::Config;
use skuferry::rehearse;
use skuferry::rehearse::TenantCopy;
use skuferry::rehearse::Trouble;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::words;

use crate::pty::Pty;
use crate::rehearse::both::Side;
use crate::rehearse::both::graph;

/// Two users of the tenant that are ready and not the first ones of its list.
const PILOT: [&str; 2] = ["maeve.o'brien", "pradeepg"];
const TENANT: &str = include_str!("../../../assets/sim/tenant-e1-to-e3.toml");

fn skuferry(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", folder.join("data")).env("SKUFERRY_CONFIG_DIR", folder).current_dir(folder);
    command.env("SKUFERRY_CLIENT_SECRET", "anything").args(args).output().unwrap()
}

/// The same off the threads that serve the tenant.
async fn run(folder: &Path, args: &[&'static str]) -> Output {
    let (folder, args) = (folder.to_owned(), args.to_vec());
    tokio::task::spawn_blocking(move || skuferry(&folder, &args)).await.unwrap()
}

async fn tenant(text: &str, seed: u64) -> (Sim, tempfile::TempDir) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = Options { tenant: Some(text.to_owned()), seed, speed: 60.0, ..Options::default() };
    let sim = Sim::start(options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    (sim, folder)
}

async fn check(folder: &Path) -> (Option<i32>, Value) {
    let output = run(folder, &["check", "--json"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_gives_the_same_check_and_reading_it_wrote_nothing_anywhere() {
    let (sim, folder) = tenant(TENANT, 1).await;
    let output = run(folder.path(), &["rehearse", "--output", "copy.toml"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    assert!(String::from_utf8_lossy(&output.stdout).contains("copy.toml"));
    let asked = sim.log();
    let reads = |path: &str, method: &str| method == "GET" || path.ends_with("/$batch") || path.contains("/oauth2/");
    assert!(asked.iter().all(|entry| reads(&entry.path, &entry.method)), "{asked:?}");
    let file = folder.path().join("copy.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(!folder.path().join("data/rehearsals").exists(), "no terminal was opened");
    let text = fs::read_to_string(&file).unwrap();
    let (_copy, other) = tenant(&text, 7).await;
    let (one, two) = (check(folder.path()).await, check(other.path()).await);
    assert_eq!(one, two);
    assert!(one.1["blocked"].as_i64().unwrap() > 1 && one.1["ready"].as_i64().unwrap() > 5, "{}", one.1);

    let again = run(folder.path(), &["rehearse", "--output", "copy.toml"]).await;
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(2) && said.contains("--overwrite"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let told = run(folder.path(), &["rehearse", "--output", "copy.toml", "--overwrite", "--anonymous"]).await;
    assert_eq!(told.status.code(), Some(0));
    let anonymous = fs::read_to_string(&file).unwrap().to_lowercase();
    assert!(anonymous != text && !["contoso", "adele", "o'brien", "megan"].iter().any(|name| anonymous.contains(name)));
}

/// The file without its comments, as one tells when it was read.
fn keys(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_that_is_asked_for_on_the_command_line_stands_in_the_file() {
    let (sim, folder) = tenant(TENANT, 1).await;
    sim.freeze();
    let config = Config::parse(&sim.config_toml(), "config.toml".as_ref()).unwrap();
    let client = graph(&sim);
    let side = Side::on(sim, client);
    let copy = TenantCopy { migration: Some(words::config::name(&config.migration)), ..side.copy().await };
    let file = |trouble: Trouble| {
        let mut copy = copy.clone();
        copy.add_trouble(trouble);
        rehearse::tenant_file(&copy).0
    };
    let none = Trouble::default();
    let all = Trouble { stuck: 3, seats_short: 2, throttled: true };
    let needed = copy.preflight().products.iter().find(|one| one.sku == copy.route().target.sku).unwrap().needed;
    for (args, trouble) in [
        (&[][..], none),
        (&["--stuck", "3"], Trouble { stuck: 3, ..none }),
        (&["--seats-short", "2"], Trouble { seats_short: 2, ..none }),
        (&["--throttled"], Trouble { throttled: true, ..none }),
        (&["--stuck", "3", "--seats-short", "2", "--throttled"], all),
    ] {
        let output = run(folder.path(), &[&["rehearse", "--output", "copy.toml", "--overwrite"], args].concat()).await;
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        let written = fs::read_to_string(folder.path().join("copy.toml")).unwrap();
        assert_eq!(keys(&written), keys(&file(trouble)), "{args:?}");
        let table: toml::Table = written.parse().unwrap();
        let rows = |key: &str| table.get(key).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let stuck = rows("user").iter().filter(|user| user.get("not_offered").is_some()).count();
        assert_eq!(stuck, trouble.stuck, "{args:?}");
        assert_eq!(table.contains_key("throttle"), trouble.throttled, "{args:?}");
        assert_eq!(rows("fault").len(), if trouble.throttled { 2 } else { 0 }, "{args:?}");
        let left: Vec<i64> =
            rows("event").iter().map(|event| event["seats"]["enabled"].as_integer().unwrap()).collect();
        let target = copy.skus.iter().find(|sku| sku.id == copy.route().target.sku).unwrap();
        let short = (trouble.seats_short > 0).then_some(target.consumed + needed - 2);
        assert_eq!(left, Vec::from_iter(short), "{args:?}");
    }
    assert!(needed > 5, "there are seats to be short of");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pilot_is_the_first_batch_of_an_anonymous_rehearsal_too() {
    let (_sim, folder) = tenant(TENANT, 1).await;
    let listed = fs::read_to_string(folder.path().join("users.csv")).unwrap();
    let pilot: Vec<&str> = listed.lines().filter(|line| PILOT.iter().any(|name| line.contains(name))).collect();
    assert_eq!(pilot.len(), 2, "{listed}");
    fs::write(folder.path().join("pilot.csv"), pilot.join("\n")).unwrap();
    let config = folder.path().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("[migration]\n", "[migration]\npilot = \"pilot.csv\"\n")).unwrap();
    let data = folder.path().join("data");
    tokio::task::spawn_blocking(move || {
        let args = ["rehearse", "--config", config.to_str().unwrap(), "--anonymous", "--speed", "240"];
        let mut pty = Pty::spawn(&args, &data, 24, 80);
        let screen = pty.wait_for("waiting for approval: add ");
        assert!(screen.contains("waiting for approval: add 2 users"), "{screen}");
        assert!(PILOT.iter().all(|name| !screen.contains(name)), "{screen}");
        pty.press("q");
        assert_eq!(pty.end().0, 0);
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_without_its_group_ends_with_1_and_says_which() {
    let (_sim, folder) = tenant(TENANT, 1).await;
    let path = folder.path().join("config.toml");
    let config = fs::read_to_string(&path).unwrap();
    let other = config.replace("bcf279d1-5ad5-46a5-b469-4b8a552aa2fe", "00000000-0000-4000-8000-00000000dead");
    fs::write(&path, other).unwrap();
    let output = run(folder.path(), &["rehearse", "--output", "copy.toml"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("00000000-0000-4000-8000-00000000dead"), "{said}");
    assert!(said.contains("no target group") || said.contains("there is no target"), "{said}");
    assert!(!folder.path().join("copy.toml").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_terminal_on_the_copy_says_rehearsal_everywhere_and_the_tenant_stays_as_it_is() {
    let (sim, folder) = tenant(TENANT, 1).await;
    let before = sim.state();
    let config = folder.path().join("config.toml");
    let data = folder.path().join("data");
    tokio::task::spawn_blocking(move || {
        let args = ["rehearse", "--config", config.to_str().unwrap(), "--speed", "240", "--stuck", "2"];
        let mut pty = Pty::spawn(&args, &data, 24, 80);
        pty.wait_for("press a");
        for view in ["2", "3", "4", "5", "1", "?"] {
            pty.press(view);
            let screen = pty.wait_until("a header with rehearsal", |screen| {
                screen.lines().next().is_some_and(|line| line.contains("rehearsal"))
            });
            assert!(!screen.contains("read-only"), "{screen}");
        }
        pty.press("\u{1b}");
        pty.wait_for("waiting for approval: add");
        pty.press("a");
        let dialog = pty.wait_for("y approves");
        assert!(dialog.lines().next().unwrap().contains("rehearsal"), "{dialog}");
        pty.answer("y");
        pty.press("/");
        pty.press("adelev\r");
        pty.wait_for("✖ adelev ");
        pty.press("e");
        pty.wait_for("reports");
        pty.press("q");
        // It asks where a phase is still under way.
        let ended = "nothing happened in the tenant";
        let screen = pty.wait_until("an end", |screen| screen.contains("y quits") || screen.contains(ended));
        if screen.contains("y quits") {
            pty.answer("y");
        }
        let (code, screen) = pty.end();
        assert!(code == 0 && screen.contains(ended), "{screen}");
        let runs = fs::read_dir(data.join("rehearsals/reports")).unwrap();
        let export = fs::read_dir(runs.last().unwrap().unwrap().path()).unwrap().last().unwrap().unwrap().path();
        let read = |name: &str| fs::read_to_string(export.join(name)).unwrap();
        assert!(read("report.md").starts_with("REHEARSAL on a copy of the tenant"), "{}", read("report.md"));
        assert!(read("report.html").contains("REHEARSAL on a copy of the tenant"));
        let json: Value = serde_json::from_str(&read("report.json")).unwrap();
        assert_eq!(json["run"]["rehearsal"], true);
        assert!(read("report.csv").lines().next().unwrap().ends_with("rehearsal"));
        assert!(read("report.csv").lines().nth(1).unwrap().ends_with("yes"));
        assert!(read("report.csv-events.csv").contains("a rehearsal on a copy"));
    })
    .await
    .unwrap();
    let after = sim.state();
    assert_eq!((&before["users"], &before["groups"]), (&after["users"], &after["groups"]));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn licensing_on_the_copy_takes_as_long_as_in_an_earlier_run_of_the_same_pair() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    let config = folder.path().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("batch_size = 1", "batch_size = 3")).unwrap();
    let none = run(folder.path(), &["rehearse", "--output", "before.toml"]).await;
    assert_eq!(none.status.code(), Some(0));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(!read("before.toml").contains("[licensing]"), "there is no earlier run");
    let data = folder.path().join("data");
    tokio::task::spawn_blocking(move || {
        let mut pty = Pty::spawn(&["run", "--config", config.to_str().unwrap()], &data, 40, 120);
        pty.add("3 users");
        pty.remove("3 users", "3");
        pty.wait_for("migration complete");
        pty.press("q");
        assert_eq!(pty.end().0, 0);
    })
    .await
    .unwrap();
    let after = run(folder.path(), &["rehearse", "--output", "after.toml"]).await;
    let said = String::from_utf8_lossy(&after.stderr).into_owned();
    assert_eq!((after.status.code(), said.as_str()), (Some(0), ""));
    let text: toml::Table = read("after.toml").parse().unwrap();
    let licensing = text["licensing"].as_table().unwrap_or_else(|| panic!("{text}"));
    assert!(licensing["least"].as_str().unwrap().ends_with('s') && read("after.toml").contains("by 6 writes"));
}

/// The run of the rehearsal in this data folder.
#[cfg(unix)]
fn rehearsed(data: &Path) -> String {
    let mut files = fs::read_dir(data.join("rehearsals/runs")).unwrap().map(|file| file.unwrap().path());
    let file = files.find(|file| file.extension().is_some_and(|end| end == "jsonl")).unwrap();
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_is_reached_by_the_id_of_its_run_and_by_nothing_else() {
    let (_sim, folder) = tenant(TENANT, 1).await;
    let folder = folder.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let (data, config) = (folder.join("data"), folder.join("config.toml"));
        let told = |args: &[&str], code: i32| {
            let output = skuferry(&folder, args);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
            (String::from_utf8(output.stdout).unwrap(), said)
        };
        let json = |args: &[&str]| serde_json::from_str::<Value>(&told(args, 0).0).unwrap();
        let mut pty = Pty::spawn(&["rehearse", "--config", config.to_str().unwrap(), "--speed", "240"], &data, 24, 80);
        pty.wait_for("waiting for approval: add");
        let id = rehearsed(&data);
        let status = json(&["status", "--json", &id]);
        assert_eq!((&status["id"], &status["state"]), (&id.as_str().into(), &"waiting".into()), "{status}");
        assert_eq!(
            (&status["rehearsal"], &status["demo"], &status["resume"]),
            (&true.into(), &false.into(), &Value::Null)
        );
        // Who names no run does not mean this one.
        for command in ["status", "events"] {
            let (_, said) = told(&[command], 2);
            assert!(said.contains("there is no run"), "{said}");
        }
        let (_, said) = told(&["halt"], 1);
        assert!(said.contains("no run is at work"), "{said}");
        assert_eq!(told(&["events", &id, "--kind", "halted"], 0).0, "");
        let (said, _) = told(&["halt", &id], 0);
        assert!(said.contains("nothing more is written"), "{said}");
        pty.wait_for("halted");
        assert_eq!(json(&["events", &id, "--kind", "halted", "--json"])["kind"], "halted");
        assert_eq!(json(&["report", &id, "--format", "json"])["run"]["rehearsal"], true);
        pty.press("q");
        let screen =
            pty.wait_until("an end", |screen| screen.contains("y quits") || screen.contains("nothing happened in"));
        if screen.contains("y quits") {
            pty.answer("y");
        }
        let (code, screen) = pty.end();
        assert_eq!(code, 0, "{screen}");
        let (said, _) = told(&["status", &id], 0);
        let gone =
            "a run of a rehearsal: the copy of the tenant ends with the rehearsal, so it cannot be taken up again";
        assert!(said.contains(gone) && !said.contains("--resume"), "{said}");
        assert_eq!(json(&["status", "--json", &id])["needs"], Value::Null);
        let (_, said) = told(&["halt", &id], 1);
        assert!(said.contains("is not at work"), "{said}");
    })
    .await
    .unwrap();
}

//! The built binary from outside: exit codes, output, and how it ends.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use skuferry::config::Config;
use skuferry::config::UsersFrom;
use skuferry::config::users;
use skuferry::sim::Options;
use skuferry::sim::Sim;

fn skuferry(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", folder.join("data")).env("SKUFERRY_CONFIG_DIR", folder).current_dir(folder);
    command
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn bad_usage_and_bad_configuration_end_with_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[tenant]\nid = 5\n").unwrap();
    for arguments in
        [&["walk"][..], &["check"], &["run", "--config", "nowhere.toml"], &["sim", "--listen", "0.0.0.0:0"]]
    {
        let output = skuferry(folder.path()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    let output = skuferry(folder.path()).arg("check").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("config.toml:2:6:") && told.contains("id = 5") && told.contains("what to do: "), "{told}");
}

#[test]
fn an_argument_that_steers_a_terminal_is_quoted_without_what_steers() {
    let folder = tempfile::tempdir().unwrap();
    let output = skuferry(folder.path()).arg("\u{1b}[2J\u{202e}walk").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("walk") && !told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_error_names_the_log_which_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[tenant]\nid = \"adele@contoso.com\"\n").unwrap();
    let output = skuferry(folder.path()).arg("check").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let path = told.lines().find_map(|line| line.strip_prefix("log: ")).unwrap_or_else(|| panic!("{told}"));
    assert!(path.starts_with(folder.path().join("data/logs").to_str().unwrap()), "{path}");
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.contains("began command=\"check\"") && log.contains("ended exit=Usage"), "{log}");
    assert!(!log.contains("adele") && !log.contains("config.toml"), "{log}");

    for arguments in [&["check", "--log-level", "off"][..], &["--log-level=off", "check"]] {
        let output = skuferry(folder.path()).args(arguments).output().unwrap();
        assert!(!String::from_utf8(output.stderr).unwrap().contains("log: "), "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path().join("data/logs")).unwrap().count(), 1);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = skuferry(folder.path()).args(["completions", "bash"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn sim_says_where_it_listens_and_ends_when_told() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("new").join("here");
        let mut command = skuferry(folder.path());
        command.args(["sim", "--users", "20", "--speed", "60", "--write-config"]).arg(&wanted).stdout(Stdio::piped());
        let mut sim = Running(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(sim.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap();

        let config = Config::load(&wanted.join("config.toml")).unwrap();
        assert_eq!(config.tenant.graph_url.as_deref(), Some(url));
        let UsersFrom::File(list) = &config.migration.users else { panic!("{config:?}") };
        assert_eq!(users::load(list).unwrap().users.len(), 20);

        Command::new("kill").args([signal, &sim.0.id().to_string()]).status().unwrap();
        assert_eq!(sim.0.wait().unwrap().code(), Some(0), "{signal}");
    }
}

/// `check` on a list, in a tenant of three users: the exit code, and what it prints as JSON and as text.
async fn check(list: &[u8]) -> (Option<i32>, serde_json::Value, String) {
    let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    std::fs::write(folder.path().join("users.csv"), list).unwrap();
    let path = folder.path().to_owned();
    let run = move |arguments: &[&str]| {
        let output = skuferry(&path).args(arguments).env("SKUFERRY_CLIENT_SECRET", "any").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    tokio::task::spawn_blocking(move || {
        let (code, json) = run(&["check", "--json"]);
        let (_, text) = run(&["check"]);
        (code, serde_json::from_str(&json).unwrap_or_else(|_| panic!("{code:?} {json:?}")), text)
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_nobody_is_a_problem_and_ends_with_1() {
    for list in ["", "# nobody yet\n", "userPrincipalName,displayName\n"] {
        let (code, json, text) = check(list.as_bytes()).await;
        assert_eq!((code, &json["ready"], &json["users"]), (Some(1), &0.into(), &serde_json::json!([])));
        assert_eq!(json["problems"][0]["code"], "nobody-listed", "{list:?}");
        assert!(text.contains("nobody-listed: nobody is listed"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_row_that_is_passed_over_is_counted_and_named() {
    let list = "Mitarbeiter\n#helpdesk@contoso.com\n# wave 1\n".replace('\n', "\r\n");
    let (code, json, text) = check(list.as_bytes()).await;
    assert_eq!(
        (code, &json["users"][0]["user"]),
        (Some(1), &"#helpdesk@contoso.com".into()),
        "no comment, but no user either"
    );
    assert_eq!(
        json["passedOver"],
        serde_json::json!([
            { "line": 1, "text": "Mitarbeiter", "reason": "looks-like-header" },
            { "line": 3, "text": "# wave 1", "reason": "comment" },
        ])
    );
    assert!(
        text.contains("warning: rows-passed-over: 2 rows of the list were passed over: line 1 looks like a header"),
        "{text}"
    );
}

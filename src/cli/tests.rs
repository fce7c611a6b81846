//! The contract of the command line, as far as it needs no process.

use super::*;
use crate::config::Config;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::RunId;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::Writer;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// Standard output of which nobody reads on.
struct Gone(io::ErrorKind);

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

fn dirs(folder: &Path) -> Dirs {
    Dirs::find(|_| Some(folder.into()), folder.into()).unwrap()
}

async fn answer_in(folder: &Path, line: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
    let mut context = Context { dirs: dirs(folder), zone: TimeZone::UTC, out };
    dispatch(parse(line).unwrap(), &mut context).await
}

async fn printed(folder: &Path, line: &str) -> String {
    let mut out = Vec::new();
    assert_eq!(answer_in(folder, line, &mut out).await, Ok(Exit::Fine));
    String::from_utf8(out).unwrap()
}

fn with_runs() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let path = journal::file(data.path(), RunId(Uuid::from_u128(2)));
    drop(Writer::create(data.path(), RunId(Uuid::from_u128(1))).unwrap());
    std::fs::write(path, "what is this?\n").unwrap();
    data
}

#[test]
fn clap_finds_no_fault_with_the_commands() {
    Cli::command().debug_assert();
}

#[test]
fn text_from_outside_steers_no_terminal_not_even_as_json() {
    let mut out = Vec::new();
    let mut context = Context { dirs: dirs(Path::new("/nowhere")), zone: TimeZone::UTC, out: &mut out };
    let hostile = "a\u{9b}2Jb\u{202e}c\u{7f}\n";
    context.print_json(serde_json::json!({ "users": [{ "user": hostile }], "name": hostile }), false).unwrap();
    context.print(&format!("{hostile}d\u{1b}[2J\n")).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"name\":\"a2Jbc \",\"users\":[{\"user\":\"a2Jbc \"}]}\na2Jbc\nd[2J\n"
    );
}

#[test]
fn the_help_of_each_command_has_an_example_that_parses() {
    let mut program = Cli::command();
    program.build();
    for command in std::iter::once(&program).chain(program.get_subcommands()) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (head, examples) = help.split_once('\n').unwrap_or_default();
        let name = command.get_name();
        assert!(name == "help" || head.starts_with("Example"), "{name} has no example: {help}");
        for example in examples.lines() {
            let line = example.trim().split(" > ").next().unwrap();
            assert!(line.split(' ').any(|word| word == name) || name == "skuferry", "{line} is not of {name}");
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }
}

#[tokio::test]
async fn the_manual_tells_of_every_command_and_its_example() {
    let folder = tempfile::tempdir().unwrap();
    let page = printed(folder.path(), "skuferry man").await;
    assert!(page.contains(".TH skuferry 1"), "{page}");
    for command in Cli::command().get_subcommands() {
        assert!(page.contains(&format!(".TH skuferry-{} 1", command.get_name())), "{}", command.get_name());
    }
    for word in ["skuferry demo", r"\-\-write\-config", r"\-\-log\-level"] {
        assert!(page.contains(word), "{word}: {page}");
    }
}

#[test]
fn every_command_takes_a_level_for_its_log() {
    for command in ["demo", "run", "check", "whoami", "status", "runs", "sim", "completions bash", "man"] {
        assert!(parse(&format!("skuferry {command} --log-level debug")).is_ok(), "{command}");
        assert!(parse(&format!("skuferry --log-level off {command}")).is_ok(), "{command}");
    }
    assert_eq!(parse("skuferry runs --log-level loud").unwrap_err().exit_code(), 2);
}

#[test]
fn the_contract_parses() {
    for line in [
        "skuferry",
        "skuferry demo --scenario non-conflicting --users 10 --seed 7 --speed 0.5",
        "skuferry run --config a.toml --resume 018f4c1e-0000-7000-8000-000000000000 --read-only",
        "skuferry check --config a.toml --json",
        "skuferry whoami --config a.toml --json --allow-host graph.example",
        "skuferry status --json",
        "skuferry status 018f4c1e-0000-7000-8000-000000000000",
        "skuferry runs --json",
        "skuferry sim --listen 127.0.0.1:0 --scenario conflicting --users 5 --seed 1 --speed 60 --tenant t.toml --write-config d",
        "skuferry completions zsh",
        "skuferry man",
        "skuferry run --log-level debug",
    ] {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
    for line in [
        "skuferry walk",
        "skuferry demo --users 0",
        "skuferry demo --speed 0",
        "skuferry demo --speed inf",
        "skuferry demo --scenario both",
        "skuferry run --resume yesterday",
        "skuferry sim --listen everywhere",
        "skuferry completions",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn a_failure_is_told_in_three_parts() {
    let mistake = Config::parse("[tenant]\nid = 5\n", Path::new("config.toml")).unwrap_err();
    insta::assert_snapshot!(Failure::from(mistake), @r##"
    error: config.toml cannot be used as it is
    why:
        config.toml:2:6: not the right kind of value: integer `5`
          |
        2 | id = 5
          |      ^
    what to do: Correct the line. Expected: the tenant's id or one of its domain names, such as "contoso.onmicrosoft.com".
    "##);
    let fault = Fault { request_id: Some("7d".into()), ..Fault::new(FaultKind::SignIn, "AADSTS7000215\u{1b}[2J: bad") };
    insta::assert_snapshot!(Failure::from(fault), @r##"
    error: signing in failed
    why: AADSTS7000215[2J: bad (request-id 7d)
    what to do: Set SKUFERRY_CLIENT_SECRET to the secret's Value, not its Secret ID; Entra shows the value once, when it is made.
    "##);
    let missing = Config::load(Path::new("nowhere.toml")).unwrap_err();
    assert!(Failure::from(missing).to_string().starts_with("error: nowhere.toml cannot be read\nwhy: No such file"));
}

#[tokio::test]
async fn runs_are_listed_as_a_table_and_as_json() {
    let nothing = tempfile::tempdir().unwrap();
    assert!(printed(nothing.path(), "skuferry runs").await.starts_with("There are no runs in "));
    assert_eq!(printed(nothing.path(), "skuferry runs --json").await, "[]\n");

    let data = with_runs();
    let table = printed(data.path(), "skuferry runs").await;
    let ids: Vec<_> = table.lines().skip(1).map(|line| &line[..36]).collect();
    assert_eq!(ids, ["00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-000000000001"]);
    assert!(table.contains("line 1 is damaged") && table.contains("nothing was written down"), "{table}");
    let json: Value = serde_json::from_str(&printed(data.path(), "skuferry runs --json").await).unwrap();
    assert_eq!((&json[1]["torn"], &json[1]["error"]), (&false.into(), &Value::Null));
    assert!(json[0]["modified"].as_str().unwrap().parse::<Timestamp>().is_ok());
}

#[tokio::test]
async fn a_reader_who_left_is_no_error_and_a_full_disk_is() {
    let data = with_runs();
    for line in ["skuferry runs", "skuferry completions bash"] {
        assert_eq!(answer_in(data.path(), line, &mut Gone(io::ErrorKind::BrokenPipe)).await, Ok(Exit::Fine));
        let full = answer_in(data.path(), line, &mut Gone(io::ErrorKind::StorageFull)).await;
        assert_eq!(full.map_err(|failure| failure.exit), Err(Exit::Usage));
    }
}

#[tokio::test]
async fn every_shell_gets_its_script() {
    let data = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            printed(data.path(), &format!("skuferry completions {shell}")).await.contains("write-config"),
            "{shell}"
        );
    }
}

#[tokio::test]
async fn without_a_configuration_the_demo_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let failure = answer_in(folder.path(), "skuferry", &mut Vec::new()).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.action.contains("skuferry demo"));
}

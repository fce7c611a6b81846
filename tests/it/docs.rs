//! What is written outside the code is held to the code: the README, its picture, the example and the script of CI.

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use clap::CommandFactory;
use clap::Parser;
use skuferry::cli::Cli;
use skuferry::config::Config;
use skuferry::domain::event::Event;
use skuferry::domain::permission::WorkStep;
use skuferry::domain::standing::Standing;
use skuferry::tui::action::Action;
use skuferry::tui::keys;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::picture::svg;
use crate::problems::two_causes;
use crate::scene;
use crate::scene::Scene;
use crate::screens::alarmed;
use crate::screens::frame;
use crate::screens::opened;
use crate::screens::press;

const RUN_ID: &str = "018f4c1e-0000-7000-8000-000000000000";

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines inside the fences of a Markdown text.
fn commands(text: &str) -> Vec<&str> {
    let inside = text.split("```").skip(1).step_by(2);
    inside.flat_map(|block| block.lines().skip(1)).map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_readme_shows_the_keys_that_there_are() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("<!-- keys -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- end of keys -->").unwrap();
    assert_eq!(table.trim(), keys::markdown().trim());
}

#[test]
fn the_readme_begins_with_a_picture_and_two_commands_and_ci_runs_its_tests() {
    let readme = read("README.md");
    let (opening, tour) = readme.split_once("\n## ").unwrap();
    assert!(opening.contains("](assets/screen.svg)"), "{opening}");
    let [demo, test] = commands(opening)[..] else { panic!("{opening}") };
    assert_eq!((demo, test), ("cargo run --release -- demo", "cargo test"));
    assert!(commands(tour).iter().all(|line| !line.starts_with("cargo ")), "more than two commands to begin with");
    assert!(read(".ci/run").lines().any(|line| line == test), "CI runs other tests than the README names");
}

#[test]
fn every_command_in_the_readme_is_understood() {
    let readme = read("README.md").replace("RUN_ID", RUN_ID);
    let ours: Vec<_> = commands(&readme).into_iter().filter(|line| line.starts_with("skuferry")).collect();
    assert!(ours.len() > 5, "{ours:?}");
    for line in ours {
        let words = line.split('#').next().unwrap_or_default().split_whitespace();
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{line}\n{error}");
        }
    }
}

/// The rows of the first table behind these words.
fn table(text: &str, behind: &str) -> Vec<Vec<String>> {
    let (_, rest) = text.split_once(behind).unwrap_or_else(|| panic!("there is no {behind:?}"));
    let rows = rest.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.map(cells).collect()
}

#[test]
fn the_readme_asks_for_the_permissions_and_roles_that_each_step_needs() {
    let readme = read("README.md");
    let people = table(&readme, "**Permissions for people**");
    let application = table(&readme, "**Permissions for an application.**");
    let names = |rows: &[Vec<String>]| rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect::<Vec<_>>();
    let all = names(&people);
    assert_eq!(names(&application), all);
    assert_eq!(all.len(), 8, "{all:?}");

    let (reading, rest) = all.split_at(3);
    let (rest, for_comfort) = rest.split_at(4);
    assert_eq!(for_comfort, ["Organization.Read.All"]);
    assert_eq!(WorkStep::Read.missing(reading), [""; 0]);
    for name in reading {
        let without: Vec<String> = reading.iter().filter(|one| *one != name).cloned().collect();
        assert!(!WorkStep::Read.missing(&without).is_empty(), "{name} is for nothing");
    }
    let steps =
        [&[WorkStep::Add, WorkStep::Remove][..], &[WorkStep::Reprocess], &[WorkStep::Direct], &[WorkStep::Audit]];
    for ((name, row), steps) in rest.iter().zip(&people[3..]).zip(steps) {
        let roles = row[2].split('.').next().unwrap().replace(" or ", ", ");
        let roles: Vec<&str> = roles
            .split(',')
            .map(str::trim)
            .filter(|role| role.ends_with("Administrator") || role.ends_with("Reader"))
            .collect();
        assert!(!roles.is_empty(), "{row:?}");
        for step in steps {
            assert_eq!(step.least_permissions(), [name.as_str()], "{step:?}");
            assert!(step.missing(std::slice::from_ref(name)).is_empty());
            for role in &roles {
                assert!(step.role_names().contains(role), "{step:?} is not for a {role}");
            }
        }
    }
}

#[test]
fn ci_asks_every_command_for_its_help() {
    let script = read(".ci/run");
    let (_, rest) = script.split_once("for command in ").unwrap();
    let (asked, _) = rest.split_once("; do").unwrap();
    let mut asked: Vec<&str> = asked.split_whitespace().filter(|word| *word != "\\").collect();
    let cli = Cli::command();
    let mut all: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    asked.sort_unstable();
    all.sort_unstable();
    assert_eq!(asked, all);
}

/// The documents for whoever works on it, and those that Cargo.toml names.
const DOCUMENTS: [&str; 6] = [
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    ".github/workflows/ci.yml",
    "assets/CHANGELOG.md",
    "assets/LICENSE-APACHE",
    "assets/LICENSE-MIT",
];

#[test]
fn every_file_that_the_documents_name_is_there() {
    let names = |text: &str| -> Vec<String> {
        let quoted = text.split('`').skip(1).step_by(2).map(str::to_owned);
        let path = |name: &String| {
            ["src/", "tests/", "assets/", ".ci/", ".cargo/", ".github/"].iter().any(|at| name.starts_with(at))
        };
        quoted.filter(path).collect()
    };
    let contributing = names(&read(".github/CONTRIBUTING.md"));
    assert!(contributing.len() > 10, "{contributing:?}");
    let readme = names(&read("README.md"));
    let manifest = read("Cargo.toml");
    for name in contributing.iter().chain(&readme).map(String::as_str).chain(DOCUMENTS) {
        assert!(file(name).exists(), "there is no {name}");
    }
    for name in DOCUMENTS.iter().filter(|name| name.starts_with("assets/")) {
        assert!(manifest.contains(name), "Cargo.toml does not name {name}");
    }
    assert!(read(".github/workflows/ci.yml").contains("- run: .ci/run"));
}

#[test]
fn the_example_is_a_configuration() {
    Config::load(&file("config.example.toml")).unwrap();
}

/// The second of three batches in Verify added; a user who got stuck is inspected.
fn moment() -> Model {
    let mut scene = Scene::preflighted(64);
    scene.later(35).added().later(150);
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict).later(40).removed().later(120);
    scene.observed(&users, &Standing::Migrated).event(Event::BatchComplete { batch: 0 });
    let seats = scene.snapshot.run.seats();
    scene.event(Event::BatchChecked {
        batch: 1,
        problems: Vec::new(),
        seats,
        products: Vec::new(),
        reasons: Vec::new(),
    });
    scene.later(20).added().later(38);
    let users = scene.active();
    scene.observed(&users, &Standing::OnSource).later(55);
    scene.observed(&users[..4], &Standing::ExpectedConflict).later(29);
    scene.observed(&users[4..9], &Standing::ExpectedConflict);
    scene.observed(&users[9..10], &scene::standing_stuck()).later(31);
    scene.observed(&users[11..13], &Standing::HoldsBoth).later(7);
    scene.polls();
    let mut model = scene.model();
    for cmd in [[Cmd::Down; 9].as_slice(), &[Cmd::Inspect]].concat() {
        let _ = update(&mut model, Action::Cmd(cmd));
    }
    model
}

#[test]
fn the_pictures_are_real_screens() {
    let problems = || {
        let mut model = two_causes().model();
        press(&mut model, &[Cmd::View(5)]);
        model
    };
    let pictures: [(&str, &str, &dyn Fn() -> Model); 4] = [
        (
            "assets/screen.svg",
            "skuferry verifies the second of three batches; a user who is stuck is inspected",
            &moment,
        ),
        (
            "assets/problems.svg",
            "14 users are stuck for one cause, 3 for another; what the 14 have in common",
            &problems,
        ),
        ("assets/approval.svg", "The removal of 29 users waits for their number; 17 stay behind", &|| {
            opened(&two_causes())
        }),
        ("assets/alarm.svg", "A user is without a license: an alarm", &|| alarmed().model()),
    ];
    for (path, title, made) in pictures {
        let (screen, _) = frame(&mut made(), 120, 28);
        let picture = svg(&screen, title);
        if env::var_os("UPDATE_PICTURES").is_some() {
            fs::write(file(path), &picture).unwrap();
        }
        let is_current = fs::read_to_string(file(path)).is_ok_and(|kept| kept == picture);
        assert!(is_current, "{path}: the screen has changed: draw it again with UPDATE_PICTURES=1 cargo test");
        assert!(read("README.md").contains(&format!("]({path})")), "the README does not show {path}");
    }
}

//! The table of mutations: each change of the program breaks a rule, and each has a test that then fails.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

const TABLE: &str = include_str!("mutants.toml");

/// A change of the program and the test that must fail with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    /// The safety rule that it breaks.
    rule: String,
    /// What the program does then.
    change: String,
    file: String,
    from: String,
    to: String,
    /// A second place that has to change with it.
    also: Option<Edit>,
    /// Whether its test was seen to fail.
    #[serde(default)]
    seen: bool,
    /// `lib:filter` or `it:filter`.
    kills: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    mutant: Vec<Mutant>,
}

impl Mutant {
    fn edits(&self) -> Vec<(&str, &str, &str)> {
        let first = (self.file.as_str(), self.from.as_str(), self.to.as_str());
        let also = self.also.iter().map(|edit| (edit.file.as_str(), edit.from.as_str(), edit.to.as_str()));
        std::iter::once(first).chain(also).collect()
    }

    /// The cargo arguments that run its test.
    fn test(&self) -> Vec<&str> {
        match self.kills.split_once(':').unwrap() {
            ("lib", filter) => vec!["--lib", filter],
            ("it", filter) => vec!["--test", "it", filter],
            (other, _) => panic!("{other}: neither lib nor it"),
        }
    }
}

fn table() -> Vec<Mutant> {
    toml::from_str::<Table>(TABLE).unwrap().mutant
}

/// A table that no longer fits proves nothing.
#[test]
fn every_mutation_still_fits_the_program() {
    let mut rules = Vec::new();
    for mutant in table() {
        assert!(!mutant.rule.is_empty() && !mutant.test().is_empty());
        rules.extend(mutant.rule.split(", ").map(ToOwned::to_owned));
        for (file, from, to) in mutant.edits() {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            assert_eq!(text.matches(from).count(), 1, "{}: {file} has not once:\n{from}", mutant.change);
            assert_ne!(from, to, "{}", mutant.change);
        }
    }
    for rule in 1..=13 {
        // What rule 12 forbids is looked for in all that leaves the program; it has no guard that is one line.
        assert!(rule == 12 || rules.contains(&rule.to_string()), "rule {rule} has no mutation");
    }
}

/// Copies what the program is built from.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name == ".git" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copied(&path, &to.join(&name));
        } else {
            fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

/// Makes each mutation in a copy of the program and sees that its test builds, runs and fails. `MUTANT=word` takes only
/// those in whose change the word stands; `CARGO_TARGET_DIR` keeps what is built for the next time.
#[test]
#[ignore = "builds the program once for each mutation; asked for by name"]
fn every_mutation_dies() {
    let wanted = env::var("MUTANT").unwrap_or_default();
    let copy = tempfile::tempdir().unwrap();
    copied(Path::new(env!("CARGO_MANIFEST_DIR")), copy.path());
    let mut alive = Vec::new();
    for mutant in table().iter().filter(|mutant| mutant.change.contains(&wanted)) {
        let whole: Vec<_> = mutant.edits().iter().map(|(file, ..)| copy.path().join(file)).collect();
        let texts: Vec<String> = whole.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        for (file, from, to) in mutant.edits() {
            let file = copy.path().join(file);
            let text = fs::read_to_string(&file).unwrap().replacen(from, to, 1);
            fs::write(&file, text).unwrap();
        }
        let start = Instant::now();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg("test").args(mutant.test()).current_dir(copy.path());
        let run = cargo.output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        let died = said.lines().any(|line| line.starts_with("test result: FAILED"));
        let by: Vec<&str> = said.lines().filter_map(|line| line.strip_suffix(" ... FAILED")).collect();
        let first = if mutant.seen { "" } else { "first time · " };
        let how = if died { format!("died of {by:?}") } else { String::from_utf8_lossy(&run.stderr).into_owned() };
        println!("{} · {} · {first}{:.0?} · {how}", mutant.rule, mutant.change, start.elapsed());
        if !died {
            alive.push(mutant.change.clone());
        }
        for (file, text) in whole.iter().zip(texts) {
            fs::write(file, text).unwrap();
        }
    }
    assert!(alive.is_empty(), "{} live: {alive:#?}", alive.len());
}

//! The programs in `domain/compile_fail.rs` that must not compile fail for the reason that they name, and for no other.
//! The doc tests alone cannot tell: rustdoc compares the code of the error on a nightly compiler only.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// What a program may name besides the standard library.
const CRATES: [&str; 2] = ["skuferry", "serde_json"];

/// A program of the file, and the code of the error that it is to end with; none for a twin, which compiles.
struct Program {
    line: usize,
    text: String,
    error: Option<String>,
}

/// The programs between fences, in their order.
fn programs() -> Vec<Program> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/compile_fail.rs")).unwrap();
    let mut programs = Vec::new();
    let mut open: Option<Program> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.strip_prefix("//!").unwrap_or(line).trim();
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => programs.extend(open.take()),
            (Some(words), None) => {
                let error = words.strip_prefix("compile_fail").map(|code| code.trim_start_matches(',').to_owned());
                open = Some(Program { line: number + 1, text: String::new(), error });
            }
            (None, Some(program)) => program.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    programs
}

/// The libraries that this test was itself linked with, as cargo tells them.
fn libraries() -> BTreeMap<String, PathBuf> {
    let target = env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).arg("test").arg("--target-dir").arg(target);
    cargo.args(["--test", "it", "--no-run", "--offline", "--message-format=json"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // What cargo sets for a test would look like a change to build scripts, and have half of the tree built again.
    for (name, _) in env::vars_os() {
        let set = |prefix: &&str| name.to_string_lossy().starts_with(prefix);
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"].iter().any(set) {
            cargo.env_remove(name);
        }
    }
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    let artifacts = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut found = BTreeMap::new();
    for artifact in artifacts.filter(|message| message["reason"] == "compiler-artifact") {
        let name = artifact["target"]["name"].as_str().unwrap();
        let files = artifact["filenames"].as_array().unwrap().iter().filter_map(Value::as_str).map(PathBuf::from);
        let library = files.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "rlib"));
        found.extend(library.filter(|_| CRATES.contains(&name)).map(|file| (name.to_owned(), file)));
    }
    assert_eq!(found.len(), CRATES.len(), "{found:?}");
    found
}

/// The codes of the errors that the compiler has with a program. One without a code counts by its text.
fn errors(program: &Program, libraries: &BTreeMap<String, PathBuf>, folder: &TempDir) -> BTreeSet<String> {
    let file = folder.path().join(format!("line_{}.rs", program.line));
    fs::write(&file, &program.text).unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json", "--cap-lints=allow"]);
    rustc.arg("--out-dir").arg(folder.path()).arg(&file);
    for (name, library) in libraries {
        rustc.arg("--extern").arg(format!("{name}={}", library.display()));
        rustc.arg("-L").arg(format!("dependency={}", library.parent().unwrap().join("deps").display()));
        rustc.arg("-L").arg(format!("dependency={}", library.parent().unwrap().display()));
    }
    let output = rustc.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors: BTreeSet<_> = messages
        .filter(|message| message["level"] == "error")
        .filter(|message| !message["message"].as_str().unwrap().starts_with("aborting due to"))
        .map(|message| message["code"]["code"].as_str().or(message["message"].as_str()).unwrap().to_owned())
        .collect();
    assert_eq!(errors.is_empty(), output.status.success(), "{told}");
    errors
}

#[test]
fn each_forbidden_program_fails_for_its_own_reason_and_each_twin_compiles() {
    let (libraries, folder) = (libraries(), tempfile::tempdir().unwrap());
    let programs = programs();
    let (forbidden, twins): (Vec<_>, Vec<_>) = programs.iter().partition(|program| program.error.is_some());
    assert!(forbidden.len() >= 10 && twins.len() >= 5, "{} forbidden, {} twins", forbidden.len(), twins.len());
    let mut wrong = Vec::new();
    for program in &programs {
        let expected: BTreeSet<String> = program.error.iter().cloned().collect();
        let found = errors(program, &libraries, &folder);
        if found != expected {
            wrong.push(format!("line {}: {expected:?} expected, {found:?} found in\n{}", program.line, program.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

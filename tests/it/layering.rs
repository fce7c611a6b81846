//! Who may name whom: imports run one way, and pure code names no clock, no I/O and no async.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A module, those of ours that it may name, and foreign names that it may not.
const RULES: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &[],
        &[
            "tokio",
            "reqwest",
            "ratatui",
            "crossterm",
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "Timestamp::now",
            "Instant",
            "SystemTime",
            "async fn",
            ".await",
        ],
    ),
    ("clock", &["domain"], &["tokio", "reqwest", "ratatui"]),
    ("config", &["domain"], &["tokio", "reqwest", "ratatui"]),
    ("graph", &["domain", "clock"], &["ratatui", "crossterm", "std::fs"]),
    ("journal", &["domain", "clock"], &["reqwest", "ratatui", "crossterm"]),
    ("engine", &["domain", "clock", "graph", "journal"], &["reqwest", "ratatui", "crossterm", "std::fs"]),
    ("tui", &["domain", "clock", "engine"], &["reqwest", "std::fs"]),
    ("sim", &[], &["reqwest", "ratatui", "crossterm"]),
];

fn sources(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![src.join(format!("{module}.rs"))];
    let mut folders = vec![src.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.retain(|file| file.exists());
    files
}

/// The code of a file: no comments, and nothing below the mark of its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing")
        || file.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn modules_import_only_downwards() {
    for (module, below, foreign) in RULES {
        let files = sources(module);
        assert!(!files.is_empty(), "there is no module {module}");
        for file in files.iter().filter(|file| !is_test(file)) {
            for (number, line) in code(file).lines().enumerate() {
                for path in line.split("crate::").skip(1) {
                    let to: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let allowed = to == *module || below.contains(&to.as_str());
                    assert!(
                        allowed,
                        "{}: {module} may not name crate::{to} (line of code {number}): {line}",
                        file.display()
                    );
                }
                for name in *foreign {
                    assert!(!line.contains(name), "{}: {module} may not name {name}: {line}", file.display());
                }
            }
        }
    }
}

#[test]
fn each_import_is_a_line_of_its_own() {
    for (module, _, _) in RULES {
        for file in sources(module) {
            assert!(!code(&file).contains("use crate::{"), "{}: one path per use", file.display());
        }
    }
}

#[test]
fn each_file_says_in_its_first_line_what_it_is_for() {
    for module in ["domain", "clock", "config", "graph", "journal", "engine", "tui", "sim", "cli", "lib", "main"] {
        for file in sources(module) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//! "), "{} does not open with a //! line", file.display());
        }
    }
}

#[test]
fn the_removal_url_is_built_in_one_place() {
    let holders: Vec<_> = sources("graph")
        .into_iter()
        .filter(|file| !is_test(file) && code(file).lines().any(|line| line.contains("/members/{")))
        .collect();
    assert_eq!(holders.len(), 1, "{holders:?}");
}

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
    ("log", &["domain", "journal"], &["tokio", "reqwest", "ratatui", "crossterm"]),
    ("engine", &["domain", "clock", "graph", "journal", "log"], &["reqwest", "ratatui", "crossterm", "std::fs"]),
    (
        "words",
        &["domain", "config", "graph", "journal", "engine"],
        &["tokio", "reqwest", "ratatui", "crossterm", "std::fs", "std::env", "async fn", ".await"],
    ),
    ("tui", &["domain", "clock", "engine", "words"], &["reqwest", "std::fs"]),
    (
        "report",
        &["domain", "journal", "words"],
        &["tokio", "reqwest", "ratatui", "crossterm", "std::fs", "std::env", "Timestamp::now", "SystemTime"],
    ),
    (
        "setup",
        &["domain", "config", "words", "tui"],
        &["tokio", "reqwest", "std::fs", "std::env", "Timestamp::now", "SystemTime", "async fn", ".await"],
    ),
    (
        "rehearse",
        &["domain", "graph", "engine", "words"],
        &["tokio", "reqwest", "ratatui", "crossterm", "std::fs", "std::env", "Timestamp::now", "SystemTime"],
    ),
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

/// The lines of a file that are no comments, with their numbers and whether they are for tests alone: in a file of
/// tests, or in an item under `#[cfg(test)]`, which ends where its indentation does, as rustfmt sees to.
fn lines(file: &Path) -> Vec<(usize, String, bool)> {
    let text = fs::read_to_string(file).unwrap();
    lines_of(&text).into_iter().map(|(number, line, test)| (number, line, test || is_test(file))).collect()
}

fn lines_of(text: &str) -> Vec<(usize, String, bool)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    // The indentation of the item for tests that the line is in, and whether its first line is still to come.
    let mut within: Option<(usize, bool)> = None;
    for (number, line) in text.lines().enumerate() {
        let code = line.trim();
        if code.is_empty() || code.starts_with("//") {
            continue;
        }
        if within.is_none() && code.starts_with("#[cfg(test)]") {
            within = Some((indent(line), true));
        }
        found.push((number + 1, line.to_owned(), within.is_some()));
        within = match within {
            Some((at, true)) if code.starts_with('#') => Some((at, true)),
            Some((at, _)) if indent(line) == at && code.ends_with([';', '}', ',']) => None,
            Some((at, _)) => Some((at, false)),
            None => None,
        };
    }
    found
}

/// The lines that are in the program.
pub(crate) fn code(file: &Path) -> String {
    let program = lines(file).into_iter().filter(|(_, _, test)| !test);
    program.map(|(_, line, _)| line).collect::<Vec<_>>().join("\n")
}

/// Whether a file holds tests alone.
pub(crate) fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing")
        || file.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn modules_import_only_downwards() {
    for (module, below, foreign) in RULES {
        let files = sources(module);
        assert!(!files.is_empty(), "there is no module {module}");
        for file in &files {
            for (number, line, test) in lines(file) {
                let place = format!("{}:{number}", file.display());
                for path in line.split("crate::").skip(1) {
                    let to: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    // Tests have the other side of the wire to talk to, and may read what a value is in words.
                    let for_tests = test && ["sim", "words"].contains(&to.as_str());
                    let allowed = to == *module || below.contains(&to.as_str()) || for_tests;
                    assert!(allowed, "{place}: {module} may not name crate::{to}: {line}");
                }
                for name in foreign.iter().filter(|_| !test) {
                    assert!(!line.contains(name), "{place}: {module} may not name {name}: {line}");
                }
            }
        }
    }
}

#[test]
fn what_stands_below_an_item_for_tests_is_looked_at() {
    let text = "use a;\n#[cfg(test)]\nuse b;\nuse c;\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n    use d;\n\n    fn e() {\n    \
                }\n}\nimpl F {\n    #[cfg(test)]\n    fn g() {\n        h();\n    }\n\n    // i\n    fn j() {}\n}\n";
    let of_program = lines_of(text).into_iter().filter(|(_, _, test)| !test).map(|(_, line, _)| line);
    let of_program: Vec<_> = of_program.map(|line| line.trim().to_owned()).collect();
    assert_eq!(of_program, ["use a;", "use c;", "impl F {", "fn j() {}", "}"]);
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
    let modules = [
        "domain", "clock", "config", "graph", "journal", "log", "engine", "words", "tui", "report", "setup", "sim",
        "cli", "lib", "main",
    ];
    for module in modules {
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

//! The report's page in a real browser: Chromium without a window. Where there is none, the tests say so and pass.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use skuferry::domain::event::Event;
use skuferry::domain::language::Language;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::Timestamp;
use skuferry::report::Report;
use skuferry::report::content::UserOutcome;
use skuferry::words::in_language;

use crate::reports::page;
use crate::reports::told;
use crate::required;
use crate::scene::Scene;

/// The browser, when this machine has one.
fn chromium() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found =
        names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()));
    required::found("chromium", found)
}

/// The page as it stands once its script has run.
fn dom(browser: &Path, file: &Path, hash: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(browser);
    command.args(["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"]);
    // Chromium refuses its sandbox to root, and in many a container; the page is our own.
    command.args(["--disable-component-update", "--disable-sync", "--disable-quic", "--no-sandbox", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.arg(format!("file://{}{hash}", file.display()));
    let output = command.output().unwrap();
    let dom = String::from_utf8(output.stdout).unwrap();
    assert!(dom.contains("</html>"), "{}", String::from_utf8_lossy(&output.stderr));
    dom
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before}"));
    rest.split_once(after).unwrap().0
}

/// What the page says of the users that it shows.
fn shown(dom: &str) -> &str {
    between(dom, "<p id=\"shown\" role=\"status\">", "</p>")
}

/// The cells of the table of users, row by row.
fn rows(dom: &str) -> Vec<Vec<String>> {
    let body = between(between(dom, "<table id=\"users\">", "</table>"), "<tbody>", "</tbody>");
    let cells = |row: &str| {
        let cells = row.split("<td").skip(1).map(|cell| between(cell, ">", "</td>").to_owned());
        cells.collect()
    };
    body.split("<tr>").skip(1).map(cells).collect()
}

fn events(scene: &Scene) -> Vec<(Timestamp, Event)> {
    scene.snapshot.events.iter().map(|(at, event)| (*at, Event::clone(event))).collect()
}

/// Several batches; of the first all but one user are migrated, and one of them was without a license for 25 s.
fn run() -> Scene {
    let mut scene = Scene::preflighted(450);
    scene.later(60).added().later(40);
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict).later(60).removed().later(30);
    scene.observed(&users[..1], &Standing::Unlicensed).later(25);
    scene.observed(&users[..users.len() - 1], &Standing::Migrated);
    scene
}

fn written(report: &Report) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, page(report)).unwrap();
    (folder, file)
}

#[test]
fn the_table_filters_and_sorts_and_its_numbers_are_the_reports() {
    let Some(browser) = chromium() else { return };
    let report = told(&events(&run()));
    let (_folder, file) = written(&report);
    let (totals, outcomes) = (&report.totals, report.outcomes());
    let (all, bare) = (totals.listed, totals.seconds_unlicensed);
    assert!(totals.migrated > 10 && bare >= 25, "{totals:?}");

    let dom_of = |hash: &str| dom(&browser, &file, hash);
    let whole = dom_of("");
    assert_eq!(shown(&whole), format!("{all} of {all} users, rows 1 to 200; {bare} seconds without a license"));
    assert_eq!(rows(&whole).len(), 200);
    assert_eq!(between(&whole, "<dd id=\"migrated\">", "</dd>"), totals.migrated.to_string());
    assert_eq!(between(&whole, "<dd id=\"seconds-unlicensed\">", "</dd>"), bare.to_string());

    let migrated = dom_of("#outcome=migrated&sort=-9");
    assert_eq!(
        shown(&migrated),
        format!("{} of {all} users; {bare} seconds without a license", outcomes[&UserOutcome::Migrated])
    );
    let found = rows(&migrated);
    assert!(found.iter().all(|row| row[1] == "migrated" && row[2] == "migrated"));
    let seconds: Vec<u64> = found.iter().map(|row| row[8].parse().unwrap()).collect();
    assert!(seconds.is_sorted_by(|one, other| one >= other) && seconds[0] == bare, "{seconds:?}");
    assert!(migrated.contains("data-column=\"9\" aria-sort=\"descending\""));

    let blocked = dom_of("#outcome=blocked&q=directly&sort=0");
    let wanted: Vec<String> = {
        let blocked = report.users.iter().filter(|user| user.outcome == UserOutcome::Blocked);
        let mut names: Vec<String> = blocked
            .filter(|user| user.reasons.iter().any(|reason| reason.message.contains("directly")))
            .map(|user| user.user_principal_name.clone())
            .collect();
        names.sort();
        names
    };
    assert_eq!(rows(&blocked).into_iter().map(|row| row[0].clone()).collect::<Vec<_>>(), wanted);

    let batch = dom_of("#batch=2");
    assert!(shown(&batch).starts_with(&format!("{} of {all} users", report.batches[1].users)), "{}", shown(&batch));
    let ever = dom_of("#bare=1");
    assert_eq!(shown(&ever), format!("{} of {all} users; {bare} seconds without a license", totals.ever_unlicensed));
}

/// The page in European Portuguese: its own words, the same figures, and a filter that goes by codes and not by words.
#[test]
fn the_page_in_portuguese_filters_and_tells_its_numbers_in_portuguese() {
    let Some(browser) = chromium() else { return };
    let events = events(&run());
    let (report, file, _folder) = in_language(Language::of("pt-PT").unwrap(), || {
        let report = told(&events);
        let (folder, file) = written(&report);
        (report, file, folder)
    });
    let (totals, all) = (&report.totals, report.totals.listed);
    let whole = dom(&browser, &file, "");
    assert!(whole.contains("<html lang=\"pt-PT\""), "{}", &whole[..200]);
    let text = shown(&whole);
    assert!(text.contains("utilizadores") && text.contains(&all.to_string()) && !text.contains("users"), "{text}");
    assert_eq!(rows(&whole).len(), 200);
    let migrated = dom(&browser, &file, "#outcome=migrated&sort=0");
    assert!(
        shown(&migrated).starts_with(&report.outcomes()[&UserOutcome::Migrated].to_string()),
        "{}",
        shown(&migrated)
    );
    let found = rows(&migrated);
    assert!(!found.is_empty() && found.iter().all(|row| row[1] == "migrado"), "{:?}", found.first());
    assert_eq!(between(&migrated, "<dd id=\"migrated\">", "</dd>"), totals.migrated.to_string());
    for english in ["without a license", ">Users<", ">Batches<", "Approvals", "Show all"] {
        assert!(!whole.contains(english), "{english:?} is on the page in Portuguese");
    }
}

#[test]
fn a_hostile_name_runs_nothing_in_the_browser() {
    let Some(browser) = chromium() else { return };
    let mut events = events(&run());
    let hostile =
        "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">=1\u{202e}";
    for (_, event) in &mut events {
        if let Event::Checked { preflight } = event {
            for user in &mut preflight.users {
                (user.upn, user.display_name) = (Some(hostile.into()), Some(hostile.into()));
            }
        }
    }
    let (_folder, file) = written(&told(&events));
    let dom = dom(&browser, &file, "#sort=0");
    assert!(dom.contains("<title>skuferry: E1 to E3</title>"), "{}", between(&dom, "<title>", "</title>"));
    assert!(!dom.contains("<img"));
    assert!(rows(&dom)[0][0].contains("&lt;img src=x"));
}

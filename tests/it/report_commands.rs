//! `report`, `events` and `runs prune` of the built binary.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::SystemTime;

use serde_json::Value;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::GroupId;
use skuferry::domain::id::RunId;
use skuferry::domain::language::Language;
use skuferry::journal;
use skuferry::journal::RunLock;
use skuferry::journal::Writer;
use uuid::Uuid;

use crate::scene::Scene;
use crate::scene::verifying;

fn skuferry(data: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", data).env("SKUFERRY_CONFIG_DIR", data).current_dir(data);
    command.env("LC_ALL", "C").env("TZ", "UTC").args(line.split_whitespace());
    command
}

fn printed(data: &Path, line: &str) -> String {
    let output = skuferry(data, line).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A run in the data folder: the scene's events under this id, between groups of its own.
fn kept(data: &Path, scene: &Scene, number: u128) -> (RunId, PathBuf, RunInfo) {
    let id = RunId(Uuid::from_u128(number));
    let mut writer = Writer::create(data, id).unwrap();
    let mut info = scene.snapshot.run.run.clone();
    info.id = id;
    info.route.source.group = GroupId(Uuid::from_u128(number));
    for (at, event) in &scene.snapshot.events {
        match &**event {
            Event::RunStarted { by, .. } => {
                writer.append(*at, &Event::RunStarted { run: Box::new(info.clone()), by: by.clone() }).unwrap();
            }
            event => drop(writer.append(*at, event).unwrap()),
        }
    }
    (id, writer.path().to_owned(), info)
}

#[test]
fn a_report_is_printed_or_written_for_this_user_alone() {
    let data = tempfile::tempdir().unwrap();
    let (id, ..) = kept(data.path(), &verifying(), 7);
    let told = printed(data.path(), &format!("report {id}"));
    assert!(told.starts_with("The run was stopped and is not complete.\n\n# 0 of "), "{told}");
    let json: Value = serde_json::from_str(&printed(data.path(), &format!("report {id} --format json"))).unwrap();
    assert_eq!((&json["schema"], &json["run"]["id"]), (&Value::from(1), &Value::from(id.to_string())));
    assert_eq!(json["status"]["state"], "stopped");
    assert!(json["users"].as_array().unwrap().iter().any(|user| user["standing"] == "ExpectedConflict"));
    assert!(printed(data.path(), &format!("report {id} --format html")).starts_with("<!doctype html>"));
    let csv = printed(data.path(), &format!("report {id} --format csv"));
    assert!(csv.starts_with("\u{feff}line,id,") && csv.lines().count() == 45, "{csv}");

    let file = data.path().join("out.csv");
    fs::write(&file, "it was here before").unwrap();
    let line = format!("report {id} --format csv --separator semicolon --output out.csv");
    let told = printed(data.path(), &line);
    let events = data.path().join("out.csv-events.csv");
    assert_eq!(told, "written: out.csv\nwritten: out.csv-events.csv\n");
    assert!(fs::read_to_string(&file).unwrap().starts_with("\u{feff}line;id;"));
    let rows = fs::read_to_string(&events).unwrap();
    assert_eq!(rows.lines().count(), verifying().snapshot.events.len() + 1);
    #[cfg(unix)]
    for file in [&file, &events] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }

    let nowhere = skuferry(data.path(), &format!("report {}", RunId(Uuid::nil()))).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    let held = RunLock::take(data.path(), GroupId(Uuid::from_u128(7)), verifying().snapshot.run.run.route.target.group);
    fs::File::options().append(true).open(journal::file(data.path(), id)).unwrap().set_modified(later()).unwrap();
    let told = printed(data.path(), &format!("report {id}"));
    assert!(told.starts_with("The run is under way: this report tells of it so far.\n"), "{told}");
    drop(held);
}

/// Some time to come, so that the clock of the file system does not matter.
#[expect(clippy::disallowed_methods, reason = "files have times of their own")]
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_mins(1)
}

#[test]
fn events_are_printed_in_order_and_by_user_batch_and_kind() {
    let data = tempfile::tempdir().unwrap();
    let scene = verifying();
    let (id, ..) = kept(data.path(), &scene, 7);
    let lines = |arguments: &str| -> Vec<Value> {
        let told = printed(data.path(), &format!("events {id} --json {arguments}"));
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let all = lines("");
    assert_eq!(all.len(), scene.snapshot.events.len());
    assert!(all.iter().enumerate().all(|(place, line)| line["seq"] == place && line["schema"] == 1));
    let kinds = lines("--kind observed,excluded");
    assert!(kinds.iter().all(|line| line["kind"] == "observed" || line["kind"] == "excluded") && kinds.len() > 3);
    let upn = &kinds[kinds.len() - 1]["users"][0]["userPrincipalName"];
    for user in
        [upn.as_str().unwrap().to_uppercase(), kinds[kinds.len() - 1]["users"][0]["id"].as_str().unwrap().into()]
    {
        let about = lines(&format!("--user {user}"));
        assert!(
            about.iter().all(|line| line["users"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["userPrincipalName"] == *upn))
        );
        assert!(about.len() > 3 && about.len() < all.len(), "{about:?}");
    }
    assert!(lines("--batch 1").iter().any(|line| line["kind"] == "observed"), "its users' reads are of the batch");
    assert_eq!(lines("--batch 9"), Vec::<Value>::new());
    let text = printed(data.path(), &format!("events {id}"));
    assert_eq!(text.lines().count(), all.len());
    assert!(text.contains("add-approved          batch 1: approved adding 20 users in Lic-E3"), "{text}");
    let wrong = skuferry(data.path(), "events --kind halt").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_followed_journal_goes_on_until_ctrl_c() {
    let data = tempfile::tempdir().unwrap();
    let scene = verifying();
    let (id, path, _) = kept(data.path(), &scene, 7);
    let mut child =
        skuferry(data.path(), &format!("events {id} --follow --json")).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(told.by_ref().take(scene.snapshot.events.len()).count(), scene.snapshot.events.len());
    let (mut writer, _) = Writer::reopen(&path).unwrap();
    writer.append(scene.now, &Event::HaltLifted { by: "someone else".into() }).unwrap();
    assert!(told.next().unwrap().contains("someone else"));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn prune(data: &Path, line: &str, answer: &str) -> Output {
    let mut command = skuferry(data, line);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Who is not asked does not read.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    child.wait_with_output().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "files have times of their own")]
fn days_old(path: &Path, days: u64) {
    let then = SystemTime::now() - Duration::from_hours(24 * days);
    fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

#[test]
fn old_runs_are_deleted_when_their_number_was_typed_and_none_that_is_at_work() {
    let data = tempfile::tempdir().unwrap();
    let scene = verifying();
    let (old, path, _) = kept(data.path(), &scene, 1);
    let (at_work, busy, info) = kept(data.path(), &scene, 2);
    let (_, young, _) = kept(data.path(), &scene, 3);
    let broken = journal::file(data.path(), RunId(Uuid::from_u128(4)));
    fs::write(&broken, "what is this?\n").unwrap();
    for (path, days) in [(&path, 91), (&busy, 400), (&young, 89), (&broken, 400)] {
        days_old(path, days);
    }
    let reports = data.path().join("reports").join(old.to_string()).join("20260101T000000Z");
    fs::create_dir_all(&reports).unwrap();
    fs::write(reports.join("report.md"), "names").unwrap();
    let _lock = RunLock::take(data.path(), info.route.source.group, info.route.target.group).unwrap();

    for answer in ["", "\n", "y\n", "2\n", "11\n", "yes"] {
        let output = prune(data.path(), "runs prune --older-than 90d", answer);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && told.contains("Nothing was deleted."), "{answer:?}: {told}");
        assert!([&path, &busy, &young, &broken].into_iter().all(|path| path.exists()));
    }
    let output = prune(data.path(), "runs prune --older-than 90d", "1\n");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(&format!("deleted {old}")), "{told}");
    assert!(told.contains(&format!("  {old}  last written")) && told.contains("E1 to E3 (not complete)"), "{told}");
    assert!(told.contains(&format!("stays: {at_work}")) && told.contains("is under way"), "{told}");
    assert!(told.contains("cannot be read") && told.contains("by hand"), "{told}");
    assert!(!path.exists() && !reports.exists() && !data.path().join("reports").join(old.to_string()).exists());
    assert!(busy.exists() && young.exists() && broken.exists());
    let output = prune(data.path(), "runs prune --older-than 90d", "");
    assert!(String::from_utf8(output.stdout).unwrap().contains("There is nothing to delete."));
    assert_eq!(skuferry(data.path(), "runs prune").output().unwrap().status.code(), Some(2), "an age is asked for");
}

#[test]
fn the_number_that_deletes_is_the_one_that_the_question_shows_in_every_language() {
    for tag in Language::all().map(Language::tag) {
        let data = tempfile::tempdir().unwrap();
        for number in 1..=3 {
            days_old(&kept(data.path(), &verifying(), number).1, 91);
        }
        let ask = |answer: &str| {
            let mut command = skuferry(data.path(), "runs prune --older-than 90d");
            let mut child =
                command.env("SKUFERRY_LANG", tag).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
            String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
        };
        let question = ask("\n");
        let question = question.lines().find_map(|line| line.rsplit_once(": ").map(|(before, _)| before)).unwrap();
        let shown = question.rsplit(' ').next().unwrap();
        assert_eq!(shown, "3", "{tag}: {question}");
        let left = || fs::read_dir(data.path().join("runs")).unwrap().count();
        let before = left();
        assert!(before >= 3);
        ask(&format!("{shown}\n"));
        assert!(left() <= before - 3, "{tag}: {} of {before} are left", left());
    }
}

#[test]
fn old_runs_of_the_demo_and_of_rehearsals_are_deleted_as_such() {
    let data = tempfile::tempdir().unwrap();
    let scene = verifying();
    let (demo, rehearsals) = (data.path().join("demo"), data.path().join("rehearsals"));
    let (_, own, _) = kept(data.path(), &scene, 1);
    let (shown, demo_path, _) = kept(&demo, &scene, 2);
    let (practised, path, _) = kept(&rehearsals, &scene, 3);
    let (at_work, busy, info) = kept(&rehearsals, &scene, 4);
    let (_, young, _) = kept(&rehearsals, &scene, 5);
    for (path, days) in [(&own, 89), (&demo_path, 91), (&path, 91), (&busy, 400), (&young, 89)] {
        days_old(path, days);
    }
    let reports = rehearsals.join("reports").join(practised.to_string());
    fs::create_dir_all(&reports).unwrap();
    fs::write(reports.join("report.md"), "names").unwrap();
    // A run that is at work is so by the lock of its own store.
    let lock = RunLock::take(&rehearsals, info.route.source.group, info.route.target.group).unwrap();

    let output = prune(data.path(), "runs prune --older-than 90d", "1\n");
    assert!(String::from_utf8(output.stdout).unwrap().contains("Nothing was deleted."));
    assert!([&own, &demo_path, &path, &busy, &young].into_iter().all(|path| path.exists()));
    let output = prune(data.path(), "runs prune --older-than 90d", "2\n");
    let told = String::from_utf8(output.stdout).unwrap();
    let line = |id: RunId| told.lines().find(|line| line.contains(&format!("{id}  last written"))).unwrap();
    assert!(line(shown).ends_with("E1 to E3 (not complete), a run of the demo"), "{told}");
    assert!(line(practised).ends_with("E1 to E3 (not complete), a run of a rehearsal"), "{told}");
    assert!(line(at_work).contains("a run of a rehearsal: a run between its groups is under way"), "{told}");
    assert!(told.contains(&format!("deleted {shown}")) && told.contains(&format!("deleted {practised}")), "{told}");
    assert!(!demo_path.exists() && !path.exists() && !reports.exists());
    assert!(own.exists() && busy.exists() && young.exists());
    drop(lock);
    // What is read by its id is found in every store, and without one only a run that could be resumed is meant.
    let rehearsed = printed(data.path(), &format!("status {at_work}"));
    assert!(rehearsed.contains("the copy of the tenant ends with the rehearsal"), "{rehearsed}");
    assert!(!printed(data.path(), "status").contains("rehearsal"));
    assert!(!printed(data.path(), &format!("report {at_work}")).is_empty());
}

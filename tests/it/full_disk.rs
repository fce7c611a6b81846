//! The disk fills up at a chosen event: nothing leaves any more, the screen says why, and the run goes on once there is room.
//!
//! The limit on the size of files is one of the whole process, so the tests here run in a process of their own: each starts
//! this binary again, with the signal ignored that would end it, for the one test that plays it.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::process::id;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::questions;
use skuferry::sim::Options;
use tokio::time::Instant;

use crate::driver::Rig;
use crate::witness;
use skuferry::words::notice;

/// Says to the process that plays which event the journal ends with when the disk is full.
const AFTER: &str = "SKUFERRY_TEST_FULL_AFTER";

/// A clock that fills the disk once the journal ends with this event: whoever keeps one looks at the clock first.
struct Filling {
    journal: PathBuf,
    after: String,
    full: AtomicBool,
}

impl Clock for Filling {
    fn now(&self) -> Timestamp {
        if !self.full.load(Ordering::Relaxed) {
            let text = fs::read_to_string(&self.journal).unwrap();
            let last = text.lines().last().unwrap_or_default();
            if last.contains(&format!("\"event\":\"{}\"", self.after)) {
                self.full.store(true, Ordering::Relaxed);
                // Half a line still fits, as is usual on a disk that fills up.
                most_bytes(&(text.len() + 50).to_string());
            }
        }
        SystemClock.now()
    }
}

/// Sets how large a file of this process may become.
fn most_bytes(most: &str) {
    let limit = format!("--fsize={most}:");
    assert!(Command::new("prlimit").args(["--pid", &id().to_string(), &limit]).status().unwrap().success());
}

/// Plays the test of this module with this name where the journal can grow no more after this event.
fn play(after: &str) {
    let itself = std::env::current_exe().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" --exact full_disk::the_disk_fills_up --ignored --nocapture"]);
    let output = shell.arg(itself).env(AFTER, after).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[ignore = "runs in a process of its own, which the tests below start"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_fills_up() {
    let Ok(after) = std::env::var(AFTER) else {
        return; // started by hand, where a limit would be on all other tests, too
    };
    let options = Options { users: 4, seed: 3, ..Options::default() };
    let clock = |journal| -> Arc<dyn Clock> {
        Arc::new(Filling { journal, after: after.clone(), full: AtomicBool::new(false) })
    };
    let mut rig = Rig::open_at(options, |settings| settings.canary = 4, clock).await;
    let end = Instant::now() + Duration::from_mins(2);
    while rig.snapshot().read_only.is_none() {
        assert!(Instant::now() < end, "the disk was never full:\n{}", rig.tale());
        if questions::pending_question(&rig.snapshot().run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        let shot = rig.snapshot();
        rig.a_while(&shot).await;
    }
    let why = notice::read_only(rig.snapshot().read_only.as_ref().unwrap());
    assert!(why.starts_with("the journal cannot be written: cannot write /"), "{why}");
    assert!(why.contains("File too large"), "{why}");

    // What was in flight has been answered by now; a few reads later nothing more has left, and nothing can be approved.
    let (added, removed) = match after.as_str() {
        "add-approved" => (0, 0),
        "add-intended" | "proven" => (4, 0),
        _ => (4, 4),
    };
    let mut shot = rig.snapshot();
    for _ in 0..5 {
        rig.a_while(&shot).await;
        shot = rig.snapshot();
    }
    assert!(rig.ask().await.is_err(), "{:?}", rig.said);
    let told = rig.said.iter().any(|said| said.contains("nothing more is written") && said.contains("resume the run"));
    assert!(told, "{:?}", rig.said);
    let writes = witness::writes(&rig);
    let count = |added| writes.iter().filter(|write| write.added == added).count();
    assert_eq!((count(true), count(false)), (added, removed), "{}", rig.tale());
    assert!(shot.run.approved_pending.is_empty() && shot.read_only.is_some());
    rig.quit().await;

    most_bytes("unlimited");
    let run = rig.resume();
    let open = run.open().count();
    assert_eq!(open, if after.ends_with("intended") { 4 } else { 0 }, "what was sent and not kept is unknown");
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    witness::check(&rig);
}

#[test]
fn a_disk_that_is_full_before_an_addition_is_intended_keeps_it_from_leaving() {
    play("add-approved");
}

#[test]
fn a_disk_that_is_full_before_the_outcome_of_an_addition_leaves_it_to_be_asked_for() {
    play("add-intended");
}

#[test]
fn a_disk_that_is_full_before_a_removal_is_intended_keeps_it_from_leaving() {
    play("proven");
}

#[test]
fn a_disk_that_is_full_before_the_outcome_of_a_removal_leaves_it_to_be_asked_for() {
    play("remove-intended");
}

//! A run is taken up again wherever it died: at any request, with a journal that is damaged, old or too new.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::SignedDuration;
use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::engine;
use skuferry::journal::Journal;
use skuferry::journal::JournalError;
use skuferry::journal::Writer;
use skuferry::sim::Options;
use skuferry::words::error::causes;

use crate::driver::Rig;
use crate::witness;
use skuferry::domain::refusal::Refusal;

/// How many runs go on beside each other.
const BESIDE: usize = 4;
/// A journal of the present format, kept so that later versions prove that they read it.
const KEPT: &str = include_str!("resume_anywhere/format-1.jsonl");

/// Two batches of two users each.
async fn two_batches() -> Rig {
    let options = Options { users: 4, seed: 3, ..Options::default() };
    Rig::open(options, |settings| (settings.batch_size, settings.canary) = (2, 1)).await
}

/// Dies while this write is under way: before the tenant hears of it, or after it did it but before it answers.
async fn killed_within(verb: &str, nth: usize, done: bool) {
    let mut rig = two_batches().await;
    let commit = if done { "commit = true\n" } else { "" };
    let fault = format!("[[fault]]\non = \"{verb}\"\nnth = {nth}\ndelay = \"30s\"\nanswer = 504\n{commit}");
    rig.sim.set_faults(&fault).unwrap();
    let kind = verb.split(' ').next().unwrap();
    let reached = |rig: &Rig| rig.sim.log().iter().any(|entry| entry.method == kind && entry.status == 504);
    let end = tokio::time::Instant::now() + Duration::from_mins(2);
    while !reached(&rig) {
        assert!(tokio::time::Instant::now() < end, "{verb} {nth} was never reached:\n{}", rig.tale());
        if questions::pending_question(&rig.snapshot().run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        let shot = rig.snapshot();
        rig.a_while(&shot).await;
    }
    rig.kill().await;
    rig.sim.set_faults("").unwrap();
    let before = witness::writes(&rig).len();
    let run = rig.resume();
    assert!(run.open().next().is_some(), "what was under way is known to be unknown");
    let why = questions::pending_question(&run).unwrap_err();
    assert_eq!(why, Refusal::OutcomesUnknown(run.open().count()));
    rig.operate("asked again", |shot| shot.run.complete || questions::pending_question(&shot.run).is_ok()).await;
    assert_eq!(witness::writes(&rig).len(), before, "written without a new approval");
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_two_batches_survives_a_kill_within_every_write() {
    // Two additions, and four removals: the canary of each batch is one.
    let writes = [("PATCH /groups/*", 2), ("DELETE /groups/**", 4)];
    let each = writes.into_iter().flat_map(|(verb, count)| (1..=count).map(move |nth| (verb, nth)));
    let cases = each.flat_map(|(verb, nth)| [false, true].map(|done| Box::pin(killed_within(verb, nth, done))));
    stream::iter(cases).buffer_unordered(BESIDE).collect::<Vec<()>>().await;
}

/// A machine whose clock shows a time an hour ago.
struct HourAgo;

impl Clock for HourAgo {
    fn now(&self) -> Timestamp {
        SystemClock.now() - SignedDuration::from_hours(1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_set_back_in_between_makes_no_read_older_than_the_last_write() {
    let mut rig = two_batches().await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait("added", |shot| shot.run.phase() == Phase::VerifyAdded).await;
    rig.kill().await;
    let steady = SteadyClock::new(Arc::new(HourAgo));
    steady.not_before(rig.journal().last().unwrap().0);
    rig.direction.clock = Some(Arc::new(steady));
    rig.direction.goes_on = true;
    rig.resume();
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    let times: Vec<_> = rig.journal().into_iter().map(|(at, _)| at).collect();
    assert!(times.is_sorted(), "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_line_is_named_and_never_mended() {
    let mut rig = two_batches().await;
    rig.finish().await;
    rig.quit().await;
    let text = fs::read(rig.journal_path()).unwrap();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    for line in [1, lines.len() / 2, lines.len() - 1] {
        let mut spoiled: Vec<Vec<u8>> = lines.iter().map(|line| line.to_vec()).collect();
        let middle = spoiled[line].len() / 2;
        spoiled[line][middle] ^= 1;
        fs::write(rig.journal_path(), spoiled.concat()).unwrap();
        let error = Writer::reopen(&rig.journal_path()).unwrap_err();
        let told = causes(&error);
        assert!(told.contains(&format!("line {} is damaged", line + 1)), "{told}");
        assert_eq!(fs::read(rig.journal_path()).unwrap(), spoiled.concat());
    }
}

#[test]
fn a_journal_of_this_format_is_read_by_this_and_every_later_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.jsonl");
    fs::write(&path, KEPT).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert!(!journal.torn);
    let past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let run = engine::fold(&past).unwrap();
    assert!(run.complete && run.users.len() == 4 && run.batches.len() == 2);
    assert!(run.users.iter().all(|user| user.is_migrated() && !user.history.is_empty()));
}

#[test]
fn what_a_newer_version_wrote_is_refused_with_a_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.jsonl");
    let first = KEPT.lines().next().unwrap();
    let (_, covered) = first.split_once("\",\"v\":1,").unwrap();
    let told = |covered: String| {
        fs::write(&path, format!("{{\"sum\":\"{:016x}\",{covered}\n", sum(covered.as_bytes()))).unwrap();
        Journal::open(&path).unwrap_err()
    };
    let newer = told(format!("\"v\":9,{covered}"));
    assert!(causes(&newer).ends_with("line 1 was written by a newer version of skuferry (format 9)"), "{newer}");
    assert_eq!(skuferry::words::journal::action(&newer), "Use that version of skuferry, or a later one.");
    let unknown = told(format!("\"v\":1,{}", covered.replace("\"run-started\"", "\"walk-started\"")));
    assert!(matches!(unknown, JournalError::Damaged { line: 1, .. }), "{unknown}");
    assert!(causes(&unknown).ends_with("it has an event that is not known"), "{unknown}");
}

/// FNV-1a, as the lines of the journal bear it.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[ignore = "writes the journal that is kept; for when the format changes on purpose"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kept_journal_can_be_written_anew() {
    let mut rig = two_batches().await;
    rig.finish().await;
    rig.quit().await;
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/resume_anywhere/format-1.jsonl");
    fs::copy(rig.journal_path(), kept).unwrap();
    assert!(rig.journal().iter().any(|(_, event)| *event == Event::MigrationComplete));
}

//! What a session's log takes and what it leaves out.

use std::fs;

use tempfile::TempDir;

use super::*;

fn log(level: LevelFilter) -> (TempDir, Log) {
    let data = tempfile::tempdir().unwrap();
    let log = Log::open(data.path(), Timestamp::UNIX_EPOCH, level);
    (data, log)
}

/// What stands in the file once the log has ended.
fn written(data: &TempDir, mut log: Log, lines: impl FnOnce()) -> String {
    tracing::dispatcher::with_default(log.dispatch(), lines);
    let path = log.close();
    assert_eq!(list(data.path()).first(), path.as_ref());
    path.map(|path| fs::read_to_string(path).unwrap()).unwrap_or_default()
}

#[test]
fn only_our_own_lines_of_the_level_asked_for_are_taken() {
    let (data, log) = log(LevelFilter::INFO);
    let text = written(&data, log, || {
        tracing::info!("taken");
        tracing::debug!("adele@contoso.com");
        tracing::error!(target: "hyper::client", "Authorization: Bearer s3cret");
    });
    assert!(text.contains("taken") && text.lines().count() == 1, "{text}");
}

#[test]
fn nothing_is_made_before_the_first_line_or_when_it_is_off() {
    let (data, log) = log(LevelFilter::OFF);
    assert_eq!(written(&data, log, || tracing::error!("lost")), "");
    assert!(!folder(data.path()).exists());
}

#[test]
fn a_line_from_outside_cannot_become_two_or_steer_a_terminal() {
    let (data, log) = log(LevelFilter::DEBUG);
    let text = written(&data, log, || tracing::debug!(said = "a\n2026-01-01 INFO forged\u{1b}[2J"));
    assert!(text.lines().count() == 1 && !text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_panic_leaves_a_line_and_what_was_put_into_its_sentence_does_not() {
    let (data, log) = log(LevelFilter::INFO);
    let text = written(&data, log, || {
        note_panics();
        let who = std::hint::black_box("adele@contoso.com");
        assert!(panic::catch_unwind(|| panic!("a fault of the program")).is_err());
        assert!(panic::catch_unwind(|| panic!("{who} is in no batch")).is_err());
        drop(panic::take_hook());
    });
    assert!(text.contains("a fault of the program") && text.contains("src/log/tests.rs:"), "{text}");
    assert!(text.lines().count() == 2 && text.contains("withheld") && !text.contains("adele"), "{text}");
}

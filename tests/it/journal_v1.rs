//! A journal of format version 1 as it was on disk before the writes got one path: it opens, folds, and is written alike.

use std::collections::BTreeSet;
use std::path::Path;

use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::RunId;
use skuferry::domain::user::Write;
use skuferry::engine::fold;
use skuferry::journal::Journal;
use skuferry::journal::Writer;

const KEPT: &str = "tests/it/journal_v1.jsonl";

/// The names of all events in the order of the enum. They are on disks, so that none may change.
const NAMES: [&str; 36] = [
    "run-started",
    "resumed",
    "checked",
    "batch-checked",
    "add-approved",
    "add-intended",
    "add-settled",
    "add-read-back",
    "adds-acknowledged",
    "remove-approved",
    "proven",
    "not-proven",
    "remove-intended",
    "remove-settled",
    "remove-read-back",
    "removes-acknowledged",
    "observed",
    "read-failed",
    "delayed",
    "groups-changed",
    "excluded",
    "halted",
    "halt-lifted",
    "reprocess-approved",
    "reprocess-intended",
    "reprocess-settled",
    "direct-approved",
    "direct-intended",
    "direct-settled",
    "explained",
    "other-hands",
    "rollback-started",
    "alarm-raised",
    "alarm-acknowledged",
    "batch-complete",
    "migration-complete",
];

#[test]
fn every_event_of_version_1_is_read_folded_and_written_alike() {
    let bytes = std::fs::read(KEPT).unwrap();
    let journal = Journal::open(Path::new(KEPT)).unwrap();
    let met: BTreeSet<&str> = journal.records.iter().map(|record| record.event.name()).collect();
    assert_eq!(met, NAMES.into_iter().collect(), "the file should have each kind of event");
    // The name that the event gives itself is the one that the line has.
    for (line, record) in String::from_utf8(bytes.clone()).unwrap().lines().zip(&journal.records) {
        assert!(line.contains(&format!("\"event\":\"{}\"", record.event.name())), "{line}");
    }

    let data = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(data.path(), RunId(uuid::Uuid::nil())).unwrap();
    for record in &journal.records {
        writer.append(record.at, &record.event).unwrap();
    }
    // Preflight has come to find more since; whatever else is written again is written as it was.
    let (before, after) = (String::from_utf8(bytes).unwrap(), std::fs::read_to_string(writer.path()).unwrap());
    assert_eq!(before.lines().count(), after.lines().count());
    for (line, again) in before.lines().zip(after.lines()).filter(|(line, _)| !line.contains(r#""event":"checked""#)) {
        assert_eq!(line, again, "a line is written otherwise than it was read");
    }
    let again = Journal::open(writer.path()).unwrap();
    assert!(again.records.iter().map(|one| &one.event).eq(journal.records.iter().map(|one| &one.event)));

    let past: Vec<(_, Event)> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let run = fold(&past).unwrap();
    assert!(run.complete && run.approved_pending.is_empty());
}

/// An older program let a direct removal leave whose approval a halt had ended. Such a run opens; live it stays refused, and
/// so does every other kind of write.
#[test]
fn a_direct_removal_that_an_older_program_let_leave_after_a_halt_is_taken_as_it_stands() {
    let records = Journal::open(Path::new(KEPT)).unwrap().records;
    let up_to = |name: &str| -> Vec<(jiff::Timestamp, Event)> {
        let place = records.iter().position(|record| record.event.name() == name).unwrap();
        let mut past: Vec<_> = records[..=place].iter().map(|record| (record.at, record.event.clone())).collect();
        let halt = (past[place - 1].0, Event::Halted { why: HaltReason::Operator });
        past.insert(place, halt);
        past
    };
    let past = up_to("direct-intended");
    let run = fold(&past).unwrap();
    let Some((at, last @ Event::DirectIntended { users, .. })) = past.last() else { panic!() };
    assert!(matches!(run.user(users[0]).unwrap().seldom.direct, Write::Intended(_)) && run.halted.is_some());
    assert!(run.approved_pending.is_empty(), "nothing of the approval is left");
    let mut live = fold(&past[..past.len() - 1]).unwrap();
    let before = format!("{live:?}");
    assert!(live.apply(*at, last).is_err());
    assert_eq!(before, format!("{live:?}"), "a refused event leaves no trace");
    let unapproved = |one: &&(_, Event)| one.1.name() != "halted" && one.1.name() != "direct-approved";
    let unapproved: Vec<_> = past.iter().filter(unapproved).cloned().collect();
    assert!(fold(&unapproved).is_err(), "without a halt an approval is needed");
    for other in ["add-intended", "remove-intended", "reprocess-intended"] {
        assert!(fold(&up_to(other)).is_err(), "{other}");
    }
}

//! A journal cut anywhere, damaged anywhere, long, and listed.

use super::*;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::halt::HaltReason;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::route::Route;
use crate::domain::route::ScenarioChoice;
use crate::domain::route::Side;
use crate::domain::settings::Settings;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use std::fs;
use tempfile::TempDir;
use uuid::Uuid;

fn run(id: u128) -> RunId {
    RunId(Uuid::from_u128(id))
}

fn started(id: u128) -> Event {
    let side = |id, sku: &str| Side {
        group: GroupId(Uuid::from_u128(id)),
        group_name: format!("Lic-{sku}"),
        sku: SkuId(Uuid::from_u128(id)),
        sku_name: format!("Office 365 {sku}"),
        part_number: sku.into(),
        moved_by: crate::domain::route::MovedBy::Skuferry,
    };
    let run = RunInfo {
        id: run(id),
        name: "E1 → E3".into(),
        tenant: "contoso.com".into(),
        tenant_id: None,
        graph_url: None,
        route: Route { source: side(1, "E1"), target: side(2, "E3") },
        choice: ScenarioChoice::Auto,
        settings: Settings::default(),
        version: "0.1.0".into(),
        config: None,
        rehearsal: false,
    };
    Event::RunStarted { run: Box::new(run), by: "admin@contoso.com".into() }
}

fn events(id: u128) -> Vec<Event> {
    let user = |id| UserId(Uuid::from_u128(id));
    vec![
        started(id),
        Event::AddIntended { batch: 0, users: vec![user(1), user(2)] },
        Event::Excluded { user: user(1), by: "line\nbreak, \"quote\" and \u{1f600}".into() },
        Event::Halted { why: HaltReason::TooManyStuck { stuck: 4, most: 3 } },
        Event::MigrationComplete,
    ]
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

/// A data folder with one good journal.
fn good() -> (TempDir, PathBuf, Vec<u8>) {
    let data = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(data.path(), run(1)).unwrap();
    for (second, event) in (0..).zip(&events(1)) {
        assert_eq!(writer.append(at(second), event).unwrap(), u64::try_from(second).unwrap());
    }
    let path = writer.path().to_owned();
    let bytes = fs::read(&path).unwrap();
    (data, path, bytes)
}

fn told(path: &Path) -> Vec<Event> {
    Journal::open(path).unwrap().records.into_iter().map(|record| record.event).collect()
}

#[test]
fn what_was_written_is_read() {
    let (_data, path, bytes) = good();
    let journal = Journal::open(&path).unwrap();
    assert!(!journal.torn);
    assert_eq!(journal.records[3].at, at(3));
    assert_eq!(told(&path), events(1));
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').collect::<Vec<_>>().len(), 5);
}

#[cfg(unix)]
#[test]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (data, path, _) = good();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(folder(data.path())).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_file_cut_at_any_byte_goes_on_with_its_whole_lines() {
    let (_data, path, bytes) = good();
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let whole = bytes[..length].split(|byte| *byte == b'\n').count() - 1;
        let torn = length > 0 && bytes[length - 1] != b'\n';
        let read = Journal::open(&path).unwrap();
        assert_eq!((read.records.len(), read.torn), (whole, torn), "cut at {length}");
        assert_eq!(fs::read(&path).unwrap().len(), length, "a reader changes nothing");

        let (mut writer, journal) = Writer::reopen(&path).unwrap();
        assert_eq!(journal, read);
        writer.append(at(9), &Event::MigrationComplete).unwrap();
        let mut expected = events(1)[..whole].to_vec();
        expected.push(Event::MigrationComplete);
        assert_eq!(told(&path), expected, "cut at {length}");
    }
}

#[test]
fn a_flipped_byte_is_refused_with_its_line() {
    let (_data, path, bytes) = good();
    // The last byte is the newline of the last line: without it the line is torn.
    for place in 0..bytes.len() - 1 {
        for mask in [0x01, 0x20, 0x80] {
            let mut bytes = bytes.clone();
            bytes[place] ^= mask;
            let expected = 1 + bytes[..place].split(|byte| *byte == b'\n').count() as u64 - 1;
            fs::write(&path, &bytes).unwrap();
            let error = Journal::open(&path).unwrap_err();
            assert!(
                matches!(error, JournalError::Damaged { line, .. } if line == expected),
                "byte {place} ^ {mask:#x}: {error}"
            );
            assert!(Writer::reopen(&path).is_err());
            assert_eq!(fs::read(&path).unwrap(), bytes, "damage is not repaired");
        }
    }
}

#[test]
fn lines_that_are_missing_doubled_or_exchanged_are_refused() {
    let (_data, path, bytes) = good();
    let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (order, bad) in [(vec![0, 2, 3], 2), (vec![0, 1, 1], 3), (vec![1, 0], 1), (vec![0, 2, 1], 2)] {
        let text: Vec<u8> = order.iter().flat_map(|line| lines[*line].to_vec()).collect();
        fs::write(&path, text).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line, .. } if line == bad), "{order:?}: {error}");
    }
}

#[test]
fn ten_thousand_records_are_read_back() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("long.jsonl");
    let event = |number: u64| Event::AddsAcknowledged { batch: usize::try_from(number).unwrap() };
    let text: String = (0..10_000).map(|seq| record::line(seq, at(1), &event(seq)).unwrap()).collect();
    fs::write(&path, text).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.records.len(), 10_000);
    assert!((0..).zip(&journal.records).all(|(seq, record)| record.seq == seq && record.event == event(seq)));
    let (mut writer, _) = Writer::reopen(&path).unwrap();
    assert_eq!(writer.append(at(2), &event(10_000)).unwrap(), 10_000);
}

#[test]
fn a_run_is_made_once() {
    let (data, _, _) = good();
    let error = Writer::create(data.path(), run(1)).unwrap_err();
    assert_eq!(crate::words::journal::action(&error), "Resume that run instead of starting it again.");
}

#[test]
fn the_newest_run_is_listed_first_and_a_broken_one_is_listed_too() {
    let (data, path, bytes) = good();
    assert!(list(&data.path().join("nowhere")).unwrap().is_empty());
    fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    fs::write(file(data.path(), run(2)), "").unwrap();
    fs::write(file(data.path(), run(3)), "what is this?\n").unwrap();
    fs::write(folder(data.path()).join("notes.txt"), "mine").unwrap();
    let mut writer = Writer::create(data.path(), run(4)).unwrap();
    writer.append(at(5), &Event::MigrationComplete).unwrap();
    let runs = list(data.path()).unwrap();
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [run(4), run(3), run(2), run(1)]);
    assert!(matches!(runs[0].first, First::Broken(_)) && matches!(runs[1].first, First::Broken(_)));
    assert!(matches!(runs[2].first, First::Empty) && !runs[2].torn);
    let First::Started { at: began, run: info } = &runs[3].first else { panic!("{:?}", runs[3]) };
    assert!(runs[3].torn && *began == at(0) && info.name == "E1 → E3");
}

#[test]
fn what_is_written_later_is_read_later_and_a_line_that_is_being_written_not_at_all() {
    let (_data, path, whole) = good();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    fs::write(&path, &whole[..first + 9]).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let mut more = || reader.more().unwrap().into_iter().map(|record| record.event).collect::<Vec<_>>();
    assert_eq!(more(), events(1)[..1]);
    assert_eq!(more(), []);
    fs::write(&path, &whole).unwrap();
    assert_eq!(more(), events(1)[1..]);
    assert_eq!(more(), []);
}

//! The report of a run with every kind of event, in all its forms; and of a journal that is cut anywhere.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use skuferry::domain::event::Event;
use skuferry::domain::event::SessionInfo;
use skuferry::domain::preflight::Held;
use skuferry::domain::route::Direction;
use skuferry::domain::settings::BatchSettings;
use skuferry::domain::standing::StandingCode;
use skuferry::domain::time::Timestamp;
use skuferry::domain::worklist::Issued;
use skuferry::domain::worklist::WorklistEnd;
use skuferry::domain::worklist::WorklistKind;
use skuferry::journal::Journal;
use skuferry::journal::JournalError;
use skuferry::journal::Reader;
use skuferry::report::Builder;
use skuferry::report::Ended;
use skuferry::report::Report;
use skuferry::report::csv;
use skuferry::report::csv::Separator;
use skuferry::report::event;
use skuferry::report::event::EventLine;
use skuferry::report::event::KINDS;
use skuferry::report::html;
use skuferry::report::json;
use skuferry::report::markdown;
use skuferry::report::read_on;

use crate::scene;
use crate::screens::in_each_other_language;

/// A journal with each kind of event.
const KEPT: &str = "tests/it/journal_v1.jsonl";

/// The events of that journal, and what newer ones have besides: from where it was run, and what users held.
fn events() -> Vec<(Timestamp, Event)> {
    let journal = Journal::open(Path::new(KEPT)).unwrap();
    let mut events: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let info = SessionInfo {
        host: Some("admin-pc".into()),
        version: "0.1.0".into(),
        sign_in: "client-secret".into(),
        account: Some("skuferry-app".into()),
    };
    let opened = Event::SessionOpened { session: Box::new(info) };
    events.insert(1, (events[0].0, opened));
    for (_, event) in &mut events {
        if let Event::AddApproved { seen, .. } = event {
            (seen.free_seats, seen.left_out, seen.standings) = (Some(61), 1, vec![(StandingCode::OnSource, 4)]);
        }
        if let Event::Checked { preflight } = event {
            let whole = scene::preflight(preflight.users.clone());
            (preflight.plans, preflight.pairs) = (whole.plans, whole.pairs);
            let product = |end: &skuferry::domain::route::Side| end.sku;
            let (source, target) = (product(&preflight.route.source), product(&preflight.route.target));
            preflight.products = vec![skuferry::domain::seat_ledger::ProductSeats {
                sku: target,
                part_number: "ENTERPRISEPACK".into(),
                name: "Office 365 E3".into(),
                available: 61,
                needed: 7,
            }];
            preflight.held = vec![
                Held { products: vec![source], users: vec![0, 1, 2, 3, 4, 5, 7] },
                Held { products: vec![source, scene::visio()], users: vec![6] },
            ];
        }
    }
    events
}

pub(crate) fn told(events: &[(Timestamp, Event)]) -> Report {
    let mut builder = Builder::default();
    for (at, event) in events {
        builder.take(*at, event);
    }
    builder.finish(false)
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn page(report: &Report) -> String {
    text(|out| html::write(report, out))
}

fn lines(events: &[(Timestamp, Event)], report: &Report) -> Vec<EventLine> {
    let name = |id| report.users.iter().find(|user| user.id == Some(id)).map(|user| user.user_principal_name.clone());
    events.iter().enumerate().map(|(seq, (at, event))| event::line(seq as u64, *at, event, name)).collect()
}

#[test]
fn golden() {
    let events = events();
    let report = told(&events);
    insta::assert_snapshot!("report_md", text(|out| markdown::write(&report, out)));
    insta::assert_snapshot!("report_json", text(|out| json::write(&report, out)));
    insta::assert_snapshot!("report_csv", text(|out| csv::write_users(&report, out, Separator::Comma)));
    insta::assert_snapshot!("report_semicolon", text(|out| csv::write_users(&report, out, Separator::Semicolon)));
    let lines = lines(&events, &report);
    let table = text(|out| {
        let mut table = csv::Events::new(out, Separator::Comma)?;
        lines.iter().try_for_each(|line| table.add(line))?;
        table.finish()
    });
    insta::assert_snapshot!("report_events_csv", table);
    insta::assert_snapshot!(
        "report_events_json",
        text(|out| lines.iter().try_for_each(|line| json::write_event(line, &mut *out)))
    );
    // The style and the script stand in files of their own.
    let page = page(&report);
    let cut = |page: &str, tag: &str| {
        let (before, rest) = page.split_once(&format!("<{tag}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{tag}>")).unwrap();
        format!("{before}<{tag}>…</{tag}>{after}")
    };
    let page = cut(&cut(&page, "style"), "script");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("sha256-[A-Za-z0-9+/]{43}=", "sha256-…");
    settings.bind(|| insta::assert_snapshot!("report_html", page));
}

/// The words of a report are those of the language; its codes, columns and numbers are the same in each.
#[test]
fn a_report_speaks_the_language_and_keeps_its_codes() {
    let events = events();
    let table = |report: &Report| text(|out| csv::write_users(report, out, Separator::Comma));
    let json = |report: &Report| -> Value { serde_json::from_str(&text(|out| json::write(report, out))).unwrap() };
    let english = told(&events);
    in_each_other_language(|tag| {
        let report = told(&events);
        insta::assert_snapshot!(format!("report_md_{tag}"), text(|out| markdown::write(&report, out)));
        let page = page(&report);
        assert!(page.contains(&format!("<html lang=\"{tag}\">")) && !page.contains("without a license"));
        let (first, same) = (table(&english), table(&report));
        assert_eq!(first.lines().next(), same.lines().next());
        for (one, other) in first.lines().zip(same.lines()) {
            let codes = |line: &str| line.split(',').take(6).map(ToOwned::to_owned).collect::<Vec<_>>();
            assert_eq!(codes(one), codes(other));
        }
        let (first, same) = (json(&english), json(&report));
        for key in ["schema", "totals", "outcomes"] {
            assert_eq!(first[key], same[key], "{key}");
        }
        for (one, other) in first["users"].as_array().unwrap().iter().zip(same["users"].as_array().unwrap()) {
            for key in ["outcome", "standing", "added", "removed", "migrated"] {
                assert_eq!(one[key], other[key], "{key}");
            }
        }
    });
}

#[test]
fn every_kind_of_event_has_a_name_that_can_be_asked_for() {
    let besides = [
        Event::BatchesUnderWaySet { most: 1, by: "ana".into() },
        Event::BatchSettingsSet {
            settings: BatchSettings {
                batch_size: 20,
                canary: 5,
                interval: skuferry::domain::time::SignedDuration::from_secs(30),
            },
            by: "ana".into(),
        },
    ];
    // Of groups that others change, of which that run has none.
    let worklist = Issued {
        number: 1,
        batch: 0,
        direction: Direction::Forward,
        kind: WorklistKind::Add,
        group: scene::route().target.group,
        file: String::new(),
        users: Vec::new(),
    };
    let others = [
        Event::WorklistIssued { worklist: Box::new(worklist) },
        Event::WorklistWritten { number: 1 },
        Event::WorklistEnded { number: 1, why: WorklistEnd::Done },
        Event::RemovedByOthers { users: Vec::new(), early: false },
    ];
    let all = events().into_iter().map(|(_, event)| event).chain(besides).chain(others);
    let met = all.map(|event| event.name());
    let met: BTreeSet<&str> = met.collect();
    assert_eq!(met, KINDS.into_iter().collect());
}

/// Reads a journal as the command does.
fn read(bytes: &[u8]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    std::fs::write(&path, bytes).unwrap();
    let (mut reader, mut builder) = (Reader::open(&path).unwrap(), Builder::default());
    let ended = read_on(&mut reader, |record| -> Result<(), JournalError> {
        builder.take(record.at, &record.event);
        Ok(())
    });
    builder.end(ended.unwrap());
    builder.finish(false)
}

#[test]
fn a_journal_cut_at_any_byte_gives_a_report_that_says_where_it_ends() {
    let whole = std::fs::read(KEPT).unwrap();
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
    let last = ends.len() - 1;
    for (number, end) in ends.iter().enumerate() {
        let begin = if number == 0 { 0 } else { ends[number - 1] };
        // Every byte of some lines, and of each line its beginning, its middle and its end.
        let thorough = [0, 1, 40, last].contains(&number);
        let cuts = (begin..*end).filter(|cut| thorough || [begin, begin + 1, (begin + end) / 2, end - 1].contains(cut));
        for cut in cuts {
            let report = read(&whole[..cut]);
            assert_eq!(report.status.records, number as u64, "cut at {cut}");
            let torn = cut > begin;
            assert_eq!(report.status.journal == Ended::Cut, torn, "cut at {cut}");
            let first = text(|out| markdown::write(&report, out)).lines().next().unwrap().to_owned();
            let page = page(&report);
            if torn {
                let records = if number == 1 { "1 record".to_owned() } else { format!("{number} records") };
                let told = format!("the journal is cut short: it ends after {records}, in the middle of the next");
                assert!(first.contains(&told) && page.contains(&told), "cut at {cut}: {first}");
            }
            if number == 0 {
                assert!(first.starts_with("The run has not begun"), "{first}");
            } else {
                assert!(
                    first.starts_with("The run was stopped and is not complete")
                        || first.starts_with("The run is halted"),
                    "{first}"
                );
            }
        }
    }
    let report = read(&whole);
    assert_eq!((report.status.text.as_str(), &report.status.journal), ("The run is complete", &Ended::Whole));
}

#[test]
fn a_damaged_journal_is_told_up_to_the_damage() {
    let whole = std::fs::read_to_string(KEPT).unwrap();
    let damaged = whole.replacen("\"event\":\"add-settled\"", "\"event\":\"add-setted\"", 1);
    let report = read(damaged.as_bytes());
    let Ended::Damaged { line, .. } = report.status.journal else { panic!("{:?}", report.status) };
    assert_eq!(report.status.records, line - 1);
    assert!(report.status.text.contains(&format!("the journal ends before line {line}, which cannot be used")));
    // Two lines that are each whole, and cannot follow each other.
    let mut events = events();
    events.swap(2, 4);
    let report = told(&events);
    assert!(matches!(report.status.journal, Ended::Damaged { .. }), "{:?}", report.status);
}

/// The first line tells of a run that is at work, or halted.
#[test]
fn the_first_line_says_when_the_run_is_under_way_or_halted() {
    let events = events();
    let halted = events.iter().position(|(_, event)| event.name() == "halted").unwrap();
    let first = |events: &[(Timestamp, Event)], under_way| {
        let mut builder = Builder::default();
        for (at, event) in events {
            builder.take(*at, event);
        }
        let report = builder.finish(under_way);
        assert!(page(&report).contains(&format!("<p class=\"state\" id=\"state\">{}.</p>", report.status.text)));
        assert!(text(|out| markdown::write(&report, out)).starts_with(&report.status.text));
        report.status.text
    };
    assert_eq!(first(&events[..5], true), "The run is under way: this report tells of it so far");
    assert_eq!(first(&events[..5], false), "The run was stopped and is not complete");
    assert_eq!(first(&events[..=halted], false), "The run is halted: by the operator");
    assert_eq!(first(&events[..=halted], true), "The run is under way and halted: by the operator");
}

#[test]
fn what_an_old_journal_does_not_have_is_said_to_be_not_recorded() {
    let journal = Journal::open(Path::new(KEPT)).unwrap();
    let events: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let told = text(|out| markdown::write(&told(&events), out));
    assert!(told.contains("| not recorded | 0.1.0 | not recorded | not recorded |"), "{told}");
}

/// Every key of a value, by the path of what holds it.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                found.insert((path.to_owned(), key.clone()));
                keys(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, &format!("{path}[]"), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_readme_has_the_schema() {
    let events = events();
    let report = told(&events);
    let mut found = BTreeSet::new();
    keys(&serde_json::from_str(&text(|out| json::write(&report, out))).unwrap(), "", &mut found);
    // A journal that is damaged has a line and a reason besides.
    let damaged = read(std::fs::read_to_string(KEPT).unwrap().replacen("delayed", "delaied", 1).as_bytes());
    keys(&serde_json::to_value(&damaged.status).unwrap(), "status", &mut found);
    for line in lines(&events, &report) {
        let line = serde_json::from_str(&text(|out| json::write_event(&line, out))).unwrap();
        keys(&line, "events --json", &mut found);
    }
    let readme = std::fs::read_to_string("README.md").unwrap();
    let (_, rest) = readme.split_once("<!-- schema -->").unwrap();
    let (table, _) = rest.split_once("<!-- end of schema -->").unwrap();
    let mut written = BTreeSet::new();
    for line in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let places = quoted(cells[1]);
        for place in if places.is_empty() { vec![String::new()] } else { places } {
            written.extend(quoted(cells[2]).into_iter().map(|key| (place.clone(), key)));
        }
    }
    let missing: Vec<_> = found.difference(&written).collect();
    let gone: Vec<_> = written.difference(&found).collect();
    assert!(missing.is_empty() && gone.is_empty(), "the README lacks {missing:?} and has {gone:?}, which is not there");
    assert!(readme.contains(&format!("schema {}", skuferry::report::SCHEMA)));
}

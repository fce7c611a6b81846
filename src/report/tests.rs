//! The numbers of all renderings are those of the fold, for runs by chance; and hostile text does no harm in any of them.

use super::*;
use crate::domain::event::Event;
use crate::domain::event::SessionInfo;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::migration::Migration;
use crate::domain::migration::tests::random;
use crate::domain::text::steers;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::report::csv::Separator;
use proptest::prelude::*;
use serde_json::Value;

/// How many runs are played, and how many events each.
const RUNS: u64 = 60;
const EVENTS: usize = 160;

/// A run by chance: its events, and what the fold makes of them.
fn played(seed: u64) -> (Vec<(Timestamp, Event)>, Migration) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut now = Timestamp::UNIX_EPOCH;
    let mut events = vec![(now, random::started())];
    let mut run = Migration::start(now, &events[0].1).unwrap();
    for _ in 0..EVENTS {
        now += SignedDuration::from_millis(random.i64(0..3000));
        let event = random::event(&mut random, &run, now);
        if run.apply(now, &event).is_ok() {
            events.push((now, event));
        }
    }
    (events, run)
}

fn told(events: &[(Timestamp, Event)]) -> Report {
    let mut builder = Builder::default();
    for (at, event) in events {
        builder.take(*at, event);
    }
    builder.finish(false)
}

struct Rendered {
    json: Value,
    csv: Vec<Vec<String>>,
    events: Vec<Vec<String>>,
    markdown: String,
    html: String,
}

fn rendered(report: &Report, events: &[(Timestamp, Event)], separator: Separator) -> Rendered {
    let text = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    let table = |text: String| {
        let text = text.strip_prefix('\u{feff}').expect("a mark");
        let delimiter = if separator == Separator::Comma { b',' } else { b';' };
        let mut reader =
            ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
    };
    let rows = text(&|out| {
        let mut table = csv::Events::new(out, separator).unwrap();
        for (seq, (at, event)) in events.iter().enumerate() {
            table.add(&event::line(seq as u64, *at, event, |_| None)).unwrap();
        }
        table.finish().unwrap();
    });
    Rendered {
        json: serde_json::from_str(&text(&|out| json::write(report, out).unwrap())).unwrap(),
        csv: table(text(&|out| csv::write_users(report, out, separator).unwrap())),
        events: table(rows),
        markdown: text(&|out| markdown::write(report, out).unwrap()),
        html: text(&|out| html::write(report, out).unwrap()),
    }
}

/// The number of a card of the page, by its id.
fn card(html: &str, id: &str) -> u64 {
    let (_, rest) = html.split_once(&format!("<dd id=\"{id}\">")).unwrap();
    rest.split_once("</dd>").unwrap().0.replace(',', "").parse().unwrap()
}

/// A number of the text's table of numbers.
fn number(markdown: &str, name: &str) -> u64 {
    let (_, rest) = markdown.split_once(&format!("| {name} | ")).unwrap();
    rest.split_once(" |").unwrap().0.replace(',', "").parse().unwrap()
}

/// The data of the page's script.
fn page_data(html: &str) -> Value {
    let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_numbers_of_all_renderings_are_those_of_the_fold() {
    let mut ever_bare = 0;
    for seed in 0..RUNS {
        let (events, run) = played(seed);
        let report = told(&events);
        assert_eq!(report.status.journal, Ended::Whole, "{seed}");
        let all = rendered(&report, &events, Separator::Comma);
        let last = events[events.len() - 1].0;
        let count = |holds: &dyn Fn(&User) -> bool| run.users.iter().filter(|user| holds(user)).count() as u64;
        let up = |length: SignedDuration| u64::try_from(length.as_millis()).unwrap().div_ceil(1000);
        let bare: u64 = run.users.iter().filter(|user| user.is_ours()).map(|user| up(user.unlicensed_for(last))).sum();
        ever_bare += bare;
        let wanted = [
            ("listed", "listed", "Listed", run.users.len() as u64),
            ("inBatches", "in-batches", "In batches", count(&|user| user.batch.is_some())),
            ("migrated", "migrated", "Migrated", count(&User::is_migrated)),
            ("rolledBack", "rolled-back", "Rolled back", count(&User::is_rolled_back)),
            ("excluded", "excluded", "Excluded", count(&|user| user.excluded)),
            ("blocked", "blocked", "Blocked", count(&User::is_blocked)),
            ("unlicensed", "unlicensed", "Without a license now", count(&User::is_unlicensed)),
            ("unknownOutcome", "unknown-outcome", "Writes of unknown outcome", count(&User::is_open)),
            ("secondsUnlicensed", "seconds-unlicensed", "Seconds without a license", bare),
        ];
        for (key, id, name, number_wanted) in wanted {
            assert_eq!(all.json["totals"][key], number_wanted, "{seed}: {key} in JSON");
            assert_eq!(card(&all.html, id), number_wanted, "{seed}: {key} in HTML");
            assert_eq!(number(&all.markdown, name), number_wanted, "{seed}: {key} in Markdown");
        }
        let data = page_data(&all.html);
        assert_eq!(data["rows"].as_array().unwrap().len(), run.users.len());
        assert_eq!(all.csv.len(), run.users.len() + 1, "a row a user and the head");
        assert_eq!(all.events.len(), events.len() + 1, "a row an event and the head");
        let column = |name: &str| csv::USERS.iter().position(|column| *column == name).unwrap();
        for (place, user) in run.users.iter().enumerate() {
            let (json, row, page) = (&all.json["users"][place], &all.csv[place + 1], &data["rows"][place]);
            let standing = user.standing.as_ref().map(crate::domain::standing::Standing::code);
            assert_eq!(json["standing"].as_str(), standing, "{seed}");
            assert_eq!(row[column("standing")], standing.unwrap_or_default());
            let words = data["texts"][usize::try_from(page[4].as_u64().unwrap()).unwrap()].as_str().unwrap();
            assert_eq!(words, crate::words::standing::stands(user).unwrap_or_default());
            let seconds = if user.is_ours() { up(user.unlicensed_for(last)) } else { 0 };
            assert_eq!(json["secondsUnlicensed"], seconds);
            assert_eq!(row[column("secondsUnlicensed")], seconds.to_string());
            assert_eq!(page[9], seconds);
            if user.direction == crate::domain::route::Direction::Forward {
                assert_eq!(json["added"].is_string(), user.add.is_done(), "{seed}: {user:?}");
                assert_eq!(json["removed"].is_string(), user.remove.is_done(), "{seed}: {user:?}");
            }
            assert_eq!(json["migrated"].is_string() && json["direction"] == "forward", user.is_migrated(), "{seed}");
        }
        let approved = events.iter().filter(|(_, event)| event.name().ends_with("-approved")).count();
        assert_eq!(all.json["approvals"].as_array().unwrap().len(), approved);
        assert_eq!(all.json["batches"].as_array().unwrap().len(), run.batches.len());
    }
    assert!(ever_bare > 0, "nobody was ever without a license, so nothing was compared");
}

/// A run in which every text from outside is this one.
fn hostile(text: &str) -> Vec<(Timestamp, Event)> {
    let (mut events, _) = played(3);
    let fault =
        || Fault { code: Some(text.into()), request_id: Some(text.into()), ..Fault::new(FaultKind::Refused, text) };
    for (_, event) in &mut events {
        match event {
            Event::RunStarted { run, by } => {
                for field in [&mut run.name, &mut run.tenant, &mut run.version, by] {
                    text.clone_into(field);
                }
            }
            Event::Checked { preflight } => {
                for user in &mut preflight.users {
                    user.listed.given = text.into();
                    (user.upn, user.display_name) = (Some(text.into()), Some(text.into()));
                    user.reasons.iter_mut().for_each(|reason| reason.detail = text.into());
                }
                for side in [&mut preflight.route.source, &mut preflight.route.target] {
                    for field in [&mut side.group_name, &mut side.sku_name, &mut side.part_number] {
                        text.clone_into(field);
                    }
                }
                preflight.problems.iter_mut().for_each(|problem| problem.detail = text.into());
            }
            Event::AddApproved { by, seen, .. } | Event::RemoveApproved { by, seen, .. } => {
                text.clone_into(by);
                text.clone_into(&mut seen.group_name);
            }
            Event::Excluded { by, .. } | Event::HaltLifted { by } => text.clone_into(by),
            Event::NotProven { why, .. } => *why = text.into(),
            Event::Explained { why, .. } => text.clone_into(why),
            Event::ReadFailed { what, fault: said } | Event::Delayed { what, fault: said } => {
                *what = crate::domain::work::Work::Told(text.into());
                *said = fault();
            }
            Event::AddSettled { outcome, .. } | Event::RemoveSettled { outcome, .. } => {
                use crate::domain::outcome::Outcome;
                match outcome {
                    Outcome::Done => {}
                    Outcome::Failed(said) | Outcome::Lost(said) => *said = Fault { kind: said.kind, ..fault() },
                }
            }
            _ => {}
        }
    }
    let some = Some(text.to_owned());
    let session = SessionInfo { host: some.clone(), version: text.into(), sign_in: text.into(), account: some };
    events.insert(1, (events[0].0, Event::SessionOpened { session: Box::new(session) }));
    events
}

/// What must hold of every rendering, whatever texts say.
fn harmless(text: &str) -> Result<(), TestCaseError> {
    let events = hostile(text);
    let report = told(&events);
    prop_assert_eq!(&report.status.journal, &Ended::Whole);
    let plain = rendered(&told(&hostile("plain")), &hostile("plain"), Separator::Comma);
    for separator in [Separator::Comma, Separator::Semicolon] {
        let all = rendered(&report, &events, separator);
        prop_assert_eq!(all.csv.len(), plain.csv.len());
        prop_assert_eq!(all.events.len(), plain.events.len());
        for cell in all.csv.iter().chain(&all.events).flatten() {
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', ' ']), "{:?}", cell);
            prop_assert!(!cell.chars().any(steers), "{:?}", cell);
        }
        let no_steering = |text: &str| !text.chars().any(|char| steers(char) && char != '\n');
        prop_assert!(no_steering(&all.markdown) && no_steering(&all.html));
        prop_assert!(no_steering(&all.json.to_string()));
        // The page has the elements that it has for plain text, no more and no fewer.
        let elements = |html: &str| html.matches('<').count();
        let known: usize = ["<script", "</script", "<style", "<meta", "<svg"]
            .iter()
            .map(|tag| all.html.matches(tag).count().abs_diff(plain.html.matches(tag).count()))
            .sum();
        prop_assert_eq!(known, 0);
        prop_assert_eq!(elements(&all.html), elements(&plain.html));
        page_data(&all.html);
        // Each row of a table has the columns that it has for plain text.
        let bars = |text: &str| {
            text.lines()
                .map(|line| line.replace("\\\\", "").replace("\\|", "").matches('|').count())
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(bars(&all.markdown), bars(&plain.markdown));
        prop_assert!(!all.markdown.contains('<'));
    }
    Ok(())
}

#[test]
fn hostile_names_are_harmless_in_every_rendering() {
    for text in [
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "<!--",
        "\" onmouseover=\"alert(1)",
        "=HYPERLINK(\"http://evil.example\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "a\r\nb,\"c\";d",
        "gnp.\u{202e}exe",
        "\u{1b}[2J\u{9b}",
        "a|b\\|c\\",
        "[x](javascript:alert(1)) http://evil.example `code` **b** # h",
        "{{ 7*7 }}",
        "&lt;b&gt;",
        "\u{2028}\u{2029}\u{feff}",
    ] {
        harmless(text).unwrap_or_else(|why| panic!("{text:?}: {why}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_text_at_all_does_harm(text in ".{1,24}|[<>&\"'|=+@;,\\\\`\n\r\t -]{1,12}") {
        harmless(&text)?;
    }
}

#[test]
fn the_separator_is_that_of_the_region() {
    let of = |locale: &str| {
        let locale = locale.to_owned();
        Separator::of_region(move |name| (name == "LANG").then(|| locale.clone()))
    };
    for locale in ["pt_PT.UTF-8", "pt_BR", "de_DE@euro", "fr_FR.UTF-8", "nb_NO"] {
        assert_eq!(of(locale), Separator::Semicolon, "{locale}");
    }
    for locale in ["en_US.UTF-8", "C", "C.UTF-8", "POSIX", "", "de_CH.UTF-8", "es_MX", "ja_JP", "en_GB"] {
        assert_eq!(of(locale), Separator::Comma, "{locale}");
    }
}

//! The report as one page for a browser: it holds its own style, script and data, and loads nothing.
//!
//! Text from outside goes through the template, which escapes it, or stands in the page as JSON that the script sets as text.
//! The page allows nothing but its own style and script, by their hashes.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::SHA256;
use ring::digest::digest;
use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::report::charts;
use crate::report::content::ApprovalRow;
use crate::report::content::BatchRow;
use crate::report::content::Report;
use crate::report::content::RunSection;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::event::FaultRow;
use crate::report::plan::PlanSection;
use crate::report::rows;
use crate::report::words;
use crate::report::words::NOT_RECORDED;

const STYLE: &str = include_str!("../../assets/report/report.css");
const SCRIPT: &str = include_str!("../../assets/report/report.js");
/// Users that stand in the page itself, for a browser without scripts; as many as the script shows at a time.
const FIRST: usize = 200;
/// Events that stand in the page, at most.
const EVENTS: usize = 1000;

#[derive(Template)]
#[template(path = "report.html", config = "assets/report/askama.toml")]
struct Page<'a> {
    report: &'a Report,
    title: String,
    summary: String,
    cards: Vec<(&'static str, String, &'static str)>,
    progress: String,
    latencies: String,
    latency_text: String,
    gantt: String,
    batches_left: usize,
    outcomes: BTreeMap<&'static str, usize>,
    shown: String,
    first_users: Vec<FirstUser<'a>>,
    incidents: &'a [EventLine],
    incidents_left: usize,
    failures: &'a [EventLine],
    failures_left: usize,
    data: String,
    style: &'static str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
}

/// A user as the page has them before the script has run.
struct FirstUser<'a> {
    row: &'a UserRow,
    name: String,
    standing: &'a str,
    batch: String,
    approvals: String,
    note: String,
}

/// Writes the page.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let page = page(report)?;
    page.write_into(&mut Plain(out)).map_err(io::Error::other)
}

/// askama asks for a writer that is sized.
struct Plain<'a>(&'a mut dyn io::Write);

impl io::Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn page(report: &Report) -> io::Result<Page<'_>> {
    let totals = &report.totals;
    let name = report.run.as_ref().map_or("a run that has not begun", |run| run.name.as_str());
    let begun = report.batches.iter().filter(|batch| batch.add_approved.is_some()).count();
    let cut = |events: &[EventLine]| events.len().min(EVENTS);
    Ok(Page {
        report,
        title: format!("skuferry: {name}"),
        summary: words::summary(totals),
        cards: rows::cards(totals),
        progress: charts::progress(&report.progress),
        latencies: charts::latencies(&report.users),
        latency_text: charts::latency_text(&report.users),
        gantt: charts::gantt(&report.batches, report.status.last_record),
        batches_left: begun.saturating_sub(charts::BATCHES),
        outcomes: report.outcomes(),
        shown: format!(
            "The first {} of {} users",
            report.users.len().min(FIRST),
            words::thousands(totals.listed as u64)
        ),
        first_users: report.users.iter().take(FIRST).map(first).collect(),
        incidents: &report.incidents[..cut(&report.incidents)],
        incidents_left: report.incidents.len() - cut(&report.incidents),
        failures: &report.failures[..cut(&report.failures)],
        failures_left: report.failures.len() - cut(&report.failures),
        data: data(report)?,
        style: STYLE,
        style_hash: hash(STYLE),
        script: SCRIPT,
        script_hash: hash(SCRIPT),
    })
}

/// How a content security policy names an inline style or script (W3C, Content Security Policy Level 3, "hash-source").
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

fn first(user: &UserRow) -> FirstUser<'_> {
    FirstUser {
        row: user,
        name: match &user.display_name {
            Some(name) => format!("{} · {name}", user.user_principal_name),
            None => user.user_principal_name.clone(),
        },
        standing: user.standing_text.as_deref().unwrap_or_default(),
        batch: user.batch.map(|batch| batch.to_string()).unwrap_or_default(),
        approvals: rows::numbers(&user.approvals),
        note: rows::note(user),
    }
}

/// The users for the script: arrays in the order of its columns, texts that come again told once.
#[derive(Serialize)]
struct Data<'a> {
    /// When the run began, in seconds since 1970; times of the rows are seconds after it.
    start: i64,
    texts: Vec<String>,
    rows: Vec<Row<'a>>,
}

type Row<'a> = (
    &'a str,
    &'a str,
    Option<usize>,
    usize,
    usize,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    u64,
    &'a [u32],
    usize,
);

#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        let next = self.texts.len();
        *self.places.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            next
        })
    }
}

/// The data as JSON in which nothing can end the element that it stands in.
fn data(report: &Report) -> io::Result<String> {
    let start = report.run.as_ref().map_or(0, |run| run.started.as_second());
    let mut texts = Texts::default();
    let mut row = |user: &UserRow, name, display| {
        let after = |at: Option<Timestamp>| at.map(|at| at.as_second() - start);
        let outcome = texts.place(user.outcome.to_owned());
        let standing = texts.place(user.standing_text.clone().unwrap_or_default());
        let note = texts.place(rows::note(user));
        let [added, ready, removed, migrated] =
            [after(user.added), after(user.ready), after(user.removed), after(user.migrated)];
        (name, display, user.batch, outcome, standing, added, ready, removed, migrated, user.seconds_unlicensed, note)
    };
    let rows: Vec<Row<'_>> = report
        .users
        .iter()
        .map(|user| {
            let display = user.display_name.as_deref().unwrap_or_default();
            let (name, display, batch, outcome, standing, added, ready, removed, migrated, bare, note) =
                row(user, user.user_principal_name.as_str(), display);
            (name, display, batch, outcome, standing, added, ready, removed, migrated, bare, &*user.approvals, note)
        })
        .collect();
    let text = serde_json::to_string(&Data { start, texts: texts.texts, rows })?;
    // Outside of its texts JSON has none of these.
    Ok(text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"))
}

impl Page<'_> {
    fn time(&self, at: &Timestamp) -> String {
        rows::time(*at)
    }

    fn optional(&self, at: &Option<Timestamp>) -> String {
        at.map(rows::time).unwrap_or_default()
    }

    fn canary(&self, batch: &BatchRow) -> String {
        rows::canary(batch)
    }

    fn reason(&self, approval: &ApprovalRow) -> String {
        approval.reason.clone().unwrap_or_default()
    }

    fn screen(&self, approval: &ApprovalRow) -> String {
        rows::screen(approval)
    }

    fn by<'e>(&self, event: &'e EventLine) -> &'e str {
        event.by.as_deref().unwrap_or_default()
    }

    fn names(&self, event: &EventLine) -> String {
        rows::names(event)
    }

    fn code(&self, fault: &FaultRow) -> String {
        rows::code(fault)
    }

    fn request_id<'f>(&self, fault: &'f FaultRow) -> &'f str {
        fault.request_id.as_deref().unwrap_or_default()
    }

    fn plan_lists(&self, plan: &PlanSection) -> Vec<(&'static str, Vec<String>)> {
        rows::plan_lists(plan)
    }

    fn recorded<'t>(&self, text: &'t Option<String>) -> &'t str {
        text.as_deref().unwrap_or(NOT_RECORDED)
    }

    fn settings(&self, run: &RunSection) -> Vec<(&'static str, String)> {
        rows::settings(run)
    }
}

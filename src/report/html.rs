//! The report as one page for a browser: it holds its own style, script and data, and loads nothing.
//!
//! Text from outside goes through the template, which escapes it, or stands in the page as JSON that the script sets as text.
//! The page allows nothing but its own style and script, by their hashes.

mod data;
mod script_words;

use std::collections::BTreeMap;
use std::io;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::SHA256;
use ring::digest::digest;

use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
use crate::report::charts;
use crate::report::content::ApprovalRow;
use crate::report::content::BatchRow;
use crate::report::content::Report;
use crate::report::content::RunSection;
use crate::report::content::UserOutcome;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::event::FaultRow;
use crate::report::facts;
use crate::report::html::data::data;
use crate::report::plan::PairRow;
use crate::report::plan::PlanSection;
use crate::report::plan::ProblemRow;
use crate::report::plan::SideRow;
use crate::report::rows;
use crate::report::words;
use crate::words::phrase;
use crate::words::say;

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
    cards: Vec<(String, String, &'static str)>,
    progress: String,
    latencies: String,
    latency_text: String,
    made_from: String,
    gantt: String,
    batches_text: String,
    outcomes: BTreeMap<UserOutcome, usize>,
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
    let name = report.run.as_ref().map_or_else(|| phrase("report-run-not-begun"), |run| run.name.clone());
    let begun = report.batches.iter().filter(|batch| batch.add_approved.is_some()).count();
    let cut = |events: &[EventLine]| events.len().min(EVENTS);
    Ok(Page {
        report,
        title: say("report-page-title", &[("name", name.into())]),
        summary: words::summary(totals),
        cards: rows::cards(totals),
        progress: charts::progress(&report.progress),
        latencies: charts::latencies(&report.users),
        latency_text: say("report-page-latencies", &[("lengths", charts::latency_text(&report.users).into())]),
        made_from: words::made_from(report),
        gantt: charts::gantt(&report.batches, report.status.last_record),
        batches_text: match begun.saturating_sub(charts::BATCHES) {
            0 => phrase("report-page-batches"),
            left => say("report-page-batches-more", &[("left", left.to_string().into())]),
        },
        outcomes: report.outcomes(),
        shown: say(
            "report-first-users",
            &[
                ("count", totals.listed.into()),
                ("shown", report.users.len().min(FIRST).into()),
                ("all", words::thousands(totals.listed as u64).into()),
            ],
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

#[expect(
    clippy::unused_self,
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "a template calls what is its own, with references"
)]
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

    fn heading(&self, run: &RunSection) -> String {
        let last = self.report.status.last_record.map(rows::time).unwrap_or_default();
        say(
            "report-page-run",
            &[
                ("name", run.name.as_str().into()),
                ("tenant", run.tenant.as_str().into()),
                ("run", run.id.as_str().into()),
                ("started", rows::time(run.started).into()),
                ("last", last.into()),
            ],
        )
    }

    fn in_json(&self, left: &usize) -> String {
        say("report-page-in-json", &[("left", left.to_string().into())])
    }

    fn outcome(&self, one: &UserOutcome) -> String {
        words::outcome(*one)
    }

    fn kind(&self, kind: &WriteKind) -> String {
        words::shown_kind(*kind)
    }

    fn side(&self, side: &SideRow) -> String {
        facts::side(side)
    }

    fn scenario(&self, plan: &PlanSection) -> String {
        facts::scenario(plan)
    }

    fn excludes(&self, pair: &PairRow) -> String {
        facts::excludes(pair)
    }

    fn seats(&self, plan: &PlanSection) -> Vec<String> {
        facts::seats(plan)
    }

    fn preflight(&self, plan: &PlanSection) -> String {
        facts::preflight(plan)
    }

    fn problem(&self, one: &ProblemRow) -> String {
        let told = format!("{}: {}", one.code, one.message);
        if one.warning { say("report-warning", &[("what", told.into())]) } else { told }
    }

    fn plan_lists(&self, plan: &PlanSection) -> Vec<(String, Vec<String>)> {
        rows::plan_lists(plan)
    }

    fn recorded(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_else(words::not_recorded)
    }

    fn settings(&self, run: &RunSection) -> Vec<(String, String)> {
        rows::settings(run)
    }
}

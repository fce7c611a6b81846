//! The report as Markdown, for a ticket or a mail: GitHub's tables, and nothing from outside that could be markup.

use std::io;
use std::io::Write;

use crate::report::content::ApprovalRow;
use crate::report::content::Report;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::facts;
use crate::report::rows;
use crate::report::words;
use crate::words::phrase;
use crate::words::say;

/// Text that stands for itself: what Markdown or HTML would read otherwise is escaped.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // Before a slash it makes a link, in GitHub's Markdown.
            ':' if chars.peek() == Some(&'/') => safe.push_str("\\:"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => {
                safe.push('\\');
                safe.push(char);
            }
            _ => safe.push(char),
        }
    }
    safe
}

/// Writes the report.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    let numbers = rows::cards(&report.totals).into_iter().map(|(name, value, _)| [name, value]);
    table(out, &phrase("report-head-numbers"), [phrase("report-head-what"), phrase("report-head-number")], numbers)?;
    batches(report, out)?;
    users(report, out)?;
    approvals(report, out)?;
    incidents(report, out)?;
    failures(report, out)?;
    plan(report, out)?;
    run(report, out)?;
    writeln!(out, "{}", words::made_from(report))
}

/// What became of the run, and which it is.
fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}.\n", plain(&report.status.text))?;
    writeln!(out, "# {}\n", plain(&words::summary(&report.totals)))?;
    let Some(run) = &report.run else { return Ok(()) };
    let last = report.status.last_record.map(rows::time).unwrap_or_default();
    let told = say(
        "report-migration",
        &[
            ("name", plain(&run.name).into()),
            ("tenant", plain(&run.tenant).into()),
            ("run", run.id.as_str().into()),
            ("started", plain(&rows::time(run.started)).into()),
            ("last", plain(&last).into()),
        ],
    );
    writeln!(out, "{told}\n")
}

fn users(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    table(
        out,
        &phrase("report-head-users"),
        [
            phrase("report-head-user"),
            phrase("report-head-became"),
            phrase("report-head-stands"),
            phrase("report-head-batch"),
            phrase("report-head-added"),
            phrase("report-head-ready"),
            phrase("report-head-removed"),
            phrase("report-head-migrated"),
            phrase("report-head-unlicensed-short"),
            phrase("report-head-approvals"),
            phrase("report-head-causes"),
        ],
        report.users.iter().map(user),
    )
}

fn approvals(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    table(
        out,
        &phrase("report-head-approvals"),
        [
            phrase("report-head-approval-number"),
            phrase("report-head-when"),
            phrase("report-head-what"),
            phrase("report-head-batch"),
            phrase("report-head-users"),
            phrase("report-head-by"),
            phrase("report-head-reason"),
            phrase("report-head-screen"),
        ],
        report.approvals.iter().map(approval),
    )
}

fn incidents(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    table(
        out,
        &phrase("report-head-incidents"),
        [phrase("report-head-when"), phrase("report-head-what"), phrase("report-head-by"), phrase("report-head-users")],
        report.incidents.iter().map(incident),
    )
}

fn failures(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    table(
        out,
        &phrase("report-head-failures"),
        [
            phrase("report-head-when"),
            phrase("report-head-what"),
            phrase("report-head-code"),
            phrase("report-head-sentence"),
            phrase("report-head-request-id"),
            phrase("report-head-users"),
        ],
        report.failures.iter().map(failure),
    )
}

fn table<const N: usize>(
    out: &mut dyn Write,
    title: &str,
    heads: [String; N],
    rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    writeln!(out, "## {title}\n")?;
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return writeln!(out, "{}\n", phrase("report-none"));
    }
    writeln!(out, "| {} |", Vec::from(heads).join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(N))?;
    for row in rows {
        writeln!(out, "| {} |", row.map(|cell| plain(&cell)).join(" | "))?;
    }
    writeln!(out)
}

fn batches(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let time = |at: Option<_>| at.map(rows::time).unwrap_or_default();
    table(
        out,
        &phrase("report-head-batches"),
        [
            phrase("report-head-batch"),
            phrase("report-head-phase"),
            phrase("report-head-users"),
            phrase("report-head-arrived"),
            phrase("report-head-adding-approved"),
            phrase("report-head-added"),
            phrase("report-head-removing-approved"),
            phrase("report-head-removed"),
            phrase("report-head-complete"),
            phrase("report-head-canary"),
        ],
        report.batches.iter().map(|batch| {
            [
                batch.title.clone(),
                batch.phase_text.clone(),
                batch.users.to_string(),
                batch.arrived.to_string(),
                time(batch.add_approved),
                time(batch.adds_acknowledged),
                time(batch.remove_approved),
                time(batch.removes_acknowledged),
                time(batch.completed),
                rows::canary(batch),
            ]
        }),
    )?;
    let exceptions = report.batches.iter().flat_map(|batch| batch.exceptions.iter().map(move |one| (batch, one)));
    table(
        out,
        &phrase("report-head-exceptions"),
        [phrase("report-head-batch"), phrase("report-head-user"), phrase("report-head-why")],
        exceptions.map(|(batch, one)| [batch.title.clone(), one.user_principal_name.clone(), one.why.clone()]),
    )
}

fn user(user: &UserRow) -> [String; 11] {
    let time = |at: Option<_>| at.map(rows::time).unwrap_or_default();
    let name = user.display_name.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
    [
        format!("{}{name}", user.user_principal_name),
        words::outcome(user.outcome),
        user.standing_text.clone().unwrap_or_default(),
        user.batch.map(|batch| batch.to_string()).unwrap_or_default(),
        time(user.added),
        time(user.ready),
        time(user.removed),
        time(user.migrated),
        user.seconds_unlicensed.to_string(),
        rows::numbers(&user.approvals),
        rows::note(user),
    ]
}

fn approval(one: &ApprovalRow) -> [String; 8] {
    [
        one.number.to_string(),
        rows::time(one.at),
        words::shown_kind(one.kind),
        one.title.clone(),
        one.users.len().to_string(),
        one.by.clone(),
        one.reason.clone().unwrap_or_default(),
        rows::screen(one),
    ]
}

fn incident(one: &EventLine) -> [String; 4] {
    [rows::time(one.at), one.text.clone(), one.by.clone().unwrap_or_default(), rows::names(one)]
}

fn failure(one: &EventLine) -> [String; 6] {
    let fault = one.fault.as_ref();
    let outcome = one.outcome.map(|outcome| format!(": {outcome}")).unwrap_or_default();
    [
        rows::time(one.at),
        format!("{}{outcome}", one.kind),
        fault.map(rows::code).unwrap_or_default(),
        fault.map(|fault| fault.message.clone()).unwrap_or_default(),
        fault.and_then(|fault| fault.request_id.clone()).unwrap_or_default(),
        rows::names(one),
    ]
}

fn plan(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(plan) = &report.plan else { return Ok(()) };
    let mut facts = vec![
        [phrase("report-head-from"), facts::side(&plan.source)],
        [phrase("report-head-to"), facts::side(&plan.target)],
        [phrase("report-head-scenario"), facts::scenario(plan)],
    ];
    facts.extend(plan.pairs.iter().map(|pair| [phrase("report-head-pair"), facts::excludes(pair)]));
    facts.extend(facts::seats(plan).into_iter().map(|seats| [phrase("report-head-seats"), seats]));
    facts.push([phrase("report-head-preflight"), facts::preflight(plan)]);
    for (name, list) in rows::plan_lists(plan) {
        facts.push([name, if list.is_empty() { phrase("report-nothing") } else { list.join("; ") }]);
    }
    for one in &plan.problems {
        let name = if one.warning { phrase("report-head-warning-head") } else { phrase("report-head-problem") };
        facts.push([name, format!("{}: {}", one.code, one.message)]);
    }
    table(out, &phrase("report-head-plan"), [phrase("report-head-what"), String::new()], facts.into_iter())
}

fn run(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(run) = &report.run else { return Ok(()) };
    let recorded = |text: &Option<String>| text.clone().unwrap_or_else(words::not_recorded);
    table(
        out,
        &phrase("report-head-sittings"),
        [
            phrase("report-head-since"),
            phrase("report-head-operator"),
            phrase("report-head-machine"),
            "skuferry".to_owned(),
            phrase("report-head-sign-in"),
            phrase("report-head-as"),
        ],
        run.sittings.iter().map(|one| {
            [
                rows::time(one.at),
                one.operator.clone(),
                recorded(&one.host),
                recorded(&one.version),
                recorded(&one.sign_in),
                recorded(&one.account),
            ]
        }),
    )?;
    let settings = rows::settings(run).into_iter().map(|(name, value)| [name, value]);
    table(out, &phrase("report-head-settings"), [phrase("report-head-what"), phrase("report-head-value")], settings)
}

//! The report as Markdown, for a ticket or a mail: GitHub's tables, and nothing from outside that could be markup.

use std::io;
use std::io::Write;

use crate::report::content::ApprovalRow;
use crate::report::content::Report;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::rows;
use crate::report::words;
use crate::report::words::NOT_RECORDED;

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
    writeln!(out, "{}.\n", plain(&report.status.text))?;
    writeln!(out, "# {}\n", plain(&words::summary(&report.totals)))?;
    if let Some(run) = &report.run {
        let last = report.status.last_record.map(rows::time).unwrap_or_default();
        let (name, tenant) = (plain(&run.name), plain(&run.tenant));
        let started = plain(&rows::time(run.started));
        writeln!(
            out,
            "Migration {name} · {tenant} · run {} · {started} to {}, all times in UTC\n",
            run.id,
            plain(&last)
        )?;
    }
    let numbers = rows::cards(&report.totals).into_iter().map(|(name, value, _)| [name.to_owned(), value]);
    table(out, "In numbers", ["What", "Number"], numbers)?;
    batches(report, out)?;
    table(
        out,
        "Users",
        [
            "User",
            "Became",
            "Stands",
            "Batch",
            "Added",
            "Ready",
            "Removed",
            "Migrated",
            "s without a license",
            "Approvals",
            "Products, reasons and causes",
        ],
        report.users.iter().map(user),
    )?;
    table(
        out,
        "Approvals",
        ["No.", "When", "What", "Batch", "Users", "By", "Reason", "What stood on the screen"],
        report.approvals.iter().map(approval),
    )?;
    table(
        out,
        "Halts, alarms, other hands, rollbacks",
        ["When", "What", "By", "Users"],
        report.incidents.iter().map(incident),
    )?;
    table(
        out,
        "Failed requests",
        ["When", "What", "Status and code", "Sentence", "request-id", "Users"],
        report.failures.iter().map(failure),
    )?;
    plan(report, out)?;
    run(report, out)?;
    writeln!(
        out,
        "Made from the run's journal of {} records. Seconds without a license are those that reads saw, rounded up. Schema {}.",
        report.status.records, report.schema
    )
}

fn table<const N: usize>(
    out: &mut dyn Write,
    title: &str,
    heads: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    writeln!(out, "## {title}\n")?;
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return writeln!(out, "None.\n");
    }
    writeln!(out, "| {} |", heads.join(" | "))?;
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
        "Batches",
        [
            "Batch",
            "Phase",
            "Users",
            "Arrived",
            "Adding approved",
            "Added",
            "Removing approved",
            "Removed",
            "Complete",
            "Canary",
        ],
        report.batches.iter().map(|batch| {
            [
                batch.title.clone(),
                batch.phase.to_owned(),
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
        "Exceptions",
        ["Batch", "User", "Why"],
        exceptions.map(|(batch, one)| [batch.title.clone(), one.user_principal_name.clone(), one.why.clone()]),
    )
}

fn user(user: &UserRow) -> [String; 11] {
    let time = |at: Option<_>| at.map(rows::time).unwrap_or_default();
    let name = user.display_name.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
    [
        format!("{}{name}", user.user_principal_name),
        user.outcome.to_owned(),
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
        one.kind.to_owned(),
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
    let end = |side: &crate::report::plan::SideRow| {
        format!("{} ({}), group “{}” ({})", side.sku_name, side.part_number, side.group_name, side.group)
    };
    let mut facts = vec![
        ["From".to_owned(), end(&plan.source)],
        ["To".to_owned(), end(&plan.target)],
        ["Scenario".to_owned(), format!("{}; the plans predict {}", plan.scenario, plan.predicted)],
    ];
    facts.extend(plan.pairs.iter().map(|pair| ["Pair".to_owned(), format!("{} excludes {}", pair.one, pair.other)]));
    if plan.products.is_empty() {
        facts.push(["Seats".to_owned(), format!("{} free, {} needed", plan.seats.available, plan.seats.needed)]);
    }
    let seats =
        |one: &crate::report::plan::ProductRow| format!("{}: {} free, {} needed", one.name, one.available, one.needed);
    facts.extend(plan.products.iter().map(|one| ["Seats".to_owned(), seats(one)]));
    facts.push(["Preflight".to_owned(), format!("{} ready, {} blocked", plan.ready, plan.blocked)]);
    for (name, list) in rows::plan_lists(plan) {
        facts.push([name.to_owned(), if list.is_empty() { "none".into() } else { list.join("; ") }]);
    }
    for one in &plan.problems {
        let name = if one.warning { "Warning" } else { "Problem" };
        facts.push([name.to_owned(), format!("{}: {}", one.code, one.message)]);
    }
    table(out, "Plan", ["What", ""], facts.into_iter())
}

fn run(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(run) = &report.run else { return Ok(()) };
    let recorded = |text: &Option<String>| text.clone().unwrap_or_else(|| NOT_RECORDED.into());
    table(
        out,
        "Who ran it, where and how",
        ["Since", "Operator", "Machine", "skuferry", "Sign-in", "As"],
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
    let settings = rows::settings(run).into_iter().map(|(name, value)| [name.to_owned(), value]);
    table(out, "Settings", ["What", "Value"], settings)
}

//! An event in a sentence.

use std::collections::BTreeMap;

use crate::domain::approval::ShownToOperator;
use crate::domain::count;
use crate::domain::event::Event;
use crate::domain::event::ExternalChange;
use crate::domain::event::ReadBack;
use crate::domain::id::UserId;
use crate::domain::order::Outcome;
use crate::domain::preflight::Problem;
use crate::domain::progress::halt_reason;
use crate::domain::standing::Standing;
use crate::domain::write::WriteKind;
use crate::domain::write_event::WriteStage;

/// An event in a sentence, without the users.
pub(super) fn told(event: &Event) -> String {
    if let Some(write) = event.write() {
        let shown = match event {
            Event::AddApproved { seen, .. }
            | Event::RemoveApproved { seen, .. }
            | Event::ReprocessApproved { seen, .. }
            | Event::DirectApproved { seen, .. } => Some(seen),
            _ => None,
        };
        return write_text(write.kind, write.what, shown);
    }
    match event {
        Event::RunStarted { run, .. } => format!("the run {} began", run.name),
        Event::Resumed { .. } => "the run was taken up again; approvals are asked anew".into(),
        Event::SessionOpened { session } => {
            let host = session.host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
            let account = session.account.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
            format!("skuferry {}{host}, signed in by {}{account}", session.version, session.sign_in)
        }
        Event::Checked { preflight } => {
            let counts = format!("preflight: {} ready, {} blocked", preflight.ready(), preflight.blocked());
            with_problems(counts, &preflight.problems)
        }
        Event::BatchChecked { problems, reasons, .. } => {
            let blocked = reasons.iter().filter(|(_, all)| all.iter().any(|one| !one.warning)).count();
            with_problems(format!("the batch was checked: {} blocked", count::users(blocked)), problems)
        }
        Event::AddsAcknowledged { .. } => "every addition is acknowledged".into(),
        Event::RemovesAcknowledged { .. } => "every removal is acknowledged".into(),
        Event::Proven { users, .. } => format!("two fresh reads show {} safe to remove", count::users(users.len())),
        Event::NotProven { why, .. } => format!("not removed: {why}"),
        Event::Observed { users, .. } => observed(users),
        Event::ReadFailed { what, fault } => format!("reading {what} failed: {fault}"),
        Event::Delayed { what, fault } => format!("{what} waits and is tried again: {fault}"),
        Event::GroupsChanged { problems } => match problems.is_empty() {
            true => "both groups are as they should be again".into(),
            false => with_problems("nothing more is written".into(), problems),
        },
        Event::Excluded { .. } => "taken out of the batch".into(),
        Event::Explained { why, .. } => format!("the audit log says: {why}"),
        Event::RollbackStarted { users, .. } => {
            let are = count::agreeing(users.len(), "is", "are");
            format!("{} {are} to be taken back", count::users(users.len()))
        }
        Event::Halted { why } => format!("halted: {}", halt_reason(why)),
        Event::HaltLifted { .. } => "the halt was lifted".into(),
        Event::AlarmRaised { users } => format!("alarm: {} without a license", count::users(users.len())),
        Event::AlarmAcknowledged { .. } => "the alarm was acknowledged".into(),
        Event::BatchComplete { .. } => "batch complete".into(),
        Event::MigrationComplete => "migration complete".into(),
        // Writes were told above.
        _ => event.name().into(),
    }
}

fn write_text(kind: WriteKind, what: WriteStage<'_>, shown: Option<&ShownToOperator>) -> String {
    let (doing, done) = match kind {
        WriteKind::Add => ("adding", "added"),
        WriteKind::Remove => ("removing", "removed"),
        WriteKind::Reprocess => ("reprocessing", "reprocessed"),
        WriteKind::Direct => ("removing the direct license of", "rid of the direct license"),
    };
    match what {
        WriteStage::Approved { users, .. } => {
            let seen = shown.map(seen).unwrap_or_default();
            format!("approved {doing} {}{seen}", count::users(users.len()))
        }
        WriteStage::Intended { users, .. } => format!("{doing} {}", count::users(users.len())),
        WriteStage::Settled { users, outcome } => match outcome {
            Outcome::Done => format!("{} {done}", count::users(users.len())),
            Outcome::Failed(fault) => format!("{} not {done}: {fault}", count::users(users.len())),
            Outcome::Lost(fault) => format!("{} perhaps {done}: {fault}", count::users(users.len())),
        },
        WriteStage::ReadBack { found: ReadBack::InEffect, .. } => format!("read back: {done}"),
        WriteStage::ReadBack { found: ReadBack::NotInEffect, .. } => format!("read back: not {done}"),
        WriteStage::Undone { what: ExternalChange::TakenOut, .. } => {
            "somebody else took them out of the group again".into()
        }
        WriteStage::Undone { what: ExternalChange::PutBack, .. } => "somebody else put them back into the group".into(),
    }
}

/// What stood on the screen beside an approval.
fn seen(shown: &ShownToOperator) -> String {
    let mut parts = vec![format!(" in {}", shown.group_name)];
    parts.extend(shown.free_seats.map(|seats| count::counted(seats, "free seat", "free seats")));
    parts.extend(shown.standings.iter().map(|(word, count)| format!("{count} {word}")));
    if shown.left_out > 0 {
        parts.push(format!("{} left out", shown.left_out));
    }
    parts.join("; ")
}

fn with_problems(text: String, problems: &[Problem]) -> String {
    let told = problems.iter().map(|problem| {
        let warning = if problem.warning { "warning: " } else { "" };
        format!("; {warning}{}", problem.message)
    });
    text + &told.collect::<String>()
}

fn observed(users: &[(UserId, Standing)]) -> String {
    if let [(_, standing)] = users {
        return format!("seen: {standing}");
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, standing) in users {
        *counts.entry(standing.code()).or_default() += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("seen: {}", parts.join(", "))
}

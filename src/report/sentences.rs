//! An event in a sentence.

use std::collections::BTreeMap;
use std::iter;

use crate::domain::approval::ShownToOperator;
use crate::domain::event::Event;
use crate::domain::event::SessionInfo;
use crate::domain::external_change::ExternalChange;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::worklist::Issued;
use crate::domain::worklist::WorklistKind;
use crate::domain::write::WriteKind;
use crate::domain::write_event::WriteStage;
use crate::report::words;
use crate::words::fault;
use crate::words::halt;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::proof;
use crate::words::say;
use crate::words::standing;
use crate::words::worklist as list;

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
        Event::RunStarted { run, .. } if run.rehearsal => {
            say("report-told-rehearsal", &[("run", run.name.as_str().into())])
        }
        Event::RunStarted { run, .. } => say("report-told-started", &[("run", run.name.as_str().into())]),
        Event::Resumed { .. } => phrase("report-told-resumed"),
        Event::SessionOpened { session } => opened(session),
        Event::Checked { preflight } => checked(preflight),
        Event::BatchChecked { problems, reasons, .. } => {
            let blocked = reasons.iter().filter(|(_, all)| all.iter().any(|one| !one.warning)).count();
            with_problems(say("report-told-batch-checked", &[("count", blocked.into())]), problems)
        }
        Event::AddsAcknowledged { .. } => phrase("report-told-adds-acknowledged"),
        Event::RemovesAcknowledged { .. } => phrase("report-told-removes-acknowledged"),
        Event::Proven { users, .. } => say("report-told-proven", &[("count", users.len().into())]),
        Event::NotProven { why, .. } => words::not_removed(&proof::not_proven(why, Direction::Forward)),
        Event::Observed { users, .. } => say("report-told-seen", &[("what", observed(users).into())]),
        Event::ReadFailed { what, fault } => {
            say("report-told-read-failed", &[("what", fault::work(what).into()), ("fault", fault::fault(fault).into())])
        }
        Event::Delayed { what, fault } => {
            say("report-told-delayed", &[("what", fault::work(what).into()), ("fault", fault::fault(fault).into())])
        }
        Event::GroupsChanged { problems } if problems.is_empty() => phrase("report-told-groups-right"),
        Event::GroupsChanged { problems } => with_problems(phrase("report-told-groups-wrong"), problems),
        Event::Excluded { .. } => phrase("report-told-excluded"),
        Event::Explained { why, .. } => say("report-told-explained", &[("why", why.as_str().into())]),
        Event::WorklistIssued { worklist } => issued(worklist),
        Event::WorklistWritten { number } => say("report-told-list-written", &[("number", (*number).into())]),
        Event::WorklistEnded { number, why } => {
            say("report-told-list-ended", &[("number", (*number).into()), ("why", list::ended(*why).into())])
        }
        Event::RemovedByOthers { users, early: true } => {
            say("report-told-removed-early", &[("count", users.len().into())])
        }
        Event::RemovedByOthers { users, early: false } => {
            say("report-told-removed-by-others", &[("count", users.len().into())])
        }
        Event::RollbackStarted { users, .. } => say("report-told-rollback", &[("count", users.len().into())]),
        Event::Halted { why } => say("report-told-halted", &[("why", halt::reason(why).into())]),
        Event::HaltLifted { .. } => phrase("report-told-halt-lifted"),
        Event::AlarmRaised { users } => say("report-told-alarm", &[("count", users.len().into())]),
        Event::AlarmAcknowledged { .. } => phrase("report-told-alarm-acknowledged"),
        Event::BatchComplete { .. } => phrase("report-told-batch-complete"),
        Event::MigrationComplete => phrase("report-told-migration-complete"),
        // Writes were told above.
        _ => event.name().into(),
    }
}

fn checked(preflight: &Preflight) -> String {
    let (ready, blocked) = (preflight.ready().into(), preflight.blocked().into());
    let counts = say("report-told-preflight", &[("ready", ready), ("blocked", blocked)]);
    with_problems(counts, &preflight.problems)
}

/// What others were asked for, and where it stands.
fn issued(worklist: &Issued) -> String {
    let (number, count) = (worklist.number.into(), worklist.users.len().into());
    let file = list::path(worklist).into();
    match worklist.kind {
        WorklistKind::Add => say("report-told-list-add", &[("number", number), ("count", count), ("file", file)]),
        WorklistKind::Remove => say("report-told-list-remove", &[("number", number), ("count", count), ("file", file)]),
    }
}

/// Who signed in how, on which machine.
fn opened(session: &SessionInfo) -> String {
    let (version, method) = (session.version.as_str().into(), session.sign_in.as_str().into());
    match (session.host.as_deref(), session.account.as_deref()) {
        (None, None) => say("report-told-session", &[("version", version), ("method", method)]),
        (Some(host), None) => {
            say("report-told-session-on", &[("version", version), ("host", host.into()), ("method", method)])
        }
        (None, Some(account)) => {
            say("report-told-session-as", &[("version", version), ("method", method), ("account", account.into())])
        }
        (Some(host), Some(account)) => say(
            "report-told-session-on-as",
            &[("version", version), ("host", host.into()), ("method", method), ("account", account.into())],
        ),
    }
}

fn write_text(kind: WriteKind, what: WriteStage<'_>, shown: Option<&ShownToOperator>) -> String {
    let kind = words::kind(kind).into();
    match what {
        WriteStage::Approved { users, .. } => {
            let approved = say("report-told-approved", &[("kind", kind), ("count", users.len().into())]);
            match shown {
                Some(shown) => seen(approved, shown),
                None => approved,
            }
        }
        WriteStage::Intended { users, .. } => {
            say("report-told-intended", &[("kind", kind), ("count", users.len().into())])
        }
        WriteStage::Settled { users, outcome, .. } => {
            let count = users.len().into();
            match outcome {
                Outcome::Done => say("report-told-done", &[("kind", kind), ("count", count)]),
                Outcome::Failed(fault) => {
                    let fault = fault::fault(fault).into();
                    say("report-told-not-done", &[("kind", kind), ("count", count), ("fault", fault)])
                }
                Outcome::Lost(fault) => {
                    let fault = fault::fault(fault).into();
                    say("report-told-perhaps-done", &[("kind", kind), ("count", count), ("fault", fault)])
                }
            }
        }
        WriteStage::ReadBack { found: ReadBack::InEffect, .. } => say("report-told-in-effect", &[("kind", kind)]),
        WriteStage::ReadBack { found: ReadBack::NotInEffect, .. } => {
            say("report-told-not-in-effect", &[("kind", kind)])
        }
        WriteStage::Undone { what: ExternalChange::TakenOut, .. } => phrase("report-told-taken-out"),
        WriteStage::Undone { what: ExternalChange::PutBack, .. } => phrase("report-told-put-back"),
    }
}

/// An approval with what stood on the screen beside it.
fn seen(approved: String, shown: &ShownToOperator) -> String {
    let group = shown.group_name.as_str().into();
    let mut parts = vec![say("report-told-approved-in", &[("approved", approved.into()), ("group", group)])];
    parts.extend(shown.free_seats.map(|seats| say("report-free-seats", &[("count", seats.into())])));
    parts.extend(shown.standings.iter().map(|(code, count)| format!("{count} {}", code.word())));
    if shown.left_out > 0 {
        parts.push(say("report-left-out", &[("count", shown.left_out.into())]));
    }
    parts.join("; ")
}

fn with_problems(text: String, problems: &[Problem]) -> String {
    let told = problems.iter().map(|problem| {
        let what = preflight::problem(&problem.detail);
        if problem.warning { say("report-warning", &[("what", what.into())]) } else { what }
    });
    iter::once(text).chain(told).collect::<Vec<_>>().join("; ")
}

fn observed(users: &[(UserId, Standing)]) -> String {
    if let [(_, standing)] = users {
        return standing::full(standing, Direction::Forward, Written::Nothing);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, standing) in users {
        *counts.entry(standing.code()).or_default() += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.join(", ")
}

//! What the log has of an event: its name, the batch, how many users, and the reason as a word. Names and sentences are
//! left out: an event that is not listed here is told by its name alone.

use std::error::Error;

use crate::domain::event::Event;
use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::read_back::ReadBack;
use crate::domain::standing::Standing;
use crate::domain::write_event::WriteEvent;
use crate::domain::write_event::WriteStage;

/// What is told of an event.
#[derive(Default)]
struct LoggedStep<'a> {
    batch: Option<usize>,
    users: Vec<UserId>,
    why: Option<&'static str>,
    fault: Option<&'a Fault>,
    counts: Option<String>,
}

/// Writes the line of an event that was kept. Ids are in the line below it, at the level `debug`.
pub fn step(event: &Event) {
    let logged = logged(event);
    // The screen counts batches from 1.
    let batch = logged.batch.map(|batch| batch + 1);
    let users = (!logged.users.is_empty()).then_some(logged.users.len());
    let kind = logged.fault.map(|fault| tracing::field::debug(fault.kind));
    let (status, request_id) = (logged.fault.and_then(|fault| fault.status), logged.fault.and_then(request_id));
    let counts = logged.counts.as_deref();
    tracing::info!(step = event.name(), batch, users, why = logged.why, counts, fault = kind, status, request_id);
    if tracing::enabled!(tracing::Level::DEBUG) && (!logged.users.is_empty() || logged.fault.is_some()) {
        let ids: Vec<_> = logged.users.iter().map(ToString::to_string).collect();
        let said = logged.fault.map(|fault| fault.message.for_log().into_owned());
        tracing::debug!(step = event.name(), ids = ids.join(" "), said);
    }
}

/// Writes that the run cannot be kept any further. The sentence may name a file, so it is in the line below, at `debug`.
pub fn stopped(error: &(dyn Error + 'static)) {
    tracing::error!("nothing more is written: the run cannot be kept");
    tracing::debug!(error);
}

fn request_id(fault: &Fault) -> Option<&str> {
    fault.request_id.as_deref().filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
}

fn logged(event: &Event) -> LoggedStep<'_> {
    if let Some(write) = event.write() {
        return logged_write(write);
    }
    match event {
        Event::RollbackStarted { batch, users, .. } => of(*batch, users),
        Event::Proven { batch, users, .. } => of(*batch, &users.iter().map(|(user, ..)| *user).collect::<Vec<_>>()),
        Event::NotProven { batch, user, .. } => of(*batch, &[*user]),
        Event::AddsAcknowledged { batch }
        | Event::RemovesAcknowledged { batch }
        | Event::BatchChecked { batch, .. }
        | Event::BatchComplete { batch } => of(*batch, &[]),
        Event::Checked { preflight } => {
            let counts = format!("{} ready, {} blocked", preflight.ready(), preflight.blocked());
            LoggedStep { counts: Some(counts), ..LoggedStep::default() }
        }
        Event::Observed { users, .. } => {
            let ids = users.iter().map(|(user, _)| *user).collect();
            let standings = users.iter().map(|(_, standing)| standing);
            LoggedStep { users: ids, counts: Some(tally(standings)), ..LoggedStep::default() }
        }
        Event::ReadFailed { fault, .. } | Event::Delayed { fault, .. } => {
            LoggedStep { fault: Some(fault), ..LoggedStep::default() }
        }
        Event::Halted { why } => halt(why),
        Event::AlarmRaised { users } => LoggedStep { users: users.clone(), ..LoggedStep::default() },
        Event::BatchesUnderWaySet { most, .. } => {
            LoggedStep { counts: Some(format!("{most} under way")), ..LoggedStep::default() }
        }
        Event::Excluded { user, .. } => one(*user, "by the operator"),
        Event::Explained { user, .. } => one(*user, "by the audit log"),
        Event::WorklistIssued { worklist } => {
            let users: Vec<_> = worklist.users.iter().map(|(user, _)| *user).collect();
            let counts = Some(format!("{} {}", worklist.kind.word(), worklist.number));
            LoggedStep { counts, ..of(worklist.batch, &users) }
        }
        Event::WorklistWritten { number } => LoggedStep { counts: Some(number.to_string()), ..LoggedStep::default() },
        Event::WorklistEnded { number, why } => {
            LoggedStep { why: Some(why.word()), counts: Some(number.to_string()), ..LoggedStep::default() }
        }
        Event::RemovedByOthers { users, early } => {
            let why = if *early { "before they were safe" } else { "on no worklist" };
            LoggedStep { users: users.clone(), why: Some(why), ..LoggedStep::default() }
        }
        _ => LoggedStep::default(),
    }
}

/// The same of an event of one of the four kinds of write.
fn logged_write(write: WriteEvent<'_>) -> LoggedStep<'_> {
    match write.what {
        WriteStage::Approved { batch, users } | WriteStage::Intended { batch, users } => of(batch, users),
        WriteStage::Settled { batch, users, outcome } => {
            let (why, fault) = match outcome {
                Outcome::Done => ("done", None),
                Outcome::Failed(fault) => ("failed", Some(fault)),
                Outcome::Lost(fault) => ("lost", Some(fault)),
            };
            LoggedStep { why: Some(why), fault, ..of(batch, users) }
        }
        WriteStage::ReadBack { user, found } => one(user, read_back(found)),
        WriteStage::Undone { user, what } => one(user, external_change(what)),
    }
}

fn of<'a>(batch: usize, users: &[UserId]) -> LoggedStep<'a> {
    LoggedStep { batch: Some(batch), users: users.to_vec(), ..LoggedStep::default() }
}

fn one<'a>(user: UserId, why: &'static str) -> LoggedStep<'a> {
    LoggedStep { users: vec![user], why: Some(why), ..LoggedStep::default() }
}

fn halt(why: &HaltReason) -> LoggedStep<'_> {
    let (why, fault, counts) = match why {
        HaltReason::Operator => ("operator", None, None),
        HaltReason::Command { .. } => ("command", None, None),
        HaltReason::WindowClosed => ("window-closed", None, None),
        HaltReason::Unlicensed => ("unlicensed", None, None),
        HaltReason::TooManyStuck { stuck, most } => {
            ("too-many-stuck", None, Some(format!("{stuck} stuck, {most} allowed")))
        }
        HaltReason::RemovedEarly { users } => ("removed-early", None, Some(format!("{} users", users.len()))),
        HaltReason::Seats(seats) => ("seats", None, Some(format!("{} free, {} needed", seats.available, seats.needed))),
        HaltReason::Write(fault) => ("write", Some(fault), None),
    };
    LoggedStep { why: Some(why), fault, counts, ..LoggedStep::default() }
}

fn read_back(found: ReadBack) -> &'static str {
    match found {
        ReadBack::InEffect => "in-effect",
        ReadBack::NotInEffect => "not-in-effect",
    }
}

fn external_change(what: ExternalChange) -> &'static str {
    match what {
        ExternalChange::TakenOut => "taken-out",
        ExternalChange::PutBack => "put-back",
    }
}

/// How many users stand where.
fn tally<'a>(standings: impl Iterator<Item = &'a Standing>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for standing in standings {
        let word = standing.code();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ")
}

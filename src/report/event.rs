//! One event of the journal as the report and `events` tell it: what it is about as values, and a sentence.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::outcome::Outcome;
use crate::domain::read_back::ReadBack;
use crate::domain::standing::Standing;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::write_event::WriteStage;
use crate::report::sentences;

/// The kinds of events, by the names that the journal has for them.
pub const KINDS: [&str; 43] = [
    "run-started",
    "resumed",
    "session-opened",
    "checked",
    "batch-checked",
    "add-approved",
    "add-intended",
    "add-settled",
    "add-read-back",
    "adds-acknowledged",
    "remove-approved",
    "proven",
    "not-proven",
    "remove-intended",
    "remove-settled",
    "remove-read-back",
    "removes-acknowledged",
    "observed",
    "read-failed",
    "delayed",
    "groups-changed",
    "batches-under-way-set",
    "batch-settings-set",
    "excluded",
    "reprocess-approved",
    "reprocess-intended",
    "reprocess-settled",
    "direct-approved",
    "direct-intended",
    "direct-settled",
    "explained",
    "other-hands",
    "worklist-issued",
    "worklist-written",
    "worklist-ended",
    "removed-by-others",
    "rollback-started",
    "halted",
    "halt-lifted",
    "alarm-raised",
    "alarm-acknowledged",
    "batch-complete",
    "migration-complete",
];

/// One event.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLine {
    /// Its number in the journal, from 0.
    pub seq: u64,
    /// When it was written down.
    pub at: Timestamp,
    /// Its name, as the journal has it.
    pub kind: &'static str,
    /// The batch's place, from 1, when it is about one.
    pub batch: Option<usize>,
    /// The users that it is about; of a preflight nobody, as it is about all.
    pub users: Vec<EventUser>,
    /// Who did it, when somebody did.
    pub by: Option<String>,
    /// What became of a write: `done`, `failed` or `lost`; of a reading back: `in-effect` or `not-in-effect`.
    pub outcome: Option<&'static str>,
    /// What went wrong, when something did.
    pub fault: Option<FaultRow>,
    /// A sentence, without the users.
    pub text: String,
}

/// A user that an event is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventUser {
    /// The object id.
    pub id: UserId,
    /// The sign-in name, when preflight found one.
    pub user_principal_name: Option<String>,
    /// The code of where a read showed them, when the event is a read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<&'static str>,
}

/// What went wrong with a request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultRow {
    /// The kind, as the journal has it.
    pub kind: FaultKind,
    /// The HTTP status, when an answer came.
    pub status: Option<u16>,
    /// Graph's `error.code`.
    pub code: Option<String>,
    /// Graph's sentence, or ours where Graph said nothing.
    pub message: String,
    /// Graph's `request-id`.
    pub request_id: Option<String>,
}

impl From<&Fault> for FaultRow {
    fn from(fault: &Fault) -> Self {
        let text = |text: &String| clean(text).into_owned();
        Self {
            kind: fault.kind,
            status: fault.status,
            code: fault.code.as_ref().map(text),
            message: text(&crate::words::fault::message(&fault.message)),
            request_id: fault.request_id.as_ref().map(text),
        }
    }
}

/// An event as a line; `name` knows the sign-in names.
pub fn line(seq: u64, at: Timestamp, event: &Event, name: impl Fn(UserId) -> Option<String>) -> EventLine {
    let (outcome, fault) = outcome(event);
    let standing: BTreeMap<UserId, &Standing> = match event {
        Event::Observed { users, .. } => users.iter().map(|(user, standing)| (*user, standing)).collect(),
        _ => BTreeMap::new(),
    };
    let user = |id: UserId| EventUser {
        id,
        user_principal_name: name(id).map(|name| clean(&name).into_owned()),
        standing: standing.get(&id).map(|standing| standing.code()),
    };
    EventLine {
        seq,
        at,
        kind: event.name(),
        batch: batch(event).map(|batch| batch + 1),
        users: users(event).into_iter().map(user).collect(),
        by: by(event).map(|by| clean(by).into_owned()),
        outcome,
        fault: fault.map(FaultRow::from),
        text: clean(&sentences::told(event)).into_owned(),
    }
}

/// The batch that an event names, counted from 0.
pub fn batch(event: &Event) -> Option<usize> {
    match event {
        Event::BatchChecked { batch, .. }
        | Event::AddApproved { batch, .. }
        | Event::AddIntended { batch, .. }
        | Event::AddSettled { batch, .. }
        | Event::AddsAcknowledged { batch }
        | Event::RemoveApproved { batch, .. }
        | Event::Proven { batch, .. }
        | Event::NotProven { batch, .. }
        | Event::RemoveIntended { batch, .. }
        | Event::RemoveSettled { batch, .. }
        | Event::RemovesAcknowledged { batch }
        | Event::ReprocessApproved { batch, .. }
        | Event::ReprocessIntended { batch, .. }
        | Event::ReprocessSettled { batch, .. }
        | Event::DirectApproved { batch, .. }
        | Event::DirectIntended { batch, .. }
        | Event::DirectSettled { batch, .. }
        | Event::RollbackStarted { batch, .. }
        | Event::BatchComplete { batch } => Some(*batch),
        Event::WorklistIssued { worklist } => Some(worklist.batch),
        _ => None,
    }
}

/// The users that an event names.
pub fn users(event: &Event) -> Vec<UserId> {
    if let Some(write) = event.write() {
        return match write.what {
            WriteStage::Approved { users, .. }
            | WriteStage::Intended { users, .. }
            | WriteStage::Settled { users, .. } => users.to_vec(),
            WriteStage::ReadBack { user, .. } | WriteStage::Undone { user, .. } => vec![user],
        };
    }
    match event {
        Event::BatchChecked { reasons, .. } => reasons.iter().map(|(user, _)| *user).collect(),
        Event::Proven { users, .. } => users.iter().map(|(user, ..)| *user).collect(),
        Event::Observed { users, .. } => users.iter().map(|(user, _)| *user).collect(),
        Event::RollbackStarted { users, .. } | Event::RemovedByOthers { users, .. } | Event::AlarmRaised { users } => {
            users.clone()
        }
        Event::WorklistIssued { worklist } => worklist.users.iter().map(|(user, _)| *user).collect(),
        Event::NotProven { user, .. } | Event::Excluded { user, .. } | Event::Explained { user, .. } => vec![*user],
        _ => Vec::new(),
    }
}

/// What users' histories would say, the journal says; in memory they would grow with it.
pub fn forget_histories(run: &mut Migration, event: &Event) {
    for user in users(event) {
        let user = run.place(user).and_then(|place| run.users.get_mut(place));
        if let Some(user) = user.filter(|user| !user.history.is_empty()) {
            Arc::make_mut(user).history = Vec::new();
        }
    }
}

fn by(event: &Event) -> Option<&str> {
    match event {
        Event::RunStarted { by, .. }
        | Event::Resumed { by }
        | Event::AddApproved { by, .. }
        | Event::RemoveApproved { by, .. }
        | Event::ReprocessApproved { by, .. }
        | Event::DirectApproved { by, .. }
        | Event::Excluded { by, .. }
        | Event::HaltLifted { by }
        | Event::RollbackStarted { by, .. }
        | Event::AlarmAcknowledged { by }
        | Event::BatchesUnderWaySet { by, .. }
        | Event::BatchSettingsSet { by, .. }
        | Event::Halted { why: HaltReason::Command { by } } => Some(by),
        _ => None,
    }
}

fn outcome(event: &Event) -> (Option<&'static str>, Option<&Fault>) {
    match event {
        Event::ReadFailed { fault, .. }
        | Event::Delayed { fault, .. }
        | Event::Halted { why: HaltReason::Write(fault) } => return (None, Some(fault)),
        _ => {}
    }
    match event.write().map(|write| write.what) {
        Some(WriteStage::Settled { outcome: Outcome::Done, .. }) => (Some("done"), None),
        Some(WriteStage::Settled { outcome: Outcome::Failed(fault), .. }) => (Some("failed"), Some(fault)),
        Some(WriteStage::Settled { outcome: Outcome::Lost(fault), .. }) => (Some("lost"), Some(fault)),
        Some(WriteStage::ReadBack { found: ReadBack::InEffect, .. }) => (Some("in-effect"), None),
        Some(WriteStage::ReadBack { found: ReadBack::NotInEffect, .. }) => (Some("not-in-effect"), None),
        _ => (None, None),
    }
}

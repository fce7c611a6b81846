//! What a report says, as values; its JSON is this with names in camel case.

mod batch;
mod run;
mod user;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::Serializer;

use crate::domain::id::UserId;
use crate::domain::standing::StandingCode;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
pub use crate::report::content::batch::BatchRow;
pub use crate::report::content::batch::CanaryRow;
pub use crate::report::content::batch::ExceptionRow;
pub use crate::report::content::run::RunSection;
pub use crate::report::content::run::SessionRow;
pub use crate::report::content::run::SettingsSection;
pub use crate::report::content::user::ReasonRow;
pub use crate::report::content::user::UserOutcome;
pub use crate::report::content::user::UserRow;
use crate::report::event::EventLine;
use crate::report::plan::PlanSection;

/// The report of one run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this schema.
    pub schema: u32,
    /// The version of skuferry that began the run; `None` when the journal ends before its first record.
    pub version: Option<String>,
    /// Where the run stands.
    pub status: Status,
    /// What the run is; `None` when the journal ends before its first record.
    pub run: Option<RunSection>,
    /// What was planned; `None` before preflight.
    pub plan: Option<PlanSection>,
    /// The sums.
    pub totals: Totals,
    /// Every approval, in order; their numbers are their places, from 1.
    pub approvals: Vec<ApprovalRow>,
    /// Every batch, in order.
    pub batches: Vec<BatchRow>,
    /// Every listed user, in the order of the list.
    pub users: Vec<UserRow>,
    /// Halts, alarms, other hands, rollbacks, exclusions and what was found wrong with the groups.
    pub incidents: Vec<EventLine>,
    /// Every request that failed.
    pub failures: Vec<EventLine>,
    /// Who was done how far when, for a picture of it.
    pub progress: Vec<ProgressPoint>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Another process is at work on it.
    UnderWay,
    /// It is halted.
    Halted,
    /// Nobody is at work on it, and it is not complete.
    Stopped,
    /// Every batch is complete.
    Complete,
}

/// How a journal ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "end")]
pub enum Ended {
    /// With a whole line.
    #[default]
    Whole,
    /// In the middle of a line: a crash cut it short, or it is being written just now.
    Cut,
    /// Before a line that cannot be used.
    Damaged {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Where the run stands, and how far the journal goes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The word for it.
    pub state: State,
    /// Why it is halted, when it is.
    pub halted: Option<String>,
    /// The first line of every rendering.
    pub text: String,
    /// How many records were read.
    pub records: u64,
    /// When the last of them was written; times that last are counted up to then.
    pub last_record: Option<Timestamp>,
    /// How the journal ends.
    pub journal: Ended,
}

/// Sums over the users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Rows of the list that name a user or try to.
    pub listed: usize,
    /// Users in a batch.
    pub in_batches: usize,
    /// Who has the target license and not the source.
    pub migrated: usize,
    /// Who was taken back and has arrived.
    pub rolled_back: usize,
    /// Who was ever added to the target group by us.
    pub added: usize,
    /// Who was ever removed from the source group by us.
    pub removed: usize,
    /// Whom the operator took out.
    pub excluded: usize,
    /// Against whom a reason stands.
    pub blocked: usize,
    /// Who is stuck now.
    pub stuck: usize,
    /// Who is without a license now.
    pub unlicensed: usize,
    /// Who was ever seen without a license in this run.
    pub ever_unlicensed: usize,
    /// Seconds without a license, over all users, each rounded up.
    pub seconds_unlicensed: u64,
    /// Users with a write of which nobody knows what became.
    pub unknown_outcome: usize,
    /// Requests that failed.
    pub failed_requests: usize,
}

/// One approval.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRow {
    /// Its number, from 1.
    pub number: u32,
    /// When it was given.
    pub at: Timestamp,
    /// What was approved: `add`, `remove`, `reprocess` or `remove-direct`.
    #[serde(serialize_with = "kind_code")]
    pub kind: WriteKind,
    /// The batch's place, from 1.
    pub batch: usize,
    /// What the batch is called.
    pub title: String,
    /// Who approved.
    pub by: String,
    /// Why, when the operator said so.
    pub reason: Option<String>,
    /// The users that it names.
    pub users: Vec<UserId>,
    /// The group, as it stood on the screen.
    pub group: String,
    /// Free seats, as they stood on the screen.
    pub free_seats: Option<i64>,
    /// How many users stood where, as it stood on the screen.
    pub standings: Vec<StandingRow>,
    /// How many of the batch were left out.
    pub left_out: usize,
}

/// How many users stood somewhere.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StandingRow {
    /// Where.
    #[serde(serialize_with = "standing_code")]
    pub standing: StandingCode,
    /// How many.
    pub users: usize,
}

/// How many users had come how far at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgressPoint {
    /// The time.
    pub at: Timestamp,
    /// Added until then.
    pub added: usize,
    /// Removed until then.
    pub removed: usize,
    /// Migrated until then.
    pub migrated: usize,
}

/// The code of a write, as JSON has it.
pub fn write_code(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Add => "add",
        WriteKind::Remove => "remove",
        WriteKind::Reprocess => "reprocess",
        WriteKind::Direct => "remove-direct",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn kind_code<S: Serializer>(kind: &WriteKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(write_code(*kind))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn standing_code<S: Serializer>(code: &StandingCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.word())
}

impl Report {
    /// How many users came to each outcome.
    pub fn outcomes(&self) -> BTreeMap<UserOutcome, usize> {
        let mut counts = BTreeMap::new();
        for user in &self.users {
            *counts.entry(user.outcome).or_insert(0) += 1;
        }
        counts
    }
}

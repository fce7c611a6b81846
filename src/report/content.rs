//! What a report says, as values; its JSON is this with names in camel case.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
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

/// What the run is, and who ran it where.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSection {
    /// The run's id.
    pub id: String,
    /// What the operator calls it.
    pub name: String,
    /// The tenant, as the configuration names it.
    pub tenant: String,
    /// Whether it is a rehearsal, on a copy of the tenant: nothing of it happened to anybody.
    pub rehearsal: bool,
    /// When it began.
    pub started: Timestamp,
    /// The numbers in force when it began.
    pub settings: SettingsSection,
    /// Every session, the first one first.
    pub sittings: Vec<SessionRow>,
}

/// The numbers that the run went by.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsSection {
    /// What the configuration says of the scenario.
    pub scenario: String,
    /// Users a batch.
    pub batch_size: usize,
    /// Users that are removed first.
    pub canary: usize,
    /// How many stuck users the run bears.
    pub max_stuck: usize,
    /// Between two verify passes.
    pub interval_seconds: u64,
    /// From when on a waiting user is late.
    pub stuck_after_seconds: u64,
    /// How long a switch-over may show a user without a license.
    pub unlicensed_grace_seconds: u64,
}

/// Somebody sat down at the run. What older journals do not have is `None`: not recorded.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator: String,
    /// On which machine.
    pub host: Option<String>,
    /// With which version of skuferry.
    pub version: Option<String>,
    /// How it signed in.
    pub sign_in: Option<String>,
    /// As which account or application.
    pub account: Option<String>,
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
    pub kind: &'static str,
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
    /// Where, by the word that was shown.
    pub standing: String,
    /// How many.
    pub users: usize,
}

/// One batch.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRow {
    /// Its place, from 1.
    pub number: usize,
    /// What it is called.
    pub title: String,
    /// `forward` or `rollback`.
    pub direction: &'static str,
    /// The phase that it is in.
    pub phase: &'static str,
    /// The same in the words of the language.
    #[serde(skip)]
    pub phase_text: String,
    /// How many users it has now.
    pub users: usize,
    /// How many of them have arrived.
    pub arrived: usize,
    /// When it was looked at before its first approval, where that was a look of its own.
    pub checked: Option<Timestamp>,
    /// When adding was approved first.
    pub add_approved: Option<Timestamp>,
    /// When every addition was acknowledged first.
    pub adds_acknowledged: Option<Timestamp>,
    /// When removing was approved first.
    pub remove_approved: Option<Timestamp>,
    /// When every removal was acknowledged last.
    pub removes_acknowledged: Option<Timestamp>,
    /// When it was complete.
    pub completed: Option<Timestamp>,
    /// Who was removed first.
    pub canary: CanaryRow,
    /// Users of the batch who are not where they should be.
    pub exceptions: Vec<ExceptionRow>,
}

/// The canary of a batch.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CanaryRow {
    /// Who was removed first.
    pub users: Vec<UserId>,
    /// When the first of them was about to be removed.
    pub removed: Option<Timestamp>,
    /// When the last of them was seen to have arrived.
    pub arrived: Option<Timestamp>,
}

/// A user who is not where the batch should have taken them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionRow {
    /// The user.
    pub id: Option<UserId>,
    /// The sign-in name.
    pub user_principal_name: String,
    /// Why: excluded, or where they stand.
    pub why: String,
}

/// One user, before and after.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// The line of the list; 0 when the list is the source group itself.
    pub line: usize,
    /// The object id; `None` for a line that names nobody.
    pub id: Option<UserId>,
    /// The sign-in name, or the text given where nobody was found.
    pub user_principal_name: String,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// The batch's place, from 1; `None` for who is in none.
    pub batch: Option<usize>,
    /// `forward` or `rollback`.
    pub direction: &'static str,
    /// The code of where they stand: after the last good read.
    pub standing: Option<&'static str>,
    /// The same in words, with what is wrong.
    pub standing_text: Option<String>,
    /// What became of them, in one word: see [`words::outcome`](crate::report::words::outcome).
    pub outcome: &'static str,
    /// Products at preflight, by part number or name; `None` in journals that did not keep them.
    pub products_before: Option<Arc<[String]>>,
    /// Products that the last look before the removal promised and the reads after it did not miss; `None` before that.
    pub products_after: Option<Arc<[String]>>,
    /// When they were added to the target group.
    pub added: Option<Timestamp>,
    /// When they were first seen to be safe to remove.
    pub ready: Option<Timestamp>,
    /// When they were removed from the source group.
    pub removed: Option<Timestamp>,
    /// Who added them, when it was not this program; left out else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<&'static str>,
    /// Who removed them, when it was not this program; left out else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<&'static str>,
    /// When they were first seen to be migrated.
    pub migrated: Option<Timestamp>,
    /// When they were seen to be back.
    pub rolled_back: Option<Timestamp>,
    /// From the addition until they were seen ready.
    pub seconds_to_ready: Option<u64>,
    /// From the removal until they were seen to be migrated.
    pub seconds_to_migrated: Option<u64>,
    /// Without a license, as reads saw it, rounded up.
    pub seconds_unlicensed: u64,
    /// The numbers of the approvals that name them.
    pub approvals: Vec<u32>,
    /// Whether the operator took them out.
    pub excluded: bool,
    /// Every reason against them and every warning.
    pub reasons: Vec<ReasonRow>,
    /// Why the last look proved nothing, when it did not.
    pub not_proven: Option<String>,
    /// The service's own sentence on why they are stuck, when it gave one.
    pub explained: Option<String>,
}

/// A reason against a user, or a warning about one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonRow {
    /// Its code.
    pub code: &'static str,
    /// What was seen.
    pub message: String,
    /// Whether it blocks nobody.
    pub warning: bool,
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

impl Report {
    /// How many users came to each outcome.
    pub fn outcomes(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for user in &self.users {
            *counts.entry(user.outcome).or_insert(0) += 1;
        }
        counts
    }
}

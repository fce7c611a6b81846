//! The one event enum: the journal stores it, `Migration::apply` folds it, the screen and the report tell it.

mod about;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::approval::ShownToOperator;
use crate::domain::end_state::Keeps;
pub use crate::domain::event::about::RunInfo;
pub use crate::domain::event::about::SessionInfo;
use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::Reason;
use crate::domain::preflight::Seats;
use crate::domain::proof::NotProven;
use crate::domain::read_back::ReadBack;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::settings::BatchSettings;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::work::Work;
use crate::domain::worklist::Issued;
use crate::domain::worklist::WorklistEnd;

/// Something that happened in a run. Batches are counted from 0 here and from 1 on the screen.
///
/// Serde tags it from outside, as that is read without being buffered; the journal's lines have the name as a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The run began.
    RunStarted {
        /// What it is.
        run: Box<RunInfo>,
        /// Who sits at the terminal.
        by: String,
    },
    /// The run was taken up again. No approval survives it.
    Resumed {
        /// Who sits at the terminal.
        by: String,
    },
    /// From where and how somebody sat down at the run; journals of before this was asked have none of these.
    SessionOpened {
        /// Where and how.
        session: Box<SessionInfo>,
    },
    /// Preflight looked at everything; the batches are cut from its ready users.
    Checked {
        /// What it found.
        preflight: Box<Preflight>,
    },
    /// A later batch was looked at again before its first approval.
    BatchChecked {
        /// The batch.
        batch: usize,
        /// What is wrong with the plan as a whole now.
        problems: Vec<Problem>,
        /// Seats now of the target product that is the tightest.
        seats: Seats,
        /// Seats of every target product now. Journals from before they were counted one by one have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        products: Vec<ProductSeats>,
        /// Users of the batch with reasons now, warnings included.
        reasons: Vec<(UserId, Vec<Reason>)>,
    },
    /// The operator approved adding these users.
    AddApproved {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
        /// Who approved.
        by: String,
        /// What stood on the screen.
        seen: ShownToOperator,
    },
    /// These users are about to be added. On disk before the request leaves.
    AddIntended {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
    },
    /// What became of an addition.
    AddSettled {
        /// The batch.
        batch: usize,
        /// The users, all with the same outcome.
        users: Vec<UserId>,
        /// What became of them.
        outcome: Outcome,
    },
    /// What a read said of an addition that nobody had answered for.
    AddReadBack {
        /// The user.
        user: UserId,
        /// What it said.
        found: ReadBack,
    },
    /// Every addition of the batch is acknowledged.
    AddsAcknowledged {
        /// The batch.
        batch: usize,
    },
    /// The operator approved removing these users.
    RemoveApproved {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
        /// Who approved.
        by: String,
        /// What stood on the screen.
        seen: ShownToOperator,
    },
    /// Two point reads proved each of these users safe.
    Proven {
        /// The batch.
        batch: usize,
        /// Each user, the standing seen and when the last read began.
        users: Vec<(UserId, Standing, Timestamp)>,
        /// What each of them keeps by the plan; journals of before this was asked have nothing here.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keeps: Vec<(UserId, Keeps)>,
    },
    /// The last look proved nothing for this user, who stays where they are.
    NotProven {
        /// The batch.
        batch: usize,
        /// The user.
        user: UserId,
        /// Why.
        why: NotProven,
    },
    /// These users are about to be removed. On disk before the request leaves.
    RemoveIntended {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
    },
    /// What became of a removal.
    RemoveSettled {
        /// The batch.
        batch: usize,
        /// The users, all with the same outcome.
        users: Vec<UserId>,
        /// What became of them.
        outcome: Outcome,
    },
    /// What a read said of a removal that nobody had answered for.
    RemoveReadBack {
        /// The user.
        user: UserId,
        /// What it said.
        found: ReadBack,
    },
    /// Every removal of the batch is acknowledged.
    RemovesAcknowledged {
        /// The batch.
        batch: usize,
    },
    /// A read showed users standing elsewhere than before.
    Observed {
        /// When the read began; what was acknowledged later it cannot speak of.
        began: Timestamp,
        /// Who stands where now.
        users: Vec<(UserId, Standing)>,
    },
    /// A read failed.
    ReadFailed {
        /// What was read.
        what: Work,
        /// Why it failed.
        fault: Fault,
    },
    /// A write or the look before it did not leave, and is tried again by itself. Said once for each kind of fault.
    Delayed {
        /// What has to wait.
        what: Work,
        /// Why.
        fault: Fault,
    },
    /// The two groups were read again while a batch is under way, and something about them has changed.
    GroupsChanged {
        /// What is wrong with them now; empty once they are as they should be.
        problems: Vec<Problem>,
    },
    /// The operator has said how many batches may be under way at once from now on.
    BatchesUnderWaySet {
        /// How many.
        most: usize,
        /// Who did it.
        by: String,
    },
    /// The operator has set how batches are that have not begun; those whose first approval was given stay as they are.
    BatchSettingsSet {
        /// What holds from now on.
        settings: BatchSettings,
        /// Who did it.
        by: String,
    },
    /// The operator took a user out of the batch.
    Excluded {
        /// The user.
        user: UserId,
        /// Who did it.
        by: String,
    },
    /// Nothing more is written until the operator lifts the halt.
    Halted {
        /// Why.
        why: HaltReason,
    },
    /// The operator lifted the halt. What was approved before is approved no more.
    HaltLifted {
        /// Who did it.
        by: String,
    },
    /// The operator approved having GBL look at these users again.
    ReprocessApproved {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
        /// Who approved.
        by: String,
        /// What stood on the screen.
        seen: ShownToOperator,
    },
    /// GBL is about to be asked to look at these users again. On disk before the request leaves.
    ReprocessIntended {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
    },
    /// What became of a reprocess.
    ReprocessSettled {
        /// The batch.
        batch: usize,
        /// The users, all with the same outcome.
        users: Vec<UserId>,
        /// What became of them; a refusal has Graph's sentence on why the license cannot be had.
        outcome: Outcome,
    },
    /// The operator approved taking a direct license off these users.
    DirectApproved {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
        /// Who approved.
        by: String,
        /// What stood on the screen.
        seen: ShownToOperator,
    },
    /// A direct license is about to be taken off these users. On disk before the request leaves.
    DirectIntended {
        /// The batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
    },
    /// What became of the removal of a direct license.
    DirectSettled {
        /// The batch.
        batch: usize,
        /// The users, all with the same outcome.
        users: Vec<UserId>,
        /// What became of them. What was lost is proven anew before it is asked for again.
        outcome: Outcome,
    },
    /// The tenant's audit log says why a user is stuck.
    Explained {
        /// The user.
        user: UserId,
        /// Graph's sentence.
        why: String,
    },
    /// Somebody else moved a user of ours. They are held for the operator, never fought over (rule 11).
    #[serde(rename = "other-hands")]
    ExternalChange {
        /// The user.
        user: UserId,
        /// What was done to them.
        what: ExternalChange,
    },
    /// The operator has these users taken back: they leave their batches and become one that goes the other way.
    RollbackStarted {
        /// The new batch.
        batch: usize,
        /// The users.
        users: Vec<UserId>,
        /// Who did it.
        by: String,
    },
    /// Users are without a license.
    AlarmRaised {
        /// Who they are.
        users: Vec<UserId>,
    },
    /// The operator has seen the alarm.
    AlarmAcknowledged {
        /// Who did it.
        by: String,
    },
    /// Others are asked to move these users, as the group's members are not ours to change. On disk before its file is
    /// written: from then on it may have been acted on.
    WorklistIssued {
        /// What is asked of whom.
        worklist: Box<Issued>,
    },
    /// The worklist's file was written; its age counts from here.
    WorklistWritten {
        /// Which.
        number: usize,
    },
    /// The worklist is not in force any more. Others may act on copies all the same.
    WorklistEnded {
        /// Which.
        number: usize,
        /// Why not.
        why: WorklistEnd,
    },
    /// Others took users out of the group that they were to leave: on no worklist, or before they were safe.
    RemovedByOthers {
        /// Who.
        users: Vec<UserId>,
        /// Whether they were not proven safe; that halts the run.
        early: bool,
    },
    /// Every user of the batch is migrated or excluded.
    BatchComplete {
        /// The batch.
        batch: usize,
    },
    /// Every batch is complete.
    MigrationComplete,
}

impl Event {
    /// The event's name as the journal writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run-started",
            Self::Resumed { .. } => "resumed",
            Self::SessionOpened { .. } => "session-opened",
            Self::Checked { .. } => "checked",
            Self::BatchChecked { .. } => "batch-checked",
            Self::AddApproved { .. } => "add-approved",
            Self::AddIntended { .. } => "add-intended",
            Self::AddSettled { .. } => "add-settled",
            Self::AddReadBack { .. } => "add-read-back",
            Self::AddsAcknowledged { .. } => "adds-acknowledged",
            Self::RemoveApproved { .. } => "remove-approved",
            Self::Proven { .. } => "proven",
            Self::NotProven { .. } => "not-proven",
            Self::RemoveIntended { .. } => "remove-intended",
            Self::RemoveSettled { .. } => "remove-settled",
            Self::RemoveReadBack { .. } => "remove-read-back",
            Self::RemovesAcknowledged { .. } => "removes-acknowledged",
            Self::Observed { .. } => "observed",
            Self::ReadFailed { .. } => "read-failed",
            Self::Delayed { .. } => "delayed",
            Self::GroupsChanged { .. } => "groups-changed",
            Self::BatchesUnderWaySet { .. } => "batches-under-way-set",
            Self::BatchSettingsSet { .. } => "batch-settings-set",
            Self::Excluded { .. } => "excluded",
            Self::ReprocessApproved { .. } => "reprocess-approved",
            Self::ReprocessIntended { .. } => "reprocess-intended",
            Self::ReprocessSettled { .. } => "reprocess-settled",
            Self::DirectApproved { .. } => "direct-approved",
            Self::DirectIntended { .. } => "direct-intended",
            Self::DirectSettled { .. } => "direct-settled",
            Self::Explained { .. } => "explained",
            Self::ExternalChange { .. } => "other-hands",
            Self::RollbackStarted { .. } => "rollback-started",
            Self::Halted { .. } => "halted",
            Self::HaltLifted { .. } => "halt-lifted",
            Self::AlarmRaised { .. } => "alarm-raised",
            Self::AlarmAcknowledged { .. } => "alarm-acknowledged",
            Self::WorklistIssued { .. } => "worklist-issued",
            Self::WorklistWritten { .. } => "worklist-written",
            Self::WorklistEnded { .. } => "worklist-ended",
            Self::RemovedByOthers { .. } => "removed-by-others",
            Self::BatchComplete { .. } => "batch-complete",
            Self::MigrationComplete => "migration-complete",
        }
    }
}

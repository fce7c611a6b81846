//! Why something that the operator asks for is not done.

use crate::domain::batch_name::BatchName;
use crate::domain::preflight::ProblemDetail;

/// Why something is not done. Users are named by their sign-in names, products by the names that people know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The migration is complete.
    Complete,
    /// Preflight found nobody who is ready.
    NobodyReady,
    /// The first preflight is under way.
    Preflighting,
    /// So many batches are under way as may be; this one is not among them.
    WaitsItsTurn(BatchName),
    /// The canary of this batch has not arrived, so that nobody of another batch may be removed.
    CanaryFirst(BatchName),
    /// There is no batch of that number.
    NoBatch,
    /// So many users are still to be added, as approved.
    Adding(usize),
    /// So many users are still to be removed, as approved.
    Removing(usize),
    /// The licenses of so many users are still to be written, as approved.
    Licensing(usize),
    /// What became of so many writes is not known yet.
    OutcomesUnknown(usize),
    /// A group is not as it should be; it is read again by itself.
    Group(ProblemDetail),
    /// The batch's own preflight is under way.
    BatchBeingChecked,
    /// A problem with the plan as a whole; it is checked again when the operator asks for it.
    Plan(ProblemDetail),
    /// Nobody of the batch is ready.
    NobodyOfBatchReady,
    /// Every removal of the batch is acknowledged.
    AllRemoved,
    /// So many users of the batch are not safe to remove yet.
    NotSafeYet(usize),
    /// Others have still to add so many users by a worklist.
    OthersToAdd(usize),
    /// Others have still to remove so many users by a worklist.
    OthersToRemove(usize),
    /// A worklist in force names the user.
    OnWorklist(String),
    /// Licensing is finishing the batch.
    Finishing,
    /// The batch is complete.
    BatchComplete,
    /// The question that waits is another one by now.
    Stale,
    /// A question that was asked for is another one by now.
    StaleRequest,
    /// The run was halted for another reason since the halt was shown.
    HaltedAgain,
    /// The user is not in the run.
    NotInRun,
    /// The user is not in the batch under way.
    NotInBatch(String),
    /// The user was excluded before.
    ExcludedAlready(String),
    /// The user is excluded from the batch.
    Excluded(String),
    /// A write for the user is under way.
    WriteUnderWay(String),
    /// What became of a write for the user is not known yet.
    WriteUnknown(String),
    /// Users can be turned back once nothing is being written.
    WritingHaltFirst,
    /// Nothing new is asked while something is being written.
    WritingWait,
    /// Nothing was written for the user.
    NothingToRollBack(String),
    /// The user was rolled back before.
    RolledBackAlready(String),
    /// The user is being rolled back.
    BeingRolledBack(String),
    /// The user is not in the group yet, so that licensing has nothing to look at.
    NotInGroupYet(String),
    /// Nothing is wrong with the user's licenses.
    NothingWrong(String),
    /// The user is deleted.
    NotThere(String),
    /// The direct license can go only after the removal.
    NotLeftYet {
        /// The user.
        user: String,
        /// The license that they leave.
        old: String,
    },
    /// The direct license may be all that the user has.
    OnlyLicense {
        /// The user.
        user: String,
        /// The license that they leave.
        old: String,
        /// The license that they are to get.
        new: String,
    },
    /// No direct license stands in the way.
    NoDirectLicense {
        /// The user.
        user: String,
        /// The license that they leave.
        old: String,
    },
    /// An alarm waits to be acknowledged.
    AlarmWaits,
    /// The run is halted.
    Halted,
    /// Every batch has begun, so that none is left to be set otherwise.
    AllBatchesBegun,
    /// Users were turned back, so that the number of batches stays.
    SizeAfterRollback,
    /// A figure that no run can go by.
    NoSuchSettings,
    /// Nobody was named.
    NobodyNamed,
}

//! Why something that the operator asks for is not done.

use crate::domain::refusal::Refusal;
use crate::words::batches;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::say;

/// A refusal in a sentence for the operator.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Complete => phrase("refusal-complete"),
        Refusal::NobodyReady => phrase("refusal-nobody-ready"),
        Refusal::Preflighting => phrase("refusal-preflighting"),
        Refusal::WaitsItsTurn(batch) => say("refusal-waits-its-turn", &[("batch", batches::name(batch).into())]),
        Refusal::CanaryFirst(batch) => say("refusal-canary-first", &[("batch", batches::name(batch).into())]),
        Refusal::NoBatch => phrase("refusal-no-batch"),
        Refusal::Adding(left) => say("refusal-adding", &[("count", (*left).into())]),
        Refusal::Removing(left) => say("refusal-removing", &[("count", (*left).into())]),
        Refusal::Licensing(left) => say("refusal-licensing", &[("count", (*left).into())]),
        Refusal::OutcomesUnknown(writes) => say("refusal-outcomes-unknown", &[("count", (*writes).into())]),
        Refusal::Group(problem) => say("refusal-group", &[("problem", preflight::problem(problem).into())]),
        Refusal::BatchBeingChecked => phrase("refusal-batch-being-checked"),
        Refusal::Plan(problem) => say("refusal-plan", &[("problem", preflight::problem(problem).into())]),
        Refusal::NobodyOfBatchReady => phrase("refusal-nobody-of-batch-ready"),
        Refusal::AllRemoved => phrase("refusal-all-removed"),
        Refusal::NotSafeYet(users) => say("refusal-not-safe-yet", &[("count", (*users).into())]),
        Refusal::OthersToAdd(users) => say("refusal-others-to-add", &[("count", (*users).into())]),
        Refusal::OthersToRemove(users) => say("refusal-others-to-remove", &[("count", (*users).into())]),
        Refusal::OnWorklist(user) => say("refusal-on-worklist", &[("user", user.as_str().into())]),
        Refusal::Finishing => phrase("refusal-finishing"),
        Refusal::BatchComplete => phrase("refusal-batch-complete"),
        Refusal::Stale => phrase("refusal-stale"),
        Refusal::StaleRequest => phrase("refusal-stale-request"),
        Refusal::HaltedAgain => phrase("refusal-halted-again"),
        Refusal::NotInRun => phrase("refusal-not-in-run"),
        Refusal::WritingHaltFirst => phrase("refusal-writing-halt-first"),
        Refusal::WritingWait => phrase("refusal-writing-wait"),
        Refusal::AlarmWaits => phrase("refusal-alarm-waits"),
        Refusal::Halted => phrase("refusal-halted"),
        Refusal::AllBatchesBegun => phrase("refusal-all-batches-begun"),
        Refusal::SizeAfterRollback => phrase("refusal-size-after-rollback"),
        Refusal::NoSuchSettings => phrase("refusal-no-such-settings"),
        Refusal::NobodyNamed => phrase("refusal-nobody-named"),
        Refusal::NotInBatch(user) => say("refusal-not-in-batch", &[("user", user.as_str().into())]),
        Refusal::ExcludedAlready(user) => say("refusal-excluded-already", &[("user", user.as_str().into())]),
        Refusal::Excluded(user) => say("refusal-excluded", &[("user", user.as_str().into())]),
        Refusal::WriteUnderWay(user) => say("refusal-write-under-way", &[("user", user.as_str().into())]),
        Refusal::WriteUnknown(user) => say("refusal-write-unknown", &[("user", user.as_str().into())]),
        Refusal::NothingToRollBack(user) => say("refusal-nothing-to-roll-back", &[("user", user.as_str().into())]),
        Refusal::RolledBackAlready(user) => say("refusal-rolled-back-already", &[("user", user.as_str().into())]),
        Refusal::BeingRolledBack(user) => say("refusal-being-rolled-back", &[("user", user.as_str().into())]),
        Refusal::NotInGroupYet(user) => say("refusal-not-in-group-yet", &[("user", user.as_str().into())]),
        Refusal::NothingWrong(user) => say("refusal-nothing-wrong", &[("user", user.as_str().into())]),
        Refusal::NotThere(user) => say("refusal-not-there", &[("user", user.as_str().into())]),
        Refusal::NotLeftYet { user, old } => {
            say("refusal-not-left-yet", &[("user", user.as_str().into()), ("old", old.as_str().into())])
        }
        Refusal::OnlyLicense { user, old, new } => say(
            "refusal-only-license",
            &[("user", user.as_str().into()), ("old", old.as_str().into()), ("new", new.as_str().into())],
        ),
        Refusal::NoDirectLicense { user, old } => {
            say("refusal-no-direct-license", &[("user", user.as_str().into()), ("old", old.as_str().into())])
        }
    }
}

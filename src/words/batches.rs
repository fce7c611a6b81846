//! Batches and their phases.

use crate::domain::batch_name::BatchName;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::progress::exceptions;
use crate::domain::route::Direction;
use crate::domain::settings::BatchSettings;
use crate::words::phrase;
use crate::words::say;

/// `batch size 100 · canary 5 · read every 30 s`.
pub fn settings(settings: BatchSettings) -> String {
    let interval = settings.interval.as_secs();
    let (size, canary) = (settings.batch_size, settings.canary);
    say("phase-settings", &[("size", size.into()), ("canary", canary.into()), ("seconds", interval.into())])
}

/// The name of a phase as a batch of this way meets it.
pub fn phase(phase: Phase, direction: Direction) -> String {
    match (direction, phase) {
        (_, Phase::Preflight) => phrase("phase-preflight"),
        (_, Phase::VerifyAdded) => phrase("phase-verify-added"),
        (Direction::Forward, Phase::AddToTarget) => phrase("phase-add-to-target"),
        (Direction::Forward, Phase::RemoveFromSource) => phrase("phase-remove-from-source"),
        (Direction::Forward, Phase::VerifyMigrated) => phrase("phase-verify-migrated"),
        (Direction::Forward, Phase::Complete) => phrase("phase-batch-complete"),
        (Direction::Rollback, Phase::AddToTarget) => phrase("phase-add-to-source"),
        (Direction::Rollback, Phase::RemoveFromSource) => phrase("phase-remove-from-target"),
        (Direction::Rollback, Phase::VerifyMigrated) => phrase("phase-verify-rolled-back"),
        (Direction::Rollback, Phase::Complete) => phrase("phase-rollback-complete"),
    }
}

/// What a batch, counted from 0, is called inside a sentence: `batch 2`, `rollback of batch 2`, `2nd rollback of batch 2`.
pub fn title(run: &Migration, number: usize) -> String {
    name(&run.batch_name(number))
}

/// The same for a batch whose name is known.
pub fn name(name: &BatchName) -> String {
    match name {
        BatchName::Forward(number) => say("phase-batch", &[("number", (*number).into())]),
        BatchName::Rollback { nth, of } => {
            say("phase-rollback", &[("nth", (*nth).into()), ("batches", named(of).into())])
        }
    }
}

/// The same for a narrow column, which tells batches from rollbacks by their numbers alone.
pub fn narrow_title(run: &Migration, number: usize) -> String {
    match run.batch_name(number) {
        BatchName::Forward(number) => number.to_string(),
        BatchName::Rollback { nth, of } => {
            let batches = of.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            say("phase-rollback-narrow", &[("nth", nth.into()), ("batches", batches.into())])
        }
    }
}

/// That a batch, counted from 0, is complete: `batch complete (2)`, `rollback complete (batch 2)`, each with how many of its
/// users it left behind: `batch complete (2), 4 exceptions`.
pub fn completion(run: &Migration, number: usize) -> String {
    let (direction, name) = match run.batch_name(number) {
        BatchName::Forward(number) => (Direction::Forward, number.to_string()),
        BatchName::Rollback { of, .. } => (Direction::Rollback, named(&of)),
    };
    let phase = phase(Phase::Complete, direction);
    let which = say("phase-complete-which", &[("phase", phase.into()), ("batch", name.into())]);
    which + &with_exceptions(run.exceptions_of(number))
}

/// That the migration is complete, with how many exceptions: `migration complete, 2 exceptions`.
pub fn migration_completion(run: &Migration) -> String {
    migration_complete(exceptions(run.users.iter().map(AsRef::as_ref)))
}

/// The same for a number of exceptions.
pub fn migration_complete(exceptions: usize) -> String {
    phrase("phase-migration-complete") + &with_exceptions(exceptions)
}

/// `, 2 exceptions`, or nothing when there is none.
pub fn with_exceptions(exceptions: usize) -> String {
    if exceptions == 0 { String::new() } else { say("phase-exceptions", &[("count", exceptions.into())]) }
}

/// Of what a rollback is: `batch 2`, `batches 1, 2 and 3`; `users` when they are of none.
fn named(batches: &[usize]) -> String {
    let numbers: Vec<String> = batches.iter().map(ToString::to_string).collect();
    match numbers.as_slice() {
        [one] => say("phase-of-batch", &[("number", one.as_str().into())]),
        [all @ .., last] => {
            let all = all.join(", ");
            say("phase-batches", &[("numbers", all.into()), ("last", last.as_str().into())])
        }
        [] => phrase("phase-of-users"),
    }
}

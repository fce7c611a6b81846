//! Errors with all that caused them.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::domain::phase::Illegal;
use crate::domain::phase::Place;
use crate::domain::route::Direction;
use crate::domain::write::WriteState;
use crate::engine::RecordError;
use crate::graph::error::GraphError;
use crate::journal::FileRefused;
use crate::journal::JournalError;
use crate::journal::LockError;
use crate::words::batches;
use crate::words::fault;
use crate::words::journal;
use crate::words::phrase;
use crate::words::say;

/// What went wrong and, behind it, each of its causes.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let said = one(error);
        // Some errors repeat their cause in their own words.
        if !told.ends_with(&said) {
            if !told.is_empty() {
                told.push_str(": ");
            }
            told.push_str(&said);
        }
        next = error.source();
    }
    told
}

/// One error without its causes. What the machine's libraries say is shown as it came.
fn one(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<RecordError>() {
        return record(error);
    }
    if let Some(error) = error.downcast_ref::<Illegal>() {
        return illegal(error);
    }
    if let Some(error) = error.downcast_ref::<GraphError>() {
        return fault::fault(error.fault());
    }
    // One that several hold stands behind an Arc, which is an error of its own.
    let shared = error.downcast_ref::<Arc<JournalError>>().map(AsRef::as_ref);
    if let Some(error) = error.downcast_ref::<JournalError>().or(shared) {
        return journal::error(error);
    }
    if let Some(error) = error.downcast_ref::<LockError>() {
        return journal::lock(error);
    }
    if let Some(refused) = error.downcast_ref::<io::Error>().and_then(FileRefused::of) {
        return journal::refused(refused);
    }
    error.to_string()
}

fn record(error: &RecordError) -> String {
    match error {
        RecordError::Journal(_) => phrase("error-journal-not-written"),
        RecordError::Followed(_) => phrase("error-journal-not-read"),
        RecordError::Illegal(_) => phrase("error-illegal-turn"),
        RecordError::ReadOnly => phrase("error-read-only"),
    }
}

fn illegal(error: &Illegal) -> String {
    if error.event.is_empty() {
        return phrase("error-no-events");
    }
    say("error-illegal", &[("event", error.event.into()), ("place", place(error.place).into())])
}

fn place(place: Place) -> String {
    match place {
        Place::BeforeTheRun => phrase("error-place-before-the-run"),
        Place::TwiceInARun => phrase("error-place-twice-in-a-run"),
        Place::OnceUnderWay => phrase("error-place-once-under-way"),
        Place::WithOpenWrite => phrase("error-place-with-open-write"),
        Place::WithoutAlarm => phrase("error-place-without-alarm"),
        Place::BeforeTheEnd => phrase("error-place-before-the-end"),
        Place::Halted => phrase("error-place-halted"),
        Place::BesideAnotherApproval => phrase("error-place-beside-another-approval"),
        Place::BeforeFirstCanary => phrase("error-place-before-first-canary"),
        Place::NotUnderWay => phrase("error-place-not-under-way"),
        Place::WithoutApproval => phrase("error-place-without-approval"),
        Place::WithoutProof => phrase("error-place-without-proof"),
        Place::ToWrite(state) => say("error-place-to-write", &[("state", write_state(state).into())]),
        Place::NoSuchBatch => phrase("error-place-no-such-batch"),
        Place::BatchNotUnderWay => phrase("error-place-batch-not-under-way"),
        Place::InPhase(phase) => {
            say("error-place-in-phase", &[("phase", batches::phase(phase, Direction::Forward).into())])
        }
        Place::NotInRun => phrase("error-place-not-in-run"),
        Place::NotInBatch => phrase("error-place-not-in-batch"),
        Place::ToNobody => phrase("error-place-to-nobody"),
        Place::TwiceToAUser => phrase("error-place-twice-to-a-user"),
        Place::MovedByOthers => phrase("error-place-moved-by-others"),
        Place::WorklistNotInForce => phrase("error-place-worklist-not-in-force"),
        Place::Now => phrase("error-place-now"),
    }
}

fn write_state(state: WriteState) -> String {
    match state {
        WriteState::NotBegun => phrase("error-write-not-begun"),
        WriteState::UnderWay => phrase("error-write-under-way"),
        WriteState::Done => phrase("error-write-done"),
        WriteState::Failed => phrase("error-write-failed"),
        WriteState::Listed => phrase("error-write-listed"),
        WriteState::Delisted => phrase("error-write-delisted"),
        WriteState::Unknown => phrase("error-write-unknown"),
    }
}

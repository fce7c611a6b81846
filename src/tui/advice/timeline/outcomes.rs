//! What became of reads and writes, in plain words.

use crate::domain::fault::Fault;
use crate::domain::outcome::Outcome;
use crate::domain::read_back::ReadBack;
use crate::domain::work::Work;
use crate::tui::advice::timeline::Weight;
use crate::words::fault;
use crate::words::say;

/// A read that failed.
pub(super) fn read_failed(what: &Work, fault: &Fault) -> (Weight, String) {
    let (what, fault) = (fault::work(what), fault::fault(fault));
    (Weight::Bad, say("event-read-failed", &[("what", what.into()), ("fault", fault.into())]))
}

/// Something that has to be tried again.
pub(super) fn delayed(what: &Work, fault: &Fault) -> (Weight, String) {
    let (what, fault) = (fault::work(what), fault::fault(fault));
    (Weight::Bad, say("event-delayed", &[("what", what.into()), ("fault", fault.into())]))
}

/// What became of an addition.
pub(super) fn added(outcome: &Outcome, group: &str, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Plain, say("event-added", &[("group", group.into()), ("who", who.into())])),
        Outcome::Failed(fault) => (
            Weight::Bad,
            say(
                "event-not-added",
                &[("group", group.into()), ("who", who.into()), ("fault", fault::fault(fault).into())],
            ),
        ),
        Outcome::Lost(fault) => (
            Weight::Bad,
            say(
                "event-perhaps-added",
                &[("group", group.into()), ("who", who.into()), ("fault", fault::fault(fault).into())],
            ),
        ),
    }
}

/// What became of a removal.
pub(super) fn removed(outcome: &Outcome, group: &str, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Plain, say("event-removed", &[("group", group.into()), ("who", who.into())])),
        Outcome::Failed(fault) => (
            Weight::Bad,
            say(
                "event-not-removed",
                &[("group", group.into()), ("who", who.into()), ("fault", fault::fault(fault).into())],
            ),
        ),
        Outcome::Lost(fault) => (
            Weight::Bad,
            say(
                "event-perhaps-removed",
                &[("group", group.into()), ("who", who.into()), ("fault", fault::fault(fault).into())],
            ),
        ),
    }
}

/// What became of a reprocess.
pub(super) fn reprocessed(outcome: &Outcome, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Good, say("event-reprocessed", &[("who", who.into())])),
        Outcome::Failed(fault) => {
            (Weight::Bad, say("event-not-reprocessed", &[("who", who.into()), ("fault", fault::fault(fault).into())]))
        }
        Outcome::Lost(fault) => (
            Weight::Bad,
            say("event-perhaps-reprocessed", &[("who", who.into()), ("fault", fault::fault(fault).into())]),
        ),
    }
}

/// What became of the removal of a direct license.
pub(super) fn rid_of_direct(outcome: &Outcome, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Good, say("event-direct-taken", &[("who", who.into())])),
        Outcome::Failed(fault) => {
            (Weight::Bad, say("event-direct-not-taken", &[("who", who.into()), ("fault", fault::fault(fault).into())]))
        }
        Outcome::Lost(fault) => (
            Weight::Bad,
            say("event-direct-perhaps-taken", &[("who", who.into()), ("fault", fault::fault(fault).into())]),
        ),
    }
}

/// What reading back showed of an addition.
pub(super) fn added_read_back(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    match found {
        ReadBack::InEffect => (Weight::Plain, say("event-found-in", &[("who", who.into()), ("group", group.into())])),
        ReadBack::NotInEffect => {
            (Weight::Bad, say("event-found-not-in", &[("who", who.into()), ("group", group.into())]))
        }
    }
}

/// What reading back showed of a removal.
pub(super) fn removed_read_back(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    match found {
        ReadBack::InEffect => (Weight::Plain, say("event-found-left", &[("who", who.into()), ("group", group.into())])),
        ReadBack::NotInEffect => {
            (Weight::Bad, say("event-found-not-left", &[("who", who.into()), ("group", group.into())]))
        }
    }
}

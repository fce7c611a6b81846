//! What became of writes, in plain words.

use crate::domain::event::ReadBack;
use crate::domain::order::Outcome;
use crate::tui::advice::timeline::Weight;
use crate::words::say;

/// What became of an addition.
pub(super) fn added(outcome: &Outcome, group: &str, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Plain, say("event-added", &[("group", group.into()), ("who", who.into())])),
        Outcome::Failed(fault) => {
            let said = [("group", group.into()), ("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-not-added", &said))
        }
        Outcome::Lost(fault) => {
            let said = [("group", group.into()), ("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-perhaps-added", &said))
        }
    }
}

/// What became of a removal.
pub(super) fn removed(outcome: &Outcome, group: &str, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Plain, say("event-removed", &[("group", group.into()), ("who", who.into())])),
        Outcome::Failed(fault) => {
            let said = [("group", group.into()), ("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-not-removed", &said))
        }
        Outcome::Lost(fault) => {
            let said = [("group", group.into()), ("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-perhaps-removed", &said))
        }
    }
}

/// What became of a reprocess.
pub(super) fn reprocessed(outcome: &Outcome, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Good, say("event-reprocessed", &[("who", who.into())])),
        Outcome::Failed(fault) => {
            let said = [("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-not-reprocessed", &said))
        }
        Outcome::Lost(fault) => {
            let said = [("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-perhaps-reprocessed", &said))
        }
    }
}

/// What became of the removal of a direct license.
pub(super) fn rid_of_direct(outcome: &Outcome, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Good, say("event-direct-taken", &[("who", who.into())])),
        Outcome::Failed(fault) => {
            let said = [("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-direct-not-taken", &said))
        }
        Outcome::Lost(fault) => {
            let said = [("who", who.into()), ("fault", fault.to_string().into())];
            (Weight::Bad, say("event-direct-perhaps-taken", &said))
        }
    }
}

/// What reading back showed of an addition.
pub(super) fn added_read_back(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    let said = [("who", who.into()), ("group", group.into())];
    match found {
        ReadBack::InEffect => (Weight::Plain, say("event-found-in", &said)),
        ReadBack::NotInEffect => (Weight::Bad, say("event-found-not-in", &said)),
    }
}

/// What reading back showed of a removal.
pub(super) fn removed_read_back(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    let said = [("who", who.into()), ("group", group.into())];
    match found {
        ReadBack::InEffect => (Weight::Plain, say("event-found-left", &said)),
        ReadBack::NotInEffect => (Weight::Bad, say("event-found-not-left", &said)),
    }
}

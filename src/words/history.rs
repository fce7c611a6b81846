//! What happened to one user.

use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::user_history::Happened;
use crate::domain::write::WriteKind;
use crate::words::fault;
use crate::words::moved;
use crate::words::moved::added;
use crate::words::moved::removed;
use crate::words::phrase;
use crate::words::proof;
use crate::words::say;
use crate::words::standing;
use crate::words::worklist;

/// A moment of a user's history. `direction` is the way that they go now.
pub fn happened(what: &Happened, direction: Direction) -> String {
    match what {
        Happened::Written { kind, direction } => done(*kind, *direction),
        Happened::Failed { kind, direction, fault } => {
            let (done, fault) = (done(*kind, *direction), fault::fault(fault));
            say("event-user-not-done", &[("done", done.into()), ("fault", fault.into())])
        }
        Happened::Perhaps { kind, direction, fault } => {
            let (done, fault) = (done(*kind, *direction), fault::fault(fault));
            say("event-user-perhaps-done", &[("done", done.into()), ("fault", fault.into())])
        }
        Happened::ReadBack { kind, direction, found } => {
            let done = done(*kind, *direction).into();
            match found {
                ReadBack::InEffect => say("event-user-read-back-done", &[("done", done)]),
                ReadBack::NotInEffect => say("event-user-read-back-not-done", &[("done", done)]),
            }
        }
        Happened::Undone { what, direction } => moved::undone(*what, *direction),
        Happened::Seen { standing, direction, written, went_back, by_others } => {
            let stands = standing::full(standing, *direction, *written);
            match (went_back, by_others) {
                (true, _) => say("event-user-went-back", &[("standing", stands.into())]),
                (false, true) => say("event-user-by-others", &[("standing", stands.into())]),
                (false, false) => stands,
            }
        }
        Happened::NotRemoved(why) => {
            say("event-user-not-removed", &[("why", proof::not_proven(why, direction).into())])
        }
        Happened::Excluded { by } => say("event-user-excluded", &[("by", by.as_str().into())]),
        Happened::Explained(why) => say("event-user-explained", &[("why", why.as_str().into())]),
        Happened::Listed { number, kind: WriteKind::Remove, direction } => {
            let done = removed(*direction);
            say("event-user-listed", &[("number", number.into()), ("done", done.into())])
        }
        Happened::Listed { number, direction, .. } => {
            say("event-user-listed", &[("number", number.into()), ("done", added(*direction).into())])
        }
        Happened::Delisted { number, why } => {
            say("event-user-delisted", &[("number", number.into()), ("why", worklist::ended(*why).into())])
        }
        Happened::LeftByOthers { early, direction } => {
            let done = removed(*direction).into();
            if *early {
                say("event-user-left-early", &[("done", done)])
            } else {
                say("event-user-left", &[("done", done)])
            }
        }
        Happened::TakenBack { by } => say("event-user-taken-back", &[("by", by.as_str().into())]),
    }
}

/// What a user is once a write is done.
fn done(kind: WriteKind, direction: Direction) -> String {
    match kind {
        WriteKind::Add => added(direction),
        WriteKind::Remove => removed(direction),
        WriteKind::Reprocess => phrase("event-user-reprocessed"),
        WriteKind::Direct => phrase("event-user-rid-of-direct-license"),
    }
}

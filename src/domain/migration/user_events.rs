//! What an event does to one user: how far a write has come, where a read showed them, and what their history says.

use crate::domain::event::ReadBack;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::order::Outcome;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::Moment;
use crate::domain::user::User;
use crate::domain::user::Write;

pub(super) fn added(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "added to the target group",
        Direction::Rollback => "added to the source group",
    }
}

pub(super) fn removed(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "removed from the source group",
        Direction::Rollback => "removed from the target group",
    }
}

pub(super) fn note(at: Timestamp, what: String, history: &mut Vec<Moment>) {
    history.push(Moment { at, what });
}

/// What follows once a removal is done. Who is taken back before licensing had acted has arrived already when they leave
/// the target group; only a read after that shows that they stay (rule 9).
pub(super) fn left(user: &mut User) {
    if user.remove.is_done() {
        user.removal_unconfirmed_at = None;
    }
    if user.direction == Direction::Rollback && user.remove.is_done() && user.has_arrived() {
        (user.standing, user.since) = (None, None);
    }
}

pub(super) fn settle(at: Timestamp, outcome: &Outcome, done: &str, write: &mut Write, history: &mut Vec<Moment>) {
    let (next, what) = match outcome {
        Outcome::Done => (Write::Done(at), done.to_owned()),
        Outcome::Failed(fault) => (Write::Failed(at, fault.clone()), format!("not {done}: {fault}")),
        Outcome::Lost(fault) => (Write::Lost(at, fault.clone()), format!("perhaps {done}: {fault}")),
    };
    *write = next;
    note(at, what, history);
}

pub(super) fn read_back(at: Timestamp, found: ReadBack, done: &str, write: &mut Write, history: &mut Vec<Moment>) {
    match found {
        ReadBack::InEffect => {
            *write = Write::Done(at);
            note(at, format!("{done}, as reading back shows"), history);
        }
        ReadBack::NotInEffect => {
            let fault = Fault::new(FaultKind::Refused, "reading back shows that it did not take effect");
            *write = Write::Failed(at, fault);
            note(at, format!("not {done}, as reading back shows"), history);
        }
    }
}

/// Rule 9: a read that began before the user was last written says nothing; nor does one while a write is open.
pub(super) fn observe(user: &mut User, at: Timestamp, began: Timestamp, standing: &Standing) {
    let too_early = user.written_at().is_some_and(|written| began <= written);
    if too_early || matches!(user.add, Write::Intended(_)) || matches!(user.remove, Write::Intended(_)) {
        return;
    }
    if user.standing.as_ref() == Some(standing) {
        return;
    }
    user.went_back = user.standing.as_ref().is_some_and(|before| standing.progress() < before.progress());
    let back = if user.went_back { "went back: " } else { "" };
    let unasked = user.removal_unconfirmed_at.is_none() && matches!(user.remove, Write::None | Write::Failed(..));
    let by_others = if *standing == Standing::Migrated && user.direction == Direction::Forward && unasked {
        ", not by our removal"
    } else {
        ""
    };
    note(
        at,
        format!("{back}{}{by_others}", standing.detailed_label(user.direction, user.removal())),
        &mut user.history,
    );
    match (standing, user.unlicensed_since) {
        (Standing::Unlicensed, None) => user.unlicensed_since = Some(at),
        (Standing::Unlicensed, Some(_)) | (_, None) => {}
        (_, Some(start)) => {
            user.unlicensed_before += since(start, at);
            user.unlicensed_since = None;
        }
    }
    user.was_stuck |= standing.counts_as_stuck();
    if !(standing.is_stuck() || matches!(standing, Standing::SourceLingers(_))) {
        user.why = None; // it was about what is over now
    }
    user.standing = Some(standing.clone());
    user.since = Some(at);
}

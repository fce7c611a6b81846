//! What the events of a write do to one user: the step of the write, and what follows from it.

use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::migration::user_events::note;
use crate::domain::outcome::Outcome;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user_history::Happened;
use crate::domain::write::Step;
use crate::domain::write::WriteKind;

/// Takes one step of the table. What cannot follow was refused before.
pub(super) fn write(user: &mut User, kind: WriteKind, step: Step<'_>, at: Timestamp) {
    if let Some(next) = user.write(kind).after(kind, step, at) {
        user.set_write(kind, next);
    }
}

pub(super) fn settled(user: &mut User, kind: WriteKind, outcome: &Outcome, at: Timestamp) {
    write(user, kind, Step::Settled(outcome), at);
    let direction = user.direction;
    let what = match outcome {
        Outcome::Done => Happened::Written { kind, direction },
        Outcome::Failed(fault) => Happened::Failed { kind, direction, fault: Box::new(fault.clone()) },
        Outcome::Lost(fault) => Happened::Perhaps { kind, direction, fault: Box::new(fault.clone()) },
    };
    note(at, what, &mut user.history);
    match kind {
        WriteKind::Remove => left(user),
        WriteKind::Reprocess => match outcome {
            Outcome::Failed(fault) if fault.kind == FaultKind::Refused => {
                user.seldom.change(|seldom| seldom.why = Some(fault.message.clone()));
            }
            Outcome::Done => user.seldom.change(|seldom| seldom.why = None),
            Outcome::Failed(_) | Outcome::Lost(_) => {}
        },
        WriteKind::Add | WriteKind::Direct => {}
    }
}

pub(super) fn read_back(user: &mut User, kind: WriteKind, found: ReadBack, at: Timestamp) {
    let by_others = user.write(kind).may_be_done_by_others();
    write(user, kind, Step::ReadBack(found), at);
    note(at, Happened::ReadBack { kind, direction: user.direction, found }, &mut user.history);
    if kind == WriteKind::Remove {
        user.seldom.change(|seldom| seldom.removal_unconfirmed_at = Some(at));
        left(user);
        if by_others {
            seen_gone(user);
        }
    }
}

/// What we wrote is not in effect any more; whether to write it again is the operator's to say.
pub(super) fn undone(user: &mut User, kind: WriteKind, what: ExternalChange, at: Timestamp) {
    let fault = what.fault(user.direction);
    note(at, Happened::Undone { what, direction: user.direction }, &mut user.history);
    write(user, kind, Step::Undone(&fault), at);
}

impl ExternalChange {
    /// Why our write is not in effect any more.
    pub(super) fn fault(self, direction: Direction) -> Fault {
        Fault::new(FaultKind::Refused, FaultMessage::Undone { what: self, direction })
    }
}

/// What follows once a removal is done. Who is taken back before licensing had acted has arrived already when they leave
/// the target group; only a read after that shows that they stay (rule 9).
fn left(user: &mut User) {
    if user.remove.is_done() {
        user.seldom.change(|seldom| seldom.removal_unconfirmed_at = None);
    }
    if user.direction == Direction::Rollback && user.remove.is_done() && user.has_arrived() {
        (user.standing, user.since) = (None, None);
    }
}

/// What was read of a user before they were known to have left was judged as of one who had not: only a read after that
/// shows that they have arrived (rule 9).
pub(super) fn seen_gone(user: &mut User) {
    if user.remove.is_done() && user.has_arrived() {
        (user.standing, user.since) = (None, None);
    }
}

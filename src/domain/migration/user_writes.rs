//! What the events of a write do to one user: the step of the write, and what follows from it.

use crate::domain::event::ExternalChange;
use crate::domain::event::ReadBack;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::migration::user_events::note;
use crate::domain::order::Outcome;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::write::Step;
use crate::domain::write::WriteKind;

/// Takes one step of the table. What cannot follow was refused before.
pub(super) fn write(user: &mut User, kind: WriteKind, step: Step<'_>, at: Timestamp) {
    if let Some(next) = user.write(kind).after(kind, step, at) {
        *user.write_mut(kind) = next;
    }
}

pub(super) fn settled(user: &mut User, kind: WriteKind, outcome: &Outcome, at: Timestamp) {
    write(user, kind, Step::Settled(outcome), at);
    let done = done(kind, user.direction);
    let what = match outcome {
        Outcome::Done => done.to_owned(),
        Outcome::Failed(fault) => format!("not {done}: {fault}"),
        Outcome::Lost(fault) => format!("perhaps {done}: {fault}"),
    };
    note(at, what, &mut user.history);
    match kind {
        WriteKind::Remove => left(user),
        WriteKind::Reprocess => {
            user.why = match outcome {
                Outcome::Failed(fault) if fault.kind == FaultKind::Refused => Some(fault.message.clone()),
                Outcome::Done => None,
                Outcome::Failed(_) | Outcome::Lost(_) => user.why.take(),
            };
        }
        WriteKind::Add | WriteKind::Direct => {}
    }
}

pub(super) fn read_back(user: &mut User, kind: WriteKind, found: ReadBack, at: Timestamp) {
    write(user, kind, Step::ReadBack(found), at);
    let done = done(kind, user.direction);
    let what = match found {
        ReadBack::InEffect => format!("{done}, as reading back shows"),
        ReadBack::NotInEffect => format!("not {done}, as reading back shows"),
    };
    note(at, what, &mut user.history);
    if kind == WriteKind::Remove {
        user.removal_unconfirmed_at = Some(at);
        left(user);
    }
}

/// What we wrote is not in effect any more; whether to write it again is the operator's to say.
pub(super) fn undone(user: &mut User, kind: WriteKind, what: ExternalChange, at: Timestamp) {
    let fault = what.fault(user.direction);
    note(at, fault.message.clone(), &mut user.history);
    write(user, kind, Step::Undone(&fault), at);
}

impl ExternalChange {
    /// Why our write is not in effect any more.
    pub(super) fn fault(self, direction: Direction) -> Fault {
        let why = match self {
            Self::TakenOut => {
                format!("somebody else took them out again after they were {}", done(WriteKind::Add, direction))
            }
            Self::PutBack => {
                format!("somebody else put them back after they were {}", done(WriteKind::Remove, direction))
            }
        };
        Fault::new(FaultKind::Refused, why)
    }
}

/// What follows once a removal is done. Who is taken back before licensing had acted has arrived already when they leave
/// the target group; only a read after that shows that they stay (rule 9).
fn left(user: &mut User) {
    if user.remove.is_done() {
        user.removal_unconfirmed_at = None;
    }
    if user.direction == Direction::Rollback && user.remove.is_done() && user.has_arrived() {
        (user.standing, user.since) = (None, None);
    }
}

/// What a user is once a write is done.
fn done(kind: WriteKind, direction: Direction) -> &'static str {
    match (kind, direction) {
        (WriteKind::Add, Direction::Forward) => "added to the target group",
        (WriteKind::Add, Direction::Rollback) => "added to the source group",
        (WriteKind::Remove, Direction::Forward) => "removed from the source group",
        (WriteKind::Remove, Direction::Rollback) => "removed from the target group",
        (WriteKind::Reprocess, _) => "reprocessed",
        (WriteKind::Direct, _) => "rid of the direct license",
    }
}

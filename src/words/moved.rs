//! How a user was moved, by us or by somebody else.

use crate::domain::external_change::ExternalChange;
use crate::domain::route::Direction;
use crate::words::phrase;
use crate::words::say;

/// What a user is once the addition is done.
pub fn added(direction: Direction) -> String {
    match direction {
        Direction::Forward => phrase("event-user-added-to-target"),
        Direction::Rollback => phrase("event-user-added-to-source"),
    }
}

/// What a user is once the removal is done.
pub fn removed(direction: Direction) -> String {
    match direction {
        Direction::Forward => phrase("event-user-removed-from-source"),
        Direction::Rollback => phrase("event-user-removed-from-target"),
    }
}

/// What somebody else did after our write.
pub fn undone(what: ExternalChange, direction: Direction) -> String {
    match what {
        ExternalChange::TakenOut => say("error-taken-out", &[("done", added(direction).into())]),
        ExternalChange::PutBack => say("error-put-back", &[("done", removed(direction).into())]),
    }
}

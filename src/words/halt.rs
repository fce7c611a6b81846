//! Why a run is halted.

use crate::domain::halt::Halt;
use crate::domain::halt::HaltReason;
use crate::domain::halt_now::HaltNow;
use crate::domain::text::clean;
use crate::words::fault;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::say;

/// How many users a sentence names.
const NAMED: usize = 5;

/// A halt's reason in a few words.
pub fn reason(why: &HaltReason) -> String {
    match why {
        HaltReason::Operator => phrase("halt-operator"),
        HaltReason::Command { by } => say("halt-command", &[("by", clean(by).into())]),
        HaltReason::WindowClosed => phrase("halt-window-closed"),
        HaltReason::Unlicensed => phrase("halt-unlicensed"),
        HaltReason::TooManyStuck { stuck, most } => {
            say("halt-too-many-stuck", &[("count", (*stuck).into()), ("most", (*most).into())])
        }
        HaltReason::RemovedEarly { users } => {
            let named: Vec<_> = users.iter().take(NAMED).map(|user| clean(user)).collect();
            let named = named.join(", ").into();
            say("halt-removed-early", &[("count", users.len().into()), ("users", named)])
        }
        HaltReason::Seats(short) => preflight::shortage(short),
        HaltReason::Write(fault) => say("halt-write", &[("fault", fault::fault(fault).into())]),
    }
}

/// All reasons of a halt in a few words.
pub fn reasons(halt: &Halt) -> String {
    beside(halt.reasons().map(reason))
}

/// The same as things stand now.
pub fn all_now(whys: &[HaltNow]) -> String {
    beside(whys.iter().map(now))
}

/// The first reason, and the others beside it.
fn beside(mut told: impl Iterator<Item = String>) -> String {
    let first = told.next().unwrap_or_default();
    told.fold(first, |first, also| say("halt-also", &[("why", first.into()), ("also", also.into())]))
}

fn now(why: &HaltNow) -> String {
    match why {
        HaltNow::As(why) => reason(why),
        HaltNow::Stuck { still, were, most } if still == were => {
            say("halt-still-stuck", &[("count", (*still).into()), ("most", (*most).into())])
        }
        HaltNow::Stuck { still, were, most } => {
            say("halt-stuck-now", &[("count", (*still).into()), ("were", (*were).into()), ("most", (*most).into())])
        }
        HaltNow::Unlicensed(still) => say("halt-still-unlicensed", &[("count", (*still).into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seat_ledger::Shortage;

    #[test]
    fn the_reason_of_a_halt_agrees_with_its_counts() {
        let stuck = |stuck, most| reason(&HaltReason::TooManyStuck { stuck, most });
        assert_eq!(stuck(1, 0), "1 user is or was stuck, more than 0");
        assert_eq!(stuck(4, 3), "4 users are or were stuck, more than 3");
        let seats =
            |available, needed| reason(&HaltReason::Seats(Shortage { available, needed, ..Shortage::default() }));
        assert_eq!(seats(1, 2), "1 seat is free, 2 are needed");
        assert_eq!(seats(0, 1), "0 seats are free, 1 is needed");
        let short = Shortage { available: 2, needed: 9, product: Some("E3".into()), fits: Some(2), later: 30 };
        assert_eq!(
            reason(&HaltReason::Seats(short)),
            "2 seats of E3 are free, 9 are needed, and 30 more for who comes later; the first 2 users fit"
        );
    }
}

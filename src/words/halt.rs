//! Why a run is halted.

use crate::domain::event::HaltReason;
use crate::words::fault;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::say;

/// A halt's reason in a few words.
pub fn reason(why: &HaltReason) -> String {
    match why {
        HaltReason::Operator => phrase("halt-operator"),
        HaltReason::Unlicensed => phrase("halt-unlicensed"),
        HaltReason::TooManyStuck { stuck, most } => {
            say("halt-too-many-stuck", &[("count", (*stuck).into()), ("most", (*most).into())])
        }
        HaltReason::Seats(short) => preflight::shortage(short),
        HaltReason::Write(fault) => say("halt-write", &[("fault", fault::fault(fault).into())]),
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
        let seats = |available, needed| reason(&HaltReason::Seats(Shortage { available, needed, product: None }));
        assert_eq!(seats(1, 2), "1 seat is free, 2 are needed");
        assert_eq!(seats(0, 1), "0 seats are free, 1 is needed");
    }
}

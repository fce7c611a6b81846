//! A halt's reason as things stand now, which may be better or worse than when it came.

use crate::domain::automatic::in_grace;
use crate::domain::halt::Halt;
use crate::domain::halt::HaltReason;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::time::Timestamp;

/// A halt's reason as things stand now: what was counted when it came may be over, or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HaltNow {
    /// The reason is as it was.
    As(HaltReason),
    /// Users are stuck, and their number is another one.
    Stuck {
        /// How many now.
        still: usize,
        /// How many when it halted, over the run.
        were: usize,
        /// How many the run bears.
        most: usize,
    },
    /// So many users are without a license now.
    Unlicensed(usize),
}

/// The reasons of a halt as things stand now.
pub fn halt_now(run: &Migration, halt: &Halt, now: Timestamp) -> Vec<HaltNow> {
    halt.reasons().map(|why| reason_now(run, why, now)).collect()
}

/// One reason of a halt as things stand now.
pub fn reason_now(run: &Migration, why: &HaltReason, now: Timestamp) -> HaltNow {
    match why {
        HaltReason::TooManyStuck { stuck, most } => {
            let still = run.count_all(Fact::StuckOfRun) + run.overdue(now);
            HaltNow::Stuck { still, were: *stuck, most: *most }
        }
        HaltReason::Unlicensed => HaltNow::Unlicensed(still_unlicensed(run, now)),
        HaltReason::Operator
        | HaltReason::Command { .. }
        | HaltReason::WindowClosed
        | HaltReason::RemovedEarly { .. }
        | HaltReason::Seats(_)
        | HaltReason::Write(_) => HaltNow::As(why.clone()),
    }
}

/// Who is without a license now and no switch-over explains it.
pub fn still_unlicensed(run: &Migration, now: Timestamp) -> usize {
    let grace = run.run.settings.unlicensed_grace;
    run.unlicensed().filter(|user| !in_grace(user, now, grace)).count()
}

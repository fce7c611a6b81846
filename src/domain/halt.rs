//! Why nothing is written: a halt, and users without a license.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::fault::Fault;
use crate::domain::id::UserId;
use crate::domain::seat_ledger::Shortage;
use crate::domain::time::Timestamp;

/// Why a run is halted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HaltReason {
    /// The operator pressed `H`.
    Operator,
    /// Somebody on this machine gave the command `skuferry halt`.
    Command {
        /// Who.
        by: String,
    },
    /// The window for writes closed while approved writes had not left.
    WindowClosed,
    /// A user was left without a license.
    Unlicensed,
    /// More users are stuck than the run bears.
    TooManyStuck {
        /// How many.
        stuck: usize,
        /// How many it bears.
        most: usize,
    },
    /// Others took users out of the group before they were proven safe.
    RemovedEarly {
        /// Their sign-in names.
        users: Vec<String>,
    },
    /// Fewer seats of a target product are free than the removal needs.
    Seats(Shortage),
    /// A write came back with something that the operator must look at first.
    Write(Fault),
}

impl HaltReason {
    /// Whether others took users out before they were safe, who may be without a license by now.
    pub fn is_removed_early(&self) -> bool {
        matches!(self, Self::RemovedEarly { .. })
    }
}

/// Why and since when nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Why, first of all.
    pub why: HaltReason,
    /// Since when.
    pub at: Timestamp,
    /// What would have halted it since then.
    pub also: Vec<HaltReason>,
    /// When the last of all these reasons came.
    pub latest: Timestamp,
    /// When others last took users out before they were safe: each time is news, even of the same users.
    pub removed_early_at: Option<Timestamp>,
}

impl Halt {
    /// A halt that has begun.
    pub fn new(why: HaltReason, at: Timestamp) -> Self {
        let removed_early_at = why.is_removed_early().then_some(at);
        Self { why, at, also: Vec::new(), latest: at, removed_early_at }
    }

    /// All reasons, in the order in which they came.
    pub fn reasons(&self) -> impl Iterator<Item = &HaltReason> {
        std::iter::once(&self.why).chain(&self.also)
    }

    /// Takes in that something halts what is halted: the first reason stands, and the other is told beside it. That users were
    /// removed early is news again each time; what else is known is none.
    pub fn add(&mut self, why: HaltReason, at: Timestamp) {
        let is_known = self.reasons().any(|known| *known == why);
        if why.is_removed_early() {
            self.removed_early_at = Some(at);
        }
        if !is_known || why.is_removed_early() {
            self.latest = at;
        }
        if !is_known {
            self.also.push(why);
        }
    }
}

/// Users without a license, and whether the operator has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Who they are, each named once however often.
    pub users: BTreeSet<UserId>,
    /// Since when.
    pub at: Timestamp,
    /// Whether the operator has acknowledged it.
    pub acknowledged: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stands_and_each_other_is_noted_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut halt = Halt::new(HaltReason::Operator, at(1));
        let early = |user: &str| HaltReason::RemovedEarly { users: vec![user.into()] };
        halt.add(early("ana"), at(2));
        halt.add(HaltReason::Operator, at(3));
        assert_eq!((halt.at, halt.latest), (at(1), at(2)), "what is known is no news");
        halt.add(early("ben"), at(4));
        halt.add(early("ana"), at(5));
        halt.add(HaltReason::Operator, at(6));
        assert_eq!((&halt.why, halt.latest), (&HaltReason::Operator, at(5)), "to be removed early is news each time");
        assert_eq!(halt.removed_early_at, Some(at(5)));
        assert!(halt.reasons().eq(&[HaltReason::Operator, early("ana"), early("ben")]));
    }
}

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
}

impl Halt {
    /// A halt that has begun.
    pub fn new(why: HaltReason, at: Timestamp) -> Self {
        Self { why, at, also: Vec::new(), latest: at }
    }

    /// All reasons, in the order in which they came.
    pub fn reasons(&self) -> impl Iterator<Item = &HaltReason> {
        std::iter::once(&self.why).chain(&self.also)
    }

    /// Takes in that something halts what is halted: the first reason stands, and the other is told beside it.
    pub fn add(&mut self, why: HaltReason, at: Timestamp) {
        if self.reasons().all(|known| *known != why) {
            self.also.push(why);
            self.latest = at;
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

//! Whom a run waits for, and how long already.

use crate::domain::latency::Goal;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::time::Timestamp;

/// Whom a batch waits for, each of them told of once, and what follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiters {
    /// Users on whom licensing has not acted yet.
    pub processing: usize,
    /// Licensing has acted, and somebody else holds the license that they leave.
    pub holding: usize,
    /// Users past `stuck_after`.
    pub late: usize,
    /// Users that are stuck.
    pub stuck: usize,
    /// Users who are without a license while they are switched over.
    pub switching: usize,
    /// Users without a license.
    pub unlicensed: usize,
    /// Users whose last step was backwards.
    pub went_back: usize,
    /// How many more are written by an approval that was given.
    pub approved: usize,
}

impl Migration {
    /// How many users of a batch have waited for GBL longer than the run allows.
    pub fn late_in(&self, batch: usize, now: Timestamp) -> usize {
        self.tally.late_in(batch, now, self.run.settings.stuck_after).users
    }

    /// Whom a batch waits for, each of them counted once: who is stuck or without a license, and what follows, is not
    /// counted here.
    pub fn waiters_in(&self, batch: usize, now: Timestamp) -> Waiters {
        let late = self.tally.late_in(batch, now, self.run.settings.stuck_after);
        let left = self.tally.waits_in(batch).less(late);
        Waiters {
            late: late.users,
            went_back: self.count(batch, Fact::FellBack).saturating_sub(late.fell_back),
            holding: left.held,
            processing: left.users.saturating_sub(left.fell_back + left.held),
            ..Waiters::default()
        }
    }

    /// Since which second how many users of a batch have waited for this.
    pub fn waits(&self, batch: usize, goal: Goal) -> impl Iterator<Item = (Timestamp, usize)> {
        self.tally.waits(batch, goal)
    }

    /// How many left the group that they were removed from, never counted as stuck, and have waited for it past
    /// `stuck_after`.
    pub fn overdue(&self, now: Timestamp) -> usize {
        self.tally.overdue(now, self.run.settings.stuck_after)
    }

    /// When the next user becomes [overdue](Self::overdue), if any may.
    pub fn next_overdue(&self, now: Timestamp) -> Option<Timestamp> {
        self.tally.next_overdue(now, self.run.settings.stuck_after)
    }
}

//! How long the users of a batch, or of all batches under way, still wait for licensing.

use crate::domain::latency::Estimate;
use crate::domain::latency::Goal;
use crate::domain::latency::Remaining;
use crate::domain::latency::StillWaiting;
use crate::domain::latency::way;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;

/// What is known of the waits of a run at one time: worked out once, and asked for each batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimates {
    /// By [`way`] and [`Goal`].
    estimates: [[Estimate; 2]; 2],
    /// How long 95 % wait, by the same.
    slow_after: [[Option<SignedDuration>; 2]; 2],
}

impl Estimates {
    /// As of now.
    pub fn of(run: &Migration, now: Timestamp) -> Self {
        let patience = run.run.settings.stuck_after;
        let of = |direction| Goal::ALL.map(|goal| run.latencies().of_run(direction, goal).estimate(now, patience));
        let estimates = Direction::ALL.map(of);
        let most = |one: &Estimate| one.percentile(95).filter(|_| one.is_enough());
        let slow_after = estimates.each_ref().map(|of_way| of_way.each_ref().map(most));
        Self { estimates, slow_after }
    }

    /// How long 95 % of the users wait for this, where enough is known of it.
    pub fn slow_after(&self, direction: Direction, goal: Goal) -> Option<SignedDuration> {
        self.slow_after[way(direction)][goal as usize]
    }

    /// How long 95 % of the users waited for what this one waits for, when this one has waited longer.
    pub fn slower_than(&self, user: &User, now: Timestamp) -> Option<SignedDuration> {
        let waited = user.waiting_for(now)?;
        let goal = if user.remove.is_done() { Goal::Migrated } else { Goal::Ready };
        self.slow_after(user.direction, goal).filter(|most| waited > *most)
    }

    /// Of waits for this, on this way.
    pub fn get(&self, direction: Direction, goal: Goal) -> &Estimate {
        &self.estimates[way(direction)][goal as usize]
    }

    /// How long the users of a batch still wait for what it watches; `None` when it watches nobody who waits. Whoever is
    /// stuck or late is not among them: time alone is of no help to them.
    pub fn remaining_in(&self, run: &Migration, batch: usize, now: Timestamp) -> Option<Remaining> {
        let (done, waiting) = self.waiting(run, batch, now)?;
        Remaining::of(done, &[waiting])
    }

    /// The same of all batches under way.
    pub fn remaining(&self, run: &Migration, now: Timestamp) -> Option<Remaining> {
        let batches = run.under_way_batches().into_iter().filter_map(|batch| self.waiting(run, batch, now));
        let (done, waiting): (Vec<usize>, Vec<StillWaiting>) = batches.unzip();
        Remaining::of(done.into_iter().sum(), &waiting)
    }

    fn waiting(&self, run: &Migration, batch: usize, now: Timestamp) -> Option<(usize, StillWaiting)> {
        let goal = watched(run.phase_of(batch))?;
        let done = run.count(batch, if goal == Goal::Ready { Fact::Safe } else { Fact::Arrived });
        let ages = run.waits(batch, goal).map(|(at, count)| (since(at, now), count));
        let ages = ages.filter(|(age, _)| *age < run.run.settings.stuck_after);
        let ages = ages.map(|(age, count)| (u64::try_from(age.as_secs()).unwrap_or(0), count)).collect();
        let estimate = self.get(run.direction_of(batch), goal).clone();
        Some((done, StillWaiting { estimate, ages }))
    }
}

/// How long 95 % of a batch waited: from its removals until migrated where that is known, else from its additions until
/// ready.
pub fn most_in(run: &Migration, batch: usize, now: Timestamp) -> Option<SignedDuration> {
    let of = |goal| run.latencies().of_batch(batch, goal)?.percentile(95, now, run.run.settings.stuck_after);
    of(Goal::Migrated).or_else(|| of(Goal::Ready))
}

/// What a batch waits for in this phase.
fn watched(phase: Phase) -> Option<Goal> {
    match phase {
        Phase::VerifyAdded => Some(Goal::Ready),
        Phase::VerifyMigrated => Some(Goal::Migrated),
        Phase::Preflight | Phase::AddToTarget | Phase::RemoveFromSource | Phase::Complete => None,
    }
}

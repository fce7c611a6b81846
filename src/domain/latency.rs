//! How long licensing takes in this run: from a write's acknowledgement until a read showed what was waited for.
//!
//! Who still waits has waited so long and longer, and is no smaller a part of the truth than who is done: figures of those
//! alone who are done would be of the quick ones. So the figures are the Kaplan-Meier estimate (1958): at every length that
//! somebody took, the share who took it of all who had waited at least so long. Lengths are kept as counts, in steps of at
//! most a 32nd, so that an event costs a look into a small map, and a figure a walk over some hundred counts, whatever the
//! number of users.
//!
//! Measured is who was written by us, with an answer, and waits for licensing alone. Who becomes stuck, is excluded,
//! processed again or turned round has waited so long by then, and is not followed further. The same holds for all who wait
//! when the program ends: nobody saw what happened until it was taken up again.

mod estimate;
mod length;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use estimate::Estimate;
pub use estimate::MostDone;
pub use estimate::Remaining;
pub use estimate::SlowestDone;
pub use estimate::StillWaiting;

use crate::domain::latency::length::Length;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user_history::Happened;
use crate::domain::user_history::Moment;
use crate::domain::write::Write;
use crate::domain::write::WriteKind;

/// What is waited for after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// After the addition: safe to remove.
    Ready,
    /// After the removal: migrated, or on the way back rolled back.
    Migrated,
}

impl Goal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ready, Self::Migrated];
}

/// Somebody who waits for licensing and is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wait {
    batch: usize,
    direction: Direction,
    goal: Goal,
    since: Timestamp,
}

/// Where a user was before an event, as far as their waiting goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    wait: Option<Wait>,
    acknowledged: [Option<Timestamp>; 2],
}

impl Before {
    pub(super) fn of(user: &User, scenario: Scenario) -> Self {
        Self { wait: wait_of(user, scenario), acknowledged: Goal::ALL.map(|goal| acknowledged(user, goal)) }
    }

    /// Whether the user waits for something else now.
    pub(super) fn differs(&self, user: &User, scenario: Scenario) -> bool {
        self.wait != wait_of(user, scenario)
    }
}

/// When the write was acknowledged after which this is waited for.
fn acknowledged(user: &User, goal: Goal) -> Option<Timestamp> {
    let write = match goal {
        Goal::Ready => &user.add,
        Goal::Migrated => &user.remove,
    };
    if let Write::Done(at) = write { Some(*at) } else { None }
}

/// The wait of a user who is measured.
fn wait_of(user: &User, scenario: Scenario) -> Option<Wait> {
    let touched =
        user.excluded || user.was_stuck || user.seldom.reprocess != Write::None || user.seldom.direct != Write::None;
    let goal = match (user.removal(), &user.remove) {
        (Removal::NotSent, _) => Goal::Ready,
        (Removal::Sent, Write::Done(_)) => Goal::Migrated,
        (Removal::Sent, _) => return None,
    };
    let (since, batch) = (acknowledged(user, goal)?, user.batch?);
    // Who had an answer and goes back to waiting was measured already.
    let answered = |moment: &Moment| {
        let seen = if let Happened::Seen { standing, .. } = &moment.what { Some(standing) } else { None };
        seen.is_some_and(|standing| !is_waiting(standing, goal, scenario))
    };
    let waits = user.standing.as_ref().is_none_or(|standing| is_waiting(standing, goal, scenario))
        && !user.history.iter().rev().take_while(|moment| moment.at > since).any(|moment| answered(moment));
    // Who was turned round before the removal stayed in the group: nothing was written then.
    let ours = user.seldom.turned_at != Some(since) && !was_read_back(user, goal);
    (waits && ours && !touched).then_some(Wait { batch, direction: user.direction, goal, since })
}

/// Whether licensing has still to act on who stands there.
fn is_waiting(standing: &Standing, goal: Goal, scenario: Scenario) -> bool {
    match standing {
        Standing::OnSource | Standing::SourceLingers(Holder::NotProcessed) => true,
        Standing::HoldsBoth | Standing::ExpectedConflict => goal == Goal::Migrated && standing.is_safe(scenario),
        // The switch-over may show for a moment.
        Standing::Unlicensed => goal == Goal::Migrated,
        // Where somebody else holds the license, licensing has done its part.
        Standing::Migrated
        | Standing::SourceLingers(_)
        | Standing::Stuck(_)
        | Standing::LostPart(_)
        | Standing::Missing => false,
    }
}

/// Whether nobody answered for the write: when it took effect is not known.
fn was_read_back(user: &User, goal: Goal) -> bool {
    let write = match goal {
        Goal::Ready => WriteKind::Add,
        Goal::Migrated => WriteKind::Remove,
    };
    let last = user.history.iter().rev().find_map(|moment| match moment.what {
        Happened::Written { kind, .. } if kind == write => Some(false),
        Happened::ReadBack { kind, .. } if kind == write => Some(true),
        _ => None,
    });
    last == Some(true)
}

fn has_reached(user: &User, goal: Goal, scenario: Scenario) -> bool {
    match goal {
        Goal::Ready => user.standing.as_ref().is_some_and(|standing| standing.is_safe(scenario)),
        Goal::Migrated => user.has_arrived(),
    }
}

/// The lengths of one kind of wait, as counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Who reached what they waited for, by how long that took.
    reached: BTreeMap<Length, usize>,
    /// Who stopped being measured before, by how long they had waited.
    left: BTreeMap<Length, usize>,
    /// Who waits still, by the second since when.
    waiting: BTreeMap<Timestamp, usize>,
}

impl Lengths {
    fn begin(&mut self, at: Timestamp) {
        *self.waiting.entry(second(at)).or_insert(0) += 1;
    }

    fn end(&mut self, began: Timestamp, length: SignedDuration, reached: bool) {
        if let Some(count) = self.waiting.get_mut(&second(began)) {
            *count -= 1;
            if *count == 0 {
                self.waiting.remove(&second(began));
            }
        }
        let counts = if reached { &mut self.reached } else { &mut self.left };
        *counts.entry(Length::of(length)).or_insert(0) += 1;
    }

    fn interrupt(&mut self, at: Timestamp) {
        for (began, count) in std::mem::take(&mut self.waiting) {
            *self.left.entry(Length::of(since(began, at))).or_insert(0) += count;
        }
    }

    /// How long at most so many percent wait; `None` where that is not known yet.
    pub fn percentile(&self, percent: u8, now: Timestamp, patience: SignedDuration) -> Option<SignedDuration> {
        if !(self.left.is_empty() && self.waiting.is_empty()) {
            return self.estimate(now, patience).percentile(percent);
        }
        // All are done: nothing has to be estimated.
        let all: usize = self.reached.values().sum();
        let mut counted = 0;
        let mut upwards = self.reached.iter();
        upwards.find_map(|(length, count)| {
            counted += count;
            (counted * 100 >= all * usize::from(percent)).then(|| length.lasting())
        })
    }

    /// The estimate as of now. Who has waited for `patience` is late: no figure is about them, as time alone may not help.
    pub fn estimate(&self, now: Timestamp, patience: SignedDuration) -> Estimate {
        let waiting = self.waiting.iter().map(|(began, count)| (since(*began, now), *count));
        let waiting = waiting.filter(|(age, _)| *age < patience).map(|(age, count)| (Length::of(age), count));
        Estimate::of(&self.reached, self.left.iter().map(|(length, count)| (*length, *count)).chain(waiting))
    }
}

/// The second in which something was.
pub(super) fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The lengths of all waits of a run, kept with its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    run: [[Lengths; 2]; 2],
    batches: Vec<Arc<[Lengths; 2]>>,
    /// Waits that began before nobody is measured by: the program was not there for a while.
    from: Option<Timestamp>,
}

impl Latencies {
    /// Of the whole run.
    pub fn of_run(&self, direction: Direction, goal: Goal) -> &Lengths {
        &self.run[way(direction)][goal as usize]
    }

    /// Of a batch, counted from 0; `None` where nobody of it was measured.
    pub fn of_batch(&self, batch: usize, goal: Goal) -> Option<&Lengths> {
        self.batches.get(batch).map(|goals| &goals[goal as usize])
    }

    /// An event has changed a user, at this time.
    pub(super) fn changed(&mut self, before: Before, user: &User, scenario: Scenario, at: Timestamp) {
        let now = wait_of(user, scenario);
        if let Some(wait) = before.wait.filter(|wait| self.from.is_none_or(|from| wait.since >= from)) {
            let reached = acknowledged(user, wait.goal) == Some(wait.since)
                && user.direction == wait.direction
                && has_reached(user, wait.goal, scenario);
            self.both(wait, |lengths| lengths.end(wait.since, since(wait.since, at), reached));
        }
        // Who goes back to waiting was measured already.
        if let Some(wait) = now.filter(|wait| before.acknowledged[wait.goal as usize] != Some(wait.since)) {
            self.both(wait, |lengths| lengths.begin(wait.since));
        }
    }

    /// The program was not there between these times.
    pub(super) fn interrupted(&mut self, from: Timestamp, until: Timestamp) {
        self.run.iter_mut().flatten().for_each(|lengths| lengths.interrupt(from));
        for goals in &mut self.batches {
            if goals.iter().any(|lengths| !lengths.waiting.is_empty()) {
                for lengths in Arc::make_mut(goals).iter_mut() {
                    lengths.interrupt(from);
                }
            }
        }
        self.from = Some(until);
    }

    fn both(&mut self, wait: Wait, with: impl Fn(&mut Lengths)) {
        if self.batches.len() <= wait.batch {
            self.batches.resize_with(wait.batch + 1, Arc::default);
        }
        with(&mut self.run[way(wait.direction)][wait.goal as usize]);
        with(&mut Arc::make_mut(&mut self.batches[wait.batch])[wait.goal as usize]);
    }
}

/// The place of a way where both are kept.
pub(super) fn way(direction: Direction) -> usize {
    match direction {
        Direction::Forward => 0,
        Direction::Rollback => 1,
    }
}

#[cfg(test)]
mod tests;

//! What the tenant does by itself and when: a queue of jobs in tenant time.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::clock::{later, scale};
use crate::sim::dice::mix;
use crate::sim::event::Event;
use crate::sim::tenant::{GroupIx, UserIx};

/// Something that happens later.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Group-based licensing reaches a user because of a group.
    Settle(UserIx, GroupIx),
    /// The same, because the group's licenses changed; counted by the group.
    SettleForGroup(UserIx, GroupIx),
    /// Group-based licensing looks at everything of a user.
    Reprocess(UserIx),
    /// Group-based licensing begins with a change of a group's licenses.
    BeginGroup(GroupIx),
    /// Something happens by another hand.
    Event(Box<Event>),
}

/// Jobs by the time they are due; among equals, first come first served.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Entry)>>,
    next: u64,
}

/// A job without a say in the order of the heap.
#[derive(Debug)]
struct Entry(Job);

impl PartialEq for Entry {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl Queue {
    /// Puts a job off until a time.
    pub(crate) fn push(&mut self, due: Timestamp, job: Job) {
        self.heap.push(Reverse((due, self.next, Entry(job))));
        self.next += 1;
    }

    /// The next job that is due, and when it was.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Job)> {
        let Reverse((due, ..)) = self.heap.peek()?;
        if *due > now {
            return None;
        }
        self.heap.pop().map(|Reverse((due, _, Entry(job)))| (due, job))
    }

    /// Forgets jobs.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Job) -> bool) {
        self.heap.retain(|Reverse((_, _, Entry(job)))| keep(job));
    }

    /// How many jobs wait.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}

/// How long group-based licensing takes to reach a user, in tenant time.
///
/// Microsoft says "within minutes"; the shape, an exponential tail over a least delay, is assumed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delays {
    /// Nobody is served sooner.
    pub(crate) least: Duration,
    /// The mean.
    pub(crate) typical: Duration,
    /// Nobody waits longer.
    pub(crate) most: Duration,
    /// Makes one tenant's luck differ from another's.
    pub(crate) seed: u64,
}

impl Delays {
    /// The delay of a change to a user by a group. It depends on who and what, not on the order of requests, so the same
    /// seed gives the same run.
    pub(crate) fn draw(&self, user: Uuid, group: Uuid, joining: bool) -> Duration {
        let mut luck =
            fastrand::Rng::with_seed(self.seed ^ mix(user) ^ mix(group).rotate_left(17) ^ u64::from(joining));
        let tail = -(1.0 - luck.f64()).ln();
        let spread = self.typical.saturating_sub(self.least);
        self.least.saturating_add(scale(spread, tail)).min(self.most)
    }

    /// When a change made now reaches a user.
    pub(crate) fn due(&self, now: Timestamp, user: Uuid, group: Uuid, joining: bool) -> Timestamp {
        later(now, self.draw(user, group, joining))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_come_when_due_and_in_order() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut queue = Queue::default();
        for (second, user) in [(3, 3), (1, 1), (1, 2)] {
            queue.push(at(second), Job::Reprocess(UserIx(user)));
        }
        let mut next = |second| match queue.pop(at(second))? {
            (due, Job::Reprocess(UserIx(user))) => Some((due.as_second(), user)),
            _ => None,
        };
        assert_eq!(
            [next(0), next(2), next(2), next(2), next(9)],
            [None, Some((1, 1)), Some((1, 2)), None, Some((3, 3))]
        );
    }

    #[test]
    fn delays_stay_in_their_bounds_around_their_mean() {
        let delays = Delays {
            least: Duration::from_secs(30),
            typical: Duration::from_mins(2),
            most: Duration::from_mins(10),
            seed: 7,
        };
        let group = Uuid::from_u128(1);
        let all: Vec<Duration> = (0..2000).map(|user| delays.draw(Uuid::from_u128(user), group, true)).collect();
        assert!(all.iter().all(|delay| (delays.least..=delays.most).contains(delay)));
        let mean = all.iter().sum::<Duration>() / 2000;
        assert!((Duration::from_secs(105)..Duration::from_secs(130)).contains(&mean), "{mean:?}");
        assert_eq!(all[5], delays.draw(Uuid::from_u128(5), group, true), "the same again");
    }
}

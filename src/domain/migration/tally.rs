//! Counts of a run that change with its events, so that nobody has to look at all users to know them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::OrdSet;

use crate::domain::latency::Goal;
use crate::domain::latency::second;
use crate::domain::migration::fact::FACTS;
use crate::domain::migration::fact::Fact;
use crate::domain::migration::fact::FactSet;
use crate::domain::migration::fact::fell_back;
use crate::domain::migration::fact::is_held;
use crate::domain::preflight::ReasonCode;
use crate::domain::route::Scenario;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;

/// What one user adds to the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Share {
    batch: Option<usize>,
    facts: FactSet,
    /// Since when they have waited, when they do.
    waits_since: Option<Timestamp>,
    /// For what.
    goal: Goal,
    /// What else is so of them while they wait.
    waits: Waits,
    /// The same, of who was removed and never counted as stuck.
    unprocessed_since: Option<Timestamp>,
    blocked_by: Vec<ReasonCode>,
}

impl Share {
    pub(super) fn of(user: &User, scenario: Scenario) -> Self {
        let waits_since = user.written_at().filter(|_| user.is_waiting());
        let unprocessed = !user.was_stuck && user.is_ours() && user.remove.is_done();
        let waits = Waits { users: 1, fell_back: usize::from(fell_back(user)), held: usize::from(is_held(user)) };
        let mut blocked_by: Vec<ReasonCode> =
            user.reasons.iter().filter(|one| !one.warning).map(|one| one.code).collect();
        blocked_by.dedup();
        Self {
            batch: user.batch,
            facts: FactSet::of(user, scenario),
            waits_since,
            goal: if user.remove.is_done() { Goal::Migrated } else { Goal::Ready },
            waits,
            unprocessed_since: waits_since.filter(|_| unprocessed),
            blocked_by,
        }
    }

    /// What changes in the counts when the user adds this other share instead.
    fn changes_to(&self, after: &Self) -> Changed {
        if self.batch != after.batch {
            return ALL;
        }
        let waits = |one: &Self| (one.waits_since, one.goal, one.waits);
        Changed { facts: self.facts.differing(after.facts), waits: waits(self) != waits(after) }
    }
}

/// Which counts change with a user's share; the others stay as they are.
#[derive(Clone, Copy)]
struct Changed {
    facts: FactSet,
    waits: bool,
}

/// Every count.
const ALL: Changed = Changed { facts: FactSet::ALL, waits: true };

/// Users on whom GBL has still to act, each of them counted once in [`Waits::users`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Waits {
    /// All of them.
    pub(super) users: usize,
    /// Those whose last step was backwards.
    pub(super) fell_back: usize,
    /// Of the others, those whose license somebody else holds.
    pub(super) held: usize,
}

impl Waits {
    fn plus(self, other: Self) -> Self {
        Self {
            users: self.users + other.users,
            fell_back: self.fell_back + other.fell_back,
            held: self.held + other.held,
        }
    }

    pub(super) fn less(self, other: Self) -> Self {
        Self {
            users: self.users.saturating_sub(other.users),
            fell_back: self.fell_back.saturating_sub(other.fell_back),
            held: self.held.saturating_sub(other.held),
        }
    }
}

/// The counts of one batch, or of the users of none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    counts: [usize; FACTS],
    waits: Waits,
    /// Of these, how many have waited since when.
    waits_since: BTreeMap<Timestamp, Waits>,
    /// Those who wait, by what they wait for and by whole seconds: there are never many of these.
    by_second: [BTreeMap<Timestamp, usize>; 2],
}

impl Default for Part {
    fn default() -> Self {
        Self {
            counts: [0; FACTS],
            waits: Waits::default(),
            waits_since: BTreeMap::new(),
            by_second: Default::default(),
        }
    }
}

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Shared with snapshots, but for those that changed since.
    batches: Vec<Arc<Part>>,
    /// Users of no batch.
    others: Part,
    /// Places of users whose writes nobody can answer for.
    open: BTreeSet<usize>,
    /// Places of users without a license.
    unlicensed: BTreeSet<usize>,
    /// Places of active users that are stuck or missing: who has the set of before learns quickly what changed.
    stuck: OrdSet<usize>,
    unprocessed_since: BTreeMap<Timestamp, usize>,
    blocked_by: BTreeMap<ReasonCode, usize>,
}

impl Tally {
    /// Counts all users anew.
    pub(super) fn recount<'a>(users: impl Iterator<Item = &'a User>, batches: usize, scenario: Scenario) -> Self {
        let mut tally = Self { batches: vec![Arc::default(); batches], ..Self::default() };
        users.enumerate().for_each(|(place, user)| tally.count(place, &Share::of(user, scenario), ALL, true));
        tally
    }

    /// There is another batch; nobody is in it yet.
    pub(super) fn add_batch(&mut self) {
        self.batches.push(Arc::default());
    }

    /// A user adds another share to the counts than before.
    pub(super) fn replace(&mut self, place: usize, before: &Share, after: &Share) {
        let changed = before.changes_to(after);
        self.count(place, before, changed, false);
        self.count(place, after, changed, true);
    }

    fn count(&mut self, place: usize, share: &Share, changed: Changed, more: bool) {
        let part = share.batch.and_then(|batch| self.batches.get_mut(batch)).map_or(&mut self.others, Arc::make_mut);
        let facts = share.facts.among(changed.facts);
        for number in facts.numbers() {
            let count = &mut part.counts[number];
            debug_assert!(more || *count > 0, "fact {number} was never counted");
            *count = if more { *count + 1 } else { count.saturating_sub(1) };
        }
        if let Some(at) = share.waits_since.filter(|_| changed.waits) {
            one(&mut part.by_second[share.goal as usize], second(at), more);
            let (all, since) = (&mut part.waits, part.waits_since.entry(at).or_default());
            for waits in [all, since] {
                *waits = if more { waits.plus(share.waits) } else { waits.less(share.waits) };
            }
            if part.waits_since.get(&at).is_some_and(|waits| waits.users == 0) {
                part.waits_since.remove(&at);
            }
        }
        share.unprocessed_since.iter().for_each(|at| one(&mut self.unprocessed_since, *at, more));
        share.blocked_by.iter().for_each(|code| one(&mut self.blocked_by, *code, more));
        match (facts.has(Fact::Stuck), more) {
            (true, true) => drop(self.stuck.insert(place)),
            (true, false) => drop(self.stuck.remove(&place)),
            (false, _) => {}
        }
        for (fact, places) in [(Fact::Open, &mut self.open), (Fact::Unlicensed, &mut self.unlicensed)] {
            match (facts.has(fact), more) {
                (true, true) => drop(places.insert(place)),
                (true, false) => drop(places.remove(&place)),
                (false, _) => {}
            }
        }
    }

    /// How many users of a batch are so.
    pub(super) fn in_batch(&self, batch: usize, fact: Fact) -> usize {
        self.batches.get(batch).map_or(0, |part| part.counts[fact as usize])
    }

    /// How many users of all batches are so.
    pub(super) fn in_batches(&self, fact: Fact) -> usize {
        self.batches.iter().map(|part| part.counts[fact as usize]).sum()
    }

    /// How many listed users are so.
    pub(super) fn in_run(&self, fact: Fact) -> usize {
        self.in_batches(fact) + self.others.counts[fact as usize]
    }

    /// Users of a batch on whom GBL has still to act.
    pub(super) fn waits_in(&self, batch: usize) -> Waits {
        self.batches.get(batch).map(|part| part.waits).unwrap_or_default()
    }

    /// Of these, those who have waited for so long.
    pub(super) fn late_in(&self, batch: usize, now: Timestamp, after: SignedDuration) -> Waits {
        let all = self.batches.get(batch).into_iter().flat_map(|part| &part.waits_since);
        let late = all.take_while(|(at, _)| since(**at, now) >= after);
        late.fold(Waits::default(), |sum, (_, waits)| sum.plus(*waits))
    }

    /// Since which second how many users of a batch have waited for this.
    pub(super) fn waits(&self, batch: usize, goal: Goal) -> impl Iterator<Item = (Timestamp, usize)> {
        let waits = self.batches.get(batch).into_iter().flat_map(move |part| &part.by_second[goal as usize]);
        waits.map(|(at, count)| (*at, *count))
    }

    /// How many removed users who never counted as stuck have waited for so long.
    pub(super) fn overdue(&self, now: Timestamp, after: SignedDuration) -> usize {
        waiting_for(&self.unprocessed_since, now, after)
    }

    /// When the next of them will have.
    pub(super) fn next_overdue(&self, now: Timestamp, after: SignedDuration) -> Option<Timestamp> {
        let mut due = self.unprocessed_since.keys().filter_map(|since| since.saturating_add(after).ok());
        due.find(|due| *due > now)
    }

    pub(super) fn open(&self) -> &BTreeSet<usize> {
        &self.open
    }

    pub(super) fn unlicensed(&self) -> &BTreeSet<usize> {
        &self.unlicensed
    }

    pub(super) fn stuck(&self) -> &OrdSet<usize> {
        &self.stuck
    }

    pub(super) fn blocked_by(&self) -> &BTreeMap<ReasonCode, usize> {
        &self.blocked_by
    }
}

fn one<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K, more: bool) {
    if more {
        *counts.entry(key).or_insert(0) += 1;
    } else if let Some(count) = counts.get_mut(&key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

fn waiting_for(counts: &BTreeMap<Timestamp, usize>, now: Timestamp, after: SignedDuration) -> usize {
    counts.iter().take_while(|(at, _)| since(**at, now) >= after).map(|(_, count)| *count).sum()
}

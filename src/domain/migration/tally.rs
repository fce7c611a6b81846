//! Counts of a run that change with its events, so that nobody has to look at all users to know them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::canary::has_begun;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::latency::Goal;
use crate::domain::latency::second;
use crate::domain::preflight::ReasonCode;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user::Write;

/// Something that is so of a user or is not, and that is counted in each batch. "Active" is whom a batch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// In the batch.
    Member,
    /// Neither blocked nor excluded.
    Active,
    /// A reason, and not only a warning, stands against them.
    Blocked,
    /// The operator took them out.
    Excluded,
    /// GBL has still to act on them.
    Waiting,
    /// Active, and stuck or missing.
    Stuck,
    /// Stuck now or before, and the run answers for them; the breaker counts these.
    WasStuck,
    /// Without a license, and the run answers for them.
    Unlicensed,
    /// Seen without a license, whoever answers for it.
    Bare,
    /// Their last step was backwards.
    WentBack,
    /// They hold both licenses.
    HoldsBoth,
    /// They are in the expected conflict.
    InConflict,
    /// Active, and a write of theirs failed.
    Failed,
    /// Nobody knows what became of a write to a group for them.
    Open,
    /// Active, and nothing stands against adding them.
    Ready,
    /// Active, ready, and not added.
    Addable,
    /// Active and added.
    Added,
    /// Active and safe to remove.
    Safe,
    /// Active and not removed.
    Left,
    /// Active, safe to remove, and not removed.
    Removable,
    /// Active and removed.
    Removed,
    /// Active, and removed or migrated.
    RemovedOrMigrated,
    /// Active and arrived.
    Arrived,
    /// Active and migrated.
    ActiveMigrated,
    /// Active, with a place in the canary.
    CanaryBegun,
    /// Active, with a place in the canary, and arrived.
    CanaryArrived,
    /// Migrated.
    Migrated,
    /// Rolled back.
    RolledBack,
    /// Excluded, and neither migrated nor rolled back.
    ExcludedOnly,
    /// A verify pass reads them while their batch is not complete.
    Watched,
    /// A verify pass reads them even when their batch is complete.
    WatchedOn,
    /// Active and not removed, and GBL has still to act on them.
    LeftWaiting,
    /// Active, and added or on a worklist in force to be.
    AddedOrListed,
    /// On a worklist in force to be added.
    ListedToAdd,
    /// On a worklist in force to be removed.
    ListedToRemove,
    /// Active, and not seen added by others who were asked for it.
    AwaitedByOthers,
    /// Stuck or missing, and the run answers for them; a halt counts these.
    StuckOfRun,
    /// Active, their last step was backwards, and nothing louder is said of them.
    FellBack,
    /// Active, and somebody else undid their removal.
    PutBack,
    /// They lost a part of what they were to have or to keep.
    Lost,
    /// Excluded, neither migrated nor rolled back, and neither without a license nor without a part.
    EndedExcluded,
    /// In a batch, and otherwise the same of those who are active.
    LeftBehind,
}

const FACTS: [Fact; 42] = [
    Fact::Member,
    Fact::Active,
    Fact::Blocked,
    Fact::Excluded,
    Fact::Waiting,
    Fact::Stuck,
    Fact::WasStuck,
    Fact::Unlicensed,
    Fact::Bare,
    Fact::WentBack,
    Fact::HoldsBoth,
    Fact::InConflict,
    Fact::Failed,
    Fact::Open,
    Fact::Ready,
    Fact::Addable,
    Fact::Added,
    Fact::Safe,
    Fact::Left,
    Fact::Removable,
    Fact::Removed,
    Fact::RemovedOrMigrated,
    Fact::Arrived,
    Fact::ActiveMigrated,
    Fact::CanaryBegun,
    Fact::CanaryArrived,
    Fact::Migrated,
    Fact::RolledBack,
    Fact::ExcludedOnly,
    Fact::Watched,
    Fact::WatchedOn,
    Fact::LeftWaiting,
    Fact::AddedOrListed,
    Fact::ListedToAdd,
    Fact::ListedToRemove,
    Fact::AwaitedByOthers,
    Fact::StuckOfRun,
    Fact::FellBack,
    Fact::PutBack,
    Fact::Lost,
    Fact::EndedExcluded,
    Fact::LeftBehind,
];

impl Fact {
    fn holds(self, user: &User, scenario: Scenario) -> bool {
        let stands = |is: fn(&Standing) -> bool| user.standing.as_ref().is_some_and(is);
        let safe = || user.standing.as_ref().is_some_and(|standing| standing.is_safe(scenario));
        let active = user.is_active();
        match self {
            Self::Member => true,
            Self::Active => active,
            Self::Blocked => user.is_blocked(),
            Self::Excluded => user.excluded,
            Self::Waiting => user.is_waiting(),
            Self::Stuck => active && user.is_stuck(),
            Self::WasStuck => user.was_stuck && user.is_ours(),
            Self::Unlicensed => user.is_unlicensed(),
            Self::Bare => stands(|one| *one == Standing::Unlicensed),
            Self::WentBack => user.went_back,
            Self::HoldsBoth => stands(|one| *one == Standing::HoldsBoth),
            Self::InConflict => stands(|one| *one == Standing::ExpectedConflict),
            Self::Failed => active && (user.add.fault().is_some() || user.remove.fault().is_some()),
            Self::Open => user.is_open(),
            Self::Ready => active && !user.is_blocked(),
            Self::Addable => active && is_to_be(&user.add) && !user.is_blocked(),
            Self::Added => active && user.add.is_done(),
            Self::Safe => active && safe(),
            Self::Left => active && !user.remove.is_done(),
            Self::Removable => active && is_to_be(&user.remove) && safe(),
            Self::Removed => active && user.remove.is_done(),
            Self::RemovedOrMigrated => active && (user.remove.is_done() || user.is_migrated()),
            Self::Arrived => active && user.has_arrived(),
            Self::ActiveMigrated => active && user.is_migrated(),
            Self::CanaryBegun => active && has_begun(user),
            Self::CanaryArrived => active && has_begun(user) && user.has_arrived(),
            Self::Migrated => user.is_migrated(),
            Self::RolledBack => user.is_rolled_back(),
            Self::ExcludedOnly => user.excluded && !user.is_migrated() && !user.is_rolled_back(),
            Self::Watched => is_watched(user),
            Self::WatchedOn => is_watched_on(user),
            Self::LeftWaiting => active && !user.remove.is_done() && (user.is_waiting() || user.add.is_listed()),
            Self::AddedOrListed => active && (user.add.is_done() || user.add.is_listed()),
            Self::ListedToAdd => user.add.is_listed(),
            Self::ListedToRemove => user.remove.is_listed(),
            Self::AwaitedByOthers => active && user.add.may_be_done_by_others(),
            Self::StuckOfRun => user.is_stuck() && user.is_ours(),
            Self::FellBack => fell_back(user),
            Self::PutBack => active && was_put_back(user),
            Self::Lost => stands(is_lost),
            Self::EndedExcluded => user.excluded && ended_otherwise(user),
            Self::LeftBehind => active && user.batch.is_some() && ended_otherwise(user),
        }
    }
}

/// Whether a write may be asked for: it is not done, and no worklist in force asks others for it.
fn is_to_be(write: &Write) -> bool {
    !(write.is_done() || write.is_listed())
}

fn is_lost(standing: &Standing) -> bool {
    matches!(standing, Standing::LostPart(_))
}

/// Whether a user's last step was backwards and that is all there is to say of them.
fn fell_back(user: &User) -> bool {
    user.went_back && user.is_active() && !user.is_stuck() && user.standing != Some(Standing::Unlicensed)
}

/// Whether licensing has acted on a user who waits, and somebody else holds the license that they leave.
fn is_held(user: &User) -> bool {
    let held = matches!(&user.standing, Some(Standing::SourceLingers(holder)) if *holder != Holder::NotProcessed);
    held && !user.went_back
}

/// Whether somebody else put a user back whom we had removed.
fn was_put_back(user: &User) -> bool {
    user.remove.fault().is_some_and(|fault| matches!(*fault.message, FaultMessage::Undone { .. }))
}

/// Whether a user came to another end than migrated, rolled back, without a license or without a part.
fn ended_otherwise(user: &User) -> bool {
    let told = matches!(user.standing, Some(Standing::Unlicensed | Standing::LostPart(_)));
    !told && !user.is_migrated() && !user.is_rolled_back()
}

/// Whether a verify pass reads a user of a batch that is not complete: who was written, is on the way back, or was not
/// known when they should have been.
pub(super) fn is_watched(user: &User) -> bool {
    let unknown = user.add.fault().is_some_and(|fault| fault.kind == FaultKind::NotFound);
    user.id.is_some()
        && (user.add.is_done() || user.remove.is_done() || user.direction == Direction::Rollback || unknown)
}

/// Whether a verify pass reads a user of a complete batch: who was removed and had not arrived by then, and who was left
/// behind and may yet become safe.
pub(super) fn is_watched_on(user: &User) -> bool {
    let left_behind = user.is_active() && user.add.is_done();
    user.id.is_some()
        && (user.remove.is_done() || user.remove.may_be_done_by_others() || left_behind)
        && !user.has_arrived()
        && user.standing != Some(Standing::Missing)
}

/// What one user adds to the counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Share {
    batch: Option<usize>,
    facts: u64,
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
        let facts = FACTS.iter().enumerate().filter(|(_, fact)| fact.holds(user, scenario));
        let waits_since = user.written_at().filter(|_| user.is_waiting());
        let unprocessed = !user.was_stuck && user.is_ours() && user.remove.is_done();
        let waits = Waits { users: 1, fell_back: usize::from(fell_back(user)), held: usize::from(is_held(user)) };
        let mut blocked_by: Vec<ReasonCode> =
            user.reasons.iter().filter(|one| !one.warning).map(|one| one.code).collect();
        blocked_by.dedup();
        Self {
            batch: user.batch,
            facts: facts.fold(0, |all, (bit, _)| all | (1 << bit)),
            waits_since,
            goal: if user.remove.is_done() { Goal::Migrated } else { Goal::Ready },
            waits,
            unprocessed_since: waits_since.filter(|_| unprocessed),
            blocked_by,
        }
    }

    fn has(&self, fact: Fact) -> bool {
        self.facts & (1 << fact as u32) != 0
    }
}

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
    counts: [usize; FACTS.len()],
    waits: Waits,
    /// Of these, how many have waited since when.
    waits_since: BTreeMap<Timestamp, Waits>,
    /// Those who wait, by what they wait for and by whole seconds: there are never many of these.
    by_second: [BTreeMap<Timestamp, usize>; 2],
}

impl Default for Part {
    fn default() -> Self {
        Self {
            counts: [0; FACTS.len()],
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
    unprocessed_since: BTreeMap<Timestamp, usize>,
    blocked_by: BTreeMap<ReasonCode, usize>,
}

impl Tally {
    /// Counts all users anew.
    pub(super) fn recount<'a>(users: impl Iterator<Item = &'a User>, batches: usize, scenario: Scenario) -> Self {
        let mut tally = Self { batches: vec![Arc::default(); batches], ..Self::default() };
        users.enumerate().for_each(|(place, user)| tally.count(place, &Share::of(user, scenario), true));
        tally
    }

    /// There is another batch; nobody is in it yet.
    pub(super) fn add_batch(&mut self) {
        self.batches.push(Arc::default());
    }

    /// A user adds another share to the counts than before.
    pub(super) fn replace(&mut self, place: usize, before: &Share, after: &Share) {
        self.count(place, before, false);
        self.count(place, after, true);
    }

    fn count(&mut self, place: usize, share: &Share, more: bool) {
        let part = share.batch.and_then(|batch| self.batches.get_mut(batch)).map_or(&mut self.others, Arc::make_mut);
        for (bit, count) in part.counts.iter_mut().enumerate().filter(|(bit, _)| share.facts & (1 << bit) != 0) {
            debug_assert!(more || *count > 0, "{:?} was never counted", FACTS[bit]);
            *count = if more { *count + 1 } else { count.saturating_sub(1) };
        }
        share.waits_since.iter().for_each(|at| one(&mut part.by_second[share.goal as usize], second(*at), more));
        if let Some(at) = share.waits_since {
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
        for (fact, places) in [(Fact::Open, &mut self.open), (Fact::Unlicensed, &mut self.unlicensed)] {
            match (share.has(fact), more) {
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

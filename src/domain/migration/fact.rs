//! What is so of a user or is not, and is counted in each batch.

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::User;

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
    /// Active, not stuck, and not seen added by others who were asked for it.
    AwaitedByOthers,
    /// Others may add them, or may remove them, as their own addition was begun.
    MovableByOthers,
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

/// How many facts there are.
pub(super) const FACTS: usize = Fact::LeftBehind as usize + 1;

/// What is so of one user: a bit for each fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FactSet(u64);

impl FactSet {
    /// Every fact there is.
    pub(super) const ALL: Self = Self((1 << FACTS) - 1);

    /// All facts at once: each event asks for them twice for each of its users, so nothing is asked of the user again.
    pub(super) fn of(user: &User, scenario: Scenario) -> Self {
        let standing = user.standing.as_ref();
        let (blocked, active, ours) = (user.is_blocked(), user.is_active(), user.is_ours());
        let (added, removed) = (user.add.is_done(), user.remove.is_done());
        let (stuck, waiting, arrived) = (user.is_stuck(), user.is_waiting(), user.has_arrived());
        let (migrated, rolled_back) = (user.is_migrated(), user.is_rolled_back());
        let (listed_to_add, canary) = (user.add.is_listed(), user.has_canary_place());
        let (add_by_others, otherwise) = (user.add.may_be_done_by_others(), ended_otherwise(user));
        let safe = standing.is_some_and(|standing| standing.is_safe(scenario));
        let all: [(Fact, bool); FACTS] = [
            (Fact::Member, true),
            (Fact::Active, active),
            (Fact::Blocked, blocked),
            (Fact::Excluded, user.excluded),
            (Fact::Waiting, waiting),
            (Fact::Stuck, active && stuck),
            (Fact::WasStuck, user.was_stuck && ours),
            (Fact::Unlicensed, user.is_unlicensed()),
            (Fact::Bare, matches!(standing, Some(Standing::Unlicensed))),
            (Fact::WentBack, user.went_back),
            (Fact::HoldsBoth, matches!(standing, Some(Standing::HoldsBoth))),
            (Fact::InConflict, matches!(standing, Some(Standing::ExpectedConflict))),
            (Fact::Failed, active && (user.add.fault().is_some() || user.remove.fault().is_some())),
            (Fact::Open, user.is_open()),
            (Fact::Ready, active && !blocked),
            (Fact::Addable, user.is_addable()),
            (Fact::Added, active && added),
            (Fact::Safe, active && safe),
            (Fact::Left, active && !removed),
            (Fact::Removable, user.is_removable(scenario)),
            (Fact::Removed, active && removed),
            (Fact::RemovedOrMigrated, active && (removed || migrated)),
            (Fact::Arrived, active && arrived),
            (Fact::ActiveMigrated, active && migrated),
            (Fact::CanaryBegun, active && canary),
            (Fact::CanaryArrived, active && canary && arrived),
            (Fact::Migrated, migrated),
            (Fact::RolledBack, rolled_back),
            (Fact::ExcludedOnly, user.excluded && !migrated && !rolled_back),
            (Fact::Watched, is_watched(user)),
            (Fact::WatchedOn, is_watched_on(user)),
            (Fact::LeftWaiting, active && !removed && (waiting || listed_to_add)),
            (Fact::AddedOrListed, active && (added || listed_to_add)),
            (Fact::ListedToAdd, listed_to_add),
            (Fact::ListedToRemove, user.remove.is_listed()),
            (Fact::AwaitedByOthers, active && add_by_others && !stuck),
            (Fact::MovableByOthers, add_by_others || user.may_still_leave()),
            (Fact::StuckOfRun, stuck && ours),
            (Fact::FellBack, fell_back(user)),
            (Fact::PutBack, active && was_put_back(user)),
            (Fact::Lost, standing.is_some_and(is_lost)),
            (Fact::EndedExcluded, user.excluded && otherwise),
            (Fact::LeftBehind, active && user.batch.is_some() && otherwise),
        ];
        let bit = |(number, (fact, holds)): (usize, (Fact, bool))| {
            debug_assert_eq!(number, fact as usize, "{fact:?} is not at its place");
            u64::from(holds) << number
        };
        Self(all.into_iter().enumerate().map(bit).fold(0, |bits, bit| bits | bit))
    }

    /// Whether this is among them.
    pub(super) fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u32) != 0
    }

    /// Those that are so of one of the two only.
    pub(super) fn differing(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    /// Those that are among the others too.
    pub(super) fn among(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// The numbers of all of them.
    pub(super) fn numbers(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            usize::try_from(number).ok().filter(|number| *number < FACTS)
        })
    }
}

fn is_lost(standing: &Standing) -> bool {
    matches!(standing, Standing::LostPart(_))
}

/// Whether a user's last step was backwards and that is all there is to say of them.
pub(super) fn fell_back(user: &User) -> bool {
    user.went_back && user.is_active() && !user.is_stuck() && user.standing != Some(Standing::Unlicensed)
}

/// Whether licensing has acted on a user who waits, and somebody else holds the license that they leave.
pub(super) fn is_held(user: &User) -> bool {
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

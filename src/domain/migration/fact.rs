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

pub(super) const FACTS: [Fact; 43] = [
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
    Fact::MovableByOthers,
    Fact::StuckOfRun,
    Fact::FellBack,
    Fact::PutBack,
    Fact::Lost,
    Fact::EndedExcluded,
    Fact::LeftBehind,
];

impl Fact {
    pub(super) fn holds(self, user: &User, scenario: Scenario) -> bool {
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
            Self::Addable => user.is_addable(),
            Self::Added => active && user.add.is_done(),
            Self::Safe => active && safe(),
            Self::Left => active && !user.remove.is_done(),
            Self::Removable => user.is_removable(scenario),
            Self::Removed => active && user.remove.is_done(),
            Self::RemovedOrMigrated => active && (user.remove.is_done() || user.is_migrated()),
            Self::Arrived => active && user.has_arrived(),
            Self::ActiveMigrated => active && user.is_migrated(),
            Self::CanaryBegun => active && user.has_canary_place(),
            Self::CanaryArrived => active && user.has_canary_place() && user.has_arrived(),
            Self::Migrated => user.is_migrated(),
            Self::RolledBack => user.is_rolled_back(),
            Self::ExcludedOnly => user.excluded && !user.is_migrated() && !user.is_rolled_back(),
            Self::Watched => is_watched(user),
            Self::WatchedOn => is_watched_on(user),
            Self::LeftWaiting => active && !user.remove.is_done() && (user.is_waiting() || user.add.is_listed()),
            Self::AddedOrListed => active && (user.add.is_done() || user.add.is_listed()),
            Self::ListedToAdd => user.add.is_listed(),
            Self::ListedToRemove => user.remove.is_listed(),
            Self::AwaitedByOthers => active && user.add.may_be_done_by_others() && !user.is_stuck(),
            Self::MovableByOthers => user.add.may_be_done_by_others() || user.may_still_leave(),
            Self::StuckOfRun => user.is_stuck() && user.is_ours(),
            Self::FellBack => fell_back(user),
            Self::PutBack => active && was_put_back(user),
            Self::Lost => stands(is_lost),
            Self::EndedExcluded => user.excluded && ended_otherwise(user),
            Self::LeftBehind => active && user.batch.is_some() && ended_otherwise(user),
        }
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

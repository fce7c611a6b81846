//! The one thing that a run waits for.

use std::sync::Arc;

use crate::domain::automatic::in_grace;
use crate::domain::batch_counts::Counts;
use crate::domain::batch_counts::counts_of;
use crate::domain::halt::HaltReason;
use crate::domain::halt_now::HaltNow;
use crate::domain::halt_now::halt_now;
use crate::domain::halt_now::still_unlicensed;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::migration::Waiters;
use crate::domain::phase::Phase;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::gates;
use crate::domain::questions::pending_question;
use crate::domain::refusal::Refusal;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;

/// How urgent the sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Nothing is asked of the operator.
    Calm,
    /// The operator is asked for an answer.
    Asks,
    /// Something is wrong.
    Trouble,
    /// Users are without a license.
    Alarm,
}

/// What the run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentWait {
    /// How urgent it is.
    pub urgency: Urgency,
    /// What is said before it.
    pub before: Option<Before>,
    /// The batch that it is about, counted from 0.
    pub batch: usize,
    /// What it is.
    pub what: Awaited,
    /// How many approvals wait besides the one that is told.
    pub more: usize,
}

/// What is said before what the run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The batch that was completed last.
    Completed(usize),
    /// The batch under way, which is a rollback.
    Batch(usize),
}

/// Who needs the operator besides: an approval that waits does nothing for them, and a canary may wait for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// Users whose license somebody else holds.
    pub holding: usize,
    /// Users past `stuck_after`.
    pub late: usize,
    /// Users that are stuck.
    pub stuck: usize,
}

/// Why an approval is asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Not every addition was made.
    NotAllAdded,
    /// Somebody else took users out.
    TakenOut,
    /// So many users were removed already.
    Rest(usize),
    /// Somebody else put users back.
    PutBack,
    /// The worklist that asked others for it is not in force any more, and some of it was not seen done.
    Worklist {
        /// Which.
        number: usize,
        /// Why it is not.
        why: WorklistEnd,
    },
}

/// What the run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// So many users are without a license.
    Alarm(usize),
    /// So many users were without a license, and nobody is now.
    AlarmIsOver(usize),
    /// The run is halted.
    Halted(Vec<HaltNow>),
    /// The migration is complete.
    Complete(Ended),
    /// An approval to add so many users.
    Add {
        /// How many.
        users: usize,
        /// Why again.
        again: Option<Again>,
        /// Who needs the operator besides.
        besides: Besides,
    },
    /// An approval to remove so many users.
    Remove {
        /// How many.
        users: usize,
        /// How many of the batch are left behind by it.
        behind: usize,
        /// Why again.
        again: Option<Again>,
        /// How many are in the expected conflict and how many hold both, where the outcomes are mixed.
        mixed: Option<(usize, usize)>,
        /// Who needs the operator besides.
        besides: Besides,
    },
    /// Nothing can be approved yet.
    Nothing {
        /// Why.
        why: Refusal,
        /// Who needs the operator besides.
        besides: Besides,
    },
    /// Licensing, or users whom licensing has left.
    Users(Waiters),
}

/// How it ended for everybody who was listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Users who are migrated.
    pub migrated: usize,
    /// Users who were rolled back.
    pub back: usize,
    /// Users whom the operator took out.
    pub excluded: usize,
    /// Users who were never moved.
    pub blocked: usize,
    /// Users who lost a part of what they were to have or to keep.
    pub lost: usize,
    /// Users without a license.
    pub unlicensed: usize,
    /// Users of a batch who have neither arrived nor gone back.
    pub exceptions: usize,
    /// Users whom a batch left behind: stuck or late, and still watched.
    pub left_behind: usize,
}

/// Says what the run waits for, and why nothing can be approved when nothing can.
pub fn waiting(run: &Migration, now: Timestamp) -> CurrentWait {
    if let Some(stopped) = stopped(run, now) {
        return stopped;
    }
    let gates = gates(run);
    if run.complete && gates.is_empty() {
        return complete(run);
    }
    let batch = gates.first().map_or(run.current, |gate| gate.batch);
    let phase = run.phase_of(batch);
    let before = match run.direction_of(batch) {
        Direction::Forward => run.completed_last().map(Before::Completed),
        Direction::Rollback => Some(Before::Batch(batch)),
    };
    let more = gates.len().saturating_sub(1);
    let say = |urgency, what| CurrentWait { urgency, before, batch, what, more };
    let counts = counts_of(run, batch, now);
    let besides = besides(run, batch, &counts, now);
    // Whoever is stuck is told with every gate, of whichever batch they are: a gate of another one must not hide them.
    let stuck = run.count_all(Fact::Stuck);
    match pending_question(run) {
        Ok(PendingQuestion::Add(users)) => {
            let besides = Besides { stuck, ..besides };
            let again = ended_worklist(run, batch, WorklistKind::Add).or(match phase {
                Phase::AddToTarget => Some(Again::NotAllAdded),
                Phase::VerifyAdded => Some(Again::TakenOut),
                _ => None,
            });
            say(Urgency::Asks, Awaited::Add { users, again, besides })
        }
        Ok(PendingQuestion::Remove(users)) => {
            let besides = Besides { stuck, ..besides };
            say(Urgency::Asks, remove(run, batch, users, &counts, besides))
        }
        // Both were looked at above.
        Ok(PendingQuestion::Alarm | PendingQuestion::LiftHalt) => {
            say(Urgency::Trouble, Awaited::Halted(vec![HaltNow::As(HaltReason::Operator)]))
        }
        // Whoever is past `stuck_after` is not waited for any longer.
        Err(Refusal::NotSafeYet(_)) if only_late(run, batch, now) && run.may_remove(batch) => {
            say(Urgency::Asks, remove(run, batch, run.count(batch, Fact::Removable), &counts, besides))
        }
        Err(why) => {
            let trouble = counts.stuck + counts.unlicensed + counts.failed > 0 || run.batches.is_empty();
            let urgency = if trouble && run.preflight.is_some() { Urgency::Trouble } else { Urgency::Calm };
            if run.group_problem().is_some() && run.approved_pending.is_empty() && phase != Phase::Preflight {
                return say(Urgency::Trouble, Awaited::Nothing { why, besides: Besides::default() });
            }
            say(urgency, still(run, batch, &counts, now).map_or(Awaited::Nothing { why, besides }, Awaited::Users))
        }
    }
}

/// An alarm that nobody has acknowledged, or else a halt: before all else.
fn stopped(run: &Migration, now: Timestamp) -> Option<CurrentWait> {
    let say = |urgency, what| CurrentWait { urgency, before: None, batch: run.current, what, more: 0 };
    if let Some(alarm) = run.alarm.as_ref().filter(|alarm| !alarm.acknowledged) {
        return Some(match still_unlicensed(run, now) {
            0 => say(Urgency::Trouble, Awaited::AlarmIsOver(alarm.users.len())),
            still => say(Urgency::Alarm, Awaited::Alarm(still)),
        });
    }
    let halt = run.halted.as_ref()?;
    let early = halt.reasons().any(HaltReason::is_removed_early);
    let urgency = if early { Urgency::Alarm } else { Urgency::Trouble };
    Some(say(urgency, Awaited::Halted(halt_now(run, halt, now))))
}

/// A removal that may be approved.
fn remove(run: &Migration, batch: usize, users: usize, counts: &Counts, besides: Besides) -> Awaited {
    let other = match (run.phase_of(batch), run.count(batch, Fact::Removed)) {
        (Phase::VerifyMigrated | Phase::Complete, _) if run.count(batch, Fact::PutBack) > 0 => Some(Again::PutBack),
        (Phase::RemoveFromSource | Phase::VerifyMigrated | Phase::Complete, removed @ 1..) => {
            Some(Again::Rest(removed))
        }
        _ => None,
    };
    let again = ended_worklist(run, batch, WorklistKind::Remove).or(other);
    let both = counts.in_conflict > 0 && counts.holds_both > 0;
    let mixed = both.then_some((counts.in_conflict, counts.holds_both));
    let behind = run.count(batch, Fact::Left).saturating_sub(users);
    Awaited::Remove { users, behind, again, mixed, besides }
}

/// The last worklist of a batch for this, when it is not in force any more and others may still act on it.
fn ended_worklist(run: &Migration, batch: usize, kind: WorklistKind) -> Option<Again> {
    let last = run.worklists().filter(|list| list.issued.batch == batch && list.issued.kind == kind).last()?;
    let (_, why) = last.ended?;
    let waits = |user: &Arc<User>| matches!(user.write(kind.write_kind()), Write::Delisted(_));
    run.active_in(batch).any(waits).then_some(Again::Worklist { number: last.issued.number, why })
}

/// Whether users of a batch may be removed, and all others whom licensing has still to act on are late.
pub(in crate::domain) fn only_late(run: &Migration, batch: usize, now: Timestamp) -> bool {
    run.count(batch, Fact::Removable) > 0
        && run.approved_pending.left_in(batch) == 0
        && run.late_in(batch, now) == run.count(batch, Fact::Waiting)
}

/// Users of a batch who have neither arrived nor gone back: excluded, stuck, without a part, blocked since the batches were cut.
pub fn exceptions<'a>(users: impl Iterator<Item = &'a User>) -> usize {
    users.filter(|user| user.batch.is_some() && !user.is_migrated() && !user.is_rolled_back()).count()
}

/// How it ended for everybody who was listed. Who was never moved may have lost their license by another hand.
fn complete(run: &Migration) -> CurrentWait {
    let all = |fact| run.count_all(fact);
    // Nobody is counted twice: that somebody is without a license, or lost a part, is said instead of how they came there.
    let mut ended = Ended {
        migrated: all(Fact::Migrated),
        back: all(Fact::RolledBack),
        excluded: all(Fact::EndedExcluded),
        lost: all(Fact::Lost),
        unlicensed: all(Fact::Bare),
        left_behind: all(Fact::LeftBehind),
        exceptions: run.exceptions_of_run(),
        blocked: 0,
    };
    let told = ended.migrated + ended.back + ended.excluded + ended.lost + ended.unlicensed + ended.left_behind;
    ended.blocked = run.users.len().saturating_sub(told);
    let urgency = match (ended.unlicensed, ended.lost) {
        (1.., _) => Urgency::Alarm,
        (0, 1..) => Urgency::Trouble,
        (0, 0) => Urgency::Calm,
    };
    CurrentWait { urgency, before: None, batch: run.current, what: Awaited::Complete(ended), more: 0 }
}

fn still(run: &Migration, batch: usize, counts: &Counts, now: Timestamp) -> Option<Waiters> {
    if !matches!(run.phase_of(batch), Phase::VerifyAdded | Phase::VerifyMigrated | Phase::RemoveFromSource) {
        return None;
    }
    // An open write without an approval has outlived its process: that it is asked about comes before all else.
    let unknown = |user: &Arc<User>| user.id.is_some_and(|id| !run.approved_pending.contains(&id));
    if run.open().any(unknown) {
        return None;
    }
    let grace = run.run.settings.unlicensed_grace;
    let switching = run.unlicensed().filter(|user| user.batch == Some(batch) && in_grace(user, now, grace)).count();
    let unlicensed = counts.unlicensed.saturating_sub(switching);
    let waiters = Waiters { stuck: counts.stuck, switching, unlicensed, ..run.waiters_in(batch, now) };
    let Waiters { processing, holding, late, stuck, went_back, .. } = waiters;
    let all = processing + holding + late + stuck + switching + unlicensed + went_back;
    (all > 0).then(|| Waiters { approved: run.approved_pending.left_in(batch), ..waiters })
}

fn besides(run: &Migration, batch: usize, counts: &Counts, now: Timestamp) -> Besides {
    let Waiters { holding, late, .. } = run.waiters_in(batch, now);
    Besides { holding, late, stuck: counts.stuck }
}

/// Whether something waits for the operator's answer.
pub fn waiting_for_operator(run: &Migration) -> bool {
    pending_question(run).is_ok()
}

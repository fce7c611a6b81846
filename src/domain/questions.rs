//! What an operator may do now: the question that waits for them, or the reason why none does.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Proposal;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::approval::ShownToOperator;
use crate::domain::event::HaltReason;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::seat_ledger::Shortage;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::StandingCode;
use crate::domain::user::User;
use crate::domain::user::Write;

/// What waits for the operator's answer.
#[derive(Debug)]
pub enum Question {
    /// May these users be added to the target group?
    Add(Proposal<Add>),
    /// May these users be removed from the source group?
    Remove(Proposal<Remove>),
    /// May GBL be asked to look at these users again?
    Reprocess(Proposal<Reprocess>),
    /// May a direct license be taken off these users?
    Direct(Proposal<Direct>),
    /// May writing go on after this halt?
    LiftHalt(HaltReason),
    /// Has the operator seen that these users are without a license?
    Alarm(Vec<UserId>),
}

/// Which question waits, without the users that it would take along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingQuestion {
    /// Adding this many users.
    Add(usize),
    /// Removing this many users.
    Remove(usize),
    /// The halt.
    LiftHalt,
    /// The alarm.
    Alarm,
}

/// Which question waits for the operator now.
///
/// # Errors
/// [`Refusal`] says why nothing can be approved yet.
pub fn pending_question(run: &Migration) -> Result<PendingQuestion, Refusal> {
    if run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        return Ok(PendingQuestion::Alarm);
    }
    if run.halted.is_some() {
        return Ok(PendingQuestion::LiftHalt);
    }
    if run.complete {
        return Err(Refusal::Complete);
    }
    if run.batch().is_none() {
        return Err(if run.preflight.is_some() { Refusal::NobodyReady } else { Refusal::Preflighting });
    }
    question_of(run, run.current)
}

/// Which question one batch has for the operator.
fn question_of(run: &Migration, number: usize) -> Result<PendingQuestion, Refusal> {
    let batch = run.batches.get(number).ok_or(Refusal::NoBatch)?;
    match (run.approved_pending.len(), batch.phase) {
        (0, _) => {}
        (left, Phase::AddToTarget) => return Err(Refusal::Adding(left)),
        (left, Phase::RemoveFromSource) => return Err(Refusal::Removing(left)),
        (left, _) => return Err(Refusal::Licensing(left)),
    }
    match run.members(number).filter(|user| user.is_open()).count() {
        0 => {}
        writes => return Err(Refusal::OutcomesUnknown(writes)),
    }
    if let (Some(problem), false) = (run.group_problem(), batch.phase == Phase::Preflight) {
        return Err(Refusal::Group(problem.detail.clone()));
    }
    match batch.phase {
        Phase::Preflight | Phase::AddToTarget => {
            if !batch.checked {
                return Err(Refusal::BatchBeingChecked);
            }
            if let Some(problem) = run.problems.iter().find(|problem| !problem.warning) {
                return Err(Refusal::Plan(problem.detail.clone()));
            }
            match addable(run, number).len() {
                0 => Err(Refusal::NobodyOfBatchReady),
                users => Ok(PendingQuestion::Add(users)),
            }
        }
        // Only somebody else's hand takes users out of the group again at this point.
        Phase::VerifyAdded if !addable(run, number).is_empty() => Ok(PendingQuestion::Add(addable(run, number).len())),
        Phase::VerifyAdded | Phase::RemoveFromSource => {
            let (ready, not_yet) = removable(run, number);
            match (ready.len(), not_yet) {
                (0, 0) => Err(Refusal::AllRemoved),
                (_, 0) => Ok(PendingQuestion::Remove(ready.len())),
                (_, waiting) => Err(Refusal::NotSafeYet(waiting)),
            }
        }
        // Somebody else's hand again: back in the group that they had left.
        Phase::VerifyMigrated if !removable(run, number).0.is_empty() => {
            Ok(PendingQuestion::Remove(removable(run, number).0.len()))
        }
        Phase::VerifyMigrated => Err(Refusal::Finishing),
        Phase::Complete => Err(Refusal::BatchComplete),
    }
}

/// Puts the question that waits, numbered so that a later one makes it stale.
///
/// # Errors
/// [`Refusal`] says why nothing can be approved yet.
pub fn question(run: &Migration, number: u64, free_seats: Option<i64>) -> Result<Question, Refusal> {
    let seen = |group: &str, users: &[UserId]| seen(run, group, free_seats, users);
    Ok(match pending_question(run)? {
        PendingQuestion::Alarm => {
            Question::Alarm(run.alarm.iter().flat_map(|alarm| alarm.users.iter().copied()).collect())
        }
        PendingQuestion::LiftHalt => {
            Question::LiftHalt(run.halted.as_ref().map_or(HaltReason::Operator, |halt| halt.why.clone()))
        }
        PendingQuestion::Add(_) => {
            let users = addable(run, run.current);
            let seen = seen(&run.route.target.group_name, &users);
            Question::Add(Proposal::new(number, run.current, run.route.target.end(), users, seen))
        }
        PendingQuestion::Remove(_) => {
            let (users, _) = removable(run, run.current);
            let seen = seen(&run.route.source.group_name, &users);
            Question::Remove(Proposal::new(number, run.current, run.route.source.end(), users, seen))
        }
    })
}

/// Whether an approval may still be acted on: nothing may have moved between the question and the answer.
///
/// # Errors
/// [`Refusal`] when the run was halted meanwhile, the batch moved on, or the users are no longer those of the question.
pub fn admit<W>(run: &Migration, approval: &Approval<W>, asked: u64, adding: bool) -> Result<(), Refusal> {
    if approval.number() != asked || approval.batch() != run.current {
        return Err(Refusal::Stale);
    }
    let now_ready = match (pending_question(run)?, adding) {
        (PendingQuestion::Add(_), true) => addable(run, approval.batch()),
        (PendingQuestion::Remove(_), false) => removable(run, approval.batch()).0,
        _ => return Err(Refusal::Stale),
    };
    if now_ready.as_slice() == approval.left() { Ok(()) } else { Err(Refusal::Stale) }
}

/// Whether a user may be taken out of the batch under way.
///
/// # Errors
/// [`Refusal`] when the user is not in it, is out already, or a write of theirs is open.
pub fn may_exclude(run: &Migration, id: UserId) -> Result<(), Refusal> {
    let user = run.user(id).ok_or(Refusal::NotInRun)?;
    if !user.batch.is_some_and(|batch| run.is_under_way(batch)) {
        return Err(Refusal::NotInBatch(user.upn.clone()));
    }
    if user.excluded {
        return Err(Refusal::ExcludedAlready(user.upn.clone()));
    }
    // What was left of the other two by a sitting that died is asked for anew; while one is at work it may yet leave.
    let licensing = [&user.reprocess, &user.direct].iter().any(|write| matches!(write, Write::Intended(_)));
    if user.add.is_open() || user.remove.is_open() || (licensing && run.approved_pending.contains(&id)) {
        return Err(Refusal::WriteUnderWay(user.upn.clone()));
    }
    Ok(())
}

/// Rule 4: whether a seat of every product of `ledger`, which counts nobody yet, is free for all who are to be removed
/// and have not left, less those who hold it. What the batches to come need is told beside it. `holds` says whether a user holds a product already.
///
/// # Errors
/// Names the product of which the most are missing.
pub fn enough_seats(
    run: &Migration,
    mut ledger: SeatLedger,
    holds: impl Fn(&User, SkuId) -> bool,
) -> Result<(), Shortage> {
    let waits = |standing: &Standing| standing.is_safe(run.scenario) || standing.lacks_only_seats();
    let waits = |user: &&Arc<User>| user.standing.as_ref().is_some_and(waits);
    for user in run.active().filter(|user| !user.remove.is_done()).filter(waits) {
        ledger.add_to_come(|sku| holds(user, sku));
    }
    // Every batch that is still to come, and whoever of this one is not safe yet.
    let comes = |user: &&Arc<User>| user.is_active() && user.batch.is_some() && user.direction == run.direction();
    let now = |user: &Arc<User>| user.batch == Some(run.current) && waits(&user);
    for user in run.users.iter().filter(comes).filter(|user| user.removal() == Removal::NotSent && !now(user)) {
        ledger.add_later(|sku| holds(user, sku));
    }
    ledger.shortage().map_or(Ok(()), Err)
}

/// How many of these users, from the first on, may be removed now (rule 4): whoever may have left and does not surely have
/// a seat of a product may take one first, in this run or by another hand's order to look at them again. `ledger` counts
/// nobody yet; `has_seat` says whose seats are certainly among those that it counts as taken, `holds` who of these users
/// needs none.
pub fn fit_now(
    run: &Migration,
    mut ledger: SeatLedger,
    users: &[UserId],
    has_seat: impl Fn(&User, SkuId) -> bool,
    holds: impl Fn(&User, SkuId) -> bool,
) -> usize {
    for user in may_take_seats(run, users) {
        ledger.add_under_way(|sku| has_seat(user, sku));
    }
    for user in users {
        ledger.add_to_come(|sku| run.user(*user).is_some_and(|user| holds(user, sku)));
    }
    ledger.fits()
}

/// Who may have left the source group, beside those who are about to. Whom the operator took out of the batch takes a
/// seat all the same, and so does, one day, who is stuck.
fn may_take_seats<'a>(run: &'a Migration, leaving: &[UserId]) -> impl Iterator<Item = &'a Arc<User>> {
    let leaving: HashSet<UserId> = leaving.iter().copied().collect();
    let left = |user: &User| user.removal() == Removal::Sent || user.removal_unconfirmed_at.is_some();
    let gone = move |user: &&Arc<User>| left(user) && user.direction == run.direction();
    let takes = |user: &&Arc<User>| user.standing != Some(Standing::Missing);
    let stays = move |user: &&Arc<User>| user.id.is_none_or(|id| !leaving.contains(&id));
    run.users.iter().filter(gone).filter(takes).filter(stays)
}

fn addable(run: &Migration, batch: usize) -> Vec<UserId> {
    let users = run.active_in(batch).filter(|user| !user.add.is_done() && !user.is_blocked());
    users.filter_map(|user| user.id).collect()
}

/// Who may be removed now, and how many of the batch still have to become safe first.
fn removable(run: &Migration, batch: usize) -> (Vec<UserId>, usize) {
    let left: Vec<&User> = run.active_in(batch).filter(|user| !user.remove.is_done()).map(AsRef::as_ref).collect();
    let safe = |user: &&User| user.standing.as_ref().is_some_and(|standing| standing.is_safe(run.scenario));
    let ready: Vec<UserId> = left.iter().copied().filter(safe).filter_map(|user| user.id).collect();
    let not_yet = left.len() - ready.len();
    (ready, not_yet)
}

pub(in crate::domain) fn seen(
    run: &Migration,
    group: &str,
    free_seats: Option<i64>,
    users: &[UserId],
) -> ShownToOperator {
    let left_out = run.members(run.current).count().saturating_sub(users.len());
    ShownToOperator { group_name: group.to_owned(), free_seats, standings: standings(run, users), left_out }
}

/// Where those stand whom the question is about; the others do not belong to it.
fn standings(run: &Migration, users: &[UserId]) -> Vec<(StandingCode, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for user in users.iter().filter_map(|id| run.user(*id)) {
        let code = user.standing.as_ref().map_or(StandingCode::NotRead, StandingCode::from);
        *counts.entry(code).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

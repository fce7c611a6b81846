//! What an operator may do now: the question that waits for them, or the reason why none does.

mod seats;

use std::collections::HashSet;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Proposal;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::approval::ShownToOperator;
use crate::domain::halt::Halt;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::route::Direction;
use crate::domain::standing::StandingCode;
use crate::domain::user::Write;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;

pub use crate::domain::questions::seats::enough_seats;
pub use crate::domain::questions::seats::fit_now;

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
    LiftHalt(Vec<HaltReason>),
    /// Has the operator seen that these users are without a license?
    Alarm(Vec<UserId>),
}

impl Question {
    /// The batch that it is about, counted from 0; `None` for what is asked of the whole run.
    pub fn batch(&self) -> Option<usize> {
        match self {
            Self::Add(proposal) => Some(proposal.batch()),
            Self::Remove(proposal) => Some(proposal.batch()),
            Self::Reprocess(proposal) => Some(proposal.batch()),
            Self::Direct(proposal) => Some(proposal.batch()),
            Self::LiftHalt(_) | Self::Alarm(_) => None,
        }
    }
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

/// A batch that waits for the operator's answer, and for which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The batch, counted from 0.
    pub batch: usize,
    /// What is asked of it: whether to add or to remove.
    pub question: PendingQuestion,
}

/// All gates that wait for the operator, the most useful one first: rollbacks, as somebody waits for them; the removal
/// whose canary all others await; additions, as licensing needs its time from then on; the other removals. Whoever was left
/// behind by a batch that is complete waits for one too, once safe. None waits while the run is halted or an alarm rings.
pub fn gates(run: &Migration) -> Vec<Gate> {
    let stopped = run.halted.is_some() || run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged);
    if stopped || unknown(run).is_some() {
        return Vec::new();
    }
    let waits = |batch| gate_of(run, batch).ok().map(|question| Gate { batch, question });
    let left_behind = (0..run.batches.len()).filter(|batch| is_left_behind(run, *batch));
    let mut gates: Vec<Gate> = run.under_way_batches().into_iter().chain(left_behind).filter_map(waits).collect();
    gates.sort_by_key(|gate| match (run.direction_of(gate.batch), gate.question) {
        (Direction::Rollback, _) => (0, gate.batch),
        (_, PendingQuestion::Remove(_)) if !run.canary_arrived => (1, gate.batch),
        (_, PendingQuestion::Add(_)) => (2, gate.batch),
        _ => (3, gate.batch),
    });
    gates
}

/// Which question waits for the operator now: of several gates the most useful one.
///
/// # Errors
/// [`Refusal`] says why nothing can be approved yet.
pub fn pending_question(run: &Migration) -> Result<PendingQuestion, Refusal> {
    next_gate(run).map(|(_, question)| question)
}

/// Whether somebody whom a complete batch left behind is safe by now.
fn is_left_behind(run: &Migration, batch: usize) -> bool {
    run.has_exceptions(batch) && run.count(batch, Fact::Removable) > 0
}

/// The question that waits, and the batch that it is about.
fn next_gate(run: &Migration) -> Result<(usize, PendingQuestion), Refusal> {
    if let Some(question) = before_all(run)? {
        return Ok((run.current, question));
    }
    match gates(run).first() {
        Some(gate) => Ok((gate.batch, gate.question)),
        None => gate_of(run, run.current).map(|question| (run.current, question)),
    }
}

/// What comes before the question of any batch.
fn before_all(run: &Migration) -> Result<Option<PendingQuestion>, Refusal> {
    if run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        return Ok(Some(PendingQuestion::Alarm));
    }
    if run.halted.is_some() {
        return Ok(Some(PendingQuestion::LiftHalt));
    }
    if run.complete && !(0..run.batches.len()).any(|batch| is_left_behind(run, batch)) {
        return Err(Refusal::Complete);
    }
    if run.batch().is_none() {
        return Err(if run.preflight.is_some() { Refusal::NobodyReady } else { Refusal::Preflighting });
    }
    unknown(run).map_or(Ok(None), Err)
}

/// Rule 8: a write that has outlived its approval is asked about before anything else is written, of whichever batch.
fn unknown(run: &Migration) -> Option<Refusal> {
    match run.open().filter(|user| run.has_unknown_outcome(user)).count() {
        0 => None,
        writes => Some(Refusal::OutcomesUnknown(writes)),
    }
}

/// Which question one batch has for the operator, whatever comes before the questions of all batches. A removal waits once
/// licensing has come to its end with everybody of the batch, whether they are safe or not; before that it may be asked for
/// by [`question`] and [`question_of`], for those who are.
///
/// # Errors
/// [`Refusal`] says why nothing of this batch can be approved yet.
pub fn gate_of(run: &Migration, number: usize) -> Result<PendingQuestion, Refusal> {
    let batch = run.batches.get(number).ok_or(Refusal::NoBatch)?;
    if batch.phase != Phase::Complete && !run.is_under_way(number) {
        return Err(Refusal::WaitsItsTurn(run.batch_name(number)));
    }
    let awaited = run.count(number, Fact::ListedToRemove);
    match (run.approved_pending.left_in(number), batch.phase) {
        (0, _) => {}
        (_, Phase::RemoveFromSource) if awaited > 0 => return Err(Refusal::OthersToRemove(awaited)),
        (left, Phase::AddToTarget) => return Err(Refusal::Adding(left)),
        (left, Phase::RemoveFromSource) => return Err(Refusal::Removing(left)),
        (left, _) => return Err(Refusal::Licensing(left)),
    }
    if let (Some(problem), false) = (run.group_problem(), batch.phase == Phase::Preflight) {
        return Err(Refusal::Group(problem.detail.clone()));
    }
    let (addable, removable) = (run.count(number, Fact::Addable), run.count(number, Fact::Removable));
    let listed = run.count(number, Fact::ListedToAdd);
    let to_remove = run.count(number, Fact::ListedToRemove);
    match batch.phase {
        Phase::Preflight | Phase::AddToTarget => {
            if !batch.checked {
                return Err(Refusal::BatchBeingChecked);
            }
            if let Some(problem) = run.problems_of(number).iter().find(|problem| !problem.warning) {
                return Err(Refusal::Plan(problem.detail.clone()));
            }
            match addable {
                0 if listed > 0 => Err(Refusal::OthersToAdd(listed)),
                0 => Err(Refusal::NobodyOfBatchReady),
                users => Ok(PendingQuestion::Add(users)),
            }
        }
        // Only somebody else's hand takes users out of the group again at this point.
        Phase::VerifyAdded if addable > 0 => Ok(PendingQuestion::Add(addable)),
        Phase::VerifyAdded | Phase::RemoveFromSource => match (removable, run.count(number, Fact::Left) - removable) {
            (0, 0) => Err(Refusal::AllRemoved),
            (0, _) if to_remove > 0 => Err(Refusal::OthersToRemove(to_remove)),
            (0, others) if listed == others => Err(Refusal::OthersToAdd(listed)),
            (0, others) => Err(Refusal::NotSafeYet(others)),
            (_, others) if run.count(number, Fact::LeftWaiting) > 0 => Err(Refusal::NotSafeYet(others)),
            (users, _) => canary_first(run, number).map(|()| PendingQuestion::Remove(users)),
        },
        // Somebody else's hand again: back in the group that they had left. Or they were left behind, and are safe now.
        Phase::VerifyMigrated if removable > 0 => {
            canary_first(run, number).map(|()| PendingQuestion::Remove(removable))
        }
        // Whom somebody else has moved meanwhile there is nothing to do for.
        Phase::Complete if is_left_behind(run, number) => {
            canary_first(run, number).map(|()| PendingQuestion::Remove(removable))
        }
        Phase::VerifyMigrated => Err(Refusal::Finishing),
        Phase::Complete => Err(Refusal::BatchComplete),
    }
}

/// Which question one batch lets be asked, though it would not wait by itself yet: whoever is safe need not wait for those
/// who are not.
fn may_be_asked(run: &Migration, batch: usize) -> Result<PendingQuestion, Refusal> {
    match gate_of(run, batch) {
        Err(Refusal::NotSafeYet(_)) if run.count(batch, Fact::Removable) > 0 => {
            canary_first(run, batch).map(|()| PendingQuestion::Remove(run.count(batch, Fact::Removable)))
        }
        waits => waits,
    }
}

/// Rule 5: nobody of another batch is removed before the first canary of the run has arrived.
fn canary_first(run: &Migration, batch: usize) -> Result<(), Refusal> {
    match run.lead().filter(|_| !run.may_remove(batch)) {
        Some(lead) => Err(Refusal::CanaryFirst(run.batch_name(lead))),
        None => Ok(()),
    }
}

/// Puts the question that waits, numbered so that a later one makes it stale.
///
/// # Errors
/// [`Refusal`] says why nothing can be approved yet.
pub fn question(run: &Migration, number: u64, free_seats: Option<i64>) -> Result<Question, Refusal> {
    let (batch, waits) = gate_now(run)?;
    Ok(put(run, batch, waits, number, free_seats))
}

/// What [`question`] would put, or [`question_of`] where a batch is named, without the users.
///
/// # Errors
/// [`Refusal`] says why nothing can be approved yet.
pub fn question_now(run: &Migration, batch: Option<usize>) -> Result<PendingQuestion, Refusal> {
    match batch {
        None => gate_now(run).map(|(_, question)| question),
        Some(batch) => before_all(run)?.map_or_else(|| may_be_asked(run, batch), Ok),
    }
}

/// The question that waits, or else one that may be asked for those who are safe.
fn gate_now(run: &Migration) -> Result<(usize, PendingQuestion), Refusal> {
    next_gate(run).or_else(|why| early_gate(run).ok_or(why))
}

/// Of the batches in which nothing waits yet, the first of which users may be removed: that of the screen before others.
fn early_gate(run: &Migration) -> Option<(usize, PendingQuestion)> {
    if !matches!(before_all(run), Ok(None)) {
        return None;
    }
    let batches = std::iter::once(run.current).chain(run.under_way_batches());
    batches.into_iter().find_map(|batch| match may_be_asked(run, batch) {
        Ok(question @ PendingQuestion::Remove(_)) => Some((batch, question)),
        _ => None,
    })
}

/// Puts the question of one batch, though others may wait that are more useful.
///
/// # Errors
/// [`Refusal`] says why nothing of this batch can be approved yet.
pub fn question_of(run: &Migration, batch: usize, number: u64, free_seats: Option<i64>) -> Result<Question, Refusal> {
    let waits = question_now(run, Some(batch))?;
    Ok(put(run, batch, waits, number, free_seats))
}

fn put(run: &Migration, batch: usize, waits: PendingQuestion, number: u64, free_seats: Option<i64>) -> Question {
    let route = run.route_direction(run.direction_of(batch));
    match waits {
        PendingQuestion::Alarm => {
            Question::Alarm(run.alarm.iter().flat_map(|alarm| alarm.users.iter().copied()).collect())
        }
        PendingQuestion::LiftHalt => Question::LiftHalt(run.halted.iter().flat_map(Halt::reasons).cloned().collect()),
        PendingQuestion::Add(_) => {
            let users = addable(run, batch);
            let seen = seen(run, batch, &route.target.group_name, free_seats, &users);
            Question::Add(Proposal::new(number, batch, route.target.end(), users, seen))
        }
        PendingQuestion::Remove(_) => {
            let users = removable(run, batch);
            let seen = seen(run, batch, &route.source.group_name, free_seats, &users);
            Question::Remove(Proposal::new(number, batch, route.source.end(), users, seen))
        }
    }
}

/// Whether an approval may still be acted on: nothing may have moved between the question and the answer.
///
/// # Errors
/// [`Refusal`] when the run was halted meanwhile, the batch moved on, or the users are no longer those of the question.
pub fn admit<W: Marker>(run: &Migration, approval: &Approval<W>, asked: u64) -> Result<(), Refusal> {
    if approval.number() != asked || before_all(run)?.is_some() {
        return Err(Refusal::Stale);
    }
    let unmoved = match (may_be_asked(run, approval.batch())?, W::KIND) {
        (PendingQuestion::Add(_), WriteKind::Add) => addable(run, approval.batch()).as_slice() == approval.left(),
        // Others may have become safe meanwhile: they were not asked about, and are not removed.
        (PendingQuestion::Remove(_), WriteKind::Remove) => {
            let safe: HashSet<UserId> = removable(run, approval.batch()).into_iter().collect();
            approval.left().iter().all(|user| safe.contains(user))
        }
        _ => return Err(Refusal::Stale),
    };
    if unmoved { Ok(()) } else { Err(Refusal::Stale) }
}

/// Whether a user may be taken out of the batch under way.
///
/// # Errors
/// [`Refusal`] when the user is not in it, is out already, or a write of theirs is open.
pub fn may_exclude(run: &Migration, id: UserId) -> Result<(), Refusal> {
    let user = run.user(id).ok_or(Refusal::NotInRun)?;
    if !user.batch.is_some_and(|batch| run.is_under_way(batch) || run.has_exceptions(batch)) {
        return Err(Refusal::NotInBatch(user.upn.to_string()));
    }
    if user.excluded {
        return Err(Refusal::ExcludedAlready(user.upn.to_string()));
    }
    if user.is_on_worklist() {
        return Err(Refusal::OnWorklist(user.upn.to_string()));
    }
    // What was left of the other two by a session that died is asked for anew; while one is at work it may yet leave.
    let licensing =
        [&user.seldom.reprocess, &user.seldom.direct].iter().any(|write| matches!(write, Write::Intended(_)));
    if user.is_open() || (licensing && run.approved_pending.contains(&id)) {
        return Err(Refusal::WriteUnderWay(user.upn.to_string()));
    }
    Ok(())
}

fn addable(run: &Migration, batch: usize) -> Vec<UserId> {
    run.active_in(batch).filter(|user| user.is_addable()).filter_map(|user| user.id).collect()
}

/// Who of a batch may be removed now.
fn removable(run: &Migration, batch: usize) -> Vec<UserId> {
    run.active_in(batch).filter(|user| user.is_removable(run.scenario)).filter_map(|user| user.id).collect()
}

pub(in crate::domain) fn seen(
    run: &Migration,
    batch: usize,
    group: &str,
    free_seats: Option<i64>,
    users: &[UserId],
) -> ShownToOperator {
    let left_out = run.members(batch).count().saturating_sub(users.len());
    ShownToOperator {
        group_name: group.to_owned(),
        free_seats,
        standings: standings(run, users),
        left_out,
        reason: None,
    }
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

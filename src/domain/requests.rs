//! What the operator asks for by themselves: reprocess, removal of a direct license, rollback; and why not, when not.

mod available_actions;

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Proposal;
use crate::domain::approval::Reprocess;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::questions::seen;
use crate::domain::refusal::Refusal;
use crate::domain::route::Direction;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::domain::user::User;

pub use available_actions::Offer;
pub use available_actions::RunPermits;
pub use available_actions::available_actions;

/// May GBL be asked to look at these users again? Those for whom it makes no sense are left out.
///
/// # Errors
/// [`Refusal`] when writing must wait, or says of the last user why it makes no sense when it makes none for anybody.
pub fn reprocess(
    run: &Migration,
    number: u64,
    users: &[UserId],
    free_seats: Option<i64>,
) -> Result<Proposal<Reprocess>, Refusal> {
    at_peace(run)?;
    let (batch, users) = of_one_batch(run, users, reprocessable)?;
    let target = run.route_direction(run.direction_of(batch)).target;
    let seen = seen(run, batch, &target.group_name, free_seats, &users);
    Ok(Proposal::new(number, batch, target.end(), users, seen))
}

/// May the direct license that stands in the way be taken off these users?
///
/// # Errors
/// [`Refusal`] when writing must wait, or says of the last user why not when it may be taken off nobody.
pub fn direct(
    run: &Migration,
    number: u64,
    users: &[UserId],
    free_seats: Option<i64>,
) -> Result<Proposal<Direct>, Refusal> {
    at_peace(run)?;
    let (batch, users) = of_one_batch(run, users, spare)?;
    let source = run.route_direction(run.direction_of(batch)).source;
    let seen = seen(run, batch, &source.group_name, free_seats, &users);
    Ok(Proposal::new(number, batch, source.end(), users, seen))
}

/// Whether the answer to a question of this file may still be acted on.
///
/// # Errors
/// [`Refusal`] when the run was halted or written meanwhile, or something moved under the question.
pub fn admit_reprocess(run: &Migration, approval: &Approval<Reprocess>, asked: u64) -> Result<(), Refusal> {
    unmoved(run, approval, asked, reprocessable)
}

/// Whether the answer to a question of this file may still be acted on.
///
/// # Errors
/// [`Refusal`] when the run was halted or written meanwhile, or something moved under the question.
pub fn admit_direct(run: &Migration, approval: &Approval<Direct>, asked: u64) -> Result<(), Refusal> {
    unmoved(run, approval, asked, spare)
}

/// Which of these users can be taken back: all that were written and are not on the way back already.
///
/// # Errors
/// [`Refusal`] when a write is under way, or says of the last user why not when nobody can be.
pub fn rollback(run: &Migration, users: &[UserId]) -> Result<Vec<UserId>, Refusal> {
    // Where one batch is under way at a time, whatever is at work would be interrupted.
    let all = 0..if run.rollback_interrupts() { run.batches.len() } else { 0 };
    let theirs = users.iter().filter_map(|user| run.user(*user)?.batch);
    for batch in all.chain(theirs) {
        nothing_open_in(run, batch)?;
        if run.approved_pending.left_in(batch) > 0 {
            return Err(Refusal::WritingHaltFirst);
        }
    }
    those(run, users, |_, user| returnable(user))
}

fn returnable(user: &User) -> Result<(), Refusal> {
    if user.batch.is_none() || (user.direction == Direction::Forward && !user.add.is_done() && !user.remove.is_done()) {
        return Err(Refusal::NothingToRollBack(user.upn.to_string()));
    }
    if user.is_on_worklist() {
        return Err(Refusal::OnWorklist(user.upn.to_string()));
    }
    match (user.direction, user.excluded) {
        (Direction::Forward, _) | (Direction::Rollback, true) => Ok(()),
        (Direction::Rollback, false) if user.is_rolled_back() => Err(Refusal::RolledBackAlready(user.upn.to_string())),
        (Direction::Rollback, false) => Err(Refusal::BeingRolledBack(user.upn.to_string())),
    }
}

fn reprocessable(run: &Migration, user: &User) -> Result<(), Refusal> {
    in_batch(run, user)?;
    if !user.add.is_done() {
        return Err(Refusal::NotInGroupYet(user.upn.to_string()));
    }
    match &user.standing {
        // What the user leaves may be held back by another product; once that is mended, licensing has to look again.
        Some(Standing::ExpectedConflict) if user.remove.is_done() => Ok(()),
        Some(Standing::Migrated | Standing::HoldsBoth | Standing::ExpectedConflict) => {
            Err(Refusal::NothingWrong(user.upn.to_string()))
        }
        Some(Standing::Missing) => Err(Refusal::NotThere(user.upn.to_string())),
        None
        | Some(
            Standing::OnSource
            | Standing::SourceLingers(_)
            | Standing::Stuck(_)
            | Standing::LostPart(_)
            | Standing::Unlicensed,
        ) => Ok(()),
    }
}

/// A direct license may go only from a user whom the group that they were moved to licenses already.
fn spare(run: &Migration, user: &User) -> Result<(), Refusal> {
    in_batch(run, user)?;
    let (old, new) = (&run.route.source.sku_name, &run.route.target.sku_name);
    let upn = &user.upn;
    match &user.standing {
        Some(Standing::SourceLingers(Holder::Direct)) if user.remove.is_done() => Ok(()),
        Some(Standing::SourceLingers(Holder::Direct)) => {
            Err(Refusal::NotLeftYet { user: upn.to_string(), old: old.clone() })
        }
        Some(Standing::Stuck(Trouble::SourceElsewhere | Trouble::Error(_) | Trouble::State(_))) => {
            Err(Refusal::OnlyLicense { user: upn.to_string(), old: old.clone(), new: new.clone() })
        }
        _ => Err(Refusal::NoDirectLicense { user: upn.to_string(), old: old.clone() }),
    }
}

fn in_batch(run: &Migration, user: &User) -> Result<(), Refusal> {
    let tended = |batch: usize| run.is_under_way(batch) || run.has_exceptions(batch);
    let at_work = |batch: usize| run.batches[batch].phase != Phase::Preflight && tended(batch);
    let here = user.batch.is_some_and(at_work);
    match (here, user.excluded) {
        (false, _) => Err(Refusal::NotInBatch(user.upn.to_string())),
        (true, true) => Err(Refusal::Excluded(user.upn.to_string())),
        (true, false) => Ok(()),
    }
}

/// Nothing new is begun while the run is halted or an alarm rings.
fn at_peace(run: &Migration) -> Result<(), Refusal> {
    if run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        return Err(Refusal::AlarmWaits);
    }
    if run.halted.is_some() {
        return Err(Refusal::Halted);
    }
    Ok(())
}

/// Nor for a batch while a write of it is under way.
fn at_rest_in(run: &Migration, batch: usize) -> Result<(), Refusal> {
    if run.approved_pending.left_in(batch) > 0 {
        return Err(Refusal::WritingWait);
    }
    nothing_open_in(run, batch)
}

fn nothing_open_in(run: &Migration, batch: usize) -> Result<(), Refusal> {
    let of_batch = |user: &&Arc<User>| user.batch == Some(batch);
    match run.open().find(of_batch) {
        Some(user) => Err(Refusal::WriteUnknown(user.upn.to_string())),
        None => Ok(()),
    }
}

/// Of the users asked for, those who may and are in the batch of the first who may: an approval is for one batch.
fn of_one_batch(
    run: &Migration,
    users: &[UserId],
    may: impl Fn(&Migration, &User) -> Result<(), Refusal>,
) -> Result<(usize, Vec<UserId>), Refusal> {
    let batch_of = |user: &UserId| run.user(*user).and_then(|user| user.batch);
    // What goes on in the batch is told before anything about its users.
    for batch in users.iter().filter_map(batch_of).take(1) {
        at_rest_in(run, batch)?;
    }
    let mut users = those(run, users, may)?;
    let batch = users.first().and_then(batch_of).ok_or(Refusal::NobodyNamed)?;
    at_rest_in(run, batch)?;
    users.retain(|user| batch_of(user) == Some(batch));
    Ok((batch, users))
}

/// Of the users asked for, those who may; when nobody may, the last reason why.
fn those(
    run: &Migration,
    users: &[UserId],
    may: impl Fn(&Migration, &User) -> Result<(), Refusal>,
) -> Result<Vec<UserId>, Refusal> {
    let mut why = Refusal::NobodyNamed;
    let (mut found, mut named) = (Vec::new(), HashSet::new());
    for id in users {
        match run.user(*id).map(|user| may(run, user)) {
            Some(Ok(())) if named.insert(*id) => found.push(*id),
            Some(Ok(())) => {}
            Some(Err(reason)) => why = reason,
            None => why = Refusal::NotInRun,
        }
    }
    if found.is_empty() { Err(why) } else { Ok(found) }
}

fn unmoved<W>(
    run: &Migration,
    approval: &Approval<W>,
    asked: u64,
    may: impl Fn(&Migration, &User) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    at_peace(run)?;
    let (batch, all) = of_one_batch(run, approval.left(), may)?;
    let same = approval.number() == asked && approval.batch() == batch;
    if same && all.as_slice() == approval.left() { Ok(()) } else { Err(Refusal::StaleRequest) }
}

//! What the report follows of each batch: when it came how far, and who went first.

use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::report::content::BatchRow;
use crate::report::content::ExceptionRow;
use crate::report::content::UserOutcome;
use crate::report::event;
use crate::report::people::Trace;
use crate::report::words;
use crate::words::fault;
use crate::words::phrase;
use crate::words::proof;
use crate::words::reason;
use crate::words::standing;

/// Takes in what an event did to its batch; the run has it already.
pub(super) fn follow(rows: &mut Vec<BatchRow>, run: &Migration, at: Timestamp, event: &Event) {
    if matches!(event, Event::Checked { .. }) {
        rows.clear();
    }
    rows.resize_with(run.batches.len(), BatchRow::default);
    let Some(row) = event::batch(event).and_then(|batch| rows.get_mut(batch)) else { return };
    match event {
        Event::BatchChecked { .. } => row.checked = Some(at),
        Event::AddApproved { .. } => drop(row.add_approved.get_or_insert(at)),
        Event::AddsAcknowledged { .. } => drop(row.adds_acknowledged.get_or_insert(at)),
        Event::RemoveApproved { .. } => drop(row.remove_approved.get_or_insert(at)),
        Event::RemoveIntended { users, .. } => {
            row.canary.removed.get_or_insert(at);
            let canary = event::batch(event).map_or(1, |batch| run.canary_of(batch));
            let room = canary.max(1).saturating_sub(row.canary.users.len());
            row.canary.users.extend(users.iter().take(room));
        }
        Event::RemovesAcknowledged { .. } => row.removes_acknowledged = Some(at),
        Event::BatchComplete { .. } => row.completed = Some(at),
        _ => {}
    }
}

/// Says of each batch how it stands at the end; `traces` of the users are in the order of the run's.
pub(super) fn finish(batches: &mut [BatchRow], run: &Migration, traces: &[Trace]) {
    for (number, row) in batches.iter_mut().enumerate() {
        let Some(batch) = run.batches.get(number) else { continue };
        row.number = number + 1;
        row.title = crate::words::batches::title(run, number);
        row.direction = words::direction(batch.direction);
        row.phase = batch.phase.label(batch.direction);
        row.phase_text = crate::words::batches::phase(batch.phase, batch.direction);
        row.users = batch.users.len();
        row.arrived = run.members(number).filter(|user| user.has_arrived()).count();
        let arrival = |user: &UserId| {
            let trace = traces.get(run.place(*user)?)?;
            if batch.direction == Direction::Forward { trace.migrated } else { trace.rolled_back }
        };
        let arrivals: Option<Vec<Timestamp>> = row.canary.users.iter().map(arrival).collect();
        row.canary.arrived = arrivals.and_then(|all| all.into_iter().max());
        let exceptions = run.members(number).filter(|user| is_exception(user, batch.phase));
        row.exceptions = exceptions.map(|user| exception(user)).collect();
    }
}

/// Whether a user is not where the batch should have taken them by now.
fn is_exception(user: &User, phase: Phase) -> bool {
    let left_behind = phase == Phase::VerifyMigrated && !user.remove.is_done();
    let in_trouble = user.standing.as_ref().is_some_and(crate::domain::standing::Standing::is_stuck)
        || matches!(
            UserOutcome::of(user),
            UserOutcome::Unlicensed | UserOutcome::Missing | UserOutcome::Blocked | UserOutcome::Unknown
        );
    let failed = user.add.fault().is_some() || user.remove.fault().is_some() || user.seldom.not_proven.is_some();
    !user.has_arrived() && (user.excluded || in_trouble || failed || left_behind || phase == Phase::Complete)
}

fn exception(user: &User) -> ExceptionRow {
    let mut parts = Vec::new();
    parts.extend(user.excluded.then(|| phrase("report-excluded")));
    parts.extend(standing::stands(user));
    let blocks = user.reasons.iter().filter(|reason| !reason.warning);
    parts.extend(blocks.map(|reason| reason::reason(&reason.detail)));
    let not_proven = user.seldom.not_proven.as_ref();
    parts.extend(not_proven.map(|why| words::not_removed(&proof::not_proven(why, user.direction))));
    let faults = [user.add.fault(), user.remove.fault()];
    parts.extend(faults.into_iter().flatten().map(fault::fault));
    parts.extend(user.seldom.why.as_deref().map(fault::message));
    if parts.is_empty() {
        parts.push(phrase("report-not-seen"));
    }
    ExceptionRow {
        id: user.id,
        user_principal_name: clean(&user.upn).into_owned(),
        why: clean(&parts.join("; ")).into_owned(),
    }
}

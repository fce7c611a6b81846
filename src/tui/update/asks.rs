//! What a key asks for about users: whom it means, or why it would be refused. The palette says the same.

use crate::domain::id::UserId;
use crate::domain::phase::Phase;
use crate::domain::questions::may_exclude;
use crate::domain::refusal::Refusal;
use crate::domain::requests;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::palette::off::Off;
use crate::tui::table::order::needs_look;

/// Whom a dialog will name.
pub(in crate::tui) struct Meant {
    /// Who.
    pub(in crate::tui) users: Vec<UserId>,
    /// How many of those that were meant are left out.
    pub(in crate::tui) left_out: usize,
}

/// Of which batch to ask the question; `None` for the most useful one. That of the batch that is looked at comes first, when
/// it has one.
pub(in crate::tui) fn batch_to_ask(model: &Model) -> Option<usize> {
    let batch = match model.view {
        View::Batches => model.batches.row,
        _ => model.snapshot.run.current,
    };
    let gates = &model.snapshot.gates;
    let waits = gates.iter().any(|gate| gate.batch == batch) && gates.first().is_some_and(|gate| gate.batch != batch);
    waits.then_some(batch)
}

/// The batches, counted from 0, that are between two phases, whichever of them is on the screen.
pub(in crate::tui) fn between_phases(model: &Model) -> Vec<usize> {
    let run = &model.snapshot.run;
    let begun = |batch: &usize| !matches!(run.phase_of(*batch), Phase::Preflight | Phase::Complete);
    run.under_way_batches().into_iter().filter(begun).collect()
}

/// Whom to take out of their batches.
pub(in crate::tui) fn exclude(model: &Model) -> Result<Meant, Off> {
    let in_list = matches!(model.view, View::Users | View::Problems);
    let users = match &model.snapshot.read_only {
        Some(why) => return Err(Off::ReadOnly(why.clone())),
        None if !in_list && model.list.marks.is_empty() => return Err(Off::ExcludeElsewhere),
        None => model.meant(),
    };
    if users.is_empty() {
        return Err(Off::Nobody);
    }
    let (mut may, mut refused) = (Vec::new(), None);
    for id in &users {
        match may_exclude(&model.snapshot.run, *id) {
            Ok(()) => may.push(*id),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) if may.is_empty() => Err(Off::ByRun(why)),
        _ => Ok(Meant { left_out: users.len() - may.len(), users: may }),
    }
}

/// Whom to take back.
pub(in crate::tui) fn roll_back(model: &Model) -> Result<Meant, Off> {
    let users = model.meant();
    match &model.snapshot.read_only {
        Some(why) => Err(Off::ReadOnly(why.clone())),
        None if users.is_empty() => Err(Off::NothingSelected),
        None => {
            let back = requests::rollback(&model.snapshot.run, &users).map_err(Off::ByRun)?;
            Ok(Meant { left_out: users.len() - back.len(), users: back })
        }
    }
}

/// Whose licenses are to be reprocessed. Of a batch only those whom it may help: the others are only disturbed.
pub(in crate::tui) fn whom_to_reprocess(model: &Model) -> Result<Vec<UserId>, Off> {
    let run = &model.snapshot.run;
    let helps =
        |user: &User| needs_look(user, run, model.now) || matches!(user.standing, Some(Standing::SourceLingers(_)));
    let mut users = whom_to_clear(model)?;
    if model.view == View::Batches && model.list.marks.is_empty() {
        users.retain(|id| run.user(*id).is_some_and(|user| helps(user)));
        if users.is_empty() {
            return Err(Off::NobodyInTrouble(model.batches.row));
        }
    }
    Ok(users)
}

/// From whom to take a direct license.
pub(in crate::tui) fn whom_to_clear(model: &Model) -> Result<Vec<UserId>, Off> {
    let users = model.meant();
    if users.is_empty() { Err(Off::NothingSelected) } else { Ok(users) }
}

/// Why the engine would put no question about reprocessing.
pub(in crate::tui) fn no_reprocess(model: &Model) -> Option<Off> {
    let users = whom_to_reprocess(model);
    no_question(model, users, |users| requests::reprocess(&model.snapshot.run, 0, users, None).err())
}

/// Why the engine would put no question about a direct license.
pub(in crate::tui) fn no_direct(model: &Model) -> Option<Off> {
    let users = whom_to_clear(model);
    no_question(model, users, |users| requests::direct(&model.snapshot.run, 0, users, None).err())
}

/// The checks in the engine's order.
fn no_question(
    model: &Model,
    users: Result<Vec<UserId>, Off>,
    refused: impl Fn(&[UserId]) -> Option<Refusal>,
) -> Option<Off> {
    let users = match users {
        Ok(users) => users,
        Err(why) => return Some(why),
    };
    let snapshot = &model.snapshot;
    let read_only = snapshot.read_only.clone().map(Off::ReadOnly);
    let closed = || snapshot.window_opens.clone().map(Off::OutsideWindow);
    read_only.or_else(|| refused(&users).map(Off::ByRun)).or_else(closed)
}

/// Whether something is open that the key for back leaves.
pub(in crate::tui) fn goes_back(model: &Model) -> bool {
    let list = &model.list;
    let marked = !list.marks.is_empty() || list.range.is_some();
    let opened = list.cause.is_some() || list.batch.is_some() || !list.search.is_empty();
    model.inspecting || model.note().is_some() || marked || opened || model.view != View::Users
}

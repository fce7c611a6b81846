//! Whom others may move just now, in groups that they change.

use std::sync::Arc;

use crate::domain::id::GroupId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::worklist::WorklistKind;

/// Whether a worklist to remove is in force, so that somebody may be removed by it.
pub(super) fn may_be_removed_by_others(run: &Migration) -> bool {
    run.worklists().any(|list| {
        list.is_open() && list.issued.kind == WorklistKind::Remove && run.outstanding(list).next().is_some()
    })
}

/// What others are to do in which group, with the users of whom it is watched whether others do it.
pub(super) fn moved_by_others(
    run: &Migration,
) -> impl Iterator<Item = (WorklistKind, GroupId, impl Iterator<Item = &Arc<User>>)> {
    let any = run.has_others() && run.count_all(Fact::MovableByOthers) > 0;
    let directions = Direction::ALL.into_iter().filter(move |_| any);
    let ends = directions.flat_map(|direction| {
        let route = run.route_direction(direction);
        let ends = [(WorklistKind::Add, route.target.end()), (WorklistKind::Remove, route.source.end())];
        ends.into_iter()
            .filter(|(_, end)| end.moved_by.is_others())
            .map(move |(kind, end)| (direction, kind, end.group))
    });
    ends.map(move |(direction, kind, group)| {
        let users = run.users.iter().filter(move |user| user.direction == direction);
        (kind, group, users.filter(move |user| is_watched(run, user, kind)))
    })
}

/// Whether anybody is watched for whom others move.
pub(super) fn watches_others(run: &Migration) -> bool {
    moved_by_others(run).any(|(_, _, mut users)| users.next().is_some())
}

/// Whether it is watched if others do this with a user: who is or was on a worklist to add; and whoever is to leave a group
/// that others change, from the first approval of their batch on.
fn is_watched(run: &Migration, user: &User, kind: WorklistKind) -> bool {
    match kind {
        WorklistKind::Add => user.add.may_be_done_by_others(),
        WorklistKind::Remove => {
            let begun = user.batch.is_some_and(|batch| run.phase_of(batch) != Phase::Preflight);
            // Whom the operator took out of the run is the operator's to move.
            let ours = !user.excluded || user.remove.may_be_done_by_others();
            ours && begun && user.may_still_leave()
        }
    }
}

/// Whether somebody who is still in the group is not safe to remove.
pub(super) fn is_unsafe(run: &Migration, user: &User) -> bool {
    match &user.standing {
        Some(Standing::OnSource | Standing::Stuck(_) | Standing::Missing) => true,
        Some(standing @ (Standing::HoldsBoth | Standing::ExpectedConflict)) => !standing.is_safe(run.scenario),
        _ => false,
    }
}

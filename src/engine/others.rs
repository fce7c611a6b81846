//! Whom others may move just now, in groups that they change.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::domain::worklist::Task;

/// Whether a worklist to remove is in force, so that somebody may be removed by it.
pub(super) fn may_be_removed_by_others(run: &Migration) -> bool {
    run.worklists()
        .any(|list| list.is_open() && list.issued.task == Task::Remove && run.outstanding(list).next().is_some())
}

/// Whether anybody is watched for whom others move.
pub(super) fn watches_others(run: &Migration) -> bool {
    run.has_others()
        && run.count_all(Fact::MovableByOthers) > 0
        && [Direction::Forward, Direction::Rollback].into_iter().any(|direction| {
            let route = run.route_direction(direction);
            [(Task::Add, route.target.moved_by), (Task::Remove, route.source.moved_by)].into_iter().any(|(task, by)| {
                by.is_others()
                    && run.users.iter().any(|user| user.direction == direction && is_watched(run, user, task))
            })
        })
}

/// Whether it is watched if others do this with a user: who is or was on a worklist to add; and whoever is to leave a group
/// that others change, from the first approval of their batch on.
pub(super) fn is_watched(run: &Migration, user: &User, task: Task) -> bool {
    match task {
        Task::Add => user.add.may_be_done_by_others(),
        Task::Remove => {
            let begun = user.batch.is_some_and(|batch| run.phase_of(batch) != Phase::Preflight);
            // Whom the operator took out of the run is the operator's to move.
            let ours = !user.excluded || user.remove.may_be_done_by_others();
            ours && begun && !user.remove.is_done() && !user.remove.is_open() && user.add != Write::None
        }
    }
}

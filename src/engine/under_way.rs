//! What the engine asks of all batches under way; nothing assumes how many there are.

use std::sync::Arc;

use crate::domain::automatic::in_grace;
use crate::domain::id::GroupId;
use crate::domain::migration::Batch;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The batches under way, by their places.
pub(super) fn batches_under_way(run: &Migration) -> impl Iterator<Item = (usize, &Batch)> {
    run.under_way_batches().into_iter().filter_map(|batch| Some((batch, run.batches.get(batch)?)))
}

/// The users that the batches under way wait for, and those whom a complete batch left behind.
pub(super) fn active_users(run: &Migration) -> impl Iterator<Item = &Arc<User>> {
    let left_behind = (0..run.batches.len()).filter(|batch| run.has_exceptions(*batch));
    let batches = run.under_way_batches().into_iter().chain(left_behind);
    batches.flat_map(|batch| run.members(batch)).filter(|user| user.is_active())
}

/// The batches under way that are still in preflight.
pub(super) fn in_preflight(run: &Migration) -> impl Iterator<Item = (usize, &Batch)> {
    batches_under_way(run).filter(|(_, batch)| batch.phase == Phase::Preflight)
}

/// Whether no batch has begun, so that all of them may still be cut anew.
pub(super) fn is_untouched(run: &Migration) -> bool {
    run.batches.iter().all(|batch| batch.phase == Phase::Preflight)
}

/// Whether GBL's own switch-over may be leaving a user without a license just now (rule 6). It holds over all batches, those
/// that are complete but for somebody late as well.
pub(super) fn is_switching(run: &Migration, now: Timestamp) -> bool {
    let grace = run.run.settings.unlicensed_grace;
    run.unlicensed().any(|user| in_grace(user, now, grace))
}

/// The groups that users of a direction leave and that they go to.
pub(super) fn ends(run: &Migration, direction: Direction) -> [GroupId; 2] {
    let route = run.route_direction(direction);
    [route.source.group, route.target.group]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::standing::Holder;
    use crate::domain::standing::Standing;
    use crate::domain::testing::SOURCE_GROUP;
    use crate::domain::testing::TARGET_GROUP;
    use crate::domain::time::SignedDuration;
    use crate::engine::testing::Run;

    #[test]
    fn what_is_under_way_is_asked_of_all_batches() {
        assert_eq!(batches_under_way(&Run::begun().run).count(), 0);
        let run = Run::checked(5).run;
        assert_eq!(batches_under_way(&run).map(|(batch, _)| batch).collect::<Vec<_>>(), [0]);
        assert_eq!(active_users(&run).count(), 5);
        assert!(in_preflight(&run).next().is_some() && is_untouched(&run));
        let run = Run::safe(5).run;
        assert!(in_preflight(&run).next().is_none() && !is_untouched(&run));
    }

    #[test]
    fn a_late_user_of_a_complete_batch_who_is_between_two_licenses_holds_up_all_removals() {
        let run = Run::safe(3).removing();
        let users = run.users();
        let run = run.removed(&users[..2]).stand(&users[..2], &Standing::Migrated).removed(&users[2..]);
        let mut run = run.stand(&users[2..], &Standing::SourceLingers(Holder::NotProcessed));
        run.now += SignedDuration::from_mins(31);
        let run = run.stand(&users[..1], &Standing::Migrated);
        assert_eq!(run.run.phase_of(0), Phase::Complete, "who is late holds nobody up");
        assert!(!is_switching(&run.run, run.now));
        let run = run.stand(&users[2..], &Standing::Unlicensed);
        assert!(run.run.alarm.is_none() && is_switching(&run.run, run.now));
    }

    #[test]
    fn a_rollback_has_the_ends_turned() {
        let run = Run::checked(1).run;
        assert_eq!(ends(&run, Direction::Forward), [SOURCE_GROUP, TARGET_GROUP]);
        assert_eq!(ends(&run, Direction::Rollback), [TARGET_GROUP, SOURCE_GROUP]);
    }
}

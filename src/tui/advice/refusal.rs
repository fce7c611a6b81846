//! Graph's refusal to look again at a user, where it says no more than what the scenario expects.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Snapshot;

/// Whether Graph refused to process the licenses of these users only because of the conflict with the source, which ends
/// when the source goes: both sides of it are named by the id of a plan, and each is of one of the two products that move.
/// A user who had left the source group by then, or who is
/// stuck now, waits for no such thing.
pub fn is_expected(snapshot: &Snapshot, users: &[UserId], at: Timestamp, sentence: &str) -> bool {
    let run = &snapshot.run;
    let waits = |id: &UserId| {
        run.user(*id).is_some_and(|user| {
            let left = user.remove.at().is_some_and(|left| left <= at);
            user.direction == Direction::Forward && user.add.is_done() && !left && !user.is_stuck()
        })
    };
    let route = run.route_direction(Direction::Forward);
    let plans = |sku: SkuId| -> BTreeSet<PlanId> {
        snapshot.skus.get(sku).map(|sku| sku.enabled_plans(&[])).unwrap_or_default()
    };
    let (source, target) = (plans(route.source.sku), plans(route.target.sku));
    let named: Vec<PlanId> = ids(sentence).map(PlanId).collect();
    run.scenario == Scenario::Conflicting
        && users.iter().all(waits)
        && sentence.to_ascii_lowercase().contains("mutually exclusive")
        && named.iter().any(|plan| source.contains(plan) && !target.contains(plan))
        && named.iter().any(|plan| target.contains(plan) && !source.contains(plan))
        && named.iter().all(|plan| source.contains(plan) || target.contains(plan))
}

fn ids(sentence: &str) -> impl Iterator<Item = Uuid> {
    sentence.split(|one: char| !one.is_ascii_hexdigit() && one != '-').filter_map(|word| word.parse().ok())
}

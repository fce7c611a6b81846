//! Preflight of a rollback: the same questions turned round, less those that the way back answers by itself.

use crate::domain::preflight::Facts;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::ProblemCode;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::checks;

/// Checks what users on the way back need. Only who is not there is blocked: a user without the license that they are
/// taken back from needs the way back most, and what excludes the old license shows before anything is taken away.
pub fn check_back(facts: &Facts) -> Preflight {
    let turned = Facts {
        route: facts.route.reversed(),
        source_group: facts.target_group.clone(),
        target_group: facts.source_group.clone(),
        ..facts.clone()
    };
    let mut found = checks::check_as(&turned, ["target", "source"]);
    for user in &mut found.users {
        user.reasons.retain(|reason| {
            matches!(
                reason.code,
                ReasonCode::UserNotFound
                    | ReasonCode::UserDisabled
                    | ReasonCode::ExcludedByOtherLicense
                    | ReasonCode::ExcludedByWaitingLicense
                    | ReasonCode::UsageLocationMissing
            )
        });
        user.reasons.iter_mut().for_each(|reason| reason.warning |= reason.code != ReasonCode::UserNotFound);
    }
    // What users had before the migration is no reason to keep them from going back to it.
    let core = found.problems.iter_mut().filter(|problem| problem.code == ProblemCode::CoreServiceLost);
    core.for_each(|problem| problem.warning = true);
    // Who still holds the license takes no seat.
    let to = &turned.route.target;
    let lookups = turned.users.iter().map(|(_, lookup)| lookup);
    let takers = found
        .users
        .iter()
        .zip(lookups)
        .filter(|(user, lookup)| user.is_ready() && !matches!(lookup, Lookup::Found(facts) if facts.holds(to.sku)));
    found.seats.needed = i64::try_from(takers.count()).unwrap_or(i64::MAX);
    found.problems.retain(|problem| problem.code != ProblemCode::NotEnoughSeats);
    found.problems.extend(checks::too_few(found.seats, to));
    found
}

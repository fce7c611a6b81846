//! Preflight of a rollback: the same questions turned round, less those that the way back answers by itself.

use crate::domain::preflight::Facts;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::ProblemCode;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::checks;
use crate::domain::route::Direction;

/// Checks what users on the way back need. Only who is not there is blocked: a user without the license that they are
/// taken back from needs the way back most, and what excludes the old license shows before anything is taken away.
pub fn check_back(facts: &Facts) -> Preflight {
    let turned = Facts {
        route: facts.route.reversed(),
        source_group: facts.target_group.clone(),
        target_group: facts.source_group.clone(),
        ..facts.clone()
    };
    let mut found = checks::check_as(&turned, Direction::Rollback.ends());
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
    // Others are ready now than were a moment ago. Who still holds a product takes no seat of it.
    let ledger = checks::seat_ledger(&turned, &checks::classifier(&turned), &found.users);
    (found.seats, found.products) = (checks::tightest(&ledger), ledger.products().to_vec());
    found.problems.retain(|problem| problem.code != ProblemCode::NotEnoughSeats);
    found.problems.extend(checks::too_few(&ledger));
    found
}

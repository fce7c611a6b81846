//! What can be done about one user now: only what would not be refused, and what still makes a difference.

use crate::domain::migration::Migration;
use crate::domain::questions::may_exclude;
use crate::domain::requests::at_rest;
use crate::domain::requests::nothing_open;
use crate::domain::requests::reprocessable;
use crate::domain::requests::returnable;
use crate::domain::requests::spare;
use crate::domain::user::User;

/// Something that the operator can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A direct license that stands in the way can be taken off.
    Direct,
    /// GBL can be asked to look again.
    Reprocess,
    /// The way back can be planned.
    RollBack,
    /// The user can be taken out of the batch.
    Exclude,
}

/// What the run as a whole allows, whoever it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunPermits {
    writes: bool,
    plans: bool,
}

impl RunPermits {
    /// Looks at the whole run once, so that a user can be looked at often.
    pub fn of(run: &Migration) -> Self {
        Self { writes: at_rest(run).is_ok(), plans: run.approved_pending.is_empty() && nothing_open(run).is_ok() }
    }

    /// What a run allows that writes nothing.
    pub fn quiet() -> Self {
        Self { writes: true, plans: true }
    }
}

/// What can be asked for about this user now.
pub fn available_actions(run: &Migration, permits: RunPermits, user: &User) -> Vec<Offer> {
    let Some(id) = user.id else { return Vec::new() };
    [
        (Offer::Direct, permits.writes && spare(run, user).is_ok()),
        (Offer::Reprocess, permits.writes && reprocessable(run, user).is_ok()),
        (Offer::RollBack, permits.plans && returnable(user).is_ok()),
        (Offer::Exclude, !user.has_arrived() && may_exclude(run, id).is_ok()),
    ]
    .into_iter()
    .filter_map(|(offer, holds)| holds.then_some(offer))
    .collect()
}

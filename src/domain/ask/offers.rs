//! What can be done about one user now: only what would not be refused, and what still makes a difference.

use crate::domain::ask::at_rest;
use crate::domain::ask::nothing_open;
use crate::domain::ask::reprocessable;
use crate::domain::ask::returnable;
use crate::domain::ask::spare;
use crate::domain::decide::may_exclude;
use crate::domain::migration::Migration;
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
pub struct Rest {
    writes: bool,
    plans: bool,
}

impl Rest {
    /// Looks at the whole run once, so that a user can be looked at often.
    pub fn of(run: &Migration) -> Self {
        Self { writes: at_rest(run).is_ok(), plans: run.granted.is_empty() && nothing_open(run).is_ok() }
    }

    /// What a run allows that writes nothing.
    pub fn quiet() -> Self {
        Self { writes: true, plans: true }
    }
}

/// What can be asked for about this user now.
pub fn offers(run: &Migration, rest: Rest, user: &User) -> Vec<Offer> {
    let Some(id) = user.id else { return Vec::new() };
    [
        (Offer::Direct, rest.writes && spare(run, user).is_ok()),
        (Offer::Reprocess, rest.writes && reprocessable(run, user).is_ok()),
        (Offer::RollBack, rest.plans && returnable(user).is_ok()),
        (Offer::Exclude, !user.has_arrived() && may_exclude(run, id).is_ok()),
    ]
    .into_iter()
    .filter_map(|(offer, holds)| holds.then_some(offer))
    .collect()
}

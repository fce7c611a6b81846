//! What can be done about one user now: only what would not be refused, and what still makes a difference.

use crate::domain::migration::Migration;
use crate::domain::questions::may_exclude;
use crate::domain::requests::at_peace;
use crate::domain::requests::at_rest_in;
use crate::domain::requests::nothing_open_in;
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

/// What the run allows in each batch, whoever it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunPermits {
    /// `None` allows all that writes nothing.
    batches: Option<Vec<Permits>>,
}

/// What one batch allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Permits {
    writes: bool,
    plans: bool,
}

impl RunPermits {
    /// Looks at the whole run once, so that a user can be looked at often.
    pub fn of(run: &Migration) -> Self {
        let peace = at_peace(run).is_ok();
        let rests = |batch| run.approved_pending.left_in(batch) == 0 && nothing_open_in(run, batch).is_ok();
        let all_rest = !run.rollback_interrupts() || (0..run.batches.len()).all(rests);
        let of = |batch| Permits { writes: peace && at_rest_in(run, batch).is_ok(), plans: all_rest && rests(batch) };
        Self { batches: Some((0..run.batches.len()).map(of).collect()) }
    }

    /// What a run allows that writes nothing.
    pub fn quiet() -> Self {
        Self { batches: None }
    }

    fn of_user(&self, user: &User) -> Permits {
        match &self.batches {
            None => Permits { writes: true, plans: true },
            Some(all) => {
                let none = Permits { writes: false, plans: false };
                user.batch.and_then(|batch| all.get(batch)).copied().unwrap_or(none)
            }
        }
    }
}

/// What can be asked for about this user now.
pub fn available_actions(run: &Migration, permits: &RunPermits, user: &User) -> Vec<Offer> {
    let Some(id) = user.id else { return Vec::new() };
    let permits = permits.of_user(user);
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

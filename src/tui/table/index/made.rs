//! What a list was made by.

use std::sync::Arc;

use crate::domain::migration::Migration;
use crate::domain::route::Scenario;
use crate::domain::time::SignedDuration;
use crate::tui::problems::Cause;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Recipe;
use crate::tui::table::order::Scope;
use crate::tui::table::order::Sort;

/// What a list was made by: it is made anew when any of it is another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    cause: Option<Cause>,
    pub(super) turned: bool,
    filter: Filter,
    sort: Sort,
    search: String,
    scope: Scope,
    scenario: Scenario,
    stuck_after: SignedDuration,
    /// Which preflight, as another has other users.
    preflight: Option<usize>,
    /// Which users the batch has.
    members: Option<usize>,
}

impl Made {
    /// Of a list of this run by this recipe.
    pub(super) fn by(run: &Migration, recipe: Recipe<'_>) -> Self {
        let batch = match recipe.scope {
            Scope::Everyone => None,
            Scope::Batch(number) => run.batches.get(number),
        };
        Self {
            cause: recipe.cause.cloned(),
            turned: recipe.turned,
            filter: recipe.filter,
            sort: recipe.sort,
            search: recipe.search.to_owned(),
            scope: recipe.scope,
            scenario: run.scenario,
            stuck_after: run.run.settings.stuck_after,
            preflight: run.preflight.as_ref().map(|preflight| Arc::as_ptr(preflight) as usize),
            members: batch.map(|batch| batch.users.as_ptr() as usize),
        }
    }

    /// Whether nobody can be in this list who is not in the one before, of the same users. What is searched for grows letter by
    /// letter: who did not have the shorter text has not the longer one either.
    pub(super) fn narrows(&self, before: &Self) -> bool {
        self.cause.is_none()
            && self.search.contains(&before.search)
            && Self { search: self.search.clone(), ..before.clone() } == *self
    }
}

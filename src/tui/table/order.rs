//! Filter, sort and search, as places in the run's list of users. Made when something changes, never while drawing.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::tui::problems::Cause;
use crate::tui::table::search::Fit;
use crate::tui::table::search::Search;
use crate::words::phrase;
use crate::words::standing;

/// Which users are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of the batch; before the first approval all of the list.
    #[default]
    All,
    /// Those that licensing has still to act on.
    Waiting,
    /// Those that may be added or removed now.
    Ready,
    /// Those that something holds up.
    Stuck,
    /// Those that the operator took out.
    Excluded,
    /// Those that preflight blocks, in the whole run.
    Blocked,
    /// Those that are done: migrated, or rolled back.
    Migrated,
}

impl Filter {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Waiting, Self::Ready, Self::Stuck, Self::Excluded, Self::Blocked, Self::Migrated];

    /// The words on screen, by whether somebody of the run goes back.
    pub fn word(self, goes_back: bool) -> String {
        match self {
            Self::All => phrase("view-filter-all"),
            Self::Waiting => phrase("view-filter-waiting"),
            Self::Ready => phrase("view-filter-ready"),
            Self::Stuck => phrase("view-filter-stuck"),
            Self::Excluded => phrase("view-filter-excluded"),
            Self::Blocked => phrase("view-filter-blocked"),
            Self::Migrated if goes_back => phrase("view-filter-migrated-or-back"),
            Self::Migrated => phrase("view-filter-migrated"),
        }
    }

    /// The filter that `f` goes to.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The filter that `F` goes to.
    #[must_use]
    pub fn before(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }

    /// Whether the user passes it.
    pub fn keeps(self, user: &User, run: &Migration, now: Timestamp) -> bool {
        match self {
            Self::All => true,
            Self::Waiting => user.is_waiting(),
            Self::Ready => is_ready(user, run),
            Self::Stuck => trouble(user, run, now) <= LATE,
            Self::Excluded => user.excluded,
            Self::Blocked => user.is_blocked(),
            Self::Migrated => user.is_migrated() || user.is_rolled_back(),
        }
    }
}

/// Whether an approval would take the user along.
fn is_ready(user: &User, run: &Migration) -> bool {
    let safe = || user.standing.as_ref().is_some_and(|standing| standing.is_safe(run.scenario));
    let addable = !user.add.is_done() && !user.is_blocked() && !user.add.is_open();
    user.batch.is_some() && user.is_active() && !user.remove.is_done() && (addable || safe())
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the list names them.
    #[default]
    List,
    /// By name.
    Name,
    /// Who needs a look comes first.
    Trouble,
    /// Who has stood where they are the longest comes first.
    Longest,
    /// By batch, who is in none last.
    Batch,
    /// By the words of where they stand, who stands nowhere yet last.
    State,
    /// By what keeps them, the worst first, who is not kept last.
    Cause,
    /// Who changed last comes first.
    Latest,
}

impl Sort {
    /// The words on screen.
    pub fn word(self) -> String {
        match self {
            Self::List => phrase("view-sort-list"),
            Self::Name => phrase("view-sort-name"),
            Self::Trouble => phrase("view-sort-trouble"),
            Self::Longest => phrase("view-sort-longest"),
            Self::Batch => phrase("view-sort-batch"),
            Self::State => phrase("view-sort-state"),
            Self::Cause => phrase("view-sort-cause"),
            Self::Latest => phrase("view-sort-latest"),
        }
    }

    /// The order that `s` goes to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::List => Self::Name,
            Self::Name => Self::Trouble,
            Self::Trouble => Self::Longest,
            Self::Longest => Self::Batch,
            Self::Batch => Self::State,
            Self::State => Self::Cause,
            Self::Cause => Self::Latest,
            Self::Latest => Self::List,
        }
    }
}

/// Whose users a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody who is listed.
    Everyone,
    /// The users of one batch, counted from 0.
    Batch(usize),
}

impl Scope {
    /// Whose users are shown, when `batch` was opened by hand or not. A search is always of the whole run, as is what was
    /// asked for as a `whole`.
    pub fn of(run: &Migration, filter: Filter, batch: Option<usize>, search: &str, whole: bool) -> Self {
        let first_preflight = run.batches.is_empty() || (run.current == 0 && run.phase() == Phase::Preflight);
        match batch {
            _ if whole || filter == Filter::Blocked || !search.trim().is_empty() => Self::Everyone,
            Some(batch) => Self::Batch(batch),
            None if first_preflight || run.complete => Self::Everyone,
            None => Self::Batch(run.current),
        }
    }
}

/// Of [`trouble`] the last that is more than waiting: late, or went back.
pub const LATE: u8 = 2;

/// How much a user needs a look: 0 is the most.
pub fn trouble(user: &User, run: &Migration, now: Timestamp) -> u8 {
    let failed = user.add.fault().is_some() || user.remove.fault().is_some() || user.not_proven.is_some();
    match &user.standing {
        _ if user.is_unlicensed() => 0,
        _ if user.excluded => 6,
        // Who was blocked and never touched is no sign that the run goes wrong.
        _ if user.is_blocked() && user.add == Write::None => 3,
        _ if user.is_stuck() || failed || run.has_unknown_outcome(user) => 1,
        _ if user.is_late(now, run.run.settings.stuck_after) || user.went_back => LATE,
        _ if user.is_blocked() => 3,
        Some(Standing::SourceLingers(_)) => 4,
        Some(Standing::Migrated) => 6,
        _ => 5,
    }
}

/// What a list is made by.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// Only those with this cause, where one was chosen.
    pub cause: Option<&'a Cause>,
    /// Whether the order is turned round.
    pub turned: bool,
    /// Which users.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// A part of a name, an id or a cause, in lower case; empty for all.
    pub search: &'a str,
    /// Whose users.
    pub scope: Scope,
    /// When.
    pub now: Timestamp,
}

/// The users to list, and what else is counted on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Their places, in order.
    pub order: Vec<usize>,
    /// How many of those that are looked at pass each filter, in the order of [`Filter::ALL`].
    pub counts: [usize; Filter::ALL.len()],
    /// Whether nobody has the text that is searched, and those are listed who come near it.
    pub is_near: bool,
}

/// When something happened to a user last.
fn last_change(user: &User) -> Option<Timestamp> {
    user.since.max(user.written_at())
}

/// The users to list, in order. Blocked users are counted over the whole run: they are in no batch.
pub fn order(run: &Migration, recipe: Recipe<'_>) -> Listed {
    let mut counts = [0; Filter::ALL.len()];
    // A search is of the whole run, whatever is listed.
    let found = (!recipe.search.is_empty()).then(|| find(run, recipe.search));
    let is_near = found.as_ref().is_some_and(|found| found.values().any(|fit| matches!(fit, Fit::Near(_))));
    let mut listed = |place: &usize| {
        let fits = |user: &&Arc<User>| fits(user, run, recipe, found.as_ref(), *place);
        let Some(user) = run.users.get(*place).filter(fits) else { return false };
        for (filter, count) in Filter::ALL.into_iter().zip(&mut counts) {
            *count += usize::from(filter.keeps(user, run, recipe.now));
        }
        recipe.filter.keeps(user, run, recipe.now)
    };
    let mut places: Vec<usize> = match recipe.scope {
        Scope::Everyone => (0..run.users.len()).filter(&mut listed).collect(),
        Scope::Batch(number) => match run.batches.get(number) {
            Some(batch) => batch.users.iter().copied().filter(&mut listed).collect(),
            None => Vec::new(),
        },
    };
    if recipe.scope != Scope::Everyone {
        counts[Filter::Blocked as usize] = run.count_all(Fact::Blocked);
    }
    match recipe.sort {
        // The best found come first, unless another order is asked for.
        Sort::List => {
            if let Some(found) = &found {
                places.sort_by_key(|place| found.get(place).copied());
            }
        }
        Sort::Name => places.sort_by_cached_key(|place| run.users[*place].upn.to_lowercase()),
        Sort::Trouble => places.sort_by_cached_key(|place| trouble(&run.users[*place], run, recipe.now)),
        Sort::Longest => {
            places.sort_by_key(|place| run.users[*place].since.map_or((true, recipe.now), |at| (false, at)));
        }
        Sort::Batch => places.sort_by_key(|place| run.users[*place].batch.unwrap_or(usize::MAX)),
        Sort::State => places.sort_by_cached_key(|place| {
            let state = standing::stands(&run.users[*place]);
            (state.is_none(), state)
        }),
        Sort::Cause => places.sort_by_cached_key(|place| {
            let cause = Cause::of(&run.users[*place], run, recipe.now);
            (cause.is_none(), cause)
        }),
        Sort::Latest => places.sort_by_key(|place| {
            let changed = last_change(&run.users[*place]);
            (changed.is_none(), Reverse(changed))
        }),
    }
    if recipe.turned {
        places.reverse();
    }
    Listed { order: places, counts, is_near }
}

fn fits(user: &User, run: &Migration, recipe: Recipe<'_>, found: Option<&HashMap<usize, Fit>>, place: usize) -> bool {
    let caused = recipe.cause.is_none_or(|cause| Cause::of(user, run, recipe.now).as_ref() == Some(cause));
    caused && found.is_none_or(|found| found.contains_key(&place))
}

/// Whom a search finds, with how well each fits: who has the text, or where nobody has, who comes near it.
fn find(run: &Migration, search: &str) -> HashMap<usize, Fit> {
    let mut search = Search::new(search);
    let users = || run.users.iter().enumerate();
    let found: HashMap<usize, Fit> = users().filter_map(|(place, user)| Some((place, search.exact(user)?))).collect();
    if !found.is_empty() {
        return found;
    }
    users().filter_map(|(place, user)| Some((place, search.near(user)?))).collect()
}

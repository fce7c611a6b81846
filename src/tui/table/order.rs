//! Filter, sort and search, as places in the run's list of users. Made when something changes, never while drawing.

use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// Which users are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of the batch; before the first approval all of the list.
    #[default]
    All,
    /// Those that licensing has still to act on.
    Waiting,
    /// Those that something holds up.
    Stuck,
    /// Those that preflight blocks, in the whole run.
    Blocked,
    /// Those that are done: migrated, or rolled back.
    Migrated,
}

impl Filter {
    /// The words on screen, by whether somebody of the run goes back.
    pub fn word(self, goes_back: bool) -> &'static str {
        match self {
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Stuck => "stuck",
            Self::Blocked => "blocked",
            Self::Migrated if goes_back => "migrated or back",
            Self::Migrated => "migrated",
        }
    }

    /// The filter that `f` goes to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Waiting,
            Self::Waiting => Self::Stuck,
            Self::Stuck => Self::Blocked,
            Self::Blocked => Self::Migrated,
            Self::Migrated => Self::All,
        }
    }
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
}

impl Sort {
    /// The words on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::List => "as listed",
            Self::Name => "by name",
            Self::Trouble => "trouble first",
            Self::Longest => "longest first",
        }
    }

    /// The order that `s` goes to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::List => Self::Name,
            Self::Name => Self::Trouble,
            Self::Trouble => Self::Longest,
            Self::Longest => Self::List,
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
    /// Whose users are shown, when `batch` was opened by hand or not. A search is always of the whole run.
    pub fn of(run: &Migration, filter: Filter, batch: Option<usize>, search: &str) -> Self {
        let first_preflight = run.batches.is_empty() || (run.current == 0 && run.phase() == Phase::Preflight);
        match batch {
            _ if filter == Filter::Blocked || !search.trim().is_empty() => Self::Everyone,
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
        _ if user.is_stuck() || failed => 1,
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

/// The places of the users to list, in order.
pub fn order(run: &Migration, recipe: Recipe<'_>) -> Vec<usize> {
    let listed = |place: &usize| run.users.get(*place).is_some_and(|user| fits(user, run, recipe));
    let mut places: Vec<usize> = match recipe.scope {
        Scope::Everyone => (0..run.users.len()).filter(listed).collect(),
        Scope::Batch(number) => match run.batches.get(number) {
            Some(batch) => batch.users.iter().copied().filter(listed).collect(),
            None => Vec::new(),
        },
    };
    match recipe.sort {
        Sort::List => {}
        Sort::Name => places.sort_by_cached_key(|place| run.users[*place].upn.to_lowercase()),
        Sort::Trouble => places.sort_by_cached_key(|place| trouble(&run.users[*place], run, recipe.now)),
        Sort::Longest => {
            places.sort_by_key(|place| run.users[*place].since.map_or((true, recipe.now), |at| (false, at)));
        }
    }
    places
}

fn fits(user: &User, run: &Migration, recipe: Recipe<'_>) -> bool {
    let kept = match recipe.filter {
        Filter::All => true,
        Filter::Waiting => user.is_waiting(),
        Filter::Stuck => trouble(user, run, recipe.now) <= LATE,
        Filter::Blocked => user.is_blocked(),
        Filter::Migrated => user.is_migrated() || user.is_rolled_back(),
    };
    kept && (recipe.search.is_empty() || named(user, recipe.search))
}

/// Whether a name, the id, what the list gave, where they stand or a cause has this in it.
fn named(user: &User, search: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(search);
    has(&user.upn)
        || user.display_name.as_deref().is_some_and(has)
        || has(&user.listed.given)
        || user.id.is_some_and(|id| has(&id.to_string()))
        || user.stands().is_some_and(|stands| has(&stands))
        || user.reasons.iter().any(|reason| has(&reason.message) || has(reason.code.word()))
        || user.why.as_deref().is_some_and(has)
}

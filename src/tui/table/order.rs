//! Filter, sort and search, as places in the run's list of users. Made when something changes, never while drawing.

use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user_problem::ProblemRank;
use crate::domain::user_problem::user_problem;
use crate::tui::problems::Cause;
use crate::tui::table::search;
use crate::tui::table::search::Texts;
use crate::words::phrase;

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
            Self::Stuck => needs_look(user, run, now),
            Self::Excluded => user.excluded,
            Self::Blocked => user.is_blocked(),
            Self::Migrated => user.is_migrated() || user.is_rolled_back(),
        }
    }
}

/// Whether an approval would take the user along.
fn is_ready(user: &User, run: &Migration) -> bool {
    let addable = || user.is_addable() && !user.add.is_open();
    user.batch.is_some() && !user.remove.is_done() && (addable() || user.is_removable(run.scenario))
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

/// Whether a user needs a look: more than waiting is said of them.
pub fn needs_look(user: &User, run: &Migration, now: Timestamp) -> bool {
    user_problem(user, run, now).is_some_and(|problem| problem.rank() <= ProblemRank::Late)
}

/// How much a user needs a look: 0 is the most.
pub fn rank(user: &User, run: &Migration, now: Timestamp) -> u8 {
    match user_problem(user, run, now).map(|problem| problem.rank()) {
        Some(ProblemRank::Unlicensed) => 0,
        Some(ProblemRank::Stuck) => 1,
        Some(ProblemRank::Late) => 2,
        Some(ProblemRank::Blocked) => 3,
        None if matches!(user.standing, Some(Standing::SourceLingers(_))) => 4,
        Some(ProblemRank::Waits) => 4,
        None if !user.excluded && !user.has_arrived() => 5,
        Some(ProblemRank::Excluded) | None => 6,
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

/// What a user is sorted by, from the least on; users alike stand as the list names them. Names and words are compared elsewhere.
pub(super) fn sort_key(user: &User, run: &Migration, sort: Sort, now: Timestamp) -> i64 {
    match sort {
        Sort::List | Sort::Name | Sort::State | Sort::Cause => 0,
        Sort::Trouble => rank(user, run, now).into(),
        Sort::Longest => user.since.map_or(i64::MAX, Timestamp::as_microsecond),
        Sort::Batch => user.batch.and_then(|batch| i64::try_from(batch).ok()).unwrap_or(i64::MAX),
        Sort::Latest => last_change(user).map_or(i64::MAX, |at| -at.as_microsecond()),
    }
}

/// A word that users are sorted by, within one list all by the same kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// Where they stand.
    State(String),
    /// What keeps them.
    Cause(Cause),
    /// They stand nowhere yet, or nothing keeps them: they come last.
    Nothing,
}

/// The word that a user is sorted by, where this order is one of words.
pub(super) fn label(user: &User, run: &Migration, sort: Sort, now: Timestamp, texts: &mut Texts) -> Option<Label> {
    match sort {
        Sort::State => Some(texts.stands(user).map_or(Label::Nothing, |stands| Label::State(stands.into_owned()))),
        Sort::Cause => Some(Cause::of(user, run, now).map_or(Label::Nothing, Label::Cause)),
        _ => None,
    }
}

/// Whether a user has the cause that was chosen, and what was searched for.
pub(super) fn fits(user: &User, run: &Migration, recipe: Recipe<'_>, texts: &mut Texts) -> bool {
    let caused = recipe.cause.is_none_or(|cause| Cause::of(user, run, recipe.now).as_ref() == Some(cause));
    caused && (recipe.search.trim().is_empty() || search::has(user, recipe.search.trim(), texts))
}

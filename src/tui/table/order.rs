//! Filter, sort and search, as places in the run's list of users. Made when something changes, never while drawing.

use uuid::Uuid;

use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::tui::problems::Cause;
use crate::words;
use crate::words::phrase;
use crate::words::standing;

/// So many ways to say where users stand are looked at once and remembered.
const MOST_WORDS: usize = 64;

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

/// Of [`trouble`] the last that is more than waiting: late, or went back.
pub const LATE: u8 = 2;

/// How much a user needs a look: 0 is the most.
pub fn trouble(user: &User, run: &Migration, now: Timestamp) -> u8 {
    let failed = user.add.fault().is_some() || user.remove.fault().is_some() || user.seldom.not_proven.is_some();
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

/// What a user is sorted by, from the least on; users alike stand as the list names them. Names and words are compared elsewhere.
pub(super) fn sort_key(user: &User, run: &Migration, sort: Sort, now: Timestamp) -> i64 {
    match sort {
        Sort::List | Sort::Name | Sort::State | Sort::Cause => 0,
        Sort::Trouble => trouble(user, run, now).into(),
        Sort::Longest => user.since.map_or(i64::MAX, Timestamp::as_microsecond),
        Sort::Batch => user.batch.and_then(|batch| i64::try_from(batch).ok()).unwrap_or(i64::MAX),
        Sort::Latest => last_change(user).map_or(i64::MAX, |at| -at.as_microsecond()),
    }
}

/// A word that users are sorted by: where they stand, or what keeps them; who has none comes last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label(bool, Option<String>, Option<Cause>);

/// The word that a user is sorted by, where this order is one of words.
pub(super) fn label(user: &User, run: &Migration, sort: Sort, now: Timestamp) -> Option<Label> {
    match sort {
        Sort::State => {
            let state = standing::stands(user);
            Some(Label(state.is_none(), state, None))
        }
        Sort::Cause => {
            let cause = Cause::of(user, run, now);
            Some(Label(cause.is_none(), None, cause))
        }
        _ => None,
    }
}

/// Whether a user has the cause that was chosen, and what was searched for.
pub(super) fn fits(user: &User, run: &Migration, recipe: Recipe<'_>, words: &mut Words) -> bool {
    let caused = recipe.cause.is_none_or(|cause| Cause::of(user, run, recipe.now).as_ref() == Some(cause));
    caused && (recipe.search.trim().is_empty() || named(user, recipe.search.trim(), words))
}

/// Which words for where users stand have the text in them that is searched for: most users stand in a few places.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<(Standing, Direction, Written, bool)>);

impl Words {
    fn have(&mut self, user: &User, search: &str) -> bool {
        let Some(standing) = &user.standing else { return false };
        let (direction, written) = (user.direction, user.written());
        let same =
            |one: &&(Standing, Direction, Written, bool)| (&one.0, one.1, one.2) == (standing, direction, written);
        if let Some((.., have)) = self.0.iter().find(same) {
            return *have;
        }
        let have = has(&standing::full(standing, direction, written), search);
        if self.0.len() < MOST_WORDS {
            self.0.push((standing.clone(), direction, written, have));
        }
        have
    }
}

/// Whether a name, the id, what the list gave, where they stand or a cause has this in it.
fn named(user: &User, search: &str, words: &mut Words) -> bool {
    has(&user.upn, search)
        || user.display_name.as_deref().is_some_and(|name| has(name, search))
        || (user.listed.given != user.upn && has(&user.listed.given, search))
        || user.id.is_some_and(|id| has(id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()), search))
        || words.have(user, search)
        || user
            .reasons
            .iter()
            .any(|reason| has(&words::reason::reason(&reason.detail), search) || has(reason.code.word(), search))
        || user.seldom.why.as_ref().is_some_and(|why| has(&words::fault::message(why), search))
}

/// Whether a text has another in it, which is in lower case.
fn has(text: &str, search: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(search);
    }
    let (text, search) = (text.as_bytes(), search.as_bytes());
    let Some((first, rest)) = search.split_first() else { return true };
    let starts = text.iter().enumerate().filter(|(_, one)| one.to_ascii_lowercase() == *first);
    let mut starts = starts.map(|(at, _)| &text[at + 1..]);
    starts.any(|after| after.get(..rest.len()).is_some_and(|part| part.eq_ignore_ascii_case(rest)))
}

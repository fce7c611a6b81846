//! What one user's row says: mark, standing, what of the source and the target is seen, and for how long.

use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::UserFacts;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::route::Side;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::engine::snapshot::Snapshot;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;

/// How wide the column is that says what is seen of the source.
pub(super) const SOURCE: usize = 12;
/// How wide the column is that says what is seen of the target.
pub(super) const TARGET: usize = 14;

/// How wide the column of the state is: `ready · conflict as expected` fits.
pub(super) const STATE: usize = 28;
/// How wide it is where there is no room for that.
pub(super) const SHORT_STATE: usize = 17;
/// What a cell says of a license that was not read in this sitting.
const NOT_READ: &str = "not read yet";

/// The mark before the name.
pub(super) fn mark(model: &Model, user: &User) -> (&'static str, Role) {
    let run = &model.snapshot.run;
    let late = user.is_late(model.now, run.run.settings.stuck_after);
    let warned = user.add == Write::None && user.reasons.iter().any(|reason| reason.warning);
    match &user.standing {
        _ if user.is_unlicensed() => (glyph::ALARM, Role::Alarm),
        _ if user.excluded => (glyph::EXCLUDED, Role::Dim),
        _ if user.is_blocked() && user.add == Write::None => (glyph::BLOCKED, Role::Bad),
        _ if user.is_stuck() => (glyph::BAD, Role::Bad),
        _ if trouble(user, true).is_some() => (glyph::BAD, Role::Bad),
        _ if !user.is_active() => (glyph::BLOCKED, Role::Bad),
        _ if late || user.went_back => (glyph::WARN, Role::Warn),
        Some(Standing::Migrated) => (glyph::DONE, Role::Good),
        _ if user.is_waiting() || user.add.is_open() || user.remove.is_open() => (glyph::BUSY, Role::Busy),
        Some(standing) if standing.is_safe(run.scenario) => (glyph::DONE, Role::Good),
        _ if warned => (glyph::WARN, Role::Warn),
        _ => (glyph::NEXT, Role::Dim),
    }
}

/// The word of the standing, or how far the user is when nothing was read yet.
pub(super) fn standing(model: &Model, user: &User) -> (String, Role) {
    let (word, role) = match &user.standing {
        Some(standing) => return (standing.label(user.direction, user.written()).to_owned(), mark(model, user).1),
        None if user.add.fault().is_some() => ("not added", Role::Bad),
        None if user.is_blocked() && user.add == Write::None => ("blocked", Role::Bad),
        None if user.add.is_open() => ("being added", Role::Busy),
        None if user.remove.is_done() => ("removed", Role::Busy),
        None if user.direction == Direction::Rollback => ("turned back", Role::Text),
        None if user.add.is_done() => ("added", Role::Busy),
        None => ("not added yet", Role::Text),
    };
    (word.to_owned(), role)
}

/// The state in a column of this width. What does not fit is left out rather than cut in the middle of a thought; of a
/// stuck user as much of the cause stays as there is room for.
pub(super) fn state(model: &Model, user: &User, width: usize) -> (String, Role) {
    let (word, role) = standing(model, user);
    let whole = match &user.standing {
        Some(Standing::Stuck(_) | Standing::LostPart(_)) => user.stands().unwrap_or_default(),
        _ => word.clone(),
    };
    let fits = |text: &str| format::width(text) <= width;
    let without_code = whole.split(" (").next().unwrap_or_default();
    let text = match word.split(" · ").next() {
        _ if fits(&whole) => whole,
        _ if fits(without_code) || width >= STATE => format::cut(without_code, width),
        Some(short) => short.to_owned(),
        None => word,
    };
    (text, role)
}

/// What stands behind the name of an account that is disabled: its licenses move like any other's.
const DISABLED: &str = " (disabled)";

/// The user's name, cut so that the mark of a disabled account stands in the same width.
pub(super) fn name(user: &User, facts: Option<&UserFacts>, width: usize) -> String {
    if facts.is_some_and(|facts| facts.enabled == Some(false)) {
        format::cut(&user.upn, width.saturating_sub(DISABLED.len())) + DISABLED
    } else {
        user.upn.clone()
    }
}

/// How long the user has stood there, or what is unusual about it, in a word.
pub(super) fn lasting(model: &Model, user: &User) -> (String, Role) {
    let settings = &model.snapshot.run.run.settings;
    if user.excluded {
        return ("excluded".into(), Role::Dim);
    }
    if user.unlicensed_since.is_some() {
        return (format::brief(user.unlicensed_for(model.now)), Role::Alarm);
    }
    let approved_pending = user.id.is_some_and(|id| model.snapshot.run.approved_pending.contains(&id));
    if let Some(word) = trouble(user, approved_pending) {
        return (word.into(), Role::Bad);
    }
    if user.went_back {
        return ("went back".into(), Role::Warn);
    }
    if let Some(waited) = user.waiting_for(model.now).filter(|waited| *waited >= settings.stuck_after) {
        let brief = format::brief(waited);
        return (format!("{} late", brief.split(' ').next().unwrap_or_default()), Role::Warn);
    }
    (stood_for(user, model.now).map(format::brief).unwrap_or_default(), Role::Text)
}

/// How long somebody waits for licensing since they were written, and else how long they have stood where they are.
pub(super) fn stood_for(user: &User, now: Timestamp) -> Option<SignedDuration> {
    user.waiting_for(now).or_else(|| user.since.map(|at| since(at, now)))
}

/// What went wrong with a write for the user, in a word. A write that is open without an approval has outlived the process
/// that sent it, or never left it.
fn trouble(user: &User, approved_pending: bool) -> Option<&'static str> {
    match (&user.add, &user.remove) {
        (_, Write::Lost(..)) | (Write::Lost(..), _) => Some("unknown"),
        (add, remove) if !approved_pending && (add.is_open() || remove.is_open()) => Some("unknown"),
        (_, Write::Failed(..)) | (Write::Failed(..), _) => Some("failed"),
        _ if user.not_proven.is_some() => Some("not safe"),
        _ => None,
    }
}

/// What is seen of one end of the migration, which may be where the user comes from or where they go to.
pub(super) fn end(side: &Side, user: &User, goes_there: bool, facts: Option<&UserFacts>) -> (String, Role) {
    match facts {
        None => remembered(side, user, goes_there),
        Some(facts) if goes_there => got(side, user, facts),
        Some(facts) => left(side, facts),
    }
}

/// What follows from where the journal left the user, when nothing of them was read in this sitting.
fn remembered(side: &Side, user: &User, goes_there: bool) -> (String, Role) {
    let room = if goes_there { TARGET } else { SOURCE };
    let active = |role| (beside(side, "active", room), role);
    let nothing = || ("—".to_owned(), Role::Dim);
    // A write since then has made what was seen before it old.
    let holds = user.since.is_some_and(|seen| user.written_at().is_none_or(|written| written <= seen));
    match user.standing.as_ref().filter(|_| holds) {
        Some(Standing::Migrated | Standing::SourceLingers(_) | Standing::HoldsBoth) if goes_there => active(Role::Good),
        Some(Standing::ExpectedConflict) if goes_there => ("conflict ✓".into(), Role::Good),
        Some(Standing::OnSource | Standing::HoldsBoth | Standing::ExpectedConflict) if !goes_there => {
            active(Role::Text)
        }
        Some(Standing::Stuck(Trouble::Error(failure))) if goes_there && failure.product.is_none() => {
            (failure.to_string(), Role::Bad)
        }
        Some(Standing::Migrated | Standing::Unlicensed | Standing::Missing) => nothing(),
        None if user.id.is_none() => nothing(),
        _ => (NOT_READ.into(), Role::Dim),
    }
}

/// What is seen of the license that the user leaves.
fn left(side: &Side, facts: &UserFacts) -> (String, Role) {
    let held = |entry: &&Assignment| entry.is_held();
    let ours = facts.from_group(side.sku, side.group).filter(held);
    let word = match ours.or_else(|| facts.of_sku(side.sku).find(held)) {
        Some(entry) if entry.group == Some(side.group) => held_word(entry),
        Some(entry) => from_elsewhere(entry),
        None if facts.assigned.contains(&side.sku) => "held",
        None => return ("—".into(), Role::Dim),
    };
    (beside(side, word, SOURCE), Role::Text)
}

/// A word with the product before it, where the column has room for both.
fn beside(side: &Side, word: &str, room: usize) -> String {
    let whole = format!("{} {word}", side.short());
    if format::width(&whole) <= room { whole } else { word.to_owned() }
}

fn held_word(entry: &Assignment) -> &'static str {
    if entry.is_sound() { "active" } else { "error" }
}

fn from_elsewhere(entry: &Assignment) -> &'static str {
    if entry.group.is_none() { "direct" } else { "other" }
}

/// What is seen of the license that the user gets.
fn got(side: &Side, user: &User, facts: &UserFacts) -> (String, Role) {
    if user.standing == Some(Standing::ExpectedConflict) {
        return ("conflict ✓".into(), Role::Good);
    }
    let elsewhere = || facts.of_sku(side.sku).find(|entry| entry.is_held()).map(from_elsewhere);
    match facts.from_group(side.sku, side.group) {
        Some(entry) if entry.is_sound() => (beside(side, "active", TARGET), Role::Good),
        Some(entry) => (fault_word(entry), Role::Bad),
        None => match elsewhere() {
            Some(word) => (beside(side, word, TARGET), Role::Warn),
            None if facts.assigned.contains(&side.sku) => (beside(side, "held", TARGET), Role::Warn),
            None => ("—".into(), Role::Dim),
        },
    }
}

fn fault_word(entry: &Assignment) -> String {
    match (&entry.error, &entry.state) {
        (Some(error), _) => error.to_string(),
        (None, AssignmentState::Active) => "active".into(),
        (None, state) => state.to_string(),
    }
}

/// A product's name: the two that move by their short names, others by the name that people know, or where that takes
/// more columns than there is room for by their part numbers.
pub(super) fn product(snapshot: &Snapshot, sku: SkuId, room: usize) -> String {
    let route = &snapshot.run.route;
    let ours = |side: &Side| (side.sku == sku).then(|| side.short().to_owned());
    let named = || products::name(sku).filter(|name| format::width(name) <= room).map(ToOwned::to_owned);
    ours(&route.source).or_else(|| ours(&route.target)).or_else(named).unwrap_or_else(|| snapshot.skus.name(sku))
}

//! What one user's row says: mark, name, standing, what keeps them, and since when.

mod words;

use crate::domain::id::SkuId;
use crate::domain::license::UserFacts;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::route::Side;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::domain::user_problem::ProblemRank;
use crate::domain::user_problem::WriteProblem;
use crate::domain::user_problem::user_problem;
use crate::domain::user_problem::write_problem;
use crate::engine::snapshot::Snapshot;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::cells::words::Before;
use crate::words::fault;
use crate::words::phrase;
use crate::words::proof;
use crate::words::reason;
use crate::words::say;
use crate::words::standing;

pub(super) use words::widths;

/// The mark before the name.
pub(super) fn mark(model: &Model, user: &User) -> (&'static str, Role) {
    let run = &model.snapshot.run;
    let warned = user.add == Write::None && user.reasons.iter().any(|reason| reason.warning);
    let rank = user_problem(user, run, model.now).map(|problem| problem.rank());
    match (rank, &user.standing) {
        (Some(ProblemRank::Unlicensed), _) => (glyph::ALARM, Role::Alarm),
        _ if user.excluded => (glyph::EXCLUDED, Role::Dim),
        (Some(ProblemRank::Blocked), _) => (glyph::BLOCKED, Role::Bad),
        (Some(ProblemRank::Stuck), _) => (glyph::BAD, Role::Bad),
        (Some(ProblemRank::Late), _) => (glyph::WARN, Role::Warn),
        (_, Some(Standing::Migrated)) => (glyph::DONE, Role::Good),
        _ if user.is_waiting() || user.is_open() => (glyph::BUSY, Role::Busy),
        (_, Some(standing)) if standing.is_safe(run.scenario) => (glyph::DONE, Role::Good),
        _ if warned => (glyph::WARN, Role::Warn),
        _ => (glyph::NEXT, Role::Dim),
    }
}

/// The word of the standing, or how far the user is when nothing was read yet.
pub(super) fn standing(model: &Model, user: &User) -> (String, Role) {
    let (word, role) = match &user.standing {
        Some(standing) => {
            let word = standing::short(standing.into(), user.direction, user.written());
            return (word, mark(model, user).1);
        }
        None if user.add.fault().is_some() => (Before::NotAdded, Role::Bad),
        None if user.is_blocked() && user.add == Write::None => (Before::Blocked, Role::Bad),
        None if user.add.is_open() => (Before::BeingAdded, Role::Busy),
        None if user.remove.is_done() => (Before::Removed, Role::Busy),
        None if user.direction == Direction::Rollback => (Before::TurnedBack, Role::Text),
        None if user.add.is_done() => (Before::Added, Role::Busy),
        None => (Before::NotAddedYet, Role::Text),
    };
    (word.word(), role)
}

/// The state in a column of this width: of nobody is it told twice, so what keeps them stands beside it.
pub(super) fn state(model: &Model, user: &User, width: usize) -> (String, Role) {
    let before = user.add == Write::None && user.direction == Direction::Forward;
    let (word, role) = match &user.standing {
        _ if user.excluded && !user.has_arrived() => (phrase("screen-excluded"), Role::Dim),
        _ if before && user.is_blocked() => (phrase("view-check-blocked"), Role::Bad),
        None | Some(Standing::OnSource) if before && user.batch.is_some() => {
            let warned = !user.reasons.is_empty();
            (phrase("view-check-ready"), if warned { Role::Warn } else { Role::Good })
        }
        _ => standing(model, user),
    };
    let fits = |text: &str| format::width(text) <= width;
    match word.split(" · ").next() {
        _ if fits(&word) => (word, role),
        Some(short) if fits(short) => (short.to_owned(), role),
        _ => (format::cut(&word, width), role),
    }
}

/// What keeps the user or is unusual about them, in a column of this width; nothing where all goes its way.
pub(super) fn cause(model: &Model, user: &User, width: usize) -> (String, Role) {
    let run = &model.snapshot.run;
    let late = user.waiting_for(model.now).filter(|waited| *waited >= run.run.settings.stuck_after);
    let detail = user.standing.as_ref().and_then(|stands| standing::detail(stands, user.direction));
    let (text, role) = match detail {
        _ if user.excluded => (standing::stands(user).unwrap_or_default(), Role::Dim),
        _ if user.is_blocked() && user.add == Write::None => (reasons(user, width), Role::Text),
        Some(detail) if user.is_stuck() || user.removal() == Removal::Sent => (detail, Role::Text),
        _ if user.removed_early => (phrase("view-cause-removed-early"), Role::Bad),
        _ if user.is_on_worklist() => (phrase("view-cause-others"), Role::Text),
        _ if user.may_be_moved_by_others() => (phrase("view-cause-others-may"), Role::Warn),
        detail => match (write_problem(user, run), late) {
            (Some(problem), _) => (write_failed(problem, user), Role::Bad),
            (None, Some(_)) => (phrase("view-cause-late"), Role::Warn),
            (None, None) if user.went_back => (phrase("screen-went-back"), Role::Warn),
            (None, None) if detail.is_none() && slower_than(model, user).is_some() => {
                (phrase("view-cause-slow"), Role::Warn)
            }
            (None, None) => match detail {
                Some(detail) => (detail, Role::Text),
                None if user.add == Write::None => (reasons(user, width), Role::Text),
                None => (String::new(), Role::Text),
            },
        },
    };
    if format::width(&text) <= width {
        return (text, role);
    }
    // Graph's own word stands behind ours, and goes first.
    let without_code = text.split(" (").next().unwrap_or_default();
    (format::cut(without_code, width), role)
}

/// How long 95 % of the users waited for what this one waits for, when this one has waited longer.
pub(super) fn slower_than(model: &Model, user: &User) -> Option<SignedDuration> {
    model.summary.estimates.slower_than(user, model.now)
}

/// What went wrong with a write, and how Graph put it.
fn write_failed(problem: WriteProblem<'_>, user: &User) -> String {
    let (word, why) = match problem {
        WriteProblem::Unknown => (phrase("view-write-unknown"), None),
        WriteProblem::Failed(fault) => (phrase("view-write-failed"), Some(fault::message(&fault.message))),
        WriteProblem::NotProven(why) => (phrase("view-write-not-safe"), Some(proof::not_proven(why, user.direction))),
    };
    match why {
        Some(why) => format!("{word} · {why}"),
        None => word,
    }
}

/// The first reason of preflight that counts, and how many more there are.
fn reasons(user: &User, width: usize) -> String {
    let first = user.reasons.iter().find(|reason| !reason.warning).or(user.reasons.first());
    match (first, user.reasons.len()) {
        (None, _) => String::new(),
        (Some(reason), many) => {
            let rest = if many > 1 { format!(" +{}", many - 1) } else { String::new() };
            let mut text = reason::reason(&reason.detail);
            if reason.warning {
                text = say("view-warning", &[("what", text.into())]);
            }
            format::cut(&text, width.saturating_sub(rest.len())) + &rest
        }
    }
}

/// The user's name without the common domain, cut so that the mark of a disabled account stands in the same width.
pub(super) fn name(model: &Model, user: &User, facts: Option<&UserFacts>, width: usize) -> String {
    let name = model.list.name(&user.upn);
    if facts.is_some_and(|facts| facts.enabled == Some(false)) {
        let named = |name: &str| say("view-disabled", &[("user", name.into())]);
        named(&format::cut(name, width.saturating_sub(format::width(&named("")))))
    } else {
        name.to_owned()
    }
}

/// How long the user has stood there; without a license, for how long.
pub(super) fn lasting(model: &Model, user: &User) -> (String, Role) {
    if user.seldom.unlicensed_since.is_some() {
        return (format::brief(user.unlicensed_for(model.now)), Role::Alarm);
    }
    let before = user.add == Write::None && user.direction == Direction::Forward;
    let length = match user.waiting_for(model.now) {
        _ if before && user.written_at().is_none() => None,
        Some(waits) => Some(format::brief(waits)),
        // Nobody waits for them, so no seconds need be drawn in each row.
        None => user.since.map(|at| format::brief_to_the_minute(since(at, model.now))),
    };
    (length.unwrap_or_default(), Role::Text)
}

/// How long somebody waits for licensing since they were written, and else how long they have stood where they are.
pub(super) fn stood_for(user: &User, now: Timestamp) -> Option<SignedDuration> {
    user.waiting_for(now).or_else(|| user.since.map(|at| since(at, now)))
}

/// A product's name: the two that move by their short names, others by the name that people know, or where that takes
/// more columns than there is room for by their part numbers.
pub(super) fn product(snapshot: &Snapshot, sku: SkuId, room: usize) -> String {
    let route = &snapshot.run.route;
    let ours = |side: &Side| (side.sku == sku).then(|| side.short().to_owned());
    let named = || products::name(sku).filter(|name| format::width(name) <= room).map(ToOwned::to_owned);
    ours(&route.source).or_else(|| ours(&route.target)).or_else(named).unwrap_or_else(|| snapshot.skus.name(sku))
}

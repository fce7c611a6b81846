//! What a standing means for an admin, and what to do about it.

pub mod timeline;

use crate::domain::route::Route;
use crate::domain::settings::Settings;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine::snapshot::Snapshot;
use crate::tui::format;

/// What it means, and what to do; nothing to do is an empty text.
pub type Advice = (String, String);

/// What stands in the way of a license, by Graph's word in `error`; `None` for a word that is not known.
pub fn remedy(word: &str) -> Option<Advice> {
    let (what, advice) = match word {
        "CountViolation" => {
            ("No seat of the product is free.", "Buy or free seats, then reprocess the user in the admin center.")
        }
        "MutuallyExclusiveViolation" => (
            "A plan of the product cannot stand beside a plan of another product of the user's.",
            "Take the other product away, or switch the plan off, then reprocess the user.",
        ),
        "DependencyViolation" => (
            "A plan is missing that another plan builds on, or one that goes is still needed.",
            "Look at the user's other products, then reprocess the user.",
        ),
        "ProhibitedInUsageLocationViolation" => (
            "A service of the product is not offered in the user's usage location.",
            "Correct the usage location, or switch the plan off in the group.",
        ),
        "UniquenessViolation" => (
            "A mail address that the user would get belongs to somebody else.",
            "Find the other object with that address and free it, then reprocess the user.",
        ),
        "Other" => (
            "Usually collateral: another product of the same group failed for this user.",
            "Mend that product first, then reprocess the user.",
        ),
        _ => return None,
    };
    Some((what.to_owned(), advice.to_owned()))
}

/// What the user's standing means, and what to do about it.
pub fn meaning(snapshot: &Snapshot, user: &User, now: Timestamp) -> Advice {
    let (route, settings) = (&snapshot.run.route, &snapshot.run.run.settings);
    let (what, advice) = match &user.standing {
        None if user.is_blocked() => (String::new(), String::new()),
        None if user.add.is_done() => (format!("Added to {}; not read since.", route.target.group_name), String::new()),
        None => ("Ready: nothing was found against moving this user.".into(), String::new()),
        Some(standing) => of_standing(snapshot, route, user, standing),
    };
    let late = user.is_late(now, settings.stuck_after) && advice.is_empty();
    (what, if late { too_long(settings) } else { advice })
}

fn too_long(settings: &Settings) -> String {
    let limit = format::lasting(settings.stuck_after);
    format!("Late: longer than {limit}. Look at the group's license errors in Entra, wait on, or exclude the user (x).")
}

fn of_standing(snapshot: &Snapshot, route: &Route, user: &User, standing: &Standing) -> Advice {
    let (old, new) = (route.source.short(), route.target.short());
    let (from, to) = (&route.source.group_name, &route.target.group_name);
    let removed = user.remove.is_done();
    let plain = |what: String| (what, String::new());
    match standing {
        Standing::OnSource if user.add.is_done() => plain(format!(
            "Was added to {to}; licensing has not acted on it yet. That takes minutes, on bad days hours."
        )),
        Standing::OnSource => plain(format!("Holds {old} from {from} and nothing of {new}.")),
        Standing::HoldsBoth if removed => {
            plain(format!("Left {from}; licensing has not taken {old} away yet. {new} is active."))
        }
        Standing::HoldsBoth => plain(format!("{old} and {new} are both active: safe to remove from {from}.")),
        Standing::ExpectedConflict if removed => {
            plain(format!("Left {from}; licensing has not taken {old} away yet, so {new} still waits in conflict."))
        }
        Standing::ExpectedConflict => plain(format!(
            "{new} waits in conflict with {old}, as expected: taking {old} away frees it. Safe to remove from {from}."
        )),
        Standing::Migrated => plain(format!("{new} is active from {to}, {old} comes from nowhere. Done.")),
        Standing::SourceLingers(holder) => lingers(snapshot, holder, old, new),
        Standing::Stuck(trouble) => stuck(trouble, route),
        Standing::Unlicensed => (
            format!("Neither {old} nor {new} is active. The user may be losing mail and files' access now."),
            format!(
                "Find the cause in the licenses below. Adding the user to {from} again in Entra brings {old} back."
            ),
        ),
        Standing::Missing => (
            "Deleted, disabled or not found.".into(),
            "If that is meant, exclude the user (x); else restore or enable the account.".into(),
        ),
    }
}

fn lingers(snapshot: &Snapshot, holder: &Holder, old: &str, new: &str) -> Advice {
    match holder {
        Holder::NotProcessed => (format!("{new} is active; licensing has not taken {old} away yet."), String::new()),
        Holder::Dependency => (
            format!("{new} is active, but {old} cannot go: another product of the user's needs one of its plans."),
            "Take the other product away or replace it, then reprocess the user.".into(),
        ),
        Holder::Direct => (
            format!("{new} is active, but {old} is also assigned directly."),
            "Take the direct assignment away in the admin center.".into(),
        ),
        Holder::Group(group) => (
            format!("{new} is active, but {old} also comes from the group {}.", snapshot.group_name(*group)),
            "Take the user out of that group, if nothing else of it is needed.".into(),
        ),
        Holder::Unnamed => (
            format!("{new} is active; {old} is still assigned and Graph names no source for it."),
            "Look at the user's licenses in the admin center.".into(),
        ),
    }
}

fn stuck(trouble: &Trouble, route: &Route) -> Advice {
    let (old, new) = (route.source.short(), route.target.short());
    match trouble {
        Trouble::Error(word) => remedy(word).unwrap_or_else(|| {
            (format!("Graph says {word}, which skuferry does not know."), "Look the word up with Microsoft.".into())
        }),
        Trouble::State(word) => (
            format!("Graph gives {new} the state {word} and no error."),
            "Look at the user's licenses in the admin center.".into(),
        ),
        Trouble::TargetElsewhere => (
            format!("{new} is held, but not from {}.", route.target.group_name),
            "See below where it comes from; end that assignment, or exclude the user (x).".into(),
        ),
        Trouble::SourceElsewhere => (
            format!("{old} is held, but no longer from {}.", route.source.group_name),
            "Somebody else moved this user. See below where it comes from, or exclude the user (x).".into(),
        ),
        Trouble::Unexplained => (
            "A license is assigned, and Graph names no source for it.".into(),
            "Look at the user's licenses in the admin center.".into(),
        ),
    }
}

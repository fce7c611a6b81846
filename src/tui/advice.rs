//! What a standing means for an admin, and what to do about it.

pub mod refusal;
pub mod timeline;

use crate::domain::end_state::Flaw;
use crate::domain::license::LicenseError;
use crate::domain::remedy;
use crate::domain::route::Direction;
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

/// What the user's standing means, and what to do about it.
pub fn meaning(snapshot: &Snapshot, user: &User, now: Timestamp) -> Advice {
    let settings = &snapshot.run.run.settings;
    let route = &snapshot.run.route_direction(user.direction);
    let to = &route.target.group_name;
    let plain = |what: String| (what, String::new());
    let (what, advice) = match &user.standing {
        None if user.is_blocked() && user.direction == Direction::Forward => plain(String::new()),
        None if user.remove.is_done() => plain(format!("Left {}; not read since.", route.source.group_name)),
        None if user.direction == Direction::Rollback && user.add.is_done() => {
            plain(format!("On the way back; in {to}, and not read since."))
        }
        None if user.direction == Direction::Rollback => {
            plain(format!("On the way back: {to} is next; not read since."))
        }
        None if user.add.is_done() => plain(format!("Added to {to}; not read since.")),
        None => plain("Ready: nothing was found against moving this user.".into()),
        Some(standing) => match remedy::of(cause(snapshot, user, route).unwrap_or(standing))
            .map(|remedy| remedy.named(route))
        {
            // What helps is a key of the run, which has nothing to do with a user whom it never touched.
            Some(remedy) if *standing == Standing::Unlicensed && !user.is_ours() => plain(remedy.meaning),
            Some(remedy) if *standing == Standing::Unlicensed => (remedy.meaning, rescue(user, route, remedy.action)),
            Some(remedy) => (named(snapshot, standing, &remedy.meaning), remedy.action),
            None => plain(on_the_way(route, user, standing)),
        },
    };
    if user.excluded {
        return plain(what);
    }
    let late = user.is_late(now, settings.stuck_after) && advice.is_empty();
    (what, if late { too_long(settings) } else { advice })
}

/// What keeps up the conflict of somebody who has left the group: when another product needs what they leave, time alone
/// does not end it.
fn cause(snapshot: &Snapshot, user: &User, route: &Route) -> Option<&'static Standing> {
    let waits = user.standing == Some(Standing::ExpectedConflict) && user.remove.is_done();
    let facts = user.id.filter(|_| waits).and_then(|id| snapshot.facts_of(id))?;
    let left = facts.from_group(route.source.sku, route.source.group)?;
    let needed = left.error == Some(LicenseError::DependencyViolation);
    needed.then_some(&Standing::SourceLingers(Holder::Dependency))
}

fn too_long(settings: &Settings) -> String {
    let limit = format::lasting(settings.stuck_after);
    format!("Late: longer than {limit}. Look at the group's license errors in Entra, wait on, or exclude the user (x).")
}

/// What brings a license back to somebody who has none.
fn rescue(user: &User, route: &Route, action: String) -> String {
    match user.direction {
        Direction::Forward => format!("{action} Or roll the user back to {} (R).", route.source.short()),
        Direction::Rollback if user.add.is_done() => action,
        Direction::Rollback => {
            let (new, to) = (route.target.short(), &route.target.group_name);
            format!("Approve adding the user to {to} (a): that brings {new} back.")
        }
    }
}

/// The meaning, with the group's name where another group is meant.
fn named(snapshot: &Snapshot, standing: &Standing, meaning: &str) -> String {
    match standing {
        Standing::SourceLingers(Holder::Group(group)) => format!("{meaning} It is {}.", snapshot.group_name(*group)),
        Standing::Stuck(Trouble::EndState(flaws)) => match flaws.first() {
            Some(Flaw::ExcludedByWaiting { group: Some(group), .. }) => {
                format!("{meaning} It is assigned by {}.", snapshot.group_name(*group))
            }
            _ => meaning.to_owned(),
        },
        _ => meaning.to_owned(),
    }
}

/// What a standing means in which nothing needs doing.
fn on_the_way(route: &Route, user: &User, standing: &Standing) -> String {
    let (old, new) = (route.source.short(), route.target.short());
    let (from, to) = (&route.source.group_name, &route.target.group_name);
    let removed = user.remove.is_done();
    match standing {
        Standing::OnSource if user.add.is_done() => {
            format!("Was added to {to}; licensing has not acted on it yet. That takes minutes, on bad days hours.")
        }
        Standing::OnSource
            if user.is_blocked() || user.direction == Direction::Rollback || user.add.fault().is_some() =>
        {
            format!("Holds {old} and nothing of {new}.")
        }
        Standing::OnSource => format!("Ready: holds {old} from {from} and nothing of {new}."),
        Standing::HoldsBoth if removed => {
            format!("Left {from}; licensing has not taken {old} away yet. {new} is active.")
        }
        Standing::HoldsBoth => format!("{old} and {new} are both active: safe to remove from {from}."),
        Standing::ExpectedConflict if removed => {
            format!("Left {from}; licensing has not taken {old} away yet, so {new} still waits in conflict.")
        }
        Standing::ExpectedConflict => format!(
            "{new} waits in conflict with {old}, as expected: taking {old} away frees it. Safe to remove from {from}."
        ),
        Standing::Migrated if user.direction == Direction::Rollback && !removed => {
            format!("{new} is active from {to} and {old} comes from nowhere; leaving {from} is still to come.")
        }
        Standing::Migrated => format!("{new} is active from {to} and {old} is gone. Done."),
        Standing::SourceLingers(_)
        | Standing::Stuck(_)
        | Standing::LostPart(_)
        | Standing::Unlicensed
        | Standing::Missing => String::new(),
    }
}

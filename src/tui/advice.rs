//! What a standing means for an admin, and what to do about it.

pub mod refusal;
pub mod timeline;

use crate::domain::flaw::Flaw;
use crate::domain::license::LicenseError;
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
use crate::words::phrase;
use crate::words::remedy;
use crate::words::say;

/// What it means, and what to do; nothing to do is an empty text.
pub type Advice = (String, String);

/// What the user's standing means, and what to do about it.
pub fn meaning(snapshot: &Snapshot, user: &User, now: Timestamp) -> Advice {
    let settings = &snapshot.run.run.settings;
    let route = &snapshot.run.route_direction(user.direction);
    let to = route.target.group_name.as_str();
    let plain = |what: String| (what, String::new());
    let (what, advice) = match &user.standing {
        None if user.is_blocked() && user.direction == Direction::Forward => plain(String::new()),
        None if user.remove.is_done() => {
            plain(say("advice-left", &[("group", route.source.group_name.as_str().into())]))
        }
        None if user.direction == Direction::Rollback && user.add.is_done() => {
            plain(say("advice-way-back-added", &[("group", to.into())]))
        }
        None if user.direction == Direction::Rollback => plain(say("advice-way-back", &[("group", to.into())])),
        None if user.add.is_done() => plain(say("advice-added", &[("group", to.into())])),
        None => plain(phrase("advice-ready")),
        Some(standing) => match remedy::of(cause(snapshot, user, route).unwrap_or(standing), route) {
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
    say("advice-late", &[("length", limit.into())])
}

/// What brings a license back to somebody who has none.
fn rescue(user: &User, route: &Route, action: String) -> String {
    match user.direction {
        Direction::Forward => {
            say("advice-or-roll-back", &[("action", action.into()), ("old", route.source.short().into())])
        }
        Direction::Rollback if user.add.is_done() => action,
        Direction::Rollback => {
            let (new, to) = (route.target.short(), route.target.group_name.as_str());
            say("advice-approve-adding", &[("group", to.into()), ("new", new.into())])
        }
    }
}

/// The meaning, with the group's name where another group is meant.
fn named(snapshot: &Snapshot, standing: &Standing, meaning: &str) -> String {
    match standing {
        Standing::SourceLingers(Holder::Group(group)) => {
            let group = snapshot.group_name(*group);
            say("advice-other-group", &[("meaning", meaning.into()), ("group", group.into())])
        }
        Standing::Stuck(Trouble::EndState(flaws)) => match flaws.first() {
            Some(Flaw::ExcludedByWaiting { group: Some(group), .. }) => {
                let group = snapshot.group_name(*group);
                say("advice-assigned-by", &[("meaning", meaning.into()), ("group", group.into())])
            }
            _ => meaning.to_owned(),
        },
        _ => meaning.to_owned(),
    }
}

/// What a standing means in which nothing needs doing.
fn on_the_way(route: &Route, user: &User, standing: &Standing) -> String {
    let (old, new) = (route.source.short(), route.target.short());
    let (from, to) = (route.source.group_name.as_str(), route.target.group_name.as_str());
    let removed = user.remove.is_done();
    match standing {
        Standing::OnSource if user.add.is_done() => say("advice-not-acted-on", &[("to", to.into())]),
        Standing::OnSource
            if user.is_blocked() || user.direction == Direction::Rollback || user.add.fault().is_some() =>
        {
            say("advice-holds-old", &[("old", old.into()), ("new", new.into())])
        }
        Standing::OnSource => {
            say("advice-ready-on-source", &[("old", old.into()), ("from", from.into()), ("new", new.into())])
        }
        Standing::HoldsBoth if removed => {
            say("advice-left-both-active", &[("old", old.into()), ("from", from.into()), ("new", new.into())])
        }
        Standing::HoldsBoth => {
            say("advice-both-active", &[("old", old.into()), ("from", from.into()), ("new", new.into())])
        }
        Standing::ExpectedConflict if removed => {
            say("advice-left-in-conflict", &[("old", old.into()), ("from", from.into()), ("new", new.into())])
        }
        Standing::ExpectedConflict => {
            say("advice-in-conflict", &[("old", old.into()), ("from", from.into()), ("new", new.into())])
        }
        Standing::Migrated if user.direction == Direction::Rollback && !removed => say(
            "advice-back-to-leave",
            &[("new", new.into()), ("to", to.into()), ("old", old.into()), ("from", from.into())],
        ),
        Standing::Migrated => say("advice-migrated", &[("new", new.into()), ("to", to.into()), ("old", old.into())]),
        Standing::SourceLingers(_)
        | Standing::Stuck(_)
        | Standing::LostPart(_)
        | Standing::Unlicensed
        | Standing::Missing => String::new(),
    }
}

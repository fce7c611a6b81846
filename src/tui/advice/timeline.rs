//! Events in plain words.

use std::collections::BTreeMap;

use crate::domain::count;
use crate::domain::event::Event;
use crate::domain::event::ExternalChange;
use crate::domain::event::ReadBack;
use crate::domain::id::UserId;
use crate::domain::order::Outcome;
use crate::domain::preflight::Problem;
use crate::domain::progress::halt_reason;
use crate::domain::route::Direction;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Snapshot;

/// How an event is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It goes on.
    Plain,
    /// The operator did it.
    Operator,
    /// Something was reached.
    Good,
    /// Something is wrong.
    Bad,
    /// Users are without a license.
    Alarm,
}

/// Which way the batch or the user of an event goes.
fn direction(snapshot: &Snapshot, event: &Event) -> Direction {
    let run = &snapshot.run;
    let of = |user: &UserId| run.user(*user).map(|user| user.direction);
    let found = match event {
        Event::AddApproved { batch, .. }
        | Event::AddIntended { batch, .. }
        | Event::AddSettled { batch, .. }
        | Event::RemoveApproved { batch, .. }
        | Event::RemoveIntended { batch, .. }
        | Event::RemoveSettled { batch, .. }
        | Event::DirectApproved { batch, .. }
        | Event::DirectIntended { batch, .. }
        | Event::DirectSettled { batch, .. }
        | Event::RollbackStarted { batch, .. } => run.batches.get(*batch).map(|batch| batch.direction),
        Event::AddReadBack { user, .. }
        | Event::RemoveReadBack { user, .. }
        | Event::ExternalChange { user, .. }
        | Event::NotProven { user, .. } => of(user),
        _ => None,
    };
    found.unwrap_or_else(|| run.direction())
}

/// An event in a sentence.
pub fn describe(snapshot: &Snapshot, at: Timestamp, event: &Event) -> (Weight, String) {
    let route = snapshot.run.route_direction(direction(snapshot, event));
    let (from, to) = (&route.source.group_name, &route.target.group_name);
    let who = |users: &[UserId]| names(snapshot, users);
    let one = |user: UserId| names(snapshot, &[user]);
    let title = |batch: usize| snapshot.run.title(batch);
    match event {
        Event::RunStarted { run, by } => (Weight::Operator, format!("{by} started the run {}", run.name)),
        Event::Resumed { by } => (Weight::Operator, format!("{by} took the run up again; approvals are asked anew")),
        Event::Checked { preflight } => {
            let text = format!("preflight: {} ready, {} blocked", preflight.ready(), preflight.blocked());
            problems(text, &preflight.problems)
        }
        Event::BatchChecked { batch, problems: found, reasons, .. } => {
            let blocked = reasons.iter().filter(|(_, all)| all.iter().any(|one| !one.warning)).count();
            problems(format!("{} was checked: {} blocked", title(*batch), count::users(blocked)), found)
        }
        Event::AddApproved { batch, users, by, .. } => {
            let users = count::users(users.len());
            (Weight::Operator, format!("{}: {by} approved adding {users} to {to}", title(*batch)))
        }
        Event::AddIntended { users, .. } => (Weight::Plain, format!("adding {} to {to}", who(users))),
        Event::AddSettled { users, outcome, .. } => settled(outcome, "added to", to, &who(users)),
        Event::AddReadBack { user, found } => read_back(*found, &one(*user), to),
        Event::AddsAcknowledged { batch } => {
            (Weight::Good, format!("{}: every addition is acknowledged", title(*batch)))
        }
        Event::RemoveApproved { batch, users, by, .. } => {
            let users = count::users(users.len());
            (Weight::Operator, format!("{}: {by} approved removing {users} from {from}", title(*batch)))
        }
        Event::Proven { users, .. } => {
            let ids: Vec<UserId> = users.iter().map(|(user, _, _)| *user).collect();
            (Weight::Plain, format!("two fresh reads show {} safe to remove", who(&ids)))
        }
        Event::NotProven { user, why, .. } => (Weight::Bad, format!("{} is not removed: {why}", one(*user))),
        Event::RemoveIntended { users, .. } => (Weight::Plain, format!("removing {} from {from}", who(users))),
        Event::RemoveSettled { users, outcome, .. } => settled(outcome, "removed from", from, &who(users)),
        Event::RemoveReadBack { user, found } => gone(*found, &one(*user), from),
        Event::RemovesAcknowledged { batch } => {
            (Weight::Good, format!("{}: every removal is acknowledged", title(*batch)))
        }
        Event::Observed { users, .. } => observed(snapshot, at, users),
        Event::ReadFailed { what, fault } => (Weight::Bad, format!("reading {what} failed: {fault}")),
        Event::Delayed { what, fault } => (Weight::Bad, format!("{what} waits and is tried again: {fault}")),
        Event::GroupsChanged { problems } => match problems.first() {
            Some(problem) => (Weight::Bad, format!("nothing more is written: {}", problem.message)),
            None => (Weight::Good, "both groups are as they should be again".into()),
        },
        Event::BatchesUnderWaySet { most, by } => {
            let batches = format!("{most} {}", count::agreeing(*most, "batch", "batches"));
            (Weight::Operator, format!("{by} lets {batches} be under way at once"))
        }
        Event::Excluded { user, by } => (Weight::Operator, format!("{by} excluded {}", one(*user))),
        Event::ReprocessApproved { users, by, .. } => {
            (Weight::Operator, format!("{by} approved reprocessing the license of {}", who(users)))
        }
        Event::ReprocessIntended { users, .. } => {
            (Weight::Plain, format!("reprocessing the license of {}", who(users)))
        }
        Event::ReprocessSettled { users, outcome, .. } => {
            asked(outcome, &who(users), "licensing looks again at", "licensing says no to")
        }
        Event::DirectApproved { users, by, .. } => {
            let what = format!("{by} approved taking the direct {} off {}", route.source.sku_name, who(users));
            (Weight::Operator, what)
        }
        Event::DirectIntended { users, .. } => {
            (Weight::Plain, format!("taking the direct {} off {}", route.source.sku_name, who(users)))
        }
        Event::DirectSettled { users, outcome, .. } => {
            asked(outcome, &who(users), "the direct license was taken off", "the direct license was not taken off")
        }
        Event::Explained { user, why } => (Weight::Plain, format!("{}: the audit log says: {why}", one(*user))),
        Event::ExternalChange { user, what } => (Weight::Bad, by_others(*what, &one(*user), from, to)),
        Event::RollbackStarted { users, by, .. } => {
            (Weight::Operator, format!("{by} takes {} back from {from} to {to}", who(users)))
        }
        Event::Halted { why } => (Weight::Bad, format!("halted: {}", halt_reason(why))),
        Event::HaltLifted { by } => (Weight::Operator, format!("{by} lifted the halt")),
        Event::AlarmRaised { users } => (Weight::Alarm, format!("alarm: {} without a license", who(users))),
        Event::AlarmAcknowledged { by } => (Weight::Operator, format!("{by} acknowledged the alarm")),
        Event::BatchComplete { batch } => (Weight::Good, snapshot.run.completion(*batch)),
        Event::MigrationComplete => (Weight::Good, "migration complete".into()),
    }
}

/// A few users by name, more by number.
pub fn names(snapshot: &Snapshot, users: &[UserId]) -> String {
    let name = |user: &UserId| snapshot.run.user(*user).map_or_else(|| user.to_string(), |user| user.upn.clone());
    match users {
        [one] => name(one),
        [one, two] => format!("{} and {}", name(one), name(two)),
        many => count::users(many.len()),
    }
}

fn problems(text: String, found: &[Problem]) -> (Weight, String) {
    match found.iter().find(|problem| !problem.warning) {
        Some(problem) => (Weight::Bad, format!("{text}; {}", problem.message)),
        None => (Weight::Plain, text),
    }
}

fn asked(outcome: &Outcome, who: &str, done: &str, failed: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Good, format!("{done} {who}")),
        Outcome::Failed(fault) => (Weight::Bad, format!("{failed} {who}: {fault}")),
        Outcome::Lost(fault) => (Weight::Bad, format!("perhaps {done} {who}: {fault}")),
    }
}

fn by_others(what: ExternalChange, who: &str, from: &str, to: &str) -> String {
    match what {
        ExternalChange::TakenOut => format!("somebody else took {who} out of {to}"),
        ExternalChange::PutBack => format!("somebody else put {who} back into {from}"),
    }
}

fn settled(outcome: &Outcome, done: &str, group: &str, who: &str) -> (Weight, String) {
    match outcome {
        Outcome::Done => (Weight::Plain, format!("{done} {group}: {who}")),
        Outcome::Failed(fault) => (Weight::Bad, format!("not {done} {group}: {who}: {fault}")),
        Outcome::Lost(fault) => {
            (Weight::Bad, format!("perhaps {done} {group}, the tenant will be asked: {who}: {fault}"))
        }
    }
}

fn read_back(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    match found {
        ReadBack::InEffect => (Weight::Plain, format!("read back: {who} is in {group}")),
        ReadBack::NotInEffect => (Weight::Bad, format!("read back: {who} is not in {group}")),
    }
}

fn gone(found: ReadBack, who: &str, group: &str) -> (Weight, String) {
    match found {
        ReadBack::InEffect => (Weight::Plain, format!("read back: {who} has left {group}")),
        ReadBack::NotInEffect => (Weight::Bad, format!("read back: {who} is still in {group}")),
    }
}

fn observed(snapshot: &Snapshot, at: Timestamp, users: &[(UserId, Standing)]) -> (Weight, String) {
    let has = |wanted: fn(&Standing) -> bool| users.iter().any(|(_, standing)| wanted(standing));
    let weight = if has(|standing| *standing == Standing::Unlicensed) {
        Weight::Alarm
    } else if has(|standing| standing.is_stuck() || *standing == Standing::Missing) {
        Weight::Bad
    } else {
        Weight::Plain
    };
    // What was seen of a user before they were turned back is told in the words of the way that they went then.
    let word = |user: &UserId, standing: &Standing| {
        let user = snapshot.run.user(*user);
        let turned = user.filter(|user| user.turned_at.is_none_or(|turned| turned <= at));
        let left = turned.is_some_and(|user| user.remove.at().is_some_and(|left| left <= at));
        let removal = if left { Removal::Sent } else { Removal::NotSent };
        standing.detailed_label(turned.map_or(Direction::Forward, |user| user.direction), removal)
    };
    if let [(user, standing)] = users {
        return (weight, format!("seen: {} {}", names(snapshot, &[*user]), word(user, standing)));
    }
    let mut counts = BTreeMap::new();
    for (user, standing) in users {
        *counts.entry(word(user, standing)).or_insert(0) += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    (weight, format!("seen: {}", parts.join(", ")))
}

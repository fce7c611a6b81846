//! Events in plain words.

use std::collections::BTreeMap;

use crate::domain::count;
use crate::domain::event::Event;
use crate::domain::event::ExternalChange;
use crate::domain::event::ReadBack;
use crate::domain::id::UserId;
use crate::domain::order::Outcome;
use crate::domain::preflight::Problem;
use crate::domain::progress;
use crate::domain::progress::halt_reason;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Snapshot;
use crate::engine::timeline::Abridged;
use crate::engine::timeline::Counts;
use crate::engine::timeline::NAMED;
use crate::tui::advice::refusal;

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
    counted(snapshot, at, event, &Counts::of(&snapshot.run, at, event))
}

/// An event whose long lists were cut off, in the same sentence.
pub fn abridged(snapshot: &Snapshot, one: &Abridged) -> (Weight, String) {
    counted(snapshot, one.at, &one.event, &one.counts)
}

fn counted(snapshot: &Snapshot, at: Timestamp, event: &Event, counts: &Counts) -> (Weight, String) {
    let route = snapshot.run.route_direction(direction(snapshot, event));
    let (from, to) = (&route.source.group_name, &route.target.group_name);
    let who = |users: &[UserId]| if counts.users > NAMED { count::users(counts.users) } else { names(snapshot, users) };
    let one = |user: UserId| names(snapshot, &[user]);
    let title = |batch: usize| snapshot.run.title(batch);
    match event {
        Event::RunStarted { run, by } => (Weight::Operator, format!("{by} started the run {}", run.name)),
        Event::Resumed { by } => (Weight::Operator, format!("{by} took the run up again; approvals are asked anew")),
        Event::SessionOpened { session } => {
            let host = session.host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
            (Weight::Plain, format!("skuferry {}{host}, signed in by {}", session.version, session.sign_in))
        }
        Event::Checked { preflight } => {
            let text = format!("preflight: {} ready, {} blocked", counts.users, counts.blocked);
            problems(text, &preflight.problems)
        }
        Event::BatchChecked { batch, problems: found, .. } => {
            problems(format!("{} was checked: {} blocked", title(*batch), count::users(counts.blocked)), found)
        }
        Event::AddApproved { batch, by, .. } => {
            let users = count::users(counts.users);
            (Weight::Operator, format!("{}: {by} approved adding {users} to {to}", title(*batch)))
        }
        Event::AddIntended { users, .. } => (Weight::Plain, format!("adding {} to {to}", who(users))),
        Event::AddSettled { users, outcome, .. } => settled(outcome, "added to", to, &who(users)),
        Event::AddReadBack { user, found } => read_back(*found, &one(*user), to),
        Event::AddsAcknowledged { batch } => {
            (Weight::Good, format!("{}: every addition is acknowledged", title(*batch)))
        }
        Event::RemoveApproved { batch, by, .. } => {
            let users = count::users(counts.users);
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
        Event::Observed { users, .. } => observed(snapshot, users, counts),
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
        Event::ReprocessSettled { users, outcome: Outcome::Failed(fault), .. }
            if refusal::is_expected(snapshot, users, at, &fault.message) =>
        {
            (Weight::Good, format!("licensing looked again at {}: the conflict is the expected one", who(users)))
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
        Event::MigrationComplete => (Weight::Good, progress::completion(&snapshot.run)),
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

fn observed(snapshot: &Snapshot, users: &[(UserId, Standing)], counts: &Counts) -> (Weight, String) {
    let has = |wanted: fn(&Standing) -> bool| counts.standings.iter().any(|(standing, ..)| wanted(standing));
    let weight = if has(|standing| *standing == Standing::Unlicensed) {
        Weight::Alarm
    } else if has(|standing| standing.counts_as_stuck() || standing.is_stuck() || *standing == Standing::Missing) {
        Weight::Bad
    } else {
        Weight::Plain
    };
    // What was seen of a user before they were turned back is told in the words of the way that they went then.
    if let ([(user, _)], [(standing, direction, written, _)]) = (users, counts.standings.as_slice()) {
        let word = standing.detailed_label(*direction, *written);
        return (weight, format!("seen: {} {word}", names(snapshot, &[*user])));
    }
    let mut tally = BTreeMap::new();
    for (standing, direction, written, count) in &counts.standings {
        *tally.entry(standing.detailed_label(*direction, *written)).or_insert(0) += count;
    }
    let parts: Vec<String> = tally.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    (weight, format!("seen: {}", parts.join(", ")))
}

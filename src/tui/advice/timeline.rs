//! Events in plain words.

mod decisions;
mod outcomes;

use std::collections::BTreeMap;

use crate::domain::event::Event;
use crate::domain::event::SessionInfo;
use crate::domain::external_change::ExternalChange;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::preflight::Problem;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::worklist::WorklistEnd;
use crate::engine::snapshot::Snapshot;
use crate::engine::timeline::Abridged;
use crate::engine::timeline::Counts;
use crate::engine::timeline::NAMED;
use crate::tui::advice::refusal;
use crate::words;
use crate::words::batches;
use crate::words::fault;
use crate::words::halt;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::proof;
use crate::words::say;
use crate::words::standing;

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
    let (from, to) = (route.source.group_name.as_str(), route.target.group_name.as_str());
    let product = route.source.sku_name.as_str();
    let who = |users: &[UserId]| {
        if counts.users > NAMED { words::counts::users(counts.users) } else { names(snapshot, users) }
    };
    let one = |user: UserId| names(snapshot, &[user]);
    let title = |batch: usize| batches::title(&snapshot.run, batch);
    match event {
        Event::RunStarted { run, by } => decisions::started(run, by),
        Event::Resumed { by } => (Weight::Operator, say("event-resumed", &[("by", by.as_str().into())])),
        Event::SessionOpened { session } => (Weight::Plain, opened(session)),
        Event::Checked { preflight } => checked(counts, &preflight.problems),
        Event::BatchChecked { batch, problems, .. } => batch_checked(&title(*batch), counts, problems),
        Event::AddApproved { batch, by, .. } => decisions::add(title(*batch), by, counts.users, to),
        Event::AddIntended { users, .. } => {
            (Weight::Plain, say("event-adding", &[("who", who(users).into()), ("group", to.into())]))
        }
        Event::AddSettled { users, outcome, .. } => outcomes::added(outcome, to, &who(users)),
        Event::AddReadBack { user, found } => outcomes::added_read_back(*found, &one(*user), to),
        Event::AddsAcknowledged { batch } => {
            (Weight::Good, say("event-adds-acknowledged", &[("batch", title(*batch).into())]))
        }
        Event::RemoveApproved { batch, by, .. } => decisions::remove(title(*batch), by, counts.users, from),
        Event::Proven { users, .. } => {
            let ids: Vec<UserId> = users.iter().map(|(user, _, _)| *user).collect();
            (Weight::Plain, say("event-proven", &[("who", who(&ids).into())]))
        }
        Event::NotProven { user, why, .. } => {
            let why = proof::not_proven(why, direction(snapshot, event));
            (Weight::Bad, say("event-not-proven", &[("who", one(*user).into()), ("why", why.into())]))
        }
        Event::RemoveIntended { users, .. } => {
            (Weight::Plain, say("event-removing", &[("who", who(users).into()), ("group", from.into())]))
        }
        Event::RemoveSettled { users, outcome, .. } => outcomes::removed(outcome, from, &who(users)),
        Event::RemoveReadBack { user, found } => outcomes::removed_read_back(*found, &one(*user), from),
        Event::RemovesAcknowledged { batch } => {
            (Weight::Good, say("event-removes-acknowledged", &[("batch", title(*batch).into())]))
        }
        Event::Observed { users, .. } => observed(snapshot, users, counts),
        Event::ReadFailed { what, fault } => outcomes::read_failed(what, fault),
        Event::Delayed { what, fault } => outcomes::delayed(what, fault),
        Event::GroupsChanged { problems } => groups(problems),
        Event::BatchesUnderWaySet { most, by } => decisions::batches_under_way(*most, by),
        Event::BatchSettingsSet { settings, by } => decisions::batch_settings(*settings, by),
        Event::Excluded { user, by } => decisions::excluded(&one(*user), by),
        Event::ReprocessApproved { users, by, .. } => decisions::reprocess(&who(users), by),
        Event::ReprocessIntended { users, .. } => {
            (Weight::Plain, say("event-reprocessing", &[("who", who(users).into())]))
        }
        Event::ReprocessSettled { users, outcome: Outcome::Failed(fault), .. }
            if refusal::is_expected(snapshot, users, at, &fault::message(&fault.message)) =>
        {
            (Weight::Good, say("event-reprocess-expected", &[("who", who(users).into())]))
        }
        Event::ReprocessSettled { users, outcome, .. } => outcomes::reprocessed(outcome, &who(users)),
        Event::DirectApproved { users, by, .. } => decisions::direct(&who(users), by, product),
        Event::DirectIntended { users, .. } => {
            (Weight::Plain, say("event-taking-direct", &[("product", product.into()), ("who", who(users).into())]))
        }
        Event::DirectSettled { users, outcome, .. } => outcomes::rid_of_direct(outcome, &who(users)),
        Event::Explained { user, why } => {
            (Weight::Plain, say("event-explained", &[("who", one(*user).into()), ("why", why.as_str().into())]))
        }
        Event::ExternalChange { user, what: ExternalChange::TakenOut } => {
            (Weight::Bad, say("event-taken-out", &[("who", one(*user).into()), ("group", to.into())]))
        }
        Event::ExternalChange { user, what: ExternalChange::PutBack } => {
            (Weight::Bad, say("event-put-back", &[("who", one(*user).into()), ("group", from.into())]))
        }
        Event::WorklistIssued { worklist } => decisions::worklist(worklist, counts.users),
        Event::WorklistWritten { number } => {
            (Weight::Good, say("event-worklist-written", &[("number", (*number).into())]))
        }
        Event::WorklistEnded { number, why: WorklistEnd::Done } => {
            (Weight::Good, say("event-worklist-done", &[("number", (*number).into())]))
        }
        Event::WorklistEnded { number, why } => {
            let why = words::worklist::ended(*why);
            (Weight::Bad, say("event-worklist-ended", &[("number", (*number).into()), ("why", why.into())]))
        }
        Event::RemovedByOthers { users, early: true } => {
            (Weight::Alarm, say("event-removed-early", &[("who", who(users).into()), ("group", from.into())]))
        }
        Event::RemovedByOthers { users, early: false } => {
            (Weight::Bad, say("event-removed-by-others", &[("who", who(users).into()), ("group", from.into())]))
        }
        Event::RollbackStarted { users, by, .. } => decisions::roll_back(&who(users), by, [from, to]),
        Event::Halted { why } => (Weight::Bad, say("event-halted", &[("why", halt::reason(why).into())])),
        Event::HaltLifted { by } => decisions::halt_lifted(by),
        Event::AlarmRaised { users } => (Weight::Alarm, say("event-alarm", &[("who", who(users).into())])),
        Event::AlarmAcknowledged { by } => decisions::alarm_acknowledged(by),
        Event::BatchComplete { batch } => (Weight::Good, batches::completion(&snapshot.run, *batch)),
        Event::MigrationComplete => (Weight::Good, batches::migration_completion(&snapshot.run)),
    }
}

/// A few users by name, more by number.
pub fn names(snapshot: &Snapshot, users: &[UserId]) -> String {
    let name = |user: &UserId| snapshot.run.user(*user).map_or_else(|| user.to_string(), |user| user.upn.to_string());
    match users {
        [one] => name(one),
        [one, other] => say("event-two-users", &[("one", name(one).into()), ("other", name(other).into())]),
        many => words::counts::users(many.len()),
    }
}

fn checked(counts: &Counts, found: &[Problem]) -> (Weight, String) {
    problems(say("event-preflight", &[("ready", counts.users.into()), ("blocked", counts.blocked.into())]), found)
}

fn batch_checked(batch: &str, counts: &Counts, found: &[Problem]) -> (Weight, String) {
    problems(say("event-batch-checked", &[("batch", batch.into()), ("count", counts.blocked.into())]), found)
}

fn groups(found: &[Problem]) -> (Weight, String) {
    match found.first() {
        Some(problem) => {
            (Weight::Bad, say("event-groups-wrong", &[("problem", preflight::problem(&problem.detail).into())]))
        }
        None => (Weight::Good, phrase("event-groups-right")),
    }
}

fn problems(text: String, found: &[Problem]) -> (Weight, String) {
    match found.iter().find(|problem| !problem.warning) {
        Some(problem) => (
            Weight::Bad,
            say(
                "event-with-problem",
                &[("what", text.into()), ("problem", preflight::problem(&problem.detail).into())],
            ),
        ),
        None => (Weight::Plain, text),
    }
}

/// By which version, where and how somebody opened the run.
fn opened(session: &SessionInfo) -> String {
    let (version, method) = (session.version.as_str().into(), session.sign_in.as_str().into());
    match &session.host {
        Some(host) => {
            say("event-session-on", &[("version", version), ("host", host.as_str().into()), ("method", method)])
        }
        None => say("event-session", &[("version", version), ("method", method)]),
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
        let word = standing::full(standing, *direction, *written);
        let what = format!("{} {word}", names(snapshot, &[*user]));
        return (weight, say("event-seen", &[("what", what.into())]));
    }
    let mut tally = BTreeMap::new();
    for (standing, direction, written, count) in &counts.standings {
        *tally.entry(standing::full(standing, *direction, *written)).or_insert(0) += count;
    }
    let parts: Vec<String> = tally.into_iter().map(|(word, count)| standing::counted(count, &word)).collect();
    (weight, say("event-seen", &[("what", parts.join(", ").into())]))
}

//! Events in plain words.

mod outcomes;

use std::collections::BTreeMap;

use crate::domain::event::Event;
use crate::domain::event::ExternalChange;
use crate::domain::event::SessionInfo;
use crate::domain::id::UserId;
use crate::domain::order::Outcome;
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

#[expect(clippy::too_many_lines, reason = "one arm for each event")]
fn counted(snapshot: &Snapshot, at: Timestamp, event: &Event, counts: &Counts) -> (Weight, String) {
    let route = snapshot.run.route_direction(direction(snapshot, event));
    let (from, to) = (route.source.group_name.as_str(), route.target.group_name.as_str());
    let product = || route.source.sku_name.as_str().into();
    let who = |users: &[UserId]| {
        if counts.users > NAMED { words::counts::users(counts.users) } else { names(snapshot, users) }
    };
    let one = |user: UserId| names(snapshot, &[user]);
    let title = |batch: usize| batches::title(&snapshot.run, batch);
    match event {
        Event::RunStarted { run, by } => {
            let text = say("event-run-started", &[("by", by.as_str().into()), ("name", run.name.as_str().into())]);
            (Weight::Operator, text)
        }
        Event::Resumed { by } => (Weight::Operator, say("event-resumed", &[("by", by.as_str().into())])),
        Event::SessionOpened { session } => (Weight::Plain, opened(session)),
        Event::Checked { preflight } => problems(
            say("event-preflight", &[("ready", counts.users.into()), ("blocked", counts.blocked.into())]),
            &preflight.problems,
        ),
        Event::BatchChecked { batch, problems: found, .. } => problems(
            say("event-batch-checked", &[("batch", title(*batch).into()), ("count", counts.blocked.into())]),
            found,
        ),
        Event::AddApproved { batch, by, .. } => (
            Weight::Operator,
            say(
                "event-add-approved",
                &[
                    ("batch", title(*batch).into()),
                    ("by", by.as_str().into()),
                    ("count", counts.users.into()),
                    ("group", to.into()),
                ],
            ),
        ),
        Event::AddIntended { users, .. } => {
            (Weight::Plain, say("event-adding", &[("who", who(users).into()), ("group", to.into())]))
        }
        Event::AddSettled { users, outcome, .. } => outcomes::added(outcome, to, &who(users)),
        Event::AddReadBack { user, found } => outcomes::added_read_back(*found, &one(*user), to),
        Event::AddsAcknowledged { batch } => {
            (Weight::Good, say("event-adds-acknowledged", &[("batch", title(*batch).into())]))
        }
        Event::RemoveApproved { batch, by, .. } => (
            Weight::Operator,
            say(
                "event-remove-approved",
                &[
                    ("batch", title(*batch).into()),
                    ("by", by.as_str().into()),
                    ("count", counts.users.into()),
                    ("group", from.into()),
                ],
            ),
        ),
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
        Event::ReadFailed { what, fault } => {
            let (what, fault) = (fault::work(what), fault::fault(fault));
            (Weight::Bad, say("event-read-failed", &[("what", what.into()), ("fault", fault.into())]))
        }
        Event::Delayed { what, fault } => {
            let (what, fault) = (fault::work(what), fault::fault(fault));
            (Weight::Bad, say("event-delayed", &[("what", what.into()), ("fault", fault.into())]))
        }
        Event::GroupsChanged { problems } => match problems.first() {
            Some(problem) => {
                (Weight::Bad, say("event-groups-wrong", &[("problem", preflight::problem(&problem.detail).into())]))
            }
            None => (Weight::Good, phrase("event-groups-right")),
        },
        Event::BatchesUnderWaySet { most, by } => {
            let text = say("event-batches-under-way", &[("by", by.as_str().into()), ("count", (*most).into())]);
            (Weight::Operator, text)
        }
        Event::BatchSettingsSet { settings, by } => {
            let set = batches::settings(*settings);
            (Weight::Operator, say("event-batch-settings", &[("by", by.as_str().into()), ("settings", set.into())]))
        }
        Event::Excluded { user, by } => {
            let text = say("event-excluded", &[("by", by.as_str().into()), ("user", one(*user).into())]);
            (Weight::Operator, text)
        }
        Event::ReprocessApproved { users, by, .. } => {
            let text = say("event-reprocess-approved", &[("by", by.as_str().into()), ("who", who(users).into())]);
            (Weight::Operator, text)
        }
        Event::ReprocessIntended { users, .. } => {
            (Weight::Plain, say("event-reprocessing", &[("who", who(users).into())]))
        }
        Event::ReprocessSettled { users, outcome: Outcome::Failed(fault), .. }
            if refusal::is_expected(snapshot, users, at, &fault::message(&fault.message)) =>
        {
            (Weight::Good, say("event-reprocess-expected", &[("who", who(users).into())]))
        }
        Event::ReprocessSettled { users, outcome, .. } => outcomes::reprocessed(outcome, &who(users)),
        Event::DirectApproved { users, by, .. } => (
            Weight::Operator,
            say(
                "event-direct-approved",
                &[("by", by.as_str().into()), ("product", product()), ("who", who(users).into())],
            ),
        ),
        Event::DirectIntended { users, .. } => {
            (Weight::Plain, say("event-taking-direct", &[("product", product()), ("who", who(users).into())]))
        }
        Event::DirectSettled { users, outcome, .. } => outcomes::rid_of_direct(outcome, &who(users)),
        Event::Explained { user, why } => {
            let text = say("event-explained", &[("who", one(*user).into()), ("why", why.as_str().into())]);
            (Weight::Plain, text)
        }
        Event::ExternalChange { user, what: ExternalChange::TakenOut } => {
            (Weight::Bad, say("event-taken-out", &[("who", one(*user).into()), ("group", to.into())]))
        }
        Event::ExternalChange { user, what: ExternalChange::PutBack } => {
            (Weight::Bad, say("event-put-back", &[("who", one(*user).into()), ("group", from.into())]))
        }
        Event::WorklistIssued { worklist } => {
            let text = say(
                "event-worklist-issued",
                &[
                    ("number", worklist.number.into()),
                    ("count", counts.users.into()),
                    ("file", words::worklist::path(worklist).into()),
                ],
            );
            (Weight::Operator, text)
        }
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
            let (who, group) = (who(users).into(), from.into());
            (Weight::Alarm, say("event-removed-early", &[("who", who), ("group", group)]))
        }
        Event::RemovedByOthers { users, early: false } => {
            (Weight::Bad, say("event-removed-by-others", &[("who", who(users).into()), ("group", from.into())]))
        }
        Event::RollbackStarted { users, by, .. } => (
            Weight::Operator,
            say(
                "event-rollback-started",
                &[("by", by.as_str().into()), ("who", who(users).into()), ("from", from.into()), ("to", to.into())],
            ),
        ),
        Event::Halted { why } => (Weight::Bad, say("event-halted", &[("why", halt::reason(why).into())])),
        Event::HaltLifted { by } => (Weight::Operator, say("event-halt-lifted", &[("by", by.as_str().into())])),
        Event::AlarmRaised { users } => (Weight::Alarm, say("event-alarm", &[("who", who(users).into())])),
        Event::AlarmAcknowledged { by } => {
            (Weight::Operator, say("event-alarm-acknowledged", &[("by", by.as_str().into())]))
        }
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

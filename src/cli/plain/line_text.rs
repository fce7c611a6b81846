//! The lines themselves.

use std::sync::Arc;

use crate::cli::plain::announced_gates::Announced;
use crate::cli::plain::answer::Kind;
use crate::domain::automatic::in_grace;
use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::migration::canary;
use crate::domain::needs;
use crate::domain::progress;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::Question;
use crate::domain::questions::question_of;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine::snapshot::Snapshot;
use crate::words;
use crate::words::batches;
use crate::words::notice;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;

/// Of more users than this the first are named.
const NAMED: usize = 20;

/// The gates that wait, with their users; also that of a batch of which only late users keep it from waiting by itself.
pub(super) fn gates(snapshot: &Snapshot, now: Timestamp) -> Vec<Announced> {
    let run = &snapshot.run;
    let gates = needs::open_gates(run, now).into_iter();
    let gates = gates.filter(|gate| matches!(gate.question, PendingQuestion::Add(_) | PendingQuestion::Remove(_)));
    let announced = gates.map(|gate| gate.batch).filter_map(|batch| {
        match question_of(run, batch, 0, snapshot.free_seats).ok()? {
            Question::Add(asked) => Some((batch, Kind::Add, asked.users().to_vec())),
            Question::Remove(asked) => Some((batch, Kind::Remove, asked.users().to_vec())),
            _ => None,
        }
    });
    announced.map(|(batch, kind, users)| Announced { batch, kind, users }).collect()
}

/// What waits, as it is answered.
pub(super) fn name(gate: &Announced) -> String {
    let (count, batch) = (gate.users.len().into(), (gate.batch + 1).into());
    match gate.kind {
        Kind::Add => say("cli-plain-add-of", &[("count", count), ("batch", batch)]),
        Kind::Remove => say("cli-plain-remove-of", &[("count", count), ("batch", batch)]),
    }
}

/// A gate: the line that scripts wait for, and below it what it is about, who stays behind and how it is answered.
pub(super) fn gate(snapshot: &Snapshot, gate: &Announced, several: bool, named: bool) -> Vec<String> {
    let run = &snapshot.run;
    let direction = run.direction_of(gate.batch);
    let route = run.route_direction(direction);
    let count = || gate.users.len().into();
    let (waits, group) = match gate.kind {
        Kind::Add => (say("cli-plain-gate-add", &[("count", count())]), &route.target.group_name),
        Kind::Remove => (say("cli-plain-gate-remove", &[("count", count())]), &route.source.group_name),
    };
    let waits = if several {
        say("cli-plain-gate-of", &[("gate", waits.into()), ("batch", (gate.batch + 1).into())])
    } else {
        waits
    };
    let title = batches::title(run, gate.batch);
    let (title, group) = (title.into(), group.as_str().into());
    let end = match gate.kind {
        Kind::Add => &route.target,
        Kind::Remove => &route.source,
    };
    let about = match gate.kind {
        Kind::Add if end.moved_by.is_others() => say("cli-plain-list-add", &[("batch", title), ("group", group)]),
        Kind::Remove if end.moved_by.is_others() => say("cli-plain-list-remove", &[("batch", title), ("group", group)]),
        Kind::Add => say("cli-plain-about-add", &[("batch", title), ("group", group)]),
        Kind::Remove => say("cli-plain-about-remove", &[("batch", title), ("group", group)]),
    };
    let mut lines = vec![waits, about];
    let behind: Vec<&Arc<User>> =
        run.members(gate.batch).filter(|user| !user.id.is_some_and(|id| gate.users.contains(&id))).collect();
    let behind: Vec<&Arc<User>> = behind.into_iter().filter(|user| !is_done(user, gate.kind)).collect();
    if !behind.is_empty() {
        let who = listed(behind.iter().map(|user| stays(user)), behind.len());
        lines.push(say("cli-plain-left-behind", &[("count", behind.len().into()), ("users", who.into())]));
    }
    if gate.kind == Kind::Remove {
        let first = canary::room_in(run, gate.batch).min(gate.users.len());
        if first < gate.users.len() {
            let who = listed(gate.users.iter().take(first).map(|user| upn(run, *user)), first);
            lines.push(say("cli-plain-canary", &[("users", who.into())]));
        }
    }
    if let Some(opens) = &snapshot.window_opens {
        lines.push(format!("  {}", notice::outside_window(opens)));
    }
    lines.push(answered_by(&typed(gate.kind, gate.users.len(), (named || several).then_some(gate.batch))));
    lines
}

/// An answer as it is typed, which is the same in every language.
fn typed(kind: Kind, count: usize, batch: Option<usize>) -> String {
    let kind = match kind {
        Kind::Add => "add",
        Kind::Remove => "remove",
    };
    let batch = batch.map(|batch| format!(" batch {}", batch + 1)).unwrap_or_default();
    format!("approve {kind} {count}{batch}")
}

/// How something is answered.
pub(super) fn answered_by(typed: &str) -> String {
    say("cli-plain-answer", &[("answer", typed.into())])
}

fn is_done(user: &User, kind: Kind) -> bool {
    match kind {
        Kind::Add => user.add.is_done(),
        Kind::Remove => user.remove.is_done(),
    }
}

/// Who stays behind, and why.
fn stays(user: &User) -> String {
    let why = match user {
        user if user.excluded => phrase("screen-excluded"),
        user if user.is_blocked() => phrase("view-state-blocked"),
        user => standing::stands(user).unwrap_or_else(|| phrase("cli-plain-not-read")),
    };
    say("cli-plain-who", &[("user", user.upn.as_str().into()), ("why", why.into())])
}

/// That a user is stuck, and why.
pub(super) fn stuck(user: &User) -> String {
    let why = standing::stands(user).unwrap_or_else(|| phrase("cli-plain-not-read"));
    say("cli-plain-stuck", &[("user", user.upn.as_str().into()), ("why", why.into())])
}

/// A gate that nobody answered and that waits no more.
pub(super) fn withdrawn(gate: &Announced) -> String {
    say("cli-plain-withdrawn", &[("gate", name(gate).into())])
}

/// That an answer fits nothing that waits.
pub(super) fn no_such_gate(kind: Kind, count: usize, batch: Option<usize>, waits: &[String]) -> String {
    let answer = typed(kind, count, batch).into();
    if waits.is_empty() {
        return say("cli-plain-nothing-waits", &[("answer", answer)]);
    }
    say("cli-plain-no-such-gate", &[("answer", answer), ("waits", waits.join(", ").into())])
}

/// That an answer may be meant for several batches.
pub(super) fn which_batch(kind: Kind, count: usize, batches: &[usize]) -> String {
    let answers: Vec<String> = batches.iter().map(|batch| typed(kind, count, Some(*batch))).collect();
    let answer = typed(kind, count, None);
    say("cli-plain-which-batch", &[("answer", answer.into()), ("answers", answers.join(", ").into())])
}

/// What the run waits for.
pub(super) fn waiting(run: &Migration, now: Timestamp) -> String {
    words::progress::waiting(&progress::waiting(run, now), run)
}

/// Whether licensing is at work on anybody, so that time alone brings something.
pub(super) fn goes_on(run: &Migration, now: Timestamp) -> bool {
    run.under_way_batches().into_iter().any(|batch| batch_goes_on(run, batch, now))
}

/// The same for one batch.
pub(super) fn batch_goes_on(run: &Migration, batch: usize, now: Timestamp) -> bool {
    let settings = &run.run.settings;
    let listed = run.count(batch, Fact::ListedToAdd) + run.count(batch, Fact::ListedToRemove);
    if listed > 0 {
        return true; // others have it in hand
    }
    let waits = |user: &Arc<User>| user.is_waiting() && !user.is_stuck() && !user.is_late(now, settings.stuck_after);
    run.active_in(batch).any(|user| waits(user) || in_grace(user, now, settings.unlicensed_grace))
}

/// Whether somebody was removed and has not arrived, though their batch is complete: they may lose their license yet.
pub(super) fn watches_on(run: &Migration) -> bool {
    run.count_all(Fact::WatchedOn) > 0
}

fn upn(run: &Migration, user: UserId) -> String {
    run.user(user).map_or_else(|| user.to_string(), |user| user.upn.to_string())
}

fn listed(names: impl Iterator<Item = String>, all: usize) -> String {
    let mut names: Vec<String> = names.take(NAMED).collect();
    let more = all.saturating_sub(NAMED);
    names.extend((more > 0).then(|| say("cli-and-more", &[("count", more.into())])));
    names.join(", ")
}

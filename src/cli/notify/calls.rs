//! When the operator is called, and what for. Pure: what a snapshot shows is held against the one before it.

use std::collections::HashSet;

use imbl::OrdSet;
use imbl::ordset::DiffItem;

use crate::domain::halt::HaltReason;
use crate::domain::migration::Migration;
use crate::domain::questions::Gate;
use crate::domain::questions::PendingQuestion;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::words::batches;
use crate::words::halt;
use crate::words::say;
use crate::words::standing;

/// What the operator is called for, in a word that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    Waiting,
    Stuck,
    Alarm,
    Halted,
    Complete,
}

impl CallKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Stuck => "stuck",
            Self::Alarm => "alarm",
            Self::Halted => "halted",
            Self::Complete => "complete",
        }
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) kind: CallKind,
    /// The batch, counted from 0, when it is about one.
    pub(super) batch: Option<usize>,
    pub(super) text: String,
    /// Whether the operator did it here, so that nothing needs to ring.
    pub(super) is_own: bool,
}

/// What was seen last.
#[derive(Debug)]
pub(super) struct Seen {
    gates: HashSet<(usize, bool)>,
    /// By their places in the run, which change only before anybody is written.
    stuck: OrdSet<usize>,
    alarm: Option<Timestamp>,
    halted: Option<Timestamp>,
    removed_early_at: Option<Timestamp>,
    complete: bool,
}

impl Seen {
    /// What stands when the screen opens calls nobody: the operator sits there.
    pub(super) fn of(run: &Migration, gates: &[Gate]) -> Self {
        let alarm = run.alarm.as_ref().filter(|alarm| !alarm.acknowledged).map(|alarm| alarm.at);
        Self {
            gates: gates.iter().map(|gate| (gate.batch, adds(gate))).collect(),
            stuck: run.stuck_places().clone(),
            alarm,
            halted: run.halted.as_ref().map(|halt| halt.latest),
            removed_early_at: run.halted.as_ref().and_then(|halt| halt.removed_early_at),
            complete: run.complete,
        }
    }

    /// What is new since; the loudest first.
    pub(super) fn calls(&mut self, run: &Migration, gates: &[Gate]) -> Vec<Call> {
        let before = std::mem::replace(self, Self::of(run, gates));
        let call = |kind, batch, text| Call { kind, batch, text, is_own: false };
        let mut calls = Vec::new();
        if self.alarm.is_some() && self.alarm != before.alarm {
            let users = run.alarm.as_ref().map_or(0, |alarm| alarm.users.len());
            calls.push(call(CallKind::Alarm, None, say("alarm-waits", &[("count", users.into())])));
        }
        if let Some(halted) = run.halted.as_ref().filter(|halted| before.halted != Some(halted.latest)) {
            let text = say("halt-because", &[("why", halt::reasons(halted).into())]);
            let is_own = halted.reasons().all(|why| *why == HaltReason::Operator);
            // Whoever was removed before they were safe may be without a license by now. A halt for less is none of it.
            let early = halted.removed_early_at.is_some() && halted.removed_early_at != before.removed_early_at;
            let kind = if early { CallKind::Alarm } else { CallKind::Halted };
            calls.push(Call { is_own, ..call(kind, None, text) });
        }
        // What the two sets share is passed over: with each snapshot nobody looks at all users.
        let added = before.stuck.diff(&self.stuck).filter_map(|change| match change {
            DiffItem::Add(place) => Some(*place),
            DiffItem::Remove(_) => None,
        });
        let stuck: Vec<&User> = added.filter_map(|place| run.users.get(place)).map(AsRef::as_ref).collect();
        if let [first, rest @ ..] = stuck.as_slice() {
            let same = rest.iter().all(|user| user.batch == first.batch);
            calls.push(call(CallKind::Stuck, first.batch.filter(|_| same), stuck_text(first, rest.len())));
        }
        for gate in gates.iter().filter(|gate| !before.gates.contains(&(gate.batch, adds(gate)))) {
            calls.push(call(CallKind::Waiting, Some(gate.batch), waiting_text(run, gate)));
        }
        if self.complete && !before.complete {
            calls.push(call(CallKind::Complete, None, batches::migration_completion(run)));
        }
        calls
    }
}

fn adds(gate: &Gate) -> bool {
    matches!(gate.question, PendingQuestion::Add(_))
}

fn stuck_text(first: &User, more: usize) -> String {
    let why = standing::stands(first).unwrap_or_default();
    let text = say("cli-plain-stuck", &[("user", first.upn.as_str().into()), ("why", why.into())]);
    if more == 0 { text } else { format!("{text}, {}", say("cli-and-more", &[("count", more.into())])) }
}

/// A gate in a sentence.
pub(super) fn waiting_text(run: &Migration, gate: &Gate) -> String {
    let route = run.route_direction(run.direction_of(gate.batch));
    let text = match gate.question {
        PendingQuestion::Add(users) => {
            let group = route.target.group_name.as_str();
            say("wait-approval-add", &[("count", users.into()), ("group", group.into())])
        }
        PendingQuestion::Remove(users) => {
            let group = route.source.group_name.as_str();
            say("wait-approval-remove", &[("count", users.into()), ("group", group.into())])
        }
        PendingQuestion::LiftHalt | PendingQuestion::Alarm => String::new(),
    };
    format!("{}: {text}", batches::title(run, gate.batch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Event;
    use crate::domain::questions::gates;
    use crate::domain::standing::Standing;
    use crate::domain::standing::Trouble;
    use crate::engine::testing::Run;

    fn kinds(seen: &mut Seen, run: &Migration) -> Vec<&'static str> {
        seen.calls(run, &gates(run)).iter().map(|call| call.kind.word()).collect()
    }

    #[test]
    fn each_thing_calls_once_and_what_stood_at_the_beginning_does_not() {
        let run = Run::safe(5);
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        assert!(kinds(&mut seen, &run.run).is_empty(), "the removal waited when the screen opened");
        let halted = run.then(&Event::Halted { why: HaltReason::Command { by: "ana".into() } });
        let calls = seen.calls(&halted.run, &gates(&halted.run));
        assert_eq!(calls.len(), 1);
        assert!(calls[0].kind == CallKind::Halted && calls[0].text.contains("ana") && !calls[0].is_own);
        assert!(kinds(&mut seen, &halted.run).is_empty());
        let lifted = halted.then(&Event::HaltLifted { by: "ana".into() });
        assert_eq!(kinds(&mut seen, &lifted.run), ["waiting"], "it waits again");
    }

    #[test]
    fn a_halt_of_ones_own_is_told_to_scripts_and_rings_nothing() {
        let run = Run::safe(5);
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        let halted = run.then(&Event::Halted { why: HaltReason::Operator });
        let calls = seen.calls(&halted.run, &gates(&halted.run));
        assert!(calls.len() == 1 && calls[0].is_own);
    }

    /// Nobody need be without a license yet: whom others removed too early is an alarm all the same.
    #[test]
    fn a_removal_by_others_before_it_was_safe_is_an_alarm() {
        let run = Run::safe(5);
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        let early =
            run.then(&Event::Halted { why: HaltReason::RemovedEarly { users: vec!["user1@contoso.com".into()] } });
        let calls = seen.calls(&early.run, &gates(&early.run));
        assert_eq!(calls.iter().map(|call| (call.kind.word(), call.is_own)).collect::<Vec<_>>(), [("alarm", false)]);
        assert!(calls[0].text.contains("before they were proven safe: user1@contoso.com"), "{:?}", calls[0]);
        assert!(kinds(&mut seen, &early.run).is_empty(), "it is told once");
        let colleague = Event::Halted { why: HaltReason::Command { by: "ben".into() } };
        let early = early.then(&colleague);
        assert_eq!(kinds(&mut seen, &early.run), ["halted"], "a halt for less is no alarm");
        let again =
            early.then(&Event::Halted { why: HaltReason::RemovedEarly { users: vec!["user1@contoso.com".into()] } });
        assert_eq!(kinds(&mut seen, &again.run), ["alarm"], "who is removed early again is news again");
    }

    #[test]
    fn whoever_is_stuck_calls_once_and_of_several_the_first_is_named() {
        let run = Run::safe(5);
        let users = run.users();
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        let stuck = Standing::Stuck(Trouble::Error("CountViolation".into()));
        let run = run.stand(&users[1..2], &stuck);
        let calls = seen.calls(&run.run, &gates(&run.run));
        assert_eq!(calls.iter().map(|call| call.kind.word()).collect::<Vec<_>>(), ["stuck"]);
        assert_eq!((calls[0].batch, calls[0].is_own), (Some(0), false));
        assert!(calls[0].text.contains("user2@contoso.com") && !calls[0].text.contains("more"), "{:?}", calls[0]);
        assert!(kinds(&mut seen, &run.run).is_empty());
        let run = run.stand(&users[2..4], &stuck);
        let calls = seen.calls(&run.run, &gates(&run.run));
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert!(calls[0].text.contains("user3@contoso.com") && calls[0].text.contains("1 more"), "{:?}", calls[0]);
        let run = run.stand(&users[1..2], &Standing::ExpectedConflict);
        assert!(kinds(&mut seen, &run.run).is_empty(), "one less is no news");
        let run = run.stand(&users[1..2], &stuck);
        assert_eq!(kinds(&mut seen, &run.run), ["stuck"], "it happens again");
    }

    #[test]
    fn an_alarm_calls_before_anything_else_and_once_for_each_time_it_rings() {
        let run = Run::safe(5);
        let users = run.users();
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        let run = run.stand(&users[4..], &Standing::Unlicensed);
        let calls = seen.calls(&run.run, &gates(&run.run));
        assert_eq!(calls.first().map(|call| (call.kind.word(), call.is_own)), Some(("alarm", false)), "{calls:?}");
        assert!(kinds(&mut seen, &run.run).is_empty());
        let run = run.then(&Event::AlarmAcknowledged { by: "ana".into() });
        assert!(!kinds(&mut seen, &run.run).contains(&"alarm"));
        let run = run.stand(&users[..1], &Standing::Unlicensed);
        assert_eq!(kinds(&mut seen, &run.run).first(), Some(&"alarm"), "somebody else, after it was seen");
    }

    #[test]
    fn the_end_of_the_migration_calls() {
        let run = Run::safe(5).removing();
        let users = run.users();
        let run = run.removed(&users[..2]).stand(&users[..2], &Standing::Migrated).removed(&users[2..]);
        let mut seen = Seen::of(&run.run, &gates(&run.run));
        let run = run.all_stand(&Standing::Migrated);
        assert!(run.run.complete);
        let calls = seen.calls(&run.run, &gates(&run.run));
        assert_eq!(calls.iter().map(|call| call.kind.word()).collect::<Vec<_>>(), ["complete"]);
        assert!(calls[0].text.contains("complete"), "{:?}", calls[0]);
        assert!(kinds(&mut seen, &run.run).is_empty());
    }
}

//! What is printed: events as they come, who is stuck, and what waits for an answer.

use std::sync::Arc;

use crate::cli::events;
use crate::cli::exit::Failure;
use crate::cli::plain::Lines;
use crate::cli::plain::StoppedBy;
use crate::cli::plain::line_text;
use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::questions;
use crate::domain::questions::PendingQuestion;
use crate::domain::sign_in_prompt::Prompt;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::user::User;
use crate::engine::snapshot::Snapshot;
use crate::report;
use crate::words::notice;
use crate::words::phrase;
use crate::words::say;

impl Lines<'_, '_> {
    pub(super) fn begin(&mut self, notes: Vec<String>) -> Result<(), Failure> {
        let run = self.snapshot.run.run.clone();
        let (id, name) = (run.id.to_string().into(), run.name.as_str().into());
        let begun = say("cli-plain-run", &[("id", id), ("name", name)]);
        self.print(&begun)?;
        if let Some(why) = self.snapshot.read_only.clone() {
            self.print(&notice::read_only_because(&why))?;
        }
        for note in notes {
            self.print(&note)?;
        }
        let snapshot = Arc::clone(&self.snapshot);
        // What an earlier session did is in `skuferry events`; here it begins with this one.
        let begun = |event: &Event| matches!(event, Event::RunStarted { .. } | Event::Resumed { .. });
        let at = snapshot.events.iter().rposition(|(_, event)| begun(event)).unwrap_or(0);
        self.printed = at.checked_sub(1).and_then(|before| snapshot.events.get(before)).map(|(_, event)| event.clone());
        self.show(&snapshot)
    }

    /// Takes in how it stands now: the events first, then what waits.
    pub(super) fn show(&mut self, snapshot: &Arc<Snapshot>) -> Result<(), Failure> {
        self.snapshot = Arc::clone(snapshot);
        self.print_events(snapshot)?;
        self.print_stuck(snapshot)?;
        self.print_stop(snapshot)?;
        self.print_gates(snapshot)?;
        self.print_sign_in(snapshot)?;
        let done = snapshot.run.complete && snapshot.gates.is_empty() && !line_text::watches_on(&snapshot.run);
        if done || (self.ended && self.nothing_goes_on()) {
            self.quit();
        }
        Ok(())
    }

    fn print_events(&mut self, snapshot: &Snapshot) -> Result<(), Failure> {
        let last = self.printed.as_ref();
        let known = last.and_then(|last| snapshot.events.iter().rposition(|(_, event)| Arc::ptr_eq(event, last)));
        if last.is_some() && known.is_none() {
            self.print(&phrase("cli-plain-events-skipped"))?;
        }
        let from = known.map_or(0, |at| at + 1);
        for (at, event) in snapshot.events.iter().skip(from) {
            let name = |user: UserId| Some(snapshot.run.user(user)?.upn.to_string());
            let line = report::event::line(0, *at, event, name);
            let text = events::as_text(&line, &self.context.zone);
            self.context.print(&text)?;
            if let Some(batch) = approved(event) {
                self.announced.forget(batch);
            }
            self.printed = Some(Arc::clone(event));
        }
        Ok(())
    }

    fn print_stuck(&mut self, snapshot: &Snapshot) -> Result<(), Failure> {
        let run = &snapshot.run;
        let stuck: Vec<&Arc<User>> = run.stuck_places().iter().filter_map(|place| run.users.get(*place)).collect();
        for user in &stuck {
            if !user.id.is_some_and(|id| self.stuck.contains(&id)) {
                let line = line_text::stuck(user);
                self.context.print(&format!("{line}\n"))?;
            }
        }
        self.stuck = stuck.iter().filter_map(|user| user.id).collect();
        let waits = questions::pending_question(run).is_err()
            && !self.stuck.is_empty()
            && run.approved_pending.is_empty()
            && !line_text::goes_on(run, (self.now)());
        if waits && !std::mem::replace(&mut self.waits_for_stuck, waits) {
            self.print(&say("cli-plain-stuck-hold", &[("count", stuck.len().into())]))?;
        }
        self.waits_for_stuck = waits;
        Ok(())
    }

    /// An alarm or a halt, which stop all gates.
    fn print_stop(&mut self, snapshot: &Snapshot) -> Result<(), Failure> {
        let run = &snapshot.run;
        let stop = match questions::pending_question(run) {
            Ok(PendingQuestion::Alarm) => {
                Some(StoppedBy::Alarm(run.alarm.as_ref().map_or(run.started, |alarm| alarm.at)))
            }
            Ok(PendingQuestion::LiftHalt) => {
                Some(StoppedBy::Halt(run.halted.as_ref().map_or(run.started, |halt| halt.latest)))
            }
            Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)) | Err(_) => None,
        };
        if stop.is_some() && stop != self.stop && snapshot.read_only.is_none() {
            let line = line_text::waiting(run, (self.now)());
            self.print(&line)?;
            let how = if matches!(stop, Some(StoppedBy::Alarm(_))) { "acknowledge alarm" } else { "lift halt" };
            self.print(&line_text::answered_by(how))?;
        }
        self.stop = stop;
        Ok(())
    }

    pub(super) fn print_gates(&mut self, snapshot: &Snapshot) -> Result<(), Failure> {
        let gates = if snapshot.read_only.is_none() { line_text::gates(snapshot, (self.now)()) } else { Vec::new() };
        let (news, gone) = self.announced.now(gates);
        // That a halt takes all of them along goes without saying.
        for gate in if self.stop.is_some() { Vec::new() } else { gone } {
            self.print(&line_text::withdrawn(&gate))?;
        }
        let several = snapshot.run.under_way_batches().len() > 1;
        for (number, gate) in news {
            let named = self.announced.has_to_be_named(&gate);
            let lines = line_text::gate(snapshot, &gate, several, named);
            let on_screen = self.on_screen.clone();
            let (first, rest) = lines.split_at(1);
            on_screen.announce(number, || first.iter().try_for_each(|line| self.print(line)))?;
            rest.iter().try_for_each(|line| self.print(line))?;
        }
        Ok(())
    }

    fn print_sign_in(&mut self, snapshot: &Snapshot) -> Result<(), Failure> {
        if snapshot.sign_in == self.sign_in {
            return Ok(());
        }
        self.sign_in = snapshot.sign_in.clone();
        match &snapshot.sign_in {
            SignInState::Needed(_) => {
                self.print(&phrase("cli-plain-signed-out"))?;
                self.print(&line_text::answered_by("sign in"))
            }
            SignInState::Asking(Some(prompt)) => {
                let code = match prompt {
                    Prompt::DeviceCode { code, .. } => code.as_str(),
                    Prompt::Browser { .. } => "-",
                };
                let line = say("cli-plain-sign-in", &[("address", prompt.address().into()), ("code", code.into())]);
                self.print(&line)
            }
            SignInState::Good | SignInState::Asking(None) => Ok(()),
        }
    }
}

/// The batch of an approval.
fn approved(event: &Event) -> Option<usize> {
    match event {
        Event::AddApproved { batch, .. } | Event::RemoveApproved { batch, .. } => Some(*batch),
        _ => None,
    }
}

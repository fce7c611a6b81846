//! What the operator does in a step, and what happens to the program.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

use jiff::Timestamp;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::questions::Question;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;

use crate::rules::play::Play;
use crate::rules::play::moment::QUESTION;
use crate::rules::record::Answer;
use crate::rules::record::To;
use crate::rules::script::Hand;
use crate::rules::script::Step;
use crate::rules::script::Whim;

/// Somebody whose write was intended in the last session, and of whom it said nothing more.
fn in_flight(events: &[(Timestamp, Event)]) -> Option<UserId> {
    let mut open = BTreeSet::new();
    for (_, event) in events {
        match event {
            Event::Resumed { .. } => open.clear(),
            Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => {
                open.extend(users.iter().copied());
            }
            Event::AddSettled { users, .. } | Event::RemoveSettled { users, .. } => {
                open.retain(|user| !users.contains(user));
            }
            _ => {}
        }
    }
    open.pop_first()
}

impl Play {
    pub(super) async fn follow(&mut self, step: Step) {
        self.moment(step.when).await;
        match step.whim {
            Whim::Wait => {}
            Whim::Yes => drop(self.answer().await),
            Whim::Leave => drop(self.rig.ask().await),
            Whim::Mistype(by) => {
                if let Ok(Question::Remove(proposal)) = self.rig.ask().await {
                    let wrong = i64::try_from(proposal.users().len()).unwrap() + by;
                    if proposal.typed(&wrong.to_string()).is_ok() {
                        self.broken.push(format!("rule 2: the wrong number {wrong} approved"));
                    }
                }
            }
            Whim::OldAnswer => {
                if let Ok(question) = self.rig.ask().await {
                    let _newer = self.rig.ask().await;
                    self.rig.yes(question); // not among the answers: it must not count
                }
            }
            Whim::LateYes(place) => {
                if let Ok(question) = self.rig.ask().await {
                    if let Some(user) = self.user(place) {
                        self.rig.send(Command::Exclude(user));
                    }
                    self.yes(question); // it counts only where they could not be taken out
                }
            }
            Whim::Lift => self.rig.send(Command::LiftHalt(Timestamp::MAX)),
            Whim::Acknowledge => self.rig.send(Command::AcknowledgeAlarm),
            Whim::Halt => {
                self.rig.send(Command::Halt);
                let shot = self.rig.wait("halted", |shot| shot.run.halted.is_some() || shot.read_only.is_some()).await;
                if !shot.run.approved_pending.is_empty() {
                    self.broken.push("rule 10: something was still approved when the halt showed".into());
                }
                self.look_at_the_screen();
                // What was in flight is recorded, and what waited to be sent is not sent: long before a held order is due.
                self.wait(QUESTION * 2, |shot| shot.run.open().next().is_none()).await;
            }
            Whim::Exclude(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::Exclude(user));
                }
            }
            Whim::Inspect(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::Inspect(user));
                }
            }
            Whim::Poll => self.rig.send(Command::PollNow),
            Whim::Pause => self.rig.send(Command::TogglePolling),
            Whim::Kill | Whim::KillTorn => {
                self.rig.kill().await;
                if matches!(step.whim, Whim::KillTorn) {
                    let mut file = fs::OpenOptions::new().append(true).open(self.rig.journal_path()).unwrap();
                    file.write_all(b"{\"sum\":\"0123456789abcdef\",\"v\":1,\"se").unwrap();
                }
                self.resume();
            }
            Whim::Quit => {
                self.rig.quit().await;
                if let Some(user) = in_flight(&self.rig.journal()) {
                    self.broken.push(format!("rule 10: an orderly end left {user} in flight"));
                }
                self.resume();
            }
            Whim::RollBack(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::RollBack(vec![user]));
                }
            }
            Whim::RollBackBatch => {
                let run = &self.rig.snapshot().run;
                let users = run.members(run.current).filter_map(|user| user.id).collect();
                self.rig.send(Command::RollBack(users));
            }
            Whim::Jump(by) => self.jumpy.jump(SignedDuration::from_secs(by)),
            Whim::Reprocess(place) => {
                if let Some(user) = self.user(place) {
                    self.ask_for(Command::AskReprocess(vec![user])).await;
                }
            }
            Whim::ReprocessAll => self.ask_for(Command::AskReprocess(self.everybody())).await,
            Whim::TakeDirect => self.ask_for(Command::AskDirect(self.everybody())).await,
            Whim::Hand(Hand::GiveDirect(user)) => self.give_direct(user).await,
            Whim::Hand(hand) => self.let_happen(hand),
        }
        if self.screens.len() < 4 {
            self.look_at_the_screen();
        }
    }

    /// The one who looks on tries all that could lead to a write.
    pub(super) fn meddle(&self, onlooker: &Handle) {
        let exclude = self.user(0).map(Command::Exclude);
        let all = [
            Command::Ask,
            Command::LiftHalt(Timestamp::MAX),
            Command::PollNow,
            Command::Halt,
            Command::AcknowledgeAlarm,
        ];
        for command in all.into_iter().chain(exclude) {
            onlooker.commands.send(command).unwrap();
        }
    }

    fn resume(&mut self) {
        let run = self.rig.resume();
        if !run.approved_pending.is_empty() {
            self.broken.push("rule 2: an approval came back".into());
        }
    }

    fn user(&self, place: usize) -> Option<UserId> {
        let users = &self.rig.snapshot().run.users;
        users.get(place % users.len().max(1))?.id
    }

    /// Says yes to what is asked. False when nothing is.
    pub(super) async fn answer(&mut self) -> bool {
        let asked = self.rig.ask().await.ok();
        asked.map(|question| self.yes(question)).is_some()
    }

    /// Puts a question of the operator's own, and says yes to it.
    async fn ask_for(&mut self, command: Command) {
        if let Ok(question) = self.rig.put(command).await {
            self.yes(question);
        }
    }

    fn yes(&mut self, question: Question) {
        let about = match &question {
            Question::Add(proposal) => Some((To::Add, proposal.batch(), proposal.users())),
            Question::Remove(proposal) => Some((To::Remove, proposal.batch(), proposal.users())),
            Question::Reprocess(proposal) => Some((To::Reprocess, proposal.batch(), proposal.users())),
            Question::Direct(proposal) => Some((To::Direct, proposal.batch(), proposal.users())),
            Question::LiftHalt(_) | Question::Alarm(_) => None,
        };
        self.answers.extend(about.map(|(to, batch, users)| Answer::new(to, batch, users)));
        self.rig.yes(question);
    }

    fn everybody(&self) -> Vec<UserId> {
        self.rig.snapshot().run.users.iter().filter_map(|user| user.id).collect()
    }
}

//! An operator without a screen: waits, asks, answers.

use std::sync::Arc;
use std::time::Duration;

use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::Timestamp;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Snapshot;

use crate::driver::DEADLINE;
use crate::driver::Rig;
use skuferry::engine::handle::Refused;
use skuferry::words::notice;

impl Rig {
    /// Waits until a snapshot is as wanted.
    pub(crate) async fn wait(&mut self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let found = tokio::time::timeout(DEADLINE, self.handle.snapshots.wait_for(|shot| wanted(shot))).await;
        let found = found.map(|found| found.unwrap().clone());
        found.unwrap_or_else(|_| panic!("never {what}:\n{}", self.tale()))
    }

    /// Waits for something that no snapshot tells.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = tokio::time::Instant::now() + DEADLINE;
        while !holds(self) {
            assert!(tokio::time::Instant::now() < end, "never {what}:\n{}", self.tale());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Has the engine read again until this figure has grown by so much, and sees that all stays as it should.
    pub(crate) async fn poll_until(
        &mut self,
        more: usize,
        count: impl Fn(&Self) -> usize,
        stays: impl Fn(&Snapshot) -> bool,
    ) {
        let (end, enough) = (tokio::time::Instant::now() + DEADLINE, count(self) + more);
        while count(self) < enough {
            assert!(tokio::time::Instant::now() < end, "{} and never {enough}:\n{}", count(self), self.tale());
            self.send(Command::PollNow);
            let shot = self.snapshot();
            assert!(stays(&shot), "{}", self.tale());
            self.a_while(&shot).await;
        }
    }

    /// Waits until this question waits.
    pub(crate) async fn wait_for(&mut self, waits: PendingQuestion) -> Arc<Snapshot> {
        self.wait(&format!("{waits:?}"), |shot| questions::pending_question(&shot.run) == Ok(waits)).await
    }

    /// Asks for the question that waits.
    pub(crate) async fn ask(&mut self) -> Result<Question, Refused> {
        self.put(Command::Ask).await
    }

    /// Sends a command that is answered by a question or a refusal.
    pub(crate) async fn put(&mut self, command: Command) -> Result<Question, Refused> {
        // What is there already answers something else.
        while let Ok(notice) = self.handle.notices.try_recv() {
            self.said.push(told(&notice));
        }
        self.send(command);
        self.heard().await
    }

    /// The next question or refusal.
    pub(crate) async fn heard(&mut self) -> Result<Question, Refused> {
        loop {
            let notice = tokio::time::timeout(DEADLINE, self.handle.notices.recv()).await.unwrap().unwrap();
            self.said.push(told(&notice));
            match notice {
                Notice::Question(question) => return Ok(question),
                Notice::Refused(refusal) => return Err(refusal),
                _ => {}
            }
        }
    }

    /// Says yes to a question; gives how many users it was about.
    pub(crate) fn yes(&self, question: Question) -> usize {
        let users = match &question {
            Question::Add(proposal) => proposal.users().len(),
            Question::Remove(proposal) => proposal.users().len(),
            Question::Reprocess(proposal) => proposal.users().len(),
            Question::Direct(proposal) => proposal.users().len(),
            Question::LiftHalt(_) => 0,
            Question::Alarm(users) => users.len(),
        };
        self.send(approval(question));
        users
    }

    /// An operator who says yes to all that is asked and excludes who is stuck or cannot be added, until all is wanted.
    pub(crate) async fn operate(&mut self, what: &str, until: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            let shot = self.snapshot();
            if until(&shot) {
                return shot;
            }
            assert!(tokio::time::Instant::now() < end, "never {what}:\n{}", self.tale());
            assert!(shot.read_only.is_none(), "{what}: {:?} {:?}\n{}", shot.read_only, self.said, self.tale());
            if questions::pending_question(&shot.run).is_ok() {
                match self.ask().await {
                    Ok(question) => drop(self.yes(question)),
                    Err(_) => tokio::task::yield_now().await,
                }
            } else {
                shot.run.active().filter(|user| hopeless(user)).for_each(|user| {
                    self.send(Command::Exclude(user.id.unwrap()));
                });
            }
            // Whatever comes next shows in a snapshot; the limit is for what needs nothing but time.
            let _ = tokio::time::timeout(Duration::from_millis(50), self.handle.snapshots.changed()).await;
        }
    }

    /// Says yes to what waits, unless the engine dies over it.
    pub(crate) async fn say_yes_if_alive(&mut self) {
        while self.handle.notices.try_recv().is_ok() {}
        let _ = self.handle.commands.send(Command::Ask);
        if let Ok(Some(Notice::Question(question))) = tokio::time::timeout(DEADLINE, self.handle.notices.recv()).await {
            let _ = self.handle.commands.send(approval(question));
        }
    }

    /// Whether the engine has ended or died.
    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Says yes to all that is asked until the engine dies; false when the run was complete before.
    pub(crate) async fn operate_until_dead(&mut self) -> bool {
        let end = tokio::time::Instant::now() + DEADLINE;
        while !self.task.is_finished() {
            assert!(tokio::time::Instant::now() < end, "never killed:\n{}", self.tale());
            let run = self.snapshot().run.clone();
            if run.complete {
                return false;
            }
            if questions::pending_question(&run).is_ok() {
                while self.handle.notices.try_recv().is_ok() {}
                // The engine may die over the question or over the answer.
                let _ = self.handle.commands.send(Command::Ask);
                if let Ok(Some(Notice::Question(question))) =
                    tokio::time::timeout(DEADLINE, self.handle.notices.recv()).await
                {
                    let _ = self.handle.commands.send(approval(question));
                }
            }
            let _ = tokio::time::timeout(Duration::from_millis(50), self.handle.snapshots.changed()).await;
        }
        self.dead().await;
        true
    }

    /// Waits for a snapshot after this one; the limit is for what needs nothing but time.
    pub(crate) async fn a_while(&mut self, shot: &Snapshot) {
        let revision = shot.revision;
        let newer = self.handle.snapshots.wait_for(|shot| shot.revision != revision);
        let _ = tokio::time::timeout(Duration::from_millis(50), newer).await;
    }

    /// Operates until the migration is complete.
    pub(crate) async fn finish(&mut self) -> Arc<Snapshot> {
        self.operate("complete", |shot| shot.run.complete).await
    }
}

/// The yes to a question.
fn approval(question: Question) -> Command {
    match question {
        Question::Add(proposal) => Command::Add(proposal.yes()),
        Question::Remove(proposal) => {
            let users = proposal.users().len();
            Command::Remove(proposal.typed(&users.to_string()).unwrap())
        }
        Question::Reprocess(proposal) => Command::Reprocess(proposal.yes()),
        Question::Direct(proposal) => {
            let users = proposal.users().len();
            Command::Direct(proposal.typed(&users.to_string()).unwrap())
        }
        Question::LiftHalt(_) => Command::LiftHalt(Timestamp::MAX),
        Question::Alarm(_) => Command::AcknowledgeAlarm,
    }
}

/// A notice as text.
fn told(notice: &Notice) -> String {
    match notice {
        Notice::Question(question) => format!("{question:?}"),
        other => notice::told(other).unwrap(),
    }
}

/// Whether an operator would take the user out.
fn hopeless(user: &skuferry::domain::user::User) -> bool {
    matches!(user.standing, Some(Standing::Stuck(_)))
}

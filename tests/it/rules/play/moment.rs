//! Moments that a step waits for. None need ever come.

use std::time::Duration;
use std::time::Instant;

use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;

use crate::rules::play::Play;
use crate::rules::script::When;

/// How long a moment may take to come.
const MOMENT: Duration = Duration::from_millis(300);
/// The same for a question, which takes the tenant's licensing.
pub(super) const QUESTION: Duration = Duration::from_millis(1500);

/// How many times as long a busy machine is waited for.
const PATIENCE: u32 = 6;

/// How many requests the program makes at least in such a time, polling as these runs do.
pub(super) fn usual(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap() / 60
}

impl Play {
    /// Waits for a moment that may never come: for so long, and longer on a machine so busy that the program has hardly
    /// asked the tenant for anything meanwhile.
    pub(super) async fn wait(&mut self, limit: Duration, wanted: impl Fn(&Snapshot) -> bool) {
        let (heard, begun) = (self.heard(), Instant::now());
        while tokio::time::timeout(limit, self.rig.wait("", &wanted)).await.is_err() {
            let shot = self.rig.snapshot();
            let polls = shot.next_poll.is_some() && !shot.paused && shot.read_only.is_none();
            let asks = polls || shot.activity == Activity::Checking;
            if !asks || self.heard() > heard + usual(limit) || begun.elapsed() > limit * PATIENCE {
                return;
            }
        }
    }

    /// How many requests the tenant has heard.
    pub(super) fn heard(&self) -> u64 {
        self.rig.sim.log().last().map_or(0, |entry| entry.number)
    }

    pub(super) async fn moment(&mut self, when: When) {
        let asked = |shot: &Snapshot| questions::pending_question(&shot.run);
        let revision = self.rig.snapshot().revision;
        match when {
            When::Now => {}
            When::Soon => self.wait(MOMENT / 5, |shot| shot.revision != revision).await,
            When::Asked => self.wait(MOMENT, |shot| asked(shot).is_ok()).await,
            When::AskedToAdd => self.wait(QUESTION, |shot| matches!(asked(shot), Ok(PendingQuestion::Add(_)))).await,
            When::AskedToRemove => {
                self.wait(QUESTION, |shot| matches!(asked(shot), Ok(PendingQuestion::Remove(_)))).await;
            }
            When::Writing => {
                self.wait(MOMENT * 2, |shot| matches!(shot.activity, Activity::Adding | Activity::Removing)).await;
            }
            When::Holding => self.wait(QUESTION, |shot| matches!(shot.activity, Activity::Holding { .. })).await,
            When::Looking => self.wait(MOMENT, |shot| shot.activity == Activity::LookingLast).await,
            When::Removed => self.wait(MOMENT, |shot| shot.run.active().any(|user| user.remove.is_done())).await,
            When::Going => {
                let canary = self.world.canary;
                let gone = |shot: &Snapshot| shot.run.active().filter(|user| user.remove.is_done()).count();
                self.wait(QUESTION, |shot| gone(shot) > canary).await;
            }
            When::Stuck | When::Direct => {
                let stands = |standing: &Standing| match when {
                    When::Stuck => matches!(standing, Standing::Stuck(_)),
                    _ => *standing == Standing::SourceLingers(Holder::Direct),
                };
                self.wait(QUESTION, |shot| shot.run.active().any(|user| user.standing.as_ref().is_some_and(stands)))
                    .await;
            }
            When::Bare => {
                let bare =
                    |shot: &Snapshot| shot.run.users.iter().any(|user| user.standing == Some(Standing::Unlicensed));
                self.wait(QUESTION, bare).await;
            }
        }
    }
}

//! What is due by itself: a check, what became of open writes, the next verify pass; and how long until then.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::id::UserId;
use crate::domain::phase::Phase;
use crate::domain::user::User;
use crate::engine::plan;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::tasks::TaskResult;
use crate::engine::tasks::WriteKind;

/// The longest the loop sleeps while something may change by itself.
const TICK: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) fn check(&mut self) -> bool {
        let (now, graph) = (self.clock.now(), self.graph.clone());
        if self.polling.retry.is_some_and(|retry| now < retry) {
            return false;
        }
        // What another sitting is at work on is checked there.
        let ours = !self.recorder.follows();
        self.check_again &= ours;
        let first_look = ours && self.recorder.run.preflight.is_none();
        let untouched = self.is_untouched();
        let batch = self.recorder.run.current;
        let unchecked =
            ours && self.recorder.run.batch().is_some_and(|one| one.phase == Phase::Preflight && !one.checked);
        if first_look || (self.check_again && untouched) {
            let plan = self.plan.clone();
            self.spawn(Activity::Checking, async move {
                TaskResult::Checked(now, Box::new(plan::gather(&graph, &plan, now).await))
            });
        } else if unchecked || (self.check_again && self.recorder.run.phase() == Phase::Preflight) {
            let users: Vec<_> =
                self.recorder.run.members(batch).filter_map(|user| Some((user.listed.clone(), user.id?))).collect();
            let plan = self.plan.only(&users);
            self.spawn(Activity::Checking, async move {
                TaskResult::BatchChecked(batch, now, Box::new(plan::gather(&graph, &plan, now).await))
            });
        } else if self.classifiers.is_none() {
            let plan = self.plan.only(&[]);
            self.spawn(Activity::Connecting, async move {
                TaskResult::Refreshed(Box::new(plan::gather(&graph, &plan, now).await))
            });
        } else {
            return false;
        }
        self.check_again = false;
        true
    }

    /// Whether no batch has begun, so that all of them may still be cut anew.
    pub(super) fn is_untouched(&self) -> bool {
        self.recorder.run.batches.iter().all(|batch| batch.phase == Phase::Preflight)
    }

    /// Asks the tenant about writes that nobody has answered for, after a crash, a lost connection or a 5xx (rule 8).
    pub(super) fn read_back(&mut self) -> bool {
        let now = self.clock.now();
        if self.polling.read_back.is_some_and(|due| now < due) {
            return false;
        }
        let run = &self.recorder.run;
        let open = |wrote| -> Vec<UserId> {
            let is_open = |user: &&Arc<User>| match wrote {
                WriteKind::Add => user.add.is_open() && !self.approved.is_pending(user.id),
                WriteKind::Remove => user.remove.is_open() && !self.approved.is_pending(user.id),
                // Asked for again, the one does no harm, and the other is proven anew.
                WriteKind::Reprocess | WriteKind::Direct => false,
            };
            run.open().filter(is_open).filter_map(|user| user.id).collect()
        };
        let (wrote, users, group) = match (open(WriteKind::Add), open(WriteKind::Remove)) {
            (users, _) if !users.is_empty() => (WriteKind::Add, users, run.route.target.group),
            (_, users) if !users.is_empty() => (WriteKind::Remove, users, run.route.source.group),
            _ => return false,
        };
        self.spawn(Activity::ReadingBack, tasks::read_back(self.graph.clone(), wrote, users, group));
        true
    }

    pub(super) fn poll(&mut self) -> bool {
        let now = self.clock.now();
        if self.polling.paused || self.polling.next.is_some_and(|next| now < next) {
            return false;
        }
        let users = self.recorder.run.watched();
        if users.is_empty() || (self.approved.proof_waits(now) && !self.switching(now)) {
            return false;
        }
        let (graph, group) = (self.graph.clone(), self.recorder.run.route.target.group);
        self.spawn(Activity::Polling, tasks::survey(graph, group, users));
        true
    }

    /// How long the loop may sleep when nobody says anything.
    pub(super) fn sleep_for(&self) -> Duration {
        let now = self.clock.now();
        let due = [
            self.polling.next.filter(|_| !self.polling.paused),
            self.polling.retry,
            self.polling.read_back,
            self.polling.groups_retry,
            self.held_until(),
        ];
        let next = due.into_iter().flatten().filter(|at| *at > now).min();
        let wait = next.and_then(|at| Duration::try_from(at.duration_since(now)).ok());
        let longest = if self.switching(now) { TICK / 4 } else { TICK };
        wait.map_or(longest, |wait| wait.min(longest)).max(Duration::from_millis(1))
    }
}

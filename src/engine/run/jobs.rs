//! The job under way, one at a time, and what the screen says meanwhile.

use tokio::task::JoinError;
use tokio::task::JoinSet;

use crate::engine::run::tasks::TaskResult;
use crate::engine::snapshot::Activity;

/// The jobs of the loop. A verify pass may be followed by a second look at a few beside the next one; writes never overlap.
pub(super) struct Jobs {
    under_way: JoinSet<TaskResult>,
    activity: Activity,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { under_way: JoinSet::new(), activity: Activity::Connecting }
    }
}

impl Jobs {
    /// Begins a job.
    pub(super) fn spawn(&mut self, activity: Activity, job: impl Future<Output = TaskResult> + Send + 'static) {
        tracing::debug!(activity = ?activity);
        self.activity = activity;
        self.under_way.spawn(job);
    }

    /// Whether none is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// What is being done, or waited for.
    pub(super) fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Says what is waited for. Gives whether that is another thing than before.
    pub(super) fn wait_for(&mut self, activity: Activity) -> bool {
        let is_news = self.activity != activity;
        self.activity = activity;
        is_news
    }

    /// What the one that ends next brings; `None` when none is under way.
    pub(super) async fn done(&mut self) -> Option<Result<TaskResult, JoinError>> {
        self.under_way.join_next().await
    }
}

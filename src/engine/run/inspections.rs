//! Users that the operator looks at: one is read at a time, beside the jobs of the run, so that no write waits for it.

use tokio::task::JoinError;
use tokio::task::JoinSet;

use crate::domain::id::UserId;
use crate::engine::run::tasks::TaskResult;

/// The inspection under way and the one that waits for it.
#[derive(Default)]
pub(super) struct Inspections {
    under_way: JoinSet<TaskResult>,
    waiting: Option<UserId>,
}

impl Inspections {
    /// The operator looks at this user. Who waited gives way: only the last one is still on the screen.
    pub(super) fn ask(&mut self, user: UserId) {
        self.waiting = Some(user);
    }

    /// The user to be read now, if one waits and none is being read.
    pub(super) fn next(&mut self) -> Option<UserId> {
        self.waiting.take_if(|_| self.under_way.is_empty())
    }

    /// Begins to read one.
    pub(super) fn begin(&mut self, job: impl Future<Output = TaskResult> + Send + 'static) {
        self.under_way.spawn(job);
    }

    /// What the one under way brings; `None` when there is none.
    pub(super) async fn done(&mut self) -> Option<Result<TaskResult, JoinError>> {
        self.under_way.join_next().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::user_id;

    #[tokio::test]
    async fn one_is_read_at_a_time_and_only_the_last_one_waits() {
        let mut inspections = Inspections::default();
        inspections.ask(user_id(1));
        assert_eq!(inspections.next(), Some(user_id(1)));
        let (answer, answered) = tokio::sync::oneshot::channel::<()>();
        inspections.begin(async {
            let _ = answered.await;
            TaskResult::Confirmed(Vec::new())
        });
        for user in 2..=30 {
            inspections.ask(user_id(user));
            assert_eq!(inspections.next(), None);
        }
        drop(answer);
        assert!(inspections.done().await.is_some_and(|done| done.is_ok()));
        assert_eq!((inspections.next(), inspections.next()), (Some(user_id(30)), None));
        assert!(inspections.done().await.is_none());
    }
}

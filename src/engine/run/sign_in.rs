//! A sign-in in the midst of a run: it keeps nothing waiting but what needs a token, and the run keeps its place.

use tokio_util::task::AbortOnDropHandle;

use crate::domain::sign_in_prompt::SignInState;
use crate::engine::handle::Notice;
use crate::engine::run::Engine;
use crate::engine::under_way::in_preflight;
use crate::engine::under_way::is_untouched;
use crate::graph::Graph;
use crate::graph::GraphError;

/// How it stands with the sign-in, and the one that the operator asked for.
#[derive(Default)]
pub(super) struct SignIns {
    /// As the snapshots tell it.
    state: SignInState,
    /// The one under way; dropping it gives it up.
    under_way: Option<AbortOnDropHandle<Result<(), GraphError>>>,
}

impl SignIns {
    /// As the snapshots tell it.
    pub(super) fn state(&self) -> &SignInState {
        &self.state
    }

    /// Takes over how it stands now. Gives whether that is news.
    fn is(&mut self, state: SignInState) -> bool {
        let is_news = self.state != state;
        self.state = state;
        is_news
    }

    /// Begins to sign in; one that is under way goes on.
    fn begin(&mut self, graph: &Graph) {
        if self.under_way.is_none() {
            let graph = graph.clone();
            self.under_way = Some(AbortOnDropHandle::new(tokio::spawn(async move { graph.sign_in(&|_| {}).await })));
        }
    }

    /// Gives up the one under way.
    pub(super) fn cancel(&mut self) {
        self.under_way = None;
    }

    /// How the one under way ends; never, when none is.
    pub(super) async fn ended(&mut self) -> Result<(), GraphError> {
        match &mut self.under_way {
            None => std::future::pending().await,
            Some(task) => match task.await {
                Ok(ended) => ended,
                Err(broken) => std::panic::resume_unwind(broken.into_panic()),
            },
        }
    }
}

impl Engine {
    /// Begins to sign in; one that is under way goes on.
    pub(super) fn begin_sign_in(&mut self) {
        self.sign_in.begin(&self.graph);
    }

    /// The sign-in that was begun is over.
    pub(super) fn signed_in(&mut self, ended: Result<(), GraphError>) {
        self.sign_in.cancel();
        self.screen.changed();
        match ended {
            Ok(()) => self.screen.say(Notice::SignedIn),
            Err(error) => self.screen.say(Notice::NotSignedIn(error.into_fault())),
        }
    }

    /// Takes over how it stands with the sign-in. Once somebody is signed in again, what had to wait is tried at once.
    pub(super) fn hear_sign_in(&mut self) {
        let state = self.graph.sign_in_state().borrow().clone();
        let back = state == SignInState::Good;
        if !self.sign_in.is(state) {
            return;
        }
        self.screen.changed();
        if back {
            self.read_anew();
        }
    }

    /// Reads everything at once, and tries what waits for its time.
    pub(super) fn read_anew(&mut self) {
        let run = self.recorder.run();
        let batches: Vec<usize> = in_preflight(run).map(|(batch, _)| batch).collect();
        let may_check = run.batches.is_empty() || (is_untouched(run) && !batches.is_empty());
        self.schedule.everything_now(self.clock.now(), may_check, batches.into_iter());
        self.observations.forget_groups();
        self.queue.retry_now();
    }
}

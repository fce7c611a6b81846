//! A sign-in in the midst of a run: it keeps nothing waiting but what needs a token, and the run keeps its place.

use tokio_util::task::AbortOnDropHandle;

use crate::domain::sign_in_prompt::SignInState;
use crate::engine::handle::Notice;
use crate::engine::run::Engine;
use crate::engine::under_way::in_preflight;
use crate::engine::under_way::is_untouched;
use crate::graph::GraphError;

/// A sign-in that is under way; dropping it gives it up.
pub(super) type SigningIn = AbortOnDropHandle<Result<(), GraphError>>;

impl Engine {
    /// Begins to sign in; one that is under way goes on.
    pub(super) fn begin_sign_in(&mut self) {
        if self.signing_in.is_none() {
            let graph = self.graph.clone();
            self.signing_in = Some(AbortOnDropHandle::new(tokio::spawn(async move { graph.sign_in(&|_| {}).await })));
        }
    }

    /// The sign-in that was begun is over.
    pub(super) fn signed_in(&mut self, ended: Result<(), GraphError>) {
        (self.signing_in, self.changed) = (None, true);
        match ended {
            Ok(()) => self.say(Notice::SignedIn),
            Err(error) => self.say(Notice::NotSignedIn(error.into_fault())),
        }
    }

    /// Takes over how it stands with the sign-in. Once somebody is signed in again, what had to wait is tried at once.
    pub(super) fn hear_sign_in(&mut self) {
        let state = self.graph.sign_in_state().borrow().clone();
        if state == self.sign_in {
            return;
        }
        let back = state == SignInState::Good;
        (self.sign_in, self.changed) = (state, true);
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

/// How the sign-in that is under way ends; never, when none is.
pub(super) async fn ended(signing_in: &mut Option<SigningIn>) -> Result<(), GraphError> {
    match signing_in {
        None => std::future::pending().await,
        Some(task) => match task.await {
            Ok(ended) => ended,
            Err(broken) => std::panic::resume_unwind(broken.into_panic()),
        },
    }
}

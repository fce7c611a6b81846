//! Whether somebody is signed in, and that it stays the same account as long as the run is open.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::fault::SignInFault;
use crate::domain::sign_in_prompt::Prompt;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::Graph;
use crate::graph::auth::EARLY;
use crate::graph::auth::Identity;
use crate::graph::auth::Token;
use crate::graph::error::GraphError;

/// How often it is seen to that the token is good, beside the requests that need one.
const EVERY: Duration = Duration::from_secs(30);
/// The least that lies between two looks at it.
const SOONEST: Duration = Duration::from_secs(1);

/// How long before its end a token is told of that another follows by itself: it should have been replaced by then.
const NOT_FOLLOWED: SignedDuration = SignedDuration::from_mins(4);
/// The same of one that nothing follows.
const LAST: SignedDuration = SignedDuration::from_mins(15);

/// What is known of the sign-in of one client.
#[derive(Default)]
pub(in crate::graph) struct SignedIn {
    state: watch::Sender<SignInState>,
    account: Mutex<Account>,
}

#[derive(Default)]
struct Account {
    /// Who signed in first.
    first: Option<Identity>,
    /// The last token that was found to be theirs.
    checked: Option<Token>,
}

/// A sign-in that is under way. One that is dropped before its end was given up.
struct Asking<'a>(&'a watch::Sender<SignInState>);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.send_if_modified(|state| {
            let given_up = matches!(state, SignInState::Asking(_));
            if given_up {
                *state = SignInState::Needed(FaultMessage::SignInGivenUp);
            }
            given_up
        });
    }
}

impl SignedIn {
    /// Takes a token, or the want of one, to the state. A token of another account is none: what was approved stands under
    /// the name of the first.
    pub(in crate::graph) fn heard(&self, token: Result<Token, GraphError>) -> Result<Token, GraphError> {
        let token = token.and_then(|token| self.account().admit(token));
        match &token {
            Ok(_) => self.set_unless_asking(SignInState::Good),
            Err(error) if error.kind() == FaultKind::SignIn => {
                self.set_unless_asking(SignInState::Needed((*error.fault().message).clone()));
            }
            Err(_) => {}
        }
        token
    }

    fn set_unless_asking(&self, new: SignInState) {
        self.state.send_if_modified(|state| {
            let changes = !matches!(state, SignInState::Asking(_)) && *state != new;
            if changes {
                *state = new;
            }
            changes
        });
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    fn admit(&mut self, token: Token) -> Result<Token, GraphError> {
        if self.checked.as_ref().is_some_and(|checked| checked.is(&token)) {
            return Ok(token);
        }
        match (&self.first, Identity::of(&token)) {
            (Some(first), Some(now)) if !first.is_same_as(&now) => {
                let why = SignInFault::OtherAccount { now: now.name, first: first.name.clone() };
                return Err(GraphError::new(FaultKind::SignIn, why));
            }
            (None, now) => self.first = now,
            (Some(_), _) => {}
        }
        self.checked = Some(token.clone());
        Ok(token)
    }
}

impl Graph {
    /// How it stands with the sign-in, now and from now on.
    pub fn sign_in_state(&self) -> watch::Receiver<SignInState> {
        self.http().sign_in.state.subscribe()
    }

    /// Signs in anew; [`Graph::sign_in_state`] tells how it goes, and `show` is told what to put before the operator where
    /// that takes one. Dropping it gives it up.
    ///
    /// # Errors
    /// When nobody signed in, or not the account that the session was begun as.
    pub async fn sign_in(&self, show: &(dyn Fn(Prompt) + Send + Sync)) -> Result<(), GraphError> {
        let sign_in = &self.http().sign_in;
        sign_in.state.send_replace(SignInState::Asking(None));
        let asking = Asking(&sign_in.state);
        let shown = |prompt: Prompt| {
            asking.0.send_replace(SignInState::Asking(Some(prompt.clone())));
            show(prompt);
        };
        let token = self.http().tokens.sign_in(&shown).await;
        let admitted = token.and_then(|token| sign_in.account().admit(token));
        asking.0.send_replace(match &admitted {
            Ok(_) => SignInState::Good,
            Err(error) => SignInState::Needed((*error.fault().message).clone()),
        });
        admitted.map(drop)
    }

    /// When the token in use ends, where that is soon and no other has followed it.
    pub fn token_ends(&self) -> Option<Timestamp> {
        let http = self.http();
        let end = http.sign_in.account().checked.as_ref()?.expires()?;
        let left = end.duration_since(http.clock.now());
        let early = if http.tokens.renews() { NOT_FOLLOWED } else { LAST };
        (left > SignedDuration::ZERO && left < early).then_some(end)
    }

    /// Whether a person has to sign in before anything can be asked.
    pub fn asks_operator(&self) -> bool {
        self.http().tokens.asks_operator()
    }

    /// Renews the token in the background while the result lives, so that no request waits for that and a sign-in that
    /// has ended is told before an approval needs it.
    pub fn keep_signed_in(&self) -> AbortOnDropHandle<()> {
        let graph = Arc::downgrade(&self.shared);
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut wait = Duration::ZERO;
            loop {
                tokio::time::sleep(wait).await;
                let Some(shared) = graph.upgrade() else { return };
                let graph = Graph { shared };
                // What is wrong is told by the state.
                let token = graph.http().token().await.ok();
                let due = token.and_then(|token| token.expires()?.checked_sub(EARLY).ok());
                let left = due.map(|due| Duration::try_from(due.duration_since(graph.http().clock.now())));
                wait = left.map_or(EVERY, |left| left.unwrap_or_default().clamp(SOONEST, EVERY));
            }
        }))
    }
}

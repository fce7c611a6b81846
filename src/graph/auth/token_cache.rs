//! Keeps a token until shortly before its end, and has one caller at a time fetch the next.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::Mutex as Turn;

use crate::clock::Clock;
use crate::domain::fault::FaultKind;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::auth::Token;
use crate::graph::error::GraphError;

/// How long before its end a token is replaced.
pub(in crate::graph) const EARLY: SignedDuration = SignedDuration::from_mins(5);
/// How long a token that is good yet is used on after the next one could not be had.
const USED_ON: SignedDuration = SignedDuration::from_secs(30);

/// The token of one sign-in.
pub(super) struct TokenCache {
    clock: Arc<dyn Clock>,
    cached: Mutex<Option<CachedToken>>,
    /// Only one asks at a time; who waited finds the token that the first one got.
    turn: Turn<()>,
}

struct CachedToken {
    token: Token,
    /// Until when it is given out without trying for another.
    good_until: Timestamp,
}

impl TokenCache {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, cached: Mutex::new(None), turn: Turn::new(()) }
    }

    /// The token, replaced by `renew` where it ends soon. When the service cannot be reached for that, one that has not
    /// ended is used on.
    pub(super) async fn get<F>(&self, renew: impl FnOnce() -> F) -> Result<Token, GraphError>
    where
        F: Future<Output = Result<Token, GraphError>>,
    {
        if let Some(token) = self.good() {
            return Ok(token);
        }
        let _turn = self.turn.lock().await;
        if let Some(token) = self.good() {
            return Ok(token);
        }
        match renew().await {
            Ok(token) => {
                self.keep(token.clone());
                Ok(token)
            }
            Err(error) if passes(error.kind()) => self.use_on().ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// Keeps a token that came otherwise.
    pub(super) fn keep(&self, token: Token) {
        let good_until = token.expires().map_or(Timestamp::MAX, |end| end.checked_sub(EARLY).unwrap_or(Timestamp::MIN));
        *self.cached() = Some(CachedToken { token, good_until });
    }

    /// The next token has to be fresh, unless this one was replaced already.
    pub(super) fn forget(&self, refused: &Token) {
        if let Some(cached) = self.cached().as_mut().filter(|cached| cached.token.is(refused)) {
            cached.good_until = Timestamp::MIN;
        }
    }

    fn good(&self) -> Option<Token> {
        let now = self.clock.now();
        self.cached().as_ref().filter(|cached| now < cached.good_until).map(|cached| cached.token.clone())
    }

    fn use_on(&self) -> Option<Token> {
        let now = self.clock.now();
        let mut guard = self.cached();
        let cached = guard.as_mut().filter(|cached| cached.token.expires().is_some_and(|end| now < end))?;
        let until = now.checked_add(USED_ON).unwrap_or(Timestamp::MAX);
        cached.good_until = cached.token.expires().map_or(until, |end| until.min(end));
        Some(cached.token.clone())
    }

    fn cached(&self) -> MutexGuard<'_, Option<CachedToken>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether asking again later may help without anybody signing in.
fn passes(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Unreachable | FaultKind::Throttled | FaultKind::Service | FaultKind::Malformed)
}

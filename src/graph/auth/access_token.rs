//! Sign-in with a token that the operator brings along; it cannot be renewed.

use std::future::ready;
use std::sync::Arc;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::clock::Clock;
use crate::domain::fault::FaultKind;
use crate::domain::fault::SignInFault;
use crate::graph::auth::Identity;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::error::GraphError;

/// A token given from outside, such as `SKUFERRY_ACCESS_TOKEN`. When it expires, Graph's refusal says so.
pub struct AccessToken {
    token: Token,
    /// By which its end is told before Graph tells it.
    clock: Option<Arc<dyn Clock>>,
}

impl AccessToken {
    /// Takes the token, without the white space that copying leaves round it.
    #[expect(clippy::needless_pass_by_value, reason = "a secret is handed over, not lent")]
    pub fn new(secret: SecretString) -> Self {
        let token = Token::new(secret.expose_secret().trim().into(), None);
        let expires = Identity::of(&token).and_then(|identity| identity.expires);
        Self { token: Token { expires, ..token }, clock: None }
    }

    /// Has its end told by this clock.
    #[must_use]
    pub fn ending_by(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }
}

impl TokenSource for AccessToken {
    fn token(&self) -> TokenFuture<'_> {
        let ended = self.clock.as_ref().zip(self.token.expires).is_some_and(|(clock, end)| clock.now() >= end);
        let refused = || GraphError::new(FaultKind::SignIn, SignInFault::TokenEnded);
        Box::pin(ready(if ended { Err(refused()) } else { Ok(self.token.clone()) }))
    }

    fn forget(&self, _refused: &Token) {}
}

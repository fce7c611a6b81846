//! Sign-in with a token that the operator brings along; it cannot be renewed.

use std::future::ready;

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;

/// A token given from outside, such as `SKUFERRY_ACCESS_TOKEN`. When it expires, Graph's refusal says so.
#[derive(Debug)]
pub struct AccessToken(Token);

impl AccessToken {
    /// Takes the token, without the white space that copying leaves round it.
    #[expect(clippy::needless_pass_by_value, reason = "a secret is handed over, not lent")]
    pub fn new(secret: SecretString) -> Self {
        Self(Token::new(secret.expose_secret().trim().into(), None))
    }
}

impl TokenSource for AccessToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(ready(Ok(self.0.clone())))
    }

    fn forget(&self, _refused: &Token) {}
}

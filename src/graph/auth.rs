//! Signing in: a source of tokens, and one file for each method.

use std::fmt;
use std::pin::Pin;

use secrecy::ExposeSecret;
use secrecy::SecretString;

pub use crate::domain::sign_in_prompt::Prompt;
use crate::domain::time::Timestamp;
use crate::graph::error::GraphError;

mod access_token;
mod azure_cli;
mod certificate;
mod client_secret;
mod entra;
mod exchange;
mod grant;
mod identity;
mod loopback;
mod opener;
mod refused;
mod secret_variables;
mod token_cache;
mod user_sign_in;

pub use access_token::AccessToken;
pub use azure_cli::AzureCli;
pub use certificate::Certificate;
pub use certificate::ClientCertificate;
pub use client_secret::ClientSecret;
pub use identity::Identity;
pub use loopback::Landing;
pub use loopback::LandingPage;
pub use opener::can_open_browser;
pub use opener::open_browser;
pub use secret_variables::ACCESS_TOKEN;
pub use secret_variables::CLIENT_SECRET;
pub use secret_variables::without_secrets;
pub(in crate::graph) use token_cache::EARLY;
pub use user_sign_in::UserSignIn;
pub use user_sign_in::Way;

/// A bearer token. Its `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    expires: Option<Timestamp>,
}

impl Token {
    /// A token and, where it is known, when it expires.
    pub fn new(secret: SecretString, expires: Option<Timestamp>) -> Self {
        Self { secret, expires }
    }

    /// The token itself; it goes into the `Authorization` header and nowhere else.
    pub fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// When it expires, where that is known.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Whether the other is the very same token.
    pub fn is(&self, other: &Self) -> bool {
        self.secret() == other.secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// What [`TokenSource::token`] gives.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Token, GraphError>> + Send + 'a>>;

/// Told what to put before the operator.
pub type Show<'a> = &'a (dyn Fn(Prompt) + Send + Sync);

/// Where tokens come from. Sources keep a token until shortly before it expires.
pub trait TokenSource: Send + Sync {
    /// A token that is good for now, without asking anybody.
    fn token(&self) -> TokenFuture<'_>;

    /// Graph refused this token: unless it was replaced already, the next one has to be fresh.
    fn forget(&self, refused: &Token);

    /// Whether somebody has to sign in before there is a token.
    fn asks_operator(&self) -> bool {
        false
    }

    /// Whether a token is followed by another without anybody's doing.
    fn renews(&self) -> bool {
        true
    }

    /// Signs in anew. Where that takes the operator, `show` is told what to put before them; dropping the future cancels it.
    fn sign_in<'a>(&'a self, show: Show<'a>) -> TokenFuture<'a> {
        let _ = show;
        self.token()
    }
}

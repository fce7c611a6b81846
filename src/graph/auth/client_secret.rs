//! Sign-in of an application with a client secret.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::sync::Mutex as Turn;

use crate::clock::Clock;
use crate::domain::time::SignedDuration;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::auth::entra::Entra;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;

/// How long before its end a token is replaced.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// The client credentials flow (Microsoft identity platform, "OAuth 2.0 client credentials flow").
pub struct ClientSecret {
    entra: Entra,
    scope: String,
    client_id: String,
    secret: SecretString,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Token>>,
    /// Only one asks at a time; who waited finds the token that the first one got.
    turn: Turn<()>,
}

impl ClientSecret {
    /// Prepares the sign-in; nothing is sent yet.
    ///
    /// # Errors
    /// When the tenant is neither a GUID nor a domain name, or no TLS client can be made.
    pub fn new(
        endpoints: &Endpoints,
        tenant: &str,
        client_id: &str,
        secret: SecretString,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        Ok(Self {
            entra: Entra::new(endpoints, tenant, Arc::clone(&clock))?,
            scope: format!("{}/.default", endpoints.graph_root()),
            client_id: client_id.to_owned(),
            secret,
            clock,
            kept: Mutex::new(None),
            turn: Turn::new(()),
        })
    }

    fn kept(&self) -> Option<Token> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let good_until = kept.expires().and_then(|end| end.checked_sub(EARLY).ok());
        good_until.is_some_and(|end| self.clock.now() < end).then_some(kept)
    }

    async fn get(&self) -> Result<Token, GraphError> {
        if let Some(kept) = self.kept() {
            return Ok(kept);
        }
        let _turn = self.turn.lock().await;
        if let Some(kept) = self.kept() {
            return Ok(kept);
        }
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.secret.expose_secret()),
            ("scope", &self.scope),
        ];
        let asked = self.clock.now();
        let grant = self.entra.grant(&form, self.secret.expose_secret()).await?;
        let token = Token::new(grant.access_token, asked.checked_add(grant.expires_in).ok());
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }
}

impl TokenSource for ClientSecret {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.get())
    }

    fn forget(&self, refused: &Token) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|token| token.is(refused)) {
            *kept = None;
        }
    }
}

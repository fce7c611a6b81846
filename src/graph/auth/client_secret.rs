//! Sign-in of an application with a client secret.

use std::sync::Arc;

use oauth2::Scope;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::clock::Clock;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::auth::entra::Entra;
use crate::graph::auth::exchange::Exchange;
use crate::graph::auth::token_cache::TokenCache;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;

/// The client credentials flow (Microsoft identity platform, "OAuth 2.0 client credentials flow").
pub struct ClientSecret {
    entra: Entra,
    secret: SecretString,
    cache: TokenCache,
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
        let cache = TokenCache::new(Arc::clone(&clock));
        Ok(Self { entra: Entra::new(endpoints, tenant, client_id, clock)?, secret, cache })
    }

    async fn renew(&self) -> Result<Token, GraphError> {
        let secret = self.secret.expose_secret();
        let exchange = Exchange::new(&self.entra.line, &[secret]);
        let client = self.entra.client.clone().set_client_secret(oauth2::ClientSecret::new(secret.to_owned()));
        let asked = self.entra.now();
        let request = client.exchange_client_credentials().add_scope(Scope::new(self.entra.scope.clone()));
        let answered = request.request_async(&exchange).await;
        Ok(exchange.grant(answered)?.token(asked))
    }
}

impl TokenSource for ClientSecret {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.cache.get(|| self.renew()))
    }

    fn forget(&self, refused: &Token) {
        self.cache.forget(refused);
    }
}

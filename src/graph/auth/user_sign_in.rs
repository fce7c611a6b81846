//! Sign-in of a person: once by browser or code, then by the refresh token that came with it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use oauth2::AuthorizationCode;
use oauth2::CsrfToken;
use oauth2::PkceCodeChallenge;
use oauth2::RedirectUrl;
use oauth2::RefreshToken;
use oauth2::Scope;
use oauth2::StandardDeviceAuthorizationResponse;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::clock::Clock;
use crate::domain::fault::FaultKind;
use crate::domain::fault::SignInFault;
use crate::domain::time::Timestamp;
use crate::graph::auth::Prompt;
use crate::graph::auth::Show;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::auth::entra::Entra;
use crate::graph::auth::exchange::Exchange;
use crate::graph::auth::grant::Grant;
use crate::graph::auth::loopback::Landing;
use crate::graph::auth::loopback::LandingPage;
use crate::graph::auth::loopback::Loopback;
use crate::graph::auth::token_cache::TokenCache;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;
use crate::graph::text;

/// How long a browser may take to come back.
const PATIENCE: Duration = Duration::from_mins(15);

/// How a person signs in.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// In a browser of this machine.
    Browser {
        /// Opens a page there and says whether it could.
        open: fn(&str) -> bool,
        /// What the page says to which the browser comes back.
        landing: fn(Landing) -> LandingPage,
    },
    /// With a code, in any browser.
    DeviceCode,
}

/// The sign-in of a person (Microsoft identity platform, "OAuth 2.0 authorization code flow" with PKCE, "OAuth 2.0 device
/// authorization grant flow").
pub struct UserSignIn {
    entra: Entra,
    way: Way,
    cache: TokenCache,
    /// What the next token is fetched with.
    refresh: Mutex<Refresh>,
}

/// What the next token is fetched with, or why there is nothing to fetch it with.
#[derive(Default)]
enum Refresh {
    /// Nobody has signed in yet.
    #[default]
    None,
    /// With this.
    With(SecretString),
    /// It was refused for good: somebody has to sign in.
    Refused(GraphError),
}

impl UserSignIn {
    /// Prepares the sign-in; nothing is sent yet.
    ///
    /// # Errors
    /// When the tenant is neither a GUID nor a domain name, or no TLS client can be made.
    pub fn new(
        endpoints: &Endpoints,
        tenant: &str,
        client_id: &str,
        way: Way,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let cache = TokenCache::new(Arc::clone(&clock));
        let entra = Entra::new(endpoints, tenant, client_id, clock)?;
        Ok(Self { entra, way, cache, refresh: Mutex::default() })
    }

    fn scopes(&self) -> Vec<Scope> {
        let scopes = [self.entra.scope.as_str(), "offline_access", "openid", "profile"];
        scopes.into_iter().map(|scope| Scope::new(scope.to_owned())).collect()
    }

    fn refresh(&self) -> MutexGuard<'_, Refresh> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh_token(&self) -> Result<SecretString, GraphError> {
        match &*self.refresh() {
            Refresh::With(secret) => Ok(secret.clone()),
            Refresh::Refused(error) => Err(error.clone()),
            Refresh::None => Err(GraphError::new(FaultKind::SignIn, SignInFault::Nobody)),
        }
    }

    /// Keeps what was granted. A refresh token that comes without a new one stays good.
    fn keep(&self, grant: Grant, asked: Timestamp) -> Token {
        let token = grant.token(asked);
        if let Some(next) = grant.refresh_token {
            *self.refresh() = Refresh::With(next);
        }
        token
    }

    /// The next token, without asking anybody.
    async fn renew(&self) -> Result<Token, GraphError> {
        let refresh = self.refresh_token()?;
        let secret = refresh.expose_secret();
        let exchange = Exchange::new(&self.entra.line, &[secret]);
        let asked = self.entra.now();
        let given = RefreshToken::new(secret.to_owned());
        let request = self.entra.client.exchange_refresh_token(&given).add_scopes(self.scopes());
        let answered = request.request_async(&exchange).await;
        let granted = exchange.grant(answered).inspect_err(|error| {
            // Asking again would be refused again; whoever signs in brings another one.
            if error.kind() == FaultKind::SignIn && error.fault().status.is_some() {
                *self.refresh() = Refresh::Refused(error.clone());
            }
        });
        Ok(self.keep(granted?, asked))
    }

    async fn ask(&self, show: Show<'_>) -> Result<Token, GraphError> {
        let (grant, asked) = match self.way {
            Way::Browser { open, landing } => self.by_browser(open, landing, show).await?,
            Way::DeviceCode => self.by_code(show).await?,
        };
        let token = self.keep(grant, asked);
        self.cache.keep(token.clone());
        Ok(token)
    }

    async fn by_browser(
        &self,
        open: fn(&str) -> bool,
        landing: fn(Landing) -> LandingPage,
        show: Show<'_>,
    ) -> Result<(Grant, Timestamp), GraphError> {
        let refuse = |why: SignInFault| GraphError::new(FaultKind::SignIn, why);
        let state = CsrfToken::new_random();
        let loopback = Loopback::listen(SecretString::from(state.secret().clone()), landing).await;
        let loopback = loopback.map_err(|why| refuse(SignInFault::NoPort(why.to_string())))?;
        let port = loopback.port();
        let back = RedirectUrl::new(format!("http://localhost:{port}"))
            .map_err(|why| GraphError::new(FaultKind::SignIn, why.to_string()))?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.entra.client.clone().set_redirect_uri(back);
        let (address, _) = client
            .authorize_url(|| state)
            .add_scopes(self.scopes())
            .set_pkce_challenge(challenge)
            .add_extra_param("prompt", "select_account")
            .url();
        let address = String::from(address);
        show(Prompt::Browser { address: address.clone(), port, opened: false });
        let page = address.clone();
        if tokio::task::spawn_blocking(move || open(&page)).await.unwrap_or(false) {
            show(Prompt::Browser { address, port, opened: true });
        }
        let came = tokio::time::timeout(PATIENCE, loopback.code()).await;
        let came = came.map_err(|_| refuse(SignInFault::NobodyInTime))?;
        let code = came.ok_or_else(|| refuse(SignInFault::NoBrowser))??;
        let exchange = Exchange::new(&self.entra.line, &[code.expose_secret(), verifier.secret()]);
        let asked = self.entra.now();
        let code = AuthorizationCode::new(code.expose_secret().to_owned());
        let answered = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&exchange).await;
        Ok((exchange.grant(answered)?, asked))
    }

    async fn by_code(&self, show: Show<'_>) -> Result<(Grant, Timestamp), GraphError> {
        let first = Exchange::new(&self.entra.line, &[]);
        let begun = self.entra.now();
        let answered = self.entra.client.exchange_device_code().add_scopes(self.scopes()).request_async(&first).await;
        let device: StandardDeviceAuthorizationResponse = first.answer(answered)?;
        let until = begun.checked_add(device.expires_in()).unwrap_or(Timestamp::MAX);
        let (code, page) = (text::plain(device.user_code().secret()), text::plain(device.verification_uri()));
        show(Prompt::DeviceCode { code, page, until });
        let exchange = Exchange::polls(&self.entra.line, &[device.device_code().secret()]);
        // It asks at once, which is too early: nobody can have entered the code yet.
        tokio::time::sleep(device.interval()).await;
        let request = self.entra.client.exchange_device_access_token(&device);
        let polls = pin!(request.request_async(&exchange, tokio::time::sleep, None));
        let answered = polls.await;
        let late = answered.is_err() && self.entra.now() >= until;
        let asked = self.entra.now();
        let granted = exchange.grant(answered);
        let unexplained = |error: &GraphError| error.fault().message.sign_in_cause().is_none();
        let granted = granted.map_err(|error| {
            if late && unexplained(&error) {
                GraphError::new(FaultKind::SignIn, SignInFault::CodeExpired)
            } else {
                error
            }
        });
        Ok((granted?, asked))
    }
}

impl TokenSource for UserSignIn {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.cache.get(|| self.renew()))
    }

    fn forget(&self, refused: &Token) {
        self.cache.forget(refused);
    }

    fn asks_operator(&self) -> bool {
        true
    }

    fn sign_in<'a>(&'a self, show: Show<'a>) -> TokenFuture<'a> {
        Box::pin(self.ask(show))
    }
}

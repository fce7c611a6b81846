//! The endpoints of one tenant at Microsoft Entra, as the OAuth library wants them.

use std::sync::Arc;
use std::sync::Mutex;

use oauth2::AuthType;
use oauth2::AuthUrl;
use oauth2::ClientId;
use oauth2::DeviceAuthorizationUrl;
use oauth2::EndpointNotSet;
use oauth2::EndpointSet;
use oauth2::TokenUrl;
use oauth2::basic::BasicClient;
use reqwest::Url;

use crate::clock::Clock;
use crate::domain::fault::FaultKind;
use crate::domain::time::Timestamp;
use crate::graph::auth::exchange::Line;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;
use crate::graph::http;

/// The library's client with the endpoints that Entra has.
pub(super) type Client = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// One application at one tenant's sign-in.
pub(super) struct Entra {
    pub(super) line: Line,
    pub(super) client: Client,
    /// The token endpoint, which assertions are addressed to.
    pub(super) token_url: String,
    /// Every permission of Graph that the registration has (Microsoft identity platform, "Scopes and permissions",
    /// `.default`), so that the registration alone says how much that is.
    pub(super) scope: String,
}

impl Entra {
    pub(super) fn new(
        endpoints: &Endpoints,
        tenant: &str,
        client_id: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let named = tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        if !named || !tenant.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return Err(GraphError::new(FaultKind::SignIn, "the tenant is a GUID or a domain name"));
        }
        let at = |path: &str| format!("{}/{tenant}/oauth2/v2.0/{path}", endpoints.login_root());
        let wrong = |why: String| GraphError::new(FaultKind::SignIn, why);
        let token_url = at("token");
        let url = Url::parse(&token_url).map_err(|why| wrong(why.to_string()))?;
        let client = BasicClient::new(ClientId::new(client_id.to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(at("authorize")).map_err(|why| wrong(why.to_string()))?)
            .set_device_authorization_url(
                DeviceAuthorizationUrl::new(at("devicecode")).map_err(|why| wrong(why.to_string()))?,
            )
            .set_token_uri(TokenUrl::new(token_url.clone()).map_err(|why| wrong(why.to_string()))?);
        let line = Line { client: http::client(&url, endpoints.authorities())?, clock, held_until: Mutex::default() };
        Ok(Self { line, client, token_url, scope: format!("{}/.default", endpoints.graph_root()) })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.line.clock.now()
    }
}

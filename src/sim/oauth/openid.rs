//! What a client library asks before it signs in: where the endpoints are and whose they are.
use serde_json::{Value, json};

use crate::sim::ask::Ask;
use crate::sim::oauth::No;
use crate::sim::token;
use crate::sim::world::World;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
#[expect(clippy::unnecessary_wraps, reason = "all endpoints of the service have one shape")]
pub(super) fn configuration(world: &mut World, ask: &Ask) -> Result<Value, No> {
    let tenant = ask.path.split('/').find(|part| !part.is_empty()).unwrap_or("common");
    let at = |path: &str| format!("{}/{tenant}/{path}", ask.base);
    Ok(json!({
        "issuer": format!("{}/{}/v2.0", ask.base, world.tenant.id),
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "token_endpoint": at("oauth2/v2.0/token"),
        "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
        "end_session_endpoint": at("oauth2/v2.0/logout"),
        "jwks_uri": at("discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver"],
        "request_uri_parameter_supported": false,
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": ask.base.split("://").nth(1).unwrap_or_default(),
    }))
}

/// `GET /{tenant}/discovery/v2.0/keys`: what tokens can be checked by.
#[expect(clippy::unnecessary_wraps, reason = "all endpoints of the service have one shape")]
pub(super) fn keys(world: &mut World, ask: &Ask) -> Result<Value, No> {
    Ok(token::key_set(&format!("{}/{}/v2.0", ask.base, world.tenant.id)))
}

/// `GET /common/discovery/instance`: this host is all there is.
#[expect(clippy::unnecessary_wraps, reason = "all endpoints of the service have one shape")]
pub(super) fn instance(world: &mut World, ask: &Ask) -> Result<Value, No> {
    let host = ask.base.split("://").nth(1).unwrap_or_default();
    Ok(json!({
        "tenant_discovery_endpoint": format!("{}/{}/v2.0/.well-known/openid-configuration", ask.base, world.tenant.id),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    }))
}

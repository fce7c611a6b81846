//! Signing in, from what the configuration and the environment say.

mod ask;

use std::env;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;
use uuid::Uuid;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::hosts::Confirmed;
use crate::clock::Clock;
use crate::config;
use crate::config::AuthMethod;
use crate::config::Config;
use crate::domain::fault::Fault;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::GraphError;
use crate::graph::Identity;
use crate::graph::TokenSource;
use crate::graph::auth;
use crate::graph::auth::ACCESS_TOKEN;
use crate::graph::auth::AccessToken;
use crate::graph::auth::AzureCli;
use crate::graph::auth::CLIENT_SECRET;
use crate::graph::auth::Certificate;
use crate::graph::auth::ClientCertificate;
use crate::graph::auth::ClientSecret;
use crate::graph::auth::UserSignIn;
use crate::graph::auth::Way;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// What stands in for the environment, so that the demo needs none.
pub(super) struct Secrets {
    client_secret: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl Secrets {
    /// From the environment, the only place where secrets may come from.
    pub(super) fn from_env() -> Self {
        // What reads a file into a variable likes to leave the line's end in it, and no secret ends so.
        let read = |name: &str| env::var(name).ok().and_then(|value| secret(&value));
        Self { client_secret: read(CLIENT_SECRET), access_token: read(ACCESS_TOKEN) }
    }

    /// For the simulated tenant of the demo, which takes any secret.
    pub(super) fn demo() -> Self {
        Self { client_secret: Some(SecretString::from("demo")), access_token: None }
    }
}

/// A secret as a variable has it, without a line end after it; `None` when nothing is left.
fn secret(value: &str) -> Option<SecretString> {
    let value = value.trim_end_matches(['\r', '\n']);
    (!value.is_empty()).then(|| SecretString::from(value))
}

/// Where Graph and the sign-in are, and whom to trust beside the system's authorities.
pub(super) fn endpoints(config: &Config) -> Result<Endpoints, Failure> {
    let usual = Endpoints::of(config.tenant.cloud).map_err(refused)?;
    let graph = config.tenant.graph_url.as_deref().unwrap_or(usual.graph_root());
    let login = config.tenant.login_url.as_deref().unwrap_or(usual.login_root());
    let endpoints = Endpoints::custom(graph, login).map_err(refused)?;
    let Some(file) = &config.tenant.ca_file else { return Ok(endpoints) };
    let pem = config::bytes_of(file)?;
    endpoints.trusting(&pem).map_err(|error| {
        let what = say("error-cli-ca-file", &[("path", file.display().to_string().into())]);
        let action = phrase("error-cli-ca-file-action");
        Failure::new(Exit::Usage, what, words::fault::message(&error.fault().message), action)
    })
}

/// Signs in as the configuration says, asking the operator where that takes one. Gives the client, and who is signed in where
/// the token tells.
pub(super) async fn sign_in(
    config: &Config,
    at: Confirmed,
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<(Graph, Option<Identity>), Failure> {
    let graph = client(config, at, secrets, clock)?;
    if graph.asks_operator() {
        ask::ask(&graph, config, clock).await?;
    }
    let identity = identified(&graph, config).await?;
    Ok((graph, identity))
}

/// A client that signs in as the configuration says. Nothing is sent yet.
pub(super) fn client(
    config: &Config,
    at: Confirmed,
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Graph, Failure> {
    let endpoints = at.into_endpoints();
    let tokens = tokens(config, &endpoints, secrets, clock)?;
    Graph::new(endpoints, tokens, clock.clone()).map_err(refused)
}

/// Who is signed in, where the token tells; refused when it is surely for another tenant than the configured one.
pub(super) async fn identified(graph: &Graph, config: &Config) -> Result<Option<Identity>, Failure> {
    let identity = graph.identity().await.map_err(refused)?;
    if let Some(other) = other_tenant(&config.tenant.id, identity.as_ref()) {
        let configured = config.tenant.id.as_str().into();
        let why = say("error-cli-other-tenant", &[("other", other.into()), ("configured", configured)]);
        let action = phrase("error-cli-other-tenant-action");
        return Err(Failure::new(Exit::SignIn, phrase("error-cli-sign-in"), why, action));
    }
    Ok(identity)
}

/// The tenant of a token that is surely not the configured one. A domain name cannot be compared with an id.
fn other_tenant<'a>(configured: &str, identity: Option<&'a Identity>) -> Option<&'a str> {
    let configured: Uuid = configured.parse().ok()?;
    let told = identity?.tenant_id.as_deref()?;
    (told.parse::<Uuid>().ok() != Some(configured)).then_some(told)
}

/// The way to sign in that the configuration names. Nothing is sent yet.
fn tokens(
    config: &Config,
    endpoints: &Endpoints,
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let missing = |variable: &str| {
        Failure::new(
            Exit::SignIn,
            phrase("error-cli-sign-in"),
            say("error-cli-variable", &[("variable", variable.into())]),
            say("error-cli-variable-action", &[("variable", variable.into())]),
        )
    };
    let (tenant, client) = (&config.tenant.id, config.auth.client_id.as_deref().unwrap_or_default());
    let clock = Arc::clone(clock);
    Ok(match config.auth.method {
        AuthMethod::AccessToken => {
            let token = secrets.access_token.ok_or_else(|| missing(ACCESS_TOKEN))?;
            Arc::new(AccessToken::new(token).ending_by(clock))
        }
        AuthMethod::ClientSecret => {
            let secret = secrets.client_secret.ok_or_else(|| missing(CLIENT_SECRET))?;
            Arc::new(ClientSecret::new(endpoints, tenant, client, secret, clock).map_err(refused)?)
        }
        AuthMethod::ClientCertificate => {
            let file = config.auth.certificate.as_deref().unwrap_or(Path::new(""));
            let pem = config::bytes_of(file)?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| {
                let what = say("error-cli-certificate", &[("path", file.display().to_string().into())]);
                let action = phrase("error-cli-certificate-action");
                Failure::new(Exit::Usage, what, words::fault::message(&error.fault().message), action)
            })?;
            Arc::new(ClientCertificate::new(endpoints, tenant, client, certificate, clock).map_err(refused)?)
        }
        AuthMethod::AzureCli => Arc::new(AzureCli::new(endpoints, tenant, AzureCli::program(), clock)),
        AuthMethod::Browser => {
            let way = Way::Browser { open: auth::open_browser, landing: words::sign_in::landing };
            Arc::new(UserSignIn::new(endpoints, tenant, client, way, clock).map_err(refused)?)
        }
        AuthMethod::DeviceCode => {
            Arc::new(UserSignIn::new(endpoints, tenant, client, Way::DeviceCode, clock).map_err(refused)?)
        }
    })
}

/// A call that failed, told to the admin.
pub(super) fn refused(error: GraphError) -> Failure {
    Fault::into(error.into_fault())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_line_end_after_a_secret_is_no_part_of_it() {
        for value in ["s3cr3t", "s3cr3t\n", "s3cr3t\r\n"] {
            assert_eq!(secret(value).unwrap().expose_secret(), "s3cr3t");
        }
        assert!(secret("").is_none() && secret("\r\n").is_none());
    }
}

//! From a configuration to a tenant that answers: sign in, read the SKUs, resolve what the file names.

use std::env;
use std::sync::Arc;

use secrecy::SecretString;
use uuid::Uuid;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::clock::Clock;
use crate::config::AuthMethod;
use crate::config::Config;
use crate::config::End;
use crate::config::UsersFrom;
use crate::config::users;
use crate::config::users::Who;
use crate::domain::event::RunInfo;
use crate::domain::fault::Fault;
use crate::domain::id::RunId;
use crate::domain::id::SkuId;
use crate::domain::preflight::Listed;
use crate::domain::preflight::PassedOver;
use crate::domain::products;
use crate::domain::route::Route;
use crate::domain::route::Side;
use crate::domain::sku;
use crate::domain::sku::Skus;
use crate::engine::plan::Plan;
use crate::engine::plan::Users;
use crate::engine::plan::name_side;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::GraphError;
use crate::graph::TokenSource;
use crate::graph::UserKey;
use crate::graph::auth::AccessToken;
use crate::graph::auth::ClientSecret;

/// Where a client secret comes from.
const SECRET: &str = "SKUFERRY_CLIENT_SECRET";
/// Where an access token comes from.
const TOKEN: &str = "SKUFERRY_ACCESS_TOKEN";

/// A tenant that has answered.
pub(super) struct Tenant {
    pub(super) graph: Graph,
    pub(super) plan: Plan,
    pub(super) operator: String,
    /// As whom the token says that we are signed in.
    pub(super) account: Option<String>,
    pub(super) name: Option<String>,
    pub(super) skus: Skus,
}

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
        Self { client_secret: read(SECRET), access_token: read(TOKEN) }
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

/// Reads the list of users, before anything is asked of the tenant; with the rows of it that name nobody.
pub(super) fn listed(config: &Config) -> Result<(Users, Vec<PassedOver>), Failure> {
    let UsersFrom::File(path) = &config.migration.users else { return Ok((Users::SourceGroup, Vec::new())) };
    let list = users::load(path)?;
    Ok((keyed(list.users), list.passed_over))
}

/// Says of each line whether it names a user, and how.
pub(super) fn keyed(list: Vec<Listed>) -> Users {
    let keyed = list.into_iter().map(|listed| {
        let key = match users::classify(&listed.given) {
            Who::Id(id) => Some(UserKey::Id(id)),
            Who::Upn(upn) => Some(UserKey::Upn(upn)),
            Who::Malformed => None,
        };
        (listed, key)
    });
    Users::List(keyed.collect())
}

/// Signs in and reads what a run needs before it can begin.
pub(super) async fn connect(
    config: &Config,
    (users, passed_over): (Users, Vec<PassedOver>),
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Tenant, Failure> {
    let endpoints = endpoints(config)?;
    let tokens = tokens(config, &endpoints, secrets, clock)?;
    let graph = Graph::new(endpoints, tokens, clock.clone()).map_err(refused)?;
    let identity = graph.identity().await.map_err(refused)?;
    let skus = graph.skus().await.map_err(refused)?;
    let name = graph.organization_name().await.map_err(refused)?;
    let (source, target) = (&config.migration.source, &config.migration.target);
    let route = Route { source: side(source, &skus, &graph).await?, target: side(target, &skus, &graph).await? };
    let accept_losses = config.migration.accept_losses.clone();
    let plan = Plan { route, choice: config.migration.scenario, accept_losses, users, passed_over };
    let person = env::var("USER").or_else(|_| env::var("USERNAME")).ok().filter(|name| !name.is_empty());
    let person = person.unwrap_or_else(|| "an operator".into());
    let account = identity.map(|identity| identity.name);
    let operator = account.as_ref().map_or_else(|| person.clone(), |account| format!("{person} as {account}"));
    Ok(Tenant { graph, plan, operator, account, name, skus })
}

/// The first record of a new run.
pub(super) fn run_info(config: &Config, tenant: &Tenant) -> RunInfo {
    RunInfo {
        id: RunId(Uuid::now_v7()),
        name: config.migration.name.clone(),
        tenant: config.tenant.id.clone(),
        route: tenant.plan.route.clone(),
        choice: config.migration.scenario,
        settings: config.settings,
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

pub(super) fn refused(error: GraphError) -> Failure {
    Fault::into(error.into_fault())
}

fn endpoints(config: &Config) -> Result<Endpoints, Failure> {
    let usual = Endpoints::of(config.tenant.cloud).map_err(refused)?;
    let graph = config.tenant.graph_url.as_deref().unwrap_or(usual.graph_root());
    let login = config.tenant.login_url.as_deref().unwrap_or(usual.login_root());
    Endpoints::custom(graph, login).map_err(refused)
}

fn tokens(
    config: &Config,
    endpoints: &Endpoints,
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn TokenSource>, Failure> {
    let missing = |variable: &str| {
        let why = format!("the environment variable {variable} is not set");
        Failure::new(
            Exit::SignIn,
            "signing in failed",
            why,
            format!("Set {variable} for this session only, then try again."),
        )
    };
    let unbuilt = |method: &str| {
        let why = format!("the sign-in method {method} is not built yet in this version of skuferry");
        Failure::new(
            Exit::SignIn,
            "signing in failed",
            why,
            "Use method = \"client-secret\" or \"access-token\" in [auth].",
        )
    };
    match config.auth.method {
        AuthMethod::AccessToken => {
            let token = secrets.access_token.ok_or_else(|| missing(TOKEN))?;
            Ok(Arc::new(AccessToken::new(token)))
        }
        AuthMethod::ClientSecret => {
            let secret = secrets.client_secret.ok_or_else(|| missing(SECRET))?;
            let client = config.auth.client_id.as_deref().unwrap_or_default();
            let source = ClientSecret::new(endpoints, &config.tenant.id, client, secret, clock.clone());
            Ok(Arc::new(source.map_err(refused)?))
        }
        AuthMethod::DeviceCode => Err(unbuilt("device-code")),
        AuthMethod::ClientCertificate => Err(unbuilt("client-certificate")),
        AuthMethod::AzureCli => Err(unbuilt("azure-cli")),
    }
}

/// One end by the names that are known. A SKU that the tenant does not have keeps an id, so that preflight can name it;
/// one of several that the group does not tell apart has none.
async fn side(end: &End, skus: &Skus, graph: &Graph) -> Result<Side, Failure> {
    let named = &end.sku;
    let here: Vec<SkuId> = skus.iter().filter(|sku| named.matches(sku)).map(|sku| sku.id).collect();
    let sku = match here.as_slice() {
        [] => named.id().or_else(|| products::by_part_number(named.part_number())),
        [only] => Some(*only),
        several => sku::meant(several, graph.group(end.group).await.map_err(refused)?.as_ref()),
    };
    let mut side = Side {
        group: end.group,
        group_name: end.group.to_string(),
        sku: sku.unwrap_or(SkuId(Uuid::nil())),
        sku_name: named.as_str().to_owned(),
        part_number: named.part_number().to_owned(),
    };
    name_side(&mut side, skus);
    Ok(side)
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

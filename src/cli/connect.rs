//! From a configuration to a tenant that answers: sign in, read the SKUs, resolve what the file names.

use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::hosts::Confirmed;
use crate::cli::operator;
use crate::cli::sign_in;
use crate::cli::sign_in::Secrets;
pub(super) use crate::cli::sign_in::refused;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::End;
use crate::config::UsersFrom;
use crate::config::users;
use crate::config::users::Who;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::id::SkuId;
use crate::domain::permission;
use crate::domain::preflight::Listed;
use crate::domain::preflight::PassedOver;
use crate::domain::products;
use crate::domain::route::Route;
use crate::domain::route::Side;
use crate::domain::shared_text::SharedText;
use crate::domain::sku;
use crate::domain::sku::Skus;
use crate::engine::plan::Plan;
use crate::engine::plan::Users;
use crate::engine::plan::name_side;
use crate::graph::Graph;
use crate::graph::Identity;
use crate::graph::UserKey;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// A tenant that has answered.
pub(super) struct Tenant {
    pub(super) graph: Graph,
    pub(super) plan: Plan,
    pub(super) operator: String,
    /// As whom the token says that we are signed in.
    pub(super) account: Option<String>,
    pub(super) name: Option<String>,
    /// Its id, where the sign-in told it.
    pub(super) id: Option<String>,
    /// Graph's address, without the version.
    pub(super) graph_url: String,
    pub(super) skus: Skus,
    /// The permission for want of which nothing may be written, when it is known that nothing may.
    pub(super) reads_only: Option<String>,
}

/// Reads the list of users, before anything is asked of the tenant; with the rows of it that name nobody.
pub(super) fn listed(config: &Config) -> Result<(Users, Vec<PassedOver>), Failure> {
    let UsersFrom::File(path) = &config.migration.users else { return Ok((Users::SourceGroup, Vec::new())) };
    let list = users::load(path)?;
    Ok((keyed(list.users), list.passed_over))
}

/// Who makes batch 1, as their list names them. A list of nobody would let everybody else be the pilot.
fn pilot(config: &Config) -> Result<Vec<String>, Failure> {
    let Some(path) = &config.migration.pilot else { return Ok(Vec::new()) };
    let named: Vec<String> = users::load(path)?.users.into_iter().map(|listed| listed.given.into()).collect();
    if named.is_empty() {
        let what = say("error-cli-pilot-empty", &[("path", path.display().to_string().into())]);
        let (why, action) = (phrase("error-cli-pilot-empty-why"), phrase("error-cli-pilot-empty-action"));
        return Err(Failure::new(Exit::Usage, what, why, action));
    }
    Ok(named)
}

/// Says of each line whether it names a user, and how.
pub(super) fn keyed(list: Vec<Listed>) -> Users {
    let keyed = list.into_iter().map(|listed| {
        let key = match users::classify(&listed.given) {
            Who::Id(id) => Some(UserKey::Id(id)),
            Who::Upn(upn) => {
                let mut upn = SharedText::from(upn);
                upn.share(&listed.given);
                Some(UserKey::Upn(upn))
            }
            Who::Malformed => None,
        };
        (listed, key)
    });
    Users::List(keyed.collect())
}

/// Signs in and reads what a run needs before it can begin.
pub(super) async fn connect(
    config: &Config,
    at: Confirmed,
    (users, passed_over): (Users, Vec<PassedOver>),
    secrets: Secrets,
    clock: &Arc<dyn Clock>,
) -> Result<Tenant, Failure> {
    let graph_url = at.graph_root().to_owned();
    let (graph, identity) = sign_in::sign_in(config, at, secrets, clock).await?;
    read(config, SignedIn { graph, identity, graph_url }, (users, passed_over)).await
}

/// Somebody who is signed in.
pub(super) struct SignedIn {
    pub(super) graph: Graph,
    /// Who, where the token tells.
    pub(super) identity: Option<Identity>,
    /// Graph's address, without the version.
    pub(super) graph_url: String,
}

/// Reads what a run needs before it can begin, for who is signed in.
pub(super) async fn read(
    config: &Config,
    SignedIn { graph, identity, graph_url }: SignedIn,
    users: (Users, Vec<PassedOver>),
) -> Result<Tenant, Failure> {
    let skus = graph.skus().await.map_err(refused)?;
    let name = graph.organization_name().await.map_err(refused)?;
    let plan = plan(config, &graph, &skus, users).await?;
    let person = operator::person();
    // Where others change both groups, nothing is written.
    let reads_only = identity.as_ref().and_then(|identity| permission::reads_only(&identity.permissions));
    let reads_only = reads_only.filter(|_| plan.route.is_written());
    let id = identity.as_ref().and_then(|identity| identity.tenant_id.clone());
    let account = identity.map(|identity| identity.name);
    let operator = match &account {
        Some(account) => say("cli-operator", &[("person", person.into()), ("account", account.as_str().into())]),
        None => person,
    };
    Ok(Tenant { graph, plan, operator, account, name, id, graph_url, skus, reads_only })
}

/// What a run sets out to do, as the configuration says.
pub(super) async fn plan(
    config: &Config,
    graph: &Graph,
    skus: &Skus,
    (users, passed_over): (Users, Vec<PassedOver>),
) -> Result<Plan, Failure> {
    let (source, target) = (&config.migration.source, &config.migration.target);
    let route = Route { source: side(source, skus, graph).await?, target: side(target, skus, graph).await? };
    let accept_losses = config.migration.accept_losses.clone();
    let pilot = pilot(config)?;
    Ok(Plan { route, choice: config.migration.scenario, accept_losses, users, passed_over, pilot })
}

/// What a new run is. `file` is its configuration, where it has one that is still there when the run is taken up again.
pub(super) fn run_info(config: &Config, file: Option<&Path>, tenant: &Tenant) -> RunInfo {
    RunInfo {
        id: RunId(Uuid::now_v7()),
        name: words::config::name(&config.migration),
        tenant: config.tenant.id.clone(),
        tenant_id: tenant.id.clone(),
        graph_url: Some(tenant.graph_url.clone()),
        route: tenant.plan.route.clone(),
        choice: config.migration.scenario,
        settings: config.settings,
        version: env!("CARGO_PKG_VERSION").into(),
        config: file.and_then(|file| Some(std::path::absolute(file).ok()?.to_str()?.to_owned())),
        rehearsal: false,
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
        moved_by: end.moved_by,
    };
    name_side(&mut side, skus);
    Ok(side)
}

//! What a run sets out to do, and the reading of all that preflight looks at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::advice::AdviceFacts;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::permission::missing_permissions;
use crate::domain::plan_families::CoreService;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Listed;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::PassedOver;
use crate::domain::products;
use crate::domain::route::Route;
use crate::domain::route::ScenarioChoice;
use crate::domain::route::Side;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::graph::Graph;
use crate::graph::UserKey;
use crate::graph::error::GraphError;

/// How many other groups of the users are looked up by name; beyond that they are shown by id.
const MOST_GROUP_NAMES: usize = 20;

/// Who is to be moved.
#[derive(Clone, Debug)]
pub enum Users {
    /// A list; a line without a key is neither a user principal name nor an object id. It may be long: clones share it.
    List(Arc<[(Listed, Option<UserKey>)]>),
    /// Every member of the source group at the time of preflight.
    SourceGroup,
}

/// What a run sets out to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The two ends, with names as far as they are known.
    pub route: Route,
    /// What the configuration says of the scenario.
    pub choice: ScenarioChoice,
    /// Core services that users may lose.
    pub accept_losses: Vec<CoreService>,
    /// Who is to be moved.
    pub users: Users,
    /// Rows of the list that name nobody.
    pub passed_over: Vec<PassedOver>,
    /// Who makes batch 1, by sign-in name or id; nobody when the batches are cut in the order of the list.
    pub pilot: Vec<String>,
}

impl Plan {
    /// The same plan for some users by their ids: what a later batch is checked with.
    #[must_use]
    pub fn only(&self, users: &[(Listed, UserId)]) -> Self {
        let list = users.iter().map(|(listed, id)| (listed.clone(), Some(UserKey::Id(*id)))).collect();
        Self { users: Users::List(list), passed_over: Vec::new(), pilot: Vec::new(), ..self.clone() }
    }
}

/// Reads all that preflight looks at, `now`. Nothing is written.
///
/// # Errors
/// The first read that fails; preflight does not judge on half the facts.
pub async fn gather(graph: &Graph, plan: &Plan, now: Timestamp) -> Result<Facts, GraphError> {
    let identity = graph.identity().await?;
    let granted = identity.map(|identity| identity.permissions).unwrap_or_default();
    let missing = if granted.is_empty() { Vec::new() } else { missing_permissions(&granted, plan.route.is_written()) };
    let skus = graph.skus().await?;
    let subscriptions = graph.subscriptions().await?;
    let source_group = graph.group(plan.route.source.group).await?;
    let target_group = graph.group(plan.route.target.group).await?;
    let list = match &plan.users {
        Users::List(list) => Cow::Borrowed(&**list),
        // A group that does not exist has no members; preflight names it as a problem.
        Users::SourceGroup if source_group.is_none() => Cow::default(),
        Users::SourceGroup => {
            let members = graph.members(plan.route.source.group).await?;
            let listed = |(id, upn): (UserId, String)| (Listed { line: 0, given: upn.into() }, Some(UserKey::Id(id)));
            Cow::Owned(members.into_iter().map(listed).collect())
        }
    };
    let keys: Vec<UserKey> = list.iter().filter_map(|(_, key)| key.clone()).collect();
    let mut found = graph.find_users(&keys).await?.into_iter();
    drop(keys);
    let looked_up = |(listed, key): &(Listed, Option<UserKey>)| {
        let lookup = match key {
            None => Lookup::Malformed,
            Some(_) => found.next().flatten().map_or(Lookup::NotFound, |mut user| {
                user.upn.share(&listed.given); // as most are listed by their sign-in names
                Lookup::Found(user)
            }),
        };
        (listed.clone(), lookup)
    };
    let users: Vec<(Listed, Lookup)> = list.iter().map(looked_up).collect();
    let mut route = plan.route.clone();
    for (side, group) in [(&mut route.source, &source_group), (&mut route.target, &target_group)] {
        name_side(side, &skus);
        if let Some(group) = group {
            side.group_name.clone_from(&group.name);
        }
    }
    let group_names = group_names(graph, &route, &users).await?;
    Ok(Facts {
        route,
        choice: plan.choice,
        skus,
        source_group,
        target_group,
        missing_permissions: missing,
        group_names,
        accept_losses: plan.accept_losses.clone(),
        subscriptions,
        read_at: now,
        users,
        passed_over: plan.passed_over.clone(),
        advice: None,
        pilot: plan.pilot.clone(),
    })
}

/// The same with what is read for advice alone, which stops nothing.
///
/// # Errors
/// As [`gather`].
pub async fn gather_with_advice(graph: &Graph, plan: &Plan, now: Timestamp) -> Result<Facts, GraphError> {
    let mut facts = gather(graph, plan, now).await?;
    let nested = async |group: Option<&Group>| match group {
        Some(group) => graph.nested_groups(group.id).await,
        None => Some(Vec::new()),
    };
    let somebody_missing = facts.users.iter().any(|(_, lookup)| matches!(lookup, Lookup::NotFound));
    let deleted = async { if somebody_missing { graph.deleted_users().await } else { Some(Vec::new()) } };
    let (nested_in_source, nested_in_target, deleted) =
        tokio::join!(nested(facts.source_group.as_ref()), nested(facts.target_group.as_ref()), deleted);
    facts.advice = Some(AdviceFacts { nested_in_source, nested_in_target, deleted });
    Ok(facts)
}

/// Gives one end the names that the tenant and the table of products have for its SKU.
pub fn name_side(side: &mut Side, skus: &Skus) {
    if let Some(sku) = skus.get(side.sku) {
        side.part_number.clone_from(&sku.part_number);
    }
    side.sku_name = products::name(side.sku).map_or_else(|| side.part_number.clone(), ToOwned::to_owned);
}

async fn group_names(
    graph: &Graph,
    route: &Route,
    users: &[(Listed, Lookup)],
) -> Result<HashMap<GroupId, String>, GraphError> {
    let mut names = HashMap::from([
        (route.source.group, route.source.group_name.clone()),
        (route.target.group, route.target.group_name.clone()),
    ]);
    let mut others: Vec<GroupId> = users.iter().filter_map(|(_, lookup)| facts(lookup)).flat_map(groups).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|group| !names.contains_key(group));
    for group in others.into_iter().take(MOST_GROUP_NAMES) {
        if let Some(found) = graph.group(group).await? {
            names.insert(group, found.name);
        }
    }
    Ok(names)
}

fn facts(lookup: &Lookup) -> Option<&UserFacts> {
    match lookup {
        Lookup::Found(user) => Some(user),
        Lookup::NotFound | Lookup::Malformed => None,
    }
}

/// The groups that license a user.
pub(super) fn groups(user: &UserFacts) -> impl Iterator<Item = GroupId> {
    user.states.iter().filter_map(|state| state.group)
}

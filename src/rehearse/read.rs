//! Reading the copy. Nothing is written: the client is told to send no write before the first read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::group::Group;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::Assignment;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::route::EndName;
use crate::domain::time::Timestamp;
use crate::engine::plan::Plan;
use crate::engine::plan::Users;
use crate::graph::DatedGroup;
use crate::graph::Graph;
use crate::graph::UserKey;
use crate::graph::error::GraphError;
use crate::rehearse::CopiedGroup;
use crate::rehearse::CopiedUser;
use crate::rehearse::TenantCopy;
use crate::rehearse::Trouble;
use crate::rehearse::Unread;

/// Of how many groups beside the two the members are listed. Whoever is licensed by more is licensed by chance.
const MOST_MEMBER_LISTS: usize = 200;

/// Why there is no copy that could be of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCopy {
    /// Graph did not answer, or refused what no copy can do without.
    Refused(Fault),
    /// One of the two groups is not there.
    NoGroup(EndName, GroupId),
    /// The tenant does not have the product of one end.
    NoProduct(EndName, String),
    /// None of the listed users was found.
    Nobody,
}

impl From<GraphError> for NoCopy {
    fn from(error: GraphError) -> Self {
        Self::Refused(error.into_fault())
    }
}

/// Reads a tenant as far as a migration by this plan meets it, `now`.
///
/// # Errors
/// [`NoCopy`] when the copy would be of no use. What else cannot be read is named in the copy.
pub async fn read(graph: &Graph, plan: &Plan, now: Timestamp) -> Result<TenantCopy, NoCopy> {
    graph.stop_writing();
    let mut reading = Reading { graph, unread: Vec::new() };
    let skus = graph.skus_in_order().await?;
    let route = &plan.route;
    for (side, end) in [(&route.source, EndName::Source), (&route.target, EndName::Target)] {
        if !skus.iter().any(|sku| sku.id == side.sku) {
            return Err(NoCopy::NoProduct(end, side.part_number.clone()));
        }
    }
    let ends = reading.ends(plan).await?;
    let subscriptions = graph.subscriptions().await?;
    if subscriptions.is_none() {
        reading.unread.push(Unread::Subscriptions);
    }
    let about = graph.organization().await;
    let about = reading.or_unread(about, |why| Unread::Organization(Some(why)))?.unwrap_or_default();
    let mut plan = plan.clone();
    let found = reading.users(&mut plan).await?;
    if found.is_empty() {
        return Err(NoCopy::Nobody);
    }
    let groups = reading.groups(ends, &found).await?;
    let in_groups = reading.memberships(&groups, &found, &plan).await?;
    let user = |facts: UserFacts| CopiedUser { groups: in_groups.get(&facts.id).cloned().unwrap_or_default(), facts };
    let users: Vec<CopiedUser> = found.into_iter().map(user).collect();
    for (side, end) in [(&mut plan.route.source, 0), (&mut plan.route.target, 1)] {
        let group = [route.source.group, route.target.group][end];
        if let Some(found) = groups.iter().find(|one| one.group.id == group) {
            side.group_name.clone_from(&found.group.name);
        }
    }
    Ok(TenantCopy {
        read_at: now,
        id: about.id,
        name: about.name.unwrap_or_else(|| "tenant".to_owned()),
        domain: about.domain.unwrap_or_else(|| usual_domain(&users)),
        country: about.country,
        migration: None,
        plan,
        skus,
        subscriptions,
        groups,
        users,
        unread: reading.unread,
        latencies: None,
        trouble: Trouble::default(),
        stuck: HashSet::new(),
        anonymous: false,
    })
}

/// The domain of most users.
fn usual_domain(users: &[CopiedUser]) -> String {
    let mut domains: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, domain) in users.iter().filter_map(|user| user.facts.upn.rsplit_once('@')) {
        *domains.entry(domain).or_default() += 1;
    }
    let most = domains.into_iter().max_by_key(|(_, users)| *users);
    most.map_or_else(|| "tenant.example".to_owned(), |(domain, _)| domain.to_owned())
}

/// What is being read, and what could not be.
struct Reading<'a> {
    graph: &'a Graph,
    unread: Vec<Unread>,
}

impl Reading<'_> {
    /// What was read, or nothing where it was refused, which is noted. Without an answer or a sign-in there is no copy.
    fn or_unread<T>(
        &mut self,
        read: Result<Option<T>, GraphError>,
        note: impl FnOnce(Fault) -> Unread,
    ) -> Result<Option<T>, NoCopy> {
        match read {
            Ok(read) => Ok(read),
            Err(error) if is_final(&error) => Err(error.into()),
            Err(error) => {
                self.unread.push(note(error.into_fault()));
                Ok(None)
            }
        }
    }

    /// The two groups, without which nothing can be rehearsed.
    async fn ends(&mut self, plan: &Plan) -> Result<Vec<DatedGroup>, NoCopy> {
        let (source, target) = (plan.route.source.group, plan.route.target.group);
        let mut ends = Vec::new();
        for (id, read) in self.graph.dated_groups(&[source, target]).await {
            let end = if id == source { EndName::Source } else { EndName::Target };
            ends.push(read?.ok_or(NoCopy::NoGroup(end, id))?);
        }
        Ok(ends)
    }

    /// The listed users that are there, each once and in the order of the list. All members of a group become a list.
    async fn users(&mut self, plan: &mut Plan) -> Result<Vec<UserFacts>, NoCopy> {
        let keys: Vec<UserKey> = match &plan.users {
            Users::List(list) => list.iter().filter_map(|(_, key)| key.clone()).collect(),
            Users::SourceGroup => {
                let members = self.graph.members(plan.route.source.group).await?;
                members.into_iter().map(|(id, _)| UserKey::Id(id)).collect()
            }
        };
        let mut found: Vec<(usize, UserFacts)> = Vec::new();
        // Where some cannot be read, halves are asked for, until it is known who.
        let mut asked: Vec<(usize, &[UserKey])> = vec![(0, &keys)];
        while let Some((from, keys)) = asked.pop() {
            match self.graph.find_users(keys).await {
                Ok(read) => found.extend((from..).zip(read).filter_map(|(place, one)| Some((place, one?)))),
                Err(error) if is_final(&error) => return Err(error.into()),
                Err(error) if keys.len() < 2 => {
                    let given = keys.iter().map(name).collect();
                    self.unread.push(Unread::User(given, error.into_fault()));
                }
                Err(error) if error.kind() == FaultKind::Forbidden => return Err(error.into()),
                Err(_) => {
                    let (one, other) = keys.split_at(keys.len() / 2);
                    asked.extend([(from, one), (from + one.len(), other)]);
                }
            }
        }
        found.sort_by_key(|(place, _)| *place);
        let mut seen = HashSet::new();
        Ok(found.into_iter().map(|(_, facts)| facts).filter(|facts| seen.insert(facts.id)).collect())
    }

    /// The two groups and all others that license one of the users.
    async fn groups(&mut self, mut dated: Vec<DatedGroup>, users: &[UserFacts]) -> Result<Vec<CopiedGroup>, NoCopy> {
        let known: HashSet<GroupId> = dated.iter().map(|one| one.group.id).collect();
        let named = users.iter().flat_map(|user| &user.states).filter_map(|one| one.group);
        let others: BTreeSet<GroupId> = named.filter(|group| !known.contains(group)).collect();
        let others: Vec<GroupId> = others.into_iter().collect();
        for (id, read) in self.graph.dated_groups(&others).await {
            let group = match read {
                Ok(Some(group)) => group,
                Err(error) if is_final(&error) => return Err(error.into()),
                other => {
                    self.unread.push(Unread::Group(id, other.err().map(GraphError::into_fault)));
                    DatedGroup { group: as_users_show(id, users), created: None, rule: None }
                }
            };
            dated.push(group);
        }
        // What Graph does not date comes last, and ids part those of one second.
        dated.sort_by_key(|one| (one.created.is_none(), one.created, one.group.id));
        Ok(dated.into_iter().map(|one| CopiedGroup { group: one.group, rule: one.rule }).collect())
    }

    /// The groups of the copy that each user is in.
    async fn memberships(
        &mut self,
        groups: &[CopiedGroup],
        users: &[UserFacts],
        plan: &Plan,
    ) -> Result<HashMap<UserId, Vec<GroupId>>, NoCopy> {
        let wanted: HashSet<UserId> = users.iter().map(|user| user.id).collect();
        let ends = [plan.route.source.group, plan.route.target.group];
        let mut in_groups: HashMap<UserId, Vec<GroupId>> = HashMap::new();
        let mut others = 0;
        for group in groups.iter().map(|one| one.group.id) {
            others += usize::from(!ends.contains(&group));
            let listed = if ends.contains(&group) || others <= MOST_MEMBER_LISTS {
                let members = self.graph.members(group).await.map(Some);
                self.or_unread(members, |why| Unread::Members(group, Some(why)))?
            } else {
                self.unread.push(Unread::Members(group, None));
                None
            };
            let members: Vec<UserId> = match listed {
                Some(members) => members.into_iter().map(|(user, _)| user).filter(|id| wanted.contains(id)).collect(),
                None => users.iter().filter(|user| has_from(user, group)).map(|user| user.id).collect(),
            };
            for user in members {
                in_groups.entry(user).or_default().push(group);
            }
        }
        Ok(in_groups)
    }
}

/// Whether an error is of the connection or the sign-in, so that nothing else can be read either.
fn is_final(error: &GraphError) -> bool {
    matches!(error.kind(), FaultKind::Unreachable | FaultKind::SignIn | FaultKind::Throttled | FaultKind::Service)
}

/// Whether the user has something from a group, and not only because another product needs it.
fn has_from(user: &UserFacts, group: GroupId) -> bool {
    let kept = |one: &Assignment| one.is_held() && one.error == Some(LicenseError::DependencyViolation);
    user.states.iter().any(|one| one.group == Some(group) && !kept(one))
}

/// A group that cannot be read, by what users have from it.
fn as_users_show(id: GroupId, users: &[UserFacts]) -> Group {
    let mut licenses: Vec<GroupLicense> = Vec::new();
    for one in users.iter().flat_map(|user| &user.states).filter(|one| one.group == Some(id)) {
        if !licenses.iter().any(|license| license.sku == one.sku) {
            licenses.push(GroupLicense { sku: one.sku, disabled_plans: one.disabled_plans.clone() });
        }
    }
    Group {
        id,
        name: id.to_string(),
        types: Vec::new(),
        mail_enabled: false,
        security_enabled: true,
        synced: false,
        role_assignable: false,
        restricted: false,
        licenses,
    }
}

fn name(key: &UserKey) -> String {
    match key {
        UserKey::Id(id) => id.to_string(),
        UserKey::Upn(upn) => upn.to_string(),
    }
}

//! What a copy holds, as values.

use std::collections::HashMap;
use std::collections::HashSet;

use uuid::Uuid;

use crate::domain::fault::Fault;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::preflight;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Listed;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::Preflight;
use crate::domain::route::Route;
use crate::domain::sku::Sku;
use crate::domain::subscription::Subscription;
use crate::domain::time::Timestamp;
use crate::engine::plan::Plan;
use crate::engine::plan::Users;
use crate::graph::UserKey;
use crate::rehearse::Latencies;
use crate::rehearse::Trouble;

/// A tenant as far as a migration meets it.
#[derive(Clone, Debug)]
pub struct TenantCopy {
    /// When it was read.
    pub read_at: Timestamp,
    /// The tenant's id, when Graph tells it.
    pub id: Option<Uuid>,
    /// The name shown to people.
    pub name: String,
    /// The domain that new users get.
    pub domain: String,
    /// Where users without a usage location are taken to be, when Graph tells it.
    pub country: Option<String>,
    /// What the operator calls the migration, when that may be told.
    pub migration: Option<String>,
    /// What is to be done: the two ends and who is listed.
    pub plan: Plan,
    /// Every product, in the order in which Graph lists them.
    pub skus: Vec<Sku>,
    /// The subscriptions; `None` when they could not be read.
    pub subscriptions: Option<Vec<Subscription>>,
    /// The two groups and all others that license a listed user, in the order in which they were made.
    pub groups: Vec<CopiedGroup>,
    /// Every listed user that was found, in the order of the list.
    pub users: Vec<CopiedUser>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// How long group-based licensing took in an earlier run; `None` without one.
    pub latencies: Option<Latencies>,
    /// What is to go wrong.
    pub trouble: Trouble,
    /// Who is to get stuck.
    pub stuck: HashSet<UserId>,
    /// Whether names and ids are replaced.
    pub anonymous: bool,
}

/// A group of the copy.
#[derive(Clone, Debug)]
pub struct CopiedGroup {
    /// What Graph says of it.
    pub group: Group,
    /// The rule that says who is in it, when there is one.
    pub rule: Option<String>,
}

/// A user of the copy.
#[derive(Clone, Debug)]
pub struct CopiedUser {
    /// What Graph says of the user.
    pub facts: UserFacts,
    /// The groups of the copy that the user is in.
    pub groups: Vec<GroupId>,
}

/// Something that the copy does not have as the tenant has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The tenant's name, domain and country.
    Organization(Option<Fault>),
    /// The subscriptions.
    Subscriptions,
    /// A group, of which the copy has what its members show.
    Group(GroupId, Option<Fault>),
    /// Who is in a group, which the copy takes from what its members have.
    Members(GroupId, Option<Fault>),
    /// A user, as listed.
    User(String, Fault),
    /// A word that the simulator does not have, on so many users or products.
    Word(String, usize),
    /// A product that users have and the tenant does not list.
    Sku(SkuId, usize),
    /// So many users have a product that no license assignment state tells of.
    Unexplained(usize),
    /// So many users have a name that cannot be one in the simulator.
    Names(usize),
}

impl TenantCopy {
    /// The listed users, each with what Graph said.
    pub(super) fn listed(&self) -> Vec<(Listed, Lookup)> {
        let Users::List(list) = &self.plan.users else { return self.users.iter().map(as_listed).collect() };
        let by_id: HashMap<UserId, &UserFacts> = self.users.iter().map(|user| (user.facts.id, &user.facts)).collect();
        let by_upn: HashMap<String, &UserFacts> =
            self.users.iter().map(|user| (user.facts.upn.to_lowercase(), &user.facts)).collect();
        let look = |key: &Option<UserKey>| match key {
            None => Lookup::Malformed,
            Some(UserKey::Id(id)) => by_id.get(id).map_or(Lookup::NotFound, |facts| Lookup::Found((*facts).clone())),
            Some(UserKey::Upn(upn)) => {
                by_upn.get(&upn.trim().to_lowercase()).map_or(Lookup::NotFound, |facts| Lookup::Found((*facts).clone()))
            }
        };
        list.iter().map(|(listed, key)| (listed.clone(), look(key))).collect()
    }

    /// A group of the copy.
    pub fn group(&self, id: GroupId) -> Option<&CopiedGroup> {
        self.groups.iter().find(|one| one.group.id == id)
    }

    /// The two ends.
    pub fn route(&self) -> &Route {
        &self.plan.route
    }

    /// Rows of the list that name nobody.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.plan.passed_over
    }

    /// What preflight says of the copy.
    pub fn preflight(&self) -> Preflight {
        let of = |id: GroupId| self.group(id).map(|one| one.group.clone());
        preflight::check(&Facts {
            route: self.route().clone(),
            choice: self.plan.choice,
            skus: self.skus.iter().cloned().collect(),
            source_group: of(self.route().source.group),
            target_group: of(self.route().target.group),
            missing_permissions: Vec::new(),
            group_names: self.groups.iter().map(|one| (one.group.id, one.group.name.clone())).collect(),
            accept_losses: self.plan.accept_losses.clone(),
            subscriptions: self.subscriptions.clone(),
            read_at: self.read_at,
            users: self.listed(),
            passed_over: self.plan.passed_over.clone(),
            advice: None,
            pilot: self.plan.pilot.clone(),
        })
    }
}

fn as_listed(user: &CopiedUser) -> (Listed, Lookup) {
    (Listed { line: 0, given: user.facts.upn.clone() }, Lookup::Found(user.facts.clone()))
}

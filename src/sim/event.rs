//! Events: what happens in the tenant by somebody else's hand, at a time.
use serde::Deserialize;
use uuid::Uuid;

use crate::sim::catalog::Plan;
use crate::sim::length::Length;
use crate::sim::rules::Edition;
use crate::sim::tenant::{GroupIx, Member, SkuIx, Tenant, UserIx};
use crate::sim::work::Job;
use crate::sim::world::World;

/// One `[[event]]`: a time, and exactly one thing that happens then.
///
/// Users are named by principal name or object id, groups by id or display name, products by part number or id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventText {
    /// Tenant time after the events were set; at once without it.
    #[serde(default)]
    at: Length,
    /// A user group-based licensing takes everything from, as soon as it takes anything away.
    #[serde(default)]
    curse: Option<String>,
    /// All free seats of a product are bought by somebody else.
    #[serde(default)]
    drain: Option<String>,
    /// A product gets so many seats.
    #[serde(default)]
    seats: Option<Seats>,
    /// Another administrator adds a user to a group.
    #[serde(default)]
    add: Option<Membership>,
    /// Another administrator removes a user from a group.
    #[serde(default)]
    remove: Option<Membership>,
    /// Another administrator deletes a user.
    #[serde(default)]
    delete_user: Option<String>,
    /// A user loses every license, for no reason at all, until licensing next looks.
    #[serde(default)]
    strip: Option<String>,
    /// A user loses what one group gives them, for no reason at all, until licensing next looks.
    #[serde(default)]
    lose: Option<Membership>,
    /// A user's usage location changes.
    #[serde(default)]
    locate: Option<Location>,
    /// Somebody else takes or gives back the mail address that a user would get.
    #[serde(default)]
    take_address: Option<String>,
    /// The same, given back.
    #[serde(default)]
    free_address: Option<String>,
    /// A group becomes dynamic: everybody in it leaves.
    #[serde(default)]
    make_dynamic: Option<String>,
    /// Microsoft adds a plan to a product.
    #[serde(default)]
    add_plan: Option<NewPlan>,
    /// Every token given out so far is worthless.
    #[serde(default)]
    revoke_tokens: Option<bool>,
    /// Another list of exclusive plans holds from now on.
    #[serde(default)]
    exclusive: Option<Edition>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seats {
    sku: String,
    enabled: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Membership {
    user: String,
    group: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    user: String,
    #[serde(default)]
    country: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPlan {
    sku: String,
    plan: String,
}

/// What happens, with names made out.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// See [`EventText`], here and below.
    Curse(UserIx),
    Drain(SkuIx),
    Seats(SkuIx, u32),
    Add(UserIx, GroupIx),
    Remove(UserIx, GroupIx),
    DeleteUser(UserIx),
    Strip(UserIx),
    Lose(UserIx, GroupIx),
    Locate(UserIx, Option<String>),
    Address(UserIx, bool),
    MakeDynamic(GroupIx),
    AddPlan(SkuIx, Plan),
    RevokeTokens,
    Exclusive(Edition),
}

impl EventText {
    /// When it happens, counted from when it was set.
    pub(crate) fn at(&self) -> std::time::Duration {
        self.at.0
    }

    /// The event, if it is one and what it names is there.
    pub(crate) fn compile(&self, tenant: &Tenant) -> Result<Event, String> {
        let wishes = [
            self.curse.as_deref().map(|key| user(tenant, key).map(Event::Curse)),
            self.drain.as_deref().map(|key| sku(tenant, key).map(Event::Drain)),
            self.seats.as_ref().map(|wish| Ok(Event::Seats(sku(tenant, &wish.sku)?, wish.enabled))),
            self.add.as_ref().map(|wish| Ok(Event::Add(user(tenant, &wish.user)?, group(tenant, &wish.group)?))),
            self.remove.as_ref().map(|wish| Ok(Event::Remove(user(tenant, &wish.user)?, group(tenant, &wish.group)?))),
            self.delete_user.as_deref().map(|key| user(tenant, key).map(Event::DeleteUser)),
            self.strip.as_deref().map(|key| user(tenant, key).map(Event::Strip)),
            self.lose.as_ref().map(|wish| Ok(Event::Lose(user(tenant, &wish.user)?, group(tenant, &wish.group)?))),
            self.locate.as_ref().map(|wish| Ok(Event::Locate(user(tenant, &wish.user)?, wish.country.clone()))),
            self.take_address.as_deref().map(|key| Ok(Event::Address(user(tenant, key)?, true))),
            self.free_address.as_deref().map(|key| Ok(Event::Address(user(tenant, key)?, false))),
            self.make_dynamic.as_deref().map(|key| group(tenant, key).map(Event::MakeDynamic)),
            self.add_plan.as_ref().map(|wish| Ok(Event::AddPlan(sku(tenant, &wish.sku)?, plan(&wish.plan)?))),
            self.revoke_tokens.map(|_| Ok(Event::RevokeTokens)),
            self.exclusive.map(|edition| Ok(Event::Exclusive(edition))),
        ];
        let mut wishes = wishes.into_iter().flatten();
        match (wishes.next(), wishes.next()) {
            (Some(event), None) => event,
            _ => Err("an event must say exactly one thing that happens".to_owned()),
        }
    }
}

impl World {
    /// Lets an event happen.
    pub(crate) fn happen(&mut self, event: Event, now: jiff::Timestamp) {
        match event {
            Event::Curse(user) => self.tenant.user_mut(user).cursed = true,
            Event::Drain(sku) => {
                let sku = self.tenant.sku_mut(sku);
                sku.enabled = sku.consumed.min(sku.enabled);
            }
            Event::Seats(sku, enabled) => self.tenant.sku_mut(sku).enabled = enabled,
            Event::Add(user, group) => {
                if self.tenant.join(group, Member::User(user), now) {
                    self.membership_changed(user, group, true, now);
                }
            }
            Event::Remove(user, group) => {
                if self.tenant.leave(group, Member::User(user), now) {
                    self.membership_changed(user, group, false, now);
                }
            }
            Event::DeleteUser(user) => self.tenant.delete_user(user, now),
            Event::Strip(user) => self.tenant.set_assignments(user, Vec::new(), now),
            Event::Lose(user, group) => {
                let mut left = self.tenant.user(user).assignments.clone();
                left.retain(|one| one.by != Some(group));
                self.tenant.set_assignments(user, left, now);
            }
            Event::Locate(user, country) => self.tenant.user_mut(user).location = country,
            Event::Address(user, taken) => self.tenant.user_mut(user).address_taken = taken,
            Event::MakeDynamic(group) => self.make_dynamic(group, now),
            Event::AddPlan(sku, plan) => self.tenant.sku_mut(sku).plans.push(plan),
            Event::RevokeTokens => self.tokens_since = self.clock.wall(),
            Event::Exclusive(edition) => self.tenant.rules.use_edition(edition, false),
        }
    }

    /// A static group that becomes dynamic first loses everybody (Microsoft Learn, "Resolve group license assignment
    /// problems"); its rule finds nobody here.
    fn make_dynamic(&mut self, group: GroupIx, now: jiff::Timestamp) {
        for member in self.tenant.group(group).members().collect::<Vec<_>>() {
            self.tenant.leave(group, member, now);
            if let Member::User(user) = member {
                self.membership_changed(user, group, false, now);
            }
        }
        let group = self.tenant.group_mut(group);
        group.types.push("DynamicMembership".to_owned());
        group.rule = Some("(user.department -eq \"nobody\")".to_owned());
    }

    /// Puts events on the calendar in place of those that were there.
    pub(crate) fn schedule(&mut self, events: Vec<(std::time::Duration, Event)>) {
        self.queue.retain(|job| !matches!(job, Job::Event(_)));
        let now = self.clock.now();
        for (at, event) in events {
            self.queue.push(crate::sim::clock::later(now, at), Job::Event(Box::new(event)));
        }
    }
}

fn user(tenant: &Tenant, key: &str) -> Result<UserIx, String> {
    tenant.find_user(key).ok_or_else(|| format!("there is no user `{key}`"))
}

fn group(tenant: &Tenant, key: &str) -> Result<GroupIx, String> {
    let named = || tenant.groups_from(None).find(|(_, group)| group.display == key).map(|(ix, _)| ix);
    tenant.find_group(key).or_else(named).ok_or_else(|| format!("there is no group `{key}`"))
}

fn sku(tenant: &Tenant, key: &str) -> Result<SkuIx, String> {
    let id = Uuid::try_parse(key).ok();
    let found = tenant.skus().find(|(_, sku)| Some(sku.id) == id || sku.part.eq_ignore_ascii_case(key));
    found.map(|(ix, _)| ix).ok_or_else(|| format!("the tenant has no product `{key}`"))
}

fn plan(key: &str) -> Result<Plan, String> {
    crate::sim::catalog::CATALOG.plan(key).ok_or_else(|| format!("there is no service plan `{key}`"))
}

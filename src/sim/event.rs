//! Events: what happens in the tenant by somebody else's hand, at a time.
use serde::Deserialize;
use uuid::Uuid;

use crate::sim::catalog::{CATALOG, Plan};
use crate::sim::length::Length;
use crate::sim::rules::Edition;
use crate::sim::spot::WrongKey;
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
    pub(crate) fn compile(&self, tenant: &Tenant) -> Result<Event, WrongKey> {
        let user = |key: &String| user(tenant, key);
        let group = |key: &String| group(tenant, key);
        let sku = |key: &String| sku(tenant, key);
        let wishes: [(&'static str, Option<Result<Event, String>>); 15] = [
            ("curse", self.curse.as_ref().map(|key| user(key).map(Event::Curse))),
            ("drain", self.drain.as_ref().map(|key| sku(key).map(Event::Drain))),
            ("seats", self.seats.as_ref().map(|wish| Ok(Event::Seats(sku(&wish.sku)?, wish.enabled)))),
            ("add", self.add.as_ref().map(|wish| Ok(Event::Add(user(&wish.user)?, group(&wish.group)?)))),
            ("remove", self.remove.as_ref().map(|wish| Ok(Event::Remove(user(&wish.user)?, group(&wish.group)?)))),
            ("delete_user", self.delete_user.as_ref().map(|key| user(key).map(Event::DeleteUser))),
            ("strip", self.strip.as_ref().map(|key| user(key).map(Event::Strip))),
            ("lose", self.lose.as_ref().map(|wish| Ok(Event::Lose(user(&wish.user)?, group(&wish.group)?)))),
            (
                "locate",
                self.locate.as_ref().map(|wish| {
                    let code = wish.country.as_deref().map(country).transpose()?;
                    Ok(Event::Locate(user(&wish.user)?, code))
                }),
            ),
            ("take_address", self.take_address.as_ref().map(|key| Ok(Event::Address(user(key)?, true)))),
            ("free_address", self.free_address.as_ref().map(|key| Ok(Event::Address(user(key)?, false)))),
            ("make_dynamic", self.make_dynamic.as_ref().map(|key| group(key).map(Event::MakeDynamic))),
            (
                "add_plan",
                self.add_plan.as_ref().map(|wish| Ok(Event::AddPlan(sku(&wish.sku)?, plan(tenant, &wish.plan)?))),
            ),
            (
                "revoke_tokens",
                self.revoke_tokens.map(|yes| if yes { Ok(Event::RevokeTokens) } else { Err(ONE.to_owned()) }),
            ),
            ("exclusive", self.exclusive.map(|edition| Ok(Event::Exclusive(edition)))),
        ];
        let mut wishes = wishes.into_iter().filter_map(|(key, wish)| Some((key, wish?)));
        match (wishes.next(), wishes.next()) {
            (Some((key, event)), None) => event.map_err(|why| (key, why)),
            (_, other) => Err((other.map_or("at", |(key, _)| key), ONE.to_owned())),
        }
    }
}

/// What is wrong with an event that is none or several.
const ONE: &str = "an event must say exactly one thing that happens";

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

/// A plan of a product of the tenant's, which may be one of its own making, or of Microsoft's table.
fn plan(tenant: &Tenant, key: &str) -> Result<Plan, String> {
    let id = Uuid::try_parse(key).ok();
    let mut own = tenant.skus().flat_map(|(_, sku)| &sku.plans);
    let found = own.find(|plan| Some(plan.id) == id || plan.name == key).cloned();
    found.or_else(|| CATALOG.plan(key)).ok_or_else(|| format!("there is no service plan `{key}`"))
}

/// A country's code in capitals.
pub(crate) fn country(code: &str) -> Result<String, String> {
    let fits = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if fits {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(format!("`{code}` is no country, expected two letters such as \"NO\""))
    }
}

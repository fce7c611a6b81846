//! Events: what happens in the tenant by somebody else's hand, at a time.
mod find;

pub(crate) use find::country;
use serde::Deserialize;

use crate::sim::catalog::Plan;
use crate::sim::length::Length;
use crate::sim::rules::Edition;
use crate::sim::spot::WrongKey;
use crate::sim::tenant::{GroupIx, License, Member, SkuIx, Status, Tenant, UserIx};
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
    /// The time counts from when a client first adds somebody to a group.
    #[serde(default)]
    after_add: bool,
    /// A user group-based licensing takes everything from, as soon as it takes anything away.
    #[serde(default)]
    curse: Option<String>,
    /// All free seats of a product are bought by somebody else.
    #[serde(default)]
    drain: Option<String>,
    /// A product gets so many seats.
    #[serde(default)]
    seats: Option<Seats>,
    /// The subscription of a product comes to another state.
    #[serde(default)]
    subscription: Option<NewStatus>,
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
    /// A group's members come from a directory on premises from now on, and so do all users. Who is in it stays.
    #[serde(default)]
    synchronize: Option<String>,
    /// A group's members follow a rule from now on, which is taken to fit who is in it.
    #[serde(default)]
    govern: Option<GroupRule>,
    /// Another administrator lets a group assign a product, or assign it with other plans switched off.
    #[serde(default)]
    license_group: Option<GroupLicense>,
    /// Another administrator stops a group from assigning a product.
    #[serde(default)]
    unlicense_group: Option<GroupLicense>,
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
struct NewStatus {
    sku: String,
    status: Status,
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
struct GroupLicense {
    group: String,
    sku: String,
    #[serde(default)]
    plans_off: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupRule {
    group: String,
    rule: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPlan {
    sku: String,
    plan: String,
}

/// An event and when it happens.
#[derive(Debug)]
pub(crate) struct Planned {
    /// How long after the start, or after the first addition.
    pub(crate) at: std::time::Duration,
    /// Whether it counts from the first addition.
    pub(crate) after_add: bool,
    /// What happens.
    pub(crate) event: Event,
}

/// What happens, with names made out.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// See [`EventText`], here and below.
    Curse(UserIx),
    Drain(SkuIx),
    Seats(SkuIx, u32),
    Subscription(SkuIx, Status),
    Add(UserIx, GroupIx),
    Remove(UserIx, GroupIx),
    DeleteUser(UserIx),
    Strip(UserIx),
    Lose(UserIx, GroupIx),
    Locate(UserIx, Option<String>),
    Address(UserIx, bool),
    MakeDynamic(GroupIx),
    Synchronize(GroupIx),
    Govern(GroupIx, String),
    LicenseGroup(GroupIx, License),
    UnlicenseGroup(GroupIx, SkuIx),
    AddPlan(SkuIx, Plan),
    RevokeTokens,
    Exclusive(Edition),
}

impl EventText {
    /// When it happens, counted from when it was set.
    pub(crate) fn at(&self) -> std::time::Duration {
        self.at.0
    }

    /// Whether its time counts from when a client first adds somebody to a group.
    pub(crate) fn waits(&self) -> bool {
        self.after_add
    }

    /// The event, if it is one and what it names is there.
    pub(crate) fn compile(&self, tenant: &Tenant) -> Result<Event, WrongKey> {
        let user = |key: &String| find::user(tenant, key);
        let group = |key: &String| find::group(tenant, key);
        let sku = |key: &String| find::sku(tenant, key);
        let wishes: [(&'static str, Option<Result<Event, String>>); 20] = [
            ("curse", self.curse.as_ref().map(|key| user(key).map(Event::Curse))),
            ("drain", self.drain.as_ref().map(|key| sku(key).map(Event::Drain))),
            ("seats", self.seats.as_ref().map(|wish| Ok(Event::Seats(sku(&wish.sku)?, wish.enabled)))),
            (
                "subscription",
                self.subscription.as_ref().map(|wish| Ok(Event::Subscription(sku(&wish.sku)?, wish.status))),
            ),
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
            ("synchronize", self.synchronize.as_ref().map(|key| group(key).map(Event::Synchronize))),
            ("govern", self.govern.as_ref().map(|wish| Ok(Event::Govern(group(&wish.group)?, wish.rule.clone())))),
            ("make_dynamic", self.make_dynamic.as_ref().map(|key| group(key).map(Event::MakeDynamic))),
            (
                "license_group",
                self.license_group.as_ref().map(|wish| {
                    let off = wish.plans_off.iter().map(|key| find::plan(tenant, key).map(|plan| plan.id));
                    let license = License { sku: sku(&wish.sku)?, disabled: off.collect::<Result<_, _>>()? };
                    Ok(Event::LicenseGroup(group(&wish.group)?, license))
                }),
            ),
            (
                "unlicense_group",
                self.unlicense_group
                    .as_ref()
                    .map(|wish| Ok(Event::UnlicenseGroup(group(&wish.group)?, sku(&wish.sku)?))),
            ),
            (
                "add_plan",
                self.add_plan.as_ref().map(|wish| Ok(Event::AddPlan(sku(&wish.sku)?, find::plan(tenant, &wish.plan)?))),
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
            Event::Subscription(sku, status) => {
                let sku = self.tenant.sku_mut(sku);
                sku.subscription.status = Some(status);
                sku.several.iter_mut().flatten().for_each(|one| one.status = Some(status));
            }
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
            Event::Synchronize(group) => self.synchronize(group),
            Event::Govern(group, rule) => {
                let group = self.tenant.group_mut(group);
                group.types.push("DynamicMembership".to_owned());
                group.rule = Some(rule);
            }
            Event::LicenseGroup(group, license) => self.license_group(group, license.sku, Some(license), now),
            Event::UnlicenseGroup(group, sku) => self.license_group(group, sku, None, now),
            Event::AddPlan(sku, plan) => self.tenant.sku_mut(sku).plans.push(plan),
            Event::RevokeTokens => self.tokens_since = self.clock.wall(),
            Event::Exclusive(edition) => self.tenant.rules.use_edition(edition, false),
        }
    }

    /// Changes how a group assigns a product, or that it does; its members follow in the background.
    fn license_group(&mut self, group: GroupIx, sku: SkuIx, license: Option<License>, now: jiff::Timestamp) {
        let licenses = &mut self.tenant.group_mut(group).licenses;
        licenses.retain(|old| old.sku != sku);
        licenses.extend(license);
        self.licenses_changed(group, now);
    }

    /// The group and all users are synced from one domain. Each name has a quote in it, as some do.
    fn synchronize(&mut self, group: GroupIx) {
        self.tenant.group_mut(group).synced = Some(true);
        let domain = self.tenant.domain.clone();
        let all: Vec<UserIx> = self.tenant.users_from(None).map(|(user, _)| user).collect();
        for user in all {
            let user = self.tenant.user_mut(user);
            let name = user.upn.split('@').next().unwrap_or_default().to_owned();
            user.keep("onPremisesSyncEnabled", true.into());
            user.keep("onPremisesDomainName", domain.clone().into());
            user.keep("onPremisesSamAccountName", name.clone().into());
            user.keep("onPremisesDistinguishedName", format!("CN=O'{name},OU=Staff,DC=contoso,DC=com").into());
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
    pub(crate) fn schedule(&mut self, events: Vec<Planned>) {
        self.queue.retain(|job| !matches!(job, Job::Event(_)));
        let now = self.clock.now();
        let (waiting, dated): (Vec<_>, Vec<_>) = events.into_iter().partition(|planned| planned.after_add);
        self.after_add = waiting;
        for planned in dated {
            self.put(planned, now);
        }
    }

    /// A client has added somebody to a group, for which some events wait.
    pub(crate) fn client_added(&mut self, now: jiff::Timestamp) {
        for planned in std::mem::take(&mut self.after_add) {
            self.put(planned, now);
        }
    }

    fn put(&mut self, Planned { at, event, .. }: Planned, from: jiff::Timestamp) {
        self.queue.push(crate::sim::clock::later(from, at), Job::Event(Box::new(event)));
    }
}

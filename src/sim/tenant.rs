//! The tenant: its users, groups and products, kept consistent; what Graph shows of them is told elsewhere.
mod bin;
mod group;
mod license;
mod read;
mod sku;
mod user;

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

pub(crate) use bin::Bin;
pub(crate) use group::{Group, License, Processing};
pub(crate) use license::{Assignment, LicenseError, State, held};
pub(crate) use sku::{Sku, Status, Subscription};
pub(crate) use user::User;

use crate::sim::clock::earlier;
use crate::sim::rules::Rules;

/// A user, by its place in creation order. Never reused, so that pages stay right while users come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserIx(pub(crate) u32);

/// A group, by its place in creation order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupIx(pub(crate) u32);

/// A subscribed product, by its place in `subscribedSkus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SkuIx(pub(crate) u16);

/// What a group can have as a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Member {
    /// A user, whom a group's license reaches.
    User(UserIx),
    /// A nested group, which it does not (Microsoft Learn, "Group-based licensing additional scenarios").
    Group(GroupIx),
}

/// Everything the tenant holds.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The tenant's id.
    pub(crate) id: Uuid,
    /// The organization's display name.
    pub(crate) name: String,
    /// The verified domain that user principal names end in.
    pub(crate) domain: String,
    /// The organization's country, used for users without a usage location.
    pub(crate) country: String,
    /// When the organization was created.
    pub(crate) created: Timestamp,
    /// What may be licensed beside what, and where.
    pub(crate) rules: Rules,
    /// How long an earlier state of an object is kept for reads that lag.
    pub(crate) memory: Duration,
    revision: u64,
    users: Vec<User>,
    groups: Vec<Group>,
    skus: Vec<Sku>,
    by_id: HashMap<Uuid, Member>,
    by_upn: HashMap<String, UserIx>,
}

impl Tenant {
    /// An empty tenant.
    pub(crate) fn new(id: Uuid, name: &str, domain: &str, created: Timestamp, rules: Rules) -> Self {
        Self {
            id,
            name: name.to_owned(),
            domain: domain.to_owned(),
            country: "US".to_owned(),
            created,
            rules,
            memory: Duration::ZERO,
            revision: 0,
            users: Vec::new(),
            groups: Vec::new(),
            skus: Vec::new(),
            by_id: HashMap::new(),
            by_upn: HashMap::new(),
        }
    }

    /// Adds a user; ids and names are the caller's to keep unique.
    pub(crate) fn add_user(&mut self, mut user: User) -> UserIx {
        user.revision = self.next_revision();
        user.touched.push((user.revision, "*"));
        let ix = UserIx(u32::try_from(self.users.len()).unwrap_or(u32::MAX));
        self.by_id.insert(user.id, Member::User(ix));
        self.by_upn.insert(user.upn.to_ascii_lowercase(), ix);
        self.users.push(user);
        ix
    }

    /// Adds a group; its id is the caller's to keep unique.
    pub(crate) fn add_group(&mut self, mut group: Group) -> GroupIx {
        group.revision = self.next_revision();
        group.touched.push((group.revision, "*"));
        let ix = GroupIx(u32::try_from(self.groups.len()).unwrap_or(u32::MAX));
        self.by_id.insert(group.id, Member::Group(ix));
        self.groups.push(group);
        ix
    }

    /// Subscribes to a product.
    pub(crate) fn add_sku(&mut self, sku: Sku) -> SkuIx {
        let ix = SkuIx(u16::try_from(self.skus.len()).unwrap_or(u16::MAX));
        self.skus.push(sku);
        ix
    }

    /// How many users there are or were; what Graph sizes quotas by.
    pub(crate) fn size(&self) -> usize {
        self.users.len()
    }

    /// The user at a place that the tenant gave out.
    pub(crate) fn user(&self, ix: UserIx) -> &User {
        &self.users[ix.0 as usize]
    }

    /// The same, to change.
    pub(crate) fn user_mut(&mut self, ix: UserIx) -> &mut User {
        &mut self.users[ix.0 as usize]
    }

    /// The group at a place that the tenant gave out.
    pub(crate) fn group(&self, ix: GroupIx) -> &Group {
        &self.groups[ix.0 as usize]
    }

    /// The same, to change.
    pub(crate) fn group_mut(&mut self, ix: GroupIx) -> &mut Group {
        &mut self.groups[ix.0 as usize]
    }

    /// The product at a place that the tenant gave out.
    pub(crate) fn sku(&self, ix: SkuIx) -> &Sku {
        &self.skus[ix.0 as usize]
    }

    /// The same, to change.
    pub(crate) fn sku_mut(&mut self, ix: SkuIx) -> &mut Sku {
        &mut self.skus[ix.0 as usize]
    }

    /// Puts a member into a group; false if it is one already.
    pub(crate) fn join(&mut self, group: GroupIx, member: Member, now: Timestamp) -> bool {
        let joined = self.group_mut(group).join(member, now);
        if joined {
            self.note_member(group, member, true);
            match member {
                Member::User(ix) => self.user_mut(ix).groups.push(group),
                Member::Group(ix) => self.group_mut(ix).parents.push(group),
            }
        }
        joined
    }

    /// Takes a member out of a group; false if it is not one.
    pub(crate) fn leave(&mut self, group: GroupIx, member: Member, now: Timestamp) -> bool {
        let horizon = earlier(now, self.memory);
        let left = self.group_mut(group).leave(member, now, horizon);
        if left {
            self.note_member(group, member, false);
            let parents = match member {
                Member::User(ix) => &mut self.user_mut(ix).groups,
                Member::Group(ix) => &mut self.group_mut(ix).parents,
            };
            parents.retain(|parent| *parent != group);
        }
        left
    }

    /// Replaces what a user is licensed for and keeps the count of seats.
    pub(crate) fn set_assignments(&mut self, user: UserIx, assignments: Vec<Assignment>, now: Timestamp) {
        let horizon = earlier(now, self.memory);
        let remember = !self.memory.is_zero();
        let before = std::mem::replace(&mut self.user_mut(user).assignments, assignments);
        for sku in held(&before) {
            self.sku_mut(sku).consumed -= 1;
        }
        for sku in held(&self.user(user).assignments) {
            self.sku_mut(sku).consumed += 1;
        }
        self.user_mut(user).note_licensed(now);
        if remember {
            self.user_mut(user).remember(before, now, horizon);
        }
    }

    /// Gives a user another user principal name.
    pub(crate) fn rename(&mut self, user: UserIx, upn: &str) {
        let old = self.user(user).upn.to_ascii_lowercase();
        self.by_upn.remove(&old);
        self.by_upn.insert(upn.to_ascii_lowercase(), user);
        upn.clone_into(&mut self.user_mut(user).upn);
    }

    /// The number of the latest change. Changes of licenses are none.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Notes that anything about an object may have changed.
    pub(crate) fn touch(&mut self, object: Member) {
        self.touch_only(object, &["*"]);
    }

    /// Notes that some properties of an object changed.
    pub(crate) fn touch_only(&mut self, object: Member, names: &[&'static str]) {
        let revision = self.next_revision();
        let (noted, touched) = match object {
            Member::User(ix) => {
                let user = self.user_mut(ix);
                (&mut user.revision, &mut user.touched)
            }
            Member::Group(ix) => {
                let group = self.group_mut(ix);
                (&mut group.revision, &mut group.touched)
            }
        };
        *noted = revision;
        touched.extend(names.iter().map(|name| (revision, *name)));
    }

    /// Forgets what came before: nobody has asked for changes yet.
    pub(crate) fn forget_changes(&mut self) {
        self.users.iter_mut().for_each(|user| user.touched = Vec::new());
        self.groups.iter_mut().for_each(Group::forget_changes);
    }

    fn note_member(&mut self, group: GroupIx, member: Member, joined: bool) {
        let revision = self.next_revision();
        self.group_mut(group).note_member(revision, member, joined);
    }

    fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }
}

//! Who and what is in the tenant: in order, by id or name, and through whom.
use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::tenant::{Group, GroupIx, Member, Sku, SkuIx, Tenant, User, UserIx};

impl Tenant {
    /// All users that are not deleted, after `from`, in creation order.
    pub(crate) fn users_from(&self, from: Option<UserIx>) -> impl Iterator<Item = (UserIx, &User)> {
        self.every_user_from(from).filter(|(_, user)| user.exists())
    }

    /// All groups that are not deleted, after `from`, in creation order.
    pub(crate) fn groups_from(&self, from: Option<GroupIx>) -> impl Iterator<Item = (GroupIx, &Group)> {
        self.every_group_from(from).filter(|(_, group)| group.exists())
    }

    /// All subscribed products.
    pub(crate) fn skus(&self) -> impl Iterator<Item = (SkuIx, &Sku)> {
        (0_u16..).zip(&self.skus).map(|(ix, sku)| (SkuIx(ix), sku))
    }

    /// The live object with an id.
    pub(crate) fn object(&self, id: Uuid) -> Option<Member> {
        self.by_id.get(&id).copied().filter(|object| self.exists(*object))
    }

    /// The live user with an object id or user principal name, whatever its case.
    pub(crate) fn find_user(&self, key: &str) -> Option<UserIx> {
        if let Ok(id) = Uuid::try_parse(key) {
            return match self.object(id) {
                Some(Member::User(ix)) => Some(ix),
                _ => None,
            };
        }
        self.by_upn.get(&key.to_ascii_lowercase()).copied().filter(|ix| self.user(*ix).exists())
    }

    /// The live group with an object id.
    pub(crate) fn find_group(&self, key: &str) -> Option<GroupIx> {
        match self.object(Uuid::try_parse(key).ok()?) {
            Some(Member::Group(ix)) => Some(ix),
            _ => None,
        }
    }

    /// The subscribed product with a GUID.
    pub(crate) fn find_sku(&self, id: Uuid) -> Option<SkuIx> {
        self.skus().find(|(_, sku)| sku.id == id).map(|(ix, _)| ix)
    }

    /// All users, deleted ones too, after `from`, in creation order.
    pub(crate) fn every_user_from(&self, from: Option<UserIx>) -> impl Iterator<Item = (UserIx, &User)> {
        let start = from.map_or(0, |ix| ix.0 as usize + 1);
        (0_u32..).zip(&self.users).skip(start).map(|(ix, user)| (UserIx(ix), user))
    }

    /// All groups, deleted ones too, after `from`, in creation order.
    pub(crate) fn every_group_from(&self, from: Option<GroupIx>) -> impl Iterator<Item = (GroupIx, &Group)> {
        let start = from.map_or(0, |ix| ix.0 as usize + 1);
        (0_u32..).zip(&self.groups).skip(start).map(|(ix, group)| (GroupIx(ix), group))
    }

    /// Every member of a group at a time, directly or through nesting, each once.
    pub(crate) fn all_members(&self, group: GroupIx, at: Timestamp) -> Vec<Member> {
        let mut groups = vec![group];
        let mut found = BTreeSet::new();
        while let Some(group) = groups.pop() {
            for member in self.group(group).members_at(at, None).filter(|member| self.exists(*member)) {
                if let (true, Member::Group(nested)) = (found.insert(member), member) {
                    groups.push(nested);
                }
            }
        }
        found.into_iter().collect()
    }

    /// Whether an object is not deleted.
    pub(crate) fn exists(&self, object: Member) -> bool {
        match object {
            Member::User(ix) => self.user(ix).exists(),
            Member::Group(ix) => self.group(ix).exists(),
        }
    }

    /// Whether an object was there at a time.
    pub(crate) fn existed(&self, object: Member, at: Timestamp) -> bool {
        let created = match object {
            Member::User(ix) => self.user(ix).created,
            Member::Group(ix) => self.group(ix).created,
        };
        created <= at && self.deleted_at(object).is_none_or(|deleted| deleted > at)
    }

    /// Every group that a member is in, directly or through nesting, nearest first.
    pub(crate) fn groups_of(&self, member: Member) -> Vec<GroupIx> {
        self.groups_of_at(member, Timestamp::MAX)
    }

    /// The same as it was at a time.
    pub(crate) fn groups_of_at(&self, member: Member, at: Timestamp) -> Vec<GroupIx> {
        let mut found = self.direct_groups_at(member, at);
        let mut next = 0;
        while let Some(group) = found.get(next).copied() {
            for parent in self.direct_groups_at(Member::Group(group), at) {
                if !found.contains(&parent) {
                    found.push(parent);
                }
            }
            next += 1;
        }
        found
    }

    /// Every group that a member was directly in at a time.
    pub(crate) fn direct_groups_at(&self, member: Member, at: Timestamp) -> Vec<GroupIx> {
        match member {
            // Only the past has to be looked for.
            Member::User(ix) if at == Timestamp::MAX => self.user(ix).groups.clone(),
            Member::Group(ix) if at == Timestamp::MAX => self.group(ix).parents.clone(),
            _ => self.groups_from(None).filter(|(_, group)| group.had(member, at)).map(|(ix, _)| ix).collect(),
        }
    }

    /// Who reports to a user.
    pub(crate) fn reports_to(&self, manager: UserIx) -> impl Iterator<Item = Member> + '_ {
        let all = self.users_from(None).filter(move |(_, user)| user.manager == Some(manager));
        all.map(|(ix, _)| Member::User(ix))
    }

    /// What a user owns: groups.
    pub(crate) fn owned_by(&self, owner: UserIx) -> impl Iterator<Item = Member> + '_ {
        let all = self.groups_from(None).filter(move |(_, group)| group.owners.contains(&owner));
        all.map(|(ix, _)| Member::Group(ix))
    }

    /// The domain that the organization was created with.
    pub(crate) fn initial_domain(&self) -> String {
        format!("{}.onmicrosoft.com", self.name.to_ascii_lowercase().replace(' ', ""))
    }

    /// Whether a domain is the organization's.
    pub(crate) fn owns_domain(&self, domain: &str) -> bool {
        [self.domain.as_str(), &self.initial_domain()].iter().any(|own| own.eq_ignore_ascii_case(domain))
    }

    /// Which properties of an object changed since a revision; none if all of them may have.
    pub(crate) fn changed_since(&self, object: Member, since: u64) -> Option<Vec<&'static str>> {
        let touched = match object {
            Member::User(ix) => &self.user(ix).touched,
            Member::Group(ix) => &self.group(ix).touched,
        };
        let names: Vec<&'static str> =
            touched.iter().filter(|(revision, _)| *revision > since).map(|(_, name)| *name).collect();
        (!names.contains(&"*")).then_some(names)
    }
}

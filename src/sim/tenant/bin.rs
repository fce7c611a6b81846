//! Deletion and what can be taken back of it, for thirty days.
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::clock::later;
use crate::sim::tenant::{GroupIx, License, Member, Tenant, UserIx};

/// How long what is deleted can be restored (Microsoft Learn, "deletedItems").
const KEPT: Duration = Duration::from_hours(30 * 24);

/// That an object is deleted, and what comes back with it: a user's groups and licenses (Microsoft Learn, "Delete a user").
#[derive(Debug, Clone, Default)]
pub(crate) struct Bin {
    /// When it was deleted.
    pub(crate) at: Timestamp,
    /// Deleted for good: nothing comes back.
    pub(crate) purged: bool,
    /// The groups a user was in directly.
    pub(crate) groups: Vec<GroupIx>,
    /// What a user was licensed for directly.
    pub(crate) direct: Vec<License>,
}

impl Tenant {
    /// Deletes a user: gone from its groups, its seats free. It can be restored for thirty days.
    pub(crate) fn delete_user(&mut self, user: UserIx, now: Timestamp) {
        let who = self.user(user);
        let direct = who.assignments.iter().filter(|one| one.by.is_none() && one.holds());
        let direct = direct.map(|one| License { sku: one.sku, disabled: one.disabled.clone() }).collect();
        let bin = Bin { at: now, purged: false, groups: who.groups.clone(), direct };
        for group in bin.groups.clone() {
            self.leave(group, Member::User(user), now);
        }
        self.set_assignments(user, Vec::new(), now);
        self.user_mut(user).deleted = Some(bin);
        self.touch(Member::User(user));
        let upn = self.user(user).upn.to_ascii_lowercase();
        self.by_upn.remove(&upn);
    }

    /// Deletes a group and every membership it had or held. Only a Microsoft 365 group can be restored.
    pub(crate) fn delete_group(&mut self, group: GroupIx, now: Timestamp) {
        for member in self.group(group).members().collect::<Vec<_>>() {
            self.leave(group, member, now);
        }
        for parent in self.group(group).parents.clone() {
            self.leave(parent, Member::Group(group), now);
        }
        let found = self.group_mut(group);
        found.deleted = Some(Bin { at: now, purged: !found.is_unified(), ..Bin::default() });
        self.touch(Member::Group(group));
    }

    /// The deleted object with an id, if it can still be restored.
    pub(crate) fn deleted(&self, id: Uuid, now: Timestamp) -> Option<Member> {
        self.by_id.get(&id).copied().filter(|object| self.is_kept(*object, now))
    }

    /// Everything that can be restored, in the order in which it was created.
    pub(crate) fn all_deleted(&self, now: Timestamp) -> impl Iterator<Item = Member> + '_ {
        let users = self.every_user_from(None).map(|(ix, _)| Member::User(ix));
        let groups = self.every_group_from(None).map(|(ix, _)| Member::Group(ix));
        users.chain(groups).filter(move |object| self.is_kept(*object, now))
    }

    /// When an object was deleted.
    pub(crate) fn deleted_at(&self, object: Member) -> Option<Timestamp> {
        self.bin(object).map(|bin| bin.at)
    }

    /// Whether an object is gone for good.
    pub(crate) fn is_purged(&self, object: Member) -> bool {
        self.bin(object).is_some_and(|bin| bin.purged)
    }

    /// Brings a user back, but to no group and without licenses: they are in what is returned. None if its name is another's.
    pub(crate) fn restore_user(&mut self, user: UserIx, now: Timestamp) -> Option<Bin> {
        let upn = self.user(user).upn.to_ascii_lowercase();
        if self.by_upn.contains_key(&upn) {
            return None;
        }
        let bin = self.user_mut(user).deleted.take()?;
        self.user_mut(user).note_restored(now, bin.at);
        self.by_upn.insert(upn, user);
        self.touch(Member::User(user));
        Some(bin)
    }

    /// Brings a group back, without its members.
    pub(crate) fn restore_group(&mut self, group: GroupIx) {
        self.group_mut(group).deleted = None;
        self.touch(Member::Group(group));
    }

    /// Lets nobody restore an object any more.
    pub(crate) fn purge(&mut self, object: Member) {
        let bin = match object {
            Member::User(ix) => &mut self.user_mut(ix).deleted,
            Member::Group(ix) => &mut self.group_mut(ix).deleted,
        };
        if let Some(bin) = bin {
            bin.purged = true;
        }
        self.touch(object);
    }

    fn bin(&self, object: Member) -> Option<&Bin> {
        match object {
            Member::User(ix) => self.user(ix).deleted.as_ref(),
            Member::Group(ix) => self.group(ix).deleted.as_ref(),
        }
    }

    fn is_kept(&self, object: Member, now: Timestamp) -> bool {
        self.deleted_at(object).is_some_and(|at| later(at, KEPT) > now) && !self.is_purged(object)
    }
}

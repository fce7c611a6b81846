//! A group: its kind, its licenses, its members now and a moment ago.
use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::tenant::{Bin, GroupIx, Member, SkuIx, UserIx};

/// A group of the tenant.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a group, as Graph has them")]
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Object id.
    pub(crate) id: Uuid,
    /// Name on screens.
    pub(crate) display: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Mail nickname.
    pub(crate) nickname: String,
    /// `Unified`, `DynamicMembership` or none: a security group.
    pub(crate) types: Vec<String>,
    /// A security group or one used as such.
    pub(crate) security: bool,
    /// Has a mailbox or a distribution list.
    pub(crate) mail: bool,
    /// The rule of a dynamic group.
    pub(crate) rule: Option<String>,
    /// Members come from a directory on premises.
    pub(crate) synced: Option<bool>,
    /// Roles can be given to it, so changing it needs another permission.
    pub(crate) role_assignable: bool,
    /// A restricted administrative unit shields it, so others than the unit's administrators may not change it. Only shown.
    pub(crate) restricted: bool,
    /// What it licenses its members for.
    pub(crate) licenses: Vec<License>,
    /// How far a change of `licenses` has got.
    pub(crate) processing: Option<Processing>,
    /// Groups that this one is a member of.
    pub(crate) parents: Vec<GroupIx>,
    /// The change that the group was last part of.
    pub(crate) revision: u64,
    /// When it was created.
    pub(crate) created: Timestamp,
    /// When it was deleted.
    pub(crate) deleted: Option<Bin>,
    /// Users who own it.
    pub(crate) owners: Vec<UserIx>,
    /// Who may see it; Microsoft 365 groups have that.
    pub(crate) visibility: Option<String>,
    /// The rule is not looked at for now.
    pub(crate) paused: bool,
    /// Which properties changed when; `*` for all of them.
    pub(super) touched: Vec<(u64, &'static str)>,
    members: BTreeMap<Member, Timestamp>,
    left: Vec<(Member, Timestamp, Timestamp)>,
    changes: Vec<(u64, Member, bool)>,
}

/// A product that a group gives its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct License {
    /// The product.
    pub(crate) sku: SkuIx,
    /// Plans that are switched off.
    pub(crate) disabled: Vec<Uuid>,
}

/// The words of `licenseProcessingState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processing {
    /// Not begun.
    Queued,
    /// Under way, with so many members to go.
    InProgress(usize),
    /// All members have been looked at.
    Complete,
}

impl Group {
    /// A static security group with nothing in it.
    pub(crate) fn new(id: Uuid, display: &str, created: Timestamp) -> Self {
        let nickname = display.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Self {
            id,
            display: display.to_owned(),
            description: None,
            nickname,
            types: Vec::new(),
            security: true,
            mail: false,
            rule: None,
            synced: None,
            role_assignable: false,
            restricted: false,
            licenses: Vec::new(),
            processing: None,
            parents: Vec::new(),
            revision: 0,
            created,
            deleted: None,
            owners: Vec::new(),
            visibility: None,
            paused: false,
            touched: Vec::new(),
            members: BTreeMap::new(),
            left: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Whether the group is still there.
    pub(crate) fn exists(&self) -> bool {
        self.deleted.is_none()
    }

    /// Whether it is a Microsoft 365 group. Only those are kept when they are deleted.
    pub(crate) fn is_unified(&self) -> bool {
        self.types.iter().any(|kind| kind == "Unified")
    }

    /// Whether members come from a rule.
    pub(crate) fn is_dynamic(&self) -> bool {
        self.types.iter().any(|kind| kind == "DynamicMembership")
    }

    /// Whether Graph may not change its members because it is a mail group (not a Microsoft 365 group).
    pub(crate) fn is_mail_list(&self) -> bool {
        self.mail && !self.is_unified()
    }

    /// Whether something is a direct member now.
    pub(crate) fn has(&self, member: Member) -> bool {
        self.members.contains_key(&member)
    }

    /// Whether something was a direct member at a time.
    pub(crate) fn had(&self, member: Member, time: Timestamp) -> bool {
        let left =
            |(one, joined, left): &(Member, Timestamp, Timestamp)| *one == member && *joined <= time && *left > time;
        self.members.get(&member).is_some_and(|joined| *joined <= time) || self.left.iter().any(left)
    }

    /// Direct members now.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member> {
        self.members.keys().copied()
    }

    /// Direct members as they were at a time, after `from`, in a fixed order.
    pub(crate) fn members_at(&self, time: Timestamp, from: Option<Member>) -> impl Iterator<Item = Member> {
        let bounds = (from.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let mut gone: Vec<Member> = self
            .left
            .iter()
            .filter(|(member, joined, left)| *joined <= time && *left > time && from.is_none_or(|from| *member > from))
            .map(|(member, ..)| *member)
            .collect();
        gone.sort_unstable();
        let there = self.members.range(bounds).filter(move |(_, joined)| **joined <= time).map(|(member, _)| *member);
        merge(there, gone)
    }

    /// Who came and who went between two changes, each with where that left them.
    pub(crate) fn changed_members(&self, since: u64, until: u64) -> Vec<(Member, bool)> {
        let begin = self.changes.partition_point(|(revision, ..)| *revision <= since);
        let changes = self.changes[begin..].iter().take_while(|(revision, ..)| *revision <= until);
        let last: BTreeMap<Member, bool> = changes.map(|(_, member, there)| (*member, *there)).collect();
        last.into_iter().collect()
    }

    /// Notes that a member came or went.
    pub(super) fn note_member(&mut self, revision: u64, member: Member, joined: bool) {
        self.revision = revision;
        self.changes.push((revision, member, joined));
    }

    /// Forgets who came and went so far; nobody has a token from before.
    pub(super) fn forget_changes(&mut self) {
        self.changes = Vec::new();
        self.touched = Vec::new();
    }

    /// Adds a member; false if it is one already.
    pub(super) fn join(&mut self, member: Member, now: Timestamp) -> bool {
        let new = !self.members.contains_key(&member);
        if new {
            self.members.insert(member, now);
        }
        new
    }

    /// Removes a member; false if it is not one. Who left before `horizon` is forgotten.
    pub(super) fn leave(&mut self, member: Member, now: Timestamp, horizon: Timestamp) -> bool {
        let Some(joined) = self.members.remove(&member) else {
            return false;
        };
        // Sweeping at every departure would make a mass removal quadratic.
        if self.left.len().is_power_of_two() {
            self.left.retain(|(.., left)| *left > horizon);
        }
        if horizon < now {
            self.left.push((member, joined, now));
        }
        true
    }
}

impl Processing {
    /// The word that Graph writes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queued => "QueuedForProcessing",
            Self::InProgress(_) => "ProcessingInProgress",
            Self::Complete => "ProcessingComplete",
        }
    }
}

/// Two sorted runs as one.
fn merge(one: impl Iterator<Item = Member>, other: Vec<Member>) -> impl Iterator<Item = Member> {
    let (mut one, mut other) = (one.peekable(), other.into_iter().peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(left), Some(right)) if right < left => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_lagging_read_sees_the_members_of_a_moment_ago() {
        let [a, b, c] = [0, 1, 2].map(|ix| Member::User(UserIx(ix)));
        let mut group = Group::new(Uuid::nil(), "G", at(0));
        assert!(group.join(a, at(1)) && group.join(b, at(1)) && group.join(c, at(10)));
        assert!(!group.join(a, at(5)), "already a member");
        assert!(group.leave(a, at(10), at(0)));
        assert_eq!(group.members_at(at(9), None).collect::<Vec<_>>(), [a, b]);
        assert_eq!(group.members_at(at(10), None).collect::<Vec<_>>(), [b, c]);
        assert_eq!(group.members_at(at(9), Some(a)).collect::<Vec<_>>(), [b]);
    }
}

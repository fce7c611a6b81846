//! The approvals at work as their events leave them, one a batch: who may be written by it yet, and who is proven.

use std::collections::BTreeMap;

use imbl::OrdSet;

use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;

/// Users that were approved for a write under way and are not settled, by their batches. Empty when nothing is being
/// written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    batches: BTreeMap<usize, AtWork>,
}

/// One approval; used up user by user.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AtWork {
    kind: WriteKind,
    /// Who is not settled: there may be many, shared with snapshots.
    users: OrdSet<UserId>,
    /// How far those of them have come who are more than approved: they are few at any time.
    begun: BTreeMap<UserId, Stage>,
}

/// How far one user has come under an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The read behind the proof began then.
    Proven(Timestamp),
    /// The approval is used up for them.
    Intended,
}

impl Approvals {
    /// Whether nothing is being written.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many users are not settled.
    pub fn len(&self) -> usize {
        self.batches.values().map(|one| one.users.len()).sum()
    }

    /// How many users of one batch are not settled.
    pub fn left_in(&self, batch: usize) -> usize {
        self.batches.get(&batch).map_or(0, |one| one.users.len())
    }

    /// Whether the user was approved and is not settled.
    pub fn contains(&self, user: &UserId) -> bool {
        self.batches.values().any(|one| one.users.contains(user))
    }

    /// Ends all of them: nothing more may be written without asking again.
    pub fn clear(&mut self) {
        self.batches.clear();
    }

    /// Ends the one of a batch.
    pub(in crate::domain) fn end(&mut self, batch: usize) {
        self.batches.remove(&batch);
    }

    pub(super) fn begin(&mut self, batch: usize, kind: WriteKind, users: &[UserId]) {
        let users: OrdSet<_> = users.iter().copied().collect();
        if !users.is_empty() {
            self.batches.insert(batch, AtWork { kind, users, begun: BTreeMap::new() });
        }
    }

    /// Notes what was proven. It counts for an approval that needs it, and only until the write is about to leave.
    pub(super) fn prove(&mut self, batch: usize, user: UserId, read_at: Timestamp) {
        let approval = self.batches.get_mut(&batch).filter(|one| one.users.contains(&user));
        if let Some(one) = approval.filter(|one| one.begun.get(&user) != Some(&Stage::Intended)) {
            one.begun.insert(user, Stage::Proven(read_at));
        }
    }

    /// Whether an approval of this kind may yet be spent on the user: whether it names them and was not spent before.
    pub(super) fn is_unspent(&self, batch: usize, kind: WriteKind, user: UserId) -> bool {
        let approval = self.batches.get(&batch).filter(|one| one.kind == kind && one.users.contains(&user));
        approval.is_some_and(|one| one.begun.get(&user) != Some(&Stage::Intended))
    }

    /// When the read behind the user's proof began; `None` when they are not proven.
    pub(super) fn proven_at(&self, batch: usize, user: UserId) -> Option<Timestamp> {
        match self.batches.get(&batch)?.begun.get(&user)? {
            Stage::Proven(read_at) => Some(*read_at),
            Stage::Intended => None,
        }
    }

    pub(super) fn spend(&mut self, batch: usize, user: UserId) {
        if let Some(one) = self.batches.get_mut(&batch).filter(|one| one.users.contains(&user)) {
            one.begun.insert(user, Stage::Intended);
        }
    }

    /// The user is settled, or was withdrawn.
    pub(super) fn remove(&mut self, user: UserId) {
        self.batches.retain(|_, one| {
            one.users.remove(&user);
            one.begun.remove(&user);
            !one.users.is_empty()
        });
    }
}

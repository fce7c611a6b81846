//! The approvals at work as their events leave them, one a batch: who may be written by it yet, and who is proven.

use std::collections::BTreeMap;

use imbl::OrdMap;

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
    users: OrdMap<UserId, Stage>,
}

/// How far one user has come under an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Approved,
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
        self.batches.values().any(|one| one.users.contains_key(user))
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
        let users: OrdMap<_, _> = users.iter().map(|user| (*user, Stage::Approved)).collect();
        if !users.is_empty() {
            self.batches.insert(batch, AtWork { kind, users });
        }
    }

    /// Notes what was proven. It counts for an approval that needs it, and only until the write is about to leave.
    pub(super) fn prove(&mut self, batch: usize, user: UserId, read_at: Timestamp) {
        let stage = self.batches.get_mut(&batch).and_then(|one| one.users.get_mut(&user));
        if let Some(stage) = stage.filter(|stage| **stage != Stage::Intended) {
            *stage = Stage::Proven(read_at);
        }
    }

    /// Whether an approval of this kind may yet be spent on the user: whether it names them and was not spent before.
    pub(super) fn is_unspent(&self, batch: usize, kind: WriteKind, user: UserId) -> bool {
        let approval = self.batches.get(&batch).filter(|one| one.kind == kind);
        let stage = approval.and_then(|one| one.users.get(&user));
        matches!(stage, Some(Stage::Approved | Stage::Proven(_)))
    }

    /// When the read behind the user's proof began; `None` when they are not proven.
    pub(super) fn proven_at(&self, batch: usize, user: UserId) -> Option<Timestamp> {
        match self.batches.get(&batch)?.users.get(&user)? {
            Stage::Proven(read_at) => Some(*read_at),
            Stage::Approved | Stage::Intended => None,
        }
    }

    pub(super) fn spend(&mut self, batch: usize, user: UserId) {
        if let Some(stage) = self.batches.get_mut(&batch).and_then(|one| one.users.get_mut(&user)) {
            *stage = Stage::Intended;
        }
    }

    /// The user is settled, or was withdrawn.
    pub(super) fn remove(&mut self, user: UserId) {
        self.batches.retain(|_, one| {
            one.users.remove(&user);
            !one.users.is_empty()
        });
    }
}

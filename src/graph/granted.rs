//! What was seen to be permitted in this session, so that the refusal of one user is not taken for a missing permission.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::graph::refusal;
use crate::graph::refusal::Needs;

/// What is written to, as far as permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graph) enum Written {
    /// The members of a group.
    Members(GroupId),
    /// Having GBL look again.
    Reprocess,
    /// Licenses assigned directly.
    Licenses,
}

/// What is known of one kind of write.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// Some write was let through.
    one: bool,
    /// Several were let through in one request.
    several: bool,
    /// Several in one request are refused, and each alone is let through.
    alone_only: bool,
}

/// What was let through so far.
#[derive(Debug, Default)]
pub(in crate::graph) struct Granted(Mutex<HashMap<Written, Known>>);

impl Granted {
    fn known(&self, what: Written) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&what).copied().unwrap_or_default()
    }

    fn learn(&self, what: Written, lesson: impl FnOnce(&mut Known)) {
        lesson(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default());
    }

    /// Whether some write was let through.
    pub(in crate::graph) fn one(&self, what: Written) -> bool {
        self.known(what).one
    }

    /// A write for so many users was let through.
    pub(in crate::graph) fn let_through(&self, what: Written, users: usize) {
        self.learn(what, |known| {
            known.one = true;
            if users > 1 {
                (known.several, known.alone_only) = (true, false);
            }
        });
    }

    /// Whether only single members can be added.
    pub(in crate::graph) fn alone_only(&self, what: Written) -> bool {
        self.known(what).alone_only
    }

    /// Several at once are refused where each alone is let through.
    pub(in crate::graph) fn let_only_single_through(&self, what: Written) {
        self.learn(what, |known| known.alone_only = !known.several);
    }

    /// Learns from outcomes. Once something was let through, a 403 is about its one user and no want of permission.
    pub(in crate::graph) fn judge(
        &self,
        what: Written,
        needs: Needs,
        outcomes: Vec<(UserId, Outcome)>,
    ) -> Vec<(UserId, Outcome)> {
        if outcomes.iter().any(|(_, outcome)| passed(outcome)) {
            self.learn(what, |known| known.one = true);
        }
        if !self.known(what).one {
            return outcomes;
        }
        let about_one = |(user, outcome)| match outcome {
            Outcome::Failed(fault) if fault.kind == FaultKind::Forbidden => {
                (user, Outcome::Failed(refusal::of_one(fault, needs)))
            }
            outcome => (user, outcome),
        };
        outcomes.into_iter().map(about_one).collect()
    }
}

/// Whether a write was let through, though there may have been nothing to do.
pub(in crate::graph) fn passed(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Done => true,
        Outcome::Failed(fault) => fault.kind == FaultKind::AlreadyMember,
        Outcome::Lost(_) => false,
    }
}

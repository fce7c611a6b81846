//! What a removal needs to be proven safe, and for how long the proof is good.

use crate::domain::id::UserId;
use crate::domain::read::PointRead;
use crate::domain::route::Scenario;
use crate::domain::standing::Judge;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How old the last read may be when the removal leaves.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// The proof that one user keeps a license when the source is taken away. It is made by [`LastLook::prove`] alone.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub struct LastLook {
    user: UserId,
    standing: Standing,
    read_at: Timestamp,
}

/// Why a last look proves nothing. The user stays where they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The two reads are not of the same user.
    #[error("the two reads are of different users")]
    DifferentUsers,
    /// A read began before the user's addition was acknowledged, so it proves nothing about it.
    #[error("a read began before the addition was acknowledged")]
    BeforeTheAddition,
    /// The second read began before the first had ended.
    #[error("the two reads did not follow each other")]
    NotInOrder,
    /// The reads disagree.
    #[error("two reads disagree: {0}, then {1}")]
    Disagree(Standing, Standing),
    /// Both reads show a standing that is not safe.
    #[error("{0} is not safe to remove")]
    NotSafe(Standing),
    /// The last read is older than a minute, or lies in the future.
    #[error("the last read is too old")]
    TooOld,
}

impl LastLook {
    /// Proves from two point reads that a user is safe to remove.
    ///
    /// # Errors
    /// [`NotProven`] says which condition of rule 3 does not hold.
    pub fn prove(
        judge: &Judge,
        first: &PointRead,
        last: &PointRead,
        added: Timestamp,
        now: Timestamp,
    ) -> Result<Self, NotProven> {
        if first.user != last.user
            || [first, last].iter().any(|read| read.facts.as_ref().is_some_and(|f| f.id != read.user))
        {
            return Err(NotProven::DifferentUsers);
        }
        if first.began <= added || last.began <= added {
            return Err(NotProven::BeforeTheAddition);
        }
        if last.began < first.ended {
            return Err(NotProven::NotInOrder);
        }
        if last.began > now || last.began + GOOD_FOR < now {
            return Err(NotProven::TooOld);
        }
        let standing = judge.standing(last.facts.as_ref(), Removal::NotSent);
        let before = judge.standing(first.facts.as_ref(), Removal::NotSent);
        if before != standing {
            return Err(NotProven::Disagree(before, standing));
        }
        if !standing.is_safe(judge.scenario) {
            return Err(NotProven::NotSafe(standing));
        }
        Ok(Self { user: last.user, standing, read_at: last.began })
    }

    /// Whom it proves safe.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The safe standing that was seen.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// When the last read began.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// Until when a removal may leave on the strength of it.
    pub fn good_until(&self) -> Timestamp {
        self.read_at + GOOD_FOR
    }
}

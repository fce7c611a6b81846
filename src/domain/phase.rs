//! The phases of a batch and the one table of how they follow each other.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::event::Event;
use crate::domain::route::Direction;
use crate::domain::write::WriteState;

/// Where a batch is on its road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Every assumption is checked; read only.
    Preflight,
    /// Users are added to the target group; gated.
    AddToTarget,
    /// GBL works; each user is polled until safe to remove.
    VerifyAdded,
    /// Users are removed from the source group, a canary first; gated.
    RemoveFromSource,
    /// GBL works; each user is polled until migrated.
    VerifyMigrated,
    /// Every user is migrated or excluded.
    Complete,
}

/// An event that the phase does not know: a bug live, a broken journal on resume, never a guess.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event}: {place:?}")]
pub struct Illegal {
    /// The event's name; empty where there is none at all.
    pub event: &'static str,
    /// Where it was met.
    pub place: Place,
}

/// Where an event was met that cannot happen there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the run began.
    BeforeTheRun,
    /// A second time in a run.
    TwiceInARun,
    /// Once a batch is under way.
    OnceUnderWay,
    /// While a write of the batch is open.
    WithOpenWrite,
    /// Without an alarm.
    WithoutAlarm,
    /// Before every batch is complete.
    BeforeTheEnd,
    /// While the run is halted.
    Halted,
    /// Beside another approval of the batch.
    BesideAnotherApproval,
    /// Before the canary of the first batch has arrived.
    BeforeFirstCanary,
    /// Before or after a batch is under way.
    NotUnderWay,
    /// Without its approval.
    WithoutApproval,
    /// Without a proof since the last write was acknowledged.
    WithoutProof,
    /// To a write that has come this far.
    ToWrite(WriteState),
    /// In a batch that does not exist.
    NoSuchBatch,
    /// In a batch that is not under way.
    BatchNotUnderWay,
    /// In this phase.
    InPhase(Phase),
    /// To a user who is not in the run.
    NotInRun,
    /// To a user who is not in the batch.
    NotInBatch,
    /// To nobody.
    ToNobody,
    /// Twice to a user.
    TwiceToAUser,
    /// To a group whose members others change, or for others to one that this program changes.
    MovedByOthers,
    /// To a worklist that does not exist, or is not in force.
    WorklistNotInForce,
    /// While something else forbids it.
    Now,
}

impl Phase {
    /// The five phases that the stepper shows.
    pub const SHOWN: [Self; 5] =
        [Self::Preflight, Self::AddToTarget, Self::VerifyAdded, Self::RemoveFromSource, Self::VerifyMigrated];

    /// The name in JSON as a batch of this way meets it; it is the same in every language.
    pub fn label(self, direction: Direction) -> &'static str {
        match (direction, self) {
            (Direction::Rollback, Self::AddToTarget) => "Add to source",
            (Direction::Rollback, Self::RemoveFromSource) => "Remove from target",
            (Direction::Rollback, Self::VerifyMigrated) => "Verify rolled back",
            (Direction::Rollback, Self::Complete) => "rollback complete",
            (Direction::Forward, _) | (Direction::Rollback, Self::Preflight | Self::VerifyAdded) => self.name(),
        }
    }

    /// The name in JSON, which never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preflight => "Preflight",
            Self::AddToTarget => "Add to target",
            Self::VerifyAdded => "Verify added",
            Self::RemoveFromSource => "Remove from source",
            Self::VerifyMigrated => "Verify migrated",
            Self::Complete => "batch complete",
        }
    }

    /// The phase after an event that moves a batch. Asked before the engine acts, and again for each line a resume reads.
    ///
    /// # Errors
    /// [`Illegal`] for every pair that is not a step on the road.
    pub fn after(self, event: &Event) -> Result<Self, Illegal> {
        Ok(match (self, event) {
            // An approval is asked for again when writes are left over, as after a halt or a refusal; once the adding was
            // done, when somebody else took users out of the group again.
            (Self::Preflight | Self::AddToTarget | Self::VerifyAdded, Event::AddApproved { .. }) => Self::AddToTarget,
            // Whom a rollback finds still in the group needs no adding.
            (Self::Preflight | Self::AddToTarget, Event::AddsAcknowledged { .. }) => Self::VerifyAdded,
            // Whoever was left behind comes under a later approval, though the batch was complete without them.
            (
                Self::VerifyAdded | Self::RemoveFromSource | Self::VerifyMigrated | Self::Complete,
                Event::RemoveApproved { .. },
            ) => Self::RemoveFromSource,
            (Self::RemoveFromSource, Event::RemovesAcknowledged { .. }) => Self::VerifyMigrated,
            (
                Self::Preflight | Self::AddToTarget | Self::VerifyAdded | Self::RemoveFromSource | Self::VerifyMigrated,
                Event::BatchComplete { .. },
            ) => Self::Complete,
            _ => {
                return Err(Illegal { event: event.name(), place: Place::InPhase(self) });
            }
        })
    }
}

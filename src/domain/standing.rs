//! Where a user stands: the one function from what Graph says to a standing.

mod code;
mod failure;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::flaw::Flaw;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::plan_families::CoreService;
use crate::domain::route::Scenario;

pub use crate::domain::standing::code::StandingCode;
pub use crate::domain::standing::code::Written;
pub use crate::domain::standing::failure::Failure;

/// Who still holds the source license of a user that has the target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The source group's assignment is still there: GBL has not processed the removal.
    NotProcessed,
    /// The user left the source group, but another product needs one of its plans: a ghost assignment.
    Dependency,
    /// The license is assigned to the user directly.
    Direct,
    /// Another group assigns it.
    Group(GroupId),
    /// `assignedLicenses` has it, and no source is named.
    Unnamed,
}

/// What keeps a user stuck.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Graph's word in `error`.
    Error(Box<Failure>),
    /// Graph's word in `state`, where `error` says nothing.
    State(Box<Failure>),
    /// The target is held, but not from the target group.
    TargetElsewhere,
    /// The source is held, but not from the source group.
    SourceElsewhere,
    /// Only `assignedLicenses` shows a license, with no source for it.
    Unexplained,
    /// All is as expected so far, but what the user would hold without the source group does not hold.
    EndState(Vec<Flaw>),
}

/// What a user was to have or to keep, and has not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lost {
    /// A product of the target group, or one that came from elsewhere.
    Product(SkuId),
    /// A core service that no product brings any more.
    Service(CoreService),
}

/// Where a user stands between the source and the target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// The source is held and nothing is seen of the target.
    OnSource,
    /// The source and all products of the target group are held, and the end state holds.
    HoldsBoth,
    /// The target waits in the conflict that taking the source away resolves, and the end state holds.
    ExpectedConflict,
    /// All products of the target group are held from it and the source from nowhere.
    Migrated,
    /// All products of the target group are held, and the source still is.
    SourceLingers(Holder),
    /// Something keeps a product of the target group away that time alone will not heal, or would once the source is gone.
    Stuck(Trouble),
    /// The source is gone, the target is there, and something that the user was to have or to keep is not.
    LostPart(Vec<Lost>),
    /// Neither is active: alarm.
    Unlicensed,
    /// Deleted or not found.
    Missing,
}

impl Standing {
    /// Whether the user keeps a license when the source is taken away.
    pub fn is_safe(&self, scenario: Scenario) -> bool {
        match self {
            // Migrated without our removal: the source license is gone or in error, and its group has nothing to take away.
            Self::HoldsBoth | Self::Migrated => true,
            Self::ExpectedConflict => scenario == Scenario::Conflicting,
            Self::OnSource
            | Self::SourceLingers(_)
            | Self::Stuck(_)
            | Self::LostPart(_)
            | Self::Unlicensed
            | Self::Missing => false,
        }
    }

    /// Whether something is wrong with the user's licenses that time alone will not heal.
    pub fn is_stuck(&self) -> bool {
        matches!(self, Self::Stuck(_) | Self::LostPart(_))
    }

    /// Whether all that speaks against the removal is that no seat is free; a subscription that is suspended has none.
    pub fn lacks_only_seats(&self) -> bool {
        let Self::Stuck(Trouble::EndState(flaws)) = self else { return false };
        !flaws.is_empty() && flaws.iter().all(|flaw| matches!(flaw, Flaw::NoSeat { .. } | Flaw::NotUsable { .. }))
    }

    /// Whether it counts for the breaker as a sign that the run goes wrong. That seats ran out has a halt of its own
    /// (rule 4), and nothing has gone wrong with who waits for one.
    pub fn counts_as_stuck(&self) -> bool {
        match self {
            Self::Stuck(_) if self.lacks_only_seats() => false,
            Self::Stuck(_) | Self::LostPart(_) | Self::SourceLingers(Holder::Dependency) => true,
            _ => false,
        }
    }

    /// How far along the road it is; a user whose figure falls went back.
    pub fn progress(&self) -> u8 {
        match self {
            Self::Unlicensed | Self::Missing => 0,
            Self::OnSource | Self::Stuck(_) => 1,
            Self::ExpectedConflict | Self::HoldsBoth => 2,
            Self::SourceLingers(_) | Self::LostPart(_) => 3,
            Self::Migrated => 4,
        }
    }
}

/// Whether the user's removal from the source group was sent; it tells an unprocessed removal from a license at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Not sent.
    NotSent,
    /// Sent, or acknowledged.
    Sent,
}

#[cfg(test)]
mod tests;

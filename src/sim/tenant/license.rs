//! One license assignment of a user: which product, from where, and how it fares.
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::sim::tenant::{GroupIx, SkuIx};

/// One element of `licenseAssignmentStates`: a product from one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The product.
    pub(crate) sku: SkuIx,
    /// The group it comes from, or none if it was assigned directly.
    pub(crate) by: Option<GroupIx>,
    /// Plans that this source switches off.
    pub(crate) disabled: Vec<Uuid>,
    /// How it fares.
    pub(crate) state: State,
    /// Why it does not.
    pub(crate) error: Option<LicenseError>,
    /// When `state` or `error` last changed.
    pub(crate) updated: Timestamp,
}

/// The words of `state` (Microsoft Learn, "licenseAssignmentState resource type"; `Disabled` is never produced here).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum State {
    /// Assigned.
    #[default]
    Active,
    /// Assigned, but something about it failed.
    ActiveWithError,
    /// Not assigned.
    Error,
}

/// The words of `error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum LicenseError {
    /// No free seat.
    #[serde(rename = "CountViolation")]
    Count,
    /// A plan excludes one that the user has from another product.
    #[serde(rename = "MutuallyExclusiveViolation")]
    MutuallyExclusive,
    /// A plan needs one that the user lacks, or is needed by one that stays.
    #[serde(rename = "DependencyViolation")]
    Dependency,
    /// Not offered where the user is.
    #[serde(rename = "ProhibitedInUsageLocationViolation")]
    UsageLocation,
    /// The user's proxy address is taken.
    #[serde(rename = "UniquenessViolation")]
    Uniqueness,
    /// Another product of the same group failed.
    Other,
}

impl Assignment {
    /// Whether the user has the product through this.
    pub(crate) fn holds(&self) -> bool {
        self.state != State::Error
    }

    /// Whether this leaves a plan of the product on.
    pub(crate) fn enables(&self, plan: Uuid) -> bool {
        !self.disabled.contains(&plan)
    }

    /// Notes a state, with the time only if it is news.
    pub(crate) fn set(&mut self, state: State, error: Option<LicenseError>, now: Timestamp) {
        if (self.state, self.error) != (state, error) {
            (self.state, self.error, self.updated) = (state, error, now);
        }
    }
}

impl State {
    /// The word that Graph writes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ActiveWithError => "ActiveWithError",
            Self::Error => "Error",
        }
    }
}

impl LicenseError {
    /// The word that Graph writes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Count => "CountViolation",
            Self::MutuallyExclusive => "MutuallyExclusiveViolation",
            Self::Dependency => "DependencyViolation",
            Self::UsageLocation => "ProhibitedInUsageLocationViolation",
            Self::Uniqueness => "UniquenessViolation",
            Self::Other => "Other",
        }
    }
}

/// The products that assignments give, each once however many sources it has.
pub(crate) fn held(assignments: &[Assignment]) -> Vec<SkuIx> {
    let mut skus: Vec<SkuIx> = assignments.iter().filter(|one| one.holds()).map(|one| one.sku).collect();
    skus.sort_unstable();
    skus.dedup();
    skus
}

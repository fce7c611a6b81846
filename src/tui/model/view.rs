//! The views, by the order of their keys.

use crate::words::phrase;

/// Which view is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The users.
    #[default]
    Users,
    /// The batches.
    Batches,
    /// The events.
    Events,
    /// The plan.
    Plan,
    /// Who is stuck, late, blocked or excluded, by cause.
    Problems,
}

impl View {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 5] = [Self::Users, Self::Batches, Self::Events, Self::Plan, Self::Problems];

    /// The name on screen.
    pub fn name(self) -> String {
        match self {
            Self::Users => phrase("key-view-users"),
            Self::Batches => phrase("key-view-batches"),
            Self::Events => phrase("key-view-events"),
            Self::Plan => phrase("key-view-plan"),
            Self::Problems => phrase("key-view-problems"),
        }
    }

    /// The same for a narrow screen.
    pub fn short_name(self) -> String {
        match self {
            Self::Users => phrase("view-tab-short-users"),
            Self::Batches => phrase("view-tab-short-batches"),
            Self::Events => phrase("view-tab-short-events"),
            Self::Plan => phrase("view-tab-short-plan"),
            Self::Problems => phrase("view-tab-short-problems"),
        }
    }
}

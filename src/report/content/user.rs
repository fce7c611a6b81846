//! A user as a report has them, before and after.

use std::sync::Arc;

use serde::Serialize;

use crate::domain::id::UserId;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// One user, before and after.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// The line of the list; 0 when the list is the source group itself.
    pub line: usize,
    /// The object id; `None` for a line that names nobody.
    pub id: Option<UserId>,
    /// The sign-in name, or the text given where nobody was found.
    pub user_principal_name: String,
    /// The name shown to people.
    pub display_name: Option<String>,
    /// The batch's place, from 1; `None` for who is in none.
    pub batch: Option<usize>,
    /// `forward` or `rollback`.
    pub direction: &'static str,
    /// The code of where they stand: after the last good read.
    pub standing: Option<&'static str>,
    /// The same in words, with what is wrong.
    pub standing_text: Option<String>,
    /// What became of them.
    pub outcome: UserOutcome,
    /// Products at preflight, by part number or name; `None` in journals that did not keep them.
    pub products_before: Option<Arc<[String]>>,
    /// Products that the last look before the removal promised and the reads after it did not miss; `None` before that.
    pub products_after: Option<Arc<[String]>>,
    /// When they were added to the target group.
    pub added: Option<Timestamp>,
    /// When they were first seen to be safe to remove.
    pub ready: Option<Timestamp>,
    /// When they were removed from the source group.
    pub removed: Option<Timestamp>,
    /// Who added them, when it was not this program; left out else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_by: Option<&'static str>,
    /// Who removed them, when it was not this program; left out else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<&'static str>,
    /// When they were first seen to be migrated.
    pub migrated: Option<Timestamp>,
    /// When they were seen to be back.
    pub rolled_back: Option<Timestamp>,
    /// From the addition until they were seen ready.
    pub seconds_to_ready: Option<u64>,
    /// From the removal until they were seen to be migrated.
    pub seconds_to_migrated: Option<u64>,
    /// Without a license, as reads saw it, rounded up.
    pub seconds_unlicensed: u64,
    /// The numbers of the approvals that name them.
    pub approvals: Vec<u32>,
    /// Whether the operator took them out.
    pub excluded: bool,
    /// Every reason against them and every warning.
    pub reasons: Vec<ReasonRow>,
    /// Why the last look proved nothing, when it did not.
    pub not_proven: Option<String>,
    /// The service's own sentence on why they are stuck, when it gave one.
    pub explained: Option<String>,
}

/// A reason against a user, or a warning about one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasonRow {
    /// Its code.
    pub code: &'static str,
    /// What was seen.
    pub message: String,
    /// Whether it blocks nobody.
    pub warning: bool,
}

/// What became of a user, what matters most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserOutcome {
    /// They have no license now.
    Unlicensed,
    /// Nobody knows what became of a write.
    Unknown,
    /// They have the target license and not the source.
    Migrated,
    /// They were taken back and have arrived.
    RolledBack,
    /// The operator took them out.
    Excluded,
    /// Preflight blocks them, or the list names nobody.
    Blocked,
    /// They are deleted or not found.
    Missing,
    /// Something keeps them.
    Stuck,
    /// They were added, and have not arrived.
    UnderWay,
    /// Nothing was written for them.
    NotBegun,
}

impl UserOutcome {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Unlicensed,
        Self::Unknown,
        Self::Migrated,
        Self::RolledBack,
        Self::Excluded,
        Self::Blocked,
        Self::Missing,
        Self::Stuck,
        Self::UnderWay,
        Self::NotBegun,
    ];

    /// Of this user.
    pub fn of(user: &User) -> Self {
        match &user.standing {
            _ if user.is_unlicensed() => Self::Unlicensed,
            _ if user.is_open() => Self::Unknown,
            _ if user.is_migrated() => Self::Migrated,
            _ if user.is_rolled_back() => Self::RolledBack,
            _ if user.excluded => Self::Excluded,
            _ if !user.is_active() => Self::Blocked,
            Some(Standing::Missing) => Self::Missing,
            Some(standing) if standing.is_stuck() => Self::Stuck,
            _ if user.remove.is_done() || user.add.is_done() => Self::UnderWay,
            _ => Self::NotBegun,
        }
    }

    /// The code, as JSON and CSV have it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unlicensed => "unlicensed",
            Self::Unknown => "unknown",
            Self::Migrated => "migrated",
            Self::RolledBack => "rolled-back",
            Self::Excluded => "excluded",
            Self::Blocked => "blocked",
            Self::Missing => "missing",
            Self::Stuck => "stuck",
            Self::UnderWay => "under-way",
            Self::NotBegun => "not-begun",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_codes() {
        for one in UserOutcome::ALL {
            assert_eq!(serde_json::to_value(one).unwrap(), one.code());
        }
    }
}

//! Advice about a plan: what the operator should know before the first approval. It blocks nothing and nobody.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::UserId;
use crate::domain::subscription::Caution;

/// One piece of advice, with what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Advice {
    /// Whether Exchange Online delays the loss of a mailbox when its license goes. Microsoft Graph does not tell.
    DelayedDelicensing {
        /// Seats of the tenant's products with Exchange Online; Microsoft offers the delay to large tenants only.
        exchange_seats: i64,
    },
    /// The tenant has fewer seats of products that group-based licensing asks for than users to be moved.
    GroupLicensingCoverage {
        /// Seats of such products.
        seats: i64,
        /// Users on the list.
        users: usize,
    },
    /// Users have Teams Phone or a calling plan; whether they have a number, the licenses do not tell.
    PhoneNumbers {
        /// How many.
        users: usize,
        /// How many of them have it from the source group alone, while the target group brings none.
        lose: usize,
    },
    /// Guests are on the list.
    Guests {
        /// How many.
        users: usize,
    },
    /// Disabled accounts are on the list.
    DisabledAccounts {
        /// How many.
        users: usize,
    },
    /// Users on the list are deleted, and can be restored yet.
    DeletedAccounts {
        /// How many.
        users: usize,
    },
    /// Users on the list were not found, and whether they are deleted may not be read.
    #[serde(rename = "deleted-accounts-unknown")]
    DeletedUnknown {
        /// How many were not found.
        users: usize,
    },
    /// Groups are members of one of the two groups, and their members get no license from it.
    NestedGroups {
        /// The group.
        group: String,
        /// Names of some of its members that are groups.
        nested: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// Whether groups are members of one of the two groups could not be read.
    #[serde(rename = "nested-groups-unknown")]
    NestedUnknown {
        /// The group.
        group: String,
    },
    /// A subscription of a target product ends, is a trial, or is past its end.
    TargetSubscriptionEnds {
        /// The product.
        product: String,
        /// What is unusual about it.
        caution: Caution,
    },
    /// Subscriptions may not be read, so nobody knows whether one of the target ends.
    #[serde(rename = "target-subscription-unknown")]
    SubscriptionUnknown {
        /// The product that the run is called after.
        product: String,
    },
    /// One call could swap the license of the source group as a whole.
    OneCallSwap {
        /// The source group.
        group: String,
        /// What it assigns.
        old: String,
        /// What it would assign.
        new: String,
    },
}

impl Advice {
    /// The word in `check --json`; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DelayedDelicensing { .. } => "delayed-delicensing",
            Self::GroupLicensingCoverage { .. } => "group-licensing-coverage",
            Self::PhoneNumbers { .. } => "phone-numbers",
            Self::Guests { .. } => "guests",
            Self::DisabledAccounts { .. } => "disabled-accounts",
            Self::DeletedAccounts { .. } => "deleted-accounts",
            Self::DeletedUnknown { .. } => "deleted-accounts-unknown",
            Self::NestedGroups { .. } => "nested-groups",
            Self::NestedUnknown { .. } => "nested-groups-unknown",
            Self::TargetSubscriptionEnds { .. } => "target-subscription-ends",
            Self::SubscriptionUnknown { .. } => "target-subscription-unknown",
            Self::OneCallSwap { .. } => "one-call-swap",
        }
    }
}

/// A user who was deleted and can be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedUser {
    /// The object id.
    pub id: UserId,
    /// The sign-in name from before, without the id that Entra puts in front of it.
    pub upn: String,
}

/// What is read for advice alone. What may not be read is `None`: it stops nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdviceFacts {
    /// Names of the groups among the members of the source group.
    pub nested_in_source: Option<Vec<String>>,
    /// The same of the target group.
    pub nested_in_target: Option<Vec<String>>,
    /// Deleted users; not asked for, and nobody, where all of the list were found.
    pub deleted: Option<Vec<DeletedUser>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_has_the_code_that_scripts_read() {
        let product = || "Office 365 E3".to_owned();
        let group = || "Lic-E1".to_owned();
        let all = [
            Advice::DelayedDelicensing { exchange_seats: 1 },
            Advice::GroupLicensingCoverage { seats: 1, users: 2 },
            Advice::PhoneNumbers { users: 1, lose: 0 },
            Advice::Guests { users: 1 },
            Advice::DisabledAccounts { users: 1 },
            Advice::DeletedAccounts { users: 1 },
            Advice::DeletedUnknown { users: 1 },
            Advice::NestedGroups { group: group(), nested: vec![group()], count: 1 },
            Advice::NestedUnknown { group: group() },
            Advice::SubscriptionUnknown { product: product() },
            Advice::OneCallSwap { group: group(), old: product(), new: product() },
        ];
        for advice in all {
            let kept = serde_json::to_value(&advice).unwrap();
            assert_eq!(kept["code"], advice.code());
            assert_eq!(serde_json::from_value::<Advice>(kept).unwrap(), advice);
        }
    }
}

//! Advice on a plan, each with the Microsoft document that says so.

use crate::domain::advice::Advice;
use crate::words::phrase;
use crate::words::preflight::caution;
use crate::words::say;

/// What is advised, with its reason.
pub fn advice(advice: &Advice) -> String {
    match advice {
        Advice::DelayedDelicensing { exchange_seats } => {
            say("advice-delayed-delicensing", &[("count", (*exchange_seats).into())])
        }
        Advice::GroupLicensingCoverage { seats, users } => {
            say("advice-group-licensing-coverage", &[("seats", (*seats).into()), ("count", (*users).into())])
        }
        Advice::PhoneNumbers { users, lose: 0 } => say("advice-phone-numbers", &[("count", (*users).into())]),
        Advice::PhoneNumbers { users, lose } => {
            say("advice-phone-numbers-lost", &[("count", (*users).into()), ("lose", (*lose).into())])
        }
        Advice::Guests { users } => say("advice-guests", &[("count", (*users).into())]),
        Advice::DisabledAccounts { users } => say("advice-disabled-accounts", &[("count", (*users).into())]),
        Advice::DeletedAccounts { users } => say("advice-deleted-accounts", &[("count", (*users).into())]),
        Advice::DeletedUnknown { users } => say("advice-deleted-accounts-unknown", &[("count", (*users).into())]),
        Advice::NestedGroups { group, nested, count } => say(
            "advice-nested-groups",
            &[
                ("group", group.as_str().into()),
                ("count", (*count).into()),
                ("nested", nested.join(", ").into()),
                ("more", (count - nested.len().min(*count)).into()),
            ],
        ),
        Advice::NestedUnknown { group } => say("advice-nested-groups-unknown", &[("group", group.as_str().into())]),
        Advice::TargetSubscriptionEnds { product, caution: what } => say(
            "advice-target-subscription-ends",
            &[("product", product.as_str().into()), ("caution", caution(*what).into())],
        ),
        Advice::SubscriptionUnknown { product } => {
            say("advice-target-subscription-unknown", &[("product", product.as_str().into())])
        }
        Advice::OneCallSwap { group, old, new } => say(
            "advice-one-call-swap",
            &[("group", group.as_str().into()), ("old", old.as_str().into()), ("new", new.as_str().into())],
        ),
    }
}

/// The Microsoft document behind it.
pub fn source(advice: &Advice) -> String {
    match advice {
        Advice::DelayedDelicensing { .. } => phrase("advice-source-delicensing"),
        Advice::GroupLicensingCoverage { .. } => phrase("advice-source-group-licensing"),
        Advice::PhoneNumbers { .. } => phrase("advice-source-phone-numbers"),
        Advice::Guests { .. } => phrase("advice-source-guests"),
        Advice::DisabledAccounts { .. } => phrase("advice-source-disabled"),
        Advice::DeletedAccounts { .. } | Advice::DeletedUnknown { .. } => phrase("advice-source-deleted"),
        Advice::NestedGroups { .. } | Advice::NestedUnknown { .. } => phrase("advice-source-nested"),
        Advice::TargetSubscriptionEnds { .. } | Advice::SubscriptionUnknown { .. } => {
            phrase("advice-source-subscription")
        }
        Advice::OneCallSwap { .. } => phrase("advice-source-swap"),
    }
}

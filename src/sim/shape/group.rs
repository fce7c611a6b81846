//! The properties of a group (Microsoft Learn, "group resource type").
use serde_json::{Value, json};

use crate::sim::clock::stamp;
use crate::sim::shape::assigned;
use crate::sim::tenant::{GroupIx, Member, Processing, Tenant};

/// What comes without `$select`.
#[rustfmt::skip]
pub(super) const DEFAULT: &[&str] = &[
    "classification", "createdDateTime", "creationOptions", "deletedDateTime", "description", "displayName",
    "expirationDateTime", "groupTypes", "id", "isAssignableToRole", "mail", "mailEnabled", "mailNickname",
    "membershipRule", "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName", "onPremisesProvisioningErrors", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation", "preferredLanguage",
    "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions", "securityEnabled",
    "securityIdentifier", "serviceProvisioningErrors", "theme", "uniqueName", "visibility",
];

/// What `$select` may name; `hasMembersWithLicenseErrors` may only be filtered by.
#[rustfmt::skip]
pub(super) const ALL: &[&str] = &[
    "allowExternalSenders", "assignedLabels", "assignedLicenses", "classification", "createdDateTime", "creationOptions",
    "deletedDateTime", "description", "displayName", "expirationDateTime", "groupTypes", "id", "isArchived",
    "isAssignableToRole", "isManagementRestricted", "licenseProcessingState", "mail", "mailEnabled", "mailNickname",
    "membershipRule", "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName", "onPremisesProvisioningErrors", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation", "preferredLanguage",
    "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions", "securityEnabled",
    "securityIdentifier", "serviceProvisioningErrors", "theme", "uniqueName", "visibility",
];

/// One property. What the tenant does not model is null or empty.
pub(crate) fn group_property(tenant: &Tenant, ix: GroupIx, name: &str) -> Value {
    let group = tenant.group(ix);
    match name {
        "id" => json!(group.id),
        "displayName" => json!(group.display),
        "description" => json!(group.description),
        "mailNickname" => json!(group.nickname),
        "mail" if group.mail => json!(format!("{}@{}", group.nickname, tenant.domain)),
        "mailEnabled" => json!(group.mail),
        "securityEnabled" => json!(group.security),
        "groupTypes" => json!(group.types),
        "membershipRule" => json!(group.rule),
        "membershipRuleProcessingState" => {
            json!(group.rule.as_ref().map(|_| if group.paused { "Paused" } else { "On" }))
        }
        "onPremisesSyncEnabled" => json!(group.synced),
        "onPremisesSamAccountName" if group.synced == Some(true) => json!(group.display),
        "onPremisesDomainName" if group.synced == Some(true) => json!(tenant.domain),
        "isAssignableToRole" => json!(group.role_assignable.then_some(true)),
        "isManagementRestricted" => json!(group.restricted.then_some(true)),
        "createdDateTime" | "renewedDateTime" => json!(stamp(group.created)),
        "securityIdentifier" => {
            let (high, low) = group.id.as_u64_pair();
            json!(format!("S-1-12-1-{}-{}-{}-{}", high >> 32, high & 0xffff_ffff, low >> 32, low & 0xffff_ffff))
        }
        "deletedDateTime" => json!(group.deleted.as_ref().map(|bin| stamp(bin.at))),
        "assignedLicenses" => assigned(tenant, &group.licenses),
        "licenseProcessingState" => match group.processing {
            None => Value::Null,
            Some(processing) => json!({ "state": Processing::word(processing) }),
        },
        "visibility" => json!(group.visibility),
        "hasMembersWithLicenseErrors" => json!(has_errors(tenant, ix)),
        "assignedLabels"
        | "creationOptions"
        | "onPremisesProvisioningErrors"
        | "proxyAddresses"
        | "resourceBehaviorOptions"
        | "resourceProvisioningOptions"
        | "serviceProvisioningErrors" => json!([]),
        _ => Value::Null,
    }
}

fn has_errors(tenant: &Tenant, ix: GroupIx) -> bool {
    tenant.group(ix).members().any(|member| match member {
        Member::User(user) => tenant.user(user).assignments.iter().any(|one| one.by == Some(ix) && one.error.is_some()),
        Member::Group(_) => false,
    })
}

//! The properties of a user (Microsoft Learn, "user resource type").
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sim::clock::stamp;
use crate::sim::shape::assigned;
use crate::sim::tenant::{Assignment, License, Tenant, User, UserIx};

/// What comes without `$select`.
pub(super) const DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];

/// What `$select` may name.
#[rustfmt::skip]
pub(crate) const ALL: &[&str] = &[
    "accountEnabled", "ageGroup", "assignedLicenses", "assignedPlans", "authorizationInfo", "businessPhones", "city",
    "companyName", "consentProvidedForMinor", "country", "createdDateTime", "creationType", "customSecurityAttributes",
    "deletedDateTime", "department", "displayName", "employeeHireDate", "employeeId", "employeeLeaveDateTime",
    "employeeOrgData", "employeeType", "externalUserState", "externalUserStateChangeDateTime", "faxNumber", "givenName",
    "id", "identities", "imAddresses", "isManagementRestricted", "isResourceAccount", "jobTitle",
    "lastPasswordChangeDateTime", "legalAgeGroupClassification", "licenseAssignmentStates", "mail", "mailNickname",
    "mobilePhone", "officeLocation", "onPremisesDistinguishedName", "onPremisesDomainName",
    "onPremisesExtensionAttributes", "onPremisesImmutableId", "onPremisesLastSyncDateTime",
    "onPremisesProvisioningErrors", "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName", "otherMails", "passwordPolicies", "passwordProfile", "postalCode",
    "preferredDataLocation", "preferredLanguage", "provisionedPlans", "proxyAddresses", "securityIdentifier",
    "serviceProvisioningErrors", "showInAddressList", "signInActivity", "signInSessionsValidFromDateTime", "state",
    "streetAddress", "surname", "usageLocation", "userPrincipalName", "userType",
];

/// One property as it was at a time. What the tenant does not model is null or empty.
pub(crate) fn user_property(tenant: &Tenant, ix: UserIx, name: &str, at: Timestamp) -> Value {
    let user = tenant.user(ix);
    if let Some(value) = user.kept(name) {
        return value.clone();
    }
    match name {
        "id" => json!(user.id),
        // The name of who is deleted is free for others, so Entra puts the id before it.
        "userPrincipalName" if user.deleted.as_ref().is_some_and(|bin| bin.at <= at) => {
            json!(format!("{}{}", user.id.simple(), user.upn))
        }
        "userPrincipalName" => json!(user.upn),
        "deletedDateTime" => json!(user.deleted.as_ref().map(|bin| stamp(bin.at))),
        "displayName" => json!(user.display),
        "givenName" => text(&user.given),
        "surname" => text(&user.surname),
        "jobTitle" => text(user.title),
        "department" => text(user.department),
        "companyName" => json!(tenant.name),
        "mail" => mail(user),
        "mailNickname" => json!(user.upn.split('@').next().unwrap_or_default()),
        "usageLocation" => json!(user.location),
        "accountEnabled" => json!(user.enabled),
        "userType" => json!(if user.guest { "Guest" } else { "Member" }),
        "createdDateTime" => json!(stamp(user.created)),
        "securityIdentifier" => json!(sid(user)),
        "assignedLicenses" => assigned(tenant, &effective(user.assignments_at(at))),
        "licenseAssignmentStates" => user.assignments_at(at).iter().map(|one| state(tenant, one)).collect(),
        "assignedPlans" => plans(tenant, user.assignments_at(at)),
        "proxyAddresses" if user.assignments_at(at).iter().any(Assignment::holds) => {
            json!([format!("SMTP:{}", user.upn)])
        }
        "identities" => json!([{
            "signInType": "userPrincipalName", "issuer": tenant.domain, "issuerAssignedId": user.upn,
        }]),
        "businessPhones"
        | "imAddresses"
        | "otherMails"
        | "proxyAddresses"
        | "provisionedPlans"
        | "onPremisesProvisioningErrors"
        | "serviceProvisioningErrors" => json!([]),
        _ => Value::Null,
    }
}

/// One element of `licenseAssignmentStates`. Success is the word `None` (Microsoft Learn, "PowerShell and Graph examples
/// for group-based licensing"), although the resource's page says null.
fn state(tenant: &Tenant, one: &Assignment) -> Value {
    json!({
        "skuId": tenant.sku(one.sku).id,
        "disabledPlans": one.disabled,
        "assignedByGroup": one.by.map(|group| tenant.group(group).id),
        "state": one.state.word(),
        "error": one.error.map_or("None", crate::sim::tenant::LicenseError::word),
        "lastUpdatedDateTime": stamp(one.updated),
    })
}

/// What the user has, each product once; a plan is off only if every source has it off.
fn effective(assignments: &[Assignment]) -> Vec<License> {
    let mut licenses: Vec<License> = Vec::new();
    for one in assignments.iter().filter(|one| one.holds()) {
        match licenses.iter_mut().find(|license| license.sku == one.sku) {
            Some(license) => license.disabled.retain(|plan| one.disabled.contains(plan)),
            None => licenses.push(License { sku: one.sku, disabled: one.disabled.clone() }),
        }
    }
    licenses
}

fn plans(tenant: &Tenant, assignments: &[Assignment]) -> Value {
    let held = assignments.iter().filter(|one| one.holds());
    held.flat_map(|one| {
        tenant.sku(one.sku).plans.iter().filter(|plan| one.enables(plan.id)).map(|plan| {
            json!({
                "assignedDateTime": stamp(one.updated),
                "capabilityStatus": "Enabled",
                "service": plan.name.split('_').next().unwrap_or_default().to_ascii_lowercase(),
                "servicePlanId": plan.id,
            })
        })
    })
    .collect()
}

fn text(value: &str) -> Value {
    if value.is_empty() { Value::Null } else { json!(value) }
}

fn mail(user: &User) -> Value {
    if user.guest { Value::Null } else { json!(user.upn) }
}

fn sid(user: &User) -> String {
    let (high, low) = user.id.as_u64_pair();
    format!("S-1-12-1-{}-{}-{}-{}", high >> 32, high & 0xffff_ffff, low >> 32, low & 0xffff_ffff)
}

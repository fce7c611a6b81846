//! Which properties can be filtered by, and how (Microsoft Learn, "user resource type" and "group resource type").
use crate::sim::answer::Refusal;
use crate::sim::filter::{Filter, Side, Use};
use crate::sim::route::Kind;

/// Ways to filter, and the properties that know them. `is` stands for `eq`, `ne` and `in`, `ge` for `ge` and `le`.
type Ways = &'static [(&'static str, &'static [&'static str])];

#[rustfmt::skip]
const USER: Ways = &[
    ("is", &["accountEnabled", "ageGroup", "consentProvidedForMinor", "creationType", "externalUserState",
        "externalUserStateChangeDateTime", "id", "isResourceAccount", "legalAgeGroupClassification",
        "onPremisesSyncEnabled", "userType"]),
    ("is ge", &["createdDateTime", "deletedDateTime", "employeeHireDate", "employeeLeaveDateTime",
        "onPremisesImmutableId", "onPremisesLastSyncDateTime", "signInSessionsValidFromDateTime"]),
    ("is ge starts", &["city", "companyName", "country", "department", "displayName", "employeeId", "employeeType",
        "faxNumber", "givenName", "jobTitle", "mailNickname", "mobilePhone", "officeLocation",
        "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesSamAccountName",
        "onPremisesUserPrincipalName", "postalCode", "preferredLanguage", "state", "streetAddress", "surname",
        "usageLocation"]),
    ("is ge starts ends", &["mail", "userPrincipalName"]),
    ("eq", &["assignedPlans", "identities", "onPremisesSecurityIdentifier", "passwordPolicies", "provisionedPlans",
        "securityIdentifier", "serviceProvisioningErrors"]),
    ("eq count", &["assignedLicenses"]),
    ("eq ge starts", &["businessPhones", "imAddresses"]),
    ("eq ge starts ends count", &["otherMails", "proxyAddresses"]),
];

#[rustfmt::skip]
const GROUP: Ways = &[
    ("is", &["id", "isAssignableToRole", "mailEnabled", "onPremisesSyncEnabled", "securityEnabled"]),
    ("eq", &["hasMembersWithLicenseErrors", "onPremisesProvisioningErrors", "serviceProvisioningErrors"]),
    ("eq count", &["assignedLabels", "assignedLicenses"]),
    ("is ge", &["createdDateTime", "deletedDateTime", "expirationDateTime", "onPremisesLastSyncDateTime",
        "renewedDateTime"]),
    ("is ge starts", &["classification", "description", "displayName", "mailNickname", "membershipRule",
        "membershipRuleProcessingState", "onPremisesSamAccountName", "onPremisesSecurityIdentifier",
        "preferredLanguage", "securityIdentifier", "theme", "uniqueName"]),
    ("is ge starts ends", &["mail"]),
    ("eq starts count", &["groupTypes"]),
    ("eq ge starts ends count", &["proxyAddresses"]),
];

/// Refuses a filter that a kind of object does not know.
pub(crate) fn filterable(filter: &Filter, kind: Kind) -> Result<(), Refusal> {
    for (name, way) in filter.uses() {
        let Some(known) = ways(name, kind) else { return Err(unknown(name, kind)) };
        if !known.split(' ').any(|known| covers(known, way)) {
            return Err(Refusal::query("Unsupported Query."));
        }
    }
    Ok(())
}

/// Refuses a property that cannot be sorted by.
pub(crate) fn sortable(name: &str, kind: Kind) -> Result<(), Refusal> {
    match ways(name, kind) {
        Some(_) => Ok(()),
        None => Err(unknown(name, kind)),
    }
}

fn ways(name: &str, kind: Kind) -> Option<&'static str> {
    let all = match kind {
        Kind::User => USER,
        Kind::Group => GROUP,
    };
    all.iter().find(|(_, names)| names.contains(&name)).map(|(ways, _)| *ways)
}

fn covers(known: &str, way: Use) -> bool {
    match way {
        Use::Eq => known == "is" || known == "eq",
        Use::Ne | Use::In => known == "is",
        Use::Compare(Side::Ge | Side::Le) => known == "ge",
        // The directory knows neither.
        Use::Compare(Side::Gt | Side::Lt) => false,
        Use::StartsWith => known == "starts",
        Use::EndsWith => known == "ends",
        Use::Count => known == "count",
    }
}

fn unknown(name: &str, kind: Kind) -> Refusal {
    let resource = match kind {
        Kind::User => "User",
        Kind::Group => "Group",
    };
    Refusal::query(format!(
        "Unsupported or invalid query filter clause specified for property '{name}' of resource '{resource}'."
    ))
}

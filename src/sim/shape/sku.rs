//! Products, license details, the organization and its domains as Graph shows them.
use serde_json::{Value, json};

use crate::sim::catalog::Plan;
use crate::sim::clock::stamp;
use crate::sim::tenant::{Assignment, Sku, SkuIx, Tenant, User};

/// A `subscribedSku` (Microsoft Learn, "subscribedSku resource type").
pub(crate) fn subscribed_sku(tenant: &Tenant, sku: &Sku) -> Value {
    json!({
        "id": format!("{}_{}", tenant.id, sku.id),
        "accountId": tenant.id,
        "accountName": tenant.name.to_ascii_lowercase(),
        "appliesTo": "User",
        "capabilityStatus": sku.capability(),
        "consumedUnits": sku.consumed,
        "skuId": sku.id,
        "skuPartNumber": sku.part,
        "subscriptionIds": [sku.subscription],
        "prepaidUnits": {
            "enabled": sku.enabled, "suspended": sku.suspended, "warning": sku.warning, "lockedOut": 0,
        },
        "servicePlans": sku.plans.iter().map(|one| plan(one, true)).collect::<Value>(),
    })
}

/// An element of `licenseDetails`: a product that the user has, its plans on unless every source has them off.
pub(crate) fn license_detail(tenant: &Tenant, user: &User, ix: SkuIx) -> Value {
    let sku = tenant.sku(ix);
    let sources: Vec<&Assignment> = user.assignments.iter().filter(|one| one.sku == ix && one.holds()).collect();
    let plans = sku.plans.iter().map(|one| plan(one, sources.iter().any(|source| source.enables(one.id))));
    json!({
        "id": format!("{}_{}", user.id.simple(), sku.id.simple()),
        "skuId": sku.id,
        "skuPartNumber": sku.part,
        "servicePlans": plans.collect::<Value>(),
    })
}

/// The one `organization`.
pub(crate) fn organization(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "displayName": tenant.name,
        "countryLetterCode": tenant.country,
        "createdDateTime": stamp(tenant.created),
        "tenantType": "AAD",
        "preferredLanguage": "en",
        "technicalNotificationMails": [format!("admin@{}", tenant.domain)],
        "businessPhones": [],
        "onPremisesSyncEnabled": null,
        "verifiedDomains": [
            { "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": false,
              "name": tenant.domain, "type": "Managed" },
            { "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": false, "isInitial": true,
              "name": tenant.initial_domain(), "type": "Managed" },
        ],
    })
}

/// The `domain`s of the organization (Microsoft Learn, "domain resource type").
pub(crate) fn domains(tenant: &Tenant) -> Vec<Value> {
    let initial = tenant.initial_domain();
    let domain = |name: &str, initial: bool| {
        json!({
            "id": name, "authenticationType": "Managed", "availabilityStatus": null, "isAdminManaged": true,
            "isDefault": !initial, "isInitial": initial, "isRoot": true, "isVerified": true, "manufacturer": null,
            "model": null, "passwordNotificationWindowInDays": null, "passwordValidityPeriodInDays": null,
            "state": null, "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        })
    };
    vec![domain(&tenant.domain, false), domain(&initial, true)]
}

fn plan(plan: &Plan, on: bool) -> Value {
    // Foundation plans are the company's; which others are, Microsoft's table does not say.
    let company = plan.name == "EXCHANGE_S_FOUNDATION";
    json!({
        "servicePlanId": plan.id,
        "servicePlanName": plan.name,
        "provisioningStatus": if on { "Success" } else { "Disabled" },
        "appliesTo": if company { "Company" } else { "User" },
    })
}

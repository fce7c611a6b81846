//! Products, license details, the organization and its domains as Graph shows them.
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::catalog::Plan;
use crate::sim::clock::{later, stamp};
use crate::sim::tenant::{Assignment, Sku, SkuIx, Subscription, Tenant, User};

/// A `subscribedSku` (Microsoft Learn, "subscribedSku resource type").
pub(crate) fn subscribed_sku(tenant: &Tenant, sku: &Sku) -> Value {
    json!({
        "id": format!("{}_{}", tenant.id, sku.id),
        "accountId": tenant.id,
        "accountName": tenant.name.to_ascii_lowercase(),
        "appliesTo": if sku.company { "Company" } else { "User" },
        "capabilityStatus": sku.status().word(),
        "consumedUnits": sku.consumed,
        "skuId": sku.id,
        "skuPartNumber": sku.part,
        "subscriptionIds": sku.subscriptions().iter().map(|one| one.id).collect::<Vec<_>>(),
        "prepaidUnits": {
            "enabled": sku.enabled, "suspended": sku.suspended, "warning": sku.warning, "lockedOut": sku.locked_out,
        },
        "servicePlans": sku.plans.iter().map(|one| plan(one, true)).collect::<Value>(),
    })
}

/// A `companySubscription` (Microsoft Learn, "companySubscription resource type").
pub(crate) fn subscription(tenant: &Tenant, sku: &Sku, one: &Subscription) -> Value {
    // Of one that runs on: 300 days from the start of the simulation, which is 900 days after the tenant began.
    let far = later(tenant.created, Duration::from_hours(24 * 1200));
    let all = u64::from(sku.enabled) + u64::from(sku.warning) + u64::from(sku.suspended);
    let commerce = Uuid::from_u128(one.id.as_u128().rotate_left(61));
    json!({
        "id": one.id,
        "commerceSubscriptionId": commerce,
        "createdDateTime": stamp(tenant.created),
        "isTrial": one.trial,
        "nextLifecycleDateTime": stamp(one.next.unwrap_or(far)),
        "ownerId": null,
        "ownerTenantId": null,
        "ownerType": null,
        "serviceStatus": sku.plans.iter().map(|one| plan(one, true)).collect::<Value>(),
        "skuId": sku.id,
        "skuPartNumber": sku.part,
        "status": one.status.unwrap_or(sku.status()).word(),
        "totalLicenses": if sku.several.is_some() { one.total.map(u64::from) } else { Some(all) },
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

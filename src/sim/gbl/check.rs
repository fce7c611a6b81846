//! The checks that stand between a user and a product, in the order in which they are made.
use uuid::Uuid;

use crate::sim::tenant::{Assignment, License, LicenseError, SkuIx, Tenant, UserIx};

/// Why a product cannot be assigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Not offered where the user is.
    UsageLocation,
    /// A plan of the product and one that the user has exclude each other.
    Exclusive(Uuid, Uuid),
    /// A plan of the product needs one of these.
    Needs(Uuid, Vec<Uuid>),
    /// The mail address that the user would get is taken.
    Address,
    /// No free seat.
    Count(SkuIx),
}

impl Violation {
    /// The word for it in `licenseAssignmentStates`.
    pub(crate) fn error(&self) -> LicenseError {
        match self {
            Self::UsageLocation => LicenseError::UsageLocation,
            Self::Exclusive(..) => LicenseError::MutuallyExclusive,
            Self::Needs(..) => LicenseError::Dependency,
            Self::Address => LicenseError::Uniqueness,
            Self::Count(_) => LicenseError::Count,
        }
    }

    /// The sentence for it in an answer, from public reports of such answers.
    pub(crate) fn sentence(&self, tenant: &Tenant) -> String {
        let list = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::UsageLocation => "License assignment cannot be done for user with invalid usage location.".to_owned(),
            Self::Exclusive(new, old) => {
                format!("License assignment failed because service plans {new}, {old} are mutually exclusive.")
            }
            Self::Needs(plan, any_of) => format!(
                "License assignment failed because service plan {plan} depends on the service plan(s) {}.",
                list(any_of)
            ),
            Self::Address => {
                "Another object with the same value for property proxyAddresses already exists.".to_owned()
            }
            Self::Count(sku) => format!(
                "Subscription with Account {} and SKU {} does not have any available licenses left.",
                tenant.id,
                tenant.sku(*sku).id
            ),
        }
    }

    /// The sentence for it in the audit log, where ids stand in brackets (Microsoft Learn, "Resolve group license assignment
    /// problems"). For a country and an address none is published, so an answer's is assumed.
    pub(crate) fn audited(&self, tenant: &Tenant) -> String {
        let list = |ids: &[Uuid]| ids.iter().map(|id| format!("[{id}]")).collect::<Vec<_>>().join(", ");
        match self {
            Self::UsageLocation | Self::Address => self.sentence(tenant),
            Self::Exclusive(new, old) => {
                format!("License assignment failed because service plans [{new}], [{old}] are mutually exclusive.")
            }
            Self::Needs(plan, any_of) => format!(
                "License assignment failed because service plan [{plan}] depends on the service plan(s) {}.",
                list(any_of)
            ),
            Self::Count(sku) => {
                let sku = tenant.sku(*sku).id;
                format!(
                    "Not enough licenses are available to complete this operation. Purchase more licenses or remove \
                     unneeded licenses from users and groups for SKU [{sku}]. Licenses being added: [{sku}]"
                )
            }
        }
    }
}

/// Checks one product for a user: usage location, exclusivity, dependency, address, seat.
///
/// The order is not documented; this one shows a country problem before any removal is thinkable. `before` is what the user
/// had when the operation began, `beside` what it has so far, `whole` all that it would have if the group's products all went
/// through, because an add-on and what it needs may come from one group.
pub(crate) fn check(
    tenant: &Tenant,
    user: UserIx,
    license: &License,
    before: &[Assignment],
    beside: &[Assignment],
    whole: &[Assignment],
) -> Result<(), Violation> {
    let who = tenant.user(user);
    let sku = tenant.sku(license.sku);
    let country = who.location.as_deref().unwrap_or(&tenant.country);
    if tenant.rules.prohibits(sku.id, country) || who.not_offered.contains(&license.sku) {
        return Err(Violation::UsageLocation);
    }
    let enabled = || sku.plans.iter().map(|plan| plan.id).filter(|plan| !license.disabled.contains(plan));
    for new in enabled() {
        if tenant.rules.set_of(new).is_none() {
            continue;
        }
        let others = beside.iter().filter(|one| one.holds() && one.sku != license.sku);
        for old in others.flat_map(|one| enabled_plans(tenant, one)) {
            if tenant.rules.exclude_each_other(new, old) {
                return Err(Violation::Exclusive(new, old));
            }
        }
    }
    for plan in enabled() {
        for any_of in tenant.rules.needs_of(plan) {
            if !meets(tenant, whole, any_of) {
                return Err(Violation::Needs(plan, any_of.clone()));
            }
        }
    }
    if who.address_taken {
        return Err(Violation::Address);
    }
    let has = |set: &[Assignment]| set.iter().any(|one| one.holds() && one.sku == license.sku);
    if !has(before) && !has(beside) && !sku.has_seat() {
        return Err(Violation::Count(license.sku));
    }
    Ok(())
}

/// The plans that an assignment leaves on.
fn enabled_plans<'a>(tenant: &'a Tenant, one: &'a Assignment) -> impl Iterator<Item = Uuid> + 'a {
    tenant.sku(one.sku).plans.iter().map(|plan| plan.id).filter(|plan| one.enables(*plan))
}

/// Whether an assignment gives a plan.
pub(crate) fn gives(tenant: &Tenant, one: &Assignment, plan: Uuid) -> bool {
    one.holds() && enabled_plans(tenant, one).any(|id| id == plan)
}

/// Whether a set of assignments gives one of some plans.
pub(crate) fn meets(tenant: &Tenant, set: &[Assignment], any_of: &[Uuid]) -> bool {
    set.iter().any(|one| any_of.iter().any(|plan| gives(tenant, one, *plan)))
}

/// The needs of held plans that a set of assignments does not meet.
pub(crate) fn unmet<'a>(tenant: &'a Tenant, set: &'a [Assignment]) -> impl Iterator<Item = (Uuid, &'a Vec<Uuid>)> + 'a {
    set.iter()
        .filter(|one| one.holds())
        .flat_map(|one| enabled_plans(tenant, one))
        .flat_map(|plan| tenant.rules.needs_of(plan).iter().map(move |any_of| (plan, any_of)))
        .filter(|(_, any_of)| !meets(tenant, set, any_of))
}

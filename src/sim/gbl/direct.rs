//! Direct assignments: what `assignLicense` on a user does, at once and all or nothing.
use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::gbl::check::{self, Violation};
use crate::sim::tenant::{Assignment, License, SkuIx, State, Tenant, UserIx};

/// Why a direct assignment was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The product to remove comes from a group only.
    Inherited,
    /// The product to remove is not the user's.
    NotAssigned(SkuIx),
    /// The user has no usage location, which a direct assignment insists on.
    NoLocation,
    /// A check failed.
    Violates(Violation),
}

/// Adds and removes direct assignments.
///
/// Group assignments in error are not tried again: a freed conflict waits for a reprocess (Microsoft Learn, "Resolve group
/// license assignment problems").
pub(crate) fn assign(
    tenant: &mut Tenant,
    user: UserIx,
    add: &[License],
    remove: &[SkuIx],
    now: Timestamp,
) -> Result<(), Denied> {
    let who = tenant.user(user);
    let before = who.assignments.clone();
    let mut set = before.clone();
    for sku in remove {
        let held = set.len();
        set.retain(|one| one.sku != *sku || one.by.is_some());
        if set.len() == held {
            let inherited = set.iter().any(|one| one.sku == *sku);
            return Err(if inherited { Denied::Inherited } else { Denied::NotAssigned(*sku) });
        }
    }
    if !add.is_empty() && who.location.is_none() {
        return Err(Denied::NoLocation);
    }
    set.retain(|one| one.by.is_some() || add.iter().all(|license| license.sku != one.sku));
    let mut whole = set.clone();
    whole.extend(add.iter().map(|license| direct(license, now)));
    for license in add {
        check::check(tenant, user, license, &before, &set, &whole).map_err(Denied::Violates)?;
        set.push(direct(license, now));
    }
    let broken = check::unmet(tenant, &set).find(|(_, any_of)| check::meets(tenant, &before, any_of));
    if let Some((plan, any_of)) = broken {
        return Err(Denied::Violates(Violation::Needs(plan, any_of.clone())));
    }
    set.sort_by_key(|one| (one.sku, one.by));
    tenant.set_assignments(user, set, now);
    Ok(())
}

fn direct(license: &License, now: Timestamp) -> Assignment {
    let disabled: Vec<Uuid> = license.disabled.clone();
    Assignment { sku: license.sku, by: None, disabled, state: State::Active, error: None, updated: now }
}

//! What an event names, found in the tenant.
use uuid::Uuid;

use crate::sim::catalog::{CATALOG, Plan};
use crate::sim::tenant::{GroupIx, SkuIx, Tenant, UserIx};

/// A user by principal name or object id.
pub(super) fn user(tenant: &Tenant, key: &str) -> Result<UserIx, String> {
    tenant.find_user(key).ok_or_else(|| format!("there is no user `{key}`"))
}

/// A group by id or display name.
pub(super) fn group(tenant: &Tenant, key: &str) -> Result<GroupIx, String> {
    let named = || tenant.groups_from(None).find(|(_, group)| group.display == key).map(|(ix, _)| ix);
    tenant.find_group(key).or_else(named).ok_or_else(|| format!("there is no group `{key}`"))
}

/// A product by part number or id; by its id alone if its part is that of two.
pub(super) fn sku(tenant: &Tenant, key: &str) -> Result<SkuIx, String> {
    let id = Uuid::try_parse(key).ok();
    let mut found = tenant.skus().filter(|(_, sku)| Some(sku.id) == id || sku.part.eq_ignore_ascii_case(key));
    match (found.next(), found.next()) {
        (Some((ix, _)), None) => Ok(ix),
        (Some(_), Some(_)) => Err(format!("`{key}` is the part of two products, expected the id of one of them")),
        (None, _) => Err(format!("the tenant has no product `{key}`")),
    }
}

/// A plan of a product of the tenant's, which may be one of its own making, or of Microsoft's table.
pub(super) fn plan(tenant: &Tenant, key: &str) -> Result<Plan, String> {
    let id = Uuid::try_parse(key).ok();
    let mut own = tenant.skus().flat_map(|(_, sku)| &sku.plans);
    let found = own.find(|plan| Some(plan.id) == id || plan.name == key).cloned();
    found.or_else(|| CATALOG.plan(key)).ok_or_else(|| format!("there is no service plan `{key}`"))
}

/// A country's code in capitals.
pub(crate) fn country(code: &str) -> Result<String, String> {
    let fits = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if fits {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(format!("`{code}` is no country, expected two letters such as \"NO\""))
    }
}

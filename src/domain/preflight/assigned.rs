//! Which products a group assigns.

use crate::domain::group::Group;
use crate::domain::group::GroupLicense;
use crate::domain::route::Side;

/// All products that a group assigns. That it was not found, or does not assign its SKU, is a problem of its own; the
/// route still names the SKU.
pub fn products_of(group: Option<&Group>, side: &Side) -> Vec<GroupLicense> {
    let mut products = group.map(|group| group.licenses.clone()).unwrap_or_default();
    if !products.iter().any(|license| license.sku == side.sku) {
        products.push(GroupLicense { sku: side.sku, disabled_plans: Vec::new() });
    }
    products
}

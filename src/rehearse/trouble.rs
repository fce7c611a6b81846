//! What is to go wrong in a rehearsal.

use crate::domain::id::UserId;
use crate::rehearse::TenantCopy;

/// Trouble that the operator asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// So many users get stuck after they were added, as the target product is not offered where they are.
    pub stuck: usize,
    /// Others take seats of the target product once the first user is added, so that so many are missing.
    pub seats_short: usize,
    /// Graph refuses for haste, and its quotas are a tenth.
    pub throttled: bool,
}

impl TenantCopy {
    /// Adds trouble. Of the users that preflight has ready, those who get stuck are spread evenly over the list.
    pub fn add_trouble(&mut self, trouble: Trouble) {
        let found = self.preflight();
        let ready: Vec<UserId> = found.users.iter().filter(|user| user.is_ready()).filter_map(|user| user.id).collect();
        let many = trouble.stuck.min(ready.len());
        self.stuck = (0..many).map(|place| ready[place * ready.len() / many]).collect();
        self.trouble = trouble;
    }

    /// The seats of the target product that are left when others have taken so many that some are missing.
    pub(super) fn seats_left(&self) -> Option<i64> {
        let target = self.route().target.sku;
        let product = self.preflight().products.into_iter().find(|one| one.sku == target)?;
        let sku = self.skus.iter().find(|sku| sku.id == target)?;
        let short = i64::try_from(self.trouble.seats_short).unwrap_or(i64::MAX);
        let left = product.needed.saturating_sub(short).max(0).saturating_add(sku.consumed.max(0));
        Some(left.min(sku.prepaid.enabled))
    }
}

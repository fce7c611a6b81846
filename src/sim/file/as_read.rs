//! What a tenant file tells as it was read from a tenant, and does not leave to be worked out: a user's license assignment
//! states, and several subscriptions behind one product.
use std::collections::HashSet;

use crate::sim::dice::guid;
use crate::sim::file::build::Builder;
use crate::sim::file::{StateText, SubscriptionText, UserText};
use crate::sim::tenant::{Assignment, GroupIx, LicenseError, Member, Subscription, UserIx};

impl Builder<'_> {
    /// Gives a user the licenses that the file says, each in its state. Where the user's groups say otherwise, group-based
    /// licensing has still to come.
    pub(super) fn as_read(&mut self, user: UserIx, text: &UserText, states: &[StateText]) -> Result<(), String> {
        let also = text.direct.first().or(text.plans_off.first());
        if let Some(also) = also {
            return Err(
                self.at(also, "stands beside states, which hold direct assignments and plans that are off as well")
            );
        }
        let then = self.tenant.created;
        let mut groups = Vec::new();
        for name in &text.groups {
            let group = self.find_group(name)?;
            self.tenant.join(group, Member::User(user), then);
            groups.push(group);
        }
        let mut set: Vec<Assignment> = Vec::with_capacity(states.len());
        for one in states {
            let by = one.group.as_ref().map(|group| self.find_group(group)).transpose()?;
            let Some(license) = self.licenses(std::slice::from_ref(&one.sku), &one.plans_off)?.pop() else { continue };
            if set.iter().any(|other| other.sku == license.sku && other.by == by) {
                return Err(self.at(&one.sku, "comes twice from the same source"));
            }
            set.push(Assignment {
                sku: license.sku,
                by,
                disabled: license.disabled,
                state: one.state,
                error: one.error,
                updated: one.updated.unwrap_or(self.long_ago()),
            });
        }
        set.sort_by_key(|one| (one.sku, one.by));
        self.pending.extend(pending(self, user, &groups, &set));
        self.tenant.set_assignments(user, set, then);
        self.as_read.insert(user);
        Ok(())
    }

    /// The subscriptions behind a product that the file names one by one.
    pub(super) fn several(&mut self, texts: Option<&[SubscriptionText]>) -> Option<Vec<Subscription>> {
        let one = |text: &SubscriptionText| Subscription {
            total: text.total,
            trial: text.trial,
            status: text.status,
            next: text.ends,
            ..Subscription::new(guid(&mut self.rng))
        };
        Some(texts?.iter().map(one).collect())
    }
}

/// The groups of which the user has nothing yet, and those that the user has left and still has something from.
fn pending(
    builder: &Builder<'_>,
    user: UserIx,
    groups: &[GroupIx],
    set: &[Assignment],
) -> Vec<(UserIx, GroupIx, bool)> {
    let by: HashSet<GroupIx> = set.iter().filter(|one| !is_kept(one)).filter_map(|one| one.by).collect();
    let licensed = |group: &GroupIx| !builder.tenant.group(*group).licenses.is_empty();
    let new = groups.iter().filter(|group| licensed(group) && !set.iter().any(|one| one.by == Some(**group)));
    let mut left: Vec<GroupIx> = by.into_iter().filter(|group| !groups.contains(group)).collect();
    left.sort_unstable();
    new.map(|group| (user, *group, true)).chain(left.into_iter().map(|group| (user, group, false))).collect()
}

/// Whether something is held on to because another product needs it.
fn is_kept(one: &Assignment) -> bool {
    one.holds() && one.error == Some(LicenseError::Dependency)
}

//! Group-based licensing: brings one user's licenses in line with the groups, as Microsoft's service does in the background.
//!
//! When this runs, and how late, is the business of `work`; what a direct assignment does is in `direct`. Where Microsoft's
//! documents leave a choice open, the choice is named at the place where it is made.
mod check;
pub(crate) mod direct;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use jiff::Timestamp;

pub(crate) use check::Violation;

use crate::sim::dice::mix;
use crate::sim::rules::RetryOrder;
use crate::sim::tenant::{Assignment, GroupIx, License, LicenseError, Member, SkuIx, State, Tenant, UserIx};

/// What one pass over a user comes to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What the user is licensed for then.
    pub(crate) assignments: Vec<Assignment>,
    /// What could not be assigned, or not be taken away, and why.
    pub(crate) refused: Vec<(SkuIx, Violation)>,
}

/// Processes a user for some groups in one operation: takes away what they no longer give, gives what they now do.
///
/// If anything was taken away, what had failed for this user from any group is tried again in the same operation; that is
/// how leaving the source group turns an expected conflict into a license without a gap (Microsoft Learn, "How to safely
/// migrate users between product licenses by using group-based licensing", 2018). Of several that had failed and exclude each
/// other, the first to be tried has it; which that is, is for [`RetryOrder`] to say. A product is kept, as
/// `ActiveWithError`/`DependencyViolation`, if taking it would leave a plan of the user without one that it needs.
pub(crate) fn settle(tenant: &mut Tenant, user: UserIx, groups: &[GroupIx], now: Timestamp) -> Outcome {
    let outcome = outcome(tenant, user, groups, now);
    if outcome.assignments != tenant.user(user).assignments {
        tenant.set_assignments(user, outcome.assignments.clone(), now);
    }
    outcome
}

/// What [`settle`] would do.
pub(crate) fn outcome(tenant: &Tenant, user: UserIx, groups: &[GroupIx], now: Timestamp) -> Outcome {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    let before = tenant.user(user).assignments.clone();
    let mut kept = Vec::new();
    let mut ghosts = Vec::new();
    loop {
        let mut pass = UserPass { tenant, user, before: &before, set: before.clone(), refused: Vec::new(), now };
        let taken = pass.withdraw(&groups, &kept);
        if taken && tenant.user(user).cursed {
            return Outcome { assignments: Vec::new(), refused: Vec::new() };
        }
        for group in pass.in_order(groups.clone()) {
            pass.grant(group);
        }
        if taken {
            pass.retry(&groups);
        }
        match pass.missed_provider() {
            Some((provider, needed)) if !kept.contains(&provider) => {
                ghosts.push((provider.0, needed));
                kept.push(provider);
            }
            _ => {
                let refused = [pass.refused, ghosts].concat();
                return Outcome { assignments: pass.set, refused };
            }
        }
    }
}

/// Every group that has or had a hand in a user's licenses: what a reprocess looks at.
pub(crate) fn concerned(tenant: &Tenant, user: UserIx) -> Vec<GroupIx> {
    let user = tenant.user(user);
    user.groups.iter().copied().chain(user.assignments.iter().filter_map(|one| one.by)).collect()
}

/// One user's licenses while they are being worked out.
struct UserPass<'a> {
    tenant: &'a Tenant,
    user: UserIx,
    before: &'a [Assignment],
    set: Vec<Assignment>,
    refused: Vec<(SkuIx, Violation)>,
    now: Timestamp,
}

impl UserPass<'_> {
    /// What a group wants this user to have, in the order of products, so that processing order cannot matter.
    fn wanted(&self, group: GroupIx) -> Vec<License> {
        let found = self.tenant.group(group);
        if !found.has(Member::User(self.user)) || !self.tenant.user(self.user).exists() || !found.exists() {
            return Vec::new();
        }
        let mut wanted = found.licenses.clone();
        wanted.sort_by_key(|license| license.sku);
        wanted
    }

    /// Takes away what groups no longer give, except what must be kept. True if the user loses something held.
    fn withdraw(&mut self, groups: &[GroupIx], kept: &[(SkuIx, GroupIx)]) -> bool {
        let mut taken = false;
        for group in groups {
            let wanted = self.wanted(*group);
            let now = self.now;
            self.set.retain_mut(|one| {
                if one.by != Some(*group) || wanted.iter().any(|license| license.sku == one.sku) {
                    return true;
                }
                if kept.contains(&(one.sku, *group)) {
                    // The documents name the error; that the license shows as ActiveWithError is assumed.
                    one.set(State::ActiveWithError, Some(LicenseError::Dependency), now);
                    return true;
                }
                taken |= one.holds();
                false
            });
        }
        taken
    }

    /// Gives what a group gives: all of it, or none, with the reason on the one that failed and `Other` on the rest.
    fn grant(&mut self, group: GroupIx) {
        let todo: Vec<License> = self.wanted(group).into_iter().filter(|license| !self.has(group, license)).collect();
        if todo.is_empty() {
            return;
        }
        let mut trial: Vec<Assignment> = self.set.clone();
        trial.retain(|one| one.by != Some(group) || todo.iter().all(|license| license.sku != one.sku));
        let mut whole = trial.clone();
        whole.extend(todo.iter().map(|license| self.active(group, license)));
        let mut failed = Vec::new();
        for license in &todo {
            match check::check(self.tenant, self.user, license, self.before, &trial, &whole) {
                Ok(()) => trial.push(self.active(group, license)),
                Err(violation) => failed.push((license.sku, violation)),
            }
        }
        if self.tenant.rules.first_failure_only {
            failed.truncate(1);
        }
        for license in todo {
            let (state, error) = match failed.iter().find(|(sku, _)| *sku == license.sku) {
                None if failed.is_empty() => (State::Active, None),
                None => (State::Error, Some(LicenseError::Other)),
                Some((_, violation)) => (State::Error, Some(violation.error())),
            };
            self.note(group, license, state, error);
        }
        self.refused.extend(failed);
        self.set.sort_by_key(|one| (one.sku, one.by));
    }

    /// Tries again what had failed, from groups other than those in hand.
    fn retry(&mut self, done: &[GroupIx]) {
        let mut groups: Vec<GroupIx> = self.set.iter().filter(|one| !one.holds()).filter_map(|one| one.by).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in self.in_order(groups).into_iter().filter(|group| !done.contains(group)) {
            self.grant(group);
        }
    }

    /// Groups in the order in which they are worked off: those of which nothing had failed first, the others as is set.
    fn in_order(&self, mut groups: Vec<GroupIx>) -> Vec<GroupIx> {
        groups.sort_unstable();
        let user = self.tenant.user(self.user).id;
        let id = |group: GroupIx| self.tenant.group(group).id;
        let failed = |group: GroupIx| {
            let of = self.before.iter().filter(|one| !one.holds() && one.by == Some(group));
            of.map(|one| one.updated).min()
        };
        match self.tenant.rules.retry_order {
            RetryOrder::Listed => {}
            RetryOrder::Oldest => groups.sort_by_key(|group| failed(*group)),
            RetryOrder::Newest => groups.sort_by_key(|group| failed(*group).map(|at| Reverse((at, *group)))),
            RetryOrder::GroupId => groups.sort_by_key(|group| (failed(*group).is_some(), id(*group))),
            RetryOrder::Seeded => groups.sort_by_key(|group| {
                let luck = self.tenant.rules.luck ^ mix(user) ^ mix(id(*group)).rotate_left(17);
                (failed(*group).is_some(), fastrand::Rng::with_seed(luck).u64(..))
            }),
        }
        groups
    }

    fn has(&self, group: GroupIx, license: &License) -> bool {
        self.set.iter().any(|one| {
            one.sku == license.sku
                && one.by == Some(group)
                && one.state == State::Active
                && one.disabled == license.disabled
        })
    }

    fn active(&self, group: GroupIx, license: &License) -> Assignment {
        Assignment {
            sku: license.sku,
            by: Some(group),
            disabled: license.disabled.clone(),
            state: State::Active,
            error: None,
            updated: self.now,
        }
    }

    fn note(&mut self, group: GroupIx, license: License, state: State, error: Option<LicenseError>) {
        let now = self.now;
        let Some(one) = self.set.iter_mut().find(|one| one.sku == license.sku && one.by == Some(group)) else {
            let disabled = license.disabled;
            self.set.push(Assignment { sku: license.sku, by: Some(group), disabled, state, error, updated: now });
            return;
        };
        if one.holds() && state == State::Error {
            // A failed change of plans leaves the plans as they were; nobody loses a license over it. Assumed.
            one.set(State::ActiveWithError, error, now);
        } else {
            one.disabled = license.disabled;
            one.set(state, error, now);
        }
    }

    /// A product taken away whose plans something that stays cannot do without, and what that is.
    fn missed_provider(&self) -> Option<((SkuIx, GroupIx), Violation)> {
        let gone = |one: &&Assignment| {
            one.holds() && !self.set.iter().any(|left| left.sku == one.sku && left.by == one.by && left.holds())
        };
        check::unmet(self.tenant, &self.set)
            .filter(|(_, any_of)| check::meets(self.tenant, self.before, any_of))
            .find_map(|(plan, any_of)| {
                let one = self
                    .before
                    .iter()
                    .filter(gone)
                    .find(|one| any_of.iter().any(|plan| check::gives(self.tenant, one, *plan)))?;
                Some(((one.sku, one.by?), Violation::Needs(plan, any_of.clone())))
            })
    }
}

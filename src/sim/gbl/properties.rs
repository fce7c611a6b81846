//! Properties of licensing that hold whatever is done to a tenant; those of the order of work are in `order`.
mod order;

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::sim::catalog::CATALOG;
use crate::sim::rules::{Edition, Rules};
use crate::sim::tenant::{Group, Sku, User, held};

const PRODUCTS: [&str; 6] =
    ["STANDARDPACK", "ENTERPRISEPACK", "ENTERPRISEPREMIUM", "DESKLESSPACK", "EXCHANGEARCHIVE_ADDON", "MCOPSTN1"];
/// What each group gives: single products, a pair, a pair that excludes itself, an add-on with what it needs.
const GROUPS: [&[usize]; 6] = [&[0], &[1], &[2, 5], &[0, 3], &[1, 4], &[3]];
const USERS: usize = 5;

/// Something done to a tenant.
#[derive(Debug, Clone)]
enum Deed {
    Join(usize, usize),
    Leave(usize, usize),
    Direct(usize, usize),
    Undirect(usize, usize),
    Reprocess(usize),
    Delete(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let (user, group, sku) = (0..USERS, 0..GROUPS.len(), 0..PRODUCTS.len());
    prop_oneof![
        6 => (user.clone(), group.clone()).prop_map(|(user, group)| Deed::Join(user, group)),
        4 => (user.clone(), group).prop_map(|(user, group)| Deed::Leave(user, group)),
        2 => (user.clone(), sku.clone()).prop_map(|(user, sku)| Deed::Direct(user, sku)),
        1 => (user.clone(), sku).prop_map(|(user, sku)| Deed::Undirect(user, sku)),
        1 => user.clone().prop_map(Deed::Reprocess),
        1 => user.prop_map(Deed::Delete),
    ]
}

fn retry_order() -> impl Strategy<Value = RetryOrder> {
    use RetryOrder::{GroupId, Listed, Newest, Oldest, Seeded};
    prop::sample::select(vec![Listed, Oldest, Newest, GroupId, Seeded])
}

fn tenant(seats: u32, edition: Edition) -> Tenant {
    let now = Timestamp::UNIX_EPOCH;
    let mut tenant = Tenant::new(Uuid::nil(), "T", "t.com", now, Rules::new(edition, false));
    for part in PRODUCTS {
        tenant.add_sku(Sku::of(CATALOG.product(part).unwrap(), Uuid::nil(), seats));
    }
    for (number, skus) in (1_u128..).zip(GROUPS) {
        let mut group = Group::new(Uuid::from_u128(number), "G", now);
        let license = |sku: &usize| License { sku: SkuIx(u16::try_from(*sku).unwrap()), disabled: Vec::new() };
        group.licenses = skus.iter().map(license).collect();
        tenant.add_group(group);
    }
    for number in 100..100 + USERS as u128 {
        tenant.add_user(User::new(Uuid::from_u128(number), &format!("{number}@t.com"), now));
    }
    tenant
}

fn user(ix: usize) -> UserIx {
    UserIx(u32::try_from(ix).unwrap())
}

/// Does something, and gives what licensing has to look at because of it.
fn act(tenant: &mut Tenant, deed: &Deed) -> Option<(UserIx, GroupIx)> {
    let now = Timestamp::UNIX_EPOCH;
    let group = |ix: usize| GroupIx(u32::try_from(ix).unwrap());
    let sku = |ix: usize| SkuIx(u16::try_from(ix).unwrap());
    match *deed {
        Deed::Join(who, to) => {
            let there = tenant.user(user(who)).exists();
            (there && tenant.join(group(to), Member::User(user(who)), now)).then(|| (user(who), group(to)))
        }
        Deed::Leave(who, from) => {
            tenant.leave(group(from), Member::User(user(who)), now).then(|| (user(who), group(from)))
        }
        Deed::Direct(who, what) => {
            if tenant.user(user(who)).exists() {
                let license = License { sku: sku(what), disabled: Vec::new() };
                let _ = direct::assign(tenant, user(who), &[license], &[], now);
            }
            None
        }
        Deed::Undirect(who, what) => {
            let _ = direct::assign(tenant, user(who), &[], &[sku(what)], now);
            None
        }
        Deed::Reprocess(who) => {
            let groups = concerned(tenant, user(who));
            settle(tenant, user(who), &groups, now);
            None
        }
        Deed::Delete(who) => {
            tenant.delete_user(user(who), now);
            None
        }
    }
}

fn check(tenant: &Tenant) -> Result<(), TestCaseError> {
    for (ix, sku) in tenant.skus() {
        let holders = tenant.every_user_from(None).filter(|(_, user)| held(&user.assignments).contains(&ix)).count();
        prop_assert_eq!(sku.consumed as usize, holders, "seats of {}", sku.part);
        prop_assert!(sku.consumed <= sku.enabled, "more seats of {} than there are", sku.part);
    }
    for (_, user) in tenant.users_from(None) {
        let plans = user
            .assignments
            .iter()
            .filter(|one| one.holds())
            .flat_map(|one| tenant.sku(one.sku).plans.iter().map(|plan| plan.id).filter(|plan| one.enables(*plan)));
        let mut sets: Vec<(u16, Uuid)> = plans.filter_map(|plan| Some((tenant.rules.set_of(plan)?, plan))).collect();
        sets.sort_unstable();
        sets.dedup();
        prop_assert!(sets.windows(2).all(|pair| pair[0].0 != pair[1].0), "two exclusive plans: {:?}", user.assignments);
        let broken = check::unmet(tenant, &user.assignments).next();
        prop_assert!(broken.is_none(), "a need is not met: {:?}", user.assignments);
        for group in &user.groups {
            let has = |state| user.assignments.iter().any(|one| one.by == Some(*group) && one.state == state);
            prop_assert!(!(has(State::Active) && has(State::Error)), "a part of a group: {:?}", user.assignments);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done, however late licensing follows, and in whatever order it tries again: seats are those of the holders
    /// and never too many, nobody holds two exclusive plans, nobody lacks what a held plan needs, and nobody newly has a part of
    /// what a group gives.
    #[test]
    fn licensing_keeps_its_books(
        deeds in vec((deed(), 0..4_usize), 1..60),
        seats in 1..4_u32,
        old in any::<bool>(),
        retries in (retry_order(), any::<bool>(), any::<u64>()),
    ) {
        let mut tenant = tenant(seats, if old { Edition::Of2019 } else { Edition::Current });
        (tenant.rules.retry_order, tenant.rules.first_failure_only, tenant.rules.luck) = retries;
        let mut pending: Vec<(UserIx, GroupIx)> = Vec::new();
        for (deed, late) in deeds {
            pending.extend(act(&mut tenant, &deed));
            while pending.len() > late {
                let (user, group) = pending.swap_remove(0);
                settle(&mut tenant, user, &[group], Timestamp::UNIX_EPOCH);
                check(&tenant)?;
            }
        }
        for (user, group) in pending {
            settle(&mut tenant, user, &[group], Timestamp::UNIX_EPOCH);
        }
        check(&tenant)?;
    }

    /// Nothing is left to do after a reprocess: a second one gives and takes nothing. (The word of an error may change, because
    /// what one group gets is seen by the next only afterwards.)
    #[test]
    fn a_second_reprocess_gives_and_takes_nothing(deeds in vec(deed(), 1..40), seats in 1..4_u32) {
        let mut tenant = tenant(seats, Edition::Current);
        for deed in &deeds {
            if let Some((user, group)) = act(&mut tenant, deed) {
                settle(&mut tenant, user, &[group], Timestamp::UNIX_EPOCH);
            }
        }
        for who in (0..USERS).map(user) {
            act(&mut tenant, &Deed::Reprocess(who.0 as usize));
            let once = held(&tenant.user(who).assignments);
            act(&mut tenant, &Deed::Reprocess(who.0 as usize));
            prop_assert_eq!(once, held(&tenant.user(who).assignments));
        }
    }
}

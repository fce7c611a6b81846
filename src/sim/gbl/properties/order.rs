//! What the order in which licensing works off changes decides, and what it does not.
//!
//! Changes are worked off one user and group at a time, at any time after the change. Microsoft resolves no conflict and hands
//! out seats as they come, so among groups that exclude each other, and when seats are short, the first served has it. The
//! order does *not* decide
//!
//! - where anybody ends, state and error alike, in a tenant with seats for all in which no two of the groups that a user ends
//!   in exclude each other and every group brings itself what its plans need. Groups passed through on the way may exclude any.
//! - how many hold a product that is short, if it is a user's only one: as many as there are seats or users who want it. Only
//!   who. Where users leave in between, this is so once all have been reprocessed, for a freed seat is not handed on by itself.
//! - that nothing stands open, where groups do exclude each other: what is refused at the end is refused for a reason that holds.

use std::collections::BTreeSet;

use super::*;

/// What a user is licensed for, without times.
fn end(tenant: &Tenant, who: UserIx) -> Vec<(SkuIx, Option<GroupIx>, State, Option<LicenseError>)> {
    tenant.user(who).assignments.iter().map(|one| (one.sku, one.by, one.state, one.error)).collect()
}

/// Does all that is to be done, and works it off in an order by chance; without chance, each at once.
fn live(tenant: &mut Tenant, deeds: &[Deed], chance: Option<u64>) {
    let mut rng = fastrand::Rng::with_seed(chance.unwrap_or_default());
    let mut pending = Vec::new();
    for deed in deeds {
        pending.extend(act(tenant, deed));
        let most = if chance.is_some() { rng.usize(0..8) } else { 0 };
        while pending.len() > most {
            let (user, group) = pending.swap_remove(rng.usize(..pending.len()));
            settle(tenant, user, &[group], Timestamp::UNIX_EPOCH);
        }
    }
    rng.shuffle(&mut pending);
    for (user, group) in pending {
        settle(tenant, user, &[group], Timestamp::UNIX_EPOCH);
    }
}

/// Whether the products of some groups exclude each other.
fn exclude(tenant: &Tenant, groups: &[usize]) -> bool {
    let skus: BTreeSet<usize> = groups.iter().flat_map(|group| GROUPS[*group]).copied().collect();
    let plans: BTreeSet<Uuid> = skus
        .into_iter()
        .flat_map(|sku| tenant.sku(SkuIx(u16::try_from(sku).unwrap())).plans.iter().map(|plan| plan.id))
        .collect();
    let mut sets: Vec<u16> = plans.into_iter().filter_map(|plan| tenant.rules.set_of(plan)).collect();
    sets.sort_unstable();
    sets.windows(2).any(|pair| pair[0] == pair[1])
}

/// Deeds after which no user is in groups that exclude each other, whatever was on the way.
fn reconciled(tenant: &Tenant, moves: &[(usize, usize, bool)]) -> Vec<Deed> {
    let mut member = [[false; GROUPS.len()]; USERS];
    let mut deeds = Vec::new();
    for (user, group, joins) in moves {
        member[*user][*group] = *joins;
        deeds.push(if *joins { Deed::Join(*user, *group) } else { Deed::Leave(*user, *group) });
    }
    for (user, groups) in member.iter().enumerate() {
        let mut kept = Vec::new();
        for group in (0..GROUPS.len()).filter(|group| groups[*group]) {
            kept.push(group);
            if exclude(tenant, &kept) {
                kept.pop();
                deeds.push(Deed::Leave(user, group));
            }
        }
    }
    deeds
}

/// A tenant where one user is where E3 is not sold, one has somebody else's address, and one has a product directly.
fn peopled(seats: u32, edition: Edition) -> Tenant {
    let mut tenant = tenant(seats, edition);
    let e3 = tenant.sku(SkuIx(1)).id;
    tenant.rules.prohibit(e3, "AQ");
    tenant.user_mut(user(1)).location = Some("AQ".to_owned());
    tenant.user_mut(user(2)).address_taken = true;
    act(&mut tenant, &Deed::Direct(3, 0));
    tenant
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_conflicts_at_the_end_the_order_changes_nothing(
        moves in vec((0..USERS, 0..GROUPS.len(), prop::bool::weighted(0.7)), 1..40),
        old in any::<bool>(),
        chance in any::<u64>(),
    ) {
        let edition = if old { Edition::Of2019 } else { Edition::Current };
        let deeds = reconciled(&tenant(100, edition), &moves);
        let ends = |chance: Option<u64>| {
            let mut tenant = peopled(100, edition);
            live(&mut tenant, &deeds, chance);
            (0..USERS).map(|who| end(&tenant, user(who))).collect::<Vec<_>>()
        };
        prop_assert_eq!(ends(None), ends(Some(chance)));
    }

    #[test]
    fn when_seats_are_short_the_order_decides_who_but_not_how_many(
        wishes in vec((0..3_usize, any::<bool>()), USERS),
        seats in 1..4_u32,
        chance in any::<u64>(),
    ) {
        // Groups of one product each, and nobody in more than one of them.
        let group_of = |wish: usize| [0, 1, 5][wish];
        let mut tenant = tenant(seats, Edition::Current);
        let joins: Vec<Deed> = wishes.iter().enumerate().map(|(who, (wish, _))| Deed::Join(who, group_of(*wish))).collect();
        live(&mut tenant, &joins, Some(chance));
        let holders = |tenant: &Tenant, wish: usize| {
            let sku = SkuIx(u16::try_from(GROUPS[group_of(wish)][0]).unwrap());
            tenant.sku(sku).consumed
        };
        let due = |stays: &dyn Fn(bool) -> bool, wish: usize| {
            let wanting = wishes.iter().filter(|(other, leaves)| *other == wish && stays(*leaves)).count();
            u32::try_from(wanting).unwrap().min(seats)
        };
        for wish in 0..3 {
            prop_assert_eq!(holders(&tenant, wish), due(&|_| true, wish));
        }
        let leaving = wishes.iter().enumerate().filter(|(_, (_, leaves))| *leaves);
        let leaves: Vec<Deed> = leaving.map(|(who, (wish, _))| Deed::Leave(who, group_of(*wish))).collect();
        live(&mut tenant, &leaves, Some(chance));
        let mut everybody: Vec<usize> = (0..USERS).collect();
        fastrand::Rng::with_seed(chance).shuffle(&mut everybody);
        for who in everybody {
            act(&mut tenant, &Deed::Reprocess(who));
        }
        for wish in 0..3 {
            prop_assert_eq!(holders(&tenant, wish), due(&|leaves| !leaves, wish));
        }
    }

    #[test]
    fn where_groups_exclude_each_other_nothing_that_could_be_given_is_kept_back(
        moves in vec((0..USERS, 0..GROUPS.len(), prop::bool::weighted(0.7)), 1..40),
        seats in 1..5_u32,
        chance in any::<u64>(),
    ) {
        let mut tenant = peopled(seats, Edition::Current);
        let deeds: Vec<Deed> = moves
            .iter()
            .map(|(who, group, joins)| if *joins { Deed::Join(*who, *group) } else { Deed::Leave(*who, *group) })
            .collect();
        live(&mut tenant, &deeds, Some(chance));
        for who in (0..USERS).map(user) {
            let groups = concerned(&tenant, who);
            settle(&mut tenant, who, &groups, Timestamp::UNIX_EPOCH);
            let once: Vec<(SkuIx, Option<GroupIx>)> = holding(&tenant, who);
            for group in &groups {
                let again = outcome(&tenant, who, &[*group], Timestamp::UNIX_EPOCH);
                let gained = again.assignments.iter().filter(|one| one.holds() && !once.contains(&(one.sku, one.by)));
                prop_assert_eq!(gained.count(), 0, "{:?} had something left to give", group);
            }
        }
    }
}

fn holding(tenant: &Tenant, who: UserIx) -> Vec<(SkuIx, Option<GroupIx>)> {
    tenant.user(who).assignments.iter().filter(|one| one.holds()).map(|one| (one.sku, one.by)).collect()
}

#[test]
fn among_groups_that_exclude_each_other_the_first_served_has_it() {
    let ends = |first: usize, second: usize| {
        let mut tenant = tenant(100, Edition::Current);
        live(&mut tenant, &[Deed::Join(0, first), Deed::Join(0, second)], None);
        held(&tenant.user(user(0)).assignments)
    };
    assert_eq!((ends(0, 1), ends(1, 0)), (vec![SkuIx(0)], vec![SkuIx(1)]));
}

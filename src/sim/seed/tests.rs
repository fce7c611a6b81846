//! The seeded tenant is what its doc says, in both scenarios.
use super::*;
use crate::sim::tenant::{LicenseError, State};

fn seeded(scenario: Scenario, users: usize) -> Seeded {
    seed(scenario, users, 1, Timestamp::from_second(1_800_000_000).unwrap())
}

#[test]
fn the_same_seed_makes_the_same_tenant() {
    let names = |number: u64| {
        let made = seed(Scenario::Conflicting, 50, number, Timestamp::UNIX_EPOCH);
        made.listed.iter().map(|ix| (made.tenant.user(*ix).id, made.tenant.user(*ix).upn.clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(1), names(1));
    assert_ne!(names(1), names(2));
}

#[test]
fn the_difficulties_are_where_a_newcomer_meets_them() {
    let made = seeded(Scenario::Conflicting, 60);
    let sources = |place: usize| {
        let user = made.tenant.user(made.listed[place]);
        user.assignments.iter().filter(|one| made.tenant.sku(one.sku).part == "STANDARDPACK" && one.holds()).count()
    };
    assert_eq!((sources(0), sources(1), sources(3), sources(6)), (1, 2, 2, 0));
    let holder = made.tenant.user(made.listed[6]);
    assert!(holder.assignments.iter().any(|one| one.error == Some(LicenseError::MutuallyExclusive)));
    assert!(made.tenant.user(made.listed[2]).upn.contains('\''));
    assert!(made.tenant.user(made.listed[8]).assignments.iter().any(|one| one.state == State::Active));
}

#[test]
fn seats_are_enough_for_everybody_on_the_list() {
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        let made = seeded(scenario, 200);
        for part in [scenario.parts().1, scenario.companion()] {
            let sku = made.tenant.sku(made.tenant.find_sku(CATALOG.product(part).unwrap().id).unwrap());
            assert!(sku.enabled - sku.consumed >= 200, "{part}");
        }
    }
}

#[test]
fn the_target_group_assigns_a_companion_and_its_difficulties_come_from_either() {
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        let mut made = seeded(scenario, 60);
        let target = made.tenant.find_group(&TARGET_GROUP.to_string()).unwrap();
        let parts: Vec<_> =
            made.tenant.group(target).licenses.iter().map(|one| made.tenant.sku(one.sku).part.clone()).collect();
        assert_eq!(parts, [scenario.parts().1, scenario.companion()]);
        let mut after = |place: usize| {
            let user = made.listed[place];
            made.tenant.join(target, Member::User(user), made.tenant.created);
            for groups in [vec![target], gbl::concerned(&made.tenant, user)] {
                gbl::settle(&mut made.tenant, user, &groups, Timestamp::UNIX_EPOCH);
            }
            let of = made.tenant.user(user).assignments.iter().filter(|one| one.by == Some(target));
            of.map(|one| one.error).collect::<Vec<_>>()
        };
        let conflict = (scenario == Scenario::Conflicting).then_some(LicenseError::MutuallyExclusive);
        let collateral = conflict.map(|_| LicenseError::Other);
        assert_eq!(after(0), [conflict, collateral]);
        assert_eq!(after(8), [Some(LicenseError::UsageLocation), Some(LicenseError::UsageLocation)]);
        assert_eq!(after(11), [conflict, collateral], "the companion is held already");
        let first = conflict.unwrap_or(LicenseError::Other);
        assert_eq!(after(41), [Some(first), Some(LicenseError::UsageLocation)], "the companion alone is not offered");
    }
}

#[test]
fn two_users_are_just_two_users() {
    let made = seeded(Scenario::NonConflicting, 2);
    assert!(made.listed.iter().all(|ix| { made.tenant.user(*ix).assignments.iter().all(|one| one.error.is_none()) }));
}

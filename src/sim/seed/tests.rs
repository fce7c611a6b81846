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
        let sku = made.tenant.sku(made.tenant.find_sku(CATALOG.product(scenario.parts().1).unwrap().id).unwrap());
        assert!(sku.enabled - sku.consumed >= 200);
    }
}

#[test]
fn two_users_are_just_two_users() {
    let made = seeded(Scenario::NonConflicting, 2);
    assert!(made.listed.iter().all(|ix| { made.tenant.user(*ix).assignments.iter().all(|one| one.error.is_none()) }));
}

//! Exclusions between what is to come, what stays and what waits.

use super::*;

#[test]
fn what_waits_elsewhere_and_excludes_counts_against_it_whatever_its_error() {
    let classifier = two(|_| {});
    for (state, error) in [
        ("Error", Some("MutuallyExclusiveViolation")),
        ("Error", Some("CountViolation")),
        ("Error", Some("Other")),
        ("Error", Some("Moon")),
        ("Disabled", None),
        ("Thriving", None),
    ] {
        for group in [None, Some(OTHER_GROUP)] {
            let rival = with(waiting(), entry(RIVAL, group, state, error));
            let expected = Flaw::ExcludedByWaiting { product: TARGET, by: RIVAL, group };
            assert_eq!(flaws(&classifier, rival), [expected], "{state} {error:?}");
            let harmless = with(waiting(), entry(HARMLESS, group, state, error));
            assert_eq!(stands(&classifier, harmless), Standing::ExpectedConflict);
        }
    }
    let sound = |sku| of_target(sku, "Active", None);
    let both =
        vec![src(), sound(TARGET), sound(COMPANION), entry(RIVAL, Some(OTHER_GROUP), "Error", Some("CountViolation"))];
    assert!(!flaws(&classifier, both).is_empty());
    let gone = with(waiting(), entry(RIVAL, Some(SOURCE_GROUP), "Error", Some("MutuallyExclusiveViolation")));
    assert_eq!(stands(&classifier, gone), Standing::ExpectedConflict, "it leaves with the source group");
}

#[test]
fn what_stays_elsewhere_and_excludes_a_target_product_keeps_the_conflict_up() {
    let classifier = two(|_| {});
    let excluded = |by| [Flaw::Excluded { product: TARGET, by }];
    for (by, group) in [(RIVAL, None), (RIVAL, Some(OTHER_GROUP)), (SOURCE, None), (SOURCE, Some(OTHER_GROUP))] {
        assert_eq!(flaws(&classifier, with(waiting(), entry(by, group, "Active", None))), excluded(by));
        let ghost = entry(by, group, "ActiveWithError", Some("DependencyViolation"));
        assert_eq!(flaws(&classifier, with(waiting(), ghost)), excluded(by));
    }
    let mut named = facts(1, waiting());
    named.assigned.push(RIVAL);
    let seen = classifier.standing(Some(&named), Removal::NotSent);
    assert_eq!(seen, Standing::Stuck(Trouble::EndState(excluded(RIVAL).to_vec())), "named without a source");
    let unknown = SkuId(Uuid::from_u128(0x99));
    assert_eq!(
        flaws(&classifier, with(waiting(), entry(unknown, None, "Active", None))),
        excluded(unknown)
            .into_iter()
            .chain([Flaw::Excluded { product: COMPANION, by: unknown }])
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[test]
fn what_is_switched_off_neither_excludes_nor_meets_a_need() {
    let classifier = two(|_| {});
    let mut rival = entry(RIVAL, Some(OTHER_GROUP), "Error", Some("MutuallyExclusiveViolation"));
    rival.disabled_plans = classifier.skus.get(RIVAL).unwrap().plans.iter().map(|plan| plan.id).collect();
    assert_eq!(stands(&classifier, with(waiting(), rival)), Standing::ExpectedConflict);
    let mut classifier = needy();
    assert_eq!(stands(&classifier, with(waiting(), entry(HARMLESS, None, "Active", None))), Standing::ExpectedConflict);
    classifier.target_products[0].disabled_plans = vec![PlanId(Uuid::from_u128(EXCHANGE_2))];
    classifier.at_preflight.accepted = BTreeSet::from([CoreService::Exchange]);
    let needs = [Flaw::Needs { product: HARMLESS, plan: PlanId(Uuid::from_u128(0xa)) }];
    assert_eq!(flaws(&classifier, with(waiting(), entry(HARMLESS, None, "Active", None))), needs);
}

#[test]
fn a_need_that_only_the_source_met_or_that_a_product_to_come_has_is_a_flaw() {
    let mut classifier = two(|sku| match sku.id {
        SOURCE => sku.plans.push(plan(EXCHANGE_1, "EXCHANGE_S_STANDARD")),
        RIVAL => sku.plans = vec![plan(EXCHANGE_1, "EXCHANGE_S_STANDARD")],
        HARMLESS | COMPANION => sku.plans = vec![plan(0xa, "EXCHANGE_S_ARCHIVE_ADDON")],
        _ => {}
    });
    classifier.at_preflight.accepted = BTreeSet::from([CoreService::Exchange]);
    let needs = |product| Flaw::Needs { product, plan: PlanId(Uuid::from_u128(0xa)) };
    assert_eq!(flaws(&classifier, waiting()), [needs(COMPANION)], "to come");
    let met = with(waiting(), entry(RIVAL, None, "Active", None));
    assert_eq!(stands(&classifier, met.clone()), Standing::ExpectedConflict, "another product brings it");
    let ghost = with(waiting(), entry(RIVAL, None, "ActiveWithError", Some("DependencyViolation")));
    assert_eq!(flaws(&classifier, ghost), [needs(COMPANION)], "a ghost may go");
    classifier.target_products.truncate(1);
    let alone = vec![src(), of_target(TARGET, "Error", Some("MutuallyExclusiveViolation"))];
    let held = with(alone.clone(), entry(HARMLESS, None, "Active", None));
    assert_eq!(flaws(&classifier, held), [needs(HARMLESS)], "only the source met it");
    classifier.skus = classifier
        .skus
        .iter()
        .cloned()
        .map(|mut sku| {
            if sku.id == SOURCE {
                sku.plans.pop();
            }
            sku
        })
        .collect();
    let never = with(alone, entry(HARMLESS, None, "Active", None));
    assert_eq!(stands(&classifier, never), Standing::ExpectedConflict, "it never was met: leaving changes nothing");
}

#[test]
fn two_target_products_that_exclude_each_other_never_come() {
    let rival_plan = |sku: &mut Sku| {
        if sku.id == COMPANION {
            sku.plans = vec![plan(0x902b_47e5_dcb2_4fdc_858b_c63a_90a2_bdb9, "SHAREPOINTDESKLESS")];
        }
    };
    let classifier = two(rival_plan);
    let (product, by) = (TARGET.min(COMPANION), TARGET.max(COMPANION));
    assert_eq!(flaws(&classifier, waiting()), [Flaw::ExcludedByCompanion { product, by }]);
    let sound = |sku| of_target(sku, "Active", None);
    let both = vec![src(), sound(TARGET), sound(COMPANION)];
    assert_eq!(stands(&classifier, both), Standing::HoldsBoth, "seen to stand side by side");
}

#[test]
fn a_conflict_that_nothing_of_the_source_explains_is_not_expected() {
    let mut classifier = two(|_| {});
    let mut states = waiting();
    states[2] = of_target(COMPANION, "Error", Some("MutuallyExclusiveViolation"));
    assert_eq!(flaws(&classifier, states), [Flaw::Unexplained { product: COMPANION }]);
    classifier.target_products.truncate(1);
    classifier.skus = classifier
        .skus
        .iter()
        .cloned()
        .map(|mut sku| {
            if sku.id == SOURCE {
                sku.plans.clear();
            }
            sku
        })
        .collect();
    let alone = vec![src(), of_target(TARGET, "Error", Some("MutuallyExclusiveViolation"))];
    assert_eq!(stands(&classifier, alone.clone()), Standing::ExpectedConflict, "nothing else can be behind it");
    let beside = with(alone, entry(HARMLESS, None, "Active", None));
    assert_eq!(flaws(&classifier, beside), [Flaw::Unexplained { product: TARGET }]);
}

#[test]
fn a_target_product_from_elsewhere_leaves_an_unexplained_conflict_unexplained() {
    let mut classifier = two(|sku| {
        if sku.id == SOURCE {
            sku.plans.clear();
        }
    });
    classifier.target_products.truncate(1);
    let alone = vec![src(), of_target(TARGET, "Error", Some("MutuallyExclusiveViolation"))];
    assert_eq!(stands(&classifier, alone.clone()), Standing::ExpectedConflict);
    for (state, error) in [("Active", None), ("Error", Some("CountViolation"))] {
        for group in [None, Some(OTHER_GROUP)] {
            let beside = with(alone.clone(), entry(TARGET, group, state, error));
            assert_eq!(flaws(&classifier, beside), [Flaw::Unexplained { product: TARGET }], "{state} {group:?}");
        }
    }
}

#[test]
fn an_exclusion_is_disproved_by_two_sound_licenses_alone() {
    let classifier = two(|_| {});
    let known = Exclusions::known();
    let (source, rival) =
        (classifier.skus.get(SOURCE).unwrap().plans[0].id, classifier.skus.get(RIVAL).unwrap().plans[0].id);
    let seen =
        |states: Vec<Assignment>| known.disproved_by(&facts(1, states), &classifier.skus).contains((rival, source));
    let beside = |state: &str, error| vec![src(), entry(RIVAL, None, state, error)];
    assert!(seen(beside("Active", None)));
    assert!(!seen(beside("ActiveWithError", Some("DependencyViolation"))) && !seen(beside("Active", Some("Other"))));
    assert!(!seen(beside("Error", Some("MutuallyExclusiveViolation"))) && !seen(beside("Thriving", None)));
    let mut off = beside("Active", None);
    off[1].disabled_plans = vec![rival];
    assert!(!seen(off), "one of the two is switched off");
    let mut unlisted = facts(1, beside("Active", None));
    unlisted.assigned = vec![SOURCE];
    assert!(!known.disproved_by(&unlisted, &classifier.skus).contains((rival, source)), "the two properties disagree");
}

#[test]
fn what_others_hold_side_by_side_counts_until_this_user_is_seen_in_conflict() {
    let mut classifier = two(|_| {});
    let sound = |sku| of_target(sku, "Active", None);
    let rival = || entry(RIVAL, None, "ActiveWithError", Some("Other"));
    let both = || vec![src(), sound(TARGET), sound(COMPANION), rival()];
    assert!(!flaws(&classifier, both()).is_empty());
    let holder = facts(2, vec![entry(TARGET, None, "Active", None), entry(RIVAL, None, "Active", None)]);
    classifier.disproved.extend(&Exclusions::known().disproved_by(&holder, &classifier.skus));
    assert_eq!(stands(&classifier, both()), Standing::HoldsBoth);
    assert!(!flaws(&classifier, with(waiting(), rival())).is_empty(), "a conflict that is seen outweighs it");
}

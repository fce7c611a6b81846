//! Every flaw, and what is none: each test dies of a change that is named in `tests/it/end_state.rs`.

use super::*;
use crate::domain::exclusion::Exclusions;
use crate::domain::group::GroupLicense;
use crate::domain::id::PlanId;
use crate::domain::license::UserFacts;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::sku::PrepaidUnits;
use crate::domain::sku::ServicePlan;
use crate::domain::sku::Sku;
use crate::domain::standing::Lost;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::domain::standing::Written;
use crate::domain::testing::HARMLESS;
use crate::domain::testing::OTHER_GROUP;
use crate::domain::testing::RIVAL;
use crate::domain::testing::SOURCE;
use crate::domain::testing::SOURCE_GROUP;
use crate::domain::testing::TARGET;
use crate::domain::testing::TARGET_GROUP;
use crate::domain::testing::classifier;
use crate::domain::testing::entry;
use crate::domain::testing::facts;
use crate::domain::testing::user_id;
use uuid::Uuid;

/// A second product of the target group.
const COMPANION: SkuId = SkuId(Uuid::from_u128(0xc0));

const EXCHANGE_1: u128 = 0x9aaf_7827_d63c_4b61_89c3_182f_06f8_2e5c;
const EXCHANGE_2: u128 = 0xefb8_7545_963c_4e0d_99df_69c6_916d_9eb0;

fn plan(number: u128, name: &str) -> ServicePlan {
    ServicePlan { id: PlanId(Uuid::from_u128(number)), name: name.into(), for_users: true }
}

/// The target group gives a companion too; each product may be changed.
fn two(change: impl Fn(&mut Sku)) -> Classifier {
    let mut classifier = classifier(Scenario::Conflicting);
    let harmless = classifier.skus.get(HARMLESS).cloned().unwrap();
    let companion = Sku { id: COMPANION, plans: vec![plan(0xc1, "EMS_PLAN")], ..harmless };
    let skus = classifier.skus.iter().cloned().chain([companion]).map(|mut sku| {
        change(&mut sku);
        sku
    });
    classifier.skus = skus.collect();
    classifier.target_products.push(GroupLicense { sku: COMPANION, disabled_plans: Vec::new() });
    classifier
}

fn src() -> Assignment {
    entry(SOURCE, Some(SOURCE_GROUP), "Active", None)
}

fn of_target(sku: SkuId, state: &str, error: Option<&str>) -> Assignment {
    entry(sku, Some(TARGET_GROUP), state, error)
}

/// Both target products wait: the one in conflict with the source, the other because of it.
fn waiting() -> Vec<Assignment> {
    let conflict = of_target(TARGET, "Error", Some("MutuallyExclusiveViolation"));
    vec![src(), conflict, of_target(COMPANION, "Error", Some("Other"))]
}

fn with(mut states: Vec<Assignment>, more: Assignment) -> Vec<Assignment> {
    states.push(more);
    states
}

fn stands(classifier: &Classifier, states: Vec<Assignment>) -> Standing {
    classifier.standing(Some(&facts(1, states)), Removal::NotSent)
}

fn flaws(classifier: &Classifier, states: Vec<Assignment>) -> Vec<Flaw> {
    match stands(classifier, states) {
        Standing::Stuck(Trouble::EndState(flaws)) => flaws,
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_products_wait_for_the_source_alone() {
    let sound = |sku| of_target(sku, "Active", None);
    let classifier = two(|_| {});
    assert_eq!(stands(&classifier, waiting()), Standing::ExpectedConflict);
    assert_eq!(stands(&classifier, vec![src(), sound(TARGET), sound(COMPANION)]), Standing::HoldsBoth);
    assert_eq!(stands(&classifier, waiting()[..2].to_vec()), Standing::OnSource, "a part is still in work");
    assert_eq!(stands(&classifier, vec![src(), sound(TARGET)]), Standing::OnSource);
}

#[test]
fn any_other_error_of_any_product_is_stuck_and_names_the_product() {
    let classifier = two(|_| {});
    for word in
        ["CountViolation", "DependencyViolation", "ProhibitedInUsageLocationViolation", "UniquenessViolation", "Moon"]
    {
        let mut states = waiting();
        states[2] = of_target(COMPANION, "Error", Some(word));
        let Standing::Stuck(Trouble::Error(failure)) = stands(&classifier, states) else { panic!("{word}") };
        assert_eq!((failure.word.as_str(), failure.product), (word, Some(COMPANION)));
    }
    for state in ["ActiveWithError", "Disabled", "Thriving", "Error"] {
        let mut states = waiting();
        states[2] = of_target(COMPANION, state, None);
        assert!(matches!(stands(&classifier, states), Standing::Stuck(Trouble::State(_))), "{state}");
    }
    let other = vec![src(), of_target(TARGET, "Error", Some("Other")), of_target(COMPANION, "Error", Some("Other"))];
    assert!(matches!(stands(&classifier, other), Standing::Stuck(Trouble::Error(_))), "`Other` beside no conflict");
}

#[test]
fn every_target_product_needs_a_seat_that_is_free_or_the_users() {
    let classifier = two(|sku| {
        if sku.id == COMPANION {
            sku.prepaid = PrepaidUnits { enabled: 10, ..PrepaidUnits::default() };
            sku.consumed = 10;
        }
    });
    assert_eq!(flaws(&classifier, waiting()), [Flaw::NoSeat { product: COMPANION }]);
    for elsewhere in [None, Some(OTHER_GROUP), Some(SOURCE_GROUP)] {
        let held = with(waiting(), entry(COMPANION, elsewhere, "Active", None));
        assert_eq!(stands(&classifier, held), Standing::ExpectedConflict, "the seat is the user's: {elsewhere:?}");
    }
    let waits = with(waiting(), entry(COMPANION, Some(OTHER_GROUP), "Error", Some("CountViolation")));
    assert_eq!(flaws(&classifier, waits), [Flaw::NoSeat { product: COMPANION }]);
    let mut named = facts(1, waiting());
    named.assigned.push(COMPANION);
    let seen = classifier.standing(Some(&named), Removal::NotSent);
    assert!(matches!(seen, Standing::Stuck(_)), "a product without a source is no seat to count on");
    let left = classifier.standing(Some(&facts(1, waiting())), Removal::Sent);
    assert_eq!(left, Standing::ExpectedConflict, "who has left may be about to take the last one");
}

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

/// A product of the user's is an archive that builds on the mailbox, which source and target bring.
fn needy() -> Classifier {
    two(|sku| match sku.id {
        SOURCE => sku.plans.push(plan(EXCHANGE_1, "EXCHANGE_S_STANDARD")),
        TARGET => sku.plans.push(plan(EXCHANGE_2, "EXCHANGE_S_ENTERPRISE")),
        HARMLESS => sku.plans = vec![plan(0xa, "EXCHANGE_S_ARCHIVE_ADDON")],
        _ => {}
    })
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
fn a_failure_elsewhere_that_will_meet_the_target_group_is_a_flaw() {
    let classifier = two(|_| {});
    let fails = |product, error: &str| [Flaw::FailsElsewhere { product, error: error.into() }];
    let taken = entry(HARMLESS, Some(OTHER_GROUP), "Error", Some("UniquenessViolation"));
    assert_eq!(flaws(&classifier, with(waiting(), taken)), fails(HARMLESS, "UniquenessViolation"));
    let country = "ProhibitedInUsageLocationViolation";
    let prohibited = |sku| entry(sku, Some(OTHER_GROUP), "Error", Some(country));
    assert_eq!(flaws(&classifier, with(waiting(), prohibited(COMPANION))), fails(COMPANION, country));
    assert_eq!(stands(&classifier, with(waiting(), prohibited(HARMLESS))), Standing::ExpectedConflict);
}

#[test]
fn who_waits_in_another_country_than_at_preflight_is_not_safe() {
    let mut classifier = two(|_| {});
    let mut user = facts(1, waiting());
    let locations = |code: &str| [(user_id(1), code)].into_iter().collect();
    let seen = |classifier: &Classifier, user: &UserFacts| classifier.standing(Some(user), Removal::NotSent);
    for same in ["US", "us"] {
        classifier.at_preflight.locations = locations(same);
        assert_eq!(seen(&classifier, &user), Standing::ExpectedConflict);
    }
    let changed = |from: &str, to: &str| {
        let flaw = Flaw::LocationChanged { product: TARGET.min(COMPANION), from: from.into(), to: to.into() };
        Standing::Stuck(Trouble::EndState(vec![flaw]))
    };
    user.usage_location = Some("IR".into());
    assert_eq!(seen(&classifier, &user), changed("us", "IR"));
    user.usage_location = None;
    assert_eq!(seen(&classifier, &user), changed("us", ""), "emptied");
    let words = crate::words::standing::full(&seen(&classifier, &user), Direction::Forward, Written::Added);
    assert!(words.contains("usage location changed from us to none"), "{words}");
    classifier.at_preflight.locations = locations("");
    assert_eq!(seen(&classifier, &user), Standing::ExpectedConflict, "there was none before");
    user.usage_location = Some("IR".into());
    assert_eq!(seen(&classifier.reversed().reversed(), &user), changed("", "IR"));
    let sound = |sku| of_target(sku, "Active", None);
    user.states = vec![src(), sound(TARGET), sound(COMPANION)];
    assert_eq!(seen(&classifier, &user), Standing::HoldsBoth, "what is active is offered there");
}

#[test]
fn a_subscription_that_serves_nobody_is_a_flaw_even_of_who_holds_a_seat() {
    for (word, serves) in [("enabled", true), ("Warning", true), ("", true), ("Suspended", false), ("Moon", false)] {
        for product in [TARGET, COMPANION] {
            let classifier = two(|sku| {
                if sku.id == product {
                    sku.capability = word.into();
                }
            });
            let sound = |sku| of_target(sku, "Active", None);
            let both = vec![src(), sound(TARGET), sound(COMPANION)];
            if serves {
                assert_eq!(stands(&classifier, both), Standing::HoldsBoth);
                assert_eq!(stands(&classifier, waiting()), Standing::ExpectedConflict);
            } else {
                let flaw = [Flaw::NotUsable { product, status: word.into() }];
                assert_eq!((flaws(&classifier, both), flaws(&classifier, waiting())), (flaw.to_vec(), flaw.to_vec()));
            }
        }
    }
}

#[test]
fn what_the_target_group_assigned_at_preflight_and_no_longer_does_is_a_flaw() {
    let mut classifier = two(|_| {});
    classifier.at_preflight.target_products = classifier.target_products.clone();
    assert_eq!(stands(&classifier, waiting()), Standing::ExpectedConflict);
    classifier.target_products.truncate(1);
    let gone = [Flaw::NoLongerAssigned { product: COMPANION }];
    assert_eq!(flaws(&classifier, waiting()), gone, "its entry is still there");
    assert_eq!(flaws(&classifier, waiting()[..2].to_vec()), gone);
    let sound = |sku| of_target(sku, "Active", None);
    assert_eq!(flaws(&classifier, vec![src(), sound(TARGET), sound(COMPANION)]), gone);
    let back = classifier.reversed();
    let on_target = vec![sound(TARGET), entry(SOURCE, Some(SOURCE_GROUP), "Active", None)];
    assert_eq!(stands(&back, on_target), Standing::HoldsBoth, "of the way back the source group's products count");
}

#[test]
fn a_core_service_that_nothing_would_bring_any_more_is_a_flaw_until_it_is_accepted() {
    let mut classifier = needy();
    let lost = [Flaw::LosesService { product: TARGET, service: CoreService::Exchange }];
    assert_eq!(stands(&classifier, waiting()), Standing::ExpectedConflict);
    classifier.target_products[0].disabled_plans = vec![PlanId(Uuid::from_u128(EXCHANGE_2))];
    assert_eq!(flaws(&classifier, waiting()), lost, "another admin switched the mailbox off");
    let mut active = vec![src(), of_target(TARGET, "Active", None), of_target(COMPANION, "Active", None)];
    assert_eq!(flaws(&classifier, active.clone()), lost, "it is on for the user yet, and goes with the next change");
    active[1].disabled_plans = vec![PlanId(Uuid::from_u128(EXCHANGE_2))];
    assert_eq!(flaws(&classifier, active.clone()), lost);
    classifier.at_preflight.accepted = BTreeSet::from([CoreService::Teams]);
    assert_eq!(flaws(&classifier, active.clone()), lost, "another service was accepted");
    classifier.at_preflight.accepted = BTreeSet::from([CoreService::Exchange]);
    assert_eq!(stands(&classifier, active), Standing::HoldsBoth);
    // On the way back only the services count that the source group had brought.
    classifier.at_preflight.source_products = classifier.source_products.clone();
    classifier.at_preflight.target_products = classifier.target_products.clone();
    let mut back = classifier.reversed();
    let both = || vec![entry(SOURCE, Some(SOURCE_GROUP), "Active", None), of_target(TARGET, "Active", None)];
    assert_eq!(stands(&back, both()), Standing::HoldsBoth);
    back.target_products[0].disabled_plans = vec![PlanId(Uuid::from_u128(EXCHANGE_1))];
    assert_eq!(flaws(&back, both()), [Flaw::LosesService { product: SOURCE, service: CoreService::Exchange }]);
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
fn what_the_target_group_gives_by_an_entry_alone_is_judged_too() {
    let mut classifier = two(|_| {});
    classifier.target_products.truncate(1);
    let mut states = waiting();
    states[2] = of_target(COMPANION, "Error", Some("CountViolation"));
    assert!(matches!(stands(&classifier, states), Standing::Stuck(Trouble::Error(_))), "the group has got it since");
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

#[test]
fn what_was_to_come_or_to_stay_and_is_not_there_is_a_lost_part() {
    let classifier = needy();
    let sound = |sku| of_target(sku, "Active", None);
    let stays = || entry(HARMLESS, Some(OTHER_GROUP), "Active", None);
    let keeps = classifier.keeps(&facts(1, with(waiting(), stays())));
    assert_eq!((keeps.products.as_slice(), keeps.targets.as_slice()), (&[HARMLESS][..], &[TARGET, COMPANION][..]));
    assert_eq!(keeps.services, BTreeSet::from([CoreService::Exchange, CoreService::Sharepoint]));
    let after = |states| classifier.standing_of(Some(&facts(1, states)), Removal::Sent, &keeps);
    let all = || vec![sound(TARGET), sound(COMPANION), stays()];
    assert_eq!(after(all()), Standing::Migrated);
    let lost = |part| Standing::LostPart(vec![part]);
    assert_eq!(after(all()[..2].to_vec()), lost(Lost::Product(HARMLESS)));
    assert_eq!(after(vec![sound(TARGET), stays()]), lost(Lost::Product(COMPANION)));
    let failed = of_target(COMPANION, "Error", Some("CountViolation"));
    assert_eq!(after(vec![sound(TARGET), failed, stays()]), lost(Lost::Product(COMPANION)));
    let mut off = all();
    off[0].disabled_plans = vec![PlanId(Uuid::from_u128(EXCHANGE_2))];
    assert_eq!(after(off), lost(Lost::Service(CoreService::Exchange)));
    let none = vec![of_target(TARGET, "Error", Some("Other")), sound(COMPANION), stays()];
    assert_eq!(after(none), Standing::Unlicensed, "neither license: the alarm comes first");
    let counts = |standing: &Standing| {
        standing.is_stuck() && standing.counts_as_stuck() && !standing.is_safe(Scenario::Conflicting)
    };
    assert!(counts(&lost(Lost::Product(COMPANION))));
}

#[test]
fn a_product_that_the_group_got_after_the_proof_may_be_on_its_way() {
    let mut classifier = classifier(Scenario::Conflicting);
    let keeps = classifier.keeps(&facts(1, waiting()[..2].to_vec()));
    classifier.target_products.push(GroupLicense { sku: COMPANION, disabled_plans: Vec::new() });
    let moved = facts(1, vec![of_target(TARGET, "Active", None)]);
    assert_eq!(classifier.standing_of(Some(&moved), Removal::Sent, &keeps), Standing::Migrated);
    let unproven = classifier.standing(Some(&moved), Removal::Sent);
    assert!(matches!(unproven, Standing::LostPart(_)), "nothing was promised, so all is asked for");
}

#[test]
fn who_has_left_and_is_held_by_a_dependency_is_stuck_and_counts() {
    let classifier = two(|_| {});
    let mut states = waiting();
    states[0] = entry(SOURCE, Some(SOURCE_GROUP), "ActiveWithError", Some("DependencyViolation"));
    let seen = classifier.standing(Some(&facts(1, states)), Removal::Sent);
    let Standing::Stuck(Trouble::Error(failure)) = &seen else { panic!("{seen:?}") };
    assert_eq!((failure.product, seen.counts_as_stuck()), (Some(SOURCE), true));
}

#[test]
fn old_journals_standings_are_read_and_new_ones_come_back_as_they_were() {
    let old = r#"[{"Stuck":{"error":"CountViolation"}},{"Stuck":{"state":"Thriving"}},{"Stuck":"target-elsewhere"},
        "HoldsBoth",{"SourceLingers":"dependency"},"Missing"]"#;
    let read: Vec<Standing> = serde_json::from_str(old).unwrap();
    assert_eq!(read[0], Standing::Stuck(Trouble::Error("CountViolation".into())));
    assert_eq!(serde_json::to_string(&read[0]).unwrap(), r#"{"Stuck":{"error":"CountViolation"}}"#);
    let classifier = two(|_| {});
    let mut failed = waiting();
    failed[2] = of_target(COMPANION, "Error", Some("CountViolation"));
    let rival = with(waiting(), entry(RIVAL, Some(OTHER_GROUP), "Error", None));
    let lost = Standing::LostPart(vec![Lost::Product(COMPANION), Lost::Service(CoreService::Teams)]);
    for standing in [stands(&classifier, failed), stands(&classifier, rival), lost] {
        let text = serde_json::to_string(&standing).unwrap();
        assert_eq!(serde_json::from_str::<Standing>(&text).unwrap(), standing, "{text}");
    }
}

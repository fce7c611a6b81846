//! Every flaw, and what is none: each test dies of a change that is named in `tests/it/end_state.rs`.

mod changes;
mod exclusions;

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

/// A product of the user's is an archive that builds on the mailbox, which source and target bring.
fn needy() -> Classifier {
    two(|sku| match sku.id {
        SOURCE => sku.plans.push(plan(EXCHANGE_1, "EXCHANGE_S_STANDARD")),
        TARGET => sku.plans.push(plan(EXCHANGE_2, "EXCHANGE_S_ENTERPRISE")),
        HARMLESS => sku.plans = vec![plan(0xa, "EXCHANGE_S_ARCHIVE_ADDON")],
        _ => {}
    })
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
fn what_the_target_group_gives_by_an_entry_alone_is_judged_too() {
    let mut classifier = two(|_| {});
    classifier.target_products.truncate(1);
    let mut states = waiting();
    states[2] = of_target(COMPANION, "Error", Some("CountViolation"));
    assert!(matches!(stands(&classifier, states), Standing::Stuck(Trouble::Error(_))), "the group has got it since");
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

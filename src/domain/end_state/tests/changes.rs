//! What is no longer as it was at preflight or at the proof, and what is lost.

use super::*;

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

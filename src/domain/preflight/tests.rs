//! Each check of preflight, and that all reasons are collected.

mod advice;
mod losses;

use std::collections::HashMap;

use super::*;
use crate::domain::group::GroupLicense;
use crate::domain::id::PlanId;
use crate::domain::license::Assignment;
use crate::domain::sku::Sku;
use crate::domain::testing::HARMLESS;
use crate::domain::testing::OTHER_GROUP;
use crate::domain::testing::RIVAL;
use crate::domain::testing::SOURCE;
use crate::domain::testing::SOURCE_GROUP;
use crate::domain::testing::TARGET;
use crate::domain::testing::TARGET_GROUP;
use crate::domain::testing::classifier as a_judge;
use crate::domain::testing::entry;
use crate::domain::testing::facts;
use crate::domain::testing::route;
use crate::words::preflight::problem as in_words;
use crate::words::reason::reason;

fn group(id: GroupId, sku: SkuId, name: &str) -> Group {
    Group {
        id,
        name: name.into(),
        types: Vec::new(),
        mail_enabled: false,
        security_enabled: true,
        synced: false,
        role_assignable: false,
        restricted: false,
        licenses: vec![GroupLicense { sku, disabled_plans: Vec::new() }],
    }
}

fn src() -> Assignment {
    entry(SOURCE, Some(SOURCE_GROUP), "Active", Some("None"))
}

fn listed(line: usize, given: &str) -> Listed {
    Listed { line, given: given.into() }
}

fn all_well(users: Vec<Vec<Assignment>>) -> Facts {
    let found = |(number, states)| {
        let user = facts(number as u128 + 1, states);
        (listed(number + 1, &user.upn), Lookup::Found(user))
    };
    Facts {
        route: route(),
        choice: ScenarioChoice::Auto,
        skus: a_judge(Scenario::Conflicting).skus,
        source_group: Some(group(SOURCE_GROUP, SOURCE, "LIC E1")),
        target_group: Some(group(TARGET_GROUP, TARGET, "LIC E3")),
        missing_permissions: Vec::new(),
        group_names: HashMap::from([(OTHER_GROUP, "Marketing".to_owned())]),
        accept_losses: Vec::new(),
        subscriptions: Some(Vec::new()),
        read_at: "2026-11-26T12:00:00Z".parse().unwrap(),
        users: users.into_iter().enumerate().map(found).collect(),
        passed_over: Vec::new(),
        advice: None,
        pilot: Vec::new(),
    }
}

fn codes(facts: &Facts) -> Vec<&'static str> {
    check(facts).users[0].reasons.iter().map(|reason| reason.code.word()).collect()
}

fn problems(facts: &Facts) -> Vec<&'static str> {
    check(facts).problems.iter().filter(|one| !one.warning).map(|one| one.code.word()).collect()
}

#[test]
fn a_list_of_nobody_is_a_problem_and_rows_passed_over_are_a_warning() {
    let mut facts = all_well(Vec::new());
    assert!(check(&facts).problems.iter().any(|one| one.code.word() == "nobody-listed" && !one.warning));
    facts = all_well(vec![vec![src()]]);
    assert!(!problems(&facts).contains(&"nobody-listed"));
    facts.passed_over = vec![PassedOver { line: 3, text: "# gone".into(), because: PassedBecause::Comment }];
    let found = check(&facts);
    let row = found.problems.iter().find(|one| one.code == ProblemCode::RowsPassedOver).unwrap();
    assert!(
        row.warning && found.can_go() && in_words(&row.detail).contains("line 3 (a comment): \"# gone\""),
        "{row:?}"
    );
}

#[test]
fn a_clean_user_is_ready_and_the_conflict_is_predicted_with_its_pair() {
    let found = check(&all_well(vec![vec![src()]]));
    assert!(found.users[0].is_ready() && found.can_go());
    assert_eq!((found.ready(), found.blocked()), (1, 0));
    assert_eq!(found.scenario, Scenario::Conflicting);
    assert_eq!(found.pairs.len(), 1);
    assert_eq!(found.seats, Seats { available: 90, needed: 1 });
}

#[test]
fn every_product_of_the_target_group_needs_a_seat_for_whoever_lacks_it() {
    let with_companion = vec![src(), entry(HARMLESS, Some(OTHER_GROUP), "Active", None)];
    let in_error = vec![src(), entry(HARMLESS, Some(OTHER_GROUP), "Error", Some("CountViolation"))];
    let mut facts = all_well(vec![vec![src()], with_companion, in_error, vec![src()]]);
    facts.target_group.as_mut().unwrap().licenses.push(GroupLicense { sku: HARMLESS, disabled_plans: Vec::new() });
    let spare = |facts: &mut Facts, free| {
        let mut skus: Vec<Sku> = facts.skus.iter().cloned().collect();
        skus.iter_mut().filter(|sku| sku.id == HARMLESS).for_each(|sku| sku.consumed = sku.prepaid.enabled - free);
        facts.skus = skus.into_iter().collect();
    };
    spare(&mut facts, 3);
    let found = check(&facts);
    let counted: Vec<_> = found.products.iter().map(|one| (one.sku, one.available, one.needed)).collect();
    assert_eq!(
        counted,
        [(TARGET, 90, 3), (HARMLESS, 3, 2)],
        "who holds it needs no seat, nor who is blocked by an error"
    );
    assert_eq!(found.seats, Seats { available: 3, needed: 2 }, "the tightest");
    assert!(found.can_go());
    spare(&mut facts, 1);
    let found = check(&facts);
    let problem = found.problems.iter().find(|one| one.code == ProblemCode::NotEnoughSeats).unwrap();
    assert!(
        in_words(&problem.detail).contains("1 seat of SKU_24589 is free, 2 are needed"),
        "{}",
        in_words(&problem.detail)
    );
    assert!(
        in_words(&problem.detail).ends_with("the first 2 users fit"),
        "the second has a seat: {}",
        in_words(&problem.detail)
    );
    assert!(!in_words(&problem.detail).contains("E3") && !found.can_go());
}

#[test]
fn a_product_that_both_groups_assign_needs_no_seat() {
    let both = entry(HARMLESS, Some(SOURCE_GROUP), "Active", None);
    let mut facts = all_well(vec![vec![src(), both]]);
    for group in [&mut facts.source_group, &mut facts.target_group] {
        group.as_mut().unwrap().licenses.push(GroupLicense { sku: HARMLESS, disabled_plans: Vec::new() });
    }
    assert_eq!(check(&facts).products.iter().map(|one| one.needed).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn what_preflight_found_before_products_were_counted_can_be_read() {
    let mut old = serde_json::to_value(check(&all_well(vec![vec![src()]]))).unwrap();
    old.as_object_mut().unwrap().remove("products").unwrap();
    let found: Preflight = serde_json::from_value(old).unwrap();
    assert!(found.products.is_empty());
}

#[test]
fn plans_that_the_target_group_switches_off_do_not_conflict() {
    let mut facts = all_well(vec![vec![src()]]);
    let plan: PlanId = facts.skus.get(TARGET).unwrap().plans[0].id;
    facts.target_group.as_mut().unwrap().licenses[0].disabled_plans.push(plan);
    assert_eq!(check(&facts).scenario, Scenario::NonConflicting);
}

#[test]
fn the_operator_overrides_the_prediction() {
    let mut facts = all_well(vec![vec![src()]]);
    facts.choice = ScenarioChoice::NonConflicting;
    let found = check(&facts);
    assert_eq!((found.scenario, found.predicted), (Scenario::NonConflicting, Scenario::Conflicting));
}

#[test]
fn each_reason_about_a_user() {
    let target = |state: &str, error| entry(TARGET, Some(TARGET_GROUP), state, error);
    let rows: [(Vec<Assignment>, &[&str]); 9] = [
        (vec![], &["source-not-assigned"]),
        (vec![entry(SOURCE, Some(SOURCE_GROUP), "Error", Some("CountViolation"))], &["source-not-assigned"]),
        (vec![src(), entry(SOURCE, None, "Active", None)], &["source-assigned-directly"]),
        (vec![src(), entry(SOURCE, Some(OTHER_GROUP), "Active", None)], &["source-from-other-group"]),
        (vec![src(), target("Active", None)], &["target-already-assigned"]),
        (vec![src(), target("Error", Some("CountViolation"))], &["target-in-error"]),
        (vec![src(), target("Thriving", None)], &["target-in-error"]),
        (vec![src(), entry(RIVAL, None, "Active", None)], &["excluded-by-other-license"]),
        (vec![src(), entry(HARMLESS, None, "Active", None)], &[]),
    ];
    for (states, expected) in rows {
        assert_eq!(codes(&all_well(vec![states.clone()])), expected, "{states:?}");
    }
}

#[test]
fn every_reason_is_collected_and_not_only_the_first() {
    let states = vec![
        entry(SOURCE, None, "Active", None),
        entry(SOURCE, Some(OTHER_GROUP), "Active", None),
        entry(TARGET, None, "Active", None),
        entry(TARGET, Some(TARGET_GROUP), "Error", Some("Other")),
        entry(RIVAL, None, "ActiveWithError", Some("DependencyViolation")), // active beside the target it would be evidence
    ];
    let mut facts = all_well(vec![states]);
    if let Lookup::Found(user) = &mut facts.users[0].1 {
        user.usage_location = None;
        user.enabled = Some(false);
    }
    let expected = [
        "user-disabled",
        "source-not-assigned",
        "source-assigned-directly",
        "source-from-other-group",
        "target-already-assigned",
        "target-in-error",
        "excluded-by-other-license",
        "usage-location-missing",
    ];
    assert_eq!(codes(&facts), expected);
    let found = check(&facts);
    assert!(reason(&found.users[0].reasons[3].detail).contains("Marketing"), "groups are named");
    assert!(found.users[0].reasons[7].warning);
}

#[test]
fn unknown_duplicate_and_malformed_users_are_named_with_their_line() {
    let mut facts = all_well(vec![vec![src()]]);
    let Lookup::Found(user) = facts.users[0].1.clone() else { unreachable!() };
    facts.users.push((listed(7, "USER1@contoso.com"), Lookup::Found(user)));
    facts.users.push((listed(8, "ghost@contoso.com"), Lookup::NotFound));
    facts.users.push((listed(9, "not a user"), Lookup::Malformed));
    let found = check(&facts);
    assert_eq!((found.ready(), found.blocked(), found.seats.needed), (1, 3, 1));
    let say = |place: usize| reason(&found.users[place].reasons[0].detail);
    assert!(say(1).contains("line 7") && say(1).contains("line 1"), "{}", say(1));
    assert!(say(2).contains("line 8") && say(2).contains("ghost@contoso.com"), "{}", say(2));
    assert!(say(3).contains("line 9") && say(3).contains("not a user"), "{}", say(3));
}

#[test]
fn each_problem_with_the_plan() {
    type Spoil = fn(&mut Facts);
    let rows: [(Spoil, &str); 10] = [
        (|facts| facts.source_group = None, "group-not-found"),
        (|facts| facts.target_group.as_mut().unwrap().licenses.clear(), "group-lacks-sku"),
        (|facts| facts.target_group.as_mut().unwrap().types.push("DynamicMembership".into()), "group-is-dynamic"),
        (|facts| facts.source_group.as_mut().unwrap().synced = true, "group-is-synced"),
        (|facts| facts.source_group.as_mut().unwrap().mail_enabled = true, "group-not-writable"),
        (|facts| facts.source_group.as_mut().unwrap().role_assignable = true, "group-not-writable"),
        (|facts| facts.source_group.as_mut().unwrap().restricted = true, "group-not-writable"),
        (|facts| facts.skus = facts.skus.iter().filter(|sku| sku.id != SOURCE).cloned().collect(), "sku-not-found"),
        (|facts| facts.missing_permissions.push("User.Read.All".into()), "missing-permission"),
        (
            |facts| {
                let skus = facts.skus.iter().cloned();
                facts.skus = skus.map(|sku| Sku { consumed: sku.prepaid.enabled, ..sku }).collect();
            },
            "not-enough-seats",
        ),
    ];
    for (spoil, code) in rows {
        let mut facts = all_well(vec![vec![src()]]);
        spoil(&mut facts);
        assert_eq!(problems(&facts), [code]);
        assert!(!check(&facts).can_go());
    }
}

#[test]
fn a_microsoft_365_group_that_is_mail_enabled_can_be_written() {
    let mut facts = all_well(vec![vec![src()]]);
    let group = facts.source_group.as_mut().unwrap();
    (group.mail_enabled, group.types) = (true, vec!["Unified".into()]);
    assert!(problems(&facts).is_empty());
}

#[test]
fn other_skus_of_both_groups_are_warnings() {
    let mut facts = all_well(vec![vec![src()]]);
    let also = GroupLicense { sku: HARMLESS, disabled_plans: Vec::new() };
    facts.source_group.as_mut().unwrap().licenses.push(also.clone());
    let found = check(&facts);
    assert_eq!(found.also_lost, [HARMLESS]);
    assert!(found.can_go());
    assert!(found.problems.iter().any(|one| one.code == ProblemCode::LosesOtherSku && one.warning));
    facts.target_group.as_mut().unwrap().licenses.push(also);
    let found = check(&facts);
    assert!(found.also_lost.is_empty(), "what the target group brings too is not lost");
    assert!(found.problems.iter().any(|one| one.code == ProblemCode::BringsOtherSku && one.warning));
}

#[test]
fn a_plan_of_another_product_that_needs_what_only_the_source_brings() {
    let mut facts = all_well(vec![vec![src(), entry(HARMLESS, None, "Active", None)]]);
    let rename = |sku: &Sku| {
        let mut sku = sku.clone();
        sku.plans[0].name = match sku.id {
            SOURCE => "EXCHANGE_S_STANDARD".into(),
            HARMLESS => "EXCHANGE_S_ARCHIVE_ADDON".into(),
            _ => sku.plans[0].name.clone(),
        };
        sku
    };
    facts.skus = facts.skus.iter().map(rename).collect();
    assert_eq!(codes(&facts), ["source-needed-by-other-license"]);
    facts.skus = facts
        .skus
        .iter()
        .cloned()
        .map(|mut sku| {
            if sku.id == TARGET {
                sku.plans[0].name = "EXCHANGE_S_ENTERPRISE".into();
            }
            sku
        })
        .collect();
    assert!(codes(&facts).is_empty(), "the target brings it too");
}

#[test]
fn the_pilot_is_who_of_the_list_is_named_and_ready() {
    let mut facts = all_well(vec![vec![src()]; 4]);
    let upn = |facts: &Facts, place: usize| facts.users[place].0.given.to_string();
    assert!(check(&facts).pilot.is_empty());
    let id = check(&facts).users[2].id.unwrap();
    facts.pilot = vec![upn(&facts, 3).to_uppercase(), id.to_string(), upn(&facts, 2)];
    let found = check(&facts);
    assert_eq!(found.pilot, [id, found.users[3].id.unwrap()]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);

    facts.pilot.push("nobody@contoso.com".into());
    let found = check(&facts);
    let problem = &found.problems[0];
    assert!(found.pilot.len() == 2 && problem.warning && problem.code.word() == "pilot-not-ready");
    facts.pilot = vec!["nobody@contoso.com".into()];
    assert_eq!(problems(&facts), ["pilot-not-ready"], "nobody else is moved in their place");
}

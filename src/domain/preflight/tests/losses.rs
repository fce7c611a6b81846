//! What users lose by the plans of all products of both groups, which SKU is meant, and subscriptions that end.

use super::*;
use crate::domain::plan_families::CoreService;
use crate::domain::sku::meant;
use crate::domain::subscription::Subscription;
use crate::words::preflight::problem;

const SHAREPOINT_2: &str = "5dbe027f-2339-4123-9542-606e4d348a72";

fn found(found: &Preflight, code: ProblemCode) -> Vec<&Problem> {
    found.problems.iter().filter(|one| one.code == code).collect()
}

/// The target group switches SharePoint off.
fn without_sharepoint() -> Facts {
    let mut facts = all_well(vec![vec![src()]]);
    facts.target_group.as_mut().unwrap().licenses[0].disabled_plans.push(PlanId(SHAREPOINT_2.parse().unwrap()));
    facts
}

#[test]
fn a_higher_plan_of_the_family_is_no_loss() {
    let found = check(&all_well(vec![vec![src()]]));
    assert_eq!((found.plans.replaced.len(), found.plans.loses_nothing()), (1, true));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn a_core_service_that_is_gone_blocks_until_it_is_accepted() {
    let mut facts = without_sharepoint();
    let lost = check(&facts);
    assert_eq!(problems(&facts), ["core-service-lost"]);
    assert!(!lost.can_go());
    let message = &problem(&found(&lost, ProblemCode::CoreServiceLost)[0].detail);
    assert!(message.contains("\"sharepoint\"") && message.contains("LIC E3"), "{message}");
    assert_eq!(found(&lost, ProblemCode::PlansLost).len(), 1);
    facts.accept_losses = vec![CoreService::Exchange];
    assert!(!check(&facts).can_go());
    facts.accept_losses = vec![CoreService::Sharepoint];
    let accepted = check(&facts);
    assert!(accepted.can_go() && found(&accepted, ProblemCode::CoreServiceLost)[0].warning);
}

#[test]
fn a_companion_of_the_target_group_keeps_a_service_and_one_of_the_source_group_loses_one() {
    let mut facts = without_sharepoint();
    let companion = GroupLicense { sku: RIVAL, disabled_plans: Vec::new() };
    facts.target_group.as_mut().unwrap().licenses.push(companion.clone());
    let found = check(&facts);
    assert_eq!((found.plans.lower.len(), found.plans.gone.len()), (1, 0), "the kiosk plan, but a plan");
    assert!(found.can_go());
    let mut facts = all_well(vec![vec![src()]]);
    facts.source_group.as_mut().unwrap().licenses.push(GroupLicense { sku: HARMLESS, disabled_plans: Vec::new() });
    assert_eq!(check(&facts).plans.gone.len(), 1);
}

#[test]
fn what_the_source_group_switches_off_is_not_lost() {
    let mut facts = without_sharepoint();
    let plan = facts.skus.get(SOURCE).unwrap().plans[0].id;
    facts.source_group.as_mut().unwrap().licenses[0].disabled_plans.push(plan);
    let found = check(&facts);
    assert!(found.plans.is_empty() && found.can_go());
}

#[test]
fn of_a_product_that_the_tenant_does_not_have_nothing_is_said() {
    let mut facts = all_well(vec![vec![src()]]);
    facts.skus = facts.skus.iter().filter(|sku| sku.id != TARGET).cloned().collect();
    let found = check(&facts);
    assert!(found.plans.is_empty() && self::found(&found, ProblemCode::CoreServiceLost).is_empty());
}

#[test]
fn the_way_back_is_not_blocked_by_what_users_did_not_have_before() {
    // On the way back the target group's SharePoint is lost.
    let mut facts = all_well(vec![vec![src()]]);
    let plan = facts.skus.get(SOURCE).unwrap().plans[0].id;
    facts.source_group.as_mut().unwrap().licenses[0].disabled_plans.push(plan);
    let back = check_back(&facts);
    let lost = found(&back, ProblemCode::CoreServiceLost);
    assert!(lost.len() == 1 && lost[0].warning);
    assert!(back.can_go());
}

#[test]
fn a_need_is_met_by_any_product_of_the_target_group() {
    let mut facts = all_well(vec![vec![src(), entry(HARMLESS, None, "Active", None)]]);
    let rename = |sku: &Sku| {
        let mut sku = sku.clone();
        sku.plans[0].name = match sku.id {
            SOURCE => "EXCHANGE_S_STANDARD".into(),
            HARMLESS => "EXCHANGE_S_ARCHIVE_ADDON".into(),
            RIVAL => "EXCHANGE_S_ENTERPRISE".into(),
            _ => sku.plans[0].name.clone(),
        };
        if sku.id == RIVAL {
            sku.plans[0].id = "00000000-0000-0000-0000-000000000778".parse().map(PlanId).unwrap(); // it excludes nothing here
        }
        sku
    };
    facts.skus = facts.skus.iter().map(rename).collect();
    assert_eq!(codes(&facts), ["source-needed-by-other-license"]);
    let mut companion = GroupLicense { sku: RIVAL, disabled_plans: Vec::new() };
    facts.target_group.as_mut().unwrap().licenses.push(companion.clone());
    assert!(codes(&facts).is_empty(), "the companion brings it");
    companion.disabled_plans.push(facts.skus.get(RIVAL).unwrap().plans[0].id);
    facts.target_group.as_mut().unwrap().licenses[1] = companion;
    assert_eq!(codes(&facts), ["source-needed-by-other-license"], "a plan switched off meets nothing");
}

#[test]
fn rows_of_microsofts_list_are_named_with_how_many_users_they_concern() {
    let rival = || vec![src(), entry(RIVAL, None, "Active", None)];
    let waiting = vec![src(), entry(RIVAL, Some(OTHER_GROUP), "Error", Some("MutuallyExclusiveViolation"))];
    let harmless = vec![src(), entry(HARMLESS, None, "Active", None)];
    let found = check(&all_well(vec![rival(), rival(), harmless, waiting]));
    assert_eq!(found.exclusions.len(), 1);
    let row = &found.exclusions[0];
    assert_eq!((row.sku, row.users, row.pair.set.as_str()), (RIVAL, 3, "sharepoint-online"));
    assert_eq!(row.pair.listed, crate::domain::exclusion::Listed::Both);
}

#[test]
fn of_two_skus_of_one_part_number_the_one_that_the_group_assigns_is_meant() {
    let e3 = group(TARGET_GROUP, TARGET, "LIC E3");
    assert_eq!(meant(&[SOURCE], None), Some(SOURCE));
    assert_eq!(meant(&[SOURCE, TARGET], Some(&e3)), Some(TARGET));
    assert_eq!(meant(&[SOURCE, RIVAL], Some(&e3)), None);
    assert_eq!(meant(&[SOURCE, TARGET], None), None);
    let mut both = e3;
    both.licenses.push(GroupLicense { sku: SOURCE, disabled_plans: Vec::new() });
    assert_eq!(meant(&[SOURCE, TARGET], Some(&both)), None);
    assert_eq!(meant(&[], Some(&both)), None);
}

#[test]
fn an_ambiguous_sku_is_one_problem_that_names_both_ids() {
    for (side, blocked) in [("source", "source"), ("target", "target")] {
        let mut facts = all_well(vec![vec![src()]]);
        let twin = |sku: &Sku| Sku { part_number: "E3".into(), ..sku.clone() };
        facts.skus = facts
            .skus
            .iter()
            .map(|sku| if [RIVAL, HARMLESS].contains(&sku.id) { twin(sku) } else { sku.clone() })
            .collect();
        let end = if side == "source" { &mut facts.route.source } else { &mut facts.route.target };
        (end.sku, end.part_number) = (SkuId(uuid::Uuid::nil()), "e3".into());
        assert_eq!(problems(&facts), ["sku-ambiguous"], "{side}");
        let found = check(&facts);
        let message = &problem(&found.problems[0].detail);
        assert!(message.contains(&RIVAL.to_string()) && message.contains(&HARMLESS.to_string()), "{message}");
        assert!(message.contains(blocked) && !found.can_go(), "{message}");
        assert!(!codes(&facts).contains(&"source-not-assigned"), "of a license that is not known nothing is said");
    }
}

#[test]
fn subscriptions_of_every_target_product_are_looked_at_and_others_are_not() {
    let mut facts = all_well(vec![vec![src()]]);
    let ends = |sku| Subscription {
        sku,
        status: "Enabled".into(),
        trial: false,
        seats: Some(25),
        next_state: Some("2026-12-01T00:00:00Z".parse().unwrap()),
    };
    facts.subscriptions = Some(vec![ends(SOURCE), ends(TARGET), ends(HARMLESS)]);
    let told = |facts: &Facts| found(&check(facts), ProblemCode::SubscriptionEnds).len();
    assert_eq!(told(&facts), 1);
    facts.target_group.as_mut().unwrap().licenses.push(GroupLicense { sku: HARMLESS, disabled_plans: Vec::new() });
    assert_eq!(told(&facts), 2);
    let found = check(&facts);
    assert!(
        found.can_go() && problem(&self::found(&found, ProblemCode::SubscriptionEnds)[0].detail).contains("2026-12-01")
    );
    facts.read_at = "2026-10-01T00:00:00Z".parse().unwrap();
    assert_eq!(told(&facts), 0, "it is not soon");
}

#[test]
fn without_the_permission_seats_in_grace_are_still_told() {
    let mut facts = all_well(vec![vec![src()]]);
    facts.subscriptions = None;
    let grace = |sku: &Sku| {
        let mut sku = sku.clone();
        sku.prepaid.warning = 3;
        sku
    };
    assert!(found(&check(&facts), ProblemCode::SubscriptionEnds).is_empty());
    facts.skus = facts.skus.iter().map(grace).collect();
    let found = check(&facts);
    assert!(problem(&self::found(&found, ProblemCode::SubscriptionEnds)[0].detail).contains("3 seats are"));
}

#[test]
fn a_journal_with_the_old_code_and_the_old_lists_opens() {
    for word in ["loses-plans", "service-plans-lost", "plans-lost"] {
        let code: ProblemCode = serde_json::from_str(&format!("{word:?}")).unwrap();
        assert_eq!(code.word(), "plans-lost");
    }
    let mut stored = serde_json::to_value(check(&all_well(vec![vec![src()]]))).unwrap();
    let fields = stored.as_object_mut().unwrap();
    fields.remove("plans");
    fields.remove("exclusions");
    fields.insert("gained".into(), serde_json::json!(["SWAY"]));
    fields.insert("lost".into(), serde_json::json!([]));
    let opened: Preflight = serde_json::from_value(stored).unwrap();
    assert!(opened.plans.is_empty() && opened.exclusions.is_empty());
}

//! Advice: what is told when, that what could not be read is called unknown, and that none of it blocks.

use super::*;
use crate::domain::advice::DeletedUser;
use crate::domain::id::UserId;
use crate::domain::sku::ServicePlan;
use crate::domain::subscription::Caution;
use crate::domain::subscription::CautionState;
use crate::domain::subscription::Subscription;
use uuid::Uuid;

/// Three users on the source, and all that advice reads readable and empty.
fn three() -> Facts {
    let nothing = AdviceFacts {
        nested_in_source: Some(Vec::new()),
        nested_in_target: Some(Vec::new()),
        deleted: Some(Vec::new()),
    };
    Facts { advice: Some(nothing), ..all_well(vec![vec![src()], vec![src()], vec![src()]]) }
}

/// Gives a product one more plan and so many seats.
fn with_plan(facts: &mut Facts, sku: SkuId, name: &str, enabled: i64) {
    let mut skus: Vec<Sku> = facts.skus.iter().cloned().collect();
    let found = skus.iter_mut().find(|one| one.id == sku).expect("a product");
    found.plans.push(ServicePlan { id: PlanId(Uuid::new_v4()), name: name.into(), for_users: true });
    found.prepaid.enabled = enabled;
    facts.skus = skus.into_iter().collect();
}

fn user(facts: &mut Facts, place: usize) -> &mut UserFacts {
    match &mut facts.users[place].1 {
        Lookup::Found(user) => user,
        other => panic!("{other:?}"),
    }
}

fn read(facts: &mut Facts) -> &mut AdviceFacts {
    facts.advice.as_mut().expect("advice is asked for")
}

fn advised(facts: &Facts, code: &str) -> Option<Advice> {
    check(facts).advice.into_iter().find(|advice| advice.code() == code)
}

#[test]
fn where_none_is_asked_for_there_is_none_and_where_it_is_nobody_is_blocked_by_it() {
    let without = check(&all_well(vec![vec![src()]]));
    assert!(without.advice.is_empty());
    let mut facts = three();
    *read(&mut facts) = AdviceFacts::default();
    facts.subscriptions = None;
    user(&mut facts, 0).guest = Some(true);
    let found = check(&facts);
    assert!(found.advice.len() >= 5 && found.can_go() && found.ready() == 3, "{:?}", found.advice);
}

#[test]
fn the_way_back_is_not_advised_on() {
    assert!(check_back(&Facts { advice: None, ..three() }).advice.is_empty());
}

#[test]
fn delayed_delicensing_is_unknown_wherever_a_mailbox_is_at_stake() {
    let seats = |facts: &Facts| advised(facts, "delayed-delicensing");
    let mut facts = three();
    with_plan(&mut facts, SOURCE, "EXCHANGE_S_STANDARD", 70);
    assert!(matches!(seats(&facts), Some(Advice::DelayedDelicensing { exchange_seats }) if exchange_seats >= 70));
    let mut skus: Vec<Sku> = facts.skus.iter().cloned().collect();
    skus.iter_mut().filter(|sku| sku.id == SOURCE).for_each(|sku| sku.plans.retain(|plan| plan.name == "SWAY"));
    facts.skus = skus.into_iter().collect();
    assert_eq!(seats(&facts), None);
}

#[test]
fn fewer_seats_than_group_licensing_asks_for_are_told() {
    let mut facts = three();
    let code = "group-licensing-coverage";
    let mut skus: Vec<Sku> = facts.skus.iter().cloned().collect();
    for sku in skus.iter_mut().filter(|sku| sku.id == TARGET) {
        sku.id = SkuId(Uuid::from_u128(9));
    }
    facts.skus = skus.into_iter().collect();
    with_plan(&mut facts, HARMLESS, "AAD_PREMIUM", 2);
    assert_eq!(advised(&facts, code), Some(Advice::GroupLicensingCoverage { seats: 2, users: 3 }));
    with_plan(&mut facts, HARMLESS, "SWAY", 3);
    assert_eq!(advised(&facts, code), None);
    // Office 365 E3 covers its users without Entra ID P1.
    let e3 = SkuId("6fd2c87f-b296-42f0-b197-1e91e994b900".parse().unwrap());
    let mut skus: Vec<Sku> = facts.skus.iter().filter(|sku| sku.id != e3).cloned().collect();
    for sku in &mut skus {
        sku.id = if sku.id == HARMLESS { e3 } else { sku.id };
        sku.plans.retain(|plan| plan.name != "AAD_PREMIUM");
    }
    facts.skus = skus.into_iter().collect();
    assert_eq!(advised(&facts, code), None);
}

#[test]
fn phone_plans_are_counted_and_those_that_leave_with_the_source_are_named() {
    let mut facts = three();
    assert_eq!(advised(&facts, "phone-numbers"), None);
    with_plan(&mut facts, SOURCE, "MCOEV", 50);
    assert_eq!(advised(&facts, "phone-numbers"), Some(Advice::PhoneNumbers { users: 3, lose: 3 }));
    // One has it from another product as well.
    with_plan(&mut facts, HARMLESS, "MCOPSTN1", 50);
    user(&mut facts, 0).states.push(entry(HARMLESS, None, "Active", None));
    assert_eq!(advised(&facts, "phone-numbers"), Some(Advice::PhoneNumbers { users: 3, lose: 2 }));
    with_plan(&mut facts, TARGET, "MCOEV", 50);
    assert_eq!(advised(&facts, "phone-numbers"), Some(Advice::PhoneNumbers { users: 3, lose: 0 }));
}

#[test]
fn guests_and_disabled_accounts_are_counted_once_each() {
    let mut facts = three();
    assert_eq!((advised(&facts, "guests"), advised(&facts, "disabled-accounts")), (None, None));
    user(&mut facts, 0).guest = Some(true);
    user(&mut facts, 1).enabled = Some(false);
    let again = facts.users[0].clone();
    facts.users.push(again);
    assert_eq!(advised(&facts, "guests"), Some(Advice::Guests { users: 1 }));
    assert_eq!(advised(&facts, "disabled-accounts"), Some(Advice::DisabledAccounts { users: 1 }));
}

#[test]
fn whoever_was_not_found_is_looked_for_among_the_deleted_by_either_name() {
    let mut facts = three();
    let code = "deleted-accounts";
    let (known, other) = (Uuid::from_u128(0xd1), Uuid::from_u128(0xd2));
    facts.users.push((listed(4, &known.to_string()), Lookup::NotFound));
    facts.users.push((listed(5, " Gone@Contoso.com"), Lookup::NotFound));
    facts.users.push((listed(6, "never@contoso.com"), Lookup::NotFound));
    assert_eq!(advised(&facts, code), None);
    let one = |id, upn: &str| DeletedUser { id: UserId(id), upn: upn.into() };
    let gone = vec![one(known, "a@contoso.com"), one(other, "gone@contoso.com"), one(other, "gone@contoso.com")];
    read(&mut facts).deleted = Some(gone);
    assert_eq!(advised(&facts, code), Some(Advice::DeletedAccounts { users: 2 }));
    read(&mut facts).deleted = None;
    assert_eq!(advised(&facts, code), None);
    assert_eq!(advised(&facts, "deleted-accounts-unknown"), Some(Advice::DeletedUnknown { users: 3 }));
}

#[test]
fn nested_groups_are_named_up_to_five() {
    let mut facts = three();
    read(&mut facts).nested_in_target = Some((1..=7).map(|number| format!("G{number}")).collect());
    let Some(Advice::NestedGroups { group, nested, count }) = advised(&facts, "nested-groups") else { panic!() };
    assert_eq!((group.as_str(), nested.len(), count), ("LIC E3", 5, 7));
    read(&mut facts).nested_in_source = None;
    assert_eq!(advised(&facts, "nested-groups-unknown"), Some(Advice::NestedUnknown { group: "LIC E1".into() }));
    facts.source_group = None;
    assert_eq!(advised(&facts, "nested-groups-unknown"), None, "that it is not there is a problem of its own");
}

#[test]
fn a_subscription_of_the_target_that_ends_is_told_and_one_that_may_not_be_read_is_unknown() {
    let mut facts = three();
    let next_state = Some("2026-12-01T00:00:00Z".parse().unwrap());
    let ends = Subscription { sku: TARGET, status: "Enabled".into(), trial: false, seats: Some(25), next_state };
    facts.subscriptions = Some(vec![ends]);
    let caution = Caution { state: CautionState::EndsSoon, seats: Some(25), next_state };
    let Some(Advice::TargetSubscriptionEnds { caution: told, .. }) = advised(&facts, "target-subscription-ends") else {
        panic!("{:?}", check(&facts))
    };
    assert_eq!(told, caution);
    facts.subscriptions = None;
    assert!(advised(&facts, "target-subscription-unknown").is_some());
}

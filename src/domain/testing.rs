//! Small tenants for tests of the pure logic.

use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use crate::domain::classifier::Classifier;
use crate::domain::end_state::AtPreflight;
use crate::domain::exclusion::Disproved;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::ChangeTimes;
use crate::domain::license::LicenseError;
use crate::domain::license::Licenses;
use crate::domain::license::UserFacts;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::route::Side;
use crate::domain::sku::PrepaidUnits;
use crate::domain::sku::ServicePlan;
use crate::domain::sku::Sku;

pub(crate) const SOURCE: SkuId = SkuId(Uuid::from_u128(0xe1));
pub(crate) const TARGET: SkuId = SkuId(Uuid::from_u128(0xe3));
/// A product that excludes the target and has nothing to do with the source.
pub(crate) const RIVAL: SkuId = SkuId(Uuid::from_u128(0xbad));
/// A product that stands beside everything.
pub(crate) const HARMLESS: SkuId = SkuId(Uuid::from_u128(0x600d));
pub(crate) const SOURCE_GROUP: GroupId = GroupId(Uuid::from_u128(0x51));
pub(crate) const TARGET_GROUP: GroupId = GroupId(Uuid::from_u128(0x52));
pub(crate) const OTHER_GROUP: GroupId = GroupId(Uuid::from_u128(0x53));

const SHAREPOINT_1: &str = "c7699d2e-19aa-44de-8edf-1736da088ca1";
const SHAREPOINT_2: &str = "5dbe027f-2339-4123-9542-606e4d348a72";
const SHAREPOINT_KIOSK: &str = "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9";

pub(crate) fn user_id(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

pub(crate) fn side(group: GroupId, sku: SkuId, name: &str) -> Side {
    Side {
        group,
        group_name: format!("LIC {name}"),
        sku,
        sku_name: format!("Office 365 {name}"),
        part_number: name.into(),
        moved_by: crate::domain::route::MovedBy::Skuferry,
    }
}

pub(crate) fn route() -> Route {
    Route { source: side(SOURCE_GROUP, SOURCE, "E1"), target: side(TARGET_GROUP, TARGET, "E3") }
}

pub(crate) fn sku(id: SkuId, plan: &str) -> Sku {
    Sku {
        id,
        part_number: format!("SKU_{}", id.0.as_u128()),
        for_users: true,
        capability: "Enabled".into(),
        prepaid: PrepaidUnits { enabled: 100, ..PrepaidUnits::default() },
        consumed: 10,
        plans: vec![ServicePlan { id: PlanId(plan.parse().unwrap()), name: plan.into(), for_users: true }],
    }
}

pub(crate) fn classifier(scenario: Scenario) -> Classifier {
    let harmless = sku(HARMLESS, "00000000-0000-0000-0000-000000000777");
    let skus = [sku(SOURCE, SHAREPOINT_1), sku(TARGET, SHAREPOINT_2), sku(RIVAL, SHAREPOINT_KIOSK), harmless];
    Classifier {
        route: route(),
        scenario,
        skus: skus.into_iter().collect(),
        source_products: vec![GroupLicense { sku: SOURCE, disabled_plans: Vec::new() }],
        target_products: vec![GroupLicense { sku: TARGET, disabled_plans: Vec::new() }],
        disproved: Disproved::default(),
        at_preflight: AtPreflight::default(),
    }
}

pub(crate) fn entry(sku: SkuId, group: Option<GroupId>, state: &str, error: Option<&str>) -> Assignment {
    Assignment {
        sku,
        group,
        state: AssignmentState::from(state.to_owned()),
        error: LicenseError::parse(error),
        disabled_plans: Vec::new(),
    }
}

/// A user with these entries; `assignedLicenses` says what the entries say.
pub(crate) fn facts(number: u128, states: Vec<Assignment>) -> UserFacts {
    let mut assigned: Vec<SkuId> = states.iter().filter(|one| one.is_held()).map(|one| one.sku).collect();
    assigned.sort_unstable();
    assigned.dedup();
    UserFacts {
        id: user_id(number),
        upn: format!("user{number}@contoso.com").into(),
        display_name: None,
        changed: ChangeTimes::default(),
        licenses: Arc::new(Licenses {
            enabled: Some(true),
            guest: Some(false),
            usage_location: Some("US".into()),
            assigned,
            states,
        }),
    }
}

pub(crate) fn any_entry() -> impl Strategy<Value = Assignment> {
    let sku = prop::sample::select(vec![SOURCE, TARGET, RIVAL, HARMLESS]);
    let group = prop::sample::select(vec![None, Some(SOURCE_GROUP), Some(TARGET_GROUP), Some(OTHER_GROUP)]);
    let state = prop::sample::select(vec!["Active", "ActiveWithError", "Disabled", "Error", "Thriving", ""]);
    let errors =
        vec!["None", "", "CountViolation", "MutuallyExclusiveViolation", "DependencyViolation", "Others", "Moon"];
    let error = prop::option::of(prop::sample::select(errors));
    (sku, group, state, error).prop_map(|(sku, group, state, error)| entry(sku, group, state, error))
}

pub(crate) fn any_facts() -> impl Strategy<Value = UserFacts> {
    prop::collection::vec(any_entry(), 0..6).prop_map(|states| facts(1, states))
}

pub(crate) fn any_scenario() -> impl Strategy<Value = Scenario> {
    prop::sample::select(vec![Scenario::Conflicting, Scenario::NonConflicting])
}

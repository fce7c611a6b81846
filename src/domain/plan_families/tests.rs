//! The table, and that the four lists hold every plan of both sides once.

use proptest::prelude::*;

use super::*;

fn id(plan: &str) -> PlanId {
    let row = rows().find(|row| row.plan == plan);
    PlanId(row.unwrap_or_else(|| panic!("{plan} is not in the table")).id)
}

fn plans(names: &[&str]) -> NamedPlans {
    names.iter().map(|name| (id(name), (*name).to_owned())).collect()
}

/// A list in short: `A > B`, `A >` for what is gone, `> B` for what is new.
fn short(list: &[PlanChange]) -> Vec<String> {
    let word = |plan: &Option<String>| plan.clone().unwrap_or_default();
    list.iter().map(|one| format!("{} > {}", word(&one.from), word(&one.to)).trim().to_owned()).collect()
}

#[test]
fn every_row_is_read_and_stands_in_a_family_of_ranks() {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rows().count(), lines.count() - 1);
    assert!(TABLE.lines().any(|line| line.starts_with("# Part numbers and ids: Microsoft")));
    let mut ranks: BTreeMap<String, BTreeSet<u8>> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for row in rows() {
        assert!(!row.plan.is_empty() && places.insert((row.family.clone(), row.id)), "{row:?}");
        ranks.entry(row.family).or_default().insert(row.rank);
    }
    for (family, ranks) in ranks {
        assert!(ranks.iter().copied().eq(1..=u8::try_from(ranks.len()).unwrap()), "{family}: {ranks:?}");
    }
}

#[test]
fn every_plan_that_stands_in_a_family_of_a_core_service_brings_that_service() {
    let mut homes: BTreeMap<String, BTreeSet<Option<CoreService>>> = BTreeMap::new();
    for places in table().values() {
        homes.entry(places[0].family.clone()).or_default().insert(places[0].core);
        assert!(places[1..].iter().all(|place| place.core.is_none()));
    }
    assert!(homes.values().all(|cores| cores.len() == 1), "{homes:?}");
    for places in table().values() {
        for place in &places[1..] {
            let core = homes[&place.family].first().copied().flatten();
            assert!(core.is_none() || core == places[0].core, "{place:?}");
        }
    }
    let core: BTreeSet<_> = homes.into_values().flatten().flatten().collect();
    assert_eq!(core.len(), 4);
}

#[test]
fn the_table_has_every_plan_of_the_common_suites() {
    let suites = [
        "STANDARDPACK",
        "ENTERPRISEPACK",
        "ENTERPRISEPREMIUM",
        "DESKLESSPACK",
        "M365_F1_COMM",
        "SPE_F1",
        "SPE_E3",
        "SPE_E5",
        "O365_BUSINESS_ESSENTIALS",
        "O365_BUSINESS_PREMIUM",
        "SPB",
        "STANDARDWOFFPACK_STUDENT",
        "STANDARDWOFFPACK_FACULTY",
        "ENTERPRISEPACKPLUS_STUDENT",
        "ENTERPRISEPACKPLUS_FACULTY",
        "ENTERPRISEPREMIUM_STUDENT",
        "ENTERPRISEPREMIUM_FACULTY",
        "M365EDU_A1",
        "M365EDU_A3_STUDENT",
        "M365EDU_A3_FACULTY",
        "M365EDU_A5_STUDENT",
        "M365EDU_A5_FACULTY",
        "EMS",
        "EMSPREMIUM",
        "STANDARDPACK_GOV",
        "ENTERPRISEPACK_GOV",
        "ENTERPRISEPREMIUM_GOV",
    ];
    // The simulated tenant's copy of Microsoft's table has the plans of each product.
    let products = include_str!("../../../assets/sim/products.csv");
    let mut rows = csv::Reader::from_reader(products.as_bytes());
    let products: HashMap<String, String> =
        rows.records().map(|row| row.unwrap()).map(|row| (row[1].to_owned(), row[3].to_owned())).collect();
    for suite in suites {
        for plan in products.get(suite).unwrap_or_else(|| panic!("{suite}")).split(';') {
            id(plan);
        }
    }
}

#[test]
fn the_same_or_a_higher_rank_replaces_and_a_lower_one_is_told() {
    let changes = compare(
        &plans(&["SHAREPOINTSTANDARD", "WHITEBOARD_PLAN2", "SWAY", "Nucleus"]),
        &plans(&["SHAREPOINTENTERPRISE", "WHITEBOARD_PLAN1", "SWAY", "MCOEV"]),
    );
    assert_eq!(short(&changes.replaced), ["SHAREPOINTSTANDARD > SHAREPOINTENTERPRISE", "SWAY > SWAY"]);
    assert_eq!(short(&changes.lower), ["WHITEBOARD_PLAN2 > WHITEBOARD_PLAN1"]);
    assert_eq!(short(&changes.gone), ["Nucleus >"]);
    assert_eq!(short(&changes.new), ["> MCOEV"]);
    assert!(changes.core_gone().is_empty());
}

#[test]
fn the_best_plan_of_the_target_stands_in() {
    let changes = compare(&plans(&["RMS_S_BASIC"]), &plans(&["RMS_S_ENTERPRISE", "RMS_S_PREMIUM"]));
    assert_eq!(short(&changes.replaced), ["RMS_S_BASIC > RMS_S_PREMIUM"]);
    assert_eq!(short(&changes.new), ["> RMS_S_ENTERPRISE"]);
}

#[test]
fn a_core_service_is_replaced_only_by_a_plan_that_brings_it() {
    let rows = [
        (&["OFFICESUBSCRIPTION"][..], &["OFFICEMOBILE_SUBSCRIPTION"][..], Some(CoreService::Apps)),
        (
            &["EXCHANGE_S_ENTERPRISE"],
            &["EXCHANGE_S_FOUNDATION", "EXCHANGE_S_ARCHIVE_ADDON"],
            Some(CoreService::Exchange),
        ),
        (&["SHAREPOINTSTANDARD"], &["ONEDRIVEENTERPRISE"], Some(CoreService::Sharepoint)),
        (&["TEAMS1"], &["MCOSTANDARD"], Some(CoreService::Teams)),
        (&["OFFICEMOBILE_SUBSCRIPTION"], &["OFFICESUBSCRIPTION"], None),
        (&["ONEDRIVESTANDARD"], &["SHAREPOINTSTANDARD"], None),
        (&["EXCHANGE_S_ENTERPRISE"], &["EXCHANGE_S_DESKLESS"], None),
    ];
    for (from, to, lost) in rows {
        assert_eq!(compare(&plans(from), &plans(to)).core_gone().into_iter().next(), lost, "{from:?} {to:?}");
    }
}

#[test]
fn what_a_plan_brings_beside_its_own_family_counts() {
    let bought = plans(&["EXCHANGE_S_STANDARD", "EXCHANGE_S_ARCHIVE_ADDON", "INTUNE_O365"]);
    let changes = compare(&bought, &plans(&["EXCHANGE_S_ENTERPRISE", "INTUNE_A"]));
    assert!(changes.loses_nothing() && changes.new.is_empty(), "{changes:?}");
    // But not the other way round: the free device management is no lower rank of Intune.
    assert_eq!(short(&compare(&plans(&["INTUNE_A"]), &plans(&["INTUNE_O365"])).gone), ["INTUNE_A >"]);
}

#[test]
fn a_plan_that_the_table_does_not_know_is_replaced_by_itself_alone() {
    let own = |number: u128| (PlanId(Uuid::from_u128(number)), format!("OWN_{number}"));
    let changes = compare(&[own(1), own(2)].into(), &[own(2), own(3)].into());
    assert_eq!(short(&changes.replaced), ["OWN_2 > OWN_2"]);
    assert_eq!((short(&changes.gone), short(&changes.new)), (vec!["OWN_1 >".to_owned()], vec!["> OWN_3".to_owned()]));
    assert_eq!(changes.gone[0].family, "OWN_1");
}

#[test]
fn a_journal_without_the_core_service_opens() {
    let stored = r#"{"replaced":[],"lower":[],"gone":[{"family":"Sway","from":"SWAY","to":null}],"new":[]}"#;
    let changes: PlanChanges = serde_json::from_str(stored).unwrap();
    assert_eq!(short(&changes.gone), ["SWAY >"]);
    assert!(!serde_json::to_string(&changes).unwrap().contains("core"));
}

/// Some plans of the table, and one that it does not know.
fn any_plans() -> impl Strategy<Value = NamedPlans> {
    let all: Vec<_> = table().iter().map(|(id, places)| (*id, places[0].plan.clone())).collect();
    let unknown = (PlanId(Uuid::from_u128(7)), "UNKNOWN".to_owned());
    prop::sample::subsequence([all, vec![unknown]].concat(), 0..80).prop_map(|some| some.into_iter().collect())
}

proptest! {
    /// Every plan of the source is in exactly one of replaced, lower and gone; every plan of the target stands for one of
    /// them or is new, never both; ranks decide.
    #[test]
    fn the_four_lists_partition_the_plans(source in any_plans(), target in any_plans()) {
        let changes = compare(&source, &target);
        let sides = |lists: &[&Vec<PlanChange>], side: fn(&PlanChange) -> &Option<String>| -> Vec<String> {
            let mut names: Vec<String> = lists.iter().flat_map(|list| list.iter()).filter_map(|one| side(one).clone()).collect();
            names.sort();
            names
        };
        let PlanChanges { replaced, lower, gone, new } = &changes;
        let sorted = |plans: &NamedPlans| plans.values().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        prop_assert_eq!(sides(&[replaced, lower, gone, new], |one| &one.from), sorted(&source));
        let mut stand_in = sides(&[replaced, lower], |one| &one.to);
        stand_in.dedup();
        let mut all = [stand_in.clone(), sides(&[new], |one| &one.to)].concat();
        all.sort();
        prop_assert_eq!(all, sorted(&target));
        prop_assert!(gone.iter().all(|one| one.to.is_none()) && new.iter().all(|one| one.from.is_none()));
        // Nothing is lost on the way to oneself, and whatever is brought besides loses nothing more.
        prop_assert!(compare(&source, &source).loses_nothing());
        let both: NamedPlans = source.iter().chain(&target).map(|(id, name)| (*id, name.clone())).collect();
        prop_assert!(compare(&source, &both).loses_nothing());
        // A service is gone exactly when no plan of the target brings it at its home or is said to bring it too.
        let brings = |family: &str, core: Option<CoreService>| target.keys().any(|plan| {
            table().get(plan).is_some_and(|places| {
                places.iter().any(|place| place.family == family) && (core.is_none() || places[0].core == core)
            })
        });
        for one in gone {
            prop_assert!(!brings(&one.family, one.core), "{one:?}");
        }
        for one in lower {
            prop_assert!(brings(&one.family, one.core), "{one:?}");
        }
    }
}

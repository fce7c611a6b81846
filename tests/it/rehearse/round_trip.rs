//! A tenant and its copy give the same preflight, and the same standings after each phase.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;

use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::Value;
use skuferry::domain::preflight;
use skuferry::domain::standing::Standing;
use skuferry::rehearse;
use skuferry::rehearse::TenantCopy;

use crate::rehearse::both::Side;
use crate::rehearse::random::tenants;

/// How many tenants by chance are copied. Each has up to thirteen users.
const CASES: usize = 24;
/// Luck other than the original's: the same would give ids again that the copy does not have.
const COPY: u64 = 7;

/// A value as JSON, in which each text that is an original is what stands for it.
pub(super) fn renamed(value: &impl Serialize, names: &[(String, String)]) -> Value {
    let names: HashMap<String, &String> = names.iter().map(|(one, new)| (one.to_lowercase(), new)).collect();
    let mut value = serde_json::to_value(value).unwrap();
    rename(&mut value, &names);
    value
}

fn rename(value: &mut Value, names: &HashMap<String, &String>) {
    match value {
        Value::String(text) => {
            if let Some(new) = names.get(&text.to_lowercase()) {
                (*new).clone_into(text);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| rename(one, names)),
        Value::Object(fields) => fields.values_mut().for_each(|one| rename(one, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Where two values differ, and in what.
fn differences(at: &str, one: &Value, other: &Value) -> Vec<String> {
    let keys = |value: &Value| -> Vec<String> {
        match value {
            Value::Object(fields) => fields.keys().cloned().collect(),
            Value::Array(all) => (0..all.len()).map(|place| place.to_string()).collect(),
            _ => Vec::new(),
        }
    };
    let (ones, others) = (keys(one), keys(other));
    if one == other || ones != others || ones.is_empty() {
        return if one == other { Vec::new() } else { vec![format!("{at}: {one} is not {other}")] };
    }
    let part = |value: &Value, key: &str| match value {
        Value::Array(all) => all[key.parse::<usize>().unwrap()].clone(),
        value => value[key].clone(),
    };
    ones.iter().flat_map(|key| differences(&format!("{at}/{key}"), &part(one, key), &part(other, key))).collect()
}

/// Compares a tenant with a copy of it, whose file this is; `names` are what stands for what.
async fn same(original: &Side, copy: &TenantCopy, names: &[(String, String)], walks: bool) -> (usize, usize) {
    let (text, unsaid) = rehearse::tenant_file(copy);
    assert_eq!((copy.unread.as_slice(), unsaid.as_slice()), ([].as_slice(), [].as_slice()), "{text}");
    let other = Side::seeded(&text, COPY).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    original.even();
    other.even();
    let plan = original.plan().await;
    let (one, two) = (original.facts(&plan).await, other.facts(&copy.plan).await);
    let (one, two) = (preflight::check(&one), preflight::check(&two));
    let ready = one.users.iter().filter(|user| user.is_ready()).count();
    let found = differences("", &renamed(&one, names), &renamed(&two, &[]));
    assert!(found.is_empty(), "preflight:\n{}\n{text}", found.join("\n"));
    if !walks {
        return (ready, 0);
    }
    let (one, two) = (original.walk(&plan).await, other.walk(&copy.plan).await);
    for (phase, (one, two)) in one.iter().zip(&two).enumerate() {
        let one: BTreeSet<String> = one.iter().map(|user| renamed(&user, names).to_string()).collect();
        let two: BTreeSet<String> = two.iter().map(|user| renamed(&user, &[]).to_string()).collect();
        let (lost, new): (Vec<_>, Vec<_>) = (one.difference(&two).collect(), two.difference(&one).collect());
        assert!(one == two, "phase {phase}: {lost:#?} are {new:#?} on the copy\n{text}");
    }
    let migrated = one[2].values().filter(|standing| **standing == Standing::Migrated).count();
    (ready, migrated)
}

/// The same with the copy by name, then with the anonymous one: the second needs a tenant of its own, as phases change it.
async fn round_trip(tenant: &str, walks: bool) -> Result<(usize, usize), String> {
    let original = Side::of(tenant).await?;
    if skuferry_finds_nobody(&original).await {
        return Err("nobody is left".to_owned());
    }
    let copy = original.copy().await;
    let counts = same(&original, &copy, &[], walks).await;
    let original = Side::of(tenant).await?;
    let (shown, names) = rehearse::anonymous(&original.copy().await);
    assert_eq!(same(&original, &shown, &names.replaced(), walks).await, counts);
    Ok(counts)
}

async fn skuferry_finds_nobody(side: &Side) -> bool {
    let plan = side.plan().await;
    let found = preflight::check(&side.facts(&plan).await);
    found.users.iter().all(|user| user.id.is_none())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_by_chance_and_its_copy_go_through_all_phases_alike() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let (mut done, mut ready, mut migrated, mut left) = (0, 0, 0, CASES * 10);
    while done < CASES {
        left = left.checked_sub(1).expect("most tenants by chance are none");
        let text = tenants().new_tree(&mut runner).unwrap().current();
        // A tenant that cannot be, as a direct license that excludes another.
        let Ok(counts) = round_trip(&text, true).await else { continue };
        done += 1;
        (ready, migrated) = (ready + counts.0, migrated + counts.1);
    }
    assert!(ready > CASES && migrated > CASES / 2, "hardly anybody moves: {ready} ready, {migrated} migrated");
}

/// What no read tells, by the keys of a tenant file.
const HIDDEN: [&str; 11] = [
    "add_refused",
    "[[prohibited]]",
    "[[dependency]]",
    "[[exclusive]]",
    "[[event]]",
    "[[fault]]",
    "exclusive_plans",
    "retry_order",
    "first_failure_only",
    "address_taken",
    "cursed",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_from_the_field_and_its_copy_give_the_same_preflight() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let (mut files, mut walked) = (0, 0);
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let walks = !HIDDEN.iter().any(|key| text.contains(key));
        files += 1;
        walked += usize::from(walks);
        round_trip(&text, walks).await.unwrap();
    }
    assert!(files > 20 && walked > 5, "{files} files, of which {walked} show all that matters");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_licensing_has_still_to_do_is_done_on_the_copy_as_well() {
    let tenant = include_str!("../cases/guest-and-disabled.toml");
    let original = Side::of(tenant).await.unwrap();
    let plan = original.plan().await;
    let copy = original.copy().await;
    assert_eq!(
        rehearse::tenant_file(&copy).0.matches("\nguest = true\n").count(),
        tenant.matches("guest = true").count()
    );
    let (user, target) = (copy.users[0].facts.id, plan.route.target.group);
    // The copy is made while the user is a member of the target group and has nothing of it yet.
    original.add(target, user).await;
    let copy = Side::of(&rehearse::tenant_file(&original.copy().await).0).await.unwrap();
    for side in [&original, &copy] {
        assert!(!side.has_from(user, target).await);
        side.sim.advance(std::time::Duration::from_mins(10));
        assert!(side.has_from(user, target).await);
    }
}

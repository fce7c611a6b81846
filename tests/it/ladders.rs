//! `check --json` on real ladders of products: what becomes of every service plan, and what blocks.

use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use skuferry::sim::Options;
use skuferry::sim::Sim;

/// What is right, drawn up by hand.
const TABLES: &str = include_str!("ladders.toml");

#[derive(Deserialize)]
struct Tables {
    ladder: Vec<Ladder>,
}

#[derive(Deserialize)]
struct Ladder {
    name: String,
    from: String,
    to: String,
    same: usize,
    replaced: Vec<String>,
    lower: Vec<String>,
    gone: Vec<String>,
    new: Vec<String>,
}

/// A tenant with one user to move from products to products, and plans that the target group switches off.
fn tenant(from: &[&str], to: &[&str], off: &[&str]) -> String {
    let list = |words: &[&str]| words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    let skus = from.iter().chain(to).map(|part| format!("[[sku]]\npart = {part:?}\nseats = 9\n")).collect::<Vec<_>>();
    let skus = skus.join("");
    format!(
        "[tenant]\nname = \"Contoso\"\ndomain = \"contoso.com\"\n[migration]\nname = \"ladder\"\n\
         source = {{ group = \"From\", sku = {:?} }}\ntarget = {{ group = \"To\", sku = {:?} }}\n{skus}\
         [[group]]\nname = \"From\"\nlicenses = [{}]\n[[group]]\nname = \"To\"\nlicenses = [{}]\nplans_off = [{}]\n\
         [[user]]\nupn = \"adelev\"\ngroups = [\"From\"]\nlisted = true\n",
        from[0],
        to[0],
        list(from),
        list(to),
        list(off),
    )
}

/// What `check --json` says, and how it ends. `set` is added under `[migration]`.
async fn check(tenant: String, set: &str) -> (Value, Option<i32>) {
    let sim = Sim::start(Options { tenant: Some(tenant), ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    let file = folder.path().join("config.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replacen("[migration]\n", &format!("[migration]\n{set}\n"), 1)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.args(["check", "--json"]).current_dir(folder.path()).env("SKUFERRY_CLIENT_SECRET", "any");
    command.env("SKUFERRY_DATA_DIR", folder.path()).env("SKUFERRY_CONFIG_DIR", folder.path());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    sim.stop().await;
    let told = String::from_utf8_lossy(&output.stderr);
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}")), output.status.code())
}

fn change(one: &Value) -> (Option<&str>, Option<&str>) {
    assert!(one["family"].as_str().is_some_and(|family| !family.is_empty()), "{one}");
    (one["from"].as_str(), one["to"].as_str())
}

/// A list of changes, each as the tables have it, without plans that stand for themselves; and how many of those.
fn in_short(list: &Value) -> (Vec<String>, usize) {
    let all: Vec<_> = list.as_array().unwrap().iter().map(change).collect();
    let same = all.iter().filter(|(from, to)| from == to).count();
    let words = all.into_iter().filter(|(from, to)| from != to).map(|change| match change {
        (Some(from), Some(to)) => format!("{from} > {to}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => panic!("a change of nothing"),
    });
    let mut words: Vec<String> = words.collect();
    words.sort();
    (words, same)
}

fn codes(found: &Value) -> Vec<(&str, bool)> {
    let problems = found["problems"].as_array().unwrap().iter();
    problems.map(|one| (one["code"].as_str().unwrap(), one["warning"] == true)).collect()
}

fn message<'a>(found: &'a Value, code: &str) -> &'a str {
    let problems = found["problems"].as_array().unwrap();
    problems.iter().find(|one| one["code"] == code).and_then(|one| one["message"].as_str()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_ladders_lose_what_the_tables_say() {
    let tables: Tables = toml::from_str(TABLES).unwrap();
    assert_eq!(tables.ladder.len(), 6);
    for ladder in tables.ladder {
        let (found, exit) = check(tenant(&[&ladder.from], &[&ladder.to], &[]), "").await;
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        let plans = &found["plans"];
        assert_eq!(in_short(&plans["replaced"]), (sorted(&ladder.replaced), ladder.same), "{}", ladder.name);
        assert_eq!(in_short(&plans["lower"]), (sorted(&ladder.lower), 0), "{}", ladder.name);
        assert_eq!(in_short(&plans["gone"]), (sorted(&ladder.gone), 0), "{}", ladder.name);
        assert_eq!(in_short(&plans["new"]), (sorted(&ladder.new), 0), "{}", ladder.name);
        let lost = !ladder.lower.is_empty() || !ladder.gone.is_empty();
        assert_eq!(
            codes(&found),
            lost.then_some(("plans-lost", true)).into_iter().collect::<Vec<_>>(),
            "{}",
            ladder.name
        );
        assert_eq!(exit, Some(0), "{}: a warning blocks nobody", ladder.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_service_that_is_switched_off_blocks_until_it_is_accepted() {
    let off = || tenant(&["STANDARDPACK"], &["ENTERPRISEPACK"], &["EXCHANGE_S_ENTERPRISE"]);
    let (found, exit) = check(off(), "").await;
    assert_eq!(codes(&found), [("core-service-lost", false), ("plans-lost", true)]);
    assert_eq!(in_short(&found["plans"]["gone"]).0, ["EXCHANGE_S_STANDARD"]);
    let says = message(&found, "core-service-lost");
    assert!(says.contains("Exchange Online (Plan 1)") && says.contains("accept_losses"), "{says}");
    assert_eq!(exit, Some(1));
    let (found, exit) = check(off(), "accept_losses = [\"teams\"]").await;
    assert_eq!((codes(&found)[0], exit), (("core-service-lost", false), Some(1)), "another service was accepted");
    let (found, exit) = check(off(), "accept_losses = [\"exchange\"]").await;
    assert_eq!((codes(&found)[0], exit), (("core-service-lost", true), Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_down_loses_the_desktop_apps_and_mobile_apps_are_no_lower_rank_of_them() {
    let (found, exit) = check(tenant(&["ENTERPRISEPACK"], &["STANDARDPACK"], &[]), "").await;
    assert_eq!((codes(&found)[0], exit), (("core-service-lost", false), Some(1)));
    assert!(message(&found, "core-service-lost").contains("\"apps\""));
    assert!(in_short(&found["plans"]["lower"]).0.contains(&"EXCHANGE_S_ENTERPRISE > EXCHANGE_S_STANDARD".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_product_of_both_groups_counts() {
    // Teams goes with the suite and comes back beside the one without it.
    let without = "Office_365_E3_(no_Teams)";
    let (found, _) = check(tenant(&["ENTERPRISEPACK"], &[without], &[]), "").await;
    assert_eq!(codes(&found)[0], ("core-service-lost", false));
    assert!(message(&found, "core-service-lost").contains("\"teams\""));
    let (found, _) = check(tenant(&["ENTERPRISEPACK"], &[without, "Microsoft_Teams_Enterprise_New"], &[]), "").await;
    assert!(codes(&found).iter().all(|(code, _)| *code != "core-service-lost"), "{:?}", codes(&found));
    // What a companion of the source brings goes too.
    let (found, _) = check(tenant(&["STANDARDPACK", "EMS"], &["ENTERPRISEPACK"], &[]), "").await;
    assert!(in_short(&found["plans"]["gone"]).0.contains(&"INTUNE_A".to_owned()));
    let (found, _) = check(tenant(&["STANDARDPACK", "EMS"], &["ENTERPRISEPACK", "EMSPREMIUM"], &[]), "").await;
    assert!(in_short(&found["plans"]["gone"]).0.is_empty());
}

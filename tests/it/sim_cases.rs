//! `cases/*.toml`: tenants on which looking at one product is not enough, and what licensing does there when nobody is careful.
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use skuferry::sim::Options;

use crate::sim_kit::Kit;

/// Longer than licensing takes in any of the cases.
const SETTLED: Duration = Duration::from_mins(2);

/// A case's tenant, for a run of the program or for [`Kit::start`]. `name` is the file's, without its folder and ending.
pub(crate) fn options(name: &str) -> Options {
    let path = folder().join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Options { tenant: Some(text), ..Options::default() }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases")
}

/// A tenant and its two groups, moved by somebody who looks at nothing.
struct Careless {
    kit: Kit,
    source: String,
    target: String,
}

impl Careless {
    async fn start(name: &str) -> Self {
        Self::on(options(name)).await
    }

    async fn on(options: Options) -> Self {
        let kit = Kit::start(options).await;
        let config: toml::Table = kit.sim.config_toml().parse().unwrap();
        let group = |end: &str| config["migration"][end]["group"].as_str().unwrap().to_owned();
        let (source, target) = (group("source"), group("target"));
        Self { kit, source, target }
    }

    /// The users on the list, as the tenant has them.
    fn listed(&self) -> Vec<Value> {
        let state = self.kit.sim.state();
        let list = self.kit.sim.users_csv();
        let is = |user: &Value, line: &str| user["id"] == line || user["userPrincipalName"] == line;
        let users = state["users"].as_array().unwrap();
        list.lines().map(|line| users.iter().find(|user| is(user, line)).unwrap().clone()).collect()
    }

    async fn add(&self) -> Vec<u16> {
        let mut answers = Vec::new();
        for user in self.listed() {
            let id = user["id"].as_str().unwrap();
            let bind = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}") });
            let ask = format!("POST /v1.0/groups/{}/members/$ref", self.target);
            answers.push(self.kit.ask(&ask, &[], Some(&bind)).await.status);
        }
        self.kit.sim.advance(SETTLED);
        answers
    }

    async fn remove(&self) {
        for user in self.listed() {
            let ask = format!("DELETE /v1.0/groups/{}/members/{}/$ref", self.source, user["id"].as_str().unwrap());
            assert_eq!(self.kit.ask(&ask, &[], None).await.status, 204);
        }
        self.kit.sim.advance(SETTLED);
    }

    /// What the users on the list are licensed for, each kind once and in the order of the list: `PART` for what is active,
    /// else with state or error, `*` for direct, the group's name behind what neither of the two groups gives.
    fn licenses(&self) -> Vec<String> {
        let state = self.kit.sim.state();
        let part = |id: &Value| {
            let sku = state["skus"].as_array().unwrap().iter().find(|sku| sku["skuId"] == *id).unwrap();
            sku["skuPartNumber"].as_str().unwrap().to_owned()
        };
        let other = |id: &Value| {
            let group = state["groups"].as_array().unwrap().iter().find(|group| group["id"] == *id).unwrap();
            group["displayName"].as_str().unwrap().to_owned()
        };
        let word = |one: &Value| {
            let mut text = part(&one["skuId"]);
            match &one["assignedByGroup"] {
                Value::Null => text.push('*'),
                group if *group == *self.source || *group == *self.target => {}
                group => text.extend([" (", &other(group), ")"]),
            }
            match (one["state"].as_str().unwrap(), one["error"].as_str().unwrap()) {
                ("Active", "None") => text,
                ("Error", error) => format!("{text} {error}"),
                (state, error) => format!("{text} {state} {error}"),
            }
        };
        let mut seen = BTreeSet::new();
        let mut kinds = Vec::new();
        for user in self.listed() {
            let states = user["licenseAssignmentStates"].as_array().unwrap();
            let text = states.iter().map(word).collect::<Vec<_>>().join(", ");
            if seen.insert(text.clone()) {
                kinds.push(text);
            }
        }
        kinds
    }
}

/// What users have at first, when they were added, and when they were removed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    first: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

#[tokio::test]
async fn whoever_moves_users_without_a_look_meets_what_each_case_is_made_for() {
    let pinned: BTreeMap<String, Pinned> = toml::from_str(include_str!("sim_cases.toml")).unwrap();
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let names: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, pinned.keys().cloned().collect(), "a case that nothing is said of, or the other way round");
    for (name, Pinned { first, added, removed }) in &pinned {
        let careless = Careless::start(name).await;
        assert_eq!(careless.licenses(), *first, "{name}, at first");
        careless.add().await;
        assert_eq!(careless.licenses(), *added, "{name}, when added");
        careless.remove().await;
        assert_eq!(careless.licenses(), *removed, "{name}, when removed");
    }
}

#[tokio::test]
async fn seats_bought_afterwards_and_a_reprocess_give_the_whole_group() {
    let careless = Careless::start("second-product-out-of-seats").await;
    careless.add().await;
    careless.remove().await;
    assert_eq!(careless.licenses(), ["ENTERPRISEPACK Other, EMS CountViolation"]);
    careless.kit.sim.set_faults("[[event]]\nseats = { sku = \"EMS\", enabled = 14 }").unwrap();
    careless.kit.sim.advance(SETTLED);
    assert_eq!(careless.licenses(), ["ENTERPRISEPACK Other, EMS CountViolation"], "nothing happens by itself");
    for user in careless.listed() {
        let ask = format!("POST /v1.0/users/{}/reprocessLicenseAssignment", user["id"].as_str().unwrap());
        assert_eq!(careless.kit.ask(&ask, &[], None).await.status, 200);
    }
    careless.kit.sim.advance(SETTLED);
    assert_eq!(careless.licenses(), ["ENTERPRISEPACK, EMS"]);
}

/// Who has it when the source goes, by the order that is set while the tenant runs.
async fn winners(name: &str, order: &str, seed: u64) -> Vec<String> {
    let careless = Careless::on(Options { seed, ..options(name) }).await;
    careless.kit.sim.set_faults(&format!("[licensing]\nretry_order = \"{order}\"")).unwrap();
    careless.add().await;
    careless.remove().await;
    careless.licenses()
}

#[tokio::test]
async fn which_of_several_that_wait_wins_is_for_the_order_to_say() {
    const F3: &str = "ENTERPRISEPACK MutuallyExclusiveViolation, DESKLESSPACK (Frontline F3)";
    const E3: &str = "ENTERPRISEPACK, DESKLESSPACK (Frontline F3) MutuallyExclusiveViolation";
    let name = "rival-in-third-group";
    for (order, winner) in [("oldest", F3), ("newest", E3), ("listed", F3)] {
        assert_eq!(winners(name, order, 1).await, [winner], "{order}");
    }
    for order in ["group-id", "seeded"] {
        let mut seen = BTreeSet::new();
        for seed in 0..8 {
            let once = winners(name, order, seed).await;
            assert_eq!(once, winners(name, order, seed).await, "{order}: the same seed gives the same");
            seen.extend(once);
        }
        assert_eq!(seen, BTreeSet::from([F3.to_owned(), E3.to_owned()]), "{order}");
    }
    let (first, last) = ("two-rivals-waiting", "ENTERPRISEPREMIUM (Leaders E5)");
    assert_eq!(winners(first, "newest", 1).await, [format!("{E3}, {last}")]);
    assert_eq!(winners(first, "oldest", 1).await, [format!("{F3}, {last} MutuallyExclusiveViolation")]);
}

#[tokio::test]
async fn the_second_product_goes_from_the_group_or_is_sold_out_while_users_wait() {
    let conflict = "STANDARDPACK, ENTERPRISEPACK MutuallyExclusiveViolation";
    for (name, added, then, removed) in [
        ("second-product-removed-mid-run", "EMS CountViolation", "", "ENTERPRISEPACK"),
        ("second-product-drained-mid-run", "EMS Other", ", EMS Other", "ENTERPRISEPACK Other, EMS CountViolation"),
    ] {
        let careless = Careless::start(name).await;
        careless.add().await;
        assert_eq!(careless.licenses(), [format!("{conflict}, {added}")], "{name}");
        careless.kit.sim.advance(Duration::from_mins(5));
        // That seats are gone shows nowhere on a user before licensing looks again.
        assert_eq!(careless.licenses(), [format!("{conflict}{then}")], "{name}");
        careless.remove().await;
        assert_eq!(careless.licenses(), [removed], "{name}");
    }
}

#[tokio::test]
async fn a_source_that_is_held_names_the_group_that_was_left_and_keeps_its_seat() {
    let careless = Careless::start("source-held-by-dependency").await;
    careless.add().await;
    careless.remove().await;
    let held: Vec<Value> = careless
        .listed()
        .iter()
        .filter(|user| !user["groups"].to_string().contains(&careless.source))
        .flat_map(|user| user["licenseAssignmentStates"].as_array().unwrap().clone())
        .filter(|one| one["state"] == "ActiveWithError")
        .collect();
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|one| one["assignedByGroup"] == *careless.source), "{held:?}");
    let state = careless.kit.sim.state();
    let consumed = |part: &str| {
        state["skus"].as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == part).unwrap()["consumed"].clone()
    };
    assert_eq!(["STANDARDPACK", "VISIOCLIENT", "ENTERPRISEPACK", "EMS"].map(consumed), [2, 0, 2, 2]);
}

#[tokio::test]
async fn one_whom_nobody_may_add_spoils_the_addition_of_all() {
    let careless = Careless::start("addition-refused-for-one").await;
    let url = |user: &Value| format!("https://graph.microsoft.com/v1.0/users/{}", user["id"].as_str().unwrap());
    let users: Vec<String> = careless.listed().iter().map(url).collect();
    let ask = format!("PATCH /v1.0/groups/{}", careless.target);
    let all = careless.kit.ask(&ask, &[], Some(&json!({ "members@odata.bind": users }))).await;
    assert_eq!((all.status, &all.body["error"]["code"]), (403, &json!("Authorization_RequestDenied")));
    let members = || {
        let state = careless.kit.sim.state();
        let group = state["groups"].as_array().unwrap().iter().find(|group| group["id"] == *careless.target).unwrap();
        group["members"].as_array().unwrap().len()
    };
    assert_eq!(members(), 0, "nobody is added");
    let others = careless.kit.ask(&ask, &[], Some(&json!({ "members@odata.bind": users[1..] }))).await;
    assert_eq!((others.status, members()), (204, 3));
}

#[tokio::test]
async fn subscriptions_tell_what_ends_and_part_numbers_may_be_those_of_two() {
    let kit = Kit::start(options("subscription-ends")).await;
    let told = kit.get("/v1.0/directory/subscriptions").await;
    let now: jiff::Timestamp = kit.sim.state()["now"].as_str().unwrap().parse().unwrap();
    let shown: Vec<_> = told["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let next: jiff::Timestamp = one["nextLifecycleDateTime"].as_str().unwrap().parse().unwrap();
            let days = (next.duration_since(now).as_secs() + 43_200) / 86_400;
            (one["skuPartNumber"].as_str().unwrap(), one["isTrial"] == true, one["status"].as_str().unwrap(), days)
        })
        .collect();
    let expected = [
        ("STANDARDPACK", false, "Enabled", 300),
        ("ENTERPRISEPACK", true, "Enabled", 10),
        ("EMS", false, "Warning", 20),
    ];
    assert_eq!(shown, expected);

    let kit = Kit::start(options("same-part-number-twice")).await;
    let skus = kit.get("/v1.0/subscribedSkus").await;
    let twice = skus["value"].as_array().unwrap().iter().filter(|sku| sku["skuPartNumber"] == "ENTERPRISEPACK");
    assert_eq!(twice.map(|sku| sku["skuId"].to_string()).collect::<BTreeSet<_>>().len(), 2);
    assert!(kit.sim.config_toml().contains("sku = \"ENTERPRISEPACK\""), "the config names the part number alone");
}

#[tokio::test]
async fn what_is_of_two_products_or_fits_no_suite_can_be_set() {
    let text = options("teams-enterprise-beside-no-teams").tenant.unwrap();
    let strict = text.replace("[migration]", "teams_beside_suites = false\n[migration]");
    let careless = Careless::on(Options { tenant: Some(strict), ..Options::default() }).await;
    let by_group = "Microsoft_365_E3_(no_Teams), Microsoft_Teams_Enterprise_New (Teams) MutuallyExclusiveViolation";
    assert_eq!(careless.licenses()[0], by_group);

    let text = options("same-part-number-twice").tenant.unwrap();
    let vague =
        text.replace("licenses = [\"6fd2c87f-b296-42f0-b197-1e91e994b900\"]", "licenses = [\"ENTERPRISEPACK\"]");
    assert_ne!(text, vague);
    let refused = skuferry::sim::Sim::start(Options { tenant: Some(vague), ..Options::default() }).await.unwrap_err();
    assert!(refused.to_string().contains("`ENTERPRISEPACK` is the part of two products"), "{refused}");
}

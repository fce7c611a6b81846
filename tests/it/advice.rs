//! Advice of preflight against the simulated tenant: in `check`, as text and JSON, on the plan view, and when reads are refused.

use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use skuferry::domain::advice::Advice;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::update::update;

use crate::driver::Rig;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

const TENANT: &str = include_str!("advice.toml");

fn options() -> Options {
    Options { tenant: Some(TENANT.to_owned()), ..Options::default() }
}

/// What `check` says of the tenant with these faults, as JSON and as text, and the exit code.
async fn check(faults: &str) -> (Value, String, Option<i32>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sim = Sim::start(options()).await.unwrap();
    if !faults.is_empty() {
        sim.set_faults(faults).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    let path = folder.path().to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
            command.env("SKUFERRY_DATA_DIR", path.join("data")).env("SKUFERRY_CONFIG_DIR", &path).current_dir(&path);
            command.env("SKUFERRY_CLIENT_SECRET", "anything").args(arguments).output().unwrap()
        };
        let (json, told) = (run(&["check", "--json"]), run(&["check"]));
        let said = String::from_utf8_lossy(&json.stderr).into_owned();
        let parsed = serde_json::from_slice(&json.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
        (parsed, String::from_utf8(told.stdout).unwrap(), json.status.code())
    })
    .await
    .unwrap();
    let reads = |path: &str| path.ends_with("/$batch") || path.contains("/oauth2/");
    let wrote = sim.log().into_iter().find(|entry| entry.method != "GET" && !reads(&entry.path));
    assert!(wrote.is_none(), "{wrote:?}");
    found
}

fn codes(json: &Value) -> Vec<&str> {
    json["advice"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_piece_of_advice_has_a_code_a_reason_and_a_source_and_blocks_nobody() {
    let (json, text, code) = check("").await;
    assert_eq!(
        codes(&json),
        [
            "delayed-delicensing",
            "phone-numbers",
            "guests",
            "disabled-accounts",
            "deleted-accounts",
            "nested-groups",
            "target-subscription-ends",
            "one-call-swap"
        ]
    );
    assert_eq!(
        (&json["ready"], &json["blocked"], code),
        (&3.into(), &1.into(), Some(1)),
        "only who is gone is blocked"
    );
    for one in json["advice"].as_array().unwrap() {
        let (code, message, source) = (&one["code"], one["message"].as_str().unwrap(), one["source"].as_str().unwrap());
        assert!(message.len() > 40 && source.contains("(Microsoft "), "{one}");
        assert!(
            text.contains(&format!("advice, {}: {message}\n  source: {source}\n", code.as_str().unwrap())),
            "{text}"
        );
    }
    assert!(text.contains("3 users have Teams Phone or a calling plan, and 3 have it from the source group alone"));
    assert!(
        text.contains("a group is a member of \"Suite E3\", and licensing does not reach its members: Instructors")
    );
    assert!(text.contains("1 listed account is deleted and can be restored for 30 days"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_is_unknown_and_stops_nothing() {
    let refused: String = [
        "GET /groups/*/members/microsoft.graph.group",
        "GET /directory/deletedItems/microsoft.graph.user",
        "GET /directory/subscriptions",
    ]
    .iter()
    .map(|on| format!("[[fault]]\non = \"{on}\"\nanswer = 403\n"))
    .collect::<Vec<_>>()
    .concat();
    let (json, text, _) = check(&refused).await;
    let unknown =
        ["deleted-accounts-unknown", "nested-groups-unknown", "nested-groups-unknown", "target-subscription-unknown"];
    let told: Vec<&str> = codes(&json).into_iter().filter(|code| code.ends_with("-unknown")).collect();
    assert_eq!(told, unknown);
    assert_eq!(json["ready"], 3);
    for look in ["Entra admin center shows them under Users, Deleted users", "Billing, Your products", "is unknown"] {
        assert!(text.contains(look), "{look}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_keeps_the_advice_of_its_first_check_in_the_journal() {
    let mut rig = Rig::open_by(options(), |_| {}, async |_, _| crate::driver::Direction::default()).await;
    let shot = rig.wait("checked", |shot| shot.run.preflight.is_some()).await;
    let advice = &shot.run.preflight.as_ref().unwrap().advice;
    assert!(advice.contains(&Advice::Guests { users: 1 }), "{advice:?}");
    let asked = rig.sim.log().iter().filter(|entry| entry.path.contains("/members/microsoft.graph.group")).count();
    assert_eq!(asked, 2, "once for each group");
}

#[test]
fn the_plan_shows_the_advice_as_a_block_of_its_own_that_scrolls() {
    let mut preflight = scene::preflight((0..3).map(scene::ready).collect());
    preflight.advice = vec![
        Advice::Guests { users: 2 },
        Advice::DelayedDelicensing { exchange_seats: 1 },
        Advice::OneCallSwap { group: "Lic-E1".into(), old: "Office 365 E1".into(), new: "Office 365 E3".into() },
    ];
    let mut scene = Scene::checked(preflight);
    scene.snapshot.skus = Arc::default();
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(4)]);
    let mut seen = String::new();
    for _ in 0..12 {
        let (screen, measured) = frame(&mut model, 80, 24);
        seen += &text(&screen);
        let _ = update(&mut model, Action::Drawn(measured));
        press(&mut model, &[Cmd::PageDown]);
    }
    for part in [
        "── advice ──",
        "2 listed accounts are guests",
        "source: \"Properties of a Microsoft Entra B2B collaboration user\"",
        "instead of moving users, one call can swap the license of \"Lic-E1\" from",
    ] {
        assert!(seen.contains(part), "{part}\n{seen}");
    }
}

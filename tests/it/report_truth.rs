//! What the report says against what the simulated tenant itself knows: who was removed, and how long who had no license.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use jiff::Timestamp;
use serde_json::Value;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::id::UserId;
use skuferry::domain::settings::Settings;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::report::Report;
use skuferry::report::content::UserOutcome;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::reports::told;
use crate::witness;

fn report(rig: &Rig) -> Report {
    told(&rig.journal())
}

/// Who left the source group with success by our requests, by the tenant's own log.
fn removed(rig: &Rig) -> BTreeSet<UserId> {
    let source = rig.run.route.source.group.0;
    let left =
        witness::writes(rig).into_iter().filter(|write| !write.added && write.group == source && write.status == 204);
    left.map(|write| write.user).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_removed_and_that_nobody_was_without_a_license_is_what_the_tenant_saw() {
    let mut rig =
        Rig::open(Options { users: 14, seed: 5, ..Options::default() }, |settings| settings.batch_size = 5).await;
    rig.finish().await;
    let report = report(&rig);
    let removed = removed(&rig);
    assert!(removed.len() > 5, "{removed:?}");
    let told: BTreeSet<UserId> =
        report.users.iter().filter(|user| user.removed.is_some()).filter_map(|user| user.id).collect();
    assert_eq!(told, removed);
    assert_eq!(report.totals.removed, removed.len());
    assert_eq!(report.totals.seconds_unlicensed, 0);
    let planned: BTreeSet<UserId> = rig.planned().into_iter().collect();
    assert!(rig.witness.bare().is_disjoint(&planned), "the tenant saw somebody without a license");
    for user in report.users.iter().filter(|user| user.outcome == UserOutcome::Migrated) {
        let truth = rig.truth(user.id.unwrap());
        let target = &rig.run.route.target.part_number;
        assert!(truth["skus"].as_array().unwrap().iter().any(|sku| sku == target), "{truth}");
        assert!(user.products_before.is_some() && user.products_after.is_some(), "{user:?}");
    }
    let canary = &report.batches[0].canary;
    assert!(!canary.users.is_empty() && canary.arrived.is_some(), "{canary:?}");
}

/// All times are read by the test: before the license goes, after it was seen to be gone, and the same when it is back. The
/// seconds of the report lie between the two lengths, however slow the machine is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_seconds_without_a_license_are_those_of_the_tenant() {
    let grace = |settings: &mut Settings| settings.unlicensed_grace = SignedDuration::ZERO;
    let mut rig = Rig::open(Options { users: 6, seed: 5, ..Options::default() }, grace).await;
    let shot = rig.operate("somebody migrated", |shot| shot.run.users.iter().any(|user| user.is_migrated())).await;
    let user = shot.run.users.iter().find(|user| user.is_migrated()).and_then(|user| user.id).unwrap();
    let standing =
        |shot: &skuferry::engine::snapshot::Snapshot| shot.run.user(user).and_then(|user| user.standing.clone());
    let before = SystemClock.now();
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{user}\"\n")).unwrap();
    rig.send(skuferry::engine::handle::Command::Inspect(user));
    rig.wait("unlicensed", |shot| standing(shot) == Some(Standing::Unlicensed)).await;
    let seen = SystemClock.now();
    let group = rig.run.route.target.group;
    rig.wait("an alarm", |shot| shot.run.alarm.is_some()).await;
    let still = SystemClock.now();
    // Who is a member already would be given nothing.
    let member = |verb: &str| format!("[[event]]\n{verb} = {{ user = \"{user}\", group = \"{group}\" }}\n");
    rig.sim.set_faults(&(member("remove") + &member("add"))).unwrap();
    // Licensing takes its time, and a snapshot comes with each look.
    let end = tokio::time::Instant::now() + crate::driver::DEADLINE;
    while standing(&rig.snapshot()) == Some(Standing::Unlicensed) {
        assert!(tokio::time::Instant::now() < end, "never licensed again: {}", rig.tale());
        rig.send(skuferry::engine::handle::Command::Inspect(user));
        let shot = rig.snapshot();
        rig.a_while(&shot).await;
    }
    let after = SystemClock.now();
    let report = report(&rig);
    let row = report.users.iter().find(|row| row.id == Some(user)).unwrap();
    let up =
        |from: Timestamp, to: Timestamp| u64::try_from(to.duration_since(from).as_millis()).unwrap().div_ceil(1000);
    assert!(row.seconds_unlicensed >= up(seen, still), "{row:?}");
    assert!(row.seconds_unlicensed <= up(before, after), "{row:?} within {before} and {after}");
    assert!(row.seconds_unlicensed > 0);
    assert_eq!(report.totals.seconds_unlicensed, row.seconds_unlicensed, "nobody else was without one");
    assert!(rig.witness.bare().contains(&user), "the tenant saw it too");
    assert!(report.incidents.iter().any(|event| event.kind == "alarm-raised"), "{}", rig.tale());
}

/// `verify` of the built program, while the tenant goes on in this process.
async fn verify(rig: &Rig, config: &Path) -> (Output, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    let data: PathBuf = rig.journal_path().parent().and_then(Path::parent).unwrap().to_owned();
    command.env("SKUFERRY_DATA_DIR", data).env("SKUFERRY_CLIENT_SECRET", "any");
    command.args(["verify", &rig.run.id.to_string(), "--json", "--log-level", "off", "--config"]).arg(config);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let found = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verify_reads_everybody_anew_and_names_who_is_not_as_reported() {
    let mut rig = Rig::open(Options { users: 8, seed: 5, ..Options::default() }, |_| {}).await;
    let shot = rig.finish().await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    std::fs::write(&config, rig.sim.config_toml()).unwrap();
    std::fs::write(folder.path().join("users.csv"), rig.sim.users_csv()).unwrap();
    let requests = rig.sim.log().len();
    let (output, found) = verify(&rig, &config).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told = shot.run.users.iter().filter(|user| user.id.is_some() && user.standing.is_some()).count();
    assert_eq!(found["asReported"], told, "{found}");
    let log = rig.sim.log();
    assert!(log[requests..].iter().all(witness::is_read), "it wrote");
    let asked = |user: UserId| {
        let wanted = format!("/users/{user}");
        log[requests..].iter().any(|entry| witness::path(entry).split('?').next() == Some(wanted.as_str()))
    };
    assert!(shot.run.users.iter().filter_map(|user| user.id).all(asked), "somebody was not read");

    let user = shot.run.users.iter().find(|user| user.is_migrated()).unwrap();
    let id = user.id.unwrap();
    rig.quit().await;
    rig.sim.set_faults(&format!("[[event]]\nstrip = \"{id}\"\n")).unwrap();
    let (output, found) = verify(&rig, &config).await;
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let differ = found["differ"].as_array().unwrap();
    assert_eq!(differ.len(), 1, "{found}");
    assert_eq!((&differ[0]["id"], &differ[0]["reported"]), (&Value::from(id.to_string()), &Value::from("Migrated")));
    assert_eq!((&differ[0]["found"], &found["asReported"]), (&Value::from("Unlicensed"), &Value::from(told - 1)));

    // Another tenant's users would all be strangers.
    let other = std::fs::read_to_string(&config).unwrap();
    let line = other.lines().find(|line| line.starts_with("id = ")).unwrap();
    std::fs::write(&config, other.replace(line, "id = \"fabrikam.onmicrosoft.com\"")).unwrap();
    assert_eq!(verify(&rig, &config).await.0.status.code(), Some(2));
}

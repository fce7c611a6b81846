//! A sign-in that lacks one permission, from `check` to the session and to the write that it is for.

use serde_json::Value;
use serde_json::json;

use crate::plain::Bench;
use crate::plain::one_at_a_time;
use crate::plain::tenant;
use crate::plain::writes;
use crate::sign_in::APP;

/// What the application is granted instead of everything.
fn granted(bench: &Bench, permissions: &[&str]) {
    let app = json!({ "app": [{ "client_id": APP, "permissions": permissions }] });
    bench.sim.set_faults(&app.to_string()).unwrap();
}

const READS: [&str; 4] = ["User.Read.All", "Group.Read.All", "LicenseAssignment.Read.All", "Organization.Read.All"];

fn found(output: &[u8]) -> (Vec<(String, String, bool)>, Value) {
    let json: Value = serde_json::from_slice(output).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problems = json["problems"].as_array().unwrap().iter();
    let one = |one: &Value| (text(&one["code"]), text(&one["message"]), one["warning"] == true);
    (problems.map(one).collect(), json)
}

#[test]
fn check_names_the_permission_that_no_write_goes_without_and_the_session_only_reads() {
    let bench = Bench::new(tenant(6), |config| one_at_a_time(&config, 50));
    let all = bench.output(&["check", "--json"]);
    let (problems, _) = found(&all.stdout);
    assert!(problems.iter().all(|(code, ..)| code != "missing-permission"), "{problems:?}");

    granted(&bench, &READS);
    let output = bench.output(&["check", "--json"]);
    let (problems, json) = found(&output.stdout);
    let missing: Vec<_> = problems.iter().filter(|(code, ..)| code == "missing-permission").collect();
    let [(_, message, warning)] = missing.as_slice() else { panic!("{problems:?}") };
    assert!(message.contains("GroupMember.ReadWrite.All") && !warning, "{message}");
    assert_eq!(output.status.code(), Some(1), "{json}");
    let text = bench.output(&["check"]);
    let said = String::from_utf8(text.stdout).unwrap();
    assert!(said.contains("missing-permission") && said.contains("GroupMember.ReadWrite.All"), "{said}");

    let mut run = bench.run(&[]);
    run.wait_for("read-only: the sign-in may only read: it lacks the permission GroupMember.ReadWrite.All");
    run.wait_for("preflight: 6 ready");
    run.say("approve add 6");
    run.wait_for("nothing approved");
    let (_, said) = run.end();
    assert!(!said.contains("waiting for approval") && !said.contains("add-approved"), "{said}");
    assert!(bench.sim.log().iter().all(|entry| entry.method != "PATCH" && entry.method != "DELETE"), "{said}");
    assert_eq!(writes(&bench.sim), 0, "{said}");
    assert_eq!(bench.json(&["runs", "--json"]), serde_json::json!([]), "nothing of it is kept");
    // A session that cannot write keeps nobody else from it.
    granted(&bench, &["Directory.ReadWrite.All"]);
    let mut run = bench.run(&[]);
    run.wait_for("waiting for approval: add 6");
    run.say("quit");
    let (_, said) = run.end();
    assert!(!said.contains("read-only"), "{said}");
}

/// Without the permission to read users nothing is claimed of anybody, and the problem says what to grant.
#[test]
fn a_permission_to_read_that_is_missing_is_named_before_anything_is_asked_for() {
    let bench = Bench::new(tenant(6), |config| one_at_a_time(&config, 50));
    granted(&bench, &["GroupMember.ReadWrite.All", "LicenseAssignment.Read.All", "Organization.Read.All"]);
    let output = bench.output(&["check", "--json"]);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(matches!(output.status.code(), Some(1 | 4)) && said.contains("User.Read.All"), "{output:?}");
    assert_eq!(writes(&bench.sim), 0);
}

/// Reprocessing is allowed by less than all of it: the migration goes on, and only this step is refused by the tenant.
#[test]
fn a_step_that_a_migration_goes_on_without_is_named_and_refuses_nothing_else() {
    let bench = Bench::new(tenant(6), |config| one_at_a_time(&config, 50));
    granted(&bench, &[&READS[..], &["GroupMember.ReadWrite.All"]].concat());
    let who = bench.json(&["whoami", "--json"]);
    let step = |name: &str| who["steps"].as_array().unwrap().iter().find(|one| one["step"] == name).unwrap().clone();
    assert_eq!(step("remove")["missing"], json!([]), "{who}");
    assert_eq!(step("reprocess")["missing"], json!(["User.ReadWrite.All"]), "{who}");
    assert_eq!(who["readOnly"], false);
    let (problems, _) = found(&bench.output(&["check", "--json"]).stdout);
    assert!(problems.iter().all(|(code, ..)| code != "missing-permission"), "{problems:?}");
    let mut run = bench.run(&[]);
    assert_eq!([run.approve("add"), run.approve("remove")], [6, 6]);
    run.wait_for("migration complete");
    run.end();
}

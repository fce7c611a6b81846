//! An alarm and a sign-in that ended, in lines: what a program is told of them, and what a script types.
#![cfg(unix)]

use serde_json::Value;

use crate::plain::Bench;
use crate::plain::one_at_a_time;
use crate::plain::tenant;
use crate::plain::writes;

/// A program that keeps what it is told, a line a call.
pub(crate) const KEEPS_TOLD: &str = "\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> told.jsonl\"]\n";

/// What the program was told, of this kind.
pub(crate) fn told(bench: &Bench, kind: &str) -> Vec<Value> {
    let told = std::fs::read_to_string(bench.folder.path().join("told.jsonl")).unwrap();
    let told = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    told.filter(|one| one["kind"] == kind).collect()
}

/// One user of the canary loses everything with the source, as a fault of the tenant.
#[test]
fn an_alarm_reaches_the_program_and_a_line_acknowledges_it() {
    let bench = Bench::new(tenant(6), |config| one_at_a_time(&config, 50) + KEEPS_TOLD);
    let users = std::fs::read_to_string(bench.folder.path().join("users.csv")).unwrap();
    let user = users.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    bench.sim.set_faults(&format!("[[event]]\ncurse = \"{user}\"\n")).unwrap();
    let mut run = bench.run(&[]);
    run.approve("add");
    run.say("acknowledge alarm");
    run.wait_for("no alarm waits");
    let id = bench.json(&["status", "--json"])["id"].as_str().unwrap().to_owned();
    run.approve("remove");
    run.wait_for("acknowledge alarm");
    let status = bench.json(&["status", "--json"]);
    assert_eq!(
        (&status["needs"], &status["alarm"]["acknowledged"]),
        (&"acknowledge-alarm".into(), &false.into()),
        "{status}"
    );
    for wrong in ["approve remove 1", "acknowledge", "alarm"] {
        run.say(wrong);
    }
    run.say("acknowledge alarm");
    run.wait_for("alarm-acknowledged");
    run.say("quit");
    let (code, said) = run.end();
    assert_eq!(code, Some(5), "a user was left unlicensed: {said}");
    assert_eq!(said.matches("alarm-acknowledged").count(), 1, "{said}");
    let status = bench.json(&["status", "--json"]);
    assert_eq!((&status["alarm"]["acknowledged"], &status["users"]["unlicensed"]), (&true.into(), &1.into()));

    let alarms = told(&bench, "alarm");
    assert_eq!(alarms.len(), 1, "{alarms:?}\n{said}");
    let keys: Vec<&String> = alarms[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["batch", "kind", "run", "text"], "{alarms:?}");
    assert_eq!(alarms[0]["run"], id);
    assert!(alarms[0]["text"].as_str().unwrap().contains("1 user without a license"), "{alarms:?}");
}

/// The secret is taken back while the run waits, and a new sign-in is good again.
#[test]
fn a_script_signs_in_again_and_the_run_goes_on_where_it_was() {
    let bench = Bench::new(tenant(6), |config| one_at_a_time(&config, 50));
    let mut run = bench.run(&[]);
    let gate = run.wait_for("waiting for approval: add ");
    let ready: usize = gate.rsplit(' ').next().unwrap().parse().unwrap();
    run.wait_for("answer: ");
    bench.sim.set_faults("[sign_in]\nrefuse = 7000222\n\n[[event]]\nrevoke_tokens = true\n").unwrap();
    run.say("poll");
    run.wait_for("nobody is signed in, so nothing is read or written");
    run.say(&format!("approve add {ready}"));
    assert_eq!(writes(&bench.sim), 0, "nothing is written while nobody is signed in");
    run.say("sign in"); // it is refused still
    bench.sim.set_faults("[sign_in]\nrefuse = 0\n").unwrap();
    run.say("sign in");
    run.approve("remove");
    run.wait_for("migration complete");
    let (code, said) = run.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches("add-approved").count(), 1, "what was approved is asked once: {said}");
}

//! What scripts are told: the calls of a program of the operator's, a run that needs nobody, and preflight by reason.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::plain::Bench;
use crate::plain::one_at_a_time;
use crate::plain::tenant;

#[test]
fn a_program_is_told_of_who_is_stuck_and_of_the_end() {
    let script = "\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> told.jsonl\"]\n";
    let bench = Bench::new(tenant(20), |config| one_at_a_time(&config, 50) + script);
    let mut run = bench.run(&[]);
    let number = |line: &str| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
    let ready = number(&run.wait_for("waiting for approval: add "));
    run.wait_for("answer: approve add ");
    run.say(&format!("approve add {ready}"));
    let stuck = run.wait_for("stuck: ").split(": ").nth(1).unwrap().to_owned();
    run.wait_for(&format!("waiting for approval: remove {}", ready - 1));
    run.wait_for("answer: ");
    run.say(&format!("approve remove {}", ready - 1));
    run.wait_for("migration complete");
    let (code, said) = run.end();
    assert_eq!(code, Some(0), "{said}");
    let told = std::fs::read_to_string(bench.folder.path().join("told.jsonl")).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| told.iter().filter(|one| one["kind"] == kind).collect::<Vec<_>>();
    let (stuck_calls, ends) = (of("stuck"), of("complete"));
    assert_eq!((stuck_calls.len(), ends.len()), (1, 1), "{told:?}");
    assert!(stuck_calls[0]["text"].as_str().unwrap().contains(&stuck), "{told:?}");
    assert_eq!(stuck_calls[0]["batch"], 1);
    assert!(ends[0]["text"].as_str().unwrap().contains("complete") && ends[0]["batch"].is_null(), "{told:?}");
    assert_eq!(told.last().unwrap()["kind"], "complete");
}

/// Licensing needs half a minute at least in a tenant of real time, and nobody is needed meanwhile.
#[test]
fn status_of_a_run_that_waits_for_licensing_is_running_and_its_standings_sum_up() {
    let bench = Bench::new(Options { speed: 1.0, ..tenant(20) }, |config| one_at_a_time(&config, 50));
    let mut run = bench.run(&[]);
    let gate = run.wait_for("waiting for approval: add ");
    let ready = gate.rsplit(' ').next().unwrap();
    run.wait_for("answer: approve add ");
    run.say(&format!("approve add {ready}"));
    run.wait_for("adds-acknowledged");
    let status = bench.json(&["status", "--json"]);
    assert_eq!((&status["state"], &status["needs"]), (&"running".into(), &Value::Null), "{status}");
    assert!(status["pid"].is_u64() && status["waitingSince"].is_null(), "{status}");
    let standings = status["standings"].as_object().unwrap();
    let sum: u64 = standings.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(Some(sum), status["users"]["listed"].as_u64(), "{status}");
    run.say("quit");
    run.end();
    assert_eq!(bench.json(&["status", "--json"])["state"], "stopped");
}

/// The figures against the report's, which counts each user by itself; a length is kept in steps of at most a 32nd.
#[test]
fn status_tells_how_long_licensing_took_in_this_run() {
    let bench =
        Bench::new(Options { scenario: Scenario::NonConflicting, ..tenant(30) }, |config| one_at_a_time(&config, 50));
    let unknown = serde_json::json!({ "measured": 0, "p50Seconds": null, "p95Seconds": null });
    let mut run = bench.run(&[]);
    for what in ["add", "remove"] {
        let gate = run.wait_for(&format!("waiting for approval: {what} "));
        run.wait_for("answer: ");
        let latencies = &bench.json(&["status", "--json"])["latencies"];
        assert_eq!(latencies["migrated"], unknown, "{latencies}");
        assert_eq!(latencies["ready"] == unknown, what == "add", "{latencies}");
        run.say(&format!("approve {what} {}", gate.rsplit(' ').next().unwrap()));
    }
    run.wait_for("migration complete");
    run.end();
    let status = bench.json(&["status", "--json"]);
    let report = bench.json(&["report", status["id"].as_str().unwrap(), "--format", "json"]);
    for (kind, field) in [("ready", "secondsToReady"), ("migrated", "secondsToMigrated")] {
        let mut lengths: Vec<u64> =
            report["users"].as_array().unwrap().iter().filter_map(|user| user[field].as_u64()).collect();
        lengths.sort_unstable();
        let told = &status["latencies"][kind];
        assert!(lengths.len() >= 20 && told["measured"] == lengths.len(), "{told} {lengths:?}");
        for (percent, key) in [(50, "p50Seconds"), (95, "p95Seconds")] {
            let at = lengths[(lengths.len() * percent).div_ceil(100) - 1];
            let seconds = told[key].as_u64().unwrap();
            // The report rounds each length up.
            assert!(seconds + 2 + at / 32 >= at && seconds <= at + 1 + at / 32, "{kind} {key} {seconds}: {lengths:?}");
        }
    }
    assert_eq!(status["latencies"]["rolledBack"], unknown);
}

#[test]
fn check_groups_users_by_reason_what_blocks_first_and_the_most_frequent_first() {
    let bench = Bench::new(tenant(40), |config| config);
    let list = bench.folder.path().join("users.csv");
    let mut users = std::fs::read_to_string(&list).unwrap();
    (1..=9).for_each(|one| writeln!(users, "nobody{one}@contoso.com").unwrap());
    std::fs::write(&list, users).unwrap();
    let json: Value = serde_json::from_slice(&bench.output(&["check", "--json"]).stdout).unwrap();
    let text = String::from_utf8(bench.output(&["check"]).stdout).unwrap();

    let mut reasons: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for user in json["users"].as_array().unwrap() {
        let name = user["userPrincipalName"].as_str().or(user["user"].as_str()).unwrap();
        for reason in user["reasons"].as_array().unwrap() {
            let key = (reason["warning"] == true, reason["code"].as_str().unwrap());
            reasons.entry(key).or_default().push(name);
        }
    }
    assert!(reasons.len() > 2 && reasons[&(false, "user-not-found")].len() == 9, "{reasons:?}");
    let mut order: Vec<_> = reasons.iter().map(|((warning, _), users)| (*warning, users.len())).collect();
    order.sort_by_key(|(warning, users)| (*warning, std::cmp::Reverse(*users)));
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let (head, warning) = line.strip_prefix("warning: ").map_or((*line, false), |rest| (rest, true));
        let Some((code, rest)) = head.split_once(", ") else { continue };
        let Some(users) = reasons.get(&(warning, code)) else { continue };
        let count = if users.len() == 1 { "1 user".to_owned() } else { format!("{} users", users.len()) };
        assert!(rest.starts_with(&count), "{line}");
        let named = lines[place + 1..].iter().map_while(|line| line.strip_prefix("  "));
        let named: Vec<&str> = named.map(|name| name.split(':').next().unwrap()).collect();
        assert_eq!(&named, users, "{code}\n{text}");
        found.push((warning, users.len()));
    }
    assert_eq!(found, order, "{text}");
}

//! The same in lines, by the built binary: a script approves, another one moves users by the tables of the worklists.

use std::path::PathBuf;

use skuferry::domain::id::UserId;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::others::Kind;
use crate::others::SOURCE;
use crate::others::TARGET;
use crate::others::mover::by_table;
use crate::others::mover::event;
use crate::others::mover::move_events;
use crate::plain::Bench;
use crate::plain::Plain;

/// The file of the next worklist, once it is written.
fn worklist(run: &mut Plain, task: &str) -> PathBuf {
    let line = run.wait_for("worklist-issued");
    assert!(line.contains(&format!("for others to {task}")), "{line}");
    let told = line.rsplit(": ").next().unwrap();
    let file = PathBuf::from(told.split(" · ").next().unwrap()); // whom it is about stands behind it
    run.wait_for("worklist-written");
    file
}

/// Four users between two synced groups, in one batch with a canary of one.
fn bench() -> Bench {
    bench_with("")
}

/// The same, with more in the configuration.
fn bench_with(more: &str) -> Bench {
    let scenario = Scenario::NonConflicting;
    let options = Options { scenario, users: 4, seed: 5, speed: 600.0, ..Options::default() };
    let bench = Bench::new(options, |config| {
        let others = |text: &str, end: &str| text.replacen(end, &format!("{end}moved_by = \"others\"\n"), 1);
        let config = others(&config, "[migration.source]\n");
        let config = others(&config, "[migration.target]\n");
        let set = ["canary =", "batch_size =", "batches_under_way ="];
        let kept = config.lines().filter(|line| !set.iter().any(|key| line.starts_with(key)));
        let kept = kept.collect::<Vec<_>>().join("\n");
        kept.replacen("[migration]\n", "[migration]\ncanary = 1\nbatch_size = 9\nbatches_under_way = 1\n", 1) + more
    });
    bench.sim.set_faults(&format!("{}{}", Kind::Synced.event(SOURCE), Kind::Synced.event(TARGET))).unwrap();
    bench
}

#[test]
fn a_script_approves_worklists_and_another_moves_users_by_them() {
    let bench = bench();
    let act = |file: &PathBuf| bench.sim.set_faults(&by_table(&std::fs::read_to_string(file).unwrap())).unwrap();

    let checked = bench.output(&["check", "--json"]);
    let checked: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let synced = checked["problems"].as_array().unwrap().iter().filter(|one| one["code"] == "group-is-synced");
    assert!(synced.clone().count() == 2 && synced.clone().all(|one| one["warning"] == true), "{checked}");

    let mut run = bench.run(&[]);
    run.wait_for("waiting for approval: add 4");
    run.wait_for("a worklist for others to add");
    run.say("approve add 4");
    let adds = worklist(&mut run, "add");
    assert!(adds.starts_with(bench.data()) && adds.ends_with("batch-1-add-1.csv"), "{adds:?}");
    let status = bench.output(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["worklists"][0]["file"], adds.display().to_string(), "{status}");
    assert_eq!((&status["worklists"][0]["outstanding"], &status["worklists"][0]["task"]), (&4.into(), &"add".into()));
    let told = String::from_utf8(bench.output(&["status"]).stdout).unwrap();
    assert!(told.contains(&adds.display().to_string()), "{told}");

    act(&adds);
    run.wait_for("waiting for approval: remove 4");
    run.say("approve remove 4");
    let canary = worklist(&mut run, "remove");
    act(&canary);
    let others = worklist(&mut run, "remove");
    act(&others);
    run.wait_for("migration complete");
    let (code, said) = run.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(bench.sim.log().iter().all(|entry| entry.method != "PATCH" && entry.method != "DELETE"), "{said}");

    let report = bench.output(&["report", "--format", "json", &id(&said)]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    for user in report["users"].as_array().unwrap() {
        assert_eq!((&user["addedBy"], &user["removedBy"]), (&"others".into(), &"others".into()), "{user}");
    }
    let written = report["incidents"].as_array().unwrap().iter().filter(|one| one["kind"] == "worklist-written");
    assert_eq!(written.count(), 3, "{report}");
}

fn id(said: &str) -> String {
    said.split_whitespace().find(|word| word.len() == 36).unwrap().to_owned()
}

/// Others add all of the first worklist but its last user, who is given back.
fn all_but_one_added(bench: &Bench) -> (Plain, UserId) {
    let mut run = bench.run(&[]);
    run.wait_for("waiting for approval: add 4");
    run.say("approve add 4");
    let adds = worklist(&mut run, "add");
    let mut moves = move_events(&std::fs::read_to_string(adds).unwrap());
    let (never, _) = moves.pop().unwrap();
    bench.sim.set_faults(&moves.into_iter().map(|(_, event)| event).collect::<String>()).unwrap();
    (run, never)
}

/// Others remove whom the two worklists name, the canary and the rest.
fn remove_by_worklists(bench: &Bench, run: &mut Plain) {
    for _ in 0..2 {
        let file = worklist(run, "remove");
        bench.sim.set_faults(&by_table(&std::fs::read_to_string(file).unwrap())).unwrap();
    }
}

/// Others may yet do what their worklist says, so that whom it names is taken out of the run in a halt only.
#[test]
fn whom_a_worklist_names_is_excluded_in_a_halt_only() {
    let bench = bench();
    let (mut run, never) = all_but_one_added(&bench);
    run.wait_for("answer: approve remove 3");
    run.say(&format!("exclude {never}"));
    run.wait_for("on a worklist that others may act on at any time. Halt first.");
    run.say("halt");
    run.wait_for("halted: by the operator");
    run.say(&format!("exclude {never}"));
    run.wait_for("excluded");
    run.say("lift halt");
    run.wait_for("answer: approve remove 3");
    run.say("approve remove 3");
    remove_by_worklists(&bench, &mut run);
    run.wait_for("migration complete");
    run.end();
}

/// Who is removed before they were safe may be without a license by now: a program of the operator's hears of an alarm.
#[cfg(unix)]
#[test]
fn a_removal_by_others_before_it_was_safe_calls_the_program_as_an_alarm() {
    use crate::plain_alarms::KEEPS_TOLD;
    let bench = bench_with(KEEPS_TOLD);
    let mut run = bench.run(&[]);
    run.wait_for("waiting for approval: add 4");
    run.say("approve add 4");
    let adds = worklist(&mut run, "add");
    let (user, _) = move_events(&std::fs::read_to_string(adds).unwrap()).pop().unwrap();
    bench.sim.set_faults(&event("remove", user, SOURCE)).unwrap();
    run.wait_for("others removed 1 user before they were proven safe");
    run.say("quit");
    let (_, said) = run.end();
    let about = |kind: &str, text: &str| {
        let told = crate::plain_alarms::told(&bench, kind);
        assert!(told.iter().all(|one| one["run"] == id(&said)), "{told:?}");
        told.iter().filter(|one| one["text"].as_str().unwrap().contains(text)).count()
    };
    // That they have no license any more is another alarm, and may be seen first.
    let early = about("alarm", "1 user was removed by others before they were proven safe");
    assert_eq!(early, 1, "{said}");
    assert_eq!(about("halted", "removed by others"), 0, "it is told as what it is: {said}");
}

/// Nobody waits for a user whom others never add: the rest goes on without them.
#[test]
fn a_user_whom_others_never_add_stays_behind_and_the_rest_goes_on() {
    let bench = bench();
    let (mut run, never) = all_but_one_added(&bench);
    run.wait_for("waiting for approval: remove 3");
    run.wait_for("1 left behind");
    run.wait_for("answer: approve remove 3");
    run.say("approve remove 3");
    remove_by_worklists(&bench, &mut run);
    run.wait_for("migration complete, 1 exception");
    let (_, said) = run.end();
    let state = bench.sim.state();
    let mut named = Vec::new();
    for user in state["users"].as_array().unwrap() {
        if said.contains(user["userPrincipalName"].as_str().unwrap()) {
            let group = if user["id"] == never.to_string() { SOURCE } else { TARGET };
            assert_eq!(user["groups"], serde_json::json!([group]), "{user} {said}");
            named.push(user["id"].clone());
        }
    }
    assert!(named.len() >= 4 && named.contains(&never.to_string().into()), "{named:?} {said}");
    assert!(bench.sim.log().iter().all(|entry| entry.method != "PATCH" && entry.method != "DELETE"), "{said}");
}

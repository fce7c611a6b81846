//! `run --plain`, `halt`, `status`, `runs` and the offer of an unfinished run: the built binary on a simulated tenant.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::witness::is_read;

/// How long a line may take to come; only a broken program waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A simulated tenant with a folder for a configuration and data.
pub(crate) struct Bench {
    pub(crate) sim: Arc<Sim>,
    pub(crate) folder: TempDir,
    _runtime: Runtime,
}

impl Bench {
    /// A tenant of so many users; `change` may change the configuration.
    pub(crate) fn new(options: Options, change: impl FnOnce(String) -> String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sim = Arc::new(runtime.block_on(Sim::start(options)).unwrap());
        let folder = tempfile::tempdir().unwrap();
        sim.write_config(folder.path()).unwrap();
        let config = folder.path().join("config.toml");
        let text = change(std::fs::read_to_string(&config).unwrap());
        std::fs::write(&config, text).unwrap();
        Self { sim, folder, _runtime: runtime }
    }

    pub(crate) fn skuferry(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
        let folder = self.folder.path();
        command.env("SKUFERRY_DATA_DIR", self.data()).env("SKUFERRY_CONFIG_DIR", folder).current_dir(folder);
        command.env("SKUFERRY_CLIENT_SECRET", "any").env("USER", "ana").env("TZ", "UTC").args(arguments);
        command
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.skuferry(arguments).stdin(Stdio::null()).output().unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?} {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Plain {
        let mut command = self.skuferry(&[&["run", "--plain"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        let errors = tell.clone();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|one| tell.send(one))
        });
        std::thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).try_for_each(|one| errors.send(format!("stderr: {one}")))
        });
        Plain { input: child.stdin.take(), child, lines, said: Vec::new() }
    }
}

/// The binary in lines.
pub(crate) struct Plain {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Plain {
    /// Reads on until a line has this in it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("no {text:?} in\n{}", self.said.join("\n"));
            };
            self.said.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Says yes to the next gate of this kind, in the words in which it asks to be answered; gives how many users it names.
    #[track_caller]
    pub(crate) fn approve(&mut self, what: &str) -> usize {
        self.wait_for(&format!("waiting for approval: {what} "));
        let told = self.wait_for(&format!("answer: approve {what} "));
        let answer = told.trim().strip_prefix("answer: ").unwrap().to_owned();
        self.say(&answer);
        answer.split(' ').nth(2).unwrap().parse().unwrap()
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Ends the input, waits for the process, and gives its exit code and all that it said.
    pub(crate) fn end(&mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let until = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.said.push(line);
        }
        let code = self.child.wait().unwrap().code();
        (code, self.said.join("\n"))
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn tenant(users: usize) -> Options {
    Options { users, seed: 1, speed: 600.0, ..Options::default() }
}

pub(crate) fn one_at_a_time(config: &str, size: usize) -> String {
    let config = replaced(config, "batch_size", &size.to_string());
    replaced(&config, "batches_under_way", "1")
}

/// The configuration with this key of `[migration]` set.
fn replaced(config: &str, key: &str, value: &str) -> String {
    let kept = config.lines().filter(|line| !line.starts_with(&format!("{key} =")));
    let kept = kept.collect::<Vec<_>>().join("\n");
    kept.replacen("[migration]\n", &format!("[migration]\n{key} = {value}\n"), 1) + "\n"
}

/// The id of the run that a line names.
fn run_id(line: &str) -> String {
    line.split_whitespace().find(|word| word.len() == 36).unwrap_or_else(|| panic!("{line}")).to_owned()
}

pub(crate) fn writes(sim: &Sim) -> usize {
    sim.log().iter().filter(|line| !is_read(line)).count()
}

/// A whole migration: a wrong number, a stuck user who is left behind, a halt, and a resume.
#[test]
fn a_script_takes_a_migration_to_its_end() {
    let bench = Bench::new(tenant(20), |config| one_at_a_time(&config, 50));
    let mut run = bench.run(&[]);
    let id = run_id(&run.wait_for("run "));
    let gate = run.wait_for("waiting for approval: add ");
    let ready: usize = gate.strip_prefix("waiting for approval: add ").unwrap().parse().unwrap();
    run.wait_for("answer: approve add ");
    let status = bench.json(&["status", "--json"]);
    assert_eq!((&status["state"], &status["needs"]), (&"waiting".into(), &"approve-add".into()), "{status}");
    assert!(status["pid"].is_u64() && status["waitingSince"].is_string(), "{status}");

    for wrong in [format!("approve add {}", ready - 1), format!("approve remove {ready}"), "y".into(), "no".into()] {
        run.say(&wrong);
        run.wait_for(if wrong == "y" { "not understood" } else { "nothing approved" });
    }
    assert_eq!(writes(&bench.sim), 0, "rule 1");
    run.say(&format!("approve add {ready} reason CHG0012"));
    run.wait_for("add-approved");
    let stuck = run.wait_for("stuck: ");
    let stuck = stuck.split(": ").nth(1).unwrap().to_owned();
    let left = ready - 1;
    run.wait_for(&format!("waiting for approval: remove {left}"));
    let behind = run.wait_for("left behind");
    assert!(behind.contains(&stuck), "{behind}");
    run.wait_for("the canary goes first");
    run.wait_for("answer: ");

    run.say("halt");
    run.wait_for("halted: by the operator");
    run.say(&format!("approve remove {left}"));
    run.wait_for("nothing approved");
    let (code, said) = run.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&format!("run {id} is not complete; go on with: skuferry run --resume {id}")), "{said}");

    let unsaid = bench.run(&[]).end();
    assert!(unsaid.0 == Some(2) && unsaid.1.contains(&format!("--resume {id}")), "{unsaid:?}");

    let mut run = bench.run(&["--resume", &id]);
    run.wait_for("halted: by the operator");
    run.say("lift halt");
    run.wait_for(&format!("waiting for approval: remove {left}"));
    run.say(&format!("approve remove {left}"));
    run.wait_for("migration complete");
    let (code, said) = run.end();
    assert!(code == Some(0) && said.contains(&format!("migration complete, 1 exception: run {id}")), "{said}");
    let runs = bench.json(&["runs", "--json"]);
    assert_eq!(runs.as_array().unwrap().len(), 1);
    let (state, progress) = (&runs[0]["state"], &runs[0]["progress"]);
    assert_eq!((state, &progress["migrated"], &progress["users"]), (&"complete".into(), &left.into(), &ready.into()));
    let report = bench.json(&["report", &id, "--format", "json"]);
    let reasons: Vec<&Value> = report["approvals"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert_eq!(reasons, [&Value::from("CHG0012"), &Value::Null]);
    assert!(report["approvals"][0]["by"].as_str().unwrap().starts_with("ana"), "{report}");
}

#[test]
fn the_end_of_input_stops_in_order_and_writes_nothing() {
    let bench = Bench::new(tenant(6), |config| config);
    let (code, said) = bench.run(&[]).end();
    assert!(said.contains("the input has ended: nothing more is approved"), "{said}");
    assert!(said.contains("go on with: skuferry run --resume "), "{said}");
    assert!(code == Some(1) && writes(&bench.sim) == 0, "{said}");
}

#[test]
fn an_answer_that_two_batches_could_mean_is_none() {
    let bench =
        Bench::new(tenant(12), |config| replaced(&replaced(&config, "batch_size", "3"), "batches_under_way", "3"));
    let mut run = bench.run(&[]);
    for batch in 1..=2 {
        run.wait_for(&format!("waiting for approval: add 3 (batch {batch})"));
    }
    run.say("approve add 3");
    let told = run.wait_for("nothing approved");
    assert!(told.contains("approve add 3 batch 1, approve add 3 batch 2"), "{told}");
    assert_eq!(writes(&bench.sim), 0);
    run.say("approve add 3 batch 2");
    let told = run.wait_for("add-approved");
    assert!(told.contains("batch 2"), "{told}");
    run.say("quit");
    let (_, said) = run.end();
    assert_eq!(said.matches("add-approved").count(), 1, "{said}");
}

/// What somebody else's terminal says, and what the run makes of it.
#[test]
fn a_halt_from_another_terminal_is_heard_at_once_and_names_who_gave_it() {
    let bench = Bench::new(tenant(6), |config| config);
    let nobody = bench.output(&["halt"]);
    assert_eq!(nobody.status.code(), Some(1), "{nobody:?}");
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no run is at work"), "{nobody:?}");

    let mut run = bench.run(&[]);
    let id = run_id(&run.wait_for("run "));
    run.wait_for("answer: approve add");
    // The tenant takes its time, and the run is waiting for it.
    bench.sim.set_faults("[[fault]]\non = \"GET /**\"\ndelay = \"5s\"\n").unwrap();
    run.say("poll");
    let began = Instant::now();
    let halted = bench.output(&["halt", &id]);
    assert!(halted.status.success() && began.elapsed() < Duration::from_secs(3), "{halted:?}");
    assert!(String::from_utf8_lossy(&halted.stdout).contains("nothing more is written"), "{halted:?}");
    let told = run.wait_for("halted: by ana");
    assert!(told.contains("skuferry halt"), "{told}");
    let status = bench.json(&["status", "--json"]);
    assert_eq!((&status["state"], &status["needs"]), (&"halted".into(), &"lift-halt".into()));
    let events = bench.output(&["events", "--kind", "halted", "--json"]);
    let event: Value = serde_json::from_slice(&events.stdout).unwrap();
    assert!(event["by"].as_str().unwrap().starts_with("ana"), "{event}");
    run.say("quit");
    let _ = run.end();

    let late = bench.output(&["halt", &id]);
    assert_eq!(late.status.code(), Some(1), "{late:?}");
    assert!(String::from_utf8_lossy(&late.stderr).contains("is not at work"), "{late:?}");
    let status = bench.json(&["status", "--json"]);
    assert_eq!(
        (&status["state"], &status["needs"], &status["pid"]),
        (&"stopped".into(), &"resume".into(), &Value::Null)
    );
    let unknown = bench.output(&["halt", "018f4c1e-0000-7000-8000-000000000000"]);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    assert!(!Path::new(&bench.data().join("halt").join(&id[24..])).exists(), "the socket goes with the run");
}

/// Two hours from now on, and one from then, as times of the day in UTC.
fn later_today() -> String {
    let now = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC);
    let at = |hours: i64| (&now + jiff::SignedDuration::from_hours(hours)).strftime("%H:%M").to_string();
    format!("{}-{}", at(2), at(3))
}

#[test]
fn outside_of_the_window_a_gate_says_so_and_nothing_is_sent() {
    let window = format!("\n[window]\nwrites = \"{}\"\nzone = \"UTC\"\n", later_today());
    let bench = Bench::new(tenant(6), |config| config + &window);
    let mut run = bench.run(&[]);
    let gate = run.wait_for("waiting for approval: add ");
    let ready = gate.split("add ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    run.wait_for("outside of the window for writes: it opens ");
    run.wait_for("answer: ");
    run.say(&format!("approve add {ready}"));
    run.wait_for("not done: outside of the window for writes");
    let (code, said) = run.end();
    assert_eq!((code, writes(&bench.sim)), (Some(1), 0), "{said}");
    assert!(!said.contains("add-approved"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_pilot_is_batch_1_and_a_program_is_told_what_waits() {
    let script = "\n[notify]\ncommand = [\"sh\", \"-c\", \"cat >> told.jsonl\"]\n";
    let bench = Bench::new(tenant(12), |config| {
        let config = replaced(&replaced(&config, "pilot", "\"pilot.csv\""), "batches_under_way", "1");
        replaced(&config, "batch_size", "4") + script
    });
    let users = std::fs::read_to_string(bench.folder.path().join("users.csv")).unwrap();
    let names: Vec<&str> = users.lines().map(|line| line.split(',').next().unwrap()).collect();
    let pilot = [names[names.len() - 1], names[names.len() - 2]];
    std::fs::write(bench.folder.path().join("pilot.csv"), pilot.join("\n")).unwrap();
    let mut run = bench.run(&[]);
    run.wait_for("waiting for approval: add 2");
    run.wait_for("answer: approve add 2");
    run.say("approve add 2");
    run.wait_for("waiting for approval: remove 2");
    run.say("quit");
    let (_, said) = run.end();
    let told = std::fs::read_to_string(bench.folder.path().join("told.jsonl")).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_batch_1: Vec<&str> =
        told.iter().filter(|one| one["batch"] == 1).map(|one| one["text"].as_str().unwrap()).collect();
    assert!(of_batch_1.iter().any(|text| text.contains("waiting for approval: remove 2 users")), "{told:?}\n{said}");
    assert!(told.iter().all(|one| one["kind"] == "waiting" && one["run"].is_string()), "{told:?}");
    let id = run_id(&said);
    let report = bench.json(&["report", &id, "--format", "json"]);
    let users = report["users"].as_array().unwrap().iter().filter(|user| user["batch"] == 1);
    let moved: Vec<(&str, &str)> =
        users.map(|user| (user["id"].as_str().unwrap(), user["userPrincipalName"].as_str().unwrap())).collect();
    let is_in_batch_1 = |name: &&str| moved.iter().any(|(id, upn)| id == name || upn == name);
    assert!(moved.len() == 2 && pilot.iter().all(is_in_batch_1), "{moved:?} {pilot:?}");
}

/// A session that only looks on says that it halts nothing.
#[test]
fn whoever_looks_on_is_not_told_that_the_run_is_halted() {
    let bench = Bench::new(tenant(6), |config| config);
    let mut looks_on = bench.run(&["--read-only"]);
    looks_on.wait_for("read-only");
    looks_on.say("halt");
    let refused = looks_on.wait_for("not done");
    let (_, said) = looks_on.end();
    assert!(refused.contains("read-only") && !said.contains("halting"), "{said}");
}

/// The last word of an operator who changes their mind is a halt, however fast it comes behind the other.
#[test]
fn a_halt_right_behind_the_lifting_of_one_stands() {
    let bench = Bench::new(tenant(6), |config| config);
    let mut run = bench.run(&[]);
    let id = run_id(&run.wait_for("run "));
    run.wait_for("answer: approve add");
    run.say("halt");
    run.wait_for("answer: lift halt");
    run.say("lift halt\nhalt\nlift halt\nhalt");
    (0..2).for_each(|_| drop(run.wait_for("halting")));
    let status = bench.json(&["status", &id, "--json"]);
    assert_eq!((&status["state"], &status["needs"]), (&"halted".into(), &"lift-halt".into()), "{status}");
    run.say("quit");
    let (_, said) = run.end();
    let kinds = |kind: &str| said.matches(kind).count();
    assert!(kinds("halt-lifted") >= 1 && kinds("add-approved") == 0, "{said}");
    let last = said.lines().rfind(|line| line.contains("halted: ") || line.contains("halt-lifted"));
    assert!(last.is_some_and(|line| line.contains("halted: ")), "{said}");
    assert_eq!(writes(&bench.sim), 0);
}

/// Lines for which there is no room are counted, and a halt among them is heard all the same.
#[test]
fn lines_that_come_too_fast_are_told_and_a_halt_behind_them_is_heard() {
    let bench = Bench::new(tenant(6), |config| config);
    let mut run = bench.run(&[]);
    run.wait_for("answer: approve add");
    run.say(&("no\n".repeat(20_000) + "halt"));
    run.wait_for("came too fast");
    run.say("poll"); // what was lost last is told with the next line
    let (_, said) = run.end();
    assert!(said.contains("halted: by the operator"), "the halt was lost");
    let lost = said.lines().filter(|line| line.contains("came too fast"));
    let lost: usize = lost.filter_map(|line| line.split(' ').next()?.replace(',', "").parse::<usize>().ok()).sum();
    let answered = said.lines().filter(|line| *line == "nothing approved").count();
    assert!(lost > 0 && lost + answered <= 20_002, "{lost} lost, {answered} answered");
    assert_eq!(writes(&bench.sim), 0);
}

//! What the whole process costs that moves 1,000, 10,000 or 100,000 users in one batch: memory and processor time, phase by
//! phase. The simulated tenant runs in another process. Arguments: numbers of users, and `speed=X` for the tenant's clock.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)] // it only looks on

use std::env::args;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

/// How long it is watched while nothing happens.
const IDLE: Duration = Duration::from_secs(15);
/// So many ticks of processor time are a second on Linux.
const TICKS: f64 = 100.0;

/// Ends its process when it goes.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let numbers: Vec<usize> = args().filter_map(|arg| arg.parse().ok()).collect();
    let speed = args().find_map(|arg| arg.strip_prefix("speed=").map(ToOwned::to_owned)).unwrap_or("60".into());
    let numbers = if numbers.is_empty() { vec![1_000, 10_000, 100_000] } else { numbers };
    println!("| users | at the end of | resident, MB | most so far, MB | processor so far, s | since the start, s |");
    println!("|---|---|---|---|---|---|");
    for users in numbers {
        let folder = tempfile::tempdir().unwrap();
        measure(users, &speed, folder.path());
    }
}

fn skuferry(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", folder).env("SKUFERRY_CONFIG_DIR", folder).env("SKUFERRY_LANG", "en");
    command.env("SKUFERRY_CLIENT_SECRET", "secret").stderr(Stdio::null());
    command
}

fn measure(users: usize, speed: &str, folder: &Path) {
    let (number, config) = (users.to_string(), folder.join("config.toml"));
    let mut sim = skuferry(folder);
    sim.args(["sim", "--listen", "127.0.0.1:0", "--users", &number, "--speed", speed, "--write-config"]).arg(folder);
    let mut sim = Ends(sim.stdout(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(sim.0.stdout.take().unwrap()).lines();
    while !said.next().unwrap().unwrap().contains("listening on") {}
    let text = fs::read_to_string(&config).unwrap();
    let lines = text.lines().map(|line| if line.starts_with("batch_size") { "" } else { line });
    let one_batch = format!("[migration]\nbatch_size = {users}");
    let text = lines.collect::<Vec<_>>().join("\n").replacen("[migration]", &one_batch, 1);
    fs::write(&config, text).unwrap();
    let start = Instant::now();
    let mut run = skuferry(folder);
    run.args(["run", "--plain", "--new", "--config"]).arg(&config);
    let mut run = Ends(run.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
    let (pid, mut answers) = (run.0.id(), run.0.stdin.take().unwrap());
    let told = |phase: &str| {
        let (now, most, processor) = (kilobytes(pid, "VmRSS"), kilobytes(pid, "VmHWM"), processor(pid));
        let passed = start.elapsed().as_secs();
        println!("| {users} | {phase} | {} | {} | {processor:.1} | {passed} |", now / 1_000, most / 1_000);
    };
    for line in BufReader::new(run.0.stdout.take().unwrap()).lines().map_while(Result::ok) {
        if let Some((_, gate)) = line.split_once("waiting for approval: ") {
            let words: Vec<&str> =
                gate.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
            let count = words.iter().find(|word| word.parse::<usize>().is_ok()).unwrap();
            told(if words[0] == "add" { "preflight" } else { "verify added" });
            let before = processor(pid);
            sleep(IDLE);
            let minute = (processor(pid) - before) * 60.0 / IDLE.as_secs_f64();
            println!("| {users} | idle at this gate: {minute:.2} s of processor a minute | | | | |");
            writeln!(answers, "approve {} {count}", words[0]).unwrap();
        } else if line.contains("added") && line.contains("Verify added") {
            told("add to target");
        } else if line.contains("migration complete") {
            told("complete");
            break;
        }
    }
}

/// A size of a process, as the kernel counts it.
fn kilobytes(pid: u32, what: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0)
}

/// How long a process was on a processor, in seconds.
fn processor(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

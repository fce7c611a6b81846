//! The program itself is killed with SIGKILL while a write is under way, and another process takes the run up again.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use jiff::SignedDuration;
use skuferry::domain::event::Event;
use skuferry::domain::id::RunId;
use skuferry::domain::migration::Migration;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::progress;
use skuferry::engine;
use skuferry::journal;
use skuferry::journal::Journal;
use skuferry::journal::Writer;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;

use crate::driver::SPEED;
use crate::pty::PATIENCE;
use crate::pty::Pty;
use crate::scene;
use crate::scene::Scene;

/// Every read of a membership takes longer than the test, so that what is not known stays unknown.
const NOTHING_IS_READ_BACK: &str = "[[fault]]\non = \"GET /users/*/memberOf\"\ndelay = \"1h\"\n";

/// What stands on the screen until the tenant has been asked.
const UNKNOWN: &str = "the outcome of 2 writes is not known yet: the tenant is being asked";

/// A tenant with four users in two batches, a folder with the configuration, and what the tenant hears.
struct Stage {
    sim: Sim,
    folder: TempDir,
    heard: Receiver<LogEntry>,
}

impl Stage {
    async fn set() -> Self {
        let sim = Sim::start(Options { users: 4, seed: 3, speed: SPEED, ..Options::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        sim.write_config(folder.path()).unwrap();
        let (tell, heard) = mpsc::channel();
        sim.listen(move |entry| drop(tell.send(entry.clone())));
        Self { sim, folder, heard }
    }

    fn open(&self, more: &[&str]) -> Pty {
        let config = self.folder.path().join("config.toml");
        let args = [&["run", "--config", config.to_str().unwrap()], more].concat();
        Pty::spawn(&args, self.folder.path(), 40, 120)
    }

    fn resume(&self) -> Pty {
        let mut pty = self.open(&["--resume", &self.run().to_string()]);
        pty.wait_for("Where this run was left");
        pty.press("q"); // back from there
        pty.wait_until("the page is gone", |screen| !screen.contains("Where this run was left"));
        pty
    }

    /// The only run that there is.
    fn run(&self) -> RunId {
        let runs = journal::list(self.folder.path()).unwrap();
        assert_eq!(runs.len(), 1);
        runs[0].id
    }

    fn journal(&self) -> PathBuf {
        journal::file(self.folder.path(), self.run())
    }

    /// Waits until the tenant has met so many more writes with this verb.
    fn hear(&self, verb: &str, writes: usize) {
        for _ in 0..writes {
            self.hear_of(|entry| entry.method == verb);
        }
    }

    /// Waits until the tenant has met such a request.
    fn hear_of(&self, is_it: impl Fn(&LogEntry) -> bool) {
        let deadline = Instant::now() + PATIENCE * 4; // other requests come in between
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if is_it(&self.heard.recv_timeout(left).expect("the request never came")) {
                return;
            }
        }
    }

    /// The status of every write with this verb.
    fn writes(&self, verb: &str) -> Vec<u16> {
        self.sim.log().iter().filter(|entry| entry.method == verb).map(|entry| entry.status).collect()
    }

    /// Takes the killed run up where nothing can be read back: whose write is unknown is named, and nothing can be
    /// approved.
    fn see_the_unknown(&self) {
        self.sim.set_faults(NOTHING_IS_READ_BACK).unwrap();
        let mut pty = self.resume();
        self.hear_of(|entry| entry.path.contains("/memberOf"));
        let screen = pty.wait_for(UNKNOWN);
        let run = self.folded();
        let open: Vec<_> = run.open().collect();
        assert_eq!(open.len(), 2);
        for user in open {
            let (name, _) = user.upn.split_once('@').unwrap();
            let named = |line: &str| line.contains(name) && line.contains("unknown");
            assert!(screen.lines().any(named), "{screen}");
        }
        assert!(!screen.contains("waiting for approval") && !screen.contains("read-only"), "{screen}");
        pty.press("a");
        // The refusal stands below the sentence, in the same words.
        pty.wait_until("the refusal", |screen| screen.matches(UNKNOWN).count() == 2);
        pty.kill_9();
        self.sim.set_faults("").unwrap();
    }

    /// The run as its journal leaves it.
    fn folded(&self) -> Migration {
        let journal = Journal::open(&self.journal()).unwrap();
        let past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
        engine::fold(&past).unwrap()
    }

    /// Writes the journal anew as if all had happened an hour later: to whoever resumes it the clock was set back.
    fn set_the_clock_back(&self) {
        let (path, id) = (self.journal(), self.run());
        let journal = Journal::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let mut writer = Writer::create(self.folder.path(), id).unwrap();
        for record in journal.records {
            writer.append(record.at + SignedDuration::from_hours(1), &record.event).unwrap();
        }
    }
}

/// The run is killed while its first addition is under way, and is taken up twice.
async fn killed_amid_an_addition(done: bool) -> (Stage, Pty) {
    let stage = Stage::set().await;
    let mut pty = stage.open(&[]);
    pty.wait_for("waiting for approval: add 2 users to");
    let commit = if done { "commit = true" } else { "" };
    let fault = format!("[[fault]]\non = \"PATCH /groups/*\"\ndelay = \"1h\"\nanswer = 504\n{commit}\n");
    stage.sim.set_faults(&fault).unwrap();
    pty.add("2 users");
    stage.hear("PATCH", 1);
    pty.kill_9();
    stage.see_the_unknown();
    assert_eq!(stage.writes("PATCH"), [504], "nothing was written again");
    let pty = stage.resume();
    (stage, pty)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_addition_that_was_made_when_the_process_died_is_not_made_again() {
    let (stage, pty) = killed_amid_an_addition(true).await;
    pty.wait_for("waiting for approval: remove 2 users from");
    assert_eq!(stage.writes("PATCH"), [504]);
    assert!(stage.writes("DELETE").is_empty());
    pty.kill_9();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_addition_that_was_not_made_when_the_process_died_is_asked_for_again() {
    let (stage, mut pty) = killed_amid_an_addition(false).await;
    let screen = pty.wait_for("waiting for approval: add 2 users to");
    assert!(screen.contains("again, as not every addition was made"), "{screen}");
    assert_eq!(stage.writes("PATCH"), [504], "no approval outlives its process");
    pty.add("2 users");
    pty.wait_for("waiting for approval: remove 2 users from");
    assert_eq!(stage.writes("PATCH"), [504, 204]);
    pty.kill_9();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_removals_under_way_when_the_process_died_only_the_missing_one_is_made_again() {
    let stage = Stage::set().await;
    let mut pty = stage.open(&[]);
    pty.add("2 users");
    pty.wait_for("waiting for approval: remove 2 users from");
    let fault = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\ndelay = \"1h\"\nanswer = 504\n";
    stage.sim.set_faults(fault).unwrap();
    pty.remove("2 users", "2");
    stage.hear("DELETE", 2);
    pty.kill_9();
    stage.see_the_unknown();
    assert_eq!(stage.writes("DELETE"), [504, 204], "nothing was written again");

    let mut pty = stage.resume();
    let screen = pty.wait_for("waiting for approval: remove 1 user from");
    assert!(screen.contains("1 was removed before"), "{screen}");
    pty.remove("1 user", "1");
    pty.wait_for("batch complete (1)");
    assert_eq!((stage.writes("PATCH"), stage.writes("DELETE")), (vec![204], vec![504, 204, 204]));
    pty.kill_9();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_though_the_clock_was_set_back_since_the_process_died() {
    let stage = Stage::set().await;
    let mut pty = stage.open(&[]);
    pty.add("2 users");
    stage.hear("PATCH", 1);
    pty.wait_for("Verify added");
    pty.kill_9();
    stage.set_the_clock_back();
    // Reads by a clock that shows a time before the addition would prove nothing for an hour.
    let pty = stage.resume();
    pty.wait_for("waiting for approval: remove 2 users from");
    pty.kill_9();
}

#[test]
fn an_unknown_removal_is_said_though_others_are_processing() {
    let mut scene = scene::removable();
    let users = scene.active();
    let (one, rest) = users.split_first().unwrap();
    let (by, seen) = ("test".to_owned(), scene.seen());
    scene.event(Event::RemoveApproved { batch: 0, users: users.clone(), by: by.clone(), seen });
    scene.event(Event::RemoveIntended { batch: 0, users: users.clone() });
    scene.event(Event::RemoveSettled { batch: 0, users: rest.to_vec(), outcome: Outcome::Done });
    let waits = |scene: &Scene| progress::waiting(&scene.snapshot.run, scene.now);
    let said = |scene: &Scene| skuferry::words::progress::waiting(&waits(scene), &scene.snapshot.run);
    assert!(said(&scene).contains("processing"), "{}", said(&scene));
    assert!(scene.snapshot.run.user(*one).unwrap().remove.is_open());
    scene.event(Event::Resumed { by });
    assert_eq!(said(&scene), UNKNOWN.replace("2 writes", "a write"));
}

//! The binary in a pseudo-terminal: a whole migration of the demo, and the terminal given back whatever happens.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::io::Write;
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::MasterPty;
use portable_pty::PtySize;
use portable_pty::native_pty_system;
use skuferry::config::Config;
use skuferry::journal::RunLock;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::witness::is_read;

/// How long a screen may take to say what it should; only a broken program waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// How long a dialog stands before a key is an answer to it, and a little more.
const READ_FIRST: Duration = Duration::from_millis(550);

/// How far apart a quick hand presses keys.
pub(crate) const BETWEEN_KEYS: Duration = Duration::from_millis(50);

/// How long the screen says nothing new once a frame stands.
const QUIET: Duration = Duration::from_millis(60);

/// The pace of a hand or of a network, which the binary measures in real time.
#[expect(clippy::disallowed_methods, reason = "the binary tells keys apart by when they come")]
pub(crate) fn pause(length: Duration) {
    std::thread::sleep(length);
}

/// The binary in a pseudo-terminal, and its screen.
pub(crate) struct Pty {
    screen: Arc<(Mutex<(vt100::Parser, bool)>, Condvar)>,
    keys: Box<dyn Write + Send>,
    child: Process,
    master: Box<dyn MasterPty + Send>,
    /// Whether what the terminal shows is read on.
    reads: Arc<AtomicBool>,
    /// All that was written to it, as it came.
    written: Arc<Mutex<Vec<u8>>>,
}

impl Pty {
    pub(crate) fn spawn(args: &[&str], data: &Path, rows: u16, columns: u16) -> Self {
        // The tour of the first demo has a test of its own.
        let no_tour = (args.first() == Some(&"demo")).then_some(&"--no-tour");
        let args: Vec<&str> = args.iter().chain(no_tour).copied().collect();
        Self::spawn_in("xterm-256color", &args, data, rows, columns)
    }

    pub(crate) fn spawn_in(terminal: &str, args: &[&str], data: &Path, rows: u16, columns: u16) -> Self {
        Self::spawn_with(&[("TERM", terminal), ("LANG", "C.UTF-8"), ("SKUFERRY_LANG", "en")], args, data, rows, columns)
    }

    /// The same with these variables, as those of an account with other settings.
    pub(crate) fn spawn_with(variables: &[(&str, &str)], args: &[&str], data: &Path, rows: u16, columns: u16) -> Self {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skuferry"));
        command.args(args);
        for variable in ["NO_COLOR", "LC_ALL", "LC_MESSAGES", "SKUFERRY_LANG"] {
            command.env_remove(variable);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        command.env("SKUFERRY_CLIENT_SECRET", "any secret does for a simulated tenant");
        command.env("SKUFERRY_DATA_DIR", data);
        command.env("SKUFERRY_CONFIG_DIR", data);
        // No test opens a page on the desktop of who runs it; one that wants to see the address puts a program there.
        command.env("BROWSER", data.join("opener"));
        command.env("SKUFERRY_CLIENT_SECRET", "s3cret");
        let child = Process(pty.slave.spawn_command(command).unwrap());
        drop(pty.slave);
        let (mut out, keys) = (pty.master.try_clone_reader().unwrap(), pty.master.take_writer().unwrap());
        let cells = |length| NonZeroU16::new(length).unwrap();
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let screen = Arc::new((Mutex::new((parser, false)), Condvar::new()));
        let sink = Arc::clone(&screen);
        let reads = Arc::new(AtomicBool::new(true));
        let goes_on = Arc::clone(&reads);
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let keeps = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let read = out.read(&mut buffer).unwrap_or(0);
                if !goes_on.load(SeqCst) {
                    drop(out);
                    sink.0.lock().unwrap().1 = true;
                    sink.1.notify_all();
                    return;
                }
                let mut state = sink.0.lock().unwrap();
                state.0.process(&buffer[..read]);
                keeps.lock().unwrap().extend_from_slice(&buffer[..read]);
                state.1 = read == 0;
                sink.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Self { screen, keys, child, master: pty.master, reads, written }
    }

    /// All that was written to the terminal so far, byte by byte; it is there after the end, too.
    pub(crate) fn written(&self) -> Arc<Mutex<Vec<u8>>> {
        Arc::clone(&self.written)
    }

    /// Waits for what the screen should say, and shows the whole screen if it never does.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.screen.0.lock().unwrap();
        loop {
            let seen = state.0.screen().contents();
            if wanted(&seen) {
                // A key before the whole frame stands is no answer, so wait until the screen is quiet.
                let (later, quiet) = self.screen.1.wait_timeout(state, QUIET).unwrap();
                state = later;
                if quiet.timed_out() {
                    return seen;
                }
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !state.1, "no {what:?} on\n{seen}");
            state = self.screen.1.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Answers a dialog as a hand does: after it was read, and key by key.
    pub(crate) fn answer(&mut self, keys: &str) {
        pause(READ_FIRST);
        for key in keys.chars() {
            self.press(&key.to_string());
            pause(BETWEEN_KEYS);
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The window is closed, or the connection to it breaks: nobody is at the other end of the terminal any more. Gives the
    /// program, which may still be at work.
    pub(crate) fn vanish(self) -> Process {
        self.reads.store(false, SeqCst);
        // The clock on the screen moves once a second, so that the reader wakes and lets go.
        let mut state = self.screen.0.lock().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !state.1 {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the screen stands still");
            state = self.screen.1.wait_timeout(state, left).unwrap().0;
        }
        drop(state);
        let Self { keys, child, master, .. } = self;
        drop((keys, master));
        child
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let cells = |length| NonZeroU16::new(length).unwrap();
        self.screen.0.lock().unwrap().0.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, ..PtySize::default() }).unwrap();
    }

    /// Kills it with a signal that nobody can catch, and waits until it is gone.
    pub(crate) fn kill_9(mut self) {
        self.signal("-KILL");
        assert!(!self.child.0.wait().unwrap().success());
    }

    /// Waits until the terminal itself is as wanted.
    #[track_caller]
    pub(crate) fn wait_for_terminal(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.screen.0.lock().unwrap();
        while !wanted(state.0.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never {what}:\n{}", state.0.screen().contents());
            state = self.screen.1.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until the system has stopped the program; who lets it go on before that, lets nothing go on.
    #[track_caller]
    pub(crate) fn wait_until_stopped(&self) {
        let id = self.child.0.process_id().unwrap().to_string();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = std::process::Command::new("ps").args(["-o", "stat=", "-p", &id]).output().unwrap();
            if String::from_utf8_lossy(&state.stdout).trim().starts_with('T') {
                return;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            pause(BETWEEN_KEYS);
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.0.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end and gives the exit code and what stands on the screen then.
    #[track_caller]
    pub(crate) fn end(mut self) -> (u32, String) {
        let deadline = Instant::now() + PATIENCE;
        {
            let mut state = self.screen.0.lock().unwrap();
            while !state.1 {
                let left = deadline.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "it does not end:\n{}", state.0.screen().contents());
                state = self.screen.1.wait_timeout(state, left).unwrap().0;
            }
        }
        let code = self.child.0.wait().unwrap().exit_code();
        let state = self.screen.0.lock().unwrap();
        let screen = state.0.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        (code, screen.contents())
    }
}

/// A program, which does not outlive its test.
pub(crate) struct Process(Box<dyn Child + Send + Sync>);

impl Process {
    /// Waits for its end and gives the exit code.
    #[track_caller]
    pub(crate) fn end(mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end without its terminal");
            pause(BETWEEN_KEYS);
        }
    }

    /// How much of the processor it has used so far, as the system counts it.
    #[cfg(target_os = "linux")]
    pub(crate) fn worked(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.process_id().unwrap())).unwrap();
        // Behind the name, which may hold anything: fields 14 and 15 of proc(5), in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

impl Pty {
    /// Approves adding so many users, as an operator would: the group is read by its id.
    #[track_caller]
    pub(crate) fn add(&mut self, users: &str) {
        self.wait_for(&format!("waiting for approval: add {users} to"));
        self.press("a");
        self.wait_for("bcf279d1-5ad5-46a5-b469-4b8a552aa2fe");
        self.answer("y");
    }

    /// Approves removing so many users.
    #[track_caller]
    pub(crate) fn remove(&mut self, users: &str, number: &str) {
        self.wait_for(&format!("waiting for approval: remove {users} from"));
        self.press("a");
        self.wait_for(&format!("Remove {users} from"));
        self.answer(&format!("{number}\r"));
    }
}

#[test]
fn the_demo_is_driven_by_hand_to_migration_complete() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "12", "--speed", "240"], data.path(), 40, 120);
    let first = pty.wait_for("waiting for approval");
    assert!(first.contains("Preflight: 9 ready in 3 batches · 3 blocked"), "{first}");
    pty.add("4 users");
    pty.remove("4 users", "12");
    pty.wait_for("12 is not 4: nothing was approved");
    pty.remove("4 users", "4");
    pty.wait_for("batch complete (1) · waiting for approval");

    pty.add("4 users");
    // The third batch is added while the second is proven, and nobody waits for the second's stuck user.
    pty.add("1 user");
    pty.wait_for("1 stays behind");
    pty.remove("3 users", "3");
    pty.remove("1 user", "1");
    pty.wait_for("migration complete, 1 exception: 8 migrated · 3 never moved · 1 stays behind");
    pty.press("/");
    pty.press("alejandro.virtanen\r");
    pty.wait_for("not offered in the user's country");
    pty.press("x");
    pty.wait_for("Exclude alejandro.virtanen@contoso.com");
    pty.answer("y");
    pty.wait_for("migration complete, 1 exception: 8 migrated · 1 excluded · 3 never moved");
    pty.press("q");
    let (code, screen) = pty.end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("migration complete, 1 exception: run "), "{screen}");
    let runs = fs::read_dir(data.path().join("demo/runs")).unwrap();
    let journals = runs.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect::<Vec<_>>();
    let told = |journal: &String, word: &str| journal.lines().filter(|line| line.contains(word)).count();
    assert_eq!(journals.len(), 1);
    assert_eq!((told(&journals[0], "\"batch-complete\""), told(&journals[0], "\"migration-complete\"")), (3, 1));
}

#[test]
fn a_demo_that_is_left_says_so() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "12"], data.path(), 24, 80);
    pty.wait_for("waiting for approval");
    pty.press("q");
    let (code, screen) = pty.end();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("the demo ended before the migration was complete"), "{screen}");
    let id = screen.split("run ").nth(1).unwrap().split(',').next().unwrap();
    let told = status(data.path(), &[id]);
    assert!(told.contains("stopped: no skuferry is at work on this run, and nothing is written"), "{told}");
    assert!(
        told.contains("a run of the demo: its tenant ends with the demo, so it cannot be taken up again"),
        "{told}"
    );
    assert!(!told.contains("--resume"), "{told}");
}

/// What `status` prints, from no folder in particular.
fn status(data: &Path, args: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.arg("status").args(args).env("SKUFERRY_DATA_DIR", data).env("SKUFERRY_CONFIG_DIR", "/nowhere");
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_console_of_linux_gets_marks_that_its_font_has() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn_in("linux", &["demo", "--users", "6", "--no-tour"], data.path(), 24, 80);
    let screen = pty.wait_for("waiting for approval");
    assert!(screen.is_ascii(), "{screen}");
    pty.press("q");
    pty.end();
}

/// `status` tells a run that is at work from one that is not, and its hint takes the run up again as it stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_knows_whether_a_process_is_at_work_and_its_hint_works_as_it_stands() {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("it's a folder");
    fs::create_dir(&folder).unwrap();
    sim.write_config(&folder).unwrap();
    let file = folder.join("config.toml");
    let mut run = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    run.wait_for("press a");
    let json = |args: &[&str]| -> serde_json::Value { serde_json::from_str(&status(data.path(), args)).unwrap() };
    assert_eq!(json(&["--json"])["state"], "waiting");
    assert!(!status(data.path(), &[]).contains("go on with"), "it is at work");
    run.press("a");
    run.wait_for("y approves");
    run.answer("y");
    run.wait_for("waiting for approval: remove 1 user");
    run.press("q");
    run.wait_for("y quits");
    run.answer("y");
    run.end();
    let told = status(data.path(), &[]);
    assert!(told.contains("stopped: no skuferry is at work") && !told.contains("follow"), "{told}");
    assert_eq!(json(&["--json"])["state"], "stopped");
    let hint = told.lines().find_map(|line| line.strip_prefix("go on with: skuferry ")).unwrap();
    let line = format!("exec '{}' {hint}", env!("CARGO_BIN_EXE_skuferry"));
    let shown = std::process::Command::new("sh").args(["-c", &format!("printf '%s\\n' {hint}")]).output().unwrap();
    let words = String::from_utf8(shown.stdout).unwrap();
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(words[..3], ["run", "--config", file.to_str().unwrap()], "{line}");
    let mut again = Pty::spawn(&words, data.path(), 30, 120);
    again.wait_for("Where this run was left");
    again.press("q"); // back from there
    again.wait_until("the page is gone", |screen| {
        !screen.contains("Where this run was left") && screen.contains("waiting for approval: remove 1 user")
    });
    assert_eq!(json(&["--json"])["state"], "waiting");
    again.press("q");
    again.wait_for("y quits");
    again.answer("y");
    again.end();

    let mut runs = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"));
    let output = runs.args(["runs", "--json"]).env("SKUFERRY_DATA_DIR", data.path()).output().unwrap();
    let runs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let (source, names) = (&runs[0]["source"], json(&["--json"]));
    assert!(source["groupName"].as_str().is_some_and(|name| name != source["group"].as_str().unwrap()), "{runs}");
    assert_eq!((&source["groupName"], &source["skuName"]), (&names["source"]["groupName"], &"Office 365 E1".into()));
    assert_eq!(runs[0]["target"]["skuName"], "Office 365 E3", "{runs}");
}

#[test]
fn a_signal_ends_it_in_order_and_gives_the_terminal_back() {
    let data = tempfile::tempdir().unwrap();
    let pty = Pty::spawn(&["demo", "--users", "12"], data.path(), 24, 80);
    pty.wait_for("waiting for approval");
    pty.signal("-TERM");
    let (code, screen) = pty.end();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn ctrl_c_halts_or_ends_and_never_tears_the_terminal() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "12", "--scenario", "non-conflicting"], data.path(), 24, 80);
    pty.wait_for("waiting for approval");
    pty.press("\u{3}");
    let (code, screen) = pty.end();
    assert_eq!(code, 0, "{screen}");
}

/// Rule 11: while another process moves users between these groups, a second session only looks on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sitting_on_the_same_groups_only_reads() {
    let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("config.toml");
    fs::write(&file, sim.config_toml()).unwrap();
    fs::write(data.path().join("users.csv"), sim.users_csv()).unwrap();
    let ends = Config::load(&file).unwrap().migration;
    let _lock = RunLock::take(data.path(), ends.source.group, ends.target.group).unwrap();
    let mut pty = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    pty.wait_for("read-only");
    pty.press("q");
    let (code, screen) = pty.end();
    assert!(code == 0 && screen.contains("nothing of it is kept") && !screen.contains("--resume"), "{code} {screen}");
    assert!(sim.log().iter().all(is_read));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_looks_keeps_nobody_from_working() {
    let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let file = data.path().join("config.toml");
    let mut pty = Pty::spawn(&["run", "--read-only", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    pty.wait_for("read-only");
    let ends = Config::load(&file).unwrap().migration;
    RunLock::take(data.path(), ends.source.group, ends.target.group).unwrap();
    pty.press("q");
    pty.end();
    assert!(sim.log().iter().all(is_read));
}

/// Rule 11, for the eyes: the second session shows the run that the first is at work on, wherever it stands by now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sitting_opens_on_the_run_that_is_under_way_and_follows_it() {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let file = data.path().join("config.toml");
    let open = || Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    let mut first = open();
    first.wait_for("press a");
    let mut second = open();
    second.wait_for("waiting for approval: add 1 user");
    second.press("H");
    second.wait_for("nothing to halt: another skuferry, process");
    first.press("a");
    first.wait_for("y approves");
    first.answer("y");
    first.wait_for("waiting for approval: remove 1 user");
    second.wait_for("waiting for approval: remove 1 user");
    second.press("q");
    let (code, screen) = second.end();
    assert!(code == 0 && screen.contains("was only looked at"), "{code} {screen}");
    first.press("q");
    first.wait_for("y quits");
    first.answer("y");
    let (_, screen) = first.end();
    assert!(screen.contains("go on with: skuferry run"), "{screen}");
}

/// A demo whose first addition is asked for, with its data folder.
pub(crate) fn asked(rows: u16, columns: u16) -> (Pty, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "12"], data.path(), rows, columns);
    pty.wait_for("waiting for approval");
    pty.press("a");
    pty.wait_for("y approves");
    (pty, data)
}

/// How often the journal of the only run says a word.
pub(crate) fn told(data: &Path, word: &str) -> usize {
    let runs = fs::read_dir(data.join("demo/runs")).unwrap();
    runs.map(|file| fs::read_to_string(file.unwrap().path()).unwrap().matches(word).count()).sum()
}

#[test]
fn a_page_of_text_pasted_into_a_dialog_approves_nothing_and_leaves_no_key_behind() {
    let (mut pty, data) = asked(24, 80);
    pause(READ_FIRST);
    pty.press(&"any page of text, ready or not: yes\r".repeat(60).replace(['q', 'H'], ""));
    pty.press("\u{1b}");
    pty.wait_for("waiting for approval");
    pty.press("j");
    pause(BETWEEN_KEYS);
    assert_eq!(told(data.path(), "\"add-approved\""), 0);
}

#[test]
fn halt_is_heard_at_once_behind_seven_hundred_keys_in_one_piece() {
    let (mut pty, data) = asked(24, 80);
    pty.press(&format!("{}H", "\u{1b}[B".repeat(700)));
    pty.wait_for("halted");
    assert_eq!(told(data.path(), "\"halted\""), 1);
}

#[test]
fn a_key_whose_sequence_is_cut_up_is_that_key() {
    let (mut pty, data) = asked(24, 80);
    for (first, second) in [("\u{1b}", "[H"), ("\u{1b}", "OR"), ("\u{1b}[", "H"), ("\u{1b}O", "H")] {
        pty.press(first);
        pause(Duration::from_millis(20));
        pty.press(second);
        pause(Duration::from_millis(150));
    }
    assert_eq!(told(data.path(), "\"halted\""), 0);
    pty.press("\u{1b}");
    pause(Duration::from_millis(20));
    pty.press("H");
    pty.wait_for("halted");
}

/// The screen is full and nobody reads it: the keyboard is heard all the same.
#[test]
fn halt_is_heard_while_the_terminal_takes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "40"], data.path(), 60, 200);
    pty.wait_for("waiting for approval");
    let screen = Arc::clone(&pty.screen);
    let unread = screen.0.lock().unwrap();
    for view in ["2", "3", "4", "1"].iter().cycle().take(40) {
        pty.press(view);
        pause(BETWEEN_KEYS);
    }
    pty.press("H");
    let deadline = Instant::now() + PATIENCE;
    while told(data.path(), "\"halted\"") == 0 {
        assert!(Instant::now() < deadline, "the halt was not heard");
        pause(BETWEEN_KEYS);
    }
    drop(unread);
    pty.wait_for("halted");
}

#[test]
fn a_program_that_was_stopped_goes_on_with_the_same_dialog() {
    let (mut pty, data) = asked(24, 80);
    pty.signal("-STOP");
    pty.signal("-CONT");
    pty.wait_for("y approves");
    assert_eq!(told(data.path(), "\"add-approved\""), 0);
    pty.answer("y");
    pty.wait_until("the question answered", |screen| !screen.contains("y approves"));
    let deadline = Instant::now() + PATIENCE;
    while told(data.path(), "\"add-approved\"") == 0 {
        assert!(Instant::now() < deadline, "the answer was not heard");
        pause(BETWEEN_KEYS);
    }
}

/// What is typed on behind a reason approves nothing; a halt among it is a halt.
#[test]
fn halt_is_heard_in_one_burst_with_the_key_that_closes_a_reason() {
    let (mut pty, data) = asked(24, 80);
    pause(READ_FIRST);
    pty.press("\t");
    pty.wait_for("every key is text");
    pty.press("CHG0012 by H\ryH");
    pty.wait_for("halted");
    assert_eq!(told(data.path(), "\"add-approved\""), 0);
    assert_eq!(told(data.path(), "\"halted\""), 1);
}

/// Rule 11: `status` and `halt` tell by the lock whether a demo is open, so that two at once would be taken for each other.
#[test]
fn a_second_demo_beside_the_first_is_refused_and_names_its_process() {
    let (mut first, data) = asked(24, 80);
    let second = Pty::spawn(&["demo", "--users", "12"], data.path(), 24, 80);
    let (code, screen) = second.end();
    assert!(code == 2 && screen.contains("process"), "{code} {screen}");
    first.answer("y");
    first.wait_until("the question answered", |screen| !screen.contains("y approves"));
    drop(first);
    let mut third = Pty::spawn(&["demo", "--users", "12"], data.path(), 24, 80);
    third.wait_for("waiting for approval");
    third.press("q");
}

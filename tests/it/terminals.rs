//! What becomes of the terminal under the program: it gets another size, or it vanishes.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use skuferry::domain::event::Event;
use skuferry::journal;
use skuferry::journal::Journal;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::pty::BETWEEN_KEYS;
use crate::pty::PATIENCE;
use crate::pty::Pty;
use crate::pty::asked;
use crate::pty::pause;
use crate::pty::told;
use crate::witness::is_read;

#[test]
fn a_dialog_stands_when_the_terminal_gets_another_size() {
    let (mut pty, data) = asked(24, 80);
    for (rows, columns) in [(40, 120), (24, 80), (30, 100)] {
        pty.resize(rows, columns);
        pty.wait_for("y approves");
        assert_eq!(told(data.path(), "\"add-approved\""), 0, "{rows}x{columns}");
    }
    pty.answer("y");
    pty.wait_until("the question answered", |screen| !screen.contains("y approves"));
    let deadline = Instant::now() + PATIENCE;
    while told(data.path(), "\"add-approved\"") == 0 {
        assert!(Instant::now() < deadline, "the answer was not heard");
        pause(BETWEEN_KEYS);
    }
}

/// The whole journal of the only run, which must end with a line end.
fn closed_journal(data: &Path) -> Vec<Event> {
    let runs = journal::list(data).unwrap();
    assert_eq!(runs.len(), 1);
    let journal = Journal::open(&runs[0].path).unwrap();
    assert!(!journal.torn);
    journal.records.into_iter().map(|record| record.event).collect()
}

#[test]
fn a_terminal_that_vanishes_under_a_dialog_ends_the_program_and_approves_nothing() {
    let (pty, data) = asked(24, 80);
    let code = pty.vanish().end();
    assert!(code < 128, "ended by a signal or a panic: {code}");
    let events = closed_journal(&data.path().join("demo"));
    assert!(!events.iter().any(|event| matches!(event, Event::AddApproved { .. })));
}

/// What is on its way when the window is closed is awaited and written down; meanwhile nothing spins and nothing more leaves.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_vanishes_amid_a_write_ends_the_program_in_order() {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let file = data.path().join("config.toml");
    let slow =
        "[[fault]]\non = \"POST /groups/**\"\ndelay = \"4s\"\n\n[[fault]]\non = \"PATCH /groups/**\"\ndelay = \"4s\"\n";
    sim.set_faults(slow).unwrap();
    let mut pty = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    pty.wait_for("press a");
    pty.press("a");
    pty.wait_for("y approves");
    pty.answer("y");
    let writes = || sim.log().iter().filter(|entry| !is_read(entry)).count();
    let deadline = Instant::now() + PATIENCE;
    while writes() == 0 {
        assert!(Instant::now() < deadline, "nothing was written");
        pause(BETWEEN_KEYS);
    }
    let gone = pty.vanish();
    let before = gone.worked();
    pause(Duration::from_secs(1));
    let worked = gone.worked().saturating_sub(before);
    assert!(worked < Duration::from_millis(500), "it spins: {worked:?} in a second");
    let code = gone.end();
    assert!(code < 128, "ended by a signal or a panic: {code}");
    let events = closed_journal(data.path());
    assert!(events.iter().any(|event| matches!(event, Event::AddSettled { .. })), "what was on its way is known");
    assert_eq!(writes(), 1, "nothing more left");
}

/// Each name is one letter under a pile of marks, which a terminal would take seconds to draw.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn halt_is_heard_among_names_of_sixty_thousand_marks() {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let piles = (0..20).map(|number| format!("a{}{number}@contoso.com\n", "\u{301}".repeat(60_000)));
    let list: String = sim.users_csv().lines().map(|line| format!("{line}\n")).chain(piles).collect();
    std::fs::write(data.path().join("users.csv"), list).unwrap();
    let file = data.path().join("config.toml");
    let mut pty = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 40, 120);
    let screen = pty.wait_for("press a");
    assert!(screen.contains("20 blocked") && screen.len() < 100_000, "{} bytes", screen.len());
    for view in ["4", "3", "1"] {
        pty.press(view);
        pause(BETWEEN_KEYS);
    }
    pty.press("GH");
    let screen = pty.wait_for("halted");
    assert!(screen.len() < 100_000, "{} bytes", screen.len());
    assert!(closed_journal(data.path()).iter().any(|event| matches!(event, Event::Halted { .. })));
    assert!(sim.log().iter().all(is_read));
}

//! The tour of the first demo: shown once on a machine, left by a key, and never in the way of a halt.
#![cfg(unix)]

use std::path::Path;

use crate::pty::Pty;
use crate::pty::told;

fn first(data: &Path, more: &[&str]) -> Pty {
    Pty::spawn_in("xterm-256color", &[&["demo", "--users", "12"], more].concat(), data, 24, 80)
}

fn leave(mut pty: Pty) {
    pty.press("q");
    pty.end();
}

#[test]
fn the_tour_is_shown_once_and_its_pages_are_turned() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = first(data.path(), &[]);
    for page in 1..=5 {
        pty.wait_for(&format!("page {page} of 5"));
        pty.press("\r");
    }
    pty.wait_until("the tour over", |screen| !screen.contains("A short tour") && screen.contains("press a"));
    leave(pty);
    let pty = first(data.path(), &[]);
    let screen = pty.wait_for("press a");
    assert!(!screen.contains("A short tour"), "{screen}");
    leave(pty);
}

#[test]
fn the_tour_is_skipped_by_a_key_and_by_an_option() {
    let data = tempfile::tempdir().unwrap();
    let pty = first(data.path(), &["--no-tour"]);
    let screen = pty.wait_for("press a");
    assert!(!screen.contains("A short tour"), "{screen}");
    leave(pty);
    let mut pty = first(data.path(), &[]);
    pty.wait_for("page 1 of 5");
    pty.press("\u{1b}");
    pty.wait_until("the tour over", |screen| !screen.contains("A short tour") && screen.contains("press a"));
    leave(pty);
}

#[test]
fn a_halt_is_heard_on_every_page_of_the_tour() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = first(data.path(), &[]);
    pty.wait_for("page 1 of 5");
    pty.press(" ");
    pty.wait_for("page 2 of 5");
    pty.press("H");
    let screen = pty.wait_for("halted");
    assert!(!screen.contains("A short tour"), "{screen}");
    assert_eq!(told(data.path(), "\"halted\""), 1);
}

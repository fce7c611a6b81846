//! How the program calls its operator, byte by byte as a terminal gets it: bell, title, progress, notifications.
#![cfg(unix)]

use std::path::Path;

use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::pty::Pty;
use crate::required;

const TITLE_KEPT: &str = "\x1b[22;2t";
const TITLE_BACK: &str = "\x1b]9;4;0;0\x07\x1b[23;2t";

/// Runs a tenant's users up to the removal that waits, leaves, and gives what the terminal got.
async fn written(terminal: &str, notify: &str) -> String {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let file = data.path().join("config.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}\n[notify]\n{notify}\n")).unwrap();
    let terminal = terminal_name(terminal);
    tokio::task::spawn_blocking(move || seen(terminal, &file, data.path())).await.unwrap()
}

fn terminal_name(terminal: &str) -> &'static str {
    match terminal {
        "linux" => "linux",
        "tmux" => "tmux-256color",
        "screen" => "screen-256color",
        _ => "xterm-256color",
    }
}

/// Every string that a terminal is handed (OSC, DCS, APC, PM), by what it begins with and whether it is ended.
fn strings(written: &str) -> Vec<(&str, bool)> {
    let begins = ["\x1b]", "\x1bP", "\x1b_", "\x1b^"];
    let mut found = Vec::new();
    let mut rest = written;
    while let Some(at) = begins.iter().filter_map(|one| rest.find(one)).min() {
        let body = &rest[at + 2..];
        let end = body.find(['\x07', '\x1b']).unwrap_or(body.len());
        let ended = body[end..].starts_with('\x07') || body[end..].starts_with("\x1b\\");
        found.push((&rest[at..at + 2 + end], ended));
        rest = &body[end..];
    }
    found
}

/// tmux and screen pass over what they do not know, as long as it is whole: nothing is wrapped to get past them, as that is
/// for whoever set them up to allow. A title is one that both know, and both keep none, so that none may be left behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_tmux_and_screen_the_same_is_written_and_every_string_is_whole() {
    for terminal in ["tmux", "screen"] {
        let written = written(terminal, "desktop = true").await;
        assert!(bells(&written) > 0, "{terminal}");
        let all = strings(&written);
        assert!(all.iter().all(|(_, ended)| *ended), "{terminal} {all:?}");
        let known = ["\x1b]2;", "\x1b]9;", "\x1b]99;", "\x1b]777;"];
        for sequence in known {
            assert!(all.iter().any(|(text, _)| text.starts_with(sequence)), "{terminal} {sequence:?}");
        }
        let others: Vec<_> = all.iter().filter(|(text, _)| !known.iter().any(|one| text.starts_with(one))).collect();
        assert!(others.is_empty(), "{terminal} {others:?}");
        assert!(all.iter().all(|(text, _)| !text[2..].chars().any(char::is_control)), "{terminal}");
        assert_eq!(written.matches(TITLE_KEPT).count(), 1, "{terminal}");
        assert_eq!(written.matches(TITLE_BACK).count(), 1, "{terminal}");
    }
}

/// A real tmux, if this machine has one: what it does not know leaves no letter on its screen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_tmux_shows_the_screen_and_no_letter_of_a_sequence() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tmux = std::env::split_paths(&path).map(|folder| folder.join("tmux")).find(|file| file.is_file());
    let Some(tmux) = required::found("tmux", tmux) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (run, socket) = (folder.path().to_owned(), folder.path().join("socket"));
    let tmux = move |args: &[&str]| {
        let mut command = std::process::Command::new(&tmux);
        command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(args).env_remove("TMUX");
        let output = command.env("LC_ALL", "C.UTF-8").env("SKUFERRY_LANG", "en").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    tokio::task::spawn_blocking(move || {
        let program = format!(
            "SKUFERRY_DATA_DIR='{0}' SKUFERRY_CONFIG_DIR='{0}' {1} demo --users 12 --no-tour",
            run.display(),
            env!("CARGO_BIN_EXE_skuferry")
        );
        tmux(&["new-session", "-d", "-x", "120", "-y", "40", &program]);
        let until = std::time::Instant::now() + crate::pty::PATIENCE;
        let mut screen = String::new();
        while !screen.contains("waiting for approval") {
            assert!(std::time::Instant::now() < until, "{screen}");
            crate::pty::pause(crate::pty::BETWEEN_KEYS);
            screen = tmux(&["capture-pane", "-p"]);
        }
        let first = screen.lines().next().unwrap_or_default();
        let title = tmux(&["display-message", "-p", "#{pane_title}"]);
        tmux(&["kill-server"]);
        assert!(first.trim_start().starts_with("skuferry"), "{screen}");
        for letters in ["]2;", "]9;", "]99;", "]777;", "22;2t", "4;4;0"] {
            assert!(!screen.contains(letters), "{letters:?}\n{screen}");
        }
        assert!(title.starts_with("skuferry"), "{title:?}");
    })
    .await
    .unwrap();
}

fn seen(terminal: &str, file: &Path, data: &Path) -> String {
    let mut pty = Pty::spawn_in(terminal, &["run", "--config", file.to_str().unwrap()], data, 30, 120);
    let written = pty.written();
    pty.wait_for("press a");
    pty.press("a");
    pty.wait_for("y approves");
    pty.answer("y");
    pty.wait_for("waiting for approval: remove 1 user");
    pty.press("q");
    pty.wait_for("y quits");
    pty.answer("y");
    pty.end();
    let written = written.lock().unwrap();
    String::from_utf8_lossy(&written).into_owned()
}

/// How often the bell rings; what ends a title or a progress does not.
fn bells(written: &str) -> usize {
    let mut parts = written.split("\x1b]");
    let first = parts.next().unwrap_or_default().matches('\x07').count();
    let ends = |part: &str| match (part.find('\x07'), part.find("\x1b\\")) {
        (Some(bell), back) if back.is_none_or(|back| bell < back) => bell + 1,
        (_, Some(back)) => back + 2,
        (_, None) => part.len(),
    };
    first + parts.map(|part| part[ends(part)..].matches('\x07').count()).sum::<usize>()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_is_given_bell_title_progress_and_notifications_and_gets_its_title_back() {
    let written = written("xterm", "desktop = true").await;
    let begins = written.get(..600).unwrap_or(&written);
    let at = |text: &str| written.find(text).unwrap_or_else(|| panic!("no {text:?} in {begins:?}"));
    assert!(bells(&written) > 0, "the bell rings when the removal waits");
    let waits = "\x1b]2;skuferry · ";
    assert!(at(TITLE_KEPT) < at(waits), "the title that it had is kept first: {:?}", &written[at("\x1b]2;")..][..80]);
    assert!(at("\x1b]9;4;4;0\x07") < at(TITLE_BACK), "the progress waits while an approval does");
    let text = written.split("\x1b]9;").map(|part| part.split("\x1b\\").next().unwrap_or_default());
    let text =
        text.skip(1).find(|text| !text.starts_with("4;") && text.contains("remove 1 user")).expect("a notification");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    for sequence in
        [format!("\x1b]99;;{text}\x1b\\"), format!("\x1b]777;notify;skuferry;{}\x1b\\", text.replace(';', ","))]
    {
        assert!(written.contains(&sequence), "no {sequence:?}");
    }
    assert_eq!(written.matches(TITLE_BACK).count(), 1, "no progress and no title is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_switched_off_is_not_written_and_a_plain_terminal_gets_its_bell_alone() {
    let quiet = written("xterm", "bell = false\ntitle = false\ndesktop = false").await;
    assert_eq!(bells(&quiet), 0);
    for sequence in ["\x1b]2;", "\x1b]9;", "\x1b]99;", "\x1b]777;", TITLE_KEPT, "\x1b[23;2t"] {
        assert!(!quiet.contains(sequence), "{sequence:?} was written");
    }
    let plain = written("linux", "desktop = true").await;
    assert!(bells(&plain) > 0);
    for sequence in ["\x1b]2;", "\x1b]9;", "\x1b]99;", "\x1b]777;", TITLE_KEPT] {
        assert!(
            !plain.contains(sequence),
            "{sequence:?} was written to the console of Linux, which shows it as letters"
        );
    }
}

//! The mouse in a real terminal: taken, left and given back; what it sends is never a key.
#![cfg(unix)]

use std::time::Duration;

use vt100::MouseProtocolEncoding;
use vt100::MouseProtocolMode;

use crate::pty::BETWEEN_KEYS;
use crate::pty::Pty;
use crate::pty::asked;
use crate::pty::pause;
use crate::pty::told;

fn has_mouse(screen: &vt100::Screen) -> bool {
    let modes = (screen.mouse_protocol_mode(), screen.mouse_protocol_encoding());
    modes == (MouseProtocolMode::PressRelease, MouseProtocolEncoding::Sgr)
}

fn has_none(screen: &vt100::Screen) -> bool {
    screen.mouse_protocol_mode() == MouseProtocolMode::None
}

#[test]
fn the_mouse_selects_a_view_is_left_to_the_terminal_and_given_back() {
    let data = tempfile::tempdir().unwrap();
    let mut pty = Pty::spawn(&["demo", "--users", "12"], data.path(), 24, 100);
    let screen = pty.wait_for("waiting for approval");
    pty.wait_for_terminal("with the mouse", has_mouse);
    let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains("2 batches")).unwrap();
    let column = line[..line.find("2 batches").unwrap()].chars().count();
    pty.press(&format!("\u{1b}[<0;{};{}M\u{1b}[<0;{};{}m", column + 1, row + 1, column + 1, row + 1));
    pty.wait_for("Batches · 3");
    pty.press("M");
    pty.wait_for_terminal("without the mouse", has_none);
    pty.press("M");
    pty.wait_for_terminal("with the mouse again", has_mouse);
    pty.press("q");
    let (code, _) = pty.end(); // which asserts that the mouse is given back
    assert_eq!(code, 0);
}

#[test]
fn nothing_that_the_mouse_sends_answers_an_approval_or_halts_however_it_is_cut_up() {
    let (mut pty, data) = asked(24, 80);
    pause(Duration::from_millis(600));
    // The older form has column 40 as `H` and column 89 as `y`.
    for sent in
        ["\u{1b}[<0;40;12M\u{1b}[<0;40;12m", "\u{1b}[<64;40;12M", "\u{1b}[<65;40;12M", "\u{1b}[M HH", "\u{1b}[M yy"]
    {
        pty.press(sent);
        pause(BETWEEN_KEYS);
    }
    let click = "\u{1b}[<0;40;12M";
    for cut in 3..click.len() {
        pty.press(&click[..cut]);
        pause(Duration::from_millis(120));
        pty.press(&click[cut..]);
        pause(BETWEEN_KEYS);
    }
    pty.wait_for("y approves");
    assert_eq!((told(data.path(), "\"add-approved\""), told(data.path(), "\"halted\"")), (0, 0));
    pty.press("H");
    pty.wait_for("halted");
}

#[test]
fn the_mouse_is_left_while_the_program_is_stopped_and_taken_when_it_goes_on() {
    let (pty, data) = asked(24, 80);
    pty.wait_for_terminal("with the mouse", has_mouse);
    pty.signal("-TSTP");
    pty.wait_for_terminal("given back", |screen| has_none(screen) && !screen.alternate_screen());
    pty.wait_until_stopped();
    pty.signal("-CONT");
    pty.wait_for("y approves");
    pty.wait_for_terminal("taken again", |screen| has_mouse(screen) && screen.alternate_screen());
    assert_eq!(told(data.path(), "\"add-approved\""), 0);
}

#[test]
fn the_configuration_leaves_the_mouse_to_the_terminal() {
    let sim = skuferry::sim::Options { users: 3, ..skuferry::sim::Options::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sim = runtime.block_on(skuferry::sim::Sim::start(sim)).unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    let file = data.path().join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n[ui]\nmouse = false\n")).unwrap();
    let mut pty = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    pty.wait_for("waiting for approval");
    pty.wait_for_terminal("without the mouse", has_none);
    pty.press("M");
    pty.wait_for_terminal("with the mouse", has_mouse);
    pty.press("\u{3}");
    pty.end();
}

//! `NO_COLOR` on a terminal: whatever is drawn, no byte asks for a colour.
#![cfg(unix)]

use crate::pty::Pty;

/// The demo by hand through views and two dialogs, and all the codes of "select graphic rendition" that it wrote.
fn renditions(no_color: bool) -> Vec<u16> {
    let data = tempfile::tempdir().unwrap();
    let mut variables = vec![("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("SKUFERRY_LANG", "en")];
    variables.extend(no_color.then_some(("NO_COLOR", "1")));
    let mut pty = Pty::spawn_with(&variables, &["demo", "--users", "12", "--no-tour"], data.path(), 30, 100);
    let written = pty.written();
    pty.wait_for("press a");
    pty.press("a");
    pty.wait_for("y approves");
    pty.answer("y");
    pty.wait_for("waiting for approval: remove");
    for (key, shows) in [("5", "┌ Problems"), ("2", "BATCH USERS"), ("t", "BATCH USERS"), ("?", "┌ Keys")] {
        pty.press(key);
        pty.wait_for(shows);
    }
    pty.kill_9();
    let written = String::from_utf8_lossy(&written.lock().unwrap()).into_owned();
    let codes = written.split("\x1b[").skip(1).filter_map(|part| {
        let end = part.find(|one: char| !one.is_ascii_digit() && !matches!(one, ';' | ':'))?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    });
    codes.flat_map(|codes| codes.split([';', ':']).map(|code| code.parse().unwrap_or(0)).collect::<Vec<_>>()).collect()
}

/// 30 to 38 and 90 to 97 set the colour of letters, 40 to 48 and 100 to 107 that behind them; 39 and 49 take it back.
fn is_colour(code: u16) -> bool {
    matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107)
}

#[test]
fn no_byte_asks_for_a_colour_where_no_color_is_set() {
    let without = renditions(true);
    assert!(!without.iter().copied().any(is_colour), "{without:?}");
    assert!(without.contains(&1), "what is bold stays bold: {without:?}");
    assert!(renditions(false).into_iter().any(is_colour), "and elsewhere there is colour");
}

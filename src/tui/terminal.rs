//! The terminal is taken once and given back once, whatever ends the program.

use std::fmt;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::io::stdout;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crossterm::Command;
use crossterm::cursor::Show;
use crossterm::event::DisableBracketedPaste;
use crossterm::event::EnableBracketedPaste;
use crossterm::execute;
use crossterm::style::force_color_output;
use crossterm::terminal::EnterAlternateScreen;
use crossterm::terminal::LeaveAlternateScreen;
use crossterm::terminal::disable_raw_mode;
use crossterm::terminal::enable_raw_mode;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::tui::output::Frames;
use crate::tui::output::Output;
use crate::tui::output::writer;
use crate::words::phrase;

/// Whether the terminal is ours. The guard and the panic hook both give it back, and only one of them may.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is ours, as long as the terminal is.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// How long the end waits for a terminal that takes nothing.
const FAREWELL: Duration = Duration::from_secs(1);

/// Gives the terminal back when it goes.
#[derive(Debug)]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Takes the terminal. Whatever fails from here on, the guard or the panic hook gives it back.
///
/// # Errors
/// When there is no terminal, or it does not do as it is told.
pub fn enter() -> io::Result<(Guard, Terminal<CrosstermBackend<Output>>, Arc<Frames>)> {
    if !stdout().is_terminal() {
        return Err(io::Error::other(phrase("screen-no-terminal")));
    }
    // crossterm 0.29 answers NO_COLOR with resets that take bold and reverse along; our themes see to it instead.
    force_color_output(true);
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        leave();
        previous(info);
    }));
    TAKEN.store(true, SeqCst);
    let guard = Guard(());
    enable_raw_mode()?;
    let mut output = Output::default();
    execute!(output, EnterAlternateScreen, EnableBracketedPaste)?;
    Ok((guard, Terminal::new(CrosstermBackend::new(output))?, Arc::clone(&writer().frames)))
}

/// Takes the terminal anew after the program was stopped: the shell has set it up for itself meanwhile.
///
/// # Errors
/// When it does not do as it is told.
pub fn take_again() -> io::Result<()> {
    if is_ours() {
        disable_raw_mode()?;
        enable_raw_mode()?;
        let mut output = Output::default();
        execute!(output, EnterAlternateScreen, EnableBracketedPaste)?;
        if MOUSE.load(SeqCst) {
            execute!(output, Mouse(true))?;
        }
    }
    Ok(())
}

/// Takes the mouse, or leaves it to the terminal, whose own selection works then.
///
/// # Errors
/// When the terminal cannot be written.
pub fn mouse(ours: bool) -> io::Result<()> {
    if MOUSE.swap(ours, SeqCst) == ours || !is_ours() {
        return Ok(());
    }
    let mut output = Output::default();
    execute!(output, Mouse(ours))
}

/// Gives the terminal back for as long as the program is stopped, and stops it. What was on the screen is drawn anew when it
/// goes on.
#[cfg(unix)]
pub fn stop() {
    if is_ours() {
        give_back();
    }
    // It cannot be refused, and the shell sees what it saw of the signal that asked for it.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

/// Has the terminal tell of the mouse, or leaves the mouse to it: buttons and the wheel alone, as movements are a flood over
/// ssh, and in the form whose end can be seen (SGR), so that no part of it is taken for a key.
#[derive(Clone, Copy, Debug)]
struct Mouse(bool);

impl Command for Mouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(if self.0 { "\x1b[?1006h\x1b[?1000h" } else { "\x1b[?1000l\x1b[?1006l" })
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        if self.0 {
            crossterm::event::EnableMouseCapture.execute_winapi()
        } else {
            crossterm::event::DisableMouseCapture.execute_winapi()
        }
    }

    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}

/// Gives the terminal back, the first time that it is called.
pub fn leave() {
    if TAKEN.swap(false, SeqCst) {
        give_back();
    }
}

fn give_back() {
    let mut output = Output::default();
    let _ = execute!(output, Mouse(false), Show, DisableBracketedPaste, LeaveAlternateScreen);
    // A terminal that takes nothing any more must not keep the program from ending.
    writer().settle(FAREWELL);
    let _ = disable_raw_mode();
}

/// Whether the terminal is still ours: after a panic anywhere it is not, and nothing may be drawn any more.
pub fn is_ours() -> bool {
    TAKEN.load(SeqCst)
}

/// Sends a sequence to the terminal, such as its bell, as long as it is ours.
///
/// # Errors
/// When the terminal cannot be written.
pub fn send(sequence: &str) -> io::Result<()> {
    if !is_ours() {
        return Ok(());
    }
    let mut out = Output::default();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}

/// Puts text on the clipboard of whoever sits at the terminal (OSC 52). A terminal that does not know it ignores it.
///
/// # Errors
/// When the terminal cannot be written.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = Output::default();
    write!(out, "\x1b]52;c;{}\x07", BASE64_STANDARD.encode(text))?;
    out.flush()
}

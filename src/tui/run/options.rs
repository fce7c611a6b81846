//! How a session on the terminal is to look, what it does outside of it, and how it ended.

use std::fmt;
use std::io;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;
use crate::engine::snapshot::Snapshot;
use crate::tui::output::Frames;
use crate::tui::theme::Theme;

/// What time it is.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Writes the report of the run into a folder and gives it, or says why there is none. It may take its time.
pub type Export = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// How the terminal is to look and to tell the time.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone)]
pub struct Options {
    /// The theme of the configuration.
    pub theme: Theme,
    /// Whether `NO_COLOR` is set; the theme is then `none`, and stays it.
    pub no_color: bool,
    /// Whether the locale is not UTF-8, so that all is drawn in ASCII.
    pub ascii: bool,
    /// Where the operator sits.
    pub zone: TimeZone,
    /// The command that takes the run up again; `None` where the tenant ends with the session, as in the demo.
    pub again: Option<String>,
    /// Whether the mouse is taken; else the terminal's own selection works.
    pub mouse: bool,
    /// Whether the pages for who sees the screen for the first time are shown.
    pub tour: bool,
    /// What is said as soon as the screen stands.
    pub notes: Vec<String>,
    /// When the run was written last that is taken up again.
    pub resumed: Option<Timestamp>,
    /// What time it is.
    pub now: Now,
    /// Writes the report; `None` where nothing is kept that could be told.
    pub export: Option<Export>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { theme, no_color, ascii, zone, again, mouse, tour, notes, resumed, now: _, export: _ } = self;
        f.debug_struct("Options")
            .field("theme", theme)
            .field("no_color", no_color)
            .field("ascii", ascii)
            .field("zone", zone)
            .field("again", again)
            .field("mouse", mouse)
            .field("tour", tour)
            .field("notes", notes)
            .field("resumed", resumed)
            .finish_non_exhaustive()
    }
}

/// How the session ended.
#[derive(Debug)]
pub struct Ended {
    /// The engine's last snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Whether the operator or a signal ended it; else the engine ended by itself.
    pub asked: bool,
    /// What the engine said last and nobody may have read, oldest first.
    pub said: Vec<String>,
}

/// What the loop does outside of the terminal that it draws on.
pub struct Outside {
    /// What time it is.
    pub now: Now,
    /// Puts text on the clipboard.
    pub copy: fn(&str) -> io::Result<()>,
    /// Takes the mouse, or leaves it to the terminal.
    pub mouse: fn(bool) -> io::Result<()>,
    /// Writes the report; `None` where nothing is kept that could be told.
    pub export: Option<Export>,
    /// Whether the terminal may still be drawn on.
    pub is_ours: fn() -> bool,
    /// How far the terminal is behind what was drawn.
    pub frames: Arc<Frames>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

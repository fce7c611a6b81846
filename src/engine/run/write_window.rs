//! When writes may leave, by the window that the configuration gives for them.

use jiff::Zoned;

use crate::domain::time::Timestamp;
use crate::domain::window::Window;

/// The window, and whether it was open when it was looked at last.
pub(super) struct WriteWindow {
    window: Option<Window>,
    was_open: bool,
}

impl WriteWindow {
    /// Without a window writes may leave at any time.
    pub(super) fn new(window: Option<Window>) -> Self {
        Self { window, was_open: true }
    }

    /// When it opens; `None` while writes may leave.
    pub(super) fn opens(&self, now: Timestamp) -> Option<Zoned> {
        self.window.as_ref().filter(|window| !window.is_open(now)).map(|window| window.changes(now))
    }

    /// Looks whether writes may leave. Gives that, and whether it is news.
    pub(super) fn look(&mut self, now: Timestamp) -> (bool, bool) {
        let is_open = self.opens(now).is_none();
        (is_open, std::mem::replace(&mut self.was_open, is_open) != is_open)
    }

    /// When it opens or closes next.
    pub(super) fn changes(&self, now: Timestamp) -> Option<Timestamp> {
        self.window.as_ref().map(|window| window.changes(now).timestamp())
    }
}

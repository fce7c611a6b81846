//! The engine's end of what the screen holds: snapshots when something changed, notices, and which batch is wanted.

use tokio::sync::mpsc;

use crate::engine::handle::Notice;

/// What was told to the screen, and what it wants to see.
pub(super) struct ScreenEnd {
    notices: mpsc::UnboundedSender<Notice>,
    revision: u64,
    /// Whether anything happened that the screen should show.
    changed: bool,
    /// The batch that the operator wants to see, whatever waits.
    wanted: Option<usize>,
}

impl ScreenEnd {
    pub(super) fn new(notices: mpsc::UnboundedSender<Notice>) -> Self {
        Self { notices, revision: 0, changed: true, wanted: None }
    }

    /// Tells the operator something beside the snapshots.
    pub(super) fn say(&self, notice: Notice) {
        // Nobody listens any more once the screen is gone; the journal has it all.
        let _ = self.notices.send(notice);
    }

    /// Something happened that the screen should show.
    pub(super) fn changed(&mut self) {
        self.changed = true;
    }

    /// Whether something happened since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// The operator wants to see this batch; `None` shows the one that waits.
    pub(super) fn want(&mut self, batch: Option<usize>) {
        self.wanted = batch;
    }

    /// The batch that the operator wants to see.
    pub(super) fn wanted(&self) -> Option<usize> {
        self.wanted
    }

    /// The number of the latest snapshot.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// The number of the next snapshot.
    pub(super) fn next_revision(&mut self) {
        self.revision += 1;
    }
}

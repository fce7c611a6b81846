//! When frames are drawn and news is taken: keys never wait, news is held back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep_until;

use crate::engine::snapshot::Snapshot;

/// Frames that answer keys are never closer together than this, nor are others.
const FRAME: Duration = Duration::from_millis(34);
/// News is shown no more often than this. A key is answered at once, and so is what comes of it.
pub const NEWS: Duration = Duration::from_millis(600);

/// When frames are drawn and news is taken.
pub(super) struct Pace {
    pub(super) next_frame: Instant,
    /// The earliest frame that answers a key.
    next_answer: Instant,
    /// Whether the frame to come answers a key.
    answers: bool,
    next_news: Instant,
}

impl Pace {
    pub(super) fn begin() -> Self {
        let now = Instant::now();
        Self { next_frame: now, next_answer: now, answers: false, next_news: now }
    }

    /// A frame was drawn.
    pub(super) fn drawn(&mut self) {
        self.next_frame = Instant::now() + FRAME;
        if std::mem::take(&mut self.answers) {
            self.next_answer = self.next_frame;
        }
    }

    /// A key waits for its frame, which does not wait for frames of other kinds.
    pub(super) fn answers(&mut self) {
        self.answers = true;
        self.next_frame = self.next_frame.min(self.next_answer);
    }

    /// The engine was told something, and what comes of it is shown as soon as it is there.
    pub(super) fn awaits_answer(&mut self) {
        self.next_news = Instant::now();
    }

    pub(super) fn took_news(&mut self) {
        self.next_news = Instant::now() + NEWS;
    }

    /// Waits until there is news and it may be shown; while the program ends nothing is held back.
    pub(super) async fn changes(
        &self,
        snapshots: &mut watch::Receiver<Arc<Snapshot>>,
        ending: bool,
    ) -> Result<(), watch::error::RecvError> {
        if !ending {
            sleep_until(self.next_news).await;
        }
        snapshots.changed().await
    }
}

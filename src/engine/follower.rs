//! Reads the journal of another session off the async threads, so that a slow disk holds up neither a key nor the screen.

use tokio::task::JoinHandle;

use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::Record;

/// What one reading brings: the reader, to go on with, and what was written since.
type Reading = (Reader, Result<Vec<Record>, JournalError>);

/// The journal of another session, behind the events that are known.
#[derive(Debug)]
pub struct Follower {
    /// The reader, while it is not at work.
    reader: Option<Reader>,
    reading: Option<JoinHandle<Reading>>,
    /// What the last reading has found, until it is taken.
    found: Option<Result<Vec<Record>, JournalError>>,
}

impl From<Reader> for Follower {
    fn from(reader: Reader) -> Self {
        Self { reader: Some(reader), reading: None, found: None }
    }
}

impl Follower {
    /// What the last reading has found, if it is over and was not taken. While none is under way, the next begins.
    pub(super) fn take(&mut self) -> Option<Result<Vec<Record>, JournalError>> {
        let found = self.found.take();
        if found.is_none() {
            let next = self.reader.take().map(|reader| tokio::task::spawn_blocking(|| read(reader)));
            self.reading = next.or_else(|| self.reading.take());
        }
        found
    }

    /// Waits for the reading that is under way; for ever when none is.
    pub(super) async fn reads(&mut self) {
        let Some(reading) = &mut self.reading else { return std::future::pending().await };
        // A reading that panicked has told so itself, and is the last.
        if let Ok((reader, found)) = reading.await {
            (self.reader, self.found) = (Some(reader), Some(found));
        }
        self.reading = None;
    }
}

fn read(mut reader: Reader) -> Reading {
    let found = reader.more();
    (reader, found)
}

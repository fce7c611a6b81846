//! The run and its journal, kept in step: an event is on disk before anything follows from it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::automatic::follow;
use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::order::IntentLog;
use crate::domain::phase::Illegal;
use crate::domain::time::Timestamp;
use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::Writer;

/// How many events the timeline on screen goes back.
const TIMELINE: usize = 500;

/// Why a run cannot be kept any further. Nothing more is written to the tenant then.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The journal cannot be written.
    #[error("the journal cannot be written")]
    Journal(#[from] JournalError),
    /// An event came at a time at which it cannot happen.
    #[error("the run took a turn that it cannot take")]
    Illegal(#[from] Illegal),
    /// This sitting reads only.
    #[error("this sitting is read-only")]
    ReadOnly,
}

/// The run, its journal, and the latest events.
pub(super) struct Recorder {
    /// The run as its events leave it.
    pub(super) run: Migration,
    /// The latest events, oldest first.
    pub(super) timeline: VecDeque<(Timestamp, Arc<Event>)>,
    /// How many events were kept in this sitting.
    pub(super) kept: u64,
    writer: Option<Writer>,
    /// The journal of another sitting, when this one only follows it.
    followed_journal: Option<Reader>,
    clock: Arc<dyn Clock>,
}

impl Recorder {
    pub(super) fn new(
        run: Migration,
        past: Vec<(Timestamp, Event)>,
        writer: Option<Writer>,
        followed_journal: Option<Reader>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let skipped = past.len().saturating_sub(TIMELINE);
        let timeline = past.into_iter().skip(skipped).map(|(at, event)| (at, Arc::new(event))).collect();
        Self { run, timeline, kept: 0, writer, followed_journal, clock }
    }

    /// Whether all that happens to the run is told by the journal of another sitting.
    pub(super) fn follows(&self) -> bool {
        self.followed_journal.is_some()
    }

    /// Takes over what the other sitting has written down since. Gives whether the list of users was read anew.
    pub(super) fn catch_up(&mut self) -> Result<bool, RecordError> {
        let Some(followed_journal) = &mut self.followed_journal else { return Ok(false) };
        let mut listed = false;
        for record in followed_journal.more()? {
            listed |= matches!(record.event, Event::Checked { .. });
            self.run.apply(record.at, &record.event)?;
            self.note(record.at, record.event);
        }
        Ok(listed)
    }

    /// Goes on by itself from where the run was told to be.
    pub(super) fn stop_following(&mut self) {
        self.followed_journal = None;
    }

    fn note(&mut self, at: Timestamp, event: Event) {
        if self.timeline.len() == TIMELINE {
            self.timeline.pop_front();
        }
        self.timeline.push_back((at, Arc::new(event)));
        self.kept += 1;
    }

    /// Keeps an event and all that follows from it by itself.
    pub(super) fn record(&mut self, event: Event) -> Result<(), RecordError> {
        self.keep(event)?;
        self.follow()
    }

    /// Keeps what follows from the run as it stands now.
    pub(super) fn follow(&mut self) -> Result<(), RecordError> {
        while let Some(event) = follow(&self.run, self.clock.now()).filter(|_| !self.follows()) {
            self.keep(event)?;
        }
        Ok(())
    }
}

impl IntentLog for Recorder {
    type Error = RecordError;

    /// A sitting without a journal keeps what it reads in memory and refuses what leads to a write. One that follows
    /// another leaves it to that one to say what happened.
    fn keep(&mut self, event: Event) -> Result<(), RecordError> {
        let at = self.clock.now();
        if self.writer.is_none() && leads_to_a_write(&event) {
            return Err(RecordError::ReadOnly);
        }
        if self.follows() {
            return Ok(());
        }
        // What cannot happen is not written down either: the journal stays one that can be taken up again. When the disk
        // refuses what can, the book is closed, and nothing follows from it.
        self.run.apply(at, &event)?;
        if let Some(writer) = &mut self.writer {
            writer.append(at, &event)?;
        }
        self.note(at, event);
        Ok(())
    }
}

fn leads_to_a_write(event: &Event) -> bool {
    matches!(
        event,
        Event::AddApproved { .. }
            | Event::AddIntended { .. }
            | Event::RemoveApproved { .. }
            | Event::RemoveIntended { .. }
            | Event::ReprocessApproved { .. }
            | Event::ReprocessIntended { .. }
            | Event::DirectApproved { .. }
            | Event::DirectIntended { .. }
            | Event::RollbackStarted { .. }
    )
}

//! What a sitting finds of a run: its events so far, its journal, and whether another process is at work on it.

use std::fs;
use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::First;
use crate::journal::Journal;
use crate::journal::Reader;
use crate::journal::RunFile;
use crate::journal::Writer;

/// What a sitting means to do with a run that there is already.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// Go on with it.
    Write,
    /// Show it as its journal has it.
    Look,
    /// Show what another process makes of it.
    Follow,
}

/// A run as a sitting takes it up.
pub(super) struct Past {
    /// What happened so far.
    pub(super) events: Vec<(Timestamp, Event)>,
    /// Where more is written, unless the sitting only reads.
    pub(super) writer: Option<Writer>,
    /// What comes behind these events while another process goes on writing.
    pub(super) followed_journal: Option<Reader>,
}

impl Past {
    /// The run with this id, if it is between the groups of this configuration.
    pub(super) fn of(data: &Path, config: &Config, id: RunId, access: Access) -> Result<Self, Failure> {
        let path = journal::file(data, id);
        let (records, writer, followed_journal) = match access {
            Access::Follow => {
                let mut reader = Reader::open(&path)?;
                (reader.more()?, None, Some(reader))
            }
            Access::Look => (Journal::open(&path)?.records, None, None),
            Access::Write => {
                let (writer, journal) = Writer::reopen(&path)?;
                (journal.records, Some(writer), None)
            }
        };
        let events: Vec<_> = records.into_iter().map(|record| (record.at, record.event)).collect();
        match events.first() {
            Some((_, Event::RunStarted { run, .. })) if is_between(run, config) => {
                Ok(Self { events, writer, followed_journal })
            }
            _ => Err(Failure::new(
                Exit::Usage,
                format!("run {id} cannot go on with this configuration"),
                "it is between other groups, or nothing was written down",
                "Name the configuration that the run was started with, with --config.",
            )),
        }
    }
}

/// The run that another process is at work on: the one that was written since it took the lock.
pub(super) fn at_work(data: &Path, lock: &Path, config: &Config) -> Result<Option<RunId>, Failure> {
    let Some(since) = fs::metadata(lock).and_then(|about| about.modified()).ok() else { return Ok(None) };
    let since = Timestamp::try_from(since).unwrap_or(Timestamp::MAX);
    let fits = |file: &RunFile| match &file.first {
        First::Started { run, .. } => file.modified >= since && is_between(run, config),
        First::Empty | First::Broken(_) => false,
    };
    let found = journal::list(data)?.into_iter().filter(fits).max_by_key(|file| file.modified);
    Ok(found.map(|file| file.id))
}

fn is_between(run: &RunInfo, config: &Config) -> bool {
    let ends = &config.migration;
    (run.route.source.group, run.route.target.group) == (ends.source.group, ends.target.group)
}

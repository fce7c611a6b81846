//! The journal: one append-only file a run, `<data>/runs/<run-id>.jsonl`, one event a line, readable with any tool.
//!
//! What it promises: an event whose append returned is on the disk; a line that a crash cut short is recognised and left
//! out; any other damage is refused by line number, never repaired. What events mean is not here: see `domain::event`.

pub(crate) mod disk;
mod keeper;
mod lock;
mod reader;
mod record;
mod refused;
mod runs;
pub mod worklists;
mod writer;

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::id::RunId;

pub use crate::journal::keeper::AtOnce;
pub use crate::journal::keeper::Background;
pub use crate::journal::keeper::Keeper;
pub use crate::journal::keeper::Progress;
pub use crate::journal::lock::LockError;
pub use crate::journal::lock::RunLock;
pub use crate::journal::reader::Journal;
pub use crate::journal::reader::Reader;
pub use crate::journal::record::Dated;
pub use crate::journal::record::Record;
pub use crate::journal::record::VERSION;
#[doc(hidden)]
pub use crate::journal::record::fuzz as fuzz_line;
pub use crate::journal::refused::FileRefused;
pub use crate::journal::refused::FolderFlaw;
pub use crate::journal::runs::First;
pub use crate::journal::runs::RunFile;
pub use crate::journal::runs::list;
pub use crate::journal::writer::Writer;

/// What was tried with a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Reading it, or the folder of the runs.
    Read,
    /// Making its file.
    Create,
    /// Writing it.
    Write,
    /// Making its folder.
    MakeFolder,
    /// Making the names in its folder durable.
    WriteFolder,
    /// Cutting off a last line that has no end.
    CutTornEnd,
    /// Starting the thread that writes it.
    StartThread,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It does not begin with a checksum.
    NoChecksum,
    /// Its checksum is not that of its text.
    OtherChecksum,
    /// It is no record.
    NoRecord,
    /// Its number does not follow the one before it.
    OutOfOrder,
    /// Its event is not known.
    UnknownEvent,
    /// It is the first, and not the start of a run.
    NoStart,
}

/// Why a journal cannot be written or read; `words::journal` has the sentences.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused.
    #[error("journal-io: {doing:?} {}", path.display())]
    Io {
        /// What was tried.
        doing: Attempt,
        /// On which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run's lock or its journal was removed or replaced meanwhile, so that another process may be at work on it.
    #[error("journal-lost: {}", path.display())]
    Lost {
        /// The journal.
        path: PathBuf,
        /// What was lost.
        source: io::Error,
    },
    /// An event cannot be put into words.
    #[error("journal-encode: {}", path.display())]
    Encode {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// An earlier append failed, so the end of the file is not known any more.
    #[error("journal-poisoned: {}", path.display())]
    Poisoned {
        /// The journal.
        path: PathBuf,
    },
    /// A line is not what was written.
    #[error("journal-damaged: {why:?} {}:{line}", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        why: Damage,
    },
    /// A newer skuferry wrote this.
    #[error("journal-newer: {version} {}:{line}", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// The version of the format.
        version: u32,
    },
}

impl JournalError {
    fn io(doing: Attempt, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

/// Makes a folder of the data folder that nobody else may read or write.
///
/// # Errors
/// What the system refuses, and why a folder that is there is not trusted.
pub fn private_folder(path: &Path) -> io::Result<()> {
    disk::make_folder(path)
}

/// The folder of the journals in the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("runs")
}

/// The journal of a run in the data folder.
pub fn file(data: &Path, run: RunId) -> PathBuf {
    folder(data).join(format!("{run}.jsonl"))
}

#[cfg(test)]
mod tests;

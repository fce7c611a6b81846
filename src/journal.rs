//! The journal: one append-only file a run, `<data>/runs/<run-id>.jsonl`, one event a line, readable with any tool.
//!
//! What it promises: an event whose append returned is on the disk; a line that a crash cut short is recognised and left
//! out; any other damage is refused by line number, never repaired. What events mean is not here: see `domain::event`.

pub(crate) mod disk;
mod keeper;
mod lock;
mod reader;
mod record;
mod runs;
mod writer;

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::id::RunId;

pub use crate::journal::keeper::AtOnce;
pub use crate::journal::keeper::Background;
pub use crate::journal::keeper::Dated;
pub use crate::journal::keeper::Keeper;
pub use crate::journal::keeper::Progress;
pub use crate::journal::lock::LockError;
pub use crate::journal::lock::RunLock;
pub use crate::journal::reader::Journal;
pub use crate::journal::reader::Reader;
pub use crate::journal::record::Record;
pub use crate::journal::record::VERSION;
#[doc(hidden)]
pub use crate::journal::record::fuzz as fuzz_line;
pub use crate::journal::runs::First;
pub use crate::journal::runs::RunFile;
pub use crate::journal::runs::list;
pub use crate::journal::writer::Writer;

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried, as in "cannot read".
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run's lock or its journal was removed or replaced meanwhile, so that another process may be at work on it.
    #[error("{} is not written any more", path.display())]
    Lost {
        /// The journal.
        path: PathBuf,
        /// What was lost.
        source: io::Error,
    },
    /// An event cannot be put into words.
    #[error("an event cannot be written to {}", path.display())]
    Encode {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// An earlier append failed, so the end of the file is not known any more.
    #[error("{} is not written any more, because an earlier write to it failed", path.display())]
    Poisoned {
        /// The journal.
        path: PathBuf,
    },
    /// A line is not what was written.
    #[error("{}, line {line} is damaged: {why}", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A newer skuferry wrote this.
    #[error("{}, line {line} was written by a newer version of skuferry (format {version})", path.display())]
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
    /// What to do about it.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "See `skuferry runs` for the runs that there are."
            }
            Self::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                "Resume that run instead of starting it again."
            }
            Self::Io { .. } | Self::Poisoned { .. } => {
                "See that the data folder can be written and the disk is not full, then resume the run."
            }
            Self::Lost { .. } => "See that no other skuferry is at work between these groups, then resume the run.",
            Self::Encode { .. } => "Report this: no event should be impossible to write.",
            Self::Damaged { .. } => {
                "Restore the file from a backup, or start a new run: preflight asks the tenant anew."
            }
            Self::Newer { .. } => "Use that version of skuferry, or a later one.",
        }
    }

    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
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

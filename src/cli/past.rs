//! What commands read of a run that is there: its journal, record by record, and whether somebody is at work on it.

use std::fs;
use std::path::Path;

use crate::cli::exit::Failure;
use crate::domain::event::RunInfo;
use crate::domain::time::Timestamp;
use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::Record;
use crate::journal::RunLock;
use crate::report::Ended;

/// Reads on, record by record, as far as the journal can be used; gives how it ends there.
pub(super) fn read_on(
    reader: &mut Reader,
    mut each: impl FnMut(Record) -> Result<(), Failure>,
) -> Result<Ended, Failure> {
    for record in reader.by_ref() {
        match record {
            Ok(record) => each(record)?,
            Err(JournalError::Damaged { line, why, .. }) => return Ok(Ended::Damaged { line, why: why.into() }),
            Err(JournalError::Newer { line, version, .. }) => {
                let why = format!("it was written by a newer version of skuferry (format {version})");
                return Ok(Ended::Damaged { line, why });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if reader.is_torn() { Ended::Cut } else { Ended::Whole })
}

/// Whether another process is at work on the run: the lock of its groups is held, and the journal was written since.
pub(super) fn is_under_way(data: &Path, journal: &Path, run: &RunInfo) -> bool {
    let route = &run.route;
    let Some(since) = RunLock::held_since(data, route.source.group, route.target.group) else { return false };
    let modified = fs::metadata(journal).and_then(|about| about.modified()).ok();
    modified.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at >= since)
}

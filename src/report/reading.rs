//! Reads a journal as far as it can be used.

use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::Record;
use crate::report::content::Ended;
use crate::words::journal;
use crate::words::say;

/// Reads on, record by record, up to the end of the journal or to what cannot be used of it; gives how it ends there.
///
/// # Errors
/// What `each` says, and when the file cannot be read.
pub fn read_on<E: From<JournalError>>(
    reader: &mut Reader,
    mut each: impl FnMut(Record) -> Result<(), E>,
) -> Result<Ended, E> {
    for record in reader.by_ref() {
        match record {
            Ok(record) => each(record)?,
            Err(JournalError::Damaged { line, why, .. }) => {
                return Ok(Ended::Damaged { line, why: journal::damage(why) });
            }
            Err(JournalError::Newer { line, version, .. }) => {
                let why = say("report-newer-format", &[("version", version.into())]);
                return Ok(Ended::Damaged { line, why });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if reader.is_torn() { Ended::Cut } else { Ended::Whole })
}

//! Reads a journal back: leaves a torn last line out, refuses a broken middle.

use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;

use crate::journal::Attempt;
use crate::journal::JournalError;
use crate::journal::Record;
use crate::journal::disk;
use crate::journal::record;
use crate::journal::record::Flaw;

/// So much room is kept for the next line, whatever the one before needed: that of 100,000 users has 20 million bytes.
const KEPT: usize = 64 << 10;

/// All that a journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Its records, in the order of their numbers.
    pub records: Vec<Record>,
    /// Whether the last line has no end: a crash cut it short, or it is being written just now. It is not among the
    /// records, and what it would have said never took effect.
    pub torn: bool,
}

impl Journal {
    /// Reads a journal without touching it.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] for any line but a torn last one, [`JournalError::Newer`] for a later format, and
    /// [`JournalError::Io`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let mut reader = Reader::open(path)?;
        let records = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
        Ok(Self { records, torn: reader.is_torn() })
    }
}

/// Reads a journal record by record, and ends after the first error.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    line: Vec<u8>,
    next: u64,
    sound: u64,
    torn: bool,
    ended: bool,
}

impl Reader {
    /// Opens a journal for reading.
    ///
    /// # Errors
    /// [`JournalError::Io`] when it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let file = BufReader::new(disk::open_to_read(path).map_err(JournalError::io(Attempt::Read, path))?);
        Ok(Self { path: path.to_owned(), file, line: Vec::new(), next: 0, sound: 0, torn: false, ended: false })
    }

    /// Whether the end was reached and is torn.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// What was written since, while another process goes on writing. A line that has no end yet is left for the next time.
    ///
    /// # Errors
    /// As [`Journal::open`], and again each time: what is damaged stays so.
    pub fn more(&mut self) -> Result<Vec<Record>, JournalError> {
        self.go_on()?;
        self.by_ref().collect()
    }

    /// Has the iteration go on with what was written since its end, a torn line read anew.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn go_on(&mut self) -> Result<(), JournalError> {
        self.file.seek(SeekFrom::Start(self.sound)).map_err(JournalError::io(Attempt::Read, &self.path))?;
        (self.ended, self.torn) = (false, false);
        Ok(())
    }

    /// How many bytes the whole lines read so far take.
    pub(super) fn sound_bytes(&self) -> u64 {
        self.sound
    }

    fn record(&mut self) -> Result<Option<Record>, JournalError> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        let length =
            self.file.read_until(b'\n', &mut self.line).map_err(JournalError::io(Attempt::Read, &self.path))?;
        let Some(line) = self.line.strip_suffix(b"\n") else {
            self.torn = length > 0;
            return Ok(None);
        };
        let record = record::parse(line, self.next).map_err(|flaw| {
            let (path, line) = (self.path.clone(), self.next + 1);
            match flaw {
                Flaw::Damaged(why) => JournalError::Damaged { path, line, why },
                Flaw::Newer(version) => JournalError::Newer { path, line, version },
            }
        })?;
        self.next += 1;
        self.sound += length as u64;
        Ok(Some(record))
    }
}

impl Iterator for Reader {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.record().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}

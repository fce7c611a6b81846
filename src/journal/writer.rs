//! The only writer of a journal: an event is on the disk when `append` returns.

use std::fs::File;
use std::io::BufWriter;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::id::RunId;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::Attempt;
use crate::journal::Dated;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::RunLock;
use crate::journal::disk;
use crate::journal::record;

/// How many bytes are handed to the system at once; the line of 100,000 users has 20 million.
const AT_ONCE: usize = 64 << 10;

/// Appends to the journal of one run. It blocks until the disk has answered, so async code
/// hands it to a [`Background`](crate::journal::Background).
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    identity: disk::Identity,
    next: u64,
    poisoned: bool,
    /// What keeps other processes from writing to the same groups.
    lock: Option<Arc<RunLock>>,
}

impl Writer {
    /// Makes the journal of a new run in the data folder, empty and durable. Only this user may read it.
    ///
    /// # Errors
    /// [`JournalError::Io`] when it cannot be made, or is there already.
    pub fn create(data: &Path, run: RunId) -> Result<Self, JournalError> {
        let (folder, path) = (journal::folder(data), journal::file(data, run));
        disk::make_folder(&folder).map_err(JournalError::io(Attempt::MakeFolder, &folder))?;
        let file = disk::private().create_new(true).open(&path).map_err(JournalError::io(Attempt::Create, &path))?;
        file.sync_all().map_err(JournalError::io(Attempt::Write, &path))?;
        disk::sync_folder(&folder).map_err(JournalError::io(Attempt::WriteFolder, &folder))?;
        let identity = disk::Identity::of(&file).map_err(JournalError::io(Attempt::Write, &path))?;
        Ok(Self { path, file, identity, next: 0, poisoned: false, lock: None })
    }

    /// Opens the journal of a run that is to go on, cuts off a torn last line, and gives what it says. Take the
    /// [`RunLock`] first: what looks torn may be a line that another process is writing.
    ///
    /// # Errors
    /// As [`Journal::open`], and when the file cannot be written.
    pub fn reopen(path: &Path) -> Result<(Self, Journal), JournalError> {
        let mut reader = Reader::open(path)?;
        let records = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
        let journal = Journal { records, torn: reader.is_torn() };
        let mut file = disk::private().open(path).map_err(JournalError::io(Attempt::Write, path))?;
        disk::check_own(&file).map_err(JournalError::io(Attempt::Write, path))?;
        if journal.torn {
            file.set_len(reader.sound_bytes()).map_err(JournalError::io(Attempt::CutTornEnd, path))?;
            file.sync_all().map_err(JournalError::io(Attempt::Write, path))?;
        }
        file.seek(SeekFrom::End(0)).map_err(JournalError::io(Attempt::Write, path))?;
        let next = journal.records.len() as u64;
        let identity = disk::Identity::of(&file).map_err(JournalError::io(Attempt::Write, path))?;
        Ok((Self { path: path.to_owned(), file, identity, next, poisoned: false, lock: None }, journal))
    }

    /// From now on nothing is written down once this lock is lost, so that no write to the tenant follows either: its intent
    /// comes first.
    #[must_use]
    pub fn under(self, lock: Arc<RunLock>) -> Self {
        Self { lock: Some(lock), ..self }
    }

    /// Whether the lock and this file still are what goes by their names.
    ///
    /// # Errors
    /// [`JournalError::Lost`] when one of them was removed or replaced.
    pub fn check(&self) -> Result<(), JournalError> {
        let lock = self.lock.as_ref().map_or(Ok(()), |lock| lock.check());
        let still = lock.and_then(|()| self.identity.check(&self.path));
        still.map_err(|source| JournalError::Lost { path: self.path.clone(), source })
    }

    /// Writes an event down and gives its number. On the disk when this returns.
    ///
    /// # Errors
    /// As [`Writer::append_all`].
    pub fn append(&mut self, at: Timestamp, event: &Event) -> Result<u64, JournalError> {
        let seq = self.next;
        self.append_lines(std::iter::once((at, event)))?;
        Ok(seq)
    }

    /// Writes events down in their order, with one fsync. All are on the disk when this returns.
    ///
    /// # Errors
    /// When one may not have reached the disk. A part of them may be there then, the last of it half a line, so nothing is
    /// appended any more: every later call gives [`JournalError::Poisoned`].
    pub fn append_all(&mut self, events: &[Dated]) -> Result<(), JournalError> {
        self.append_lines(events.iter().map(|(at, event)| (*at, &**event)))
    }

    fn append_lines<'a>(&mut self, events: impl Iterator<Item = (Timestamp, &'a Event)>) -> Result<(), JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned { path: self.path.clone() });
        }
        self.poisoned = true;
        self.check()?;
        // From the first byte to the last, so that what a crash leaves is a beginning of it.
        let (mut lines, mut next) = (BufWriter::with_capacity(AT_ONCE, &self.file), self.next);
        for (at, event) in events {
            record::write(&mut lines, next, at, event).map_err(|error| match error.io_error_kind() {
                Some(_) => JournalError::io(Attempt::Write, &self.path)(error.into()),
                None => JournalError::Encode { path: self.path.clone(), source: error },
            })?;
            next += 1;
        }
        lines.flush().map_err(JournalError::io(Attempt::Write, &self.path))?;
        drop(lines);
        self.file.sync_data().map_err(JournalError::io(Attempt::Write, &self.path))?;
        self.next = next;
        self.poisoned = false;
        Ok(())
    }

    /// The journal's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many events it has.
    pub fn events(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_what_was_kept_before_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path(), RunId(Uuid::from_u128(1))).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        writer.append(now, &Event::MigrationComplete).unwrap();
        let kept = std::fs::read(&writer.path).unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let room = std::mem::replace(&mut writer.file, full);
        let error = writer.append(now, &Event::MigrationComplete).unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("No space left"), "{error}");
        assert!(crate::words::journal::action(&error).contains("the disk is not full"));
        writer.file = room;
        assert!(matches!(writer.append(now, &Event::MigrationComplete), Err(JournalError::Poisoned { .. })));
        let path = writer.path.clone();
        drop(writer);
        assert_eq!(std::fs::read(&path).unwrap(), kept);
        let (mut again, journal) = Writer::reopen(&path).unwrap();
        assert_eq!((journal.records.len(), journal.torn), (1, false));
        assert_eq!(again.append(now, &Event::MigrationComplete).unwrap(), 1);
    }

    /// A cleaner, or somebody who thought the lock was stale, removed it: another process may be at work by now.
    #[cfg(unix)]
    #[test]
    fn nothing_is_written_once_the_lock_or_the_file_is_lost() {
        use crate::domain::id::GroupId;
        let now = Timestamp::UNIX_EPOCH;
        for lost in ["lock", "journal"] {
            let folder = tempfile::tempdir().unwrap();
            let [one, other] = [1, 2].map(|id| GroupId(Uuid::from_u128(id)));
            let lock = Arc::new(RunLock::take(folder.path(), one, other).unwrap());
            let writer = Writer::create(folder.path(), RunId(Uuid::from_u128(1))).unwrap();
            let mut writer = writer.under(Arc::clone(&lock));
            writer.append(now, &Event::MigrationComplete).unwrap();
            std::fs::remove_file(if lost == "lock" { lock.path() } else { writer.path() }).unwrap();
            let error = writer.append(now, &Event::MigrationComplete).unwrap_err();
            assert!(matches!(&error, JournalError::Lost { .. }), "{lost}: {error}");
            assert!(matches!(writer.append(now, &Event::MigrationComplete), Err(JournalError::Poisoned { .. })));
            assert_eq!(writer.events(), 1);
        }
    }

    #[test]
    fn a_failed_append_is_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(folder.path(), RunId(Uuid::from_u128(1))).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        writer.append(now, &Event::MigrationComplete).unwrap();
        let good = std::mem::replace(&mut writer.file, File::open(writer.path.clone()).unwrap());
        assert!(matches!(writer.append(now, &Event::MigrationComplete), Err(JournalError::Io { .. })));
        writer.file = good;
        assert!(matches!(writer.append(now, &Event::MigrationComplete), Err(JournalError::Poisoned { .. })));
        assert_eq!(writer.events(), 1);
    }
}

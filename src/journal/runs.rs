//! The runs that a data folder has.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::route::Route;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::Attempt;
use crate::journal::Damage;
use crate::journal::JournalError;
use crate::journal::Reader;
use crate::journal::disk;

/// How many records are looked through for the preflight: reads that fail and sessions that end stand before it.
const BEFORE_PREFLIGHT: usize = 20;

/// One run in the data folder, as far as its first record and its file tell.
#[derive(Debug)]
pub struct RunFile {
    /// The run, by the name of its file.
    pub id: RunId,
    /// Its journal.
    pub path: PathBuf,
    /// When something was last written to it.
    pub modified: Timestamp,
    /// What its first record says.
    pub first: First,
    /// Whether its last line has no end.
    pub torn: bool,
}

/// What the first record of a run says.
#[derive(Debug)]
pub enum First {
    /// What the run is.
    Started {
        /// When it began.
        at: Timestamp,
        /// What it is.
        run: Box<RunInfo>,
    },
    /// Nothing was written down.
    Empty,
    /// It cannot be read.
    Broken(JournalError),
}

/// The runs in the data folder, the one that began last first. A folder that is not there has none, and a journal that
/// cannot be read is listed as such.
///
/// # Errors
/// [`JournalError::Io`] when the folder cannot be read.
pub fn list(data: &Path) -> Result<Vec<RunFile>, JournalError> {
    let folder = journal::folder(data);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(JournalError::io(Attempt::Read, &folder)(error)),
    };
    let mut runs = Vec::new();
    // An entry that the system cannot even name hides none of the others.
    for path in entries.flatten().map(|entry| entry.path()) {
        if let Some(id) = id_of(&path) {
            runs.push(look_at(id, path));
        }
    }
    // Run ids of version 7 sort by the time they were made.
    runs.sort_by_key(|run| std::cmp::Reverse(run.id));
    Ok(runs)
}

fn id_of(path: &Path) -> Option<RunId> {
    if path.extension()? != "jsonl" {
        return None;
    }
    path.file_stem()?.to_str()?.parse().ok()
}

/// An entry that cannot be read, such as a folder, a pipe or a link, is a run that is broken.
fn look_at(id: RunId, path: PathBuf) -> RunFile {
    let about = disk::open_to_read(&path).and_then(|file| file.metadata());
    let about = match about {
        Ok(about) => about,
        Err(why) => {
            let first = First::Broken(JournalError::io(Attempt::Read, &path)(why));
            return RunFile { id, path, modified: Timestamp::default(), first, torn: false };
        }
    };
    let modified = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or_default();
    let first = match Reader::open(&path).map(|mut reader| reader.next()) {
        Ok(None) => First::Empty,
        Ok(Some(Ok(record))) => match record.event {
            Event::RunStarted { mut run, .. } => {
                // The run begins before the tenant's names are read; what preflight found has them.
                if let Some(route) = names(&path) {
                    let groups = (run.route.source.group, run.route.target.group);
                    run.route = route;
                    // Which run this is, and by which lock others are kept out, is for its first record alone to say.
                    (run.route.source.group, run.route.target.group) = groups;
                }
                First::Started { at: record.at, run }
            }
            _ => First::Broken(JournalError::Damaged { path: path.clone(), line: 1, why: Damage::NoStart }),
        },
        Ok(Some(Err(error))) | Err(error) => First::Broken(error),
    };
    let torn = !ends_whole(&path).unwrap_or(true);
    RunFile { id, path, modified, first, torn }
}

/// The two ends by the names that the first preflight read, when it has.
fn names(path: &Path) -> Option<Route> {
    let records = Reader::open(path).ok()?.skip(1).take(BEFORE_PREFLIGHT);
    records.map_while(Result::ok).find_map(|record| match record.event {
        Event::Checked { preflight } => Some(preflight.route),
        _ => None,
    })
}

/// Whether the file is empty or ends with the end of a line.
fn ends_whole(path: &Path) -> io::Result<bool> {
    let mut file = disk::open_to_read(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Writer;
    use uuid::Uuid;

    #[test]
    fn a_bad_entry_is_listed_and_hides_no_run() {
        let data = tempfile::tempdir().unwrap();
        let id = |number| RunId(Uuid::from_u128(number));
        drop(Writer::create(data.path(), id(1)).unwrap());
        fs::create_dir(journal::file(data.path(), id(2))).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("nowhere", journal::file(data.path(), id(3))).unwrap();
            std::os::unix::fs::symlink(journal::file(data.path(), id(1)), journal::file(data.path(), id(4))).unwrap();
            let pipe = std::process::Command::new("mkfifo").arg(journal::file(data.path(), id(5))).status();
            assert!(pipe.unwrap().success());
        }
        fs::write(journal::folder(data.path()).join("notes.jsonl"), "no run").unwrap();
        let runs = list(data.path()).unwrap();
        assert_eq!(runs.len(), if cfg!(unix) { 5 } else { 2 });
        let broken = |run: &&RunFile| matches!(run.first, First::Broken(_));
        assert_eq!(runs.iter().filter(broken).count(), runs.len() - 1);
    }
}

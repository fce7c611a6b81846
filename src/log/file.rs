//! The file of a log: private, made at the first line, bounded, and the oldest ones gone.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::journal::disk;
use crate::log;

/// How long a file may grow, in bytes. Then its first half goes to a file of its own, which the next one replaces: a
/// session keeps its latest lines, at most twice this.
const MOST: u64 = 64 << 20;

/// What a log and its writer share.
pub(super) struct State {
    path: PathBuf,
    made: AtomicBool,
}

impl State {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, made: AtomicBool::new(false) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_made(&self) -> bool {
        self.made.load(Ordering::Acquire)
    }
}

/// Writes lines to the file of a session.
pub(super) struct LogFile {
    state: Arc<State>,
    kept: usize,
    file: Option<File>,
    written: u64,
    most: u64,
}

impl LogFile {
    pub(super) fn new(state: Arc<State>, kept: usize) -> Self {
        Self { state, kept, file: None, written: 0, most: MOST }
    }

    #[cfg(test)]
    pub(super) fn at_most(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }

    fn open(&mut self) -> io::Result<&mut File> {
        let path = &self.state.path;
        if self.written >= self.most {
            self.file = None;
            self.written = 0;
            fs::rename(path, path.with_extension("earlier.log"))?;
        }
        if self.file.is_none() {
            if let Some(folder) = path.parent() {
                disk::make_folder(folder)?;
                prune(folder, self.kept);
            }
            self.file = Some(disk::private().append(true).create(true).open(path)?);
            self.state.made.store(true, Ordering::Release);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.open()?.write(line)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

/// Removes the oldest logs but for so many. One that cannot be removed stays.
fn prune(folder: &Path, kept: usize) {
    let Some(data) = folder.parent() else { return };
    let logs = log::list(data);
    for old in &logs[..logs.len().saturating_sub(kept)] {
        let _ = fs::remove_file(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(data: &Path, name: &str, kept: usize) -> LogFile {
        LogFile::new(Arc::new(State::new(log::folder(data).join(name))), kept)
    }

    #[test]
    fn a_log_is_for_its_owner_alone_and_the_oldest_go() {
        let data = tempfile::tempdir().unwrap();
        for day in 1..=5 {
            let mut log = writer(data.path(), &format!("2026010{day}.log"), 2);
            assert!(!log.state.is_made());
            log.write_all(b"a line\n").unwrap();
            assert!(log.state.is_made());
        }
        let names: Vec<_> = log::list(data.path()).iter().map(|path| path.file_stem().unwrap().to_owned()).collect();
        assert_eq!(names, ["20260103", "20260104", "20260105"], "two of earlier sessions, and this one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&log::folder(data.path())), 0o700);
            assert_eq!(mode(&log::list(data.path())[0]), 0o600);
        }
    }

    #[test]
    fn a_long_session_keeps_its_latest_lines() {
        let data = tempfile::tempdir().unwrap();
        let mut log = writer(data.path(), "20260101.log", 9).at_most(20);
        for number in 10..30 {
            log.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        let logs = log::list(data.path());
        assert_eq!(logs.len(), 2);
        let both = read(&logs[0]) + &read(&logs[1]);
        assert!(both.ends_with("line 28\nline 29\n") && both.len() <= 60, "{both}");
    }
}

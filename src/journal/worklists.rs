//! The files of worklists, `<data>/worklists/<run-id>/…`: each is there whole or not at all, for this user alone to read.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use tempfile::NamedTempFile;

use crate::domain::id::RunId;
use crate::domain::worklist::file::Files;
use crate::journal::disk::make_folder;
use crate::journal::disk::sync_folder;

/// The folder of a run's worklists.
pub fn folder(data: &Path, run: RunId) -> PathBuf {
    data.join("worklists").join(run.to_string())
}

/// The snippet for the directory that a synced group comes from, beside the table.
pub fn snippet(table: &Path) -> PathBuf {
    table.with_extension("ps1")
}

/// What a dynamic group's rule asks for, beside the table.
pub fn rule(table: &Path) -> PathBuf {
    table.with_extension("txt")
}

/// Writes the files of a worklist, the table last: who finds it finds the others. `in_time` is asked just before each file
/// gets its name.
///
/// # Errors
/// What the system says, or [`io::ErrorKind::TimedOut`] when a file was too late; then some may be there, and are replaced
/// by [`replace`].
pub fn write(table: &Path, files: &Files, in_time: impl Fn() -> bool) -> io::Result<()> {
    let folder = table.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_folder(folder)?;
    for (path, text) in [(snippet(table), &files.snippet), (rule(table), &files.rule)] {
        if let Some(text) = text {
            keep(&path, text, &in_time)?;
        }
    }
    keep(table, &files.table, &in_time)?;
    // The new names are durable, so that none comes back that was replaced.
    sync_folder(folder)
}

/// Puts something else in the place of the files of a worklist that are there.
///
/// # Errors
/// What the system says; the other files are replaced all the same.
pub fn replace(table: &Path, files: &Files) -> io::Result<()> {
    let mut done = Ok(());
    // What can be run goes first.
    let all = [
        (snippet(table), files.snippet.as_ref()),
        (rule(table), files.rule.as_ref()),
        (table.to_owned(), Some(&files.table)),
    ];
    for (path, text) in all {
        if let Some(text) = text.filter(|_| path.symlink_metadata().is_ok()) {
            done = keep(&path, text, &|| true).and(done);
        }
    }
    match table.parent().filter(|folder| folder.is_dir()) {
        Some(folder) => sync_folder(folder).and(done),
        None => done,
    }
}

fn keep(path: &Path, text: &str, in_time: &impl Fn() -> bool) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    if !in_time() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn files(text: &str) -> Files {
        Files { table: format!("table {text}"), snippet: Some(format!("snippet {text}")), rule: None }
    }

    #[test]
    fn files_are_for_this_user_alone_and_are_replaced_where_they_are() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path(), RunId(uuid::Uuid::nil()));
        let table = folder.join("batch-1-add-1.csv");
        write(&table, &files("new"), || true).unwrap();
        assert_eq!(fs::read_to_string(snippet(&table)).unwrap(), "snippet new");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&table), mode(&folder)), (0o600, 0o700));
            assert_eq!(mode(folder.parent().unwrap()), 0o700);
        }
        replace(&table, &Files { rule: Some("rule".into()), ..files("gone") }).unwrap();
        assert_eq!(fs::read_to_string(&table).unwrap(), "table gone");
        assert_eq!(fs::read_to_string(snippet(&table)).unwrap(), "snippet gone");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "what was not there is not made");
    }

    #[test]
    fn what_is_too_late_gets_no_name() {
        let data = tempfile::tempdir().unwrap();
        let table = data.path().join("w/batch-1-remove-2.csv");
        let late = write(&table, &files("late"), || false).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        assert_eq!(fs::read_dir(table.parent().unwrap()).unwrap().count(), 0);
        assert!(replace(Path::new("/nowhere/at/all.csv"), &files("x")).is_ok());
    }
}

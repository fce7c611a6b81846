//! A file that is there whole or not at all, for this user alone to read, and never in the place of another one unasked.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::journal::disk;
use crate::words::phrase;
use crate::words::say;

/// Says no when there is something at this path already that may not be replaced.
pub(super) fn is_free(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if overwrite || path.symlink_metadata().is_err() { Ok(()) } else { Err(there_already(path)) }
}

/// Writes the file. What was there before is replaced only when `overwrite` says so.
pub(super) fn write(path: &Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    let unwritten = |why: io::Error| {
        if why.kind() == io::ErrorKind::AlreadyExists {
            return there_already(path);
        }
        Failure::machine(say("error-cli-not-written", &[("path", path.display().to_string().into())]), &why)
    };
    let beside = beside(path);
    let result = fill(&beside, text).and_then(|()| put(&beside, path, overwrite));
    if result.is_err() {
        // What is half written is nobody's; that it cannot be removed is no news after the first error.
        let _ = fs::remove_file(&beside);
    }
    result.map_err(unwritten)
}

/// The file while it is written: in the same folder, as only there it can be moved in one step.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file = disk::private().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives the whole file its name. A link is made in one step and only where nothing is; where the file system has no links, the
/// name is taken by an empty file first.
fn put(beside: &Path, path: &Path, overwrite: bool) -> io::Result<()> {
    if overwrite {
        return fs::rename(beside, path);
    }
    match fs::hard_link(beside, path) {
        Ok(()) => fs::remove_file(beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            disk::private().write(true).create_new(true).open(path)?;
            fs::rename(beside, path)
        }
    }
}

fn there_already(path: &Path) -> Failure {
    Failure::new(
        Exit::Usage,
        say("error-cli-not-written", &[("path", path.display().to_string().into())]),
        phrase("error-cli-there-already"),
        phrase("error-cli-there-already-action"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_only_when_told_and_is_for_this_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.toml");
        write(&path, "one", false).unwrap();
        let refused = write(&path, "two", false).unwrap_err();
        assert_eq!((refused.exit, fs::read_to_string(&path).unwrap().as_str()), (Exit::Usage, "one"));
        assert!(is_free(&path, false).is_err() && is_free(&path, true).is_ok());
        write(&path, "three", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_somebody_put_there_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("copy.toml"), folder.path().join("other"));
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(write(&path, "one", false).is_err() && !other.exists());
        write(&path, "one", true).unwrap();
        assert!(!other.exists() && path.is_file());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&folder.path().join("no/copy.toml"), "one", false).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

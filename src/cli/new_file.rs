//! A file that is there whole or not at all, for this user alone to read, and never in the place of another one unasked.

use std::io;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::words::phrase;
use crate::words::say;

/// Says no when there is something at this path already that may not be replaced.
pub(super) fn is_free(path: &Path, overwrite: bool) -> Result<(), Failure> {
    if overwrite || path.symlink_metadata().is_err() { Ok(()) } else { Err(there_already(path)) }
}

/// Writes the file. What was there before is replaced only when `overwrite` says so.
pub(super) fn write(path: &Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    keep(path, text, overwrite).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        _ => Failure::machine(say("error-cli-not-written", &[("path", path.display().to_string().into())]), &why),
    })
}

/// The same for whoever has own words for a file that is there already ([`io::ErrorKind::AlreadyExists`]). It is written under
/// a name of its own in the same folder, as only there it can be moved in one step.
pub(super) fn keep(path: &Path, text: &str, overwrite: bool) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    let kept = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(drop).map_err(|error| error.error)
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
    use std::fs;

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

//! Folders and files that nobody else may read, and whose names survive a crash.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use crate::journal::FileRefused;
#[cfg(unix)]
use crate::journal::FolderFlaw;

/// Makes a folder and those above it, for this user alone, and makes their names durable. One that is there must be this
/// user's, and others must not be able to put anything into it or to put another in its place; what they may only read
/// is closed to them.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] with the reason, and whatever else the system refuses.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    make_missing(path)?;
    close_to_others(path)?;
    path.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), check_above)
}

fn make_missing(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_missing(above)?;
    }
    let made = folder_maker().create(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) | Ok(()) => {}
    }
    path.parent().map_or(Ok(()), sync_folder)
}

/// The folder itself: no link, this user's, writable by nobody else. It is closed to readers too.
#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::fs::PermissionsExt;
    let about = fs::symlink_metadata(path)?;
    let why = match () {
        () if about.is_symlink() => FolderFlaw::Link,
        () if !about.is_dir() => FolderFlaw::NoFolder,
        () if about.uid() != rustix::process::geteuid().as_raw() => FolderFlaw::OtherUser,
        () if about.mode() & 0o022 != 0 => FolderFlaw::OthersMayWrite,
        () if about.mode() & 0o077 != 0 => return fs::set_permissions(path, fs::Permissions::from_mode(0o700)),
        () => return Ok(()),
    };
    Err(FileRefused::folder(path, why))
}

/// The folder above, which the user may have chosen: whoever may write it could put another folder in the place of ours,
/// unless the sticky bit keeps them from that.
#[cfg(unix)]
fn check_above(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let about = fs::metadata(path)?;
    let (own, root) = (rustix::process::geteuid().as_raw(), 0);
    let why = match () {
        () if ![own, root].contains(&about.uid()) => FolderFlaw::OtherUser,
        () if about.mode() & 0o022 != 0 && about.mode() & 0o1000 == 0 => FolderFlaw::OthersMayWrite,
        () => return Ok(()),
    };
    Err(FileRefused::folder(path, why))
}

/// Elsewhere the folder of the user keeps others out.
#[cfg(not(unix))]
fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

/// As above.
#[cfg(not(unix))]
fn check_above(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Which file is meant, whatever goes by its name later. One that was removed or replaced is written in vain, and a lock
/// on it keeps nobody out.
#[derive(Debug)]
pub(super) struct Identity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl Identity {
    /// Of an open file.
    ///
    /// # Errors
    /// When the system does not tell.
    #[cfg(unix)]
    pub(super) fn of(file: &File) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let about = file.metadata()?;
        Ok(Self { device_and_inode: (about.dev(), about.ino()) })
    }

    /// Whether it is still the one of this name.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] with the reason, and whatever else the system refuses.
    #[cfg(unix)]
    pub(super) fn check(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let gone = |why| io::Error::new(io::ErrorKind::NotFound, why);
        let there = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(gone(FileRefused::Removed(path.to_owned())));
            }
            there => there?,
        };
        let same = (there.dev(), there.ino()) == self.device_and_inode;
        if same { Ok(()) } else { Err(gone(FileRefused::Replaced(path.to_owned()))) }
    }

    /// Elsewhere an open file can be neither removed nor replaced.
    #[cfg(not(unix))]
    pub(super) fn of(_: &File) -> io::Result<Self> {
        Ok(Self {})
    }

    /// As above.
    #[cfg(not(unix))]
    pub(super) fn check(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a regular file for reading. A symbolic link is not followed, and a pipe is not waited for.
///
/// # Errors
/// When it cannot be opened, or is something else.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    let file = options.open(path)?;
    let refused = || io::Error::new(io::ErrorKind::InvalidInput, FileRefused::NotRegular);
    if file.metadata()?.is_file() { Ok(file) } else { Err(refused()) }
}

/// Options for a file that only this user may read and write. A symbolic link is not followed: whoever can put one into
/// the folder could have any file of this user written.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
        options.custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default());
    }
    options
}

/// Refuses what is no regular file of this user's, or what others may write.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`], with the reason.
#[cfg(unix)]
pub(crate) fn check_own(file: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let about = file.metadata()?;
    let why = match () {
        () if !about.is_file() => FileRefused::NotRegular,
        () if about.uid() != rustix::process::geteuid().as_raw() => FileRefused::OtherUser,
        () if about.mode() & 0o022 != 0 => FileRefused::OthersMayWrite,
        () => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

/// Elsewhere the folder of the user keeps others out.
#[cfg(not(unix))]
pub(crate) fn check_own(_: &File) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a folder durable. Elsewhere than on Unix a folder cannot be opened for that, nor needs to be.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        return File::open(path)?.sync_all();
    }
    Ok(())
}

fn folder_maker() -> fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
    let mut maker = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("about it").permissions().mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn a_folder_that_others_may_read_is_closed_and_one_that_they_may_write_is_refused() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("data/runs");
        make_folder(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&above.path().join("data"))), (0o700, 0o700));
        set(&folder, 0o755);
        make_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        for open in [0o770, 0o707, 0o1777] {
            set(&folder, open);
            let refused = make_folder(&folder).unwrap_err();
            let why = FolderFlaw::OthersMayWrite;
            assert_eq!(FileRefused::of(&refused), Some(&FileRefused::Folder { path: folder.clone(), why }));
            assert_eq!(mode(&folder), open, "nothing is changed about what is not trusted");
        }
        set(&folder, 0o700);
        // Who may write the folder above can put another in its place, unless it is sticky as /tmp is.
        for (open, fine) in [(0o777, false), (0o775, false), (0o1777, true), (0o755, true)] {
            set(&above.path().join("data"), open);
            assert_eq!(make_folder(&folder).is_ok(), fine, "{open:o}");
        }
    }

    #[test]
    fn a_folder_that_is_a_link_is_none() {
        let above = tempfile::tempdir().unwrap();
        let (there, link) = (above.path().join("there"), above.path().join("link"));
        make_folder(&there).unwrap();
        symlink(&there, &link).unwrap();
        let refused = make_folder(&link).unwrap_err();
        let why = FolderFlaw::Link;
        assert_eq!(FileRefused::of(&refused), Some(&FileRefused::Folder { path: link, why }));
    }

    #[test]
    fn only_regular_files_are_read_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "text").unwrap();
        symlink(&file, &link).unwrap();
        assert!(open_to_read(&file).is_ok());
        assert!(open_to_read(&link).is_err());
        assert!(open_to_read(folder.path()).is_err());
        assert!(open_to_read(Path::new("/dev/null")).is_err());
    }
}

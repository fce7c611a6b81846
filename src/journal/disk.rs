//! Folders and files that nobody else may read, and whose names survive a crash.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Makes a folder and those above it, for this user alone, and makes their names durable.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_folder(above)?;
    }
    let made = folder_maker().create(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) | Ok(()) => {}
    }
    path.parent().map_or(Ok(()), sync_folder)
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
pub(super) fn check_own(file: &File) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let about = file.metadata()?;
    let why = match () {
        () if !about.is_file() => "it is not a regular file",
        () if about.uid() != rustix::process::geteuid().as_raw() => "it belongs to another user",
        () if about.mode() & 0o022 != 0 => "others may write it",
        () => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

/// Elsewhere the folder of the user keeps others out.
#[cfg(not(unix))]
pub(super) fn check_own(_: &File) -> io::Result<()> {
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

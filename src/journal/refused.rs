//! Why a file or folder is not used although the system would let us, as a value inside an [`io::Error`].

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Why a file or folder is not used; `words::journal` has the sentences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// What is put into the folder would not be safe there.
    #[error("folder-refused: {why:?} {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: FolderFlaw,
    },
    /// It is no regular file.
    #[error("not-regular")]
    NotRegular,
    /// It is another user's.
    #[error("of-another-user")]
    OtherUser,
    /// Others may write it.
    #[error("writable-by-others")]
    OthersMayWrite,
    /// It went after it was opened.
    #[error("file-removed: {}", .0.display())]
    Removed(PathBuf),
    /// Another file goes by its name now.
    #[error("file-replaced: {}", .0.display())]
    Replaced(PathBuf),
}

/// What is wrong with a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderFlaw {
    /// It is a symbolic link.
    Link,
    /// It is something else than a folder.
    NoFolder,
    /// It is another user's.
    OtherUser,
    /// Others may write it.
    OthersMayWrite,
}

impl FileRefused {
    /// What such an error holds; `None` for one of the system's own.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    #[cfg(unix)]
    pub(super) fn folder(path: &Path, why: FolderFlaw) -> io::Error {
        io::Error::new(io::ErrorKind::PermissionDenied, Self::Folder { path: path.to_owned(), why })
    }
}

//! One run at a time for a pair of groups on a machine.

use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::domain::id::GroupId;
use crate::domain::time::Timestamp;
use crate::journal::disk;

/// The folder of the locks.
const FOLDER: &str = "locks";

/// Held as long as a run may write; the system gives it back when the process ends, however it ends.
///
/// It is a file of its own and not the journal, because elsewhere than on Unix nobody can read a locked file. The file
/// stays behind: removing it would let two runs hold a lock of the same name.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    identity: disk::Identity,
    // Closing the file gives the lock back.
    _file: File,
}

/// Why the lock was not taken; `words::journal` has the sentences.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run is under way between these groups, in either direction.
    #[error("lock-held: {process:?} {}", path.display())]
    Held {
        /// The lock's file.
        path: PathBuf,
        /// The process that holds it, when it can be told.
        process: Option<u32>,
    },
    /// The system refused.
    #[error("lock-io: {}", path.display())]
    Io {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl RunLock {
    /// Takes the lock for a pair of groups; which of them is the source makes no difference.
    ///
    /// # Errors
    /// [`LockError::Held`] when another run has it; this one may then only look on.
    pub fn take(data: &Path, source: GroupId, target: GroupId) -> Result<Self, LockError> {
        let path = path_of(data, source, target);
        let refused = |source| LockError::Io { path: path.clone(), source };
        disk::make_folder(&data.join(FOLDER)).map_err(refused)?;
        let mut file = disk::private().create(true).truncate(false).open(&path).map_err(refused)?;
        disk::check_own(&file).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { process: holder(file), path }),
            Err(TryLockError::Error(source)) => return Err(LockError::Io { path, source }),
        }
        // Only a help for whoever is refused: that it cannot be written does not make the lock worse.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        let identity = disk::Identity::of(&file).map_err(refused)?;
        Ok(Self { path, identity, _file: file })
    }

    /// Whether it still keeps others out: a lock whose file was removed or replaced does not, as the next one locks another
    /// file of the same name.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] with the reason, and whatever the system refuses.
    pub fn check(&self) -> io::Result<()> {
        self.identity.check(&self.path)
    }

    /// Since when somebody holds the lock of a pair of groups; `None` when nobody does. Nothing is made or changed.
    pub fn held_since(data: &Path, source: GroupId, target: GroupId) -> Option<Timestamp> {
        let file = File::open(path_of(data, source, target)).ok()?;
        // A shared lock is given back at once when the file closes.
        let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        let since = file.metadata().and_then(|about| about.modified()).ok()?;
        held.then(|| Timestamp::try_from(since).unwrap_or(Timestamp::MIN))
    }

    /// The process that wrote its id into the lock of a pair of groups last, which is the holder as long as there is one;
    /// `None` when it cannot be told.
    pub fn holder(data: &Path, source: GroupId, target: GroupId) -> Option<u32> {
        File::open(path_of(data, source, target)).ok().and_then(holder)
    }

    /// The lock's file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn path_of(data: &Path, source: GroupId, target: GroupId) -> PathBuf {
    data.join(FOLDER).join(format!("{}_{}.lock", source.min(target), source.max(target)))
}

fn holder(mut file: File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::journal::FileRefused;
    use uuid::Uuid;

    #[test]
    fn a_pair_is_locked_in_both_directions_and_other_pairs_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let group = |id| GroupId(Uuid::from_u128(id));
        let take = |one, other| RunLock::take(folder.path(), group(one), group(other));
        let first = take(1, 2).unwrap();
        let refused = take(2, 1).unwrap_err();
        assert!(
            matches!(&refused, LockError::Held { path, process } if path == first.path() && *process == Some(std::process::id()))
        );
        assert!(refused.to_string().contains(&first.path().display().to_string()));
        let _other = take(1, 3).unwrap();
        let held = |one, other| RunLock::held_since(folder.path(), group(one), group(other)).is_some();
        assert!(held(1, 2) && held(2, 1) && held(1, 3) && !held(2, 3));
        drop(first);
        assert!(!held(1, 2));
        assert!(take(2, 1).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_was_removed_or_replaced_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let group = |id| GroupId(Uuid::from_u128(id));
        let lock = RunLock::take(folder.path(), group(1), group(2)).unwrap();
        lock.check().unwrap();
        std::fs::remove_file(lock.path()).unwrap();
        assert!(matches!(FileRefused::of(&lock.check().unwrap_err()), Some(FileRefused::Removed(_))));
        let _second = RunLock::take(folder.path(), group(1), group(2)).unwrap();
        assert!(matches!(FileRefused::of(&lock.check().unwrap_err()), Some(FileRefused::Replaced(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_file_that_others_may_write_are_no_lock() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let group = |id| GroupId(Uuid::from_u128(id));
        let path = RunLock::take(folder.path(), group(1), group(2)).unwrap().path().to_owned();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        assert!(matches!(RunLock::take(folder.path(), group(1), group(2)), Err(LockError::Io { .. })));
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let refused = RunLock::take(folder.path(), group(1), group(2)).unwrap_err();
        let LockError::Io { source, .. } = &refused else { panic!("{refused}") };
        assert_eq!(FileRefused::of(source), Some(&FileRefused::OthersMayWrite));
    }
}

//! Why a journal, its lock or another file of ours is not used, and what to do.

use std::io;

use crate::journal::Attempt;
use crate::journal::Damage;
use crate::journal::FileRefused;
use crate::journal::FolderFlaw;
use crate::journal::JournalError;
use crate::journal::LockError;
use crate::words::phrase;
use crate::words::say;

/// What is wrong with a journal, without its cause.
pub fn error(error: &JournalError) -> String {
    match error {
        JournalError::Io { doing, path, .. } => attempt(*doing, &path.display().to_string()),
        JournalError::Lost { path, .. } => say("error-journal-lost", &[("path", path.display().to_string().into())]),
        JournalError::Encode { path, .. } => {
            say("error-journal-encode", &[("path", path.display().to_string().into())])
        }
        JournalError::Poisoned { path } => {
            say("error-journal-poisoned", &[("path", path.display().to_string().into())])
        }
        JournalError::Damaged { path, line, why } => say(
            "error-journal-damaged",
            &[
                ("path", path.display().to_string().into()),
                ("line", line.to_string().into()),
                ("why", damage(*why).into()),
            ],
        ),
        JournalError::Newer { path, line, version } => say(
            "error-journal-newer",
            &[
                ("path", path.display().to_string().into()),
                ("line", line.to_string().into()),
                ("version", version.to_string().into()),
            ],
        ),
    }
}

/// What to do about it.
pub fn action(error: &JournalError) -> String {
    match error {
        JournalError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            phrase("error-journal-action-no-run")
        }
        JournalError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
            phrase("error-journal-action-exists")
        }
        JournalError::Io { .. } | JournalError::Poisoned { .. } => phrase("error-journal-action-write"),
        JournalError::Lost { .. } => phrase("error-journal-action-lost"),
        JournalError::Encode { .. } => phrase("error-journal-action-encode"),
        JournalError::Damaged { .. } => phrase("error-journal-action-damaged"),
        JournalError::Newer { .. } => phrase("error-journal-action-newer"),
    }
}

fn attempt(doing: Attempt, path: &str) -> String {
    match doing {
        Attempt::Read => say("error-journal-read", &[("path", path.into())]),
        Attempt::Create => say("error-journal-create", &[("path", path.into())]),
        Attempt::Write => say("error-journal-write", &[("path", path.into())]),
        Attempt::MakeFolder => say("error-journal-make-folder", &[("path", path.into())]),
        Attempt::WriteFolder => say("error-journal-write-folder", &[("path", path.into())]),
        Attempt::CutTornEnd => say("error-journal-cut-torn-end", &[("path", path.into())]),
        Attempt::StartThread => say("error-journal-start-thread", &[("path", path.into())]),
    }
}

/// What is wrong with a line of a journal.
pub fn damage(why: Damage) -> String {
    match why {
        Damage::NoChecksum => phrase("error-damage-no-checksum"),
        Damage::OtherChecksum => phrase("error-damage-other-checksum"),
        Damage::NoRecord => phrase("error-damage-no-record"),
        Damage::OutOfOrder => phrase("error-damage-out-of-order"),
        Damage::UnknownEvent => phrase("error-damage-unknown-event"),
        Damage::NoStart => phrase("error-damage-no-start"),
    }
}

/// Why a lock was not taken, without its cause.
pub fn lock(error: &LockError) -> String {
    match error {
        LockError::Held { path, process: Some(process) } => say(
            "error-lock-held-by",
            &[("process", process.to_string().into()), ("path", path.display().to_string().into())],
        ),
        LockError::Held { path, process: None } => {
            say("error-lock-held", &[("path", path.display().to_string().into())])
        }
        LockError::Io { path, .. } => say("error-lock", &[("path", path.display().to_string().into())]),
    }
}

/// Why a file or folder is not used.
pub fn refused(refused: &FileRefused) -> String {
    match refused {
        FileRefused::Folder { path, why } => {
            say("error-folder", &[("path", path.display().to_string().into()), ("why", folder(*why).into())])
        }
        FileRefused::NotRegular => phrase("error-file-not-regular"),
        FileRefused::OtherUser => phrase("error-file-of-another-user"),
        FileRefused::OthersMayWrite => phrase("error-file-writable-by-others"),
        FileRefused::Removed(path) => say("error-file-removed", &[("path", path.display().to_string().into())]),
        FileRefused::Replaced(path) => say("error-file-replaced", &[("path", path.display().to_string().into())]),
    }
}

fn folder(why: FolderFlaw) -> String {
    match why {
        FolderFlaw::Link => phrase("error-folder-is-link"),
        FolderFlaw::NoFolder => phrase("error-folder-is-none"),
        FolderFlaw::OtherUser => phrase("error-folder-of-another-user"),
        FolderFlaw::OthersMayWrite => phrase("error-folder-writable-by-others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::error::causes;

    #[test]
    fn a_journal_that_cannot_be_written_says_on_which_file_and_why() {
        let why = FolderFlaw::OthersMayWrite;
        let refused = FileRefused::Folder { path: "/data/runs".into(), why };
        let source = io::Error::new(io::ErrorKind::PermissionDenied, refused);
        let error = JournalError::Io { doing: Attempt::MakeFolder, path: "/data/runs".into(), source };
        assert_eq!(
            causes(&error),
            "cannot make the folder /data/runs: /data/runs: others may write the folder; take that away with chmod go-w"
        );
        let source = io::Error::new(io::ErrorKind::NotFound, FileRefused::Removed("a.lock".into()));
        let lost = JournalError::Lost { path: "a.jsonl".into(), source };
        assert_eq!(causes(&lost), "a.jsonl is not written any more: a.lock was removed");
    }

    #[test]
    fn a_damaged_line_is_told_with_its_number_as_it_is_counted() {
        let damaged = JournalError::Damaged { path: "a.jsonl".into(), line: 1234, why: Damage::OtherChecksum };
        assert_eq!(causes(&damaged), "a.jsonl, line 1234 is damaged: its checksum does not fit its text");
        assert_eq!(
            action(&damaged),
            "Restore the file from a backup, or start a new run: preflight asks the tenant anew."
        );
    }

    #[test]
    fn a_lock_that_is_held_names_the_process_where_it_is_known() {
        let held = |process| lock(&LockError::Held { path: "a.lock".into(), process });
        assert_eq!(
            held(Some(1234)),
            "another run is under way between these two groups, in process 1234 (lock a.lock)"
        );
        assert_eq!(held(None), "another run is under way between these two groups (lock a.lock)");
    }
}

//! Writing the configuration: whole or not at all, for this user alone, and never over a file that nobody was asked about.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::exit::Failure;
use crate::cli::new_file;
use crate::setup::config_text::PILOT;
use crate::setup::config_text::config_text;
use crate::setup::config_text::pilot_text;
use crate::setup::draft::ConfigDraft;
use crate::setup::draft::UsersDraft;
use crate::words::say;

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is on the disk.
    Done,
    /// These files are there already, and nothing was written.
    Exists(Vec<PathBuf>),
}

/// Writes the configuration, and the list of users beside it where they were named in the set-up.
pub(super) fn write(draft: &ConfigDraft, path: &Path, replaces: bool) -> Result<Written, Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    // The list goes first, so that no configuration names a list that is not there.
    if let UsersDraft::Pilot(users) = &draft.users {
        files.push((folder.join(PILOT), pilot_text(users)));
    }
    files.push((path.to_owned(), config_text(draft, folder)));
    if !replaces {
        let there: Vec<PathBuf> =
            files.iter().rev().map(|(path, _)| path.clone()).filter(|path| path.symlink_metadata().is_ok()).collect();
        if !there.is_empty() {
            return Ok(Written::Exists(there));
        }
    }
    make_folder(folder).map_err(|error| {
        let what = say("error-cli-no-folder", &[("path", folder.display().to_string().into())]);
        Failure::machine(what, &error)
    })?;
    for (path, text) in files {
        put(&path, &text, replaces)?;
    }
    Ok(Written::Done)
}

/// Writes one file. That something came there since it was looked at is told as such.
fn put(path: &Path, text: &str, replaces: bool) -> Result<(), Failure> {
    new_file::keep(path, text, replaces).map_err(|error| {
        let path = || path.display().to_string().into();
        let error = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                io::Error::new(error.kind(), say("error-cli-setup-exists", &[("path", path())]))
            }
            _ => error,
        };
        Failure::machine(say("error-cli-not-written", &[("path", path())]), &error)
    })
}

/// Makes the folders that are missing, for this user alone. One that is there is left as it is: it may be anybody's.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AuthMethod;
    use crate::config::Config;
    use crate::config::users;
    use crate::setup::config_text::only_sign_in;
    use crate::setup::draft::SignInDraft;

    fn draft(users: UsersDraft) -> ConfigDraft {
        let sign_in = SignInDraft {
            method: AuthMethod::AzureCli,
            tenant: "contoso.com".into(),
            cloud: Some(crate::domain::cloud::Cloud::Global),
            graph_url: String::new(),
            login_url: String::new(),
            client_id: None,
            certificate: None,
            ca_file: None,
        };
        ConfigDraft { users, ..only_sign_in(sign_in) }
    }

    #[test]
    fn a_file_that_is_there_is_named_and_stays_until_it_may_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, pilot) = (folder.path().join("config.toml"), folder.path().join(PILOT));
        fs::write(&path, "mine").unwrap();
        fs::write(&pilot, "mine too").unwrap();
        let draft = draft(UsersDraft::Pilot(vec!["adelev@contoso.com".into()]));
        let there = vec![path.clone(), pilot.clone()];
        assert_eq!(write(&draft, &path, false).unwrap(), Written::Exists(there));
        assert_eq!(fs::read_to_string(&path).unwrap() + &fs::read_to_string(&pilot).unwrap(), "minemine too");
        assert_eq!(write(&draft, &path, true).unwrap(), Written::Done);
        let config = Config::load(&path).unwrap();
        assert_eq!(config.auth.method, AuthMethod::AzureCli);
        assert_eq!(users::load(&pilot).unwrap().users[0].given, "adelev@contoso.com");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "nothing is left behind: {left:?}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_and_new_folders_are_for_this_user_alone_and_old_folders_stay_as_they_are() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let above = tempfile::tempdir().unwrap();
        fs::set_permissions(above.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let path = above.path().join("new/skuferry/config.toml");
        assert_eq!(write(&draft(UsersDraft::SourceGroup), &path, false).unwrap(), Written::Done);
        assert_eq!((mode(&path), mode(path.parent().unwrap()), mode(above.path())), (0o600, 0o700, 0o755));
    }

    #[test]
    fn what_is_put_there_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "mine").unwrap();
        assert!(put(&path, "new", false).unwrap_err().why.contains("meanwhile"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}

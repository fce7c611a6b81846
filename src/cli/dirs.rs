//! Where data and configuration live.

use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use directories::ProjectDirs;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::words::phrase;
use crate::words::say;

/// Overrides where journals and locks are.
const DATA: &str = "SKUFERRY_DATA_DIR";

/// Overrides where the configuration is.
const CONFIG: &str = "SKUFERRY_CONFIG_DIR";

/// The name of the configuration in its folder.
const FILE: &str = "config.toml";

/// Where this program keeps things on this machine. None of it need exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dirs {
    /// Journals and locks.
    pub(super) data: PathBuf,
    /// The configuration, in the order to look for it.
    config: Vec<PathBuf>,
}

/// On which tenant the runs of a store were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreKind {
    /// A tenant that is there, so that its runs can be resumed.
    Own,
    /// That of a demo, which ends with it.
    Demo,
    /// The copy of a rehearsal, which ends with it.
    Rehearsal,
}

/// A data folder of its own: runs, their locks and their exported reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Store {
    /// What its runs were made on.
    pub(super) kind: StoreKind,
    /// The folder, which need not exist.
    pub(super) data: PathBuf,
}

impl Dirs {
    /// Finds them. The environment is handed in, so that nothing else reads it.
    pub(super) fn find(env: impl Fn(&str) -> Option<OsString>, here: PathBuf) -> Result<Self, Failure> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let homeless = || {
            Failure::new(
                Exit::Usage,
                phrase("error-cli-no-place"),
                phrase("error-cli-no-home"),
                say("error-cli-no-place-action", &[("data", DATA.into()), ("config", CONFIG.into())]),
            )
        };
        let project = ProjectDirs::from("", "", "skuferry");
        let project = project.as_ref().ok_or_else(homeless);
        let data = match set(DATA) {
            Some(data) => data,
            // The local one: journals and locks belong to one machine and do not roam.
            None => project.clone().map(|dirs| dirs.data_local_dir().to_owned())?,
        };
        let config = match set(CONFIG) {
            Some(folder) => vec![folder],
            None => vec![here, project.map(|dirs| dirs.config_dir().to_owned())?],
        };
        Ok(Self { data, config })
    }

    /// Where the runs of the demo are: the tenant of each is gone, so they are kept apart from those that can be resumed.
    pub(super) fn demo(&self) -> Store {
        Store { kind: StoreKind::Demo, data: self.data.join("demo") }
    }

    /// Where the runs of rehearsals are, apart from those of the tenant that was copied.
    pub(super) fn rehearsals(&self) -> Store {
        Store { kind: StoreKind::Rehearsal, data: self.data.join("rehearsals") }
    }

    /// Every place where this machine keeps runs, those that can be resumed first. Nothing is read for it.
    pub(super) fn stores(&self) -> [Store; 3] {
        [Store { kind: StoreKind::Own, data: self.data.clone() }, self.demo(), self.rehearsals()]
    }

    /// The folders in which a configuration is looked for.
    pub(super) fn config_folders(&self) -> &[PathBuf] {
        &self.config
    }

    /// The configuration to use: the one that is named, else the first that is there, else the place for one.
    pub(super) fn config_file(&self, named: Option<&Path>) -> PathBuf {
        if let Some(path) = named {
            return path.to_owned();
        }
        let mut files = self.config.iter().map(|folder| folder.join(FILE));
        let last = self.config.len().saturating_sub(1);
        // The folder that one happens to be in may be anybody's: a file there must be one's own. The last is the account's.
        let good = |(place, file): &(usize, PathBuf)| file.is_file() && (*place == last || is_own(file));
        let found = files.clone().enumerate().find(good).map(|(_, file)| file);
        found.or_else(|| files.next_back()).unwrap_or_else(|| FILE.into())
    }
}

/// Whether a file belongs to this user and nobody else may write it; says why not.
#[cfg(unix)]
fn is_own(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(named), Ok(about)) = (file.symlink_metadata(), file.metadata()) else { return false };
    // A link that somebody else put here may lead to a file of one's own that is not meant.
    let own = rustix::process::geteuid().as_raw();
    let is_own = named.uid() == own && about.uid() == own && about.mode() & 0o022 == 0;
    if !is_own {
        Failure::note(&say("cli-config-left-alone", &[("path", file.display().to_string().into())]));
    }
    is_own
}

/// Elsewhere the folder's rights are not ours to read.
#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_overrides_both_folders() {
        let env = |name: &str| Some(format!("/set/{name}").into());
        let dirs = Dirs::find(env, "/here".into()).unwrap();
        assert_eq!(dirs.data, Path::new("/set/SKUFERRY_DATA_DIR"));
        assert_eq!(dirs.config_file(None), Path::new("/set/SKUFERRY_CONFIG_DIR/config.toml"));
        assert_eq!(dirs.config_file(Some(Path::new("other.toml"))), Path::new("other.toml"));
    }

    #[test]
    fn a_configuration_in_this_folder_goes_before_the_accounts_own() {
        let (here, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let dirs = Dirs { data: PathBuf::new(), config: vec![here.path().into(), own.path().into()] };
        assert_eq!(dirs.config_file(None), own.path().join(FILE), "the place for one");
        std::fs::write(own.path().join(FILE), "").unwrap();
        assert_eq!(dirs.config_file(None), own.path().join(FILE));
        std::fs::write(here.path().join(FILE), "").unwrap();
        assert_eq!(dirs.config_file(None), here.path().join(FILE));
    }

    #[cfg(unix)]
    #[test]
    fn a_configuration_in_this_folder_that_others_may_write_is_left_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (here, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let dirs = Dirs { data: PathBuf::new(), config: vec![here.path().into(), own.path().into()] };
        let file = here.path().join(FILE);
        std::fs::write(&file, "").unwrap();
        for (mode, taken) in [(0o600, true), (0o644, true), (0o664, false), (0o666, false)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(dirs.config_file(None) == file, taken, "{mode:o}");
            assert_eq!(dirs.config_file(Some(&file)), file, "who names it means it");
        }
    }

    #[test]
    fn an_empty_variable_is_none() {
        let env = |name: &str| (name == DATA).then(OsString::new).or_else(|| Some("/set".into()));
        if let Ok(dirs) = Dirs::find(env, "/here".into()) {
            assert_ne!(dirs.data, Path::new(""));
        }
    }
}

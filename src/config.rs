//! The configuration file: what an operator says once, read and checked before anything else happens.
//!
//! Start at [`Config::load`]. `schema` has the keys, `explain` says what is wrong with a file, `users` reads the list of
//! users. No secret is read here: those come from the environment alone.

mod explain;
mod keys;
mod schema;
pub mod users;
mod value;

use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use secrecy::zeroize::Zeroizing;

pub use crate::config::explain::ConfigError;
pub use crate::config::explain::Expected;
pub use crate::config::explain::Mistake;
pub use crate::config::explain::Unreadable;
pub use crate::config::explain::Wrong;
pub use crate::config::keys::ValueKind;
pub use crate::config::value::AddressFlaw;
pub use crate::config::value::AuthMethod;
pub use crate::config::value::SkuName;
pub use crate::config::value::ThemeName;
pub use crate::domain::cloud::Cloud;
use crate::domain::id::GroupId;
use crate::domain::language::Choice;
use crate::domain::plan_families::CoreService;
use crate::domain::route::MovedBy;
use crate::domain::route::ScenarioChoice;
use crate::domain::settings::Settings;
use crate::domain::window::Window;

/// The largest file that is read as a configuration, in bytes.
const LARGEST: u64 = 1 << 20;

/// Everything that the configuration says, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which tenant, and where its services are.
    pub tenant: Tenant,
    /// How to sign in.
    pub auth: Auth,
    /// Who moves from where to where.
    pub migration: Migration,
    /// The numbers that the run goes by.
    pub settings: Settings,
    /// When writes may leave; at any time when there is none.
    pub window: Option<Window>,
    /// How the operator is called.
    pub notify: Notify,
    /// The colours of the terminal.
    pub theme: ThemeName,
    /// Whether the terminal tells of the mouse; else its own selection works.
    pub mouse: bool,
    /// The language of the words.
    pub language: Choice,
}

/// How the operator is called when something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Whether the terminal's bell rings.
    pub bell: bool,
    /// Whether the terminal's title and its progress tell how it stands.
    pub title: bool,
    /// Whether the terminal shows a notification of the desktop.
    pub desktop: bool,
    /// A program with its arguments that gets one JSON object on its standard input; empty for none.
    pub command: Vec<String>,
}

/// Which tenant, and where its services are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant's id or one of its domain names.
    pub id: String,
    /// The national cloud.
    pub cloud: Cloud,
    /// Where Graph is instead of where the cloud has it: a root without version and without a slash at its end.
    pub graph_url: Option<String>,
    /// Where sign-in is instead of where the cloud has it, without a slash at its end.
    pub login_url: Option<String>,
    /// A file with certificate authorities to trust beside the system's, seen from the folder of the configuration.
    pub ca_file: Option<PathBuf>,
}

/// How to sign in. Secrets and tokens are never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// The method.
    pub method: AuthMethod,
    /// The id of the app registration; there whenever the method needs one.
    pub client_id: Option<String>,
    /// The file with the certificate and its key, seen from the folder of the configuration; there whenever the method needs
    /// one.
    pub certificate: Option<PathBuf>,
}

/// Who moves from where to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// What the operator calls it, when the file says; else `words::config::name` makes it of the two products.
    pub name: Option<String>,
    /// Whether both licenses can be active at once, if the operator says so.
    pub scenario: ScenarioChoice,
    /// Core services that users may lose.
    pub accept_losses: Vec<CoreService>,
    /// Where the list of users is.
    pub users: UsersFrom,
    /// The list of those who make batch 1, its path already seen from the folder of the configuration.
    pub pilot: Option<PathBuf>,
    /// What users leave.
    pub source: End,
    /// What users get.
    pub target: End,
}

/// Where the list of users comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersFrom {
    /// A file, its path already seen from the folder of the configuration; [`users::load`] reads it.
    File(PathBuf),
    /// All members of the source group.
    SourceGroup,
}

/// One end of the migration, as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The group.
    pub group: GroupId,
    /// The product.
    pub sku: SkuName,
    /// Who changes the group's members.
    pub moved_by: MovedBy,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, or says something that is not understood or not allowed.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = text_of(path, LARGEST, decode)?;
        Self::parse(&text, path)
    }

    /// Checks the text of a file. Relative paths in it are relative to the folder of `path`, which need not exist.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`] names the line, shows it and says what was expected.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        // Editors on Windows like to begin with a byte order mark, which TOML does not know.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        schema::read(text, path.parent().unwrap_or(Path::new("")))
            .map_err(|fault| ConfigError::Wrong(Box::new(explain::place(text, path, fault))))
    }
}

/// The bytes of a file that the configuration names, such as a certificate.
///
/// # Errors
/// [`ConfigError::Unreadable`] when it is not there, may not be read, is no regular file, or is larger than any such file.
pub fn bytes_of(path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    read_file(path, LARGEST).map(Zeroizing::new)
}

/// The text of a regular file of at most so many bytes; `decode` tells text from other files.
fn text_of(path: &Path, largest: u64, decode: fn(&[u8]) -> Option<String>) -> Result<String, ConfigError> {
    let no_text = || ConfigError::Unreadable { path: path.to_owned(), why: Unreadable::NoText };
    decode(&read_file(path, largest)?).ok_or_else(no_text)
}

/// The bytes of a regular file of at most so many.
fn read_file(path: &Path, largest: u64) -> Result<Vec<u8>, ConfigError> {
    let refused = |why| ConfigError::Unreadable { path: path.to_owned(), why };
    let unreadable = |error: io::Error| refused(Unreadable::System(error));
    // A pipe or a device may never end, and opening one can already wait for ever.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(refused(Unreadable::NoFile));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(largest + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > largest {
        return Err(refused(Unreadable::TooLarge { most: largest >> 20 }));
    }
    Ok(bytes)
}

/// UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes it.
fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| pair.try_into().map(unit)).collect::<Result<Vec<_>, _>>().ok()?;
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => str::from_utf8(bytes).ok().map(ToOwned::to_owned),
    }
}

#[cfg(test)]
mod tests;

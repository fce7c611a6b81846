//! What is wrong with a file and where; `words::config` has the words.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use crate::config::keys::ADDRESS_REFUSED;
use crate::config::keys::ValueKind;
use crate::config::users::ListError;
use crate::config::value::AddressFlaw;

/// Why a configuration, or a list of users that it names, cannot be used; `words::config` has the sentences.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there, or may not be read, or is no text.
    #[error("{}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: Unreadable,
    },
    /// The file says something that is not understood or not allowed.
    #[error("{}:{}:{}", .0.path.display(), .0.line, .0.column)]
    Wrong(Box<Mistake>),
}

/// Why a file cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// The system refuses it.
    System(io::Error),
    /// It is a folder, a pipe or a device.
    NoFile,
    /// It is larger than any such file.
    TooLarge {
        /// The most that is read, in MiB.
        most: u64,
    },
    /// It is not text in an encoding that is known.
    NoText,
}

/// What is wrong with a place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// What the parser says of it.
    Parser(String),
    /// There is no such key.
    NoKey(String),
    /// A key is missing.
    MissingKey(String),
    /// A key stands there twice.
    KeyTwice,
    /// There is no such choice.
    NoChoice(String),
    /// A value of another kind, as the parser describes it.
    OtherKind(String),
    /// A value of the right kind that is not allowed, as the parser describes it.
    BadValue(String),
    /// An address that is not used.
    Address {
        /// The address, in quotes.
        given: String,
        /// Why.
        why: AddressFlaw,
    },
    /// A backslash in double quotes.
    Backslash,
    /// An address with a name or a password in it.
    NameInAddress,
    /// A text of several lines, which is not shown.
    LongText,
    /// A value that may be a secret, which is not shown.
    SecretValue,
    /// The target group is the source group.
    SameGroup,
    /// The target license is the source license.
    SameLicense,
    /// This way to sign in needs an app registration.
    NeedsClientId,
    /// This way to sign in needs a certificate.
    NeedsCertificate,
    /// It names no program.
    NoCommand,
    /// It is no list of users.
    List(ListError),
}

/// What would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// What the parser says.
    Parser(String),
    /// A value of this kind.
    Value(ValueKind),
    /// Quotes around a text.
    Quotes,
    /// The key that is missing.
    Key,
    /// A path in single quotes.
    Path,
    /// Secrets in the environment alone.
    NoSecret,
    /// Another group than the source's.
    OtherGroup,
    /// Another product than the source's.
    OtherProduct,
    /// The id of the app registration.
    ClientId,
    /// The file with the certificate.
    Certificate,
    /// A program and its arguments.
    Command,
    /// Users, one a line or in a column that is known.
    ListOfUsers,
}

/// A mistake and its place. Lines and columns are counted from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The offending line, its secrets masked.
    pub shown: String,
    /// How many characters from the column on are meant.
    pub width: usize,
    /// What is wrong.
    pub what: Wrong,
    /// What would be right.
    pub expected: Option<Expected>,
}

/// What stands between what was found and what was expected in what the parser says.
pub(super) const EXPECTED: &str = ", expected ";

/// What was found wrong, before its place is looked up.
#[derive(Debug)]
pub(super) struct Fault {
    /// Bytes of the text.
    pub(super) span: Option<Range<usize>>,
    /// What is wrong.
    pub(super) what: Wrong,
    /// What would be right.
    pub(super) expected: Option<Expected>,
}

impl Fault {
    /// The parser's own complaint. Its `Display` and `Debug` hold the file's text unmasked, so only its parts are used.
    pub(super) fn of_toml(error: &toml::de::Error) -> Self {
        // What is quoted of the file stands before what was expected.
        let (what, expected) = match error.message().rsplit_once(EXPECTED) {
            Some((what, "literal string")) => (what, Some(Expected::Quotes)),
            Some((what, expected)) => {
                let right = ValueKind::of(expected).map(Expected::Value);
                (what, right.or_else(|| Some(Expected::Parser(expected.to_owned()))))
            }
            None => (error.message(), None),
        };
        let what = Wrong::of(what);
        let expected = if matches!(what, Wrong::MissingKey(_)) { Some(Expected::Key) } else { expected };
        Self { span: error.span(), what, expected }
    }
}

impl Wrong {
    /// What the deserialiser means, which speaks of fields and variants where the file has keys and values.
    fn of(said: &str) -> Self {
        if let Some((why, given)) =
            said.strip_prefix(ADDRESS_REFUSED).and_then(|rest| rest.trim_start().split_once(' '))
            && let Some(why) = AddressFlaw::of(why)
        {
            return Self::Address { given: given.to_owned(), why };
        }
        let behind = |theirs: &str| said.strip_prefix(theirs).map(|rest| rest.trim_start().to_owned());
        let read = behind("unknown field").map(Self::NoKey);
        let read = read.or_else(|| behind("missing field").map(Self::MissingKey));
        let read = read.or_else(|| behind("unknown variant").map(Self::NoChoice));
        let read = read.or_else(|| behind("invalid type:").map(Self::OtherKind));
        let read = read.or_else(|| behind("invalid value:").map(Self::BadValue));
        match read {
            Some(ours) => ours,
            None if said == "duplicate key" => Self::KeyTwice,
            None => Self::Parser(said.to_owned()),
        }
    }
}

/// Finds the place of a fault in the text.
pub(super) fn place(text: &str, path: &Path, fault: Fault) -> Mistake {
    let Range { start, end } = fault.span.unwrap_or(0..0);
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(end).max(start);
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[from..].find('\n').map_or(text.len(), |at| from + at);
    let row = text[from..to].trim_end_matches('\r');
    let mut mistake = Mistake {
        path: path.to_owned(),
        line: text[..from].matches('\n').count() + 1,
        column: text[from..start].chars().count() + 1,
        shown: row.to_owned(),
        width: text[start..end.min(to)].trim_end().chars().count(),
        what: fault.what,
        expected: fault.expected,
    };
    if has_backslash_in_quotes(&mistake) {
        mistake.what = Wrong::Backslash;
        mistake.expected = Some(Expected::Path);
    }
    if let Some(masked) = without_password(&mistake.shown) {
        (mistake.what, mistake.shown) = (Wrong::NameInAddress, masked);
        mistake.width = mistake.shown.chars().count().saturating_sub(mistake.column - 1);
    }
    if in_long_text(&text[..from]) {
        // No key of ours takes several lines, but a pasted private key has them.
        mistake.shown = "••••".into();
        mistake.what = Wrong::LongText;
        (mistake.column, mistake.width) = (1, 4);
    } else if let Some(key) = secret_key(row) {
        let in_value = start > from + key.len();
        mistake.shown = format!("{key} = ••••");
        if in_value {
            // What the parser says of a value may quote it.
            mistake.what = Wrong::SecretValue;
            mistake.column = key.chars().count() + 4;
            mistake.width = 4;
        } else {
            mistake.expected = Some(Expected::NoSecret);
        }
    }
    mistake
}

/// Whether the line was refused for a backslash, such as that of a path of Windows, between double quotes.
fn has_backslash_in_quotes(mistake: &Mistake) -> bool {
    let before: String = mistake.shown.chars().take(mistake.column.saturating_sub(1) + mistake.width).collect();
    let is_about_it = match &mistake.what {
        Wrong::Parser(said) => ["escape", "unicode", "hex"].iter().any(|word| said.contains(word)),
        Wrong::BadValue(_) => true,
        _ => false,
    };
    is_about_it && before.find('"').is_some_and(|quote| before[quote..].contains('\\'))
}

/// The line with the name and the password of an address masked, when one has them.
fn without_password(row: &str) -> Option<String> {
    let from = row.find("://")? + 3;
    let to = from + row[from..].rfind('@')?;
    Some(format!("{}••••{}", &row[..from], &row[to..]))
}

/// Whether a text of several lines is still open here.
fn in_long_text(before: &str) -> bool {
    ["\"\"\"", "'''"].iter().any(|quotes| before.matches(quotes).count() % 2 == 1)
}

/// The part of a line before the `=` of a value that seems to be a secret, which then must not be shown.
fn secret_key(row: &str) -> Option<&str> {
    let lower = row.to_ascii_lowercase();
    let telling = ["secret", "token", "passw", "credential", "assertion", "private"];
    let word = telling.iter().filter_map(|word| lower.find(word)).min()?;
    let equals = row.match_indices('=').map(|(at, _)| at).find(|at| *at > word)?;
    (!row[equals + 1..].trim().is_empty()).then(|| row[..equals].trim_end())
}

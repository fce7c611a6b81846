//! The list of users: one a line, or a CSV file or a table as the admin centers, Excel and PowerShell write them.
//!
//! Nobody is lost silently. Each line is part of the header, blank, a user, or a row that is passed over and named;
//! where that cannot be said, the file is refused with its line.

mod header;
mod rows;
mod text;

use std::path::Path;

use uuid::Uuid;

use crate::config;
use crate::config::explain;
use crate::config::explain::ConfigError;
use crate::config::explain::Expected;
use crate::config::explain::Fault;
use crate::config::explain::Wrong;
use crate::config::users::rows::Kind;
use crate::domain::id::UserId;
use crate::domain::preflight::Listed;
use crate::domain::preflight::PassedOver;

/// How many characters of a row that is passed over are kept.
const SHOWN: usize = 80;

/// The longest name of a user that is kept, in characters; a user principal name has 113 at most (Microsoft Entra, "Service
/// limits and restrictions").
const LONGEST_NAME: usize = 1_024;
/// The largest file that is read as a list, in bytes.
const LARGEST: u64 = 64 << 20;

/// Who is listed, and what else stands in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserList {
    /// The rows that name a user or should, in the order of the list.
    pub users: Vec<Listed>,
    /// The rows that name nobody and are no header.
    pub passed_over: Vec<PassedOver>,
}

/// Why a text is not a list of users; `words::config` has the sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Several columns, and none is known to name users.
    #[error("{line}")]
    NoColumn {
        /// The line with the columns, counted from 1.
        line: usize,
    },
    /// Several cells of the first row name a user, and no header says which of them counts.
    #[error("{line}")]
    SeveralUsers {
        /// The line, counted from 1.
        line: usize,
    },
    /// A quote that takes in the lines after it.
    #[error("{line}")]
    OpenQuote {
        /// The line, counted from 1.
        line: usize,
    },
    /// A row that cannot be read as CSV.
    #[error("{line}")]
    Row {
        /// The line, counted from 1.
        line: usize,
    },
}

/// What a listed text can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An object id.
    Id(UserId),
    /// A user principal name.
    Upn(String),
    /// Neither; nobody needs to be asked.
    Malformed,
}

/// Reads the list in a file.
///
/// # Errors
/// [`ConfigError`] when the file cannot be read or is not a list.
pub fn load(path: &Path) -> Result<UserList, ConfigError> {
    parse(&config::text_of(path, LARGEST, text::decode)?, path)
}

/// Reads whatever bytes a file may have, for the fuzzer; the same road as [`load`] goes.
#[doc(hidden)]
pub fn fuzz(bytes: &[u8]) -> Option<UserList> {
    let list = parse(&text::decode(bytes)?, Path::new("users.csv")).ok()?;
    list.users.iter().for_each(|listed| drop(classify(&listed.given)));
    Some(list)
}

fn parse(text: &str, path: &Path) -> Result<UserList, ConfigError> {
    read_list(text).map_err(|error| {
        let (ListError::NoColumn { line }
        | ListError::SeveralUsers { line }
        | ListError::OpenQuote { line }
        | ListError::Row { line }) = error;
        let text = text::cleaned(text);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let fault = Fault { span: Some(start..end), what: Wrong::List(error), expected: Some(Expected::ListOfUsers) };
        ConfigError::Wrong(Box::new(explain::place(&text, path, fault)))
    })
}

/// Reads a list. A row that names nobody but says something stays in the list, so that preflight can show it; comments
/// and the like are passed over, and told of. A list of nobody is a list: preflight says so.
///
/// # Errors
/// [`ListError`] when it cannot be said which part of it names users.
pub fn read_list(text: &str) -> Result<UserList, ListError> {
    let text = text::cleaned(text);
    let mut list = UserList::default();
    for row in rows::read(&text)? {
        match row.kind {
            Kind::Header | Kind::Blank => {}
            Kind::User(given) => list.users.push(Listed { line: row.line, given: bounded(given).into() }),
            Kind::PassedOver(because) => {
                let text = row.text.trim().chars().take(SHOWN).collect();
                list.passed_over.push(PassedOver { line: row.line, text, because });
            }
        }
    }
    Ok(list)
}

/// A name, cut where no name is so long; what then stands at its end makes sure that it names nobody.
fn bounded(given: String) -> String {
    match given.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &given[..end]),
        None => given,
    }
}

/// Says what a listed text can be. Graph decides whether there is such a user.
pub fn classify(given: &str) -> Who {
    let given = given.trim();
    if let Ok(id) = given.parse::<Uuid>() {
        return Who::Id(UserId(id));
    }
    let sides = given.split_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
    // Microsoft allows A-Z a-z 0-9 ' . - _ ! # ^ ~ before the @. A letter outside of ASCII is for Graph to refuse.
    let allowed =
        |c: char| c.is_alphanumeric() || matches!(c, '\'' | '.' | '-' | '_' | '!' | '#' | '^' | '~' | '$' | '+' | '&');
    match sides {
        Some((name, domain)) if name.chars().all(allowed) && domain.chars().all(in_domain) => {
            Who::Upn(given.to_owned())
        }
        _ => Who::Malformed,
    }
}

fn in_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

#[cfg(test)]
mod tests;

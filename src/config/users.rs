//! The list of users: one a line, or a CSV file as the admin centers export it.

use std::path::Path;

use csv::ReaderBuilder;
use csv::StringRecord;
use uuid::Uuid;

use crate::config;
use crate::config::explain;
use crate::config::explain::ConfigError;
use crate::config::explain::Fault;
use crate::domain::id::UserId;
use crate::domain::preflight::Listed;

/// Why a text is not a list of users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Several columns, and none is known to name users.
    #[error("the first line has several columns and none is called userPrincipalName or id")]
    NoColumn {
        /// The line with the columns, counted from 1.
        line: usize,
    },
    /// A row that cannot be read as CSV.
    #[error("the row cannot be read as CSV")]
    Row {
        /// The line, counted from 1.
        line: usize,
    },
    /// Nobody is listed.
    #[error("the list names nobody")]
    Empty,
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
pub fn load(path: &Path) -> Result<Vec<Listed>, ConfigError> {
    let text = config::text_of(path)?;
    read_list(&text).map_err(|error| {
        let line = match error {
            ListError::NoColumn { line } | ListError::Row { line } => line,
            ListError::Empty => 1,
        };
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let expected = "one user principal name or object id a line, or CSV with a column userPrincipalName or id";
        let fault = Fault { span: Some(start..end), what: error.to_string(), expected: Some(expected.into()) };
        ConfigError::Wrong(Box::new(explain::place(&text, path, fault)))
    })
}

/// Reads a list. Blank lines, lines that begin with `#` and rows of empty cells are passed over. A row that names nobody
/// but says something stays in the list, so that preflight can show it.
///
/// # Errors
/// [`ListError`] when it names nobody, or has columns of which none names users.
pub fn read_list(text: &str) -> Result<Vec<Listed>, ListError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (line, first) = (1..).zip(text.lines()).find(|(_, line)| !is_skipped(line)).ok_or(ListError::Empty)?;
    let delimiter = delimiter(first);
    let listed = match (column(first, delimiter), first.contains(char::from(delimiter))) {
        (Some(column), _) => rows(text, delimiter, column)?,
        (None, true) => return Err(ListError::NoColumn { line }),
        (None, false) => (1..)
            .zip(text.lines())
            .filter(|(_, line)| !is_skipped(line))
            .map(|(line, given)| Listed { line, given: unquoted(given).to_owned() })
            .collect(),
    };
    if listed.is_empty() { Err(ListError::Empty) } else { Ok(listed) }
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

fn is_skipped(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell).trim()
}

/// Excel writes `;` where the decimal sign is a comma; a copied table has tabs.
fn delimiter(header: &str) -> u8 {
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|one| (header.bytes().filter(|byte| byte == one).count(), *one == b','))
        .unwrap_or(b',')
}

/// Which column names users. `userPrincipalName` goes first: an `id` beside it may be somebody else's numbering.
fn column(header: &str, delimiter: u8) -> Option<usize> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(header.as_bytes());
    let cells = reader.records().next()?.ok()?;
    // The admin centers write "User principal name" and "Object Id".
    let plain = |cell: &str| cell.trim().to_ascii_lowercase().replace([' ', '_'], "");
    let find = |names: &[&str]| cells.iter().position(|cell| names.contains(&plain(cell).as_str()));
    find(&["userprincipalname"]).or_else(|| find(&["id", "objectid"]))
}

fn rows(text: &str, delimiter: u8, column: usize) -> Result<Vec<Listed>, ListError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut listed = Vec::new();
    let mut row = StringRecord::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut header = true;
    loop {
        let begins = reader.position().byte();
        let line = lines.of_row(usize::try_from(begins).unwrap_or(usize::MAX));
        if !reader.read_record(&mut row).map_err(|_| ListError::Row { line })? {
            return Ok(listed);
        }
        let blank = row.iter().all(|cell| cell.trim().is_empty());
        if !std::mem::take(&mut header) && !blank {
            listed.push(Listed { line, given: row.get(column).unwrap_or_default().trim().to_owned() });
        }
    }
}

/// Counts lines of the file. The reader's own count stands still before the blank and comment lines that it skips.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first row at or after a byte; bytes only grow from call to call.
    fn of_row(&mut self, byte: usize) -> usize {
        self.to(byte.min(self.text.len()));
        loop {
            match self.text.get(self.at) {
                Some(b'\r' | b'\n') => self.to(self.at + 1),
                Some(b'#') => {
                    let rest = self.text[self.at..].iter().position(|byte| *byte == b'\n');
                    self.to(rest.map_or(self.text.len(), |length| self.at + length));
                }
                _ => return self.line,
            }
        }
    }

    fn to(&mut self, byte: usize) {
        if byte > self.at {
            self.line += self.text[self.at..byte].split(|byte| *byte == b'\n').count() - 1;
            self.at = byte;
        }
    }
}

#[cfg(test)]
mod tests;

//! The report as CSV for spreadsheets: a row a user, and a row an event.
//!
//! UTF-8 with a mark at its start, without which Excel takes names for another encoding. There is no `sep=` line: Excel
//! forgets the mark where it meets one, and every other reader takes it for a row. Excel parts columns at the list separator
//! of its region instead, so the caller says which. All numbers are whole, as a decimal point is read as thousands in
//! Lisbon; times are in UTC, in the ISO order of the day that every region reads alike.

use std::io;
use std::sync::Arc;

use csv::QuoteStyle;
use csv::Terminator;
use csv::Writer;
use csv::WriterBuilder;

use crate::domain::id::UserId;
use crate::domain::text::cell;
use crate::domain::time::Timestamp;
use crate::report::content::Report;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::words;

/// What tells Excel that the file is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Names of users in one cell, at most; Excel's cells end at 32,767 characters.
const NAMED: usize = 200;

/// Languages whose decimal sign is the comma, by CLDR.
const DECIMAL_COMMA: [&str; 34] = [
    "af", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr", "hu", "id", "is",
    "it", "lt", "lv", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "uk",
];
/// Regions that have the point though their language has the comma elsewhere.
const DECIMAL_POINT: [&str; 4] = ["CH", "LI", "MX", "US"];

/// What parts the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// As in most regions, and as scripts expect it.
    #[default]
    Comma,
    /// Where the comma is the decimal sign.
    Semicolon,
}

impl Separator {
    /// What the spreadsheets of the region expect that these variables name: Excel has the semicolon wherever the comma is
    /// the decimal sign.
    pub fn of_region(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_NUMERIC", "LANG"].iter().find_map(set).unwrap_or_default();
        let name = locale.split(['.', '@']).next().unwrap_or_default();
        let (language, region) = name.split_once(['_', '-']).unwrap_or((name, ""));
        let comma = DECIMAL_COMMA.contains(&language) && !DECIMAL_POINT.contains(&region);
        if comma { Self::Semicolon } else { Self::Comma }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
        }
    }
}

/// The columns of the users.
pub const USERS: [&str; 27] = [
    "line",
    "id",
    "userPrincipalName",
    "displayName",
    "outcome",
    "standing",
    "standingText",
    "batch",
    "direction",
    "productsBefore",
    "productsAfter",
    "added",
    "ready",
    "removed",
    "migrated",
    "rolledBack",
    "secondsToReady",
    "secondsToMigrated",
    "secondsUnlicensed",
    "approvals",
    "excluded",
    "reasonCodes",
    "reasons",
    "explained",
    "addedBy",
    "removedBy",
    "rehearsal",
];

/// The columns of the events.
pub const EVENTS: [&str; 14] = [
    "seq",
    "at",
    "kind",
    "batch",
    "userCount",
    "users",
    "by",
    "outcome",
    "faultKind",
    "status",
    "code",
    "message",
    "requestId",
    "text",
];

fn writer<W: io::Write>(mut out: W, separator: Separator) -> io::Result<Writer<W>> {
    out.write_all(MARK)?;
    let mut builder = WriterBuilder::new();
    builder.delimiter(separator.byte()).quote_style(QuoteStyle::Necessary).terminator(Terminator::CRLF);
    Ok(builder.from_writer(out))
}

/// Writes the users, a row each.
///
/// # Errors
/// When it cannot be written.
pub fn write_users(report: &Report, out: impl io::Write, separator: Separator) -> io::Result<()> {
    let mut table = writer(out, separator)?;
    table.write_record(USERS)?;
    let rehearsal = report.run.as_ref().is_some_and(|run| run.rehearsal);
    for user in &report.users {
        table.write_record(user_cells(user, rehearsal))?;
    }
    table.flush()
}

fn user_cells(user: &UserRow, rehearsal: bool) -> [String; USERS.len()] {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let optional = |text: Option<&str>| text.map(cell).unwrap_or_default();
    let list = |list: &Option<Arc<[String]>>| list.as_ref().map(|list| cell(&list.join(" + "))).unwrap_or_default();
    let blocks = || user.reasons.iter();
    let mut whys: Vec<String> = blocks().map(|one| one.message.clone()).collect();
    whys.extend(user.not_proven.iter().map(|why| words::not_removed(why)));
    [
        user.line.to_string(),
        user.id.as_ref().map(UserId::to_string).unwrap_or_default(),
        cell(&user.user_principal_name),
        optional(user.display_name.as_deref()),
        user.outcome.code().to_owned(),
        user.standing.unwrap_or_default().to_owned(),
        optional(user.standing_text.as_deref()),
        user.batch.map(|batch| batch.to_string()).unwrap_or_default(),
        user.direction.to_owned(),
        list(&user.products_before),
        list(&user.products_after),
        time(user.added),
        time(user.ready),
        time(user.removed),
        time(user.migrated),
        time(user.rolled_back),
        number(user.seconds_to_ready),
        number(user.seconds_to_migrated),
        user.seconds_unlicensed.to_string(),
        user.approvals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        if user.excluded { "yes" } else { "no" }.to_owned(),
        blocks().map(|one| one.code).collect::<Vec<_>>().join(" "),
        cell(&whys.join("; ")),
        optional(user.explained.as_deref()),
        user.added_by.unwrap_or_default().to_owned(),
        user.removed_by.unwrap_or_default().to_owned(),
        if rehearsal { "yes" } else { "no" }.to_owned(),
    ]
}

/// Writes events, a row each, as they come.
pub struct Events<W: io::Write>(Writer<W>);

impl<W: io::Write> Events<W> {
    /// Begins with the head of the table.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(out: W, separator: Separator) -> io::Result<Self> {
        let mut table = writer(out, separator)?;
        table.write_record(EVENTS)?;
        Ok(Self(table))
    }

    /// Adds one event.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, event: &EventLine) -> io::Result<()> {
        let fault = event.fault.as_ref();
        let optional = |text: Option<&str>| text.map(cell).unwrap_or_default();
        let mut names: Vec<String> = event.users.iter().take(NAMED).map(name).collect();
        let more = event.users.len().saturating_sub(NAMED);
        names.extend((more > 0).then(|| words::and_more(more)));
        self.0.write_record([
            event.seq.to_string(),
            time(Some(event.at)),
            event.kind.to_owned(),
            event.batch.map(|batch| batch.to_string()).unwrap_or_default(),
            event.users.len().to_string(),
            cell(&names.join(" ")),
            optional(event.by.as_deref()),
            event.outcome.unwrap_or_default().to_owned(),
            fault.map(|fault| words::fault_kind(fault.kind)).unwrap_or_default(),
            fault.and_then(|fault| fault.status).map(|status| status.to_string()).unwrap_or_default(),
            optional(fault.and_then(|fault| fault.code.as_deref())),
            optional(fault.map(|fault| fault.message.as_str())),
            optional(fault.and_then(|fault| fault.request_id.as_deref())),
            cell(&event.text),
        ])?;
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn name(user: &crate::report::event::EventUser) -> String {
    user.user_principal_name.clone().unwrap_or_else(|| user.id.to_string())
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

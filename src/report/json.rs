//! The report as JSON: the schema that the README has.

use std::io;

use serde::Serialize;

use crate::report::SCHEMA;
use crate::report::content::Report;
use crate::report::event::EventLine;

/// Writes the report.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, mut out: impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}

/// A line of `events --json`.
#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    #[serde(flatten)]
    event: &'a EventLine,
}

/// Writes one event as a line of its own.
///
/// # Errors
/// When it cannot be written.
pub fn write_event(event: &EventLine, mut out: impl io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut out, &Line { schema: SCHEMA, event })?;
    writeln!(out)
}

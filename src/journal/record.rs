//! One line of a journal: `{"sum":"…","v":1,"seq":N,"at":"…","event":"…",…}`.
//!
//! `sum` stands first and covers every byte behind it up to the line's end, so a line is checked without being parsed,
//! and a later version of the format can still be told from damage.

use std::io;
use std::io::Write;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Error;

use crate::domain::event::Event;
use crate::domain::time::Timestamp;
use crate::journal::Damage;

/// The version of the format that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// What stands before the checksum, and behind its 16 hexadecimal digits.
const BEFORE: &str = "{\"sum\":\"";
const BEHIND: &str = "\",";
const DIGITS: usize = 16;
/// What stands before the event's name.
const NAMED: &str = ",\"event\":\"";
/// What serde writes between an event's name and its fields.
const BETWEEN: &[u8] = b"\":{";

/// An event and when it happened.
pub type Dated = (Timestamp, Arc<Event>);

/// One event as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 0, without gaps.
    pub seq: u64,
    /// When the event was written down.
    pub at: Timestamp,
    /// The event.
    pub event: Event,
}

/// What may be wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is not what was written.
    Damaged(Damage),
    /// It is of a newer version of the format.
    Newer(u32),
}

/// Of every version of the format this much is the same.
#[derive(Deserialize)]
struct Head {
    v: u32,
    seq: u64,
    at: Timestamp,
}

/// Writes the line for an event, with its newline. The event is put into words twice, the first time for the checksum alone,
/// as that stands before it: the line of 100,000 users is too large to be kept.
///
/// # Errors
/// What `out` says, and where the event has no words.
pub(super) fn write(out: &mut impl Write, seq: u64, at: Timestamp, event: &Event) -> serde_json::Result<()> {
    let mut sum = Sum::default();
    covered(&mut sum, seq, at, event)?;
    write!(out, "{BEFORE}{:016x}{BEHIND}", sum.0).map_err(Error::io)?;
    covered(out, seq, at, event)?;
    out.write_all(b"\n").map_err(Error::io)
}

/// All that the checksum covers.
fn covered(out: &mut impl Write, seq: u64, at: Timestamp, event: &Event) -> serde_json::Result<()> {
    write!(out, "\"v\":{VERSION},\"seq\":{seq},\"at\":\"{at}\"{NAMED}").map_err(Error::io)?;
    let mut flat = Flat { out, head: Some(Vec::new()), last: None };
    serde_json::to_writer(&mut flat, event)?;
    flat.end()
}

/// Of `{"name":{fields}}` it passes on `name",fields}`, so that the fields join ours, and of `"name"` it passes on `name"}`.
struct Flat<'a, W> {
    out: &'a mut W,
    /// What came so far, until the name is over.
    head: Option<Vec<u8>>,
    /// The last byte that came: the one before the end is not passed on.
    last: Option<u8>,
}

impl<W: Write> Flat<'_, W> {
    fn pass(&mut self, fields: &[u8]) -> io::Result<()> {
        let Some((last, before)) = fields.split_last() else { return Ok(()) };
        if let Some(earlier) = self.last.replace(*last) {
            self.out.write_all(&[earlier])?;
        }
        self.out.write_all(before)
    }

    fn end(self) -> serde_json::Result<()> {
        match (self.head, self.last) {
            (None, Some(b'}')) => Ok(()),
            (Some(name), None) if name.len() > 1 && name.starts_with(b"\"") => {
                self.out.write_all(&name[1..]).and_then(|()| self.out.write_all(b"}")).map_err(Error::io)
            }
            _ => Err(serde::ser::Error::custom("fields-without-names")),
        }
    }
}

impl<W: Write> Write for Flat<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(head) = &mut self.head else {
            self.pass(bytes)?;
            return Ok(bytes.len());
        };
        head.extend_from_slice(bytes);
        let between = head.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        if let Some((name, fields)) = between.map(|at| (&head[..at], &head[at + BETWEEN.len()..])) {
            self.out.write_all(name.strip_prefix(b"{\"").unwrap_or(name))?;
            self.out.write_all(b"\",")?;
            let fields = fields.to_vec();
            self.head = None;
            self.pass(&fields)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A checksum that grows with what is written to it.
struct Sum(u64);

impl Default for Sum {
    fn default() -> Self {
        Self(sum(&[]))
    }
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = more(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The line for an event, with its newline.
pub(super) fn line(seq: u64, at: Timestamp, event: &Event) -> serde_json::Result<String> {
    let mut line = Vec::new();
    write(&mut line, seq, at, event)?;
    String::from_utf8(line).map_err(serde::ser::Error::custom)
}

/// Reads a line, its newline already off, that must bear the number `seq`.
pub(super) fn parse(line: &[u8], seq: u64) -> Result<Record, Flaw> {
    let (sum_digits, covered) = split(line).ok_or(Flaw::Damaged(Damage::NoChecksum))?;
    // Compared as text: each sum has one way to be written, so a change in the digits themselves shows, too.
    if format!("{:016x}", sum(covered)).as_bytes() != sum_digits {
        return Err(Flaw::Damaged(Damage::OtherChecksum));
    }
    let covered = std::str::from_utf8(covered).map_err(|_| Flaw::Damaged(Damage::NoRecord))?;
    // Where a line has what is the same in every version first, as ours do, the rest is not looked at for it.
    let known = covered.split_once(NAMED);
    let head = known.and_then(|(head, _)| serde_json::from_str(&format!("{{{head}}}")).ok());
    let head: Head = match head {
        Some(head) => head,
        None => serde_json::from_slice(line).map_err(|_| Flaw::Damaged(Damage::NoRecord))?,
    };
    if head.v > VERSION {
        return Err(Flaw::Newer(head.v));
    }
    if head.seq != seq {
        return Err(Flaw::Damaged(Damage::OutOfOrder));
    }
    let event = known.and_then(|(_, event)| read_event(event).ok());
    Ok(Record { seq: head.seq, at: head.at, event: event.ok_or(Flaw::Damaged(Damage::UnknownEvent))? })
}

/// Reads a line that its checksum fits, whatever stands behind it, for the fuzzer: nobody guesses a checksum. Gives the
/// record and what is read of the line that it would be written as.
#[doc(hidden)]
pub fn fuzz(covered: &[u8], seq: u64) -> Option<(Record, Option<Record>)> {
    let line = [BEFORE.as_bytes(), format!("{:016x}", sum(covered)).as_bytes(), BEHIND.as_bytes(), covered].concat();
    let record = parse(&line, seq).ok()?;
    let again = self::line(record.seq, record.at, &record.event).ok();
    let again = again.and_then(|line| parse(line.trim_end_matches('\n').as_bytes(), seq).ok());
    Some((record, again))
}

/// The event whose line goes on like this behind `"event":"`. Its fields are put into an object of their own first: a name
/// among them would have all of them buffered before the first is understood.
fn read_event(text: &str) -> serde_json::Result<Event> {
    let (name, fields) = text.split_once('"').unwrap_or((text, ""));
    match fields.strip_prefix(',') {
        Some(fields) => serde_json::from_str(&format!("{{\"{name}\":{{{fields}}}")),
        None => serde_json::from_str(&format!("\"{name}\"")),
    }
}

fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (digits, rest) = line.strip_prefix(BEFORE.as_bytes())?.split_at_checked(DIGITS)?;
    Some((digits, rest.strip_prefix(BEHIND.as_bytes())?))
}

/// FNV-1a of 64 bits (draft-eastlake-fnv). Each step is a bijection of the state, so one changed byte always shows.
/// It guards against accidents; whoever can write the file can also write a sum.
fn sum(bytes: &[u8]) -> u64 {
    more(0xcbf2_9ce4_8422_2325, bytes)
}

/// The same with more bytes.
fn more(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_fnv_1a() {
        assert_eq!(sum(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(sum(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(sum(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_line_is_json_that_any_tool_reads() {
        let event = Event::Excluded { user: crate::domain::id::UserId(uuid::Uuid::nil()), by: "a \"b\"\n".into() };
        let line = line(7, Timestamp::UNIX_EPOCH, &event).unwrap();
        insta::assert_snapshot!(line, @r#"{"sum":"91b32eced3a3a00a","v":1,"seq":7,"at":"1970-01-01T00:00:00Z","event":"excluded","user":"00000000-0000-0000-0000-000000000000","by":"a \"b\"\n"}"#);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["event"], "excluded");
        assert_eq!(parse(line.trim_end().as_bytes(), 7).unwrap().event, event);
    }

    #[test]
    fn an_event_without_fields_is_a_line_too() {
        let line = line(0, Timestamp::UNIX_EPOCH, &Event::MigrationComplete).unwrap();
        assert!(line.ends_with("\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"migration-complete\"}\n"), "{line}");
        assert_eq!(parse(line.trim_end().as_bytes(), 0).unwrap().event, Event::MigrationComplete);
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let covered = "\"v\":2,\"seq\":0,\"at\":\"1970-01-01T00:00:00Z\",\"what\":\"?\"}";
        let newer = format!("{BEFORE}{:016x}{BEHIND}{covered}", sum(covered.as_bytes()));
        assert_eq!(parse(newer.as_bytes(), 0), Err(Flaw::Newer(2)));
        let flipped = newer.replace("\"v\":2", "\"v\":3");
        assert!(matches!(parse(flipped.as_bytes(), 0), Err(Flaw::Damaged(_))));
    }
}

//! The report of a run: what was done, by whom, and that nobody lost anything; from the journal alone.
//!
//! [`Builder`] takes the journal in, record by record, and gives a [`Report`]: one value, of which `json`, `csv`, `markdown`
//! and `html` are four renderings. Nothing here reads a file, a clock or the network, and what a report says does not depend
//! on when it is made. Beside the users it holds little: of events only those that a reader must not miss.
//!
//! Text from outside passes the one filter of `domain::text` when it is taken in, so that every rendering has it clean.

mod batches;
mod builder;
mod charts;
pub mod content;
pub mod csv;
pub mod event;
mod facts;
pub mod html;
pub mod json;
pub mod markdown;
mod people;
mod plan;
mod progress;
mod reading;
mod rows;
mod sentences;
pub mod words;

pub use crate::report::builder::Builder;
pub use crate::report::content::Ended;
pub use crate::report::content::Report;
pub use crate::report::content::State;
pub use crate::report::reading::read_on;

/// The version of the schema of a report's JSON and of the lines of `events --json`; the README has both. What is added
/// leaves it as it is, what changes or goes raises it.
pub const SCHEMA: u32 = 1;

#[cfg(test)]
mod tests;

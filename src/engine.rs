//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.

mod approved;
mod book;
mod commands;
mod due;
pub mod handle;
mod held;
mod hindrance;
mod job;
mod licenses;
mod look;
mod other_hands;
pub mod plan;
mod removal;
mod run;
pub mod snapshot;
mod start;
mod watch;
mod write;

pub use crate::engine::book::BookError;
pub use crate::engine::start::Setup;
pub use crate::engine::start::fold;
pub use crate::engine::start::start;

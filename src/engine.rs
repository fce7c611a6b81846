//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.

mod book;
mod commands;
pub mod handle;
mod hindrance;
mod job;
mod licenses;
mod look;
mod other_hands;
pub mod plan;
mod run;
pub mod snapshot;
mod watch;
mod write;

pub use crate::engine::book::BookError;
pub use crate::engine::run::Setup;
pub use crate::engine::run::fold;
pub use crate::engine::run::start;

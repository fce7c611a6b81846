//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.

mod backoff;
mod commands;
mod external_changes;
pub mod handle;
mod licenses;
mod look;
mod pending_orders;
pub mod plan;
mod read_results;
mod recorder;
mod removal;
mod run;
mod schedule;
pub mod snapshot;
mod start;
mod tasks;
mod write;
mod write_queue;

pub use crate::engine::recorder::RecordError;
pub use crate::engine::start::Setup;
pub use crate::engine::start::fold;
pub use crate::engine::start::start;

//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.

mod backoff;
mod carry_out;
mod commands;
mod external_changes;
mod group_check;
pub mod handle;
mod licenses;
mod look;
mod marks;
mod observations;
mod pending_orders;
pub mod plan;
mod read_results;
mod recorder;
mod removal;
mod run;
mod schedule;
mod session;
pub mod snapshot;
mod start;
mod step;
mod tasks;
#[cfg(test)]
mod testing;
mod under_way;
mod write;
mod write_queue;

pub use crate::engine::recorder::RecordError;
pub use crate::engine::session::Session;
pub use crate::engine::start::Setup;
pub use crate::engine::start::fold;
pub use crate::engine::start::start;

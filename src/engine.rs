//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.
//!
//! Four parts, none of which knows another:
//! * the *recorder* (`recorder`, `session`) promises that the run in memory and its journal are in step. An event takes
//!   effect in memory at once; it is durable when the disk says so, and until then no effect on the tenant follows from it.
//!   What cannot happen is refused, and not written down.
//! * the *observations* (`observations`) are what was last read of users, groups and SKUs, and how old it is. They decide
//!   nothing.
//! * the *schedule* (`schedule`) says when what is to be read.
//! * the *write queue* (`write_queue`) has the approval at work, the orders that wait, their proofs, tries and holds. It
//!   sends nothing.
//!
//! `step` says from the four what to do next: one pure function, whose cases are a table. `run` has the loop, which
//! hears the operator before all else and never waits for the disk. Nothing outside of `run` sees into the loop; inside, each
//! of its own parts is a type: the job under way (`jobs`), the reads of seats (`seat_reads`), the sign-in, the window for
//! writes, and what the screen is told (`screen_end`). `carry_out` starts what a step says as a job (`tasks`), one at a time;
//! what the operator looks at is read beside them (`inspections`). What jobs bring back is taken in by `read_results`,
//! `look`, `write`, `licenses`, `group_check` and `external_changes`. Where others change a group, `worklists` issues files instead of
//! writes, and `others` says whom to watch. `under_way` alone knows how many batches may be under
//! way.

mod backoff;
mod follower;
pub mod handle;
mod health;
mod observations;
mod others;
pub mod plan;
mod record_error;
mod recorder;
mod run;
mod schedule;
mod session;
mod setup;
pub mod snapshot;
mod start;
mod step;
#[cfg(test)]
pub(crate) mod testing;
pub mod timeline;
mod under_way;
mod watch;
mod write_queue;

pub use crate::engine::follower::Follower;
pub use crate::engine::record_error::RecordError;
pub use crate::engine::session::ReadOnly;
pub use crate::engine::session::Session;
pub use crate::engine::setup::Setup;
pub use crate::engine::start::fold;
pub use crate::engine::start::start;
pub use crate::engine::watch::watch;

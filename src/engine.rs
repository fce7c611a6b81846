//! The engine: the only one that carries effects out; commands go in, snapshots and notices come out.

pub mod handle;
pub mod snapshot;

//! The words and rules of a migration, pure: no I/O, no clock, no async; start at `migration` and `questions`.

pub mod approval;
pub mod automatic;
pub mod canary;
pub mod cloud;
pub mod compile_fail;
pub mod end_state;
pub mod event;
pub mod exclusion;
pub mod explain;
pub mod fault;
pub mod group;
pub mod id;
pub mod license;
pub mod migration;
pub mod order;
pub mod phase;
pub mod plan_families;
pub mod preflight;
pub mod products;
pub mod progress;
pub mod proof;
pub mod questions;
pub mod read;
pub mod remedy;
pub mod requests;
pub mod route;
pub mod settings;
pub mod sku;
pub mod standing;
pub mod subscription;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod user;

//! The words and rules of a migration, pure: no I/O, no clock, no async; start at `migration` and `decide`.

pub mod approval;
pub mod event;
pub mod exclusion;
pub mod fault;
pub mod group;
pub mod id;
pub mod license;
pub mod order;
pub mod preflight;
pub mod products;
pub mod proof;
pub mod read;
pub mod remedy;
pub mod route;
pub mod settings;
pub mod sku;
pub mod standing;
pub mod time;

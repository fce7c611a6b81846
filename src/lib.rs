//! skuferry moves Microsoft 365 users from one license to another through group-based licensing.
//!
//! The road of one user, in the order of the files that it leads through:
//! `users.csv` ([`config`]) -> preflight ([`domain::preflight`]) -> ready -> a question and its approval
//! ([`domain::questions`], [`domain::approval`]) -> durable intent ([`domain::order`], [`journal`]) -> PATCH ([`graph`])
//! -> outcome -> verify passes ([`engine`]) -> a standing ([`domain::standing`]) -> approval -> the last look
//! ([`domain::proof`]) -> durable intent -> DELETE -> outcome -> verify passes -> Migrated.
//!
//! Imports run one way: `domain` <- `graph`, `journal` <- `engine` <- `tui` <- `cli`. [`sim`] is the other side of the
//! wire and imports nothing of ours. `tests/it/layering.rs` holds this.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod graph;
pub mod journal;
pub mod sim;
pub mod tui;

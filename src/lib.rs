//! skuferry moves Microsoft 365 users from one license to another through group-based licensing.
//!
//! The road of one user, in the order of the files that it leads through:
//! `users.csv` ([`config`]) -> preflight ([`domain::preflight`]) -> ready -> a question and its approval
//! ([`domain::questions`], [`domain::approval`]) -> durable intent ([`domain::order`], [`journal`]) -> PATCH ([`graph`])
//! -> outcome -> verify passes ([`engine`]) -> a standing ([`domain::standing`]) -> approval -> the last look
//! ([`domain::proof`]) -> durable intent -> DELETE -> outcome -> verify passes -> Migrated.
//!
//! The tasks and channels of a session:
//!
//! ```text
//!  keys ──▶ tui::run ──── commands (mpsc) ───▶ engine::run ──── submit ────▶ journal thread ──▶ runs/<id>.jsonl
//!              ▲ ▲                              │   ▲   ▲                          │
//!              │ └── snapshots (watch) ─────────┤   │   └── progress (watch) ◀─────┘  "on the disk up to here"
//!              └──── notices (mpsc) ────────────┘   │
//!                                                   └──── results ◀── one job at a time (tasks) ──▶ graph ──▶ tenant
//! ```
//!
//! The engine's loop hears commands first, results next, then the disk and the clock. It never waits for the disk or the
//! tenant, so a halt is heard whatever they do. After each it asks `next_step` what to do:
//!
//! ```text
//!   recorder (run + journal) ─┐
//!   observations ─────────────┤
//!   schedule ─────────────────┼─▶ next_step ─▶ carry out: start a job · hand an intent to the journal · wait · end
//!   write queue ──────────────┘
//! ```
//!
//! One user on that road:
//!
//! ```text
//!   users.csv ─▶ preflight ─▶ Ready ─▶ approval ─▶ permit ─▶ draft ─▶ intent ═disk═▶ order ─▶ PATCH ─▶ outcome
//!                                                                                                        │
//!   Migrated ◀─ verify ◀─ outcome ◀─ DELETE ◀─ order ◀═disk═ intent ◀─ proof ◀─ last look ◀─ approval ◀─ verify
//! ```
//!
//! Where others change one of the two groups, a worklist stands in the place of the order and its request:
//!
//! ```text
//!   approval ─▶ permit (to remove: proof) ─▶ worklist ═disk═▶ file ─▶ others move the user ─▶ point reads agree ─▶ verify
//!                                               │
//!                                               └─ stale, halted, not safe, unwatched: the file is replaced, and it is asked anew
//! ```
//!
//! Imports run one way: `domain` <- `graph`, `journal` <- [`log`] <- `engine` <- [`words`] <- `tui`, [`report`],
//! [`rehearse`] <- [`setup`] <- `cli`.
//! [`sim`] is the other side of the
//! wire and imports nothing of ours. `tests/it/layering.rs` holds this.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod engine;
pub mod graph;
pub mod journal;
pub mod log;
pub mod rehearse;
pub mod report;
pub mod setup;
pub mod sim;
pub mod tui;
pub mod words;

//! skuferry moves Microsoft 365 users from one license to another through group-based licensing.
pub mod domain;
pub mod engine;
pub mod sim;
pub mod tui;

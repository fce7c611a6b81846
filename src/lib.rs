//! skuferry moves Microsoft 365 users from one license to another through group-based licensing.
pub mod cli;
pub mod config;
pub mod domain;
pub mod journal;
pub mod sim;

//! skuferry moves Microsoft 365 users from one license to another through group-based licensing.
pub mod clock;
pub mod domain;
pub mod graph;
pub mod sim;

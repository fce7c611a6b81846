//! Every flaw.

//! The checks themselves.

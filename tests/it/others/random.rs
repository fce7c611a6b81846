//! Random movers.

//! Whole roads through the program; one test binary.
#![allow(clippy::unwrap_used)]

mod cli;
mod layering;

//! Whole roads through the program; one test binary.
#![allow(clippy::unwrap_used)]

mod scene;
mod screens;
mod sitting;
mod steering;

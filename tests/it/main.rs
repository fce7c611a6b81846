//! Whole roads through the program; one test binary.
#![allow(clippy::unwrap_used)]

mod cli;
mod layering;
mod sim_kit;
mod sim_schema;
mod sim_table;
mod sim_walks;
mod scene;
mod screens;
mod sitting;
mod steering;

//! Whole roads through the program; one test binary.
#![allow(clippy::unwrap_used)]

mod cli;
mod docs;
mod driver;
mod flow;
mod layering;
mod picture;
mod pty;
mod resume;
mod safety;
mod scene;
mod screens;
mod sim_kit;
mod sim_limits;
mod sim_schema;
mod sim_sign_in;
mod sim_table;
mod sim_walks;
mod sitting;
mod steering;
mod whims;
mod witness;

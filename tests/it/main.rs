//! Whole roads through the program; one test binary.
#![allow(clippy::unwrap_used)]

mod alarms;
mod cli;
mod docs;
mod driver;
mod faults;
mod flow;
mod found;
mod guards;
mod layering;
mod middlebox;
mod pace;
mod partly;
mod picture;
mod pty;
mod remedies;
mod resume;
mod resume_anywhere;
mod rollback;
mod rules;
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
mod stuck;
mod tempo;
mod wayback;
mod whims;
mod witness;

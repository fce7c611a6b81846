//! Rehearsals: a tenant, its copy, and whether a migration meets the same on both.

mod anonymous;
mod both;
mod command;
mod large;
mod random;
mod refused;
mod round_trip;
mod trouble;

//! What a whole migration takes: tenant minutes and what is asked of the tenant, one batch after another, three and ten at
//! once, and all users at once. In simulated time with the published quotas, so that the figures are the same everywhere.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, missing_docs)]

#[path = "../tests/it/tempo.rs"]
mod tempo;

use skuferry::sim::Scenario;

use crate::tempo::Night;

/// How many users, unless an argument says otherwise; in ten batches.
const USERS: usize = 2_000;

fn main() {
    let users = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(USERS);
    let start = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    println!("| {users} users | minutes | migrated | requests | resource units | writes | 429s |");
    println!("|---|---|---|---|---|---|---|");
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        for (name, size, under_way) in [
            ("10 batches, one after another", users / 10, 1),
            ("10 batches, 3 under way", users / 10, 3),
            ("10 batches, 10 under way", users / 10, 10),
            ("all at once", users, 1),
        ] {
            let night = start().block_on(Night::of(scenario, users, size, under_way));
            let Night { minutes, migrated, traffic, .. } = night;
            println!(
                "| {scenario:?}, {name} | {minutes:.1} | {migrated} | {} | {} | {} | {} |",
                traffic.requests,
                traffic.units,
                traffic.writes.len(),
                traffic.refused,
            );
        }
    }
}

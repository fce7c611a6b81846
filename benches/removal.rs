//! What a migration asks of the tenant, in simulated time with the published quotas: the pace of a removal and what each
//! user and each verify pass cost. The figures are the same on every machine.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, missing_docs)]

#[path = "../tests/it/tempo.rs"]
mod tempo;

use std::time::Duration;

use skuferry::domain::phase::Phase;
use skuferry::engine::snapshot::Activity;
use skuferry::sim::Scenario;

use crate::tempo::Tempo;
use crate::tempo::Traffic;
use crate::tempo::purposes;
use crate::tempo::removal;
use crate::tempo::removal_in;

fn main() {
    let start = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    for (scenario, trip, spare) in [
        (Scenario::Conflicting, 80, 40),
        (Scenario::Conflicting, 150, 40),
        (Scenario::Conflicting, 300, 40),
        (Scenario::Conflicting, 150, 15),
        (Scenario::Conflicting, 300, 15),
        (Scenario::Conflicting, 150, 0),
        (Scenario::Conflicting, 300, 0),
        (Scenario::NonConflicting, 150, 0),
    ] {
        start().block_on(remove(scenario, 2_000, Duration::from_millis(trip), spare));
    }
    for users in [1_000, 10_000] {
        start().block_on(verify(users));
    }
}

async fn remove(scenario: Scenario, users: usize, trip: Duration, spare: i64) {
    let mut run = Tempo::open(scenario, users, trip, spare).await;
    let shot = run.operate(|shot| shot.run.phase() > Phase::RemoveFromSource).await;
    let log = run.sim.log();
    let part = removal(&log, shot.run.run.settings.canary);
    let half = part.writes.len() / 2;
    println!(
        "{users} users, {trip:?} a trip, {scenario:?}, {spare} seats to spare: removal at {:.1} % of the write quota's rate ({:.1} % in the \
         second half), {} writes in the busiest 150 s, {:.2} resource units and {:.3} requests a user, {} refused",
        part.rate(0) * 100.0,
        part.rate(half) * 100.0,
        Traffic::of(&log).busiest(150.0),
        each(part.units, part.writes.len()),
        each(u32::try_from(part.requests).unwrap(), part.writes.len()),
        Traffic::of(&log).refused,
    );
    for (purpose, (requests, units)) in purposes(removal_in(&log, shot.run.run.settings.canary)) {
        println!("    {purpose}: {requests} requests, {units} units");
    }
}

async fn verify(users: usize) {
    let mut run = Tempo::open(Scenario::Conflicting, users, Duration::from_millis(100), 0).await;
    run.operate(|shot| shot.run.phase() == Phase::VerifyAdded).await;
    let added = Traffic::of(&run.sim.log());
    let mut passes = Vec::new();
    for _ in 0..3 {
        run.operate(|shot| shot.activity != Activity::Polling).await;
        let before = run.sim.log().len();
        run.operate(|shot| shot.activity == Activity::Polling).await;
        let shot = run.operate(|shot| shot.activity != Activity::Polling).await;
        let pass = Traffic::of(&run.sim.log()[before..]);
        let form = shot.survey.as_ref().unwrap().form;
        passes.push(format!("{} requests, {} units by {form:?}", pass.requests, pass.units));
    }
    let passes = passes.join("; ");
    println!("{users} users: {} writes to add them; verify passes with the seats: {passes}", added.writes.len());
}

fn each(sum: u32, users: usize) -> f64 {
    f64::from(sum) / f64::from(u32::try_from(users).unwrap())
}

//! What a run of 1,000, 10,000 and 100,000 users holds in memory in each phase, with what was last read of each of them and
//! the snapshot that the screen shows. All users change at once here, while the snapshot has them as they were.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[expect(dead_code, reason = "the screens' kit can do more than a journal needs")]
#[path = "../tests/it/scene/base.rs"]
mod scene;

#[expect(dead_code, reason = "nothing is written to a disk here")]
#[path = "kit/long_run.rs"]
mod long_run;

use std::alloc::System;
use std::fs;
use std::sync::Arc;

use cap::Cap;
use imbl::Vector;
use skuferry::domain::event::Event;
use skuferry::domain::license::LicenseSets;
use skuferry::domain::license::UserFacts;
use skuferry::domain::migration::Migration;
use skuferry::domain::standing::Standing;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// How many events happen between two snapshots.
const EVENTS_A_SNAPSHOT: usize = 50;
/// From so many users on they are what counts.
const LARGE: usize = 10_000;
/// How many bytes a user may take, with the last read of them and with what the snapshot has otherwise.
const MOST_A_USER: usize = 1_000;
/// How many bytes a page of memory has, in which the kernel counts.
const PAGE: usize = 4_096;

fn main() {
    println!(
        "| users | phase | live heap, MB | of it last reads, MB | most so far, MB | bytes a user | resident, MB |"
    );
    println!("|---|---|---|---|---|---|---|");
    for users in [1_000, 10_000, 100_000] {
        let (before, mut most, mut told) = (HEAP.allocated(), 0, 0);
        let mut run: Option<Migration> = None;
        let mut shown: Option<Migration> = None;
        let mut sets = LicenseSets::default();
        let read = |place| {
            let mut facts = scene::facts(scene::id(place), scene::name(place), Some(&Standing::Migrated));
            sets.share(&mut facts);
            Some(Arc::new(facts))
        };
        let facts: Vector<Option<Arc<UserFacts>>> = (0..users).map(read).collect();
        let of_facts = HEAP.allocated() - before;
        long_run::tell(users, users, |at, event| {
            match &mut run {
                None => run = Some(Migration::start(at, &event).unwrap()),
                Some(run) => run.apply(at, &event).unwrap(),
            }
            told += 1;
            if told % EVENTS_A_SNAPSHOT == 0 {
                shown.clone_from(&run); // the screen holds one snapshot while the next events come
            }
            most = most.max(HEAP.allocated() - before);
            let phase = match &event {
                Event::Checked { .. } => "preflight",
                Event::AddsAcknowledged { .. } => "add to target",
                Event::RemoveApproved { .. } => "verify added",
                Event::RemovesAcknowledged { .. } => "remove from source",
                Event::BatchComplete { .. } => "verify migrated",
                _ => return,
            };
            drop(event);
            let live = HEAP.allocated() - before;
            assert!(users < LARGE || live / users <= MOST_A_USER, "{phase}: {} bytes a user", live / users);
            let megabytes = |bytes: usize| bytes / 1_000_000;
            println!(
                "| {users} | {phase} | {} | {} | {} | {} | {} |",
                megabytes(live),
                megabytes(of_facts),
                megabytes(most),
                live / users,
                megabytes(resident())
            );
        });
        drop(facts);
    }
}

/// How many bytes of this process are in memory.
fn resident() -> usize {
    let stat = fs::read_to_string("/proc/self/statm").unwrap();
    stat.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * PAGE
}

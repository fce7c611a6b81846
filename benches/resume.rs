//! What it takes to pick up a run of 100,000 users: reading its journal back and folding it.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[expect(dead_code, reason = "the screens' kit can do more than a journal needs")]
#[path = "../tests/it/scene/base.rs"]
mod scene;

#[path = "kit/long_run.rs"]
mod long_run;

use std::fs;
use std::time::Duration;
use std::time::Instant;

use skuferry::domain::id::RunId;
use skuferry::engine;
use skuferry::journal;
use skuferry::journal::Writer;
use uuid::Uuid;

use crate::long_run::USERS;
use crate::long_run::write;

fn main() {
    for batch_size in [200, 10_000, USERS] {
        let folder = tempfile::tempdir().unwrap();
        let id = RunId(Uuid::from_u128(1));
        let events = write(folder.path(), id, batch_size);
        let path = journal::file(folder.path(), id);
        let bytes = fs::metadata(&path).unwrap().len();
        let (reading, (_, journal)) = timed(|| Writer::reopen(&path).unwrap());
        let past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
        let (folding, run) = timed(|| engine::fold(&past).unwrap());
        assert!(run.users.iter().all(|user| user.is_migrated()));
        println!(
            "{USERS} users in batches of {batch_size}: {events} events, {} MB: read in {reading:.2?}, folded in \
             {folding:.2?}",
            bytes / 1_000_000,
        );
    }
}

fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let made = what();
    (start.elapsed(), made)
}

//! Random events over all phases: what a run takes in is legal by a model of its own, and what it refuses changes nothing.

mod model;
pub(crate) mod random;

use std::collections::BTreeMap;

use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How many runs are played, and how many events each.
const RUNS: u64 = 120;
const EVENTS: usize = 260;

#[test]
fn random_events_are_refused_or_legal_and_never_a_panic() {
    let mut met: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for seed in 0..RUNS {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut now = Timestamp::UNIX_EPOCH;
        let mut run = Migration::start(now, &random::started()).unwrap();
        let mut model = model::Model::default();
        let mut told: Vec<String> = Vec::new();
        for _ in 0..EVENTS {
            now += SignedDuration::from_secs(random.i64(0..3));
            let event = random::event(&mut random, &run, now);
            let before = format!("{run:?}");
            let taken = run.apply(now, &event);
            let (accepted, refused) = met.entry(event.name()).or_default();
            match taken {
                Ok(()) => {
                    *accepted += 1;
                    told.push(format!("{event:?}"));
                    if let Err(why) = model.take(now, &event) {
                        panic!("seed {seed}: {why} was taken in:\n{}", told.join("\n"));
                    }
                    assert_eq!(*run.tally, run.recounted(), "seed {seed}: the counts are not those of the users");
                    model.agrees(&run).unwrap_or_else(|why| panic!("seed {seed}: {why}:\n{}", told.join("\n")));
                }
                Err(why) => {
                    *refused += 1;
                    assert_eq!(before, format!("{run:?}"), "seed {seed}: a refused event left a trace: {why}");
                }
            }
        }
    }
    // The play must come everywhere, or it proves nothing.
    for (name, (accepted, refused)) in &met {
        assert!(*accepted > 0 || *name == "run-started", "{name} was never taken in");
        let never_refused =
            ["resumed", "read-failed", "delayed", "groups-changed", "halted", "halt-lifted", "batches-under-way-set"];
        assert!(*refused > 0 || never_refused.contains(name), "{name} was never refused");
    }
    assert_eq!(met.len(), 38, "{:?}", met.keys());
    assert!(matches!(random::started(), Event::RunStarted { .. }));
}

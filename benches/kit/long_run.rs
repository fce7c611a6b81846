//! The journal of a run of many users, all migrated, as the engine would write it.

use std::path::Path;

use jiff::SignedDuration;
use jiff::Timestamp;
use skuferry::domain::approval::ShownToOperator;
use skuferry::domain::event::Event;
use skuferry::domain::id::RunId;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::standing::Standing;
use skuferry::journal::Writer;

use crate::scene;

/// How many users it has.
pub(crate) const USERS: usize = 100_000;
/// How many users one write names.
const CHUNK: usize = 20;

/// Writes the journal of a run in which everybody was migrated, as the engine would.
pub(crate) fn write(data: &Path, id: RunId, batch_size: usize) -> u64 {
    let mut writer = Writer::create(data, id).unwrap();
    tell(USERS, batch_size, |at, event| {
        writer.append(at, &event).unwrap();
    });
    writer.events()
}

/// Tells the events of a run of so many users in which everybody was migrated.
pub(crate) fn tell(users: usize, batch_size: usize, mut to: impl FnMut(Timestamp, Event)) {
    let mut at: Timestamp = "2026-08-24T14:20:00Z".parse().unwrap();
    let mut keep = |event: Event| {
        at += SignedDuration::from_secs(1);
        to(at, event);
        at
    };
    let mut scene = scene::Scene::begun();
    scene.snapshot.run.run.settings.batch_size = batch_size;
    let (run, by) = (Box::new(scene.snapshot.run.run.clone()), "test".to_owned());
    keep(Event::RunStarted { run, by: by.clone() });
    let preflight = Box::new(scene::preflight((0..users).map(scene::ready).collect()));
    keep(Event::Checked { preflight });
    let users: Vec<UserId> = (0..users).map(scene::id).collect();
    for (batch, users) in users.chunks(batch_size).enumerate() {
        let preflight = scene::preflight(Vec::new());
        let (problems, seats, products) = (preflight.problems, preflight.seats, preflight.products);
        let all = users.to_vec();
        if batch > 0 {
            keep(Event::BatchChecked { batch, problems, seats, products, reasons: Vec::new() });
        }
        let seen = ShownToOperator {
            group_name: "Lic-E3".into(),
            free_seats: Some(0),
            standings: Vec::new(),
            left_out: 0,
            reason: None,
        };
        keep(Event::AddApproved { batch, users: all.clone(), by: by.clone(), seen: seen.clone() });
        for chunk in users.chunks(CHUNK).map(<[UserId]>::to_vec) {
            keep(Event::AddIntended { batch, users: chunk.clone() });
            keep(Event::AddSettled { batch, users: chunk, outcome: Outcome::Done });
        }
        let began = keep(Event::AddsAcknowledged { batch });
        let standing = |standing: Standing| users.iter().map(|user| (*user, standing.clone())).collect();
        keep(Event::Observed { began, users: standing(Standing::OnSource) });
        keep(Event::Observed { began, users: standing(Standing::ExpectedConflict) });
        keep(Event::RemoveApproved { batch, users: all, by: by.clone(), seen });
        for chunk in users.chunks(CHUNK) {
            let proven = chunk.iter().map(|user| (*user, Standing::ExpectedConflict, began)).collect();
            let users = chunk.to_vec();
            keep(Event::Proven { batch, users: proven, keeps: Vec::new() });
            keep(Event::RemoveIntended { batch, users: users.clone() });
            keep(Event::RemoveSettled { batch, users, outcome: Outcome::Done });
        }
        let began = keep(Event::RemovesAcknowledged { batch });
        keep(Event::Observed { began, users: standing(Standing::Migrated) });
        keep(Event::BatchComplete { batch });
    }
}

//! Groups that others change: whom they were seen to have moved.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::order::IntentLog;
use crate::domain::read_back::ReadBack;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::work::Work;
use crate::domain::worklist::WorklistKind;
use crate::domain::write::WriteKind;
use crate::engine::others::is_unsafe;
use crate::engine::others::moved_by_others;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::OthersSeen;
use crate::engine::run::tasks::OthersToWatch;
use crate::graph::error::GraphError;

impl Engine {
    /// Whom others move, by the group and what they are to do there.
    pub(super) fn others_to_watch(&self) -> Vec<OthersToWatch> {
        let all = moved_by_others(self.recorder.run()).filter_map(|(kind, group, users)| {
            let users: Vec<&Arc<User>> = users.collect();
            let odd = users.iter().filter(|user| kind == WorklistKind::Remove && is_odd(user));
            let odd = odd.filter_map(|user| user.id).collect();
            let users: Vec<UserId> = users.iter().filter_map(|user| user.id).collect();
            (!users.is_empty()).then_some(OthersToWatch { kind, group, users, odd })
        });
        all.collect()
    }

    /// Takes in whom others have moved. Each counts as moved from now on, and not before (rule 9): the reads are over.
    pub(super) fn others_seen(&mut self, seen: Vec<OthersSeen>, failed: Option<GraphError>) -> Result<(), RecordError> {
        self.schedule.others_seen(self.clock.now());
        let mut failed = failed;
        let (mut early, mut moved) = (Vec::new(), Vec::new());
        for OthersSeen { kind, members, reads } in seen {
            let was_unsafe: BTreeSet<UserId> =
                reads.iter().map(|(user, _)| *user).filter(|user| self.is_unsafe(*user)).collect();
            self.point_reads(reads)?;
            for (id, member) in members {
                let member = match member {
                    Ok(member) => member,
                    Err(error) => {
                        failed = Some(error);
                        continue;
                    }
                };
                let Some(user) = self.recorder.run().user(id) else { continue };
                let asked_for = user.write(kind.write_kind()).may_be_done_by_others();
                match (kind, member) {
                    (WorklistKind::Add, true) if asked_for => self.read_by_others(WriteKind::Add, id)?,
                    (WorklistKind::Remove, false) if user.remove.is_done() || user.remove.is_open() => {}
                    (WorklistKind::Remove, false) if asked_for && !was_unsafe.contains(&id) => {
                        self.read_by_others(WriteKind::Remove, id)?;
                    }
                    (WorklistKind::Remove, false) if !asked_for && self.is_well_without_source(id) => moved.push(id),
                    (WorklistKind::Remove, false) => early.push(id),
                    (WorklistKind::Add, _) | (WorklistKind::Remove, true) => {}
                }
            }
        }
        for (users, early) in [(moved, false), (early, true)] {
            if !users.is_empty() {
                for user in &users {
                    self.queue.withdraw(*user);
                }
                self.recorder.keep(Event::RemovedByOthers { users, early })?;
                self.schedule.poll_now(self.clock.now());
            }
        }
        if let Some(error) = failed {
            self.read_failed(Work::Membership, error)?;
        }
        self.recorder.follow()
    }

    fn read_by_others(&mut self, kind: WriteKind, user: UserId) -> Result<(), RecordError> {
        self.queue.withdraw(user); // they may have been asked about anew meanwhile
        self.observations.forget_negatives(user);
        match kind.read_back(user, ReadBack::InEffect) {
            Some(event) => self.recorder.keep(event).map(drop),
            None => Ok(()),
        }
    }

    /// Whether a user who is or was on a worklist was seen not safe while they were still in the group.
    fn is_unsafe(&self, user: UserId) -> bool {
        let run = self.recorder.run();
        run.user(user).is_some_and(|user| is_unsafe(run, user))
    }

    /// Whether somebody whom others took out unasked has what they need, or was seen safe.
    fn is_well_without_source(&self, user: UserId) -> bool {
        let run = self.recorder.run();
        let well = |standing: &Standing| standing.is_safe(run.scenario) || *standing == Standing::Migrated;
        run.user(user).is_some_and(|user| user.add.is_done() && user.standing.as_ref().is_some_and(well))
    }
}

/// Whether a user stands where they would if they had left the group, whatever its list says.
fn is_odd(user: &User) -> bool {
    let stands = user.standing.as_ref();
    stands.is_some_and(|one| matches!(one, Standing::Unlicensed | Standing::Migrated | Standing::LostPart(_)))
        || user.went_back
}

//! Other hands in the tenant: users that somebody else moved are noticed and held, never fought over (rule 11).

use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::external_change::ExternalChange;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::order::IntentLog;
use crate::domain::route::Direction;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::work::Work;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::TaskResult;
use crate::engine::run::tasks::WriteKind;
use crate::engine::snapshot::Activity;
use crate::engine::under_way::active_users;
use crate::engine::under_way::ends;
use crate::graph::error::GraphError;

impl Engine {
    /// Asks whether users who went back, or who make GBL wait for too long, are still where we wrote them to.
    pub(super) fn doubt(&mut self) {
        if self.recorder.follows() {
            return;
        }
        let (now, run) = (self.clock.now(), self.recorder.run());
        let stuck_after = run.run.settings.stuck_after;
        let odd = |user: &User| user.went_back || user.is_late(now, stuck_after);
        let of = |wrote: WriteKind, direction: Direction| -> (WriteKind, Vec<UserId>, GroupId) {
            let goes = |user: &&Arc<User>| user.direction == direction;
            let users = active_users(run).filter(goes).filter(|user| odd(user) && may_be_moved(user, wrote));
            let [source, target] = ends(run, direction);
            let group = if wrote == WriteKind::Remove { source } else { target };
            (wrote, users.filter_map(|user| user.id).collect(), group)
        };
        let asked = Direction::ALL
            .into_iter()
            .flat_map(|direction| [of(WriteKind::Add, direction), of(WriteKind::Remove, direction)])
            .filter(|(_, users, _)| !users.is_empty())
            .collect::<Vec<_>>();
        for (wrote, users, group) in asked {
            let graph = self.graph.clone();
            let job = async move { TaskResult::RereadNegatives(wrote, graph.memberships(&users, group).await) };
            self.jobs.spawn(Activity::ReadingBack, job);
        }
    }

    /// One read may be stale: only two that agree show somebody else's hand.
    pub(super) fn reread_result(
        &mut self,
        wrote: WriteKind,
        members: Vec<(UserId, Result<bool, GraphError>)>,
    ) -> Result<(), RecordError> {
        for (user, member) in members {
            let member = match member {
                Ok(member) => member,
                Err(error) => {
                    self.read_failed(Work::Membership, error)?;
                    continue;
                }
            };
            if member == (wrote == WriteKind::Add) {
                self.observations.forget_negatives(user);
                continue;
            }
            let believed = self.observations.read_negative(user);
            let still = self.recorder.run().user(user).is_some_and(|user| may_be_moved(user, wrote));
            if believed && still {
                self.observations.forget_negatives(user);
                let what = if wrote == WriteKind::Add { ExternalChange::TakenOut } else { ExternalChange::PutBack };
                self.recorder.keep(Event::ExternalChange { user, what })?;
            }
        }
        self.recorder.follow()
    }
}

/// Whether what is seen of a user fits somebody else having undone this write of ours.
fn may_be_moved(user: &User, wrote: WriteKind) -> bool {
    match wrote {
        WriteKind::Add => {
            user.add.is_done()
                && !user.remove.is_done()
                && !user.remove.is_open()
                && user.standing == Some(Standing::OnSource)
        }
        WriteKind::Remove => {
            user.remove.is_done() && user.standing == Some(Standing::SourceLingers(Holder::NotProcessed))
        }
        WriteKind::Reprocess | WriteKind::Direct => false,
    }
}

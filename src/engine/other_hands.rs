//! Other hands in the tenant: users that somebody else moved are noticed and held, never fought over (rule 11).

use crate::domain::event::Event;
use crate::domain::event::Meddling;
use crate::domain::id::UserId;
use crate::domain::order::Ledger;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::engine::book::BookError;
use crate::engine::job::Done;
use crate::engine::job::Wrote;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::watch::DOUBTS;
use crate::graph::error::GraphError;

impl Engine {
    /// Asks whether users who went back, or who make GBL wait for too long, are still where we wrote them to.
    pub(super) fn doubt(&mut self) {
        if self.book.follows() {
            return;
        }
        let (now, run) = (self.clock.now(), &self.book.run);
        let stuck_after = run.run.settings.stuck_after;
        let odd = |user: &User| user.went_back || user.is_late(now, stuck_after);
        let of = |wrote: Wrote| -> Vec<UserId> {
            let users = run.active().filter(|user| odd(user) && may_be_moved(user, wrote));
            users.filter_map(|user| user.id).collect()
        };
        let asked = [
            (Wrote::Add, of(Wrote::Add), run.route.target.group),
            (Wrote::Remove, of(Wrote::Remove), run.route.source.group),
        ];
        for (wrote, users, group) in asked.into_iter().filter(|(_, users, _)| !users.is_empty()) {
            let graph = self.graph.clone();
            let job = async move { Done::Doubted(wrote, graph.memberships(&users, group).await) };
            self.spawn(Activity::ReadingBack, job);
        }
    }

    /// One read may be stale: only two that agree show somebody else's hand.
    pub(super) fn doubted(
        &mut self,
        wrote: Wrote,
        members: Vec<(UserId, Result<bool, GraphError>)>,
    ) -> Result<(), BookError> {
        for (user, member) in members {
            let member = match member {
                Ok(member) => member,
                Err(error) => {
                    self.read_failed("a membership", error)?;
                    continue;
                }
            };
            if member == (wrote == Wrote::Add) {
                self.doubts.remove(&user);
                continue;
            }
            let doubts = self.doubts.entry(user).or_default();
            *doubts += 1;
            let still = self.book.run.user(user).is_some_and(|user| may_be_moved(user, wrote));
            if *doubts >= DOUBTS && still {
                self.doubts.remove(&user);
                let what = if wrote == Wrote::Add { Meddling::TakenOut } else { Meddling::PutBack };
                self.book.keep(Event::OtherHands { user, what })?;
            }
        }
        self.book.follow()
    }
}

/// Whether what is seen of a user fits somebody else having undone this write of ours.
fn may_be_moved(user: &User, wrote: Wrote) -> bool {
    match wrote {
        Wrote::Add => {
            user.add.is_done()
                && !user.remove.is_done()
                && !user.remove.is_open()
                && user.standing == Some(Standing::OnSource)
        }
        Wrote::Remove => user.remove.is_done() && user.standing == Some(Standing::SourceLingers(Holder::NotProcessed)),
        Wrote::Reprocess | Wrote::Direct => false,
    }
}

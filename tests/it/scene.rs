//! Runs for the screen to show, made by folding real events.

mod base;

use skuferry::domain::approval::ShownToOperator;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::preflight::Reason;
use skuferry::domain::preflight::ReasonCode;
use skuferry::domain::preflight::UserCheck;
use skuferry::domain::questions::Question;
use skuferry::domain::questions::question;
use skuferry::domain::standing::Standing;
use skuferry::domain::standing::Trouble;
use skuferry::domain::time::SignedDuration;
use std::sync::Arc;

pub(crate) use base::*;

pub(crate) fn reason(code: ReasonCode, message: &str, warning: bool) -> Reason {
    Reason { code, detail: message.into(), warning }
}

pub(crate) fn blocked(place: usize, reasons: Vec<Reason>) -> UserCheck {
    UserCheck { reasons, ..ready(place) }
}

pub(crate) fn standing_stuck() -> Standing {
    Standing::Stuck(Trouble::Error("CountViolation".into()))
}

impl Scene {
    /// So many users, of whom four are blocked and one is warned about.
    pub(crate) fn preflighted(users: usize) -> Self {
        let direct = reason(ReasonCode::SourceAssignedDirectly, "Office 365 E1 is also assigned directly", false);
        let other = reason(ReasonCode::SourceFromOtherGroup, "Office 365 E1 also comes from Lic-Pilot", false);
        let already = reason(ReasonCode::TargetAlreadyAssigned, "Office 365 E3 is held already", false);
        let given = format!("line 13: the tenant has no user {:?}", name(12));
        let nobody = reason(ReasonCode::UserNotFound, &given, false);
        let place = reason(ReasonCode::UsageLocationMissing, "no usage location is set", true);
        let mut checks: Vec<UserCheck> = (0..users).map(ready).collect();
        checks[3] = blocked(3, vec![direct.clone(), other]);
        checks[8] = blocked(8, vec![already]);
        checks[10] = blocked(10, vec![direct]);
        checks[12] = blocked(12, vec![nobody]);
        (checks[12].id, checks[12].upn) = (None, None);
        checks[5] = blocked(5, vec![place]);
        Self::checked(preflight(checks))
    }

    /// The ids of the active users of the batch under way.
    pub(crate) fn active(&self) -> Vec<UserId> {
        self.snapshot.run.active().filter_map(|user| user.id).collect()
    }

    pub(crate) fn seen(&self) -> ShownToOperator {
        ShownToOperator {
            group_name: "Lic-E3".into(),
            free_seats: self.snapshot.free_seats,
            standings: Vec::new(),
            left_out: 0,
            reason: None,
        }
    }

    /// The batch under way is approved and added.
    pub(crate) fn added(&mut self) -> &mut Self {
        let (batch, users, seen) = (self.snapshot.run.current, self.active(), self.seen());
        let by = self.snapshot.operator.clone();
        self.event(Event::AddApproved { batch, users: users.clone(), by, seen }).later(1);
        self.event(Event::AddIntended { batch, users: users.clone() }).later(2);
        self.event(Event::AddSettled { batch, users, outcome: Outcome::Done });
        self.event(Event::AddsAcknowledged { batch })
    }

    /// The batch under way is approved and removed.
    pub(crate) fn removed(&mut self) -> &mut Self {
        let (batch, users, seen) = (self.snapshot.run.current, self.active(), self.seen());
        let by = self.snapshot.operator.clone();
        self.event(Event::RemoveApproved { batch, users: users.clone(), by, seen }).later(1);
        self.event(Event::RemoveIntended { batch, users: users.clone() }).later(2);
        self.event(Event::RemoveSettled { batch, users, outcome: Outcome::Done });
        self.event(Event::RemovesAcknowledged { batch })
    }

    /// A read that began now shows these users standing there.
    pub(crate) fn observed(&mut self, users: &[UserId], standing: &Standing) -> &mut Self {
        self.later(1);
        for user in users {
            let place = self.snapshot.run.place(*user).unwrap();
            let upn = self.snapshot.run.users[place].upn.clone();
            self.snapshot.facts[place] = Some(Arc::new(facts(*user, upn.into(), Some(standing))));
        }
        let users = users.iter().map(|user| (*user, standing.clone())).collect();
        self.event(Event::Observed { began: self.now, users })
    }

    /// The next poll is to come.
    pub(crate) fn polls(&mut self) -> &mut Self {
        self.snapshot.next_poll = Some(self.now + SignedDuration::from_secs(23));
        self
    }

    pub(crate) fn question(&self) -> Question {
        question(&self.snapshot.run, 1, self.snapshot.free_seats).unwrap()
    }
}

/// A first batch of 20 in Verify added, with everything that can be seen there.
pub(crate) fn verifying() -> Scene {
    let mut scene = Scene::preflighted(44);
    scene.later(60).added().later(40);
    let users = scene.active();
    scene.observed(&users, &Standing::OnSource).later(90);
    scene.observed(&users[..11], &Standing::ExpectedConflict).later(60);
    scene.observed(&users[11..14], &Standing::HoldsBoth).observed(&[users[14]], &standing_stuck()).later(45);
    scene.observed(&users[2..3], &Standing::OnSource).later(30).polls();
    scene.event(Event::Excluded { user: users[15], by: "megan.bowen@contoso.com".into() });
    scene
}

/// The same batch, every active user safe to remove: a removal is waiting for approval.
pub(crate) fn removable() -> Scene {
    let mut scene = verifying();
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict);
    scene
}

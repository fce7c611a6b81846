//! A small run for tests of the engine's parts: it goes through its phases by events alone.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::approval::ShownToOperator;
use crate::domain::automatic::follow;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::exclusion::Disproved;
use crate::domain::id::RunId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::outcome::Outcome;
use crate::domain::plan_families::PlanChanges;
use crate::domain::preflight::Listed;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::RULES;
use crate::domain::preflight::Seats;
use crate::domain::preflight::UserCheck;
use crate::domain::route::Scenario;
use crate::domain::route::ScenarioChoice;
use crate::domain::settings::Settings;
use crate::domain::standing::Standing;
use crate::domain::testing::route;
use crate::domain::testing::user_id;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// The run's first event.
pub(crate) fn begun() -> Event {
    let run = RunInfo {
        id: RunId(Uuid::from_u128(7)),
        name: "E1 to E3".into(),
        tenant: "contoso.com".into(),
        tenant_id: None,
        graph_url: None,
        route: route(),
        choice: ScenarioChoice::Auto,
        settings: Settings { canary: 2, batches_under_way: 1, ..Settings::default() },
        version: "test".into(),
        config: None,
        rehearsal: false,
    };
    Event::RunStarted { run: Box::new(run), by: "me".into() }
}

/// What preflight says of so many ready users.
pub(crate) fn preflight(users: u128) -> Event {
    let check = |number: u128| UserCheck {
        listed: Listed { line: usize::try_from(number).unwrap(), given: format!("user{number}@contoso.com").into() },
        id: Some(user_id(number)),
        upn: Some(format!("user{number}@contoso.com").into()),
        display_name: None,
        usage_location: None,
        reasons: Vec::new(),
    };
    let preflight = Preflight {
        route: route(),
        scenario: Scenario::Conflicting,
        predicted: Scenario::Conflicting,
        pairs: Vec::new(),
        seats: Seats { available: 100, needed: i64::try_from(users).unwrap() },
        products: Vec::new(),
        problems: Vec::new(),
        users: (1..=users).map(check).collect(),
        plans: PlanChanges::default(),
        exclusions: Vec::new(),
        also_lost: Vec::new(),
        disproved: Disproved::default(),
        held: Vec::new(),
        source_products: Vec::new(),
        target_products: Vec::new(),
        advice: Vec::new(),
        pilot: Vec::new(),
        rules: RULES,
    };
    Event::Checked { preflight: Box::new(preflight) }
}

/// A run and its time. Each step is a second.
pub(crate) struct Run {
    pub(crate) now: Timestamp,
    pub(crate) run: Migration,
}

impl Run {
    pub(crate) fn begun() -> Self {
        let now = Timestamp::UNIX_EPOCH;
        Self { now, run: Migration::start(now, &begun()).unwrap() }
    }

    /// So many users are ready.
    pub(crate) fn checked(users: u128) -> Self {
        Self::begun().then(&preflight(users))
    }

    /// They were added, and are safe to remove.
    pub(crate) fn safe(users: u128) -> Self {
        Self::checked(users).adding().added().all_stand(&Standing::ExpectedConflict)
    }

    pub(crate) fn then(mut self, event: &Event) -> Self {
        self.now += SignedDuration::from_secs(1);
        self.run.apply(self.now, event).unwrap();
        while let Some(event) = follow(&self.run, self.now) {
            self.run.apply(self.now, &event).unwrap();
        }
        self
    }

    pub(crate) fn users(&self) -> Vec<UserId> {
        self.run.users.iter().filter_map(|user| user.id).collect()
    }

    fn approved(self, event: fn(usize, Vec<UserId>, String, ShownToOperator) -> Event) -> Self {
        let seen = ShownToOperator {
            group_name: "LIC".into(),
            free_seats: None,
            standings: Vec::new(),
            left_out: 0,
            reason: None,
        };
        let users = self.users();
        self.then(&event(0, users, "me".into(), seen))
    }

    /// The addition was approved.
    pub(super) fn with_addition_approved(self) -> Self {
        self.approved(|batch, users, by, seen| Event::AddApproved { batch, users, by, seen })
    }

    /// It was, and its intent is kept.
    pub(super) fn adding(self) -> Self {
        let run = self.with_addition_approved();
        let users = run.users();
        run.then(&Event::AddIntended { batch: 0, users })
    }

    pub(super) fn added(self) -> Self {
        let users = self.users();
        self.then(&Event::AddSettled { batch: 0, users, outcome: Outcome::Done })
    }

    /// The removal was approved.
    pub(crate) fn removing(self) -> Self {
        self.approved(|batch, users, by, seen| Event::RemoveApproved { batch, users, by, seen })
    }

    /// The intent to remove these is kept.
    pub(crate) fn leaving(self, users: &[UserId]) -> Self {
        self.leaving_by(0, users)
    }

    /// The same for this batch.
    pub(crate) fn leaving_by(self, batch: usize, users: &[UserId]) -> Self {
        let read_at = self.now + SignedDuration::from_millis(500);
        let proofs = users.iter().map(|user| (*user, Standing::ExpectedConflict, read_at)).collect();
        let proven = Event::Proven { batch, users: proofs, keeps: Vec::new() };
        self.then(&proven).then(&Event::RemoveIntended { batch, users: users.to_vec() })
    }

    pub(crate) fn removed(self, users: &[UserId]) -> Self {
        self.leaving(users).then(&Event::RemoveSettled { batch: 0, users: users.to_vec(), outcome: Outcome::Done })
    }

    pub(crate) fn all_stand(self, standing: &Standing) -> Self {
        let users = self.users();
        self.stand(&users, standing)
    }

    pub(crate) fn stand(self, users: &[UserId], standing: &Standing) -> Self {
        let users = users.iter().map(|user| (*user, standing.clone())).collect();
        let began = self.now + SignedDuration::from_millis(500);
        self.then(&Event::Observed { began, users })
    }

    /// The events of a run that has begun.
    pub(super) fn past() -> Vec<(Timestamp, Event)> {
        vec![(Timestamp::UNIX_EPOCH, begun())]
    }
}

/// The clock of these runs.
pub(super) fn clock() -> Arc<crate::clock::ManualClock> {
    Arc::new(crate::clock::ManualClock::at(Timestamp::UNIX_EPOCH))
}

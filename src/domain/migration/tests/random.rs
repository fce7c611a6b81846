//! Events at random: most of them such that a run comes on with them, the others such as no program should write.

use crate::domain::approval::ShownToOperator;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::exclusion::Disproved;
use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::halt::HaltReason;
use crate::domain::id::RunId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::outcome::Outcome;
use crate::domain::phase::Phase;
use crate::domain::plan_families::PlanChanges;
use crate::domain::preflight::Listed;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ProblemCode;
use crate::domain::preflight::RULES;
use crate::domain::preflight::Reason;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::Seats;
use crate::domain::preflight::UserCheck;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Scenario;
use crate::domain::route::ScenarioChoice;
use crate::domain::settings::BatchSettings;
use crate::domain::settings::Settings;
use crate::domain::standing::Standing;
use crate::domain::testing::route;
use crate::domain::testing::user_id;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::domain::work::Work;
use crate::domain::write::WriteKind;

/// How many batches go forward.
pub(super) const FORWARD: usize = 3;
/// Two ready users a batch, and one who is blocked.
const READY: u128 = 6;

pub(crate) fn started() -> Event {
    let run = RunInfo {
        id: RunId(uuid::Uuid::nil()),
        name: "E1 to E3".into(),
        tenant: "contoso.com".into(),
        tenant_id: None,
        graph_url: None,
        route: route(),
        choice: ScenarioChoice::Auto,
        settings: Settings { batch_size: 2, batches_under_way: 1, canary: 1, ..Settings::default() },
        version: "0.1.0".into(),
        config: None,
        rehearsal: false,
    };
    Event::RunStarted { run: Box::new(run), by: by() }
}

pub(crate) fn event(random: &mut fastrand::Rng, run: &Migration, now: Timestamp) -> Event {
    if random.u8(0..10) < 6 { next(random, run, now) } else { any(random, run, now) }
}

/// Something that brings the batch under way on.
fn next(random: &mut fastrand::Rng, run: &Migration, now: Timestamp) -> Event {
    let batch = random.choice(run.under_way_batches()).unwrap_or(run.current);
    if run.preflight.is_none() {
        return checked();
    }
    if run.halted.is_some() && random.u8(0..4) > 0 {
        return Event::HaltLifted { by: by() };
    }
    let some = |random: &mut fastrand::Rng, which: &dyn Fn(&User) -> bool| {
        let users: Vec<UserId> = run.members(batch).filter(|user| which(user)).filter_map(|user| user.id).collect();
        if users.len() > 1 && random.bool() { users[..1].to_vec() } else { users }
    };
    for kind in WriteKind::ALL {
        let under_way = some(random, &|user| matches!(user.write(kind), Write::Intended(_)));
        if !under_way.is_empty() && random.u8(0..5) > 0 {
            return kind.settled(batch, under_way, outcome(random));
        }
        let lost = some(random, &|user| matches!(user.write(kind), Write::Lost(..)));
        if let (Some(user), true) = (lost.first(), random.u8(0..5) > 0) {
            let found = if random.bool() { ReadBack::InEffect } else { ReadBack::NotInEffect };
            return kind.read_back(*user, found).unwrap_or(Event::Resumed { by: by() });
        }
    }
    let left = some(random, &|user| user.id.is_some_and(|id| run.approved_pending.contains(&id)));
    if !left.is_empty() {
        let kind = match run.phase_of(batch) {
            Phase::AddToTarget if random.u8(0..6) > 0 => WriteKind::Add,
            Phase::RemoveFromSource if random.u8(0..6) > 0 => WriteKind::Remove,
            _ => *random.choice(&[WriteKind::Reprocess, WriteKind::Direct]).unwrap(),
        };
        return if kind.needs_proof() && random.bool() {
            proven(batch, &left, now - SignedDuration::from_secs(random.i64(0..2)))
        } else {
            kind.intended(batch, left)
        };
    }
    let to_add = some(random, &|user| user.is_active() && !user.add.is_done());
    let to_remove = some(random, &|user| user.is_active() && !user.remove.is_done());
    let (approve_add, approve_remove) =
        (approved(WriteKind::Add, batch, &to_add), approved(WriteKind::Remove, batch, &to_remove));
    match run.phase_of(batch) {
        Phase::Preflight if random.u8(0..4) == 0 => batch_checked(batch, &some(random, &|_| true)),
        Phase::AddToTarget if to_add.is_empty() => Event::AddsAcknowledged { batch },
        Phase::Preflight | Phase::AddToTarget => approve_add,
        Phase::VerifyAdded if random.u8(0..4) == 0 => approved(WriteKind::Reprocess, batch, &to_remove),
        Phase::RemoveFromSource if to_remove.is_empty() => Event::RemovesAcknowledged { batch },
        Phase::VerifyAdded | Phase::RemoveFromSource => approve_remove,
        Phase::VerifyMigrated => match random.u8(0..8) {
            0..4 => approved(WriteKind::Direct, batch, &some(random, &|user| user.remove.is_done())),
            4 => Event::ExternalChange { user: run.users[0].id.unwrap(), what: ExternalChange::PutBack },
            _ => Event::BatchComplete { batch },
        },
        Phase::Complete if random.bool() => Event::MigrationComplete,
        Phase::Complete => {
            Event::RollbackStarted { batch: run.batches.len(), users: some(random, &|_| true), by: by() }
        }
    }
}

/// Anything at all.
fn any(random: &mut fastrand::Rng, run: &Migration, now: Timestamp) -> Event {
    let batch = if random.bool() {
        random.choice(run.under_way_batches()).unwrap_or(run.current)
    } else {
        random.usize(0..=run.batches.len())
    };
    let user = user_id(u128::from(random.u8(1..10)));
    let mut users = vec![user];
    if random.bool() {
        users.push(user_id(u128::from(random.u8(1..10))));
    }
    if batch < run.batches.len() && random.u8(0..4) > 0 {
        users = run.members(batch).filter_map(|user| user.id).collect();
    }
    let user = *users.first().unwrap_or(&user);
    let kind = *random.choice(&WriteKind::ALL).unwrap();
    let found = if random.bool() { ReadBack::InEffect } else { ReadBack::NotInEffect };
    let what = if random.bool() { ExternalChange::TakenOut } else { ExternalChange::PutBack };
    let standing = random.choice([Standing::Migrated, Standing::HoldsBoth, Standing::Unlicensed]).unwrap();
    match random.u8(0..40) {
        0..6 => approved(kind, batch, &users),
        6..12 => kind.intended(batch, users),
        12..17 => kind.settled(batch, users, outcome(random)),
        17..20 => kind.read_back(user, found).unwrap_or(Event::Resumed { by: by() }),
        20 => Event::ExternalChange { user, what },
        21 => proven(batch, &users, now - SignedDuration::from_secs(random.i64(0..9))),
        22 if random.u8(0..3) == 0 => Event::NotProven { batch, user, why: "too old".into() },
        22 => Event::Explained { user, why: "no seat".into() },
        23 => Event::Observed { began: now, users: users.iter().map(|user| (*user, standing.clone())).collect() },
        24 if random.u8(0..4) == 0 => Event::Excluded { user, by: by() },
        25 => Event::AddsAcknowledged { batch },
        26 => Event::RemovesAcknowledged { batch },
        27 => Event::BatchComplete { batch },
        28 if random.bool() => Event::MigrationComplete,
        29 => batch_checked(batch, &users),
        30 if random.u8(0..2) == 0 => checked(),
        31 => Event::RollbackStarted { batch: run.batches.len() + usize::from(random.u8(0..4) == 0), users, by: by() },
        32 if random.u8(0..3) == 0 => Event::AlarmRaised { users },
        33 => Event::AlarmAcknowledged { by: by() },
        34 if random.u8(0..3) == 0 => Event::Halted { why: HaltReason::Operator },
        35 => Event::HaltLifted { by: by() },
        36 if random.u8(0..3) == 0 => Event::Resumed { by: by() },
        37 if random.u8(0..3) == 0 => {
            let problem =
                |bad: bool| Problem { code: ProblemCode::GroupNotFound, detail: "gone".into(), warning: !bad };
            Event::GroupsChanged { problems: vec![problem(random.bool())] }
        }
        38 if random.u8(0..3) == 0 => started(),
        38 if random.bool() => Event::BatchesUnderWaySet { most: random.usize(0..4), by: by() },
        38 => {
            let interval = SignedDuration::from_secs(random.i64(0..40));
            Event::BatchSettingsSet {
                settings: BatchSettings { batch_size: 2, canary: random.usize(0..3), interval },
                by: by(),
            }
        }
        39 => Event::Delayed { what: Work::Addition, fault: fault() },
        _ => Event::ReadFailed { what: Work::User, fault: fault() },
    }
}

fn by() -> String {
    "admin@contoso.com".into()
}

fn fault() -> Fault {
    Fault::new(FaultKind::Service, "bad gateway")
}

fn outcome(random: &mut fastrand::Rng) -> Outcome {
    match random.u8(0..8) {
        0 => Outcome::Failed(fault()),
        1 | 2 => Outcome::Lost(fault()),
        _ => Outcome::Done,
    }
}

fn approved(kind: WriteKind, batch: usize, users: &[UserId]) -> Event {
    let seen =
        ShownToOperator { group_name: "LIC".into(), free_seats: None, standings: vec![], left_out: 0, reason: None };
    kind.approved(batch, users.to_vec(), by(), seen)
}

fn proven(batch: usize, users: &[UserId], read_at: Timestamp) -> Event {
    Event::Proven {
        batch,
        users: users.iter().map(|user| (*user, Standing::HoldsBoth, read_at)).collect(),
        keeps: Vec::new(),
    }
}

fn batch_checked(batch: usize, users: &[UserId]) -> Event {
    let reasons = users.iter().map(|user| (*user, Vec::new())).collect();
    Event::BatchChecked { batch, problems: Vec::new(), seats: Seats::default(), products: Vec::new(), reasons }
}

fn checked() -> Event {
    let user = |number: u128| UserCheck {
        listed: Listed { line: usize::try_from(number).unwrap(), given: format!("user{number}").into() },
        id: Some(user_id(number)),
        upn: None,
        display_name: None,
        usage_location: None,
        reasons: if number > READY {
            vec![Reason { code: ReasonCode::SourceNotAssigned, detail: "not assigned".into(), warning: false }]
        } else {
            Vec::new()
        },
    };
    let preflight = Preflight {
        route: route(),
        scenario: Scenario::NonConflicting,
        predicted: Scenario::NonConflicting,
        pairs: Vec::new(),
        seats: Seats::default(),
        products: Vec::new(),
        problems: Vec::new(),
        users: (1..=READY + 1).map(user).collect(),
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

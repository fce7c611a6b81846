//! Takes a journal in, record by record, and gives the report. What it keeps grows with the users and not with the journal.

use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::preflight::Held;
use crate::domain::route::ScenarioChoice;
use crate::domain::standing::Standing;
use crate::domain::standing::StandingCode;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::write_event::WriteStage;
use crate::report::SCHEMA;
use crate::report::batches;
use crate::report::content::ApprovalRow;
use crate::report::content::BatchRow;
use crate::report::content::Ended;
use crate::report::content::Report;
use crate::report::content::RunSection;
use crate::report::content::SessionRow;
use crate::report::content::SettingsSection;
use crate::report::content::StandingRow;
use crate::report::content::State;
use crate::report::content::Status;
use crate::report::content::Totals;
use crate::report::content::UserRow;
use crate::report::event;
use crate::report::event::EventLine;
use crate::report::people;
use crate::report::people::Sets;
use crate::report::people::Trace;
use crate::report::people::seconds_up;
use crate::report::plan;
use crate::report::plan::PlanSection;
use crate::report::progress;
use crate::report::words;
use crate::words::error::causes;
use crate::words::halt;

/// A report in the making.
#[derive(Debug, Default)]
pub struct Builder {
    run: Option<Migration>,
    records: u64,
    last: Option<Timestamp>,
    ended: Ended,
    sittings: Vec<SessionRow>,
    plan: Option<PlanSection>,
    /// Who held what at preflight.
    held: Vec<Held>,
    traces: Vec<Trace>,
    batches: Vec<BatchRow>,
    approvals: Vec<ApprovalRow>,
    incidents: Vec<EventLine>,
    failures: Vec<EventLine>,
}

impl Builder {
    /// Takes the next record in. One that cannot follow ends the report, as does anything after an end.
    pub fn take(&mut self, at: Timestamp, event: &Event) {
        if self.ended != Ended::Whole {
            return;
        }
        let taken = match &mut self.run {
            Some(run) => run.apply(at, event),
            None => Migration::start(at, event).map(|run| self.run = Some(run)),
        };
        if let Err(illegal) = taken {
            self.ended = Ended::Damaged { line: self.records + 1, why: causes(&illegal) };
            return;
        }
        let seq = self.records;
        self.records += 1;
        self.last = Some(at);
        self.sat_down(at, event);
        let Some(run) = &mut self.run else { return };
        if let Event::Checked { preflight } = event {
            self.plan = Some(plan::section(preflight));
            self.held.clone_from(&preflight.held);
            self.traces = vec![Trace::default(); run.users.len()];
            run.preflight = None; // what it says of each user the run has besides
        }
        batches::follow(&mut self.batches, run, at, event);
        people::follow(&mut self.traces, run, at, event);
        event::forget_histories(run, event);
        if let Some(approval) = approval(run, at, event, self.approvals.len()) {
            for place in approval.users.iter().filter_map(|user| run.place(*user)) {
                self.traces[place].approvals.push(approval.number);
            }
            self.approvals.push(approval);
        }
        let name = |user| run.user(user).map(|user| user.upn.to_string());
        if is_incident(event) {
            self.incidents.push(event::line(seq, at, event, name));
        } else if has_failed(event) {
            self.failures.push(event::line(seq, at, event, name));
        }
    }

    /// Says how the journal ends, when not with a whole line.
    pub fn end(&mut self, ended: Ended) {
        if self.ended == Ended::Whole {
            self.ended = ended;
        }
    }

    fn sat_down(&mut self, at: Timestamp, event: &Event) {
        let text = |text: &String| clean(text).into_owned();
        match event {
            Event::RunStarted { run, by } => {
                let version = Some(text(&run.version));
                let operator = text(by);
                self.sittings.push(SessionRow { at, operator, host: None, version, sign_in: None, account: None });
            }
            Event::Resumed { by } => {
                let operator = text(by);
                self.sittings.push(SessionRow {
                    at,
                    operator,
                    host: None,
                    version: None,
                    sign_in: None,
                    account: None,
                });
            }
            Event::SessionOpened { session } => {
                if let Some(sitting) = self.sittings.last_mut() {
                    sitting.host = session.host.as_ref().map(text);
                    sitting.version = Some(text(&session.version));
                    sitting.sign_in = Some(text(&session.sign_in));
                    sitting.account = session.account.as_ref().map(text);
                }
            }
            _ => {}
        }
    }

    /// The report; `under_way` when another process is at work on the run.
    pub fn finish(mut self, under_way: bool) -> Report {
        if let Some(run) = &self.run {
            batches::finish(&mut self.batches, run, &self.traces);
        }
        let mut totals = self.run.as_ref().map(counted).unwrap_or_default();
        // From here on the run has no users any more: of many there is room for one list of them.
        let users = self.rows();
        let run = self.run.as_ref();
        totals.added = users.iter().filter(|row| row.added.is_some()).count();
        totals.removed = users.iter().filter(|row| row.removed.is_some()).count();
        totals.ever_unlicensed = users.iter().filter(|row| row.seconds_unlicensed > 0).count();
        totals.seconds_unlicensed = users.iter().map(|row| row.seconds_unlicensed).sum();
        totals.failed_requests = self.failures.len();
        let halted = run.and_then(|run| run.halted.as_ref());
        let state = match run {
            Some(run) if run.complete => State::Complete,
            _ if under_way => State::UnderWay,
            _ if halted.is_some() => State::Halted,
            _ => State::Stopped,
        };
        let mut status = Status {
            state,
            halted: halted.map(|halt| clean(&halt::reasons(halt)).into_owned()),
            text: String::new(),
            records: self.records,
            last_record: self.last,
            journal: self.ended,
        };
        status.text = words::first_line(&status, run.is_some());
        if run.is_some_and(|run| run.run.rehearsal) {
            status.text = words::of_rehearsal(&status.text);
        }
        Report {
            schema: SCHEMA,
            version: run.map(|run| clean(&run.run.version).into_owned()),
            status,
            run: run.map(|run| section(run, self.sittings)),
            plan: self.plan,
            totals,
            approvals: self.approvals,
            batches: self.batches,
            progress: progress::points(&users, run.map(|run| run.started), self.last),
            users,
            incidents: self.incidents,
            failures: self.failures,
        }
    }

    /// The rows of the users, for whom the run is emptied.
    fn rows(&mut self) -> Vec<UserRow> {
        let Some(run) = &mut self.run else { return Vec::new() };
        let last = self.last.unwrap_or(run.started);
        let mut sets = Sets::default();
        let mut before: Vec<Option<Arc<[String]>>> = vec![None; run.users.len()];
        for held in std::mem::take(&mut self.held) {
            let names = sets.named(held.products);
            for place in held.users {
                if let Some(slot) = before.get_mut(place) {
                    *slot = Some(Arc::clone(&names));
                }
            }
        }
        let traces = std::mem::take(&mut self.traces).into_iter().chain(std::iter::repeat_with(Trace::default));
        let users = std::mem::take(&mut run.users).into_iter().zip(traces).zip(before);
        users.map(|((user, trace), before)| people::row(&user, trace, before, &mut sets, last)).collect()
    }
}

fn approval(run: &Migration, at: Timestamp, event: &Event, before: usize) -> Option<ApprovalRow> {
    let (Event::AddApproved { by, seen, .. }
    | Event::RemoveApproved { by, seen, .. }
    | Event::ReprocessApproved { by, seen, .. }
    | Event::DirectApproved { by, seen, .. }) = event
    else {
        return None;
    };
    let write = event.write()?;
    let WriteStage::Approved { batch, users } = write.what else { return None };
    Some(ApprovalRow {
        number: u32::try_from(before + 1).unwrap_or(u32::MAX),
        at,
        kind: write.kind,
        batch: batch + 1,
        title: crate::words::batches::title(run, batch),
        by: clean(by).into_owned(),
        reason: seen.reason.as_ref().map(|reason| clean(reason).into_owned()),
        users: users.to_vec(),
        group: clean(&seen.group_name).into_owned(),
        free_seats: seen.free_seats,
        standings: seen.standings.iter().map(stood).collect(),
        left_out: seen.left_out,
    })
}

fn stood((code, users): &(StandingCode, usize)) -> StandingRow {
    StandingRow { standing: *code, users: *users }
}

/// What a reader must not miss.
fn is_incident(event: &Event) -> bool {
    matches!(
        event,
        Event::Resumed { .. }
            | Event::GroupsChanged { .. }
            | Event::Excluded { .. }
            | Event::Halted { .. }
            | Event::HaltLifted { .. }
            | Event::ExternalChange { .. }
            | Event::WorklistIssued { .. }
            | Event::WorklistWritten { .. }
            | Event::WorklistEnded { .. }
            | Event::RemovedByOthers { .. }
            | Event::RollbackStarted { .. }
            | Event::AlarmRaised { .. }
            | Event::AlarmAcknowledged { .. }
            | Event::NotProven { .. }
    )
}

/// Whether a request failed. A halt because of one tells of the same request again.
fn has_failed(event: &Event) -> bool {
    let failed = matches!(event, Event::ReadFailed { .. } | Event::Delayed { .. });
    failed
        || event.write().is_some_and(|write| match write.what {
            WriteStage::Settled { outcome, .. } => *outcome != crate::domain::outcome::Outcome::Done,
            _ => false,
        })
}

fn section(run: &Migration, sittings: Vec<SessionRow>) -> RunSection {
    let (about, numbers) = (&run.run, &run.run.settings);
    let choice = match about.choice {
        ScenarioChoice::Auto => "auto",
        ScenarioChoice::Conflicting => "conflicting",
        ScenarioChoice::NonConflicting => "non-conflicting",
    };
    RunSection {
        id: about.id.to_string(),
        name: clean(&about.name).into_owned(),
        tenant: clean(&about.tenant).into_owned(),
        rehearsal: about.rehearsal,
        started: run.started,
        settings: SettingsSection {
            scenario: choice.to_owned(),
            batch_size: numbers.batch_size,
            canary: numbers.canary,
            max_stuck: numbers.max_stuck,
            interval_seconds: seconds_up(numbers.interval),
            stuck_after_seconds: seconds_up(numbers.stuck_after),
            unlicensed_grace_seconds: seconds_up(numbers.unlicensed_grace),
        },
        sittings,
    }
}

/// The sums that the fold alone tells.
fn counted(run: &Migration) -> Totals {
    let count = |holds: fn(&User) -> bool| run.users.iter().filter(|user| holds(user)).count();
    let stuck = |user: &User| user.standing.as_ref().is_some_and(Standing::is_stuck) && user.is_ours();
    Totals {
        listed: run.users.len(),
        in_batches: count(|user| user.batch.is_some()),
        migrated: count(User::is_migrated),
        rolled_back: count(User::is_rolled_back),
        excluded: count(|user| user.excluded),
        blocked: count(User::is_blocked),
        stuck: count(stuck),
        unlicensed: count(User::is_unlicensed),
        unknown_outcome: count(User::is_open),
        ..Totals::default()
    }
}

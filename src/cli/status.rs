//! `status`: where a run stands, from its journal alone.

use std::fmt::Write;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past;
use crate::cli::resume_command::resume_command;
use crate::cli::runs::minute;
use crate::cli::runs::newest;
use crate::cli::runs::side;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::count;
use crate::domain::id::RunId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::progress;
use crate::domain::route::Direction;
use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine;
use crate::journal;
use crate::journal::Journal;
use crate::tui::format::lasting;

/// Of more users than this only the count is told.
const MOST_NAMED: usize = 10;

/// What `status` is asked for.
#[derive(Args, Debug)]
pub(super) struct StatusArgs {
    /// The run, one of the demo too; else the newest that is not one of the demo
    #[arg(value_parser = super::runs::id)]
    pub(super) run_id: Option<RunId>,
    /// Print it as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Where a run stands, in a word that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A process is at work on it.
    Running,
    /// A process is at work on it, and an approval or an alarm waits for the operator.
    Waiting,
    /// A process has it open, and nothing is written until the operator lifts the halt.
    Halted,
    /// No process is at work on it.
    Stopped,
    /// Every batch is complete.
    Complete,
}

impl State {
    fn of(run: &Migration, at_work: bool) -> Self {
        match progress::waiting_for_operator(run) {
            _ if run.complete => Self::Complete,
            _ if !at_work => Self::Stopped,
            _ if run.halted.is_some() => Self::Halted,
            true => Self::Waiting,
            false => Self::Running,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Halted => "halted",
            Self::Stopped => "stopped",
            Self::Complete => "complete",
        }
    }
}

/// A run as its journal has it, and what there is around it.
struct Found {
    run: Migration,
    state: State,
    written: Timestamp,
    torn: bool,
    is_demo: bool,
}

impl Found {
    /// The command that takes the run up again, when one can.
    fn resume(&self) -> Option<String> {
        (!self.run.complete && !self.is_demo).then(|| resume_command(&self.run.run))
    }

    /// What the run waits for. Without a process nothing follows by itself: what was approved is asked again.
    fn waiting(&self, now: Timestamp) -> String {
        if self.state != State::Stopped {
            return progress::waiting(&self.run, now).text;
        }
        let mut asked_anew = self.run.clone();
        asked_anew.approved_pending.clear();
        progress::waiting(&asked_anew, now).text
    }
}

/// `skuferry status`: where a run stands.
pub(super) fn status(args: &StatusArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let (data, demo) = (context.dirs.data.clone(), context.dirs.demo());
    let (path, is_demo) = match args.run_id {
        Some(id) => {
            let (own, shown) = (journal::file(&data, id), journal::file(&demo, id));
            let is_demo = !own.exists() && shown.exists();
            (if is_demo { shown } else { own }, is_demo)
        }
        None => (newest(context)?.path, false),
    };
    let journal = Journal::open(&path)?;
    let past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let run = engine::fold(&past).map_err(|error| {
        let action = "Restore the file from a backup, or start a new run: preflight asks the tenant anew.";
        Failure::new(Exit::Usage, format!("{} does not tell of a run", path.display()), error.to_string(), action)
    })?;
    let written = past.last().map_or(run.started, |(at, _)| *at);
    let state = State::of(&run, past::is_under_way(if is_demo { &demo } else { &data }, &path, &run.run));
    let found = Found { run, state, written, torn: journal.torn, is_demo };
    let now = SystemClock.now();
    if args.json {
        context.print_json(as_json(&found, now), true)?;
    } else {
        let text = as_text(&found, now, &context.zone);
        context.print(&text)?;
    }
    Ok(Exit::Fine)
}

struct Totals {
    migrated: usize,
    rolled_back: usize,
    excluded: usize,
    blocked: usize,
    unlicensed: usize,
    open: usize,
}

fn totals(run: &Migration) -> Totals {
    let count = |holds: fn(&User) -> bool| run.users.iter().filter(|user| holds(user)).count();
    Totals {
        migrated: count(User::is_migrated),
        rolled_back: count(User::is_rolled_back),
        // Nobody is counted twice: that somebody is without a license is said instead of how they came there.
        excluded: count(|user| user.excluded && !user.has_arrived() && !user.is_unlicensed()),
        blocked: count(|user| user.is_blocked() && !user.excluded && !user.has_arrived() && !user.is_unlicensed()),
        unlicensed: count(User::is_unlicensed),
        open: run.open().count(),
    }
}

fn as_text(found: &Found, now: Timestamp, zone: &TimeZone) -> String {
    let (run, written) = (&found.run, found.written);
    let totals = totals(run);
    let route = run.route_direction(Direction::Forward);
    let (source, target) = (&route.source, &route.target);
    let mut text = format!("run {} · {} · {}\n", run.run.id, clean(&run.run.name), clean(&run.run.tenant));
    // Writing to a String does not fail.
    let _ = writeln!(text, "{} to {}, {}", clean(&source.sku_name), clean(&target.sku_name), run.scenario.word());
    let _ = writeln!(text, "started {}, last written {}", minute(run.started, zone), minute(written, zone));
    let of =
        if run.direction() == Direction::Forward { format!(" of {}", run.forward_batches()) } else { String::new() };
    let batch = run.title(run.current) + &of;
    match run.phase() {
        _ if run.batches.is_empty() => text.push_str("no batch yet: preflight is not done, or nobody is ready\n"),
        Phase::Complete => {
            let exceptions = progress::exceptions(run.members(run.current).map(AsRef::as_ref));
            let _ = writeln!(text, "{batch}: complete{}", progress::with_exceptions(exceptions));
        }
        phase => drop(writeln!(text, "{batch}: {}", phase.label(run.direction()))),
    }
    let Totals { migrated, rolled_back, excluded, blocked, unlicensed, open } = totals;
    let back = if rolled_back > 0 { format!("{rolled_back} rolled back, ") } else { String::new() };
    let listed = run.users.len();
    let _ = writeln!(
        text,
        "{migrated} of {listed} migrated, {back}{excluded} excluded, {blocked} blocked, {unlicensed} unlicensed"
    );
    text.push_str(&gaps(run, zone));
    if open > 0 {
        let _ = writeln!(
            text,
            "the outcome of {} is not known; a resume asks the tenant before anything is written",
            count::counted(open, "write", "writes")
        );
    }
    let waiting = found.waiting(now);
    let waiting = clean(&waiting);
    match found.state {
        State::Stopped => {
            text.push_str("stopped: no skuferry is at work on this run, and nothing is written\n");
            let _ = writeln!(text, "as it was left: {waiting}");
        }
        State::Running | State::Waiting | State::Halted | State::Complete => drop(writeln!(text, "{waiting}")),
    }
    match found.resume() {
        Some(command) if found.state == State::Stopped => drop(writeln!(text, "go on with: {command}")),
        None if found.is_demo && !run.complete => {
            text.push_str("a run of the demo: its tenant ends with the demo, so it cannot be taken up again\n");
        }
        _ => {}
    }
    text
}

/// Who is or was without a license in this run, and for how long.
fn gaps(run: &Migration, zone: &TimeZone) -> String {
    let told: Vec<String> = run
        .users
        .iter()
        .filter(|user| user.is_ours())
        .filter_map(|user| {
            let upn = clean(&user.upn);
            match user.unlicensed_since {
                Some(at) => Some(format!("{upn} is without a license since {}\n", minute(at, zone))),
                None if user.unlicensed_before > SignedDuration::ZERO => {
                    Some(format!("{upn} was without a license for {}\n", lasting(user.unlicensed_before)))
                }
                None => None,
            }
        })
        .collect();
    let more = told.len().saturating_sub(MOST_NAMED);
    let rest = if more > 0 { format!("and {more} more\n") } else { String::new() };
    told.into_iter().take(MOST_NAMED).collect::<String>() + &rest
}

fn as_json(found: &Found, now: Timestamp) -> Value {
    let (run, written) = (&found.run, found.written);
    let totals = totals(run);
    let route = run.route_direction(Direction::Forward);
    let back = run.batch().filter(|batch| batch.direction == Direction::Rollback);
    json!({
        "id": run.run.id,
        "name": run.run.name,
        "tenant": run.run.tenant,
        "source": side(&route.source),
        "target": side(&route.target),
        "scenario": run.scenario.word(),
        "started": run.started,
        "lastWritten": written,
        "torn": found.torn,
        "state": found.state.word(),
        "demo": found.is_demo,
        "resume": found.resume(),
        "batch": if run.batches.is_empty() { Some(0) } else { Some(run.current + 1).filter(|_| back.is_none()) },
        "batches": run.forward_batches(),
        "rollback": back.map(|batch| json!({
            "ofBatches": batch.of.iter().map(|one| one + 1).collect::<Vec<_>>(),
            "users": batch.users.len(),
        })),
        "phase": run.phase().label(run.direction()),
        "complete": run.complete,
        "halted": run.halted.as_ref().map(|halt| progress::halt_now(run, &halt.why, now)),
        "alarm": run.alarm.as_ref().map(|alarm| json!({ "users": alarm.users, "acknowledged": alarm.acknowledged })),
        "waiting": found.waiting(now),
        "users": {
            "listed": run.users.len(),
            "migrated": totals.migrated,
            "rolledBack": totals.rolled_back,
            "excluded": totals.excluded,
            "blocked": totals.blocked,
            "unlicensed": totals.unlicensed,
            "unknownOutcome": totals.open,
            "exceptions": run.complete.then(|| progress::exceptions(run.users.iter().map(AsRef::as_ref))),
        },
    })
}

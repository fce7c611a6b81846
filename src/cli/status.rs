//! `status`: where a run stands, from its journal alone.

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
use crate::words;
use crate::words::batches;
use crate::words::halt;
use crate::words::phrase;
use crate::words::say;

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
            return words::progress::waiting(&progress::waiting(&self.run, now), &self.run);
        }
        let mut asked_anew = self.run.clone();
        asked_anew.approved_pending.clear();
        words::progress::waiting(&progress::waiting(&asked_anew, now), &asked_anew)
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
        let what = say("error-cli-no-run-told", &[("path", path.display().to_string().into())]);
        Failure::new(Exit::Usage, what, error.to_string(), phrase("error-cli-no-run-told-action"))
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
    let (name, tenant) = (clean(&run.run.name).into(), clean(&run.run.tenant).into());
    let mut lines =
        vec![say("cli-status-run", &[("id", run.run.id.to_string().into()), ("name", name), ("tenant", tenant)])];
    let (from, to) = (clean(&source.sku_name).into(), clean(&target.sku_name).into());
    let scenario = run.scenario.word().into();
    lines.push(say("cli-status-route", &[("source", from), ("target", to), ("scenario", scenario)]));
    let (started, written) = (minute(run.started, zone).into(), minute(written, zone).into());
    lines.push(say("cli-status-started", &[("started", started), ("written", written)]));
    lines.push(batch(run));
    lines.push(sums(&totals, run.users.len()));
    lines.extend(gaps(run, zone));
    if totals.open > 0 {
        lines.push(say("cli-status-unknown", &[("count", totals.open.into())]));
    }
    let waiting = clean(&found.waiting(now)).into_owned();
    match found.state {
        State::Stopped => {
            lines.push(phrase("cli-status-stopped"));
            lines.push(say("cli-status-left", &[("waiting", waiting.into())]));
        }
        State::Running | State::Waiting | State::Halted | State::Complete => lines.push(waiting),
    }
    match found.resume() {
        Some(command) if found.state == State::Stopped => {
            lines.push(say("cli-status-resume", &[("command", command.into())]));
        }
        None if found.is_demo && !run.complete => lines.push(phrase("cli-status-demo")),
        _ => {}
    }
    lines.join("\n") + "\n"
}

/// Where the batch stands that the run is at.
fn batch(run: &Migration) -> String {
    let mut batch = batches::title(run, run.current);
    if run.direction() == Direction::Forward {
        batch = say("cli-status-batch-of", &[("batch", batch.into()), ("count", run.forward_batches().into())]);
    }
    match run.phase() {
        _ if run.batches.is_empty() => phrase("cli-status-no-batch"),
        Phase::Complete => {
            let exceptions = progress::exceptions(run.members(run.current).map(AsRef::as_ref));
            let exceptions = batches::with_exceptions(exceptions);
            say("cli-status-batch-complete", &[("batch", batch.into()), ("exceptions", exceptions.into())])
        }
        phase => format!("{batch}: {}", batches::phase(phase, run.direction())),
    }
}

/// How many of the listed users came where.
fn sums(totals: &Totals, listed: usize) -> String {
    say(
        "cli-status-totals",
        &[
            ("migrated", totals.migrated.into()),
            ("listed", listed.into()),
            ("back", totals.rolled_back.into()),
            ("excluded", totals.excluded.into()),
            ("blocked", totals.blocked.into()),
            ("unlicensed", totals.unlicensed.into()),
        ],
    )
}

/// Who is or was without a license in this run, and for how long.
fn gaps(run: &Migration, zone: &TimeZone) -> Vec<String> {
    let mut told: Vec<String> = run
        .users
        .iter()
        .filter(|user| user.is_ours())
        .filter_map(|user| {
            let upn = clean(&user.upn);
            match user.unlicensed_since {
                Some(at) => {
                    Some(say("cli-status-unlicensed", &[("user", upn.into()), ("since", minute(at, zone).into())]))
                }
                None if user.unlicensed_before > SignedDuration::ZERO => {
                    let length = lasting(user.unlicensed_before).into();
                    Some(say("cli-status-was-unlicensed", &[("user", upn.into()), ("length", length)]))
                }
                None => None,
            }
        })
        .collect();
    let more = told.len().saturating_sub(MOST_NAMED);
    told.truncate(MOST_NAMED);
    told.extend((more > 0).then(|| say("cli-and-more", &[("count", more.into())])));
    told
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
        "halted": run.halted.as_ref().map(|one| halt::now(&progress::halt_now(run, &one.why, now))),
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

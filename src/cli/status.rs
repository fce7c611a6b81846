//! `status`: where a run stands, from its journal alone.

use std::collections::BTreeMap;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::dirs::StoreKind;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past;
use crate::cli::past::Found;
use crate::cli::past::State;
use crate::cli::resume_command::resume_command;
use crate::cli::runs::side;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::halt_now;
use crate::domain::id::RunId;
use crate::domain::latency::Goal;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::progress;
use crate::domain::remaining::Estimates;
use crate::domain::route::Direction;
use crate::domain::standing::StandingCode;
use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::worklist::Worklist;
use crate::tui::format;
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
    /// The run, one of the demo or a rehearsal too; else the newest of the others
    #[arg(value_parser = super::runs::id)]
    pub(super) run_id: Option<RunId>,
    /// Print it as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

impl Found {
    /// The command that takes the run up again, when one can.
    fn resume(&self) -> Option<String> {
        (!self.run.complete && self.kind == StoreKind::Own).then(|| resume_command(&self.run.run))
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
    let found = Found::read(&past::place(context, args.run_id)?)?;
    let now = SystemClock.now();
    if args.json {
        context.print_json(as_json(&found, now), true)?;
    } else {
        let text = as_text(&found, now, &context.zone);
        context.print(&text)?;
    }
    Ok(Exit::Fine)
}

/// Where the run stands and how many came where, in two lines.
pub(super) fn summary(run: &Migration) -> String {
    format!("{}\n{}\n", batch(run), sums(&totals(run), run.users.len()))
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
    let scenario = words::scenario::scenario(run.scenario).into();
    lines.push(say("cli-status-route", &[("source", from), ("target", to), ("scenario", scenario)]));
    let (started, written) = (format::day(run.started, zone).into(), format::day(written, zone).into());
    lines.push(say("cli-status-started", &[("started", started), ("written", written)]));
    lines.push(batch(run));
    lines.push(sums(&totals, run.users.len()));
    lines.extend(gaps(run, zone));
    if totals.open > 0 {
        lines.push(say("cli-status-unknown", &[("count", totals.open.into())]));
    }
    for list in run.worklists_to_tell() {
        let (asked, stands) = (words::worklist::asked(run, list), words::worklist::stands(run, list, now));
        let file = words::worklist::path(&list.issued).into();
        let (asked, stands) = (clean(&asked).into_owned().into(), stands.into());
        lines.push(say("cli-status-worklist", &[("asked", asked), ("stands", stands), ("file", file)]));
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
        _ => {}
    }
    match found.kind {
        StoreKind::Demo if !run.complete => lines.push(phrase("cli-status-demo")),
        StoreKind::Rehearsal if !run.complete => lines.push(phrase("cli-status-rehearsal")),
        StoreKind::Own | StoreKind::Demo | StoreKind::Rehearsal => {}
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
            match user.seldom.unlicensed_since {
                Some(at) => {
                    Some(say("cli-status-unlicensed", &[("user", upn.into()), ("since", format::day(at, zone).into())]))
                }
                None if user.seldom.unlicensed_before > SignedDuration::ZERO => {
                    let length = lasting(user.seldom.unlicensed_before).into();
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
    // Nobody has looked since, so that nobody is known to wait still.
    let as_of = if found.state == State::Stopped { written } else { now };
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
        "pid": found.process,
        "needs": found.need.map(|(need, _)| need.word()),
        "waitingSince": found.need.map(|(_, since)| since),
        "demo": found.kind == StoreKind::Demo,
        "rehearsal": found.kind == StoreKind::Rehearsal,
        "resume": found.resume(),
        "batch": if run.batches.is_empty() { Some(0) } else { Some(run.current + 1).filter(|_| back.is_none()) },
        "batches": run.forward_batches(),
        "rollback": back.map(|batch| json!({
            "ofBatches": batch.of.iter().map(|one| one + 1).collect::<Vec<_>>(),
            "users": batch.users.len(),
        })),
        "phase": run.phase().label(run.direction()),
        "complete": run.complete,
        "halted": run.halted.as_ref().map(|one| halt::all_now(&halt_now::halt_now(run, one, now))),
        "alarm": run.alarm.as_ref().map(|alarm| json!({ "users": alarm.users, "acknowledged": alarm.acknowledged })),
        "waiting": found.waiting(now),
        "standings": by_standing(run),
        "latencies": latencies(run, as_of),
        "worklists": worklists(run),
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

/// The worklists that are in force, or that others may still act on copies of.
fn worklists(run: &Migration) -> Vec<Value> {
    let told = run.worklists_to_tell();
    let one = |list: &Worklist| {
        let issued = &list.issued;
        json!({
            "number": issued.number,
            "batch": issued.batch + 1,
            "task": issued.kind.word(),
            "group": issued.group,
            "file": issued.file,
            "users": issued.users.len(),
            "outstanding": run.outstanding(list).count(),
            "written": list.written,
            "validUntil": list.stale_from(),
            "ended": list.ended.map(|(at, why)| json!({ "at": at, "why": why.word() })),
        })
    };
    told.map(one).collect()
}

/// How long licensing took in this run, from a write's acknowledgement until a read showed what was waited for: how many were
/// measured, and within how many seconds half and 95 % of all who waited were done; null where that is not known yet.
fn latencies(run: &Migration, as_of: Timestamp) -> Value {
    let estimates = Estimates::of(run, as_of);
    let one = |direction, goal| {
        let estimate = estimates.get(direction, goal);
        let within = |percent| estimate.percentile(percent).map(|length| length.as_secs());
        json!({ "measured": estimate.measured(), "p50Seconds": within(50), "p95Seconds": within(95) })
    };
    json!({
        "ready": one(Direction::Forward, Goal::Ready),
        "migrated": one(Direction::Forward, Goal::Migrated),
        "backReady": one(Direction::Rollback, Goal::Ready),
        "rolledBack": one(Direction::Rollback, Goal::Migrated),
    })
}

/// How many of the listed users stand where, by the code of the standing.
fn by_standing(run: &Migration) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for user in &run.users {
        let code = user.standing.as_ref().map_or(StandingCode::NotRead, StandingCode::from);
        *counts.entry(code.word()).or_insert(0) += 1;
    }
    counts
}

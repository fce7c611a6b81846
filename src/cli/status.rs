//! `status`: where a run stands, from its journal alone.

use std::fmt::Write;

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
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
    /// The run; else the newest
    #[arg(value_parser = super::runs::id)]
    pub(super) run_id: Option<RunId>,
    /// Print it as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// `skuferry status`: where a run stands.
pub(super) fn status(args: &StatusArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let path = match args.run_id {
        Some(id) => journal::file(&context.dirs.data, id),
        None => newest(context)?.path,
    };
    let journal = Journal::open(&path)?;
    let past: Vec<_> = journal.records.into_iter().map(|record| (record.at, record.event)).collect();
    let run = engine::fold(&past).map_err(|error| {
        let action = "Restore the file from a backup, or start a new run: preflight asks the tenant anew.";
        Failure::new(Exit::Usage, format!("{} does not tell of a run", path.display()), error.to_string(), action)
    })?;
    let written = past.last().map_or(run.started, |(at, _)| *at);
    let now = SystemClock.now();
    if args.json {
        context.print_json(as_json(&run, written, now, journal.torn), true)?;
    } else {
        let text = as_text(&run, written, now, &context.zone);
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
        excluded: count(|user| user.excluded),
        blocked: count(User::is_blocked),
        unlicensed: count(User::is_unlicensed),
        open: run.open().count(),
    }
}

fn as_text(run: &Migration, written: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
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
    let _ = writeln!(text, "{}", clean(&progress::waiting(run, now).text));
    if !run.complete {
        let _ = writeln!(text, "go on with: skuferry run --resume {}", run.run.id);
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

fn as_json(run: &Migration, written: Timestamp, now: Timestamp, torn: bool) -> Value {
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
        "torn": torn,
        "batch": if run.batches.is_empty() { Some(0) } else { Some(run.current + 1).filter(|_| back.is_none()) },
        "batches": run.forward_batches(),
        "rollback": back.map(|batch| json!({
            "ofBatches": batch.of.iter().map(|one| one + 1).collect::<Vec<_>>(),
            "users": batch.users.len(),
        })),
        "phase": run.phase().label(run.direction()),
        "complete": run.complete,
        "halted": run.halted.as_ref().map(|halt| progress::halt_reason(&halt.why)),
        "alarm": run.alarm.as_ref().map(|alarm| json!({ "users": alarm.users, "acknowledged": alarm.acknowledged })),
        "waiting": progress::waiting(run, now).text,
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

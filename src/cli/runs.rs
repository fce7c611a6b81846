//! `runs` and `status`: from the journals of this machine alone, without network.

use std::fmt::Write;

use clap::Args;
use clap::Subcommand;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::dirs::StoreKind;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past::Found;
use crate::cli::past::StoredRun;
use crate::domain::id::RunId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Side;
use crate::domain::text::clean;
use crate::journal;
use crate::journal::First;
use crate::journal::RunFile;
use crate::tui::format;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

/// What `runs` is asked for.
#[derive(Args, Debug)]
pub(super) struct RunsArgs {
    /// Print the runs as one JSON array
    #[arg(long)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Option<RunsCommand>,
}

/// What else can be done with the runs.
#[derive(Debug, Subcommand)]
pub(super) enum RunsCommand {
    /// Delete old runs and their exported reports, which hold names, those of the demo and of rehearsals too; asks first, and leaves runs at work alone
    #[command(after_help = "Example:\n  skuferry runs prune --older-than 90d")]
    Prune(super::prune::PruneArgs),
}

/// `skuferry runs`: the runs of this machine, the newest first.
pub(super) fn runs(args: &RunsArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if let Some(RunsCommand::Prune(args)) = &args.command {
        return super::prune::prune(args, context);
    }
    let runs = journal::list(&context.dirs.data)?;
    let text = if args.json {
        let runs: Vec<_> = runs.iter().map(|run| as_json(run, stands(run, context).as_ref())).collect();
        context.print_json(runs.into(), true)?;
        return Ok(Exit::Fine);
    } else if runs.is_empty() {
        say("cli-runs-none", &[("folder", journal::folder(&context.dirs.data).display().to_string().into())]) + "\n"
    } else {
        let stands: Vec<_> = runs.iter().map(|run| stands(run, context)).collect();
        table(&runs, &stands, &context.zone)
    };
    context.print(&text)?;
    Ok(Exit::Fine)
}

/// A run's id, as it is typed.
pub(super) fn id(text: &str) -> Result<RunId, String> {
    text.parse().map_err(|_| phrase("error-cli-run-id"))
}

/// The newest run of this machine.
pub(super) fn newest(context: &Context<'_>) -> Result<RunFile, Failure> {
    journal::list(&context.dirs.data)?.into_iter().next().ok_or_else(|| {
        let folder = journal::folder(&context.dirs.data).display().to_string();
        let why = say("error-cli-no-run-why", &[("folder", folder.into())]);
        Failure::new(Exit::Usage, phrase("error-cli-no-run"), why, phrase("error-cli-no-run-action"))
    })
}

/// Where a run stands; `None` where its journal does not tell.
fn stands(run: &RunFile, context: &Context<'_>) -> Option<Found> {
    let (journal, data) = (run.path.clone(), context.dirs.data.clone());
    Found::read(&StoredRun { journal, data, kind: StoreKind::Own }).ok()
}

/// How many of those who are to move are migrated, and of how many.
fn progress(run: &Migration) -> (usize, usize) {
    // Who is in no batch was never to move.
    let batches = || 0..run.batches.len();
    let migrated = batches().map(|batch| run.count(batch, Fact::Migrated)).sum();
    (migrated, batches().map(|batch| run.count(batch, Fact::Member)).sum())
}

fn table(runs: &[RunFile], stands: &[Option<Found>], zone: &TimeZone) -> String {
    let mut text = format!(
        "{:36}  {:16}  {:16}  {:8}  {:>13}  {}\n",
        phrase("cli-runs-run"),
        phrase("cli-runs-started"),
        phrase("cli-runs-written"),
        phrase("cli-runs-state"),
        phrase("cli-runs-progress"),
        phrase("cli-runs-migration")
    );
    for (run, found) in runs.iter().zip(stands) {
        let (started, mut what) = match &run.first {
            First::Started { at, run } => {
                let (source, target) = (&run.route.source.sku_name, &run.route.target.sku_name);
                let told = say(
                    "cli-runs-what",
                    &[
                        ("name", run.name.as_str().into()),
                        ("source", source.as_str().into()),
                        ("target", target.as_str().into()),
                        ("tenant", run.tenant.as_str().into()),
                    ],
                );
                (format::day(*at, zone), clean(&told).into_owned())
            }
            First::Empty => ("-".into(), phrase("cli-nothing-written")),
            First::Broken(error) => ("-".into(), clean(&causes(error)).into_owned()),
        };
        if run.torn {
            what = say("cli-runs-torn", &[("run", what.into())]);
        }
        let state = found.as_ref().map_or("-", |found| found.state.word());
        let moved = found.as_ref().map(|found| progress(&found.run)).filter(|(_, all)| *all > 0);
        let moved = moved.map_or_else(|| "-".to_owned(), |(done, all)| format!("{done} / {all}"));
        let written = format::day(run.modified, zone);
        // Writing to a String does not fail.
        let _ = writeln!(text, "{:36}  {started:16}  {written:16}  {state:8}  {moved:>13}  {what}", run.id);
    }
    text
}

fn as_json(run: &RunFile, found: Option<&Found>) -> Value {
    let mut value = json!({
        "id": run.id,
        "path": run.path,
        "modified": run.modified,
        "torn": run.torn,
        "started": null,
        "name": null,
        "tenant": null,
        "source": null,
        "target": null,
        "error": null,
        "state": found.map(|found| found.state.word()),
        "needs": found.and_then(|found| Some(found.need?.0.word())),
        "waitingSince": found.and_then(|found| Some(found.need?.1)),
        "progress": found.map(|found| {
            let (migrated, of) = progress(&found.run);
            let complete = found.run.batches.iter().filter(|batch| batch.phase == Phase::Complete).count();
            json!({ "migrated": migrated, "users": of, "batchesComplete": complete, "batches": found.run.batches.len() })
        }),
    });
    match &run.first {
        First::Started { at, run } => {
            value["started"] = json!(at);
            value["name"] = json!(run.name);
            value["tenant"] = json!(run.tenant);
            value["source"] = side(&run.route.source);
            value["target"] = side(&run.route.target);
        }
        First::Empty => {}
        First::Broken(error) => value["error"] = json!(causes(error)),
    }
    value
}

pub(super) fn side(side: &Side) -> Value {
    json!({
        "group": side.group,
        "groupName": side.group_name,
        "sku": side.sku,
        "skuName": side.sku_name,
        "partNumber": side.part_number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::ShownToOperator;
    use crate::domain::event::Event;
    use crate::domain::outcome::Outcome;
    use crate::domain::standing::Standing;
    use crate::engine::testing::Run;

    #[test]
    fn who_went_back_is_not_told_as_migrated() {
        let run = Run::safe(3);
        let users = run.users();
        let run = run.removing().removed(&users).all_stand(&Standing::Migrated);
        assert_eq!(progress(&run.run), (3, 3));
        let (batch, users, by) = (run.run.batches.len(), users[..1].to_vec(), || "me".to_owned());
        let seen = || ShownToOperator {
            group_name: "LIC".into(),
            free_seats: None,
            standings: Vec::new(),
            left_out: 0,
            reason: None,
        };
        let seats = run.run.preflight.as_ref().unwrap().seats;
        let checked = Event::BatchChecked { batch, problems: vec![], seats, products: vec![], reasons: vec![] };
        let back = run.then(&Event::RollbackStarted { batch, users: users.clone(), by: by() });
        assert_eq!(progress(&back.run), (2, 3), "on the way");
        let added = back
            .then(&checked)
            .then(&Event::AddApproved { batch, users: users.clone(), by: by(), seen: seen() })
            .then(&Event::AddIntended { batch, users: users.clone() })
            .then(&Event::AddSettled { batch, users: users.clone(), outcome: Outcome::Done })
            .stand(&users, &Standing::ExpectedConflict);
        let arrived = added
            .then(&Event::RemoveApproved { batch, users: users.clone(), by: by(), seen: seen() })
            .leaving_by(batch, &users)
            .then(&Event::RemoveSettled { batch, users: users.clone(), outcome: Outcome::Done })
            .stand(&users, &Standing::Migrated);
        assert!(arrived.run.users.iter().any(|user| user.is_rolled_back()));
        assert_eq!(progress(&arrived.run), (2, 3), "back");
    }
}

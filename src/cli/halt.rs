//! `halt`: what the key `H` does, from another terminal of this machine.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::halt_channel;
use crate::cli::operator;
use crate::cli::past;
use crate::domain::event::Event;
use crate::domain::id::RunId;
use crate::journal;
use crate::journal::First;
use crate::journal::JournalError;
use crate::journal::Reader;
use crate::words::phrase;
use crate::words::say;

/// How often the journal is asked whether it has the halt.
const LOOK: Duration = Duration::from_millis(100);
/// How often at most. A disk that takes longer does not make the halt come later.
const LOOKS: u32 = 20;

/// What `halt` is asked for.
#[derive(Args, Debug)]
pub(super) struct HaltArgs {
    /// The run, one of the demo or a rehearsal too; else every other run at work
    #[arg(value_parser = super::runs::id)]
    run_id: Option<RunId>,
}

/// `skuferry halt`: [`Exit::CheckFailed`] when a run was not halted, as it is not at work or does not answer.
pub(super) async fn halt(args: &HaltArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let (by, own) = (operator::here(), context.dirs.data.clone());
    let Some(id) = args.run_id else { return halt_all(&own, &by, context).await };
    // Nothing is read before it is asked: a slow disk must not hold up a halt.
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for data in context.dirs.stores().map(|store| store.data) {
        match halt_channel::ask(&data, id, &by) {
            Ok(()) => {
                told(id, &journal::file(&data, id), context).await?;
                return Ok(Exit::Fine);
            }
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => last = why,
        }
    }
    let kept = past::place(context, Some(id))?;
    let run = match Reader::open(&kept.journal)?.next().transpose()?.map(|record| record.event) {
        Some(Event::RunStarted { run, .. }) => Some(run),
        _ => None,
    };
    if run.is_some_and(|run| past::is_under_way(&kept.data, &kept.journal, &run)) {
        return Err(unheard(id, &last));
    }
    Err(not_at_work(say("error-cli-halt-not-at-work", &[("id", id.to_string().into())])))
}

/// Halts every run at work: who names none means that nothing more is to be written.
async fn halt_all(data: &Path, by: &str, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let at_work = journal::list(data)?.into_iter().filter(|file| match &file.first {
        First::Started { run, .. } => past::is_under_way(data, &file.path, run),
        First::Empty | First::Broken(_) => false,
    });
    let at_work: Vec<(RunId, PathBuf)> = at_work.map(|file| (file.id, file.path)).collect();
    if at_work.is_empty() {
        return Err(not_at_work(phrase("error-cli-halt-nothing-at-work")));
    }
    let asked: Vec<io::Result<()>> = at_work.iter().map(|(id, _)| halt_channel::ask(data, *id, by)).collect();
    let mut failure = None;
    for ((id, journal), asked) in at_work.iter().zip(asked) {
        match asked {
            Ok(()) => told(*id, journal, context).await?,
            Err(why) => failure = Some(unheard(*id, &why)),
        }
    }
    failure.map_or(Ok(Exit::Fine), Err)
}

/// Says that a run is halted, and whether its journal has it by now.
async fn told(id: RunId, journal: &Path, context: &mut Context<'_>) -> Result<(), Failure> {
    let id_told = || id.to_string().into();
    let text = match is_kept(journal).await {
        Ok(true) => say("cli-halt-kept", &[("id", id_told())]),
        Ok(false) | Err(_) => say("cli-halt-heard", &[("id", id_told())]),
    };
    context.print(&format!("{text}\n"))
}

/// Whether the journal says that the run is halted, as soon as it does.
async fn is_kept(journal: &Path) -> Result<bool, JournalError> {
    let (mut reader, mut halted) = (Reader::open(journal)?, false);
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(LOOK).await;
            reader.go_on()?;
        }
        for record in reader.by_ref() {
            match record?.event {
                Event::Halted { .. } | Event::AlarmRaised { .. } => halted = true,
                Event::HaltLifted { .. } => halted = false,
                _ => {}
            }
        }
        if halted {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unheard(id: RunId, why: &io::Error) -> Failure {
    let what = say("error-cli-halt-unheard", &[("id", id.to_string().into())]);
    Failure::new(Exit::CheckFailed, what, why.to_string(), phrase("error-cli-halt-unheard-action"))
}

fn not_at_work(what: String) -> Failure {
    Failure::new(Exit::CheckFailed, what, phrase("error-cli-halt-why"), phrase("error-cli-halt-action"))
}

//! A run that is not complete is offered before another one is started.

use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::path::Path;

use crate::cli::Context;
use crate::cli::dirs::StoreKind;
use crate::cli::existing_run::Meant;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past::Found;
use crate::cli::past::State;
use crate::cli::past::StoredRun;
use crate::cli::status;
use crate::domain::id::RunId;
use crate::domain::text::clean;
use crate::journal;
use crate::journal::First;
use crate::journal::RunFile;
use crate::tui::format;
use crate::words::phrase;
use crate::words::say;

/// What the operator wants instead of a new run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// A new run all the same.
    New,
    /// To go on with this one.
    Resume(RunId),
    /// To look at this one, and write nothing.
    Look(RunId),
    /// Neither.
    Nothing,
}

/// Offers the newest run that the configuration means and that is not complete. Without a terminal, or where lines are
/// answers to something else, which one is meant has to be said on the command line.
pub(super) fn offer(data: &Path, meant: &Meant<'_>, plain: bool, context: &mut Context<'_>) -> Result<Chosen, Failure> {
    let fits = |file: &RunFile| match &file.first {
        First::Started { run, .. } => meant.differences(run).is_empty(),
        First::Empty | First::Broken(_) => false,
    };
    let files = journal::list(data)?.into_iter().filter(fits);
    let kept = |file: RunFile| StoredRun { journal: file.path, data: data.to_owned(), kind: StoreKind::Own };
    // What cannot be read cannot be resumed either; `runs` names it.
    let mut open =
        files.filter_map(|file| Found::read(&kept(file)).ok()).filter(|found| found.state != State::Complete);
    let Some(found) = open.next() else { return Ok(Chosen::New) };
    let id = found.run.run.id;
    let (name, at) = (clean(&found.run.run.name).into_owned(), format::day(found.written, &context.zone));
    let told = say("cli-unfinished", &[("id", id.to_string().into()), ("name", name.into()), ("at", at.into())]);
    if plain || !io::stdin().is_terminal() {
        let action = say("error-cli-unfinished-action", &[("id", id.to_string().into())]);
        return Err(Failure::new(Exit::Usage, phrase("error-cli-unfinished"), told, action));
    }
    context.print(&format!("{told}\n{}", status::summary(&found.run)))?;
    loop {
        context.print(&format!("{} ", phrase("cli-unfinished-question")))?;
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        match read.map_err(|why| Failure::machine(phrase("error-cli-no-answer"), &why))? {
            0 => return Ok(Chosen::Nothing),
            _ => match answer.trim() {
                "" | "resume" => return Ok(Chosen::Resume(id)),
                "look" => return Ok(Chosen::Look(id)),
                "new" => return Ok(Chosen::New),
                _ => {}
            },
        }
    }
}

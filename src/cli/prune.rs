//! `runs prune`: deletes old runs, which hold names, after asking.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::path::Path;

use clap::Args;

use crate::cli::Context;
use crate::cli::dirs::Store;
use crate::cli::dirs::StoreKind;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::event::Event;
use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::journal;
use crate::journal::First;
use crate::journal::Reader;
use crate::journal::RunFile;
use crate::journal::RunLock;
use crate::journal::worklists;
use crate::report::read_on;
use crate::tui::format;
use crate::words::phrase;
use crate::words::say;

/// What `runs prune` is asked for.
#[derive(Args, Debug)]
pub(super) struct PruneArgs {
    /// Only runs that were last written so long ago, such as 90d or 12h
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: SignedDuration,
}

/// A length of time in days or hours.
fn age(text: &str) -> Result<SignedDuration, String> {
    let expected = || phrase("error-cli-age");
    let hours = match text.char_indices().last() {
        Some((end, 'd')) => text[..end].parse::<u32>().map(|days| i64::from(days) * 24),
        Some((end, 'h')) => text[..end].parse::<u32>().map(i64::from),
        _ => return Err(expected()),
    };
    hours.map(SignedDuration::from_hours).map_err(|_| expected())
}

/// `skuferry runs prune`: says what it would delete, has the number typed, and deletes.
pub(super) fn prune(args: &PruneArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let before = SystemClock.now().saturating_sub(args.older_than).unwrap_or_default();
    let (mut runs, mut text) = (Vec::new(), String::new());
    for Store { kind, data } in context.dirs.stores() {
        for run in journal::list(&data)?.into_iter().filter(|run| run.modified < before) {
            let (id, at) = (run.id.to_string().into(), format::day(run.modified, &context.zone).into());
            let told = say("cli-prune-run", &[("id", id), ("at", at), ("what", of_kind(kind, what(&run)).into())]);
            if let Some(why) = why_not(&data, &run) {
                text.extend(["  ", &stays(told, why), "\n"]);
            } else {
                text.extend(["  ", &told, "\n"]);
                runs.push((data.clone(), run));
            }
        }
    }
    if runs.is_empty() {
        context.print(&format!("{text}{}\n", phrase("cli-prune-nothing")))?;
        return Ok(Exit::Fine);
    }
    let number = runs.len();
    let asked = format!("{text}{} ", say("cli-prune-question", &[("count", number.into())]));
    context.print(&asked)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|why| Failure::machine(phrase("error-cli-no-answer"), &why))?;
    if !io::stdin().is_terminal() {
        context.print("\n")?; // nobody's Enter ended the line
    }
    if answer.trim() != number.to_string() {
        context.print(&format!("{}\n", phrase("cli-prune-given-up")))?;
        return Ok(Exit::Fine);
    }
    for (data, run) in &runs {
        let told = match delete(data, run)? {
            None => say("cli-prune-deleted", &[("id", run.id.to_string().into())]),
            Some(why) => stays(run.id.to_string(), why),
        };
        context.print(&format!("{told}\n"))?;
    }
    Ok(Exit::Fine)
}

/// Why a run is not deleted.
fn stays(run: String, why: String) -> String {
    say("cli-prune-stays", &[("run", run.into()), ("why", why.into())])
}

/// What a run is called, and whether it is complete.
fn what(run: &RunFile) -> String {
    match &run.first {
        First::Started { run: info, .. } => {
            let name = clean(&info.name).into();
            if is_complete(&run.path) {
                say("cli-prune-complete", &[("name", name)])
            } else {
                say("cli-prune-not-complete", &[("name", name)])
            }
        }
        First::Empty => phrase("cli-nothing-written"),
        First::Broken(_) => phrase("cli-prune-not-read"),
    }
}

/// The same with what the run was made on, where that was no tenant.
fn of_kind(kind: StoreKind, what: String) -> String {
    match kind {
        StoreKind::Own => what,
        StoreKind::Demo => say("cli-prune-of-demo", &[("what", what.into())]),
        StoreKind::Rehearsal => say("cli-prune-of-rehearsal", &[("what", what.into())]),
    }
}

fn is_complete(path: &Path) -> bool {
    let Ok(mut reader) = Reader::open(path) else { return false };
    let mut complete = false;
    let read = read_on(&mut reader, |record| -> Result<(), Failure> {
        match record.event {
            Event::MigrationComplete => complete = true,
            Event::RollbackStarted { .. } => complete = false,
            _ => {}
        }
        Ok(())
    });
    read.is_ok() && complete
}

/// Why a run is not deleted, when it is not. Of a journal that cannot be read nobody knows whether it is at work.
fn why_not(data: &Path, run: &RunFile) -> Option<String> {
    match &run.first {
        First::Broken(_) => {
            let path = run.path.display().to_string();
            Some(say("cli-prune-by-hand", &[("path", clean(&path).into())]))
        }
        First::Empty => None,
        First::Started { run, .. } => RunLock::held_since(data, run.route.source.group, run.route.target.group)
            .map(|_| phrase("cli-prune-under-way")),
    }
}

/// Deletes a run while nobody can take it up; gives why it stays, when it was taken up since the question.
fn delete(data: &Path, run: &RunFile) -> Result<Option<String>, Failure> {
    let _lock = match &run.first {
        First::Started { run, .. } => match RunLock::take(data, run.route.source.group, run.route.target.group) {
            Ok(lock) => Some(lock),
            Err(_) => return Ok(Some(phrase("cli-prune-under-way"))),
        },
        First::Empty | First::Broken(_) => None,
    };
    let written = fs::metadata(&run.path).and_then(|about| about.modified()).ok();
    if written.and_then(|at| crate::domain::time::Timestamp::try_from(at).ok()) != Some(run.modified) {
        return Ok(Some(phrase("cli-prune-written-since")));
    }
    let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) };
    let reports = super::report::exports(data, run.id);
    fs::remove_dir_all(&reports)
        .or_else(gone)
        .and_then(|()| fs::remove_dir_all(worklists::folder(data, run.id)).or_else(gone))
        .and_then(|()| fs::remove_file(&run.path))
        .map_err(|why| Failure::machine(say("error-cli-not-deleted", &[("id", run.id.to_string().into())]), &why))?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_days_or_hours() {
        assert_eq!(age("90d"), Ok(SignedDuration::from_hours(2160)));
        assert_eq!(age("12h"), Ok(SignedDuration::from_hours(12)));
        for text in ["", "d", "90", "-1d", "1.5d", "90 d", "9999999999d", "1w", "9é"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}

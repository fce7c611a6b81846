//! `watch`: a running migration on a second screen, from its journal alone.

use std::env;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::look;
use crate::cli::past;
use crate::cli::past::Found;
use crate::cli::past::State;
use crate::cli::resume_command::halt_command;
use crate::cli::run::needs_terminal;
use crate::cli::session::did_not_start;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::id::RunId;
use crate::engine;
use crate::journal::Reader;
use crate::tui;
use crate::words::phrase;
use crate::words::say;

/// What `watch` is asked for.
#[derive(Args, Debug)]
pub(super) struct WatchArgs {
    /// The run, one of the demo or a rehearsal too; else the newest of the others
    #[arg(value_parser = super::runs::id)]
    run_id: Option<RunId>,
}

/// `skuferry watch`: follows the journal until the operator quits.
pub(super) async fn watch(args: &WatchArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let kept = past::place(context, args.run_id)?;
    // Read first as `status` does: what cannot be shown is told before the screen is taken.
    let state = Found::read(&kept)?.state;
    needs_terminal()?;
    let mut reader = Reader::open(&kept.journal)?;
    let events = reader.more()?.into_iter().map(|record| (record.at, record.event)).collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (handle, watching) =
        engine::watch(events, reader.into(), clock.clone()).map_err(|error| did_not_start(&error))?;
    let id = handle.snapshots.borrow().run.run.id;
    let note = match state {
        State::Complete => None,
        State::Stopped => Some(phrase("cli-status-stopped")),
        State::Running | State::Waiting | State::Halted => {
            Some(say("cli-watch-halt", &[("command", halt_command(id).into())]))
        }
    };
    let options = tui::Options {
        theme: tui::Theme::Dark,
        no_color: look::no_color(),
        ascii: !look::shows_marks(|name| env::var(name).ok()),
        zone: context.zone.clone(),
        again: None,
        mouse: true,
        tour: false,
        notes: note.into_iter().collect(),
        resumed: None,
        now: Arc::new(move || clock.now()),
        export: None,
    };
    let shown = tui::run(handle, options).await;
    drop(watching.await);
    shown.map_err(|error| Failure::machine(phrase("error-cli-terminal"), &error))?;
    Ok(Exit::Fine)
}

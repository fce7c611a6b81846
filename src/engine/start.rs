//! How a run begins or goes on: its events are folded, and the engine is set on its task.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::phase::Illegal;
use crate::domain::phase::Place;
use crate::domain::time::Timestamp;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::setup::Setup;

/// Starts the engine on the current runtime. The task ends when the operator quits, and gives the run as it then stands.
///
/// # Errors
/// [`RecordError`] when the past events cannot be those of one run.
pub fn start(setup: Setup) -> Result<(Handle, JoinHandle<Migration>), RecordError> {
    let run = fold(&setup.past)?;
    let (to_engine, commands) = mpsc::unbounded_channel();
    let (notices, from_engine) = mpsc::unbounded_channel();
    let engine = Engine::new(run, setup, notices);
    let (publisher, snapshots) = watch::channel(Arc::new(engine.snapshot()));
    let commands_in = Commands::new(to_engine, engine.halt_flag());
    let handle = Handle { commands: commands_in, snapshots, notices: from_engine };
    let task = tokio::spawn(async move { engine.run(commands, publisher).await });
    Ok((handle, task))
}

/// The run that events describe.
///
/// # Errors
/// [`RecordError`] when they cannot be those of one run.
pub fn fold(past: &[(Timestamp, Event)]) -> Result<Migration, RecordError> {
    let mut events = past.iter();
    let first = events.next().map(|(at, event)| Migration::start(*at, event));
    let nothing = || Illegal { event: "", place: Place::BeforeTheRun };
    let mut run = first.ok_or_else(nothing)??;
    for (at, event) in events {
        run.replay(*at, event)?;
    }
    Ok(run)
}

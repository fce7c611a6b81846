//! How a run begins or goes on: its events are folded, and the engine is set on its task.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::phase::Illegal;
use crate::domain::phase::Place;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::plan::Plan;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::session::Session;
use crate::graph::Graph;

/// Everything a run starts from.
pub struct Setup {
    /// The client.
    pub graph: Graph,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the run sets out to do.
    pub plan: Plan,
    /// The run's events so far; the first one is its start.
    pub past: Vec<(Timestamp, Event)>,
    /// What this session may do, and where it keeps what happens.
    pub session: Session,
    /// Who sits at the terminal.
    pub operator: String,
    /// The tenant's display name.
    pub tenant: Option<String>,
    /// The tenant's SKUs as they were when it was reached.
    pub skus: Skus,
    /// Where the files of worklists go, for groups that others change; nowhere in a session that keeps nothing.
    pub worklists: Option<PathBuf>,
    /// When writes may leave; at any time when there is none.
    pub window: Option<Window>,
}

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

//! The log of a session: one file in the data folder, with every request and every step, and without names.
//!
//! Lines are made with `tracing` where things happen: requests in `graph`, steps where the engine keeps its events. At the
//! default level no line holds a name, an address, an id of a user or a group, a body, a token or a secret, so that an
//! admin can send the file to a colleague unread. `--log-level debug` adds ids and the service's own sentences, which may
//! hold names; tokens and secrets are in none.

mod file;
mod step;

use std::fs;
use std::panic;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use tracing::Dispatch;
use tracing_appender::non_blocking::NonBlockingBuilder;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;

use crate::domain::time::Timestamp;
use crate::log::file::LogFile;
use crate::log::file::State;

pub use crate::log::step::step;
pub use crate::log::step::stopped;

/// How many logs of earlier sessions are kept.
const KEPT: usize = 50;
/// How many lines may wait for a slow disk; what comes on top of them is dropped, so that no disk holds up a halt.
const WAITING: usize = 20_000;

/// The log of one session. The file is made when the first line is written.
pub struct Log {
    state: Arc<State>,
    dispatch: Dispatch,
    /// Writes the rest when it is dropped.
    worker: Option<WorkerGuard>,
}

impl Log {
    /// Prepares the log of a session that began at this time. Nothing is written yet, and nothing is at [`LevelFilter::OFF`].
    pub fn open(data: &Path, began: Timestamp, level: LevelFilter) -> Self {
        let name = format!("{}-{}.log", began.strftime("%Y%m%dT%H%M%S.%3fZ"), std::process::id());
        let state = Arc::new(State::new(folder(data).join(name)));
        let writer = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING);
        let (writer, worker) = writer.thread_name("log").finish(LogFile::new(state.clone(), KEPT));
        // Only our own lines: what libraries say of a request may hold anything.
        let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
        let lines = fmt::layer().with_ansi(false).with_writer(writer);
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(ours).with(lines));
        Self { state, dispatch, worker: Some(worker) }
    }

    /// What takes the lines: of this thread with [`tracing::dispatcher::set_default`], or of the whole process.
    pub fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// Writes what still waits and gives the log's path, if there is a log. Later lines are lost.
    pub fn close(&mut self) -> Option<PathBuf> {
        self.worker = None;
        self.state.is_made().then(|| self.state.path().to_owned())
    }
}

/// Has every panic leave a line in the log, before whatever else is done about it: where it was, and what it said as far as
/// that is the program's own sentence. One that was put together may hold anything, and is left out.
pub fn note_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string);
        let said = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("withheld");
        tracing::error!(panic = said, place, thread = thread::current().name());
        previous(info);
    }));
}

/// The folder of the logs in the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("logs")
}

/// The logs in a data folder, the oldest first. A folder that cannot be read has none.
pub fn list(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(data)).into_iter().flatten().flatten();
    let mut logs: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_log(path)).collect();
    // Their names begin with the time.
    logs.sort();
    logs
}

fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "log")
}

#[cfg(test)]
mod tests;

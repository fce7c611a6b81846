//! A run as its journal leaves it: where it is kept, where it stands, and whether somebody is at work on it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Context;
use crate::cli::dirs::Store;
use crate::cli::dirs::StoreKind;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::runs::newest;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::migration::Migration;
use crate::domain::needs::Need;
use crate::domain::needs::Wait;
use crate::domain::progress;
use crate::domain::time::Timestamp;
use crate::engine::RecordError;
use crate::journal;
use crate::journal::Reader;
use crate::journal::RunLock;
use crate::report::event::forget_histories;
use crate::words::phrase;
use crate::words::say;

/// Where a run is kept.
pub(super) struct StoredRun {
    /// Its journal.
    pub(super) journal: PathBuf,
    /// The data folder with its lock.
    pub(super) data: PathBuf,
    /// What it was made on.
    pub(super) kind: StoreKind,
}

/// Where the run with this id is kept, one of the demo or of a rehearsal too; without one the newest of the others.
pub(super) fn place(context: &Context<'_>, run: Option<RunId>) -> Result<StoredRun, Failure> {
    let own = |journal| StoredRun { journal, data: context.dirs.data.clone(), kind: StoreKind::Own };
    let Some(id) = run else { return Ok(own(newest(context)?.path)) };
    let kept = |store: Store| StoredRun { journal: journal::file(&store.data, id), data: store.data, kind: store.kind };
    let found = context.dirs.stores().into_iter().map(kept).find(|kept| kept.journal.exists());
    Ok(found.unwrap_or_else(|| own(journal::file(&context.dirs.data, id))))
}

/// Whether another process is at work on the run: the lock of its groups is held, and the journal was written since.
pub(super) fn is_under_way(data: &Path, journal: &Path, run: &RunInfo) -> bool {
    let route = &run.route;
    let Some(since) = RunLock::held_since(data, route.source.group, route.target.group) else { return false };
    let modified = fs::metadata(journal).and_then(|about| about.modified()).ok();
    modified.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at >= since)
}

/// Where a run stands, in a word that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A process is at work on it.
    Running,
    /// A process is at work on it, and an approval or an alarm waits for the operator.
    Waiting,
    /// A process has it open, and nothing is written until the operator lifts the halt.
    Halted,
    /// No process is at work on it.
    Stopped,
    /// Every batch is complete.
    Complete,
}

impl State {
    fn of(run: &Migration, at_work: bool) -> Self {
        match progress::waiting_for_operator(run) {
            _ if run.complete => Self::Complete,
            _ if !at_work => Self::Stopped,
            _ if run.halted.is_some() => Self::Halted,
            true => Self::Waiting,
            false => Self::Running,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Halted => "halted",
            Self::Stopped => "stopped",
            Self::Complete => "complete",
        }
    }
}

/// A run as its journal has it, and what there is around it.
pub(super) struct Found {
    pub(super) run: Migration,
    pub(super) state: State,
    /// When the journal was written last.
    pub(super) written: Timestamp,
    pub(super) torn: bool,
    pub(super) kind: StoreKind,
    /// The process at work on it, when there is one and it can be told.
    pub(super) process: Option<u32>,
    /// What it needs of somebody, and since when.
    pub(super) need: Option<(Need, Timestamp)>,
}

impl Found {
    /// Reads a run.
    pub(super) fn read(kept: &StoredRun) -> Result<Self, Failure> {
        let path = &kept.journal;
        let no_run = |why: String| {
            let what = say("error-cli-no-run-told", &[("path", path.display().to_string().into())]);
            Failure::new(Exit::Usage, what, why, phrase("error-cli-no-run-told-action"))
        };
        let mut reader = Reader::open(path)?;
        let (mut run, mut wait, mut written): (Option<Migration>, Wait, _) =
            (None, Wait::default(), Timestamp::default());
        for record in reader.by_ref() {
            let record = record?;
            let (at, event) = (record.at, &record.event);
            let illegal = |why| no_run(RecordError::Illegal(why).to_string());
            match &mut run {
                Some(run) => {
                    run.replay(at, event).map_err(illegal)?;
                    forget_histories(run, event); // nothing here tells them, and in memory they would grow
                }
                None => run = Some(Migration::start(at, event).map_err(illegal)?),
            }
            if let Some(run) = &run {
                wait.note(run, at);
            }
            written = at;
        }
        let run = run.ok_or_else(|| no_run(phrase("cli-nothing-written")))?;
        let at_work = is_under_way(&kept.data, path, &run.run);
        let route = &run.run.route;
        let process = at_work.then(|| RunLock::holder(&kept.data, route.source.group, route.target.group)).flatten();
        let state = State::of(&run, at_work);
        let need = match state {
            State::Complete => None,
            State::Stopped if kept.kind != StoreKind::Own => None, // its tenant is gone
            State::Stopped => Some((Need::Resume, written)),
            State::Running | State::Waiting | State::Halted => wait.need(),
        };
        Ok(Self { run, state, written, torn: reader.is_torn(), kind: kept.kind, process, need })
    }
}

//! A run as its journal leaves it: where it is kept, where it stands, and whether somebody is at work on it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Context;
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
pub(super) struct Kept {
    /// Its journal.
    pub(super) journal: PathBuf,
    /// The data folder with its lock.
    pub(super) data: PathBuf,
    /// Whether its tenant was that of a demo.
    pub(super) is_demo: bool,
}

/// Where the run with this id is kept, one of the demo too; without one the newest that is not of the demo.
pub(super) fn place(context: &Context<'_>, run: Option<RunId>) -> Result<Kept, Failure> {
    let (data, demo) = (context.dirs.data.clone(), context.dirs.demo());
    let Some(id) = run else { return Ok(Kept { journal: newest(context)?.path, data, is_demo: false }) };
    let (own, shown) = (journal::file(&data, id), journal::file(&demo, id));
    let is_demo = !own.exists() && shown.exists();
    Ok(if is_demo { Kept { journal: shown, data: demo, is_demo } } else { Kept { journal: own, data, is_demo } })
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
    pub(super) is_demo: bool,
    /// The process at work on it, when there is one and it can be told.
    pub(super) process: Option<u32>,
    /// What it needs of somebody, and since when.
    pub(super) need: Option<(Need, Timestamp)>,
}

impl Found {
    /// Reads a run.
    pub(super) fn read(kept: &Kept) -> Result<Self, Failure> {
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
            State::Stopped => Some((Need::Resume, written)),
            State::Running | State::Waiting | State::Halted => wait.need(),
        };
        Ok(Self { run, state, written, torn: reader.is_torn(), is_demo: kept.is_demo, process, need })
    }
}

//! How a run begins or goes on: its events are folded, and the engine is set on its task.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::phase::Illegal;
use crate::domain::preflight::RULES;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::engine::handle::Handle;
use crate::engine::handle::Notice;
use crate::engine::plan::Plan;
use crate::engine::recorder::RecordError;
use crate::engine::recorder::Recorder;
use crate::engine::run::Engine;
use crate::engine::run::Observations;
use crate::engine::run::Polling;
use crate::engine::snapshot::Activity;
use crate::engine::write_queue::Approved;
use crate::graph::Graph;
use crate::journal::Reader;
use crate::journal::Writer;

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
    /// Where events are kept; `None` for a sitting that only reads.
    pub writer: Option<Writer>,
    /// The run's journal behind these events, when another sitting goes on writing it and this one only follows.
    pub followed_journal: Option<Reader>,
    /// Why nothing can be written in this sitting, when nothing can.
    pub read_only: Option<String>,
    /// Who sits at the terminal.
    pub operator: String,
    /// The tenant's display name.
    pub tenant: Option<String>,
    /// The tenant's SKUs as they were when it was reached.
    pub skus: Skus,
}

/// Starts the engine on the current runtime. The task ends when the operator quits, and gives the run as it then stands.
///
/// # Errors
/// [`RecordError`] when the past events cannot be those of one run.
pub fn start(setup: Setup) -> Result<(Handle, JoinHandle<Migration>), RecordError> {
    let run = fold(&setup.past)?;
    let interval = run.run.settings.interval;
    let (to_engine, commands) = mpsc::unbounded_channel();
    let (notices, from_engine) = mpsc::unbounded_channel();
    let names = [&run.route.source, &run.route.target].map(|side| (side.group, side.group_name.clone()));
    let observations = Observations {
        facts: vec![None; run.users.len()],
        skus: Arc::new(setup.skus),
        group_names: Arc::new(HashMap::from(names)),
        ..Observations::default()
    };
    let recorder = Recorder::new(run, setup.past, setup.writer, setup.followed_journal, setup.clock.clone());
    let engine = Engine {
        graph: setup.graph,
        clock: setup.clock,
        plan: setup.plan,
        operator: setup.operator,
        tenant: setup.tenant,
        read_only: setup.read_only,
        recorder,
        classifiers: None,
        observations,
        polling: Polling {
            interval,
            paused: false,
            next: None,
            began: None,
            awaited: false,
            retry: None,
            read_back: None,
            groups: None,
            groups_retry: None,
            was_last: false,
        },
        approved: Approved::None,
        asked: 0,
        negative_reads: HashMap::new(),
        hindered_by: None,
        jobs: JoinSet::new(),
        activity: Activity::Connecting,
        check_again: false,
        quitting: false,
        changed: true,
        notices,
        revision: 0,
    };
    let (publisher, snapshots) = watch::channel(Arc::new(engine.snapshot()));
    if engine.recorder.run.preflight.as_ref().is_some_and(|preflight| preflight.rules < RULES) {
        let text = "this run began by older rules, which looked at one product of each group: users are judged by all of \
                    them from now on";
        engine.say(Notice::Said(text.to_owned()));
    }
    let handle = Handle { commands: to_engine, snapshots, notices: from_engine };
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
    let nothing = || Illegal { event: "nothing".into(), place: "at the start of a run".into() };
    let mut run = first.ok_or_else(nothing)??;
    for (at, event) in events {
        run.apply(*at, event)?;
    }
    Ok(run)
}

//! One session on a tenant: its journal, the engine, and the terminal or the lines that it is held in.

use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::Tenant;
use crate::cli::existing_run::Access;
use crate::cli::existing_run::Meant;
use crate::cli::existing_run::Past;
use crate::cli::existing_run::Seen;
use crate::cli::existing_run::kept_settings;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::halt_channel;
use crate::cli::halt_channel::HaltListener;
use crate::cli::look;
use crate::cli::notify::Notifier;
use crate::cli::notify::Shown;
use crate::cli::operator;
use crate::cli::plain;
use crate::cli::report;
use crate::cli::resume_command::resumed;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::config::Config;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::event::SessionInfo;
use crate::domain::id::RunId;
use crate::domain::migration::Migration;
use crate::domain::time::Timestamp;
use crate::engine;
use crate::engine::ReadOnly;
use crate::engine::RecordError;
use crate::engine::Session;
use crate::engine::Setup;
use crate::engine::handle::Command;
use crate::engine::handle::Handle;
use crate::journal::Background;
use crate::journal::Reader;
use crate::journal::RunLock;
use crate::journal::Writer;
use crate::tui;
use crate::tui::run::Now;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

/// What a session starts from beside the tenant.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct SessionOptions<'a> {
    pub(super) config: &'a Config,
    /// Where the configuration stands, when it is a file.
    pub(super) file: Option<&'a Path>,
    pub(super) data: &'a Path,
    /// What keeps other processes from writing to the same groups.
    pub(super) lock: Option<Arc<RunLock>>,
    pub(super) resume: Option<RunId>,
    /// Whether the run is at work in another process, which this session follows.
    pub(super) follows: bool,
    /// Why nothing may be written, when nothing may.
    pub(super) read_only: Option<ReadOnly>,
    /// Whether the tenant is a copy, on which nothing happens to anybody.
    pub(super) rehearsal: bool,
    /// Whether the pages for who sees the screen for the first time are shown.
    pub(super) tour: bool,
    /// The command that opens this tenant again, when one does.
    pub(super) again: Option<String>,
    /// Whether it is held in lines instead of on the screen.
    pub(super) plain: bool,
}

/// The journal that a session goes by, and what it holds so far.
struct Opened {
    past: Past,
    /// What the configuration says otherwise than the run that goes on.
    kept_settings: Vec<String>,
    /// Of a run that is taken up again to be written: when it was written last.
    taken_up: Option<Timestamp>,
}

impl Opened {
    /// Begins a run or takes one up, and writes down who does.
    fn of(options: &SessionOptions<'_>, tenant: &Tenant, clock: &SteadyClock) -> Result<Self, Failure> {
        let (mut past, kept_settings) = match options.resume {
            Some(id) => taken_up(options, tenant, id)?,
            None => (begun(options, tenant, clock)?, Vec::new()),
        };
        if let Some(lock) = &options.lock {
            past.writer = past.writer.map(|writer| writer.under(Arc::clone(lock)));
        }
        let Past { events, writer, .. } = &mut past;
        // A clock that was set back since would take every read for older than the last write.
        events.last().into_iter().for_each(|(at, _)| clock.not_before(*at));
        let taken_up = options.resume.and(writer.as_ref()).and(events.last()).map(|(at, _)| *at);
        if let Some(writer) = writer {
            if options.resume.is_some() {
                events.push((clock.now(), Event::Resumed { by: tenant.operator.clone() }));
            }
            if let Some((at, event)) = events.last() {
                writer.append(*at, event)?;
            }
            let opened =
                (clock.now(), Event::SessionOpened { session: Box::new(session_info(options.config, tenant)) });
            writer.append(opened.0, &opened.1)?;
            events.push(opened);
        }
        Ok(Self { past, kept_settings, taken_up })
    }
}

/// A run that there is already, and what it keeps of its own settings.
fn taken_up(options: &SessionOptions<'_>, tenant: &Tenant, id: RunId) -> Result<(Past, Vec<String>), Failure> {
    let access = match (options.follows, &options.read_only) {
        (true, _) => Access::Follow,
        (false, Some(_)) => Access::Look,
        (false, None) => Access::Write,
    };
    let seen = Some(Seen { tenant_id: tenant.id.as_deref(), route: &tenant.plan.route });
    let meant = Meant { config: options.config, graph_url: &tenant.graph_url, seen };
    let past = Past::of(options.data, &meant, id, access)?;
    let kept = past.run().map(|run| kept_settings(run, options.config)).unwrap_or_default();
    Ok((past, kept))
}

/// A run that begins now.
fn begun(options: &SessionOptions<'_>, tenant: &Tenant, clock: &SteadyClock) -> Result<Past, Failure> {
    let rehearsal = options.rehearsal;
    let run = RunInfo { rehearsal, ..connect::run_info(options.config, options.file, tenant) };
    let writable = options.read_only.is_none();
    let writer = writable.then(|| Writer::create(options.data, run.id)).transpose()?;
    let began = Event::RunStarted { run: Box::new(run), by: tenant.operator.clone() };
    Ok(Past { events: vec![(clock.now(), began)], writer, followed_journal: None })
}

/// Opens the terminal on a tenant until the operator leaves it; gives the run as it then stands.
pub(super) async fn open(
    options: SessionOptions<'_>,
    tenant: Tenant,
    clock: Arc<SteadyClock>,
    context: &mut Context<'_>,
) -> Result<Migration, Failure> {
    let Opened { past, kept_settings, taken_up } = Opened::of(&options, &tenant, &clock)?;
    let Past { events, writer, followed_journal } = past;
    let (kept, writes) = (writer.is_some() || options.resume.is_some(), writer.is_some());
    let why = options.read_only.unwrap_or(ReadOnly::NotKept);
    let session = may(writer, followed_journal, why)?;
    let folder = writes.then(|| worklists(&events, options.data)).flatten();
    let setup = Setup {
        graph: tenant.graph,
        clock: clock.clone(),
        plan: tenant.plan,
        past: events,
        session,
        operator: tenant.operator,
        tenant: tenant.name,
        skus: tenant.skus,
        worklists: folder,
        window: options.config.window.clone(),
    };
    let (handle, engine) = engine::start(setup).map_err(|error| did_not_start(&error))?;
    let id = handle.snapshots.borrow().run.run.id;
    let mut notes = kept_notes(&kept_settings);
    let _hears = if writes { hear_halts(options.data, id, &handle, &mut notes) } else { None };
    let ascii = !look::shows_marks(|name| env::var(name).ok());
    let now: Now = {
        let clock = Arc::clone(&clock);
        Arc::new(move || clock.now())
    };
    let shown = Shown::of(options.plain, ascii);
    let notifier = Notifier::start(&options.config.notify, shown, id, &handle, Arc::clone(&now));
    if options.plain {
        return in_lines(handle, engine, notifier, context, notes, now).await;
    }
    let options = tui::Options {
        theme: look::configured(options.config),
        no_color: look::no_color(),
        ascii,
        zone: context.zone.clone(),
        mouse: options.config.mouse,
        tour: options.tour,
        again: options.again.map(|command| resumed(&command, id)),
        notes,
        resumed: taken_up,
        export: kept.then(|| export(options.data, id, clock)),
        now,
    };
    on_screen(handle, engine, notifier, options).await
}

/// What a session may do with its run, by the journal that it has.
fn may(writer: Option<Writer>, followed: Option<Reader>, why: ReadOnly) -> Result<Session, Failure> {
    Ok(match (writer, followed) {
        (Some(keeps), _) => Session::Writes(Box::new(Background::start(keeps)?)),
        (None, Some(journal)) => Session::Follows { journal: journal.into(), why },
        (None, None) => Session::ReadOnly { why },
    })
}

async fn in_lines(
    handle: Handle,
    engine: JoinHandle<Migration>,
    notifier: Notifier,
    context: &mut Context<'_>,
    notes: Vec<String>,
    now: Now,
) -> Result<Migration, Failure> {
    let shown = plain::run(handle, context, notes, now).await;
    let run = engine.await.map_err(|error| Failure::machine(phrase("error-cli-engine"), &error))?;
    notifier.finish().await;
    shown.map(|()| run)
}

async fn on_screen(
    handle: Handle,
    engine: JoinHandle<Migration>,
    notifier: Notifier,
    options: tui::Options,
) -> Result<Migration, Failure> {
    let commands = handle.commands.clone();
    let shown = tui::run(handle, options).await;
    // Whoever hears halts keeps the way to the engine open: where no screen could be opened, it has to be told.
    drop(commands.send(Command::Quit));
    let run = engine.await.map_err(|error| Failure::machine(phrase("error-cli-engine"), &error))?;
    notifier.finish().await;
    let ended = shown.map_err(|error| Failure::machine(phrase("error-cli-terminal"), &error))?;
    for line in ended.said {
        // The journal has it too; here it is for whoever missed it on the screen.
        Failure::note(&line);
    }
    Ok(run)
}

/// What is told of settings that are the journal's.
fn kept_notes(settings: &[String]) -> Vec<String> {
    match settings {
        [] => Vec::new(),
        kept => vec![say("cli-kept-settings", &[("settings", kept.join("; ").into())])],
    }
}

/// Where the worklists of the run with these events are kept.
fn worklists(events: &[(Timestamp, Event)], data: &Path) -> Option<PathBuf> {
    match events.first() {
        Some((_, Event::RunStarted { run, .. })) => {
            // It is written down, and may be looked for from elsewhere.
            let folder = crate::journal::worklists::folder(data, run.id);
            Some(std::path::absolute(&folder).unwrap_or(folder))
        }
        _ => None,
    }
}

/// Hears who halts the run from another terminal; where that cannot be, a note says so.
fn hear_halts(data: &Path, run: RunId, handle: &Handle, notes: &mut Vec<String>) -> Option<HaltListener> {
    let commands = handle.commands.clone();
    // Once the engine has ended nothing leaves any more.
    match halt_channel::listen(data, run, move |by| drop(commands.send(Command::HaltFrom(by)))) {
        Ok(listener) => Some(listener),
        Err(why) => {
            notes.push(say("cli-halt-not-heard-here", &[("why", why.to_string().into())]));
            None
        }
    }
}

/// What writes the report for the key `e`.
fn export(data: &Path, run: RunId, clock: Arc<SteadyClock>) -> tui::Export {
    let data = data.to_owned();
    Arc::new(move || {
        let written = report::export(&data, run, clock.now());
        let told = |failure: Failure| format!("{}: {}", failure.what, failure.why);
        written.map(|folder| folder.display().to_string()).map_err(told)
    })
}

/// From where and how this session is held, for the report.
fn session_info(config: &Config, tenant: &Tenant) -> SessionInfo {
    SessionInfo {
        host: operator::host(),
        version: env!("CARGO_PKG_VERSION").into(),
        sign_in: config.auth.method.word().to_owned(),
        account: tenant.account.clone(),
    }
}

/// Why a run cannot be opened.
pub(super) fn did_not_start(error: &RecordError) -> Failure {
    let (what, action) = (phrase("error-cli-run-stopped"), phrase("error-cli-run-stopped-action"));
    Failure::new(Exit::Usage, what, causes(error), action)
}

//! `run` and the bare command: they wire tenant, journal, engine and terminal together.

use std::env;
use std::io::IsTerminal;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::SignedIn;
use crate::cli::connect::Tenant;
use crate::cli::existing_run::Access;
use crate::cli::existing_run::Meant;
use crate::cli::existing_run::Past;
use crate::cli::existing_run::Seen;
use crate::cli::existing_run::at_work;
use crate::cli::existing_run::kept_settings;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::halt_channel;
use crate::cli::halt_channel::HaltListener;
use crate::cli::hosts;
use crate::cli::language;
use crate::cli::look;
use crate::cli::notify::Notifier;
use crate::cli::notify::Shown;
use crate::cli::operator;
use crate::cli::plain;
use crate::cli::resume_command::again;
use crate::cli::resume_command::resumed;
use crate::cli::setup;
use crate::cli::sign_in::Secrets;
use crate::cli::status;
use crate::cli::unfinished;
use crate::cli::unfinished::Chosen;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
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
use crate::journal::LockError;
use crate::journal::RunLock;
use crate::journal::Writer;
use crate::tui;
use crate::words;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

/// What `run` is asked for.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Go on with this run instead of starting one
    #[arg(long, value_name = "RUN_ID", value_parser = super::runs::id)]
    pub(super) resume: Option<RunId>,
    /// Start another run, though one of these groups is not complete
    #[arg(long, conflicts_with = "resume")]
    pub(super) new: bool,
    /// Print events as lines and take approvals from standard input: no screen, no terminal
    #[arg(long)]
    pub(super) plain: bool,
    /// Look on: nothing is written to the tenant
    #[arg(long)]
    pub(super) read_only: bool,
    /// Send tokens and the secret to this host of the configuration although it is no cloud of Microsoft's
    #[arg(long, value_name = "HOST")]
    pub(super) allow_host: Vec<String>,
}

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

/// `skuferry run`: loads the configuration, then opens the terminal on the tenant.
pub(super) async fn run(args: RunArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    run_signed_in(args, context, steady, None).await
}

/// The same for who is signed in already, by the clock that they signed in by.
pub(super) async fn run_signed_in(
    args: RunArgs,
    context: &mut Context<'_>,
    steady: Arc<SteadyClock>,
    signed_in: Option<SignedIn>,
) -> Result<Exit, Failure> {
    let file = context.dirs.config_file(args.config.as_deref());
    let config = language::load(&file)?;
    let users = connect::listed(&config)?;
    if !args.plain {
        needs_terminal()?;
    }
    let at = hosts::confirm(&context.dirs.data, &config, &args.allow_host)?;
    let clock: Arc<dyn Clock> = steady.clone();
    let data = context.dirs.data.clone();
    let (source, target) = (config.migration.source.group, config.migration.target.group);
    let (mut lock, mut read_only, followed_run) = match RunLock::take(&data, source, target) {
        // Who only looks keeps nobody from working.
        Ok(_) if args.read_only => (None, Some(ReadOnly::Asked), None),
        Ok(lock) => (Some(Arc::new(lock)), None, None),
        Err(LockError::Held { path, process }) => {
            let meant = Meant { config: &config, graph_url: at.graph_root(), seen: None };
            (None, Some(ReadOnly::AtWork { process }), at_work(&data, &path, &meant)?)
        }
        Err(error) => return Err(error.into()),
    };
    let mut resume = args.resume.or(followed_run);
    if resume.is_none() && lock.is_some() && !args.new {
        let meant = Meant { config: &config, graph_url: at.graph_root(), seen: None };
        match unfinished::offer(&data, &meant, args.plain, context)? {
            Chosen::New => {}
            Chosen::Resume(run) => resume = Some(run),
            Chosen::Look(run) => (resume, lock, read_only) = (Some(run), None, Some(ReadOnly::Asked)),
            Chosen::Nothing => return Ok(Exit::Fine),
        }
    }
    let mut tenant = match signed_in {
        Some(signed_in) => connect::read(&config, signed_in, users).await?,
        None => connect::connect(&config, at, users, Secrets::from_env(), &clock).await?,
    };
    // What was granted may be too little to write with; then the lock is somebody else's to take.
    let too_little = if read_only.is_none() { tenant.reads_only.take() } else { None };
    let lock = lock.filter(|_| too_little.is_none());
    let read_only = read_only.or(too_little.map(|permission| ReadOnly::Lacks { permission }));
    let again = again(args.config.as_deref(), &args.allow_host);
    let writes = read_only.is_none();
    let follows = followed_run.is_some() && resume == followed_run;
    let lock_held = lock.clone();
    let options = SessionOptions {
        config: &config,
        file: Some(&file),
        data: &data,
        lock: lock_held,
        resume,
        follows,
        read_only,
        rehearsal: false,
        tour: false,
        again: Some(again.clone()),
        plain: args.plain,
    };
    let run = open_session(options, tenant, steady, context).await?;
    drop(lock); // held for as long as anything could be written
    if !writes && resume.is_none() {
        context.print(&format!("{}\n", phrase("cli-run-not-kept")))?;
    } else if follows {
        let told = say("cli-run-looked-at", &[("id", run.run.id.to_string().into())]);
        context.print(&format!("{told}\n"))?;
    } else if run.complete {
        let (state, id) = (words::batches::migration_completion(&run).into(), run.run.id.to_string().into());
        let told = say("cli-run-ended", &[("state", state), ("id", id), ("back", taken_back(&run).into())]);
        context.print(&format!("{}{told}\n", status::summary(&run)))?;
    } else {
        let id = run.run.id;
        let (command, id) = (resumed(&again, id).into(), id.to_string().into());
        let told = say("cli-run-not-complete", &[("id", id), ("command", command)]);
        context.print(&format!("{}{told}\n", status::summary(&run)))?;
        // A script must not take what was left for what is done.
        if args.plain && left(&run) == Exit::Fine {
            return Ok(Exit::CheckFailed);
        }
    }
    Ok(left(&run))
}

/// `skuferry`: the terminal on the configuration that there is, or the offer of the demo and the set-up.
pub(super) async fn bare(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let path = context.dirs.config_file(None);
    if path.is_file() {
        let allow_host = Vec::new();
        let args = RunArgs { config: Some(path), resume: None, new: false, plain: false, read_only: false, allow_host };
        return run(args, context).await;
    }
    if setup::has_terminal() {
        return setup::offer(context).await;
    }
    let folders = context.dirs.config_folders().iter().map(|folder| folder.display().to_string());
    let folders = folders.reduce(|one, other| say("cli-or-in", &[("one", one.into()), ("other", other.into())]));
    Err(Failure::new(
        Exit::Usage,
        phrase("error-cli-no-config"),
        say("error-cli-no-config-why", &[("folders", folders.unwrap_or_default().into())]),
        phrase("error-cli-no-config-action"),
    ))
}

/// Opens the terminal on a tenant until the operator leaves it; gives the run as it then stands.
pub(super) async fn open_session(
    options: SessionOptions<'_>,
    tenant: Tenant,
    clock: Arc<SteadyClock>,
    context: &mut Context<'_>,
) -> Result<Migration, Failure> {
    let mut own_settings = Vec::new();
    let Past { mut events, mut writer, followed_journal } = if let Some(id) = options.resume {
        let access = match (options.follows, &options.read_only) {
            (true, _) => Access::Follow,
            (false, Some(_)) => Access::Look,
            (false, None) => Access::Write,
        };
        let seen = Some(Seen { tenant_id: tenant.id.as_deref(), route: &tenant.plan.route });
        let meant = Meant { config: options.config, graph_url: &tenant.graph_url, seen };
        let past = Past::of(options.data, &meant, id, access)?;
        own_settings = past.run().map(|run| kept_settings(run, options.config)).unwrap_or_default();
        past
    } else {
        let rehearsal = options.rehearsal;
        let run = RunInfo { rehearsal, ..connect::run_info(options.config, options.file, &tenant) };
        let writable = options.read_only.is_none();
        let writer = writable.then(|| Writer::create(options.data, run.id)).transpose()?;
        let began = Event::RunStarted { run: Box::new(run), by: tenant.operator.clone() };
        Past { events: vec![(clock.now(), began)], writer, followed_journal: None }
    };
    writer = match (writer, options.lock) {
        (Some(writer), Some(lock)) => Some(writer.under(lock)),
        (writer, _) => writer,
    };
    // A clock that was set back since would take every read for older than the last write.
    events.last().into_iter().for_each(|(at, _)| clock.not_before(*at));
    // Of a run that is taken up again: when it was written last.
    let taken_up = options.resume.and(writer.as_ref()).and(events.last()).map(|(at, _)| *at);
    if let Some(writer) = &mut writer {
        if options.resume.is_some() {
            events.push((clock.now(), Event::Resumed { by: tenant.operator.clone() }));
        }
        if let Some((at, event)) = events.last() {
            writer.append(*at, event)?;
        }
        let opened = (clock.now(), Event::SessionOpened { session: Box::new(session_info(options.config, &tenant)) });
        writer.append(opened.0, &opened.1)?;
        events.push(opened);
    }
    let (kept, writes) = (writer.is_some() || options.resume.is_some(), writer.is_some());
    let why = options.read_only.unwrap_or(ReadOnly::NotKept);
    let session = match (writer, followed_journal) {
        (Some(keeps), _) => Session::Writes(Box::new(Background::start(keeps)?)),
        (None, Some(journal)) => Session::Follows { journal: journal.into(), why },
        (None, None) => Session::ReadOnly { why },
    };
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
    let mut notes = kept_notes(&own_settings);
    let commands = handle.commands.clone();
    let _hears = if writes { hear_halts(options.data, id, &handle, &mut notes) } else { None };
    let ascii = !look::shows_marks(|name| env::var(name).ok());
    let notifier = {
        let clock = Arc::clone(&clock);
        let now = Arc::new(move || clock.now());
        Notifier::start(&options.config.notify, Shown::of(options.plain, ascii), id, &handle, now)
    };
    if options.plain {
        let shown = plain::run(handle, context, notes, Arc::new(move || clock.now())).await;
        let run = engine.await.map_err(|error| Failure::machine(phrase("error-cli-engine"), &error))?;
        notifier.finish().await;
        return shown.map(|()| run);
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
        export: kept.then(|| export(options.data, id, clock.clone())),
        now: Arc::new(move || clock.now()),
    };
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
        let written = super::report::export(&data, run, clock.now());
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

pub(super) fn needs_terminal() -> Result<(), Failure> {
    if std::io::stdout().is_terminal() {
        return Ok(());
    }
    let (what, why) = (phrase("error-cli-no-terminal"), phrase("error-cli-no-terminal-why"));
    Err(Failure::new(Exit::Usage, what, why, phrase("error-cli-no-terminal-action")))
}

/// How many did not stay migrated, as the word `complete` would hide them.
fn taken_back(run: &Migration) -> String {
    match run.users.iter().filter(|user| user.is_rolled_back()).count() {
        0 => String::new(),
        back => say("run-rolled-back", &[("count", back.into())]),
    }
}

/// The exit code that a run ends with.
pub(super) fn left(run: &Migration) -> Exit {
    if run.users.iter().any(|user| user.is_unlicensed()) { Exit::Unlicensed } else { Exit::Fine }
}

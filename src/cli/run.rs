//! `run`, `demo` and the bare command: they wire tenant, journal, engine and terminal together.

use std::env;
use std::io::IsTerminal;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::Secrets;
use crate::cli::connect::Tenant;
use crate::cli::existing_run::Access;
use crate::cli::existing_run::Past;
use crate::cli::existing_run::at_work;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::sim::ScenarioWord;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::config::ThemeName;
use crate::domain::causes::causes;
use crate::domain::count;
use crate::domain::event::Event;
use crate::domain::id::RunId;
use crate::domain::migration::Migration;
use crate::engine;
use crate::engine::Session;
use crate::engine::Setup;
use crate::journal;
use crate::journal::Background;
use crate::journal::LockError;
use crate::journal::RunLock;
use crate::journal::Writer;
use crate::sim::Options as SimOptions;
use crate::sim::Sim;
use crate::tui;
use crate::tui::Theme;

/// What `run` is asked for.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Go on with this run instead of starting one
    #[arg(long, value_name = "RUN_ID", value_parser = super::runs::id)]
    pub(super) resume: Option<RunId>,
    /// Look on: nothing is written to the tenant
    #[arg(long)]
    pub(super) read_only: bool,
}

/// What `demo` is asked for.
#[derive(Args, Debug)]
pub(super) struct DemoArgs {
    /// Which licenses the tenant is about
    #[arg(long, value_enum, default_value_t)]
    pub(super) scenario: ScenarioWord,
    /// How many users are to be moved
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) users: u32,
    /// The same number makes the same tenant
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// How many times as fast as real time the tenant lives
    #[arg(long, value_name = "X", default_value_t = 60.0, value_parser = super::sim::speed)]
    pub(super) speed: f64,
}

/// What a sitting starts from beside the tenant.
struct Sitting<'a> {
    config: &'a Config,
    data: &'a Path,
    resume: Option<RunId>,
    /// Whether the run is at work in another process, which this sitting follows.
    follows: bool,
    /// Why nothing may be written, when nothing may.
    read_only: Option<String>,
    /// The command that opens this tenant again, when one does.
    again: Option<String>,
}

/// `skuferry run`: loads the configuration, then opens the terminal on the tenant.
pub(super) async fn run(args: RunArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = Config::load(&context.dirs.config_file(args.config.as_deref()))?;
    let users = connect::listed(&config)?;
    needs_terminal()?;
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let clock: Arc<dyn Clock> = steady.clone();
    let data = context.dirs.data.clone();
    let (source, target) = (config.migration.source.group, config.migration.target.group);
    let (lock, read_only, followed_run) = match RunLock::take(&data, source, target) {
        // Who only looks keeps nobody from working.
        Ok(_) if args.read_only => (None, Some("opened with --read-only".to_owned()), None),
        Ok(lock) => (Some(lock), None, None),
        Err(LockError::Held { path, process }) => {
            let process = process.map(|id| format!(", process {id},")).unwrap_or_default();
            let why = format!("another skuferry{process} is at work between these two groups");
            (None, Some(why), at_work(&data, &path, &config)?)
        }
        Err(error) => return Err(error.into()),
    };
    let tenant = connect::connect(&config, users, Secrets::from_env(), &clock).await?;
    let named = args.config.as_ref().map(|file| format!(" --config {}", file.display())).unwrap_or_default();
    let again = format!("skuferry run{named}");
    let (writes, resume) = (read_only.is_none(), args.resume.or(followed_run));
    let follows = followed_run.is_some() && resume == followed_run;
    let sitting = Sitting { config: &config, data: &data, resume, follows, read_only, again: Some(again.clone()) };
    let run = open_session(sitting, tenant, steady, context).await?;
    drop(lock); // held for as long as anything could be written
    if !writes && resume.is_none() {
        context.print("this sitting only read, and nothing of it is kept\n")?;
    } else if follows {
        context.print(&format!("run {} was only looked at; it is at work in another skuferry\n", run.run.id))?;
    } else if run.complete {
        context.print(&format!("migration complete: run {}{}\n", run.run.id, taken_back(&run)))?;
    } else {
        let id = run.run.id;
        context.print(&format!("run {id} is not complete; go on with: {again} --resume {id}\n"))?;
    }
    Ok(left(&run))
}

/// `skuferry demo`: opens the terminal on a simulated tenant of its own.
pub(super) async fn demo(args: DemoArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    needs_terminal()?;
    let options = SimOptions {
        scenario: args.scenario.into(),
        users: args.users as usize,
        seed: args.seed,
        speed: args.speed,
        ..SimOptions::default()
    };
    let sim = Sim::start(options).await?;
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let clock: Arc<dyn Clock> = steady.clone();
    let config = Config::parse(&sim.config_toml(), Path::new("demo/config.toml"))?;
    let list = crate::config::users::read_list(&sim.users_csv()).map_err(|error| {
        Failure::new(Exit::Usage, "the demo's list of users cannot be read", causes(&error), "Report this.")
    })?;
    let tenant =
        connect::connect(&config, (connect::keyed(list.users), list.passed_over), Secrets::demo(), &clock).await?;
    tenant.graph.set_speed(args.speed);
    // The tenant is gone when the demo ends, so its run is kept apart from those that can be resumed.
    let data = context.dirs.data.join("demo");
    let sitting = Sitting { config: &config, data: &data, resume: None, follows: false, read_only: None, again: None };
    let run = open_session(sitting, tenant, steady, context).await?;
    sim.stop().await;
    let state = if run.complete { "migration complete" } else { "the demo ended before the migration was complete" };
    context.print(&format!("{state}: run {}, kept in {}\n", run.run.id, journal::file(&data, run.run.id).display()))?;
    Ok(left(&run))
}

/// `skuferry`: the terminal on the configuration that there is, or the offer of the demo.
pub(super) async fn bare(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let path = context.dirs.config_file(None);
    if path.is_file() {
        return run(RunArgs { config: Some(path), resume: None, read_only: false }, context).await;
    }
    let folders: Vec<_> = context.dirs.config_folders().iter().map(|folder| folder.display().to_string()).collect();
    Err(Failure::new(
        Exit::Usage,
        "there is no configuration yet",
        format!("no config.toml is in {}", folders.join(" or in ")),
        "Try `skuferry demo`, which needs none, or copy config.example.toml to config.toml and change what is yours.",
    ))
}

async fn open_session(
    sitting: Sitting<'_>,
    tenant: Tenant,
    clock: Arc<SteadyClock>,
    context: &Context<'_>,
) -> Result<Migration, Failure> {
    let Past { mut events, mut writer, followed_journal } = if let Some(id) = sitting.resume {
        let access = match (sitting.follows, &sitting.read_only) {
            (true, _) => Access::Follow,
            (false, Some(_)) => Access::Look,
            (false, None) => Access::Write,
        };
        Past::of(sitting.data, sitting.config, id, access)?
    } else {
        let run = connect::run_info(sitting.config, &tenant);
        let writable = sitting.read_only.is_none();
        let writer = writable.then(|| Writer::create(sitting.data, run.id)).transpose()?;
        let began = Event::RunStarted { run: Box::new(run), by: tenant.operator.clone() };
        Past { events: vec![(clock.now(), began)], writer, followed_journal: None }
    };
    // A clock that was set back since would take every read for older than the last write.
    events.last().into_iter().for_each(|(at, _)| clock.not_before(*at));
    if let Some(writer) = &mut writer {
        if sitting.resume.is_some() {
            events.push((clock.now(), Event::Resumed { by: tenant.operator.clone() }));
        }
        if let Some((at, event)) = events.last() {
            writer.append(*at, event)?;
        }
    }
    let theme = match sitting.config.theme {
        ThemeName::Dark => Theme::Dark,
        ThemeName::Light => Theme::Light,
        ThemeName::Ansi => Theme::Ansi,
        ThemeName::None => Theme::None,
    };
    let why = sitting.read_only.unwrap_or_else(|| "nothing is kept in this sitting".to_owned());
    let session = match (writer, followed_journal) {
        (Some(writer), _) => Session::Writes(Box::new(Background::start(writer)?)),
        (None, Some(journal)) => Session::Follows { journal: journal.into(), why },
        (None, None) => Session::ReadOnly { why },
    };
    let setup = Setup {
        graph: tenant.graph,
        clock: clock.clone(),
        plan: tenant.plan,
        past: events,
        session,
        operator: tenant.operator,
        tenant: tenant.name,
        skus: tenant.skus,
    };
    let (handle, engine) = engine::start(setup).map_err(|error| {
        Failure::new(
            Exit::Usage,
            "the run cannot go on",
            causes(&error),
            "Start a new run: preflight asks the tenant anew.",
        )
    })?;
    let id = handle.snapshots.borrow().run.run.id;
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let options = tui::Options {
        theme,
        no_color: set("NO_COLOR"),
        ascii: !speaks_utf8(|name| env::var(name).ok()),
        zone: context.zone.clone(),
        again: sitting.again.map(|command| format!("{command} --resume {id}")),
        now: Arc::new(move || clock.now()),
    };
    let shown = tui::run(handle, options).await;
    let run = engine.await.map_err(|error| Failure::machine("the engine stopped before its time", &error))?;
    let ended = shown.map_err(|error| Failure::machine("the terminal cannot be used", &error))?;
    for line in ended.said {
        // The journal has it too; here it is for whoever missed it on the screen.
        Failure::note(&line);
    }
    Ok(run)
}

fn needs_terminal() -> Result<(), Failure> {
    if std::io::stdout().is_terminal() {
        return Ok(());
    }
    let action = "Run it in a terminal, or use `skuferry check --json`, which needs none.";
    Err(Failure::new(Exit::Usage, "there is no terminal to open", "standard output is not a terminal", action))
}

/// Whether the locale can show more than ASCII; without any word of it, a terminal of today can.
fn speaks_utf8(env: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// How many did not stay migrated, as the word `complete` would hide them.
fn taken_back(run: &Migration) -> String {
    match run.users.iter().filter(|user| user.is_rolled_back()).count() {
        0 => String::new(),
        back => format!("; {} {} rolled back", count::users(back), count::agreeing(back, "was", "were")),
    }
}

fn left(run: &Migration) -> Exit {
    if run.users.iter().any(|user| user.is_unlicensed()) { Exit::Unlicensed } else { Exit::Fine }
}

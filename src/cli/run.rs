//! `run` and the bare command: they wire tenant, journal, engine and terminal together.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::SignedIn;
use crate::cli::existing_run::Meant;
use crate::cli::existing_run::at_work;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::hosts;
use crate::cli::language;
use crate::cli::resume_command::again;
use crate::cli::resume_command::resumed;
use crate::cli::session;
use crate::cli::session::SessionOptions;
use crate::cli::setup;
use crate::cli::sign_in::Secrets;
use crate::cli::status;
use crate::cli::unfinished;
use crate::cli::unfinished::Chosen;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::id::RunId;
use crate::domain::migration::Migration;
use crate::engine::ReadOnly;
use crate::journal::LockError;
use crate::journal::RunLock;
use crate::words;
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

/// `skuferry run`: loads the configuration, then opens the terminal on the tenant.
pub(super) async fn run(args: RunArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    run_signed_in(args, context, steady, None).await
}

/// What a session may do with which run.
struct RunAccess {
    /// What keeps other processes from writing to the same groups.
    lock: Option<Arc<RunLock>>,
    /// Why nothing may be written, when nothing may.
    read_only: Option<ReadOnly>,
    /// The run that is taken up; else one begins.
    resume: Option<RunId>,
    /// Whether that run is at work in another process.
    follows: bool,
}

impl RunAccess {
    /// Takes the groups, if nobody has them, and finds the run to go on with. `None` when the operator wants none.
    fn find(
        args: &RunArgs,
        config: &Config,
        graph_url: &str,
        context: &mut Context<'_>,
    ) -> Result<Option<Self>, Failure> {
        let data = context.dirs.data.clone();
        let meant = Meant { config, graph_url, seen: None };
        let (source, target) = (config.migration.source.group, config.migration.target.group);
        let (lock, read_only, followed) = match RunLock::take(&data, source, target) {
            // Who only looks keeps nobody from working.
            Ok(_) if args.read_only => (None, Some(ReadOnly::Asked), None),
            Ok(lock) => (Some(Arc::new(lock)), None, None),
            Err(LockError::Held { path, process }) => {
                (None, Some(ReadOnly::AtWork { process }), at_work(&data, &path, &meant)?)
            }
            Err(error) => return Err(error.into()),
        };
        let resume = args.resume.or(followed);
        let follows = followed.is_some() && resume == followed;
        let access = Self { lock, read_only, resume, follows };
        if access.resume.is_some() || access.lock.is_none() || args.new {
            return Ok(Some(access));
        }
        Ok(match unfinished::offer(&data, &meant, args.plain, context)? {
            Chosen::New => Some(access),
            Chosen::Resume(run) => Some(Self { resume: Some(run), ..access }),
            Chosen::Look(run) => {
                Some(Self { lock: None, read_only: Some(ReadOnly::Asked), resume: Some(run), follows: false })
            }
            Chosen::Nothing => None,
        })
    }

    /// What was granted may be too little to write with; then the lock is somebody else's to take.
    fn with(self, lacks: Option<String>) -> Self {
        match lacks {
            Some(permission) if self.read_only.is_none() => {
                Self { lock: None, read_only: Some(ReadOnly::Lacks { permission }), ..self }
            }
            _ => self,
        }
    }
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
    let Some(access) = RunAccess::find(&args, &config, at.graph_root(), context)? else { return Ok(Exit::Fine) };
    let mut tenant = match signed_in {
        Some(signed_in) => connect::read(&config, signed_in, users).await?,
        None => connect::connect(&config, at, users, Secrets::from_env(), &clock).await?,
    };
    let RunAccess { lock, read_only, resume, follows } = access.with(tenant.reads_only.take());
    let again = again(args.config.as_deref(), &args.allow_host);
    let kept = if read_only.is_some() && resume.is_none() {
        Kept::Nowhere
    } else if follows {
        Kept::ByOthers
    } else {
        Kept::Here
    };
    let options = SessionOptions {
        config: &config,
        file: Some(&file),
        data: &data,
        lock: lock.clone(),
        resume,
        follows,
        read_only,
        rehearsal: false,
        tour: false,
        again: Some(again.clone()),
        plain: args.plain,
    };
    let run = session::open(options, tenant, steady, context).await?;
    drop(lock); // held for as long as anything could be written
    context.print(&told_at_end(&run, kept, &again))?;
    // A script must not take what was left for what is done.
    let unfinished = args.plain && kept == Kept::Here && !run.complete;
    Ok(match left(&run) {
        Exit::Fine if unfinished => Exit::CheckFailed,
        left => left,
    })
}

/// By whom a run was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// By nobody: it was only looked at.
    Nowhere,
    /// By another process.
    ByOthers,
    /// By this session, now or before.
    Here,
}

/// What is printed when the terminal is closed.
fn told_at_end(run: &Migration, kept: Kept, again: &str) -> String {
    let id = run.run.id;
    let shown = || id.to_string().into();
    match kept {
        Kept::Nowhere => format!("{}\n", phrase("cli-run-not-kept")),
        Kept::ByOthers => format!("{}\n", say("cli-run-looked-at", &[("id", shown())])),
        Kept::Here if run.complete => {
            let state = words::batches::migration_completion(run).into();
            let told = say("cli-run-ended", &[("state", state), ("id", shown()), ("back", taken_back(run).into())]);
            format!("{}{told}\n", status::summary(run))
        }
        Kept::Here => {
            let command = resumed(again, id).into();
            let told = say("cli-run-not-complete", &[("id", shown()), ("command", command)]);
            format!("{}{told}\n", status::summary(run))
        }
    }
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

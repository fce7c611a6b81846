//! The command line: what can be asked for, and who answers. A command takes its arguments and a [`Context`] and gives an
//! exit code, or a [`Failure`] that is printed as what happened, why, and what to do.

mod check;
mod connect;
mod demo;
mod dirs;
mod events;
mod existing_run;
pub mod exit;
mod halt;
mod halt_channel;
mod hosts;
pub mod language;
mod look;
mod man;
mod new_file;
mod notify;
mod operator;
mod past;
mod plain;
mod prune;
mod quote;
mod read_args;
mod rehearse;
mod report;
mod resume_command;
mod run;
mod runs;
mod session;
mod setup;
mod sign_in;
mod sim;
mod status;
mod unfinished;
mod verify;
mod watch;
mod whoami;

use std::env;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use clap_complete::Shell;
use jiff::tz::TimeZone;
use serde_json::Value;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::dirs::Dirs;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::text::clean;
use crate::domain::text::clean_lines;
use crate::log::Log;
use crate::words::phrase;

/// Moves Microsoft 365 users from one license to another through group-based licensing, batch by batch, without ever
/// leaving one unlicensed.
///
/// Without a command, the terminal opens on your configuration; where there is none, the demo and the set-up are offered.
#[derive(Debug, Parser)]
#[command(name = "skuferry", version, max_term_width = 100, after_help = "Example:\n  skuferry demo")]
pub struct Cli {
    /// How much the log of this session tells; from debug on it may hold names
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t, global = true)]
    log_level: LogLevel,
    #[command(subcommand)]
    command: Option<Command>,
}

/// How much the log tells, as a word on the command line. What a level tells, the ones below it here tell too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogLevel {
    /// There is no log
    Off,
    /// What ended the session
    Error,
    /// Requests that were not answered
    Warn,
    /// Every request and every step, without names
    #[default]
    Info,
    /// Ids of users, and the service's own sentences, which may hold names
    Debug,
    /// All there is
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign in, pick groups, licenses and users from your tenant, and write a commented configuration
    #[command(after_help = "Example:\n  skuferry setup --config config.toml")]
    Setup(setup::SetupArgs),
    /// Open the terminal on a simulated tenant: no account, no configuration, no network
    #[command(after_help = "Example:\n  skuferry demo --scenario non-conflicting --users 200")]
    Demo(demo::DemoArgs),
    /// Open the terminal on your tenant
    #[command(
        after_help = "Examples:\n  skuferry run --config config.toml\n  skuferry run --resume 018f4c1e-0000-7000-8000-000000000000\n  skuferry run --new --plain"
    )]
    Run(run::RunArgs),
    /// Run preflight without a terminal; exit code 1 when someone or something is blocked
    #[command(after_help = "Example:\n  skuferry check --config config.toml --json")]
    Check(read_args::ReadArgs),
    /// Sign in, and say who is signed in, what was granted, and what is missing for what
    #[command(after_help = "Example:\n  skuferry whoami --config config.toml --json")]
    Whoami(read_args::ReadArgs),
    /// Say where a run stands, from its journal alone
    #[command(after_help = "Example:\n  skuferry status --json")]
    Status(status::StatusArgs),
    /// Print the journal of a run, event by event
    #[command(
        after_help = "Examples:\n  skuferry events --user adelev@contoso.com\n  skuferry events --kind halted,alarm-raised --json"
    )]
    Events(events::EventsArgs),
    /// Open a running migration on a second screen, from its journal: read-only, without network
    #[command(after_help = "Example:\n  skuferry watch")]
    Watch(watch::WatchArgs),
    /// Halt a run from another terminal of this machine: nothing more is written
    #[command(after_help = "Example:\n  skuferry halt 018f4c1e-0000-7000-8000-000000000000")]
    Halt(halt::HaltArgs),
    /// Tell what a run did, by whom, and how each user came out of it; from its journal alone
    #[command(
        after_help = "Example:\n  skuferry report 018f4c1e-0000-7000-8000-000000000000 --format html --output report.html"
    )]
    Report(report::ReportArgs),
    /// Read every user of a run anew and say who is not as its report says; exit code 1 when somebody is not
    #[command(after_help = "Example:\n  skuferry verify 018f4c1e-0000-7000-8000-000000000000 --config config.toml")]
    Verify(verify::VerifyArgs),
    /// List the runs of this machine, or delete old ones
    #[command(after_help = "Examples:\n  skuferry runs --json\n  skuferry runs prune --older-than 90d")]
    Runs(runs::RunsArgs),
    /// Open the terminal on a simulated copy of your groups and users; the tenant itself is only read
    #[command(
        after_help = "Examples:\n  skuferry rehearse --config config.toml --stuck 3\n  skuferry rehearse --config config.toml --anonymous --output copy.toml"
    )]
    Rehearse(rehearse::RehearseArgs),
    /// Serve a simulated tenant on this machine until Ctrl-C
    #[command(
        after_help = "Example:\n  skuferry sim --listen 127.0.0.1:8080 --users 1000 --speed 60 --write-config rehearsal"
    )]
    Sim(sim::SimArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  skuferry completions bash > ~/.local/share/bash-completion/completions/skuferry"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, of every command
    #[command(after_help = "Example:\n  skuferry man > skuferry.1")]
    Man,
}

/// What every command may use of the world around it.
pub struct Context<'a> {
    dirs: Dirs,
    zone: TimeZone,
    out: &'a mut dyn Write,
}

impl Context<'_> {
    /// Prints lines to standard output at once, without what could steer a terminal.
    fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.print_script(&clean_lines(text))
    }

    /// Prints a piece of a longer text that holds no more of what could steer a terminal. Gives whether somebody still reads.
    fn print_on(&mut self, text: &[u8]) -> Result<bool, Failure> {
        match self.out.write_all(text).and_then(|()| self.out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::machine(phrase("error-cli-not-printed"), &error)),
        }
    }

    /// Prints JSON to standard output, whose texts could steer a terminal as well.
    fn print_json(&mut self, mut value: Value, pretty: bool) -> Result<(), Failure> {
        clean_json(&mut value);
        self.print_script(&if pretty { format!("{value:#}\n") } else { format!("{value}\n") })
    }

    /// Prints to standard output as it is what holds no text from outside. Whoever reads it may stop reading: that is no
    /// error.
    fn print_script(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::machine(phrase("error-cli-not-printed"), &error))
            }
            Err(_) | Ok(()) => Ok(()),
        }
    }
}

/// Cleans every text of a JSON value.
fn clean_json(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean(text).into_owned(),
        Value::Array(values) => values.iter_mut().for_each(clean_json),
        Value::Object(fields) => fields.values_mut().for_each(clean_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Prints what clap has to say of the arguments: help, the version, or what is wrong with them, which it quotes.
pub fn refused(wrong: &clap::Error) -> ExitCode {
    // When nobody can read it, the exit code still tells.
    let _ = if wrong.use_stderr() {
        write!(io::stderr(), "{}", clean_lines(&wrong.render().to_string()))
    } else {
        wrong.print()
    };
    if wrong.exit_code() == 0 { Exit::Fine.into() } else { Exit::Usage.into() }
}

/// Carries a command out, prints what went wrong to standard error, and gives the exit code.
pub async fn main(cli: Cli) -> ExitCode {
    let mut out = io::stdout();
    let dirs = match Dirs::find(|name| env::var_os(name), env::current_dir().unwrap_or_default()) {
        Ok(dirs) => dirs,
        Err(failure) => return failure.report(None),
    };
    let mut log = Log::open(&dirs.data, SystemClock.now(), cli.log_level.into());
    // Fails when there is one already, which there is not.
    let _ = tracing::dispatcher::set_global_default(log.dispatch().clone());
    crate::log::note_panics();
    if cli.tells_of_runs() {
        language::by_configuration(&dirs);
    }
    let mut context = Context { dirs, zone: TimeZone::system(), out: &mut out };
    let session = cli.session();
    session.inspect(|command| began(command));
    let ended = dispatch(cli, &mut context).await;
    session.inspect(|_| ended_with(&ended));
    let path = log.close();
    match (ended, path) {
        (Ok(exit), Some(path)) if matches!(session, Some("run" | "demo" | "rehearse")) => {
            match context.print(&format!("{}\n", exit::log_line(&path))) {
                Ok(()) => exit.into(),
                Err(failure) => failure.report(Some(&path)),
            }
        }
        (Ok(exit), _) => exit.into(),
        (Err(failure), path) => failure.report(path.as_deref()),
    }
}

impl Cli {
    /// The name of a command that talks to a tenant, which leaves a log.
    fn session(&self) -> Option<&'static str> {
        match &self.command {
            None | Some(Command::Run(_)) => Some("run"),
            Some(Command::Setup(_)) => Some("setup"),
            Some(Command::Demo(_)) => Some("demo"),
            Some(Command::Check(_)) => Some("check"),
            Some(Command::Verify(_)) => Some("verify"),
            Some(Command::Whoami(_)) => Some("whoami"),
            Some(Command::Rehearse(_)) => Some("rehearse"),
            Some(
                Command::Status(_)
                | Command::Events(_)
                | Command::Watch(_)
                | Command::Halt(_)
                | Command::Report(_)
                | Command::Runs(_)
                | Command::Sim(_)
                | Command::Completions { .. }
                | Command::Man,
            ) => None,
        }
    }

    /// Whether it reads no configuration of its own and still speaks to the operator of one.
    fn tells_of_runs(&self) -> bool {
        matches!(
            self.command,
            Some(
                Command::Demo(_)
                    | Command::Status(_)
                    | Command::Events(_)
                    | Command::Watch(_)
                    | Command::Halt(_)
                    | Command::Report(_)
                    | Command::Runs(_)
            )
        )
    }
}

/// The first line of a session.
fn began(command: &str) {
    let (os, arch) = (env::consts::OS, env::consts::ARCH);
    tracing::info!(command, version = env!("CARGO_PKG_VERSION"), os, arch, "began");
}

/// The last line of a session. Why it failed may name files and people, so that is for `debug`.
fn ended_with(ended: &Result<Exit, Failure>) {
    match ended {
        Ok(exit) => tracing::info!(exit = ?exit, "ended"),
        Err(failure) => {
            tracing::error!(exit = ?failure.exit, "ended");
            tracing::debug!(what = failure.what, why = failure.why);
        }
    }
}

async fn dispatch(cli: Cli, context: &mut Context<'_>) -> Result<Exit, Failure> {
    match cli.command {
        None => run::bare(context).await,
        Some(Command::Setup(args)) => setup::setup(args, context).await,
        Some(Command::Demo(args)) => Box::pin(demo::demo(args, context)).await,
        Some(Command::Run(args)) => Box::pin(run::run(args, context)).await,
        Some(Command::Check(args)) => check::check(args, context).await,
        Some(Command::Whoami(args)) => whoami::whoami(args, context).await,
        Some(Command::Status(args)) => status::status(&args, context),
        Some(Command::Events(args)) => events::events(&args, context).await,
        Some(Command::Watch(args)) => watch::watch(&args, context).await,
        Some(Command::Halt(args)) => halt::halt(&args, context).await,
        Some(Command::Report(args)) => report::report(&args, context),
        Some(Command::Verify(args)) => verify::verify(args, context).await,
        Some(Command::Runs(args)) => runs::runs(&args, context),
        Some(Command::Rehearse(args)) => Box::pin(rehearse::rehearse(args, context)).await,
        Some(Command::Sim(args)) => sim::sim(args, context).await,
        Some(Command::Completions { shell }) => completions(shell, context),
        Some(Command::Man) => man::man(context),
    }
}

fn completions(shell: Shell, context: &mut Context<'_>) -> Result<Exit, Failure> {
    // Into memory first: the generator panics when its output fails, as a pipe may.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "skuferry", &mut script);
    context.print_script(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests;

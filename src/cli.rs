//! The command line: what can be asked for, and who answers. A command takes its arguments and a [`Context`] and gives an
//! exit code, or a [`Failure`] that is printed as what happened, why, and what to do.

mod check;
mod connect;
mod dirs;
mod existing_run;
pub mod exit;
mod run;
mod runs;
mod sim;
mod status;
mod text;

use std::env;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap_complete::Shell;
use jiff::tz::TimeZone;

use crate::cli::dirs::Dirs;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;

/// Moves Microsoft 365 users from one license to another through group-based licensing, batch by batch, without ever
/// leaving one unlicensed.
///
/// Without a command, the terminal opens on your configuration.
#[derive(Debug, Parser)]
#[command(name = "skuferry", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the terminal on a simulated tenant: no account, no configuration, no network
    Demo(run::DemoArgs),
    /// Open the terminal on your tenant
    Run(run::RunArgs),
    /// Run preflight without a terminal; exit code 1 when someone or something is blocked
    Check(check::CheckArgs),
    /// Say where a run stands, from its journal alone
    Status(status::StatusArgs),
    /// List the runs of this machine
    Runs(runs::RunsArgs),
    /// Serve a simulated tenant on this machine until Ctrl-C
    Sim(sim::SimArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What every command may use of the world around it.
pub struct Context<'a> {
    dirs: Dirs,
    zone: TimeZone,
    out: &'a mut dyn Write,
}

impl Context<'_> {
    /// Prints to standard output at once. Whoever reads it may stop reading: that is no error.
    fn print(&mut self, text: &str) -> Result<(), Failure> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::machine("the answer cannot be printed", &error))
            }
            Err(_) | Ok(()) => Ok(()),
        }
    }
}

/// Carries a command out, prints what went wrong to standard error, and gives the exit code.
pub async fn main(cli: Cli) -> ExitCode {
    let mut out = io::stdout();
    match answer(cli, &mut out).await {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(),
    }
}

async fn answer(cli: Cli, out: &mut dyn Write) -> Result<Exit, Failure> {
    let dirs = Dirs::find(|name| env::var_os(name), env::current_dir().unwrap_or_default())?;
    let mut context = Context { dirs, zone: TimeZone::system(), out };
    dispatch(cli, &mut context).await
}

async fn dispatch(cli: Cli, context: &mut Context<'_>) -> Result<Exit, Failure> {
    match cli.command {
        None => run::bare(context).await,
        Some(Command::Demo(args)) => run::demo(args, context).await,
        Some(Command::Run(args)) => run::run(args, context).await,
        Some(Command::Check(args)) => check::check(args, context).await,
        Some(Command::Status(args)) => status::status(&args, context),
        Some(Command::Runs(args)) => runs::runs(&args, context),
        Some(Command::Sim(args)) => sim::sim(args, context).await,
        Some(Command::Completions { shell }) => completions(shell, context),
    }
}

fn completions(shell: Shell, context: &mut Context<'_>) -> Result<Exit, Failure> {
    // Into memory first: the generator panics when its output fails, as a pipe may.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "skuferry", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests;

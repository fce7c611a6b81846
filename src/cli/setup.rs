//! `setup`, and the offer of the bare command: the pages of `crate::setup` on the terminal, and what they ask for.

mod jobs;
mod pages;
mod write;

use std::env;
use std::io;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::Parser;

use crate::cli::Cli;
use crate::cli::Command;
use crate::cli::Context;
use crate::cli::demo;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::language;
use crate::cli::resume_command;
use crate::cli::run;
use crate::cli::run::RunArgs;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
use crate::setup::state::Start;
use crate::setup::update::End;
use crate::words::phrase;
use crate::words::say;

/// What `setup` is asked for.
#[derive(Args, Debug)]
pub(super) struct SetupArgs {
    /// Where the configuration is to be written; the set-up asks before it replaces a file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// `skuferry setup`: the pages, from the sign-in on.
pub(super) async fn setup(args: SetupArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if !has_terminal() {
        let (what, why) = (phrase("error-cli-setup-no-terminal"), phrase("error-cli-setup-no-terminal-why"));
        return Err(Failure::new(Exit::Usage, what, why, phrase("error-cli-setup-no-terminal-action")));
    }
    begin(args.config, false, context).await
}

/// The bare command without a configuration: the same pages, with the demo offered first.
pub(super) async fn offer(context: &mut Context<'_>) -> Result<Exit, Failure> {
    begin(None, true, context).await
}

/// Whether somebody sits at both ends of a terminal.
pub(super) fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

async fn begin(named: Option<PathBuf>, offers: bool, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let folder = env::current_dir().unwrap_or_default();
    let start = Start {
        offers,
        place: folder.join(context.dirs.config_file(named.as_deref())),
        folder,
        home: env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from),
    };
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let ended = pages::show(start, &context.dirs.data, &steady).await?;
    match ended.how {
        End::Left => {
            context.print(&format!("{}\n", phrase("cli-setup-left")))?;
            Ok(Exit::Fine)
        }
        End::Demo => match Cli::try_parse_from(["skuferry", "demo"]).map(|cli| cli.command) {
            Ok(Some(Command::Demo(args))) => Box::pin(demo::demo(args, context)).await,
            _ => Ok(Exit::Usage),
        },
        End::Written(path) => {
            let (check, run) = (resume_command::check(&path), resume_command::again(Some(&path), &[]));
            let written = say("cli-setup-written", &[("path", path.display().to_string().into())]);
            let next = say("cli-setup-next", &[("check", check.into()), ("run", run.into())]);
            context.print(&format!("{written}\n{next}\n"))?;
            Ok(Exit::Fine)
        }
        End::Open(path) => {
            let config = language::load(&path)?;
            // Who signed in for this very configuration need not do it twice.
            let signed_in = ended.signed_in.filter(|known| known.fits(&config)).map(jobs::Known::into_signed_in);
            let args = RunArgs {
                config: Some(path),
                resume: None,
                new: false,
                plain: false,
                read_only: false,
                allow_host: Vec::new(),
            };
            Box::pin(run::run_signed_in(args, context, steady, signed_in)).await
        }
    }
}

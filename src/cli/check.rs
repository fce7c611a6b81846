//! `check`: preflight without a screen.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::config::UsersFrom;
use crate::config::users;

/// What `check` is asked for.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print the findings as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// `skuferry check`: [`Exit::Fine`] when all are ready, [`Exit::CheckFailed`] when someone or something is blocked.
#[expect(clippy::unused_async, reason = "it will wait for the tenant once it is wired")]
pub(super) async fn check(args: CheckArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = Config::load(&context.dirs.config_file(args.config.as_deref()))?;
    if let UsersFrom::File(path) = &config.migration.users {
        users::load(path)?;
    }
    let _ = args.json;
    Err(Failure::not_built("check"))
}

//! `run`, `demo` and the bare command: the terminal on a tenant.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::sim::ScenarioWord;
use crate::config::Config;
use crate::domain::id::RunId;

/// What `run` is asked for.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Go on with this run instead of starting one
    #[arg(long, value_name = "RUN_ID")]
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

/// `skuferry run`: loads the configuration, then opens the terminal on the tenant.
#[expect(clippy::unused_async, reason = "it will wait for the tenant once it is wired")]
pub(super) async fn run(args: RunArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let _config = Config::load(&context.dirs.config_file(args.config.as_deref()))?;
    let _ = (args.resume, args.read_only);
    Err(Failure::not_built("run"))
}

/// `skuferry demo`: opens the terminal on a simulated tenant of its own.
#[expect(clippy::unused_async, reason = "it will wait for the tenant once it is wired")]
pub(super) async fn demo(args: DemoArgs, _context: &mut Context<'_>) -> Result<Exit, Failure> {
    let _ = (args.scenario, args.users, args.seed, args.speed);
    Err(Failure::not_built("demo"))
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

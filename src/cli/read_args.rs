//! What the commands are asked for that sign in, read, and print one answer.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Context;
use crate::cli::exit::Failure;
use crate::cli::hosts;
use crate::cli::hosts::Confirmed;
use crate::cli::language;
use crate::config::Config;

/// Which tenant is read, and how the answer is printed.
#[derive(Args, Debug)]
pub(super) struct ReadArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the answer as one JSON object
    #[arg(long)]
    pub(super) json: bool,
    /// Send tokens and the secret to this host of the configuration although it is no cloud of Microsoft's
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
}

impl ReadArgs {
    /// The configuration that is meant.
    pub(super) fn config(&self, context: &Context<'_>) -> Result<Config, Failure> {
        Ok(language::load(&context.dirs.config_file(self.config.as_deref()))?)
    }

    /// Where it signs in, once the operator has vouched for hosts that nobody knows.
    pub(super) fn confirm(&self, context: &Context<'_>, config: &Config) -> Result<Confirmed, Failure> {
        hosts::confirm(&context.dirs.data, config, &self.allow_host)
    }
}

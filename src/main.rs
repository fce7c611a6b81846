//! The program: parse, run, print what went wrong and what to do, give the exit code.

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

use skuferry::cli;
use skuferry::cli::Cli;
use skuferry::cli::exit::Failure;
use skuferry::words::phrase;

/// Gives back at once what was needed for a moment; how is set when it is built, in `.cargo/config.toml`.
#[cfg(target_os = "linux")]
#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::language::by_environment();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(wrong) => return cli::refused(&wrong),
    };
    match Runtime::new() {
        Ok(runtime) => runtime.block_on(cli::main(cli)),
        Err(error) => Failure::machine(phrase("error-cli-no-start"), &error).report(None),
    }
}

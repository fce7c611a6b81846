//! The program: parse, run, print what went wrong and what to do, give the exit code.

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

use skuferry::cli;
use skuferry::cli::Cli;
use skuferry::cli::exit::Failure;
use skuferry::words::phrase;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(wrong) => return cli::refused(&wrong),
    };
    match Runtime::new() {
        Ok(runtime) => runtime.block_on(cli::main(cli)),
        Err(error) => Failure::machine(phrase("error-cli-no-start"), &error).report(None),
    }
}

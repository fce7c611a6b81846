//! `sim`: the simulated tenant alone, until somebody ends it.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::sim::Options;
use crate::sim::Scenario;
use crate::sim::Sim;
use crate::words::phrase;
use crate::words::say;

/// Which licenses a simulated tenant is about, as a word on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ScenarioWord {
    /// Office 365 E1 to E3, which exclude each other
    #[default]
    Conflicting,
    /// Office 365 E3 to E5, which can both be held
    NonConflicting,
}

impl From<ScenarioWord> for Scenario {
    fn from(word: ScenarioWord) -> Self {
        match word {
            ScenarioWord::Conflicting => Self::Conflicting,
            ScenarioWord::NonConflicting => Self::NonConflicting,
        }
    }
}

/// What `sim` is asked for.
#[derive(Args, Debug)]
pub(super) struct SimArgs {
    /// Where to listen, on this machine only; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Which licenses the tenant is about
    #[arg(long, value_enum, default_value_t)]
    scenario: ScenarioWord,
    /// How many users are to be moved
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    users: u32,
    /// The same number makes the same tenant
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many times as fast as real time the tenant lives
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// A tenant of your own instead of a seeded one
    #[arg(long, value_name = "FILE.toml")]
    tenant: Option<PathBuf>,
    /// Speak https, and write the certificate that clients must trust to this file
    #[arg(long, value_name = "FILE.pem")]
    tls: Option<PathBuf>,
    /// Leave a config.toml and a users.csv in this folder that fit the tenant
    #[arg(long, value_name = "DIR")]
    write_config: Option<PathBuf>,
}

/// Reads a speed: a number above 0.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| phrase("error-cli-speed"))
}

/// `skuferry sim`: serves until Ctrl-C or SIGTERM.
pub(super) async fn sim(args: SimArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    // Before anybody is told that it listens, so that whoever is told can also end it.
    let end = end().map_err(|error| Failure::machine(phrase("error-cli-signals"), &error))?;
    let sim = Sim::start(options(&args)?).await?;
    if let Some(folder) = &args.write_config {
        let what = || say("error-cli-no-folder", &[("path", folder.display().to_string().into())]);
        let refused = |error| Failure::machine(what(), &error);
        fs::create_dir_all(folder).map_err(refused)?;
        sim.write_config(folder)?;
    }
    context.print(&format!("{}\n", say("cli-sim-listening", &[("url", sim.url().into())])))?;
    end.await;
    sim.stop().await;
    Ok(Exit::Fine)
}

fn options(args: &SimArgs) -> Result<Options, Failure> {
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(|error| unreadable(path, &error));
    Ok(Options {
        listen: args.listen,
        scenario: args.scenario.into(),
        users: args.users as usize,
        seed: args.seed,
        speed: args.speed,
        tenant: args.tenant.as_ref().map(read).transpose()?,
        tls: args.tls.clone(),
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let what = say("error-cli-tenant-file", &[("path", path.display().to_string().into())]);
    Failure::new(Exit::Usage, what, error.to_string(), phrase("error-cli-tenant-file-action"))
}

/// Resolves when the program is asked to end: by Ctrl-C, SIGTERM, or a terminal that goes away.
#[cfg(unix)]
fn end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// Resolves when the program is asked to end.
#[cfg(not(unix))]
fn end() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // When Ctrl-C cannot be listened to, it ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

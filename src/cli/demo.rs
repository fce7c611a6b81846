//! `skuferry demo`, and how a terminal is opened on any tenant that is simulated in this very process.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::Tenant;
use crate::cli::dirs::Store;
use crate::cli::dirs::StoreKind;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::hosts;
use crate::cli::new_file;
use crate::cli::run;
use crate::cli::run::needs_terminal;
use crate::cli::session;
use crate::cli::session::SessionOptions;
use crate::cli::sign_in::Secrets;
use crate::cli::sim::ScenarioWord;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::config::users;
use crate::domain::migration::Migration;
use crate::journal;
use crate::journal::RunLock;
use crate::sim::Options as SimOptions;
use crate::sim::Sim;
use crate::words;
use crate::words::phrase;
use crate::words::say;

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
    /// Leave out the pages that are shown when the demo is opened for the first time
    #[arg(long)]
    pub(super) no_tour: bool,
}

/// Its being there says that the pages for the first time were shown on this machine.
const TOUR_SHOWN: &str = "tour-shown";

/// `skuferry demo`: opens the terminal on a simulated tenant of its own.
pub(super) async fn demo(args: DemoArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    needs_terminal()?;
    let options = SimOptions {
        scenario: args.scenario.into(),
        users: args.users as usize,
        seed: args.seed,
        speed: args.speed,
        ..SimOptions::default()
    };
    let sim = Sim::start(options).await?;
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let clock: Arc<dyn Clock> = steady.clone();
    let config = Config::parse(&sim.config_toml(), Path::new("demo/config.toml"))?;
    let list = users::read_list(&sim.users_csv()).map_err(|error| {
        Failure::new(
            Exit::Usage,
            phrase("error-cli-demo-list"),
            words::config::list(error),
            phrase("error-cli-demo-list-action"),
        )
    })?;
    let at = hosts::confirm(&context.dirs.data, &config, &[])?;
    let tenant =
        connect::connect(&config, at, (connect::keyed(list.users), list.passed_over), Secrets::demo(), &clock).await?;
    tenant.graph.set_speed(args.speed);
    let store = context.dirs.demo();
    let tour = !args.no_tour && !store.data.join(TOUR_SHOWN).exists();
    let run = on_simulator(sim, &config, &store, tenant, tour, steady, context).await?;
    let state = if run.complete { words::batches::migration_completion(&run) } else { phrase("cli-demo-not-complete") };
    let (id, path) = (run.run.id, journal::file(&store.data, run.run.id).display().to_string());
    let told = say("cli-demo-ended", &[("state", state.into()), ("id", id.to_string().into()), ("path", path.into())]);
    context.print(&format!("{told}\n"))?;
    Ok(run::left(&run))
}

/// Opens the terminal on a tenant that is gone when it closes; the store of its run is apart from those that can be resumed.
pub(super) async fn on_simulator(
    sim: Sim,
    config: &Config,
    store: &Store,
    tenant: Tenant,
    tour: bool,
    steady: Arc<SteadyClock>,
    context: &mut Context<'_>,
) -> Result<Migration, Failure> {
    // Rule 11, and `status` tells by the lock whether it is open: two at once would each be taken for the other.
    let _lock = RunLock::take(&store.data, config.migration.source.group, config.migration.target.group)?;
    if tour {
        // Where it cannot be kept, the pages are shown once more.
        let _ = new_file::keep(&store.data.join(TOUR_SHOWN), "", false);
    }
    let options = SessionOptions {
        config,
        file: None,
        data: &store.data,
        lock: None,
        resume: None,
        follows: false,
        read_only: None,
        rehearsal: store.kind == StoreKind::Rehearsal,
        tour,
        again: None,
        plain: false,
    };
    let run = session::open(options, tenant, steady, context).await?;
    sim.stop().await;
    Ok(run)
}

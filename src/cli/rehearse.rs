//! `rehearse`: a simulated copy of the tenant's groups and users, and the terminal on it. The tenant itself is only read.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::Tenant;
use crate::cli::demo;
use crate::cli::existing_run::Meant;
use crate::cli::existing_run::Seen;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::hosts;
use crate::cli::language;
use crate::cli::new_file;
use crate::cli::report;
use crate::cli::run;
use crate::cli::sign_in::Secrets;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::clock::SystemClock;
use crate::config::Auth;
use crate::config::AuthMethod;
use crate::config::Cloud;
use crate::config::Config;
use crate::domain::settings::Settings;
use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::journal;
use crate::journal::First;
use crate::rehearse;
use crate::rehearse::Latencies;
use crate::rehearse::NoCopy;
use crate::rehearse::TenantCopy;
use crate::rehearse::Trouble;
use crate::sim::Options as SimOptions;
use crate::sim::Sim;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// The application that the copy's sign-in takes, as it takes any.
const CLIENT: &str = "5f1d3a64-2f0a-4c5e-9d6b-0c8f3d1b7a42";

/// Luck other than a simulated tenant's own: a copy of one would give its ids again.
const SEED: u64 = 7;

/// What `rehearse` is asked for.
#[derive(Args, Debug)]
pub(super) struct RehearseArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Replace names, sign-in names, ids and domains, so that the copy can be handed on
    #[arg(long)]
    anonymous: bool,
    /// Write the copy to this file, for `sim --tenant`, and open no terminal
    #[arg(long, value_name = "FILE.toml")]
    output: Option<PathBuf>,
    /// Replace the file of --output when there is one
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// Let so many users get stuck
    #[arg(long, value_name = "N", default_value_t = 0)]
    stuck: usize,
    /// Let others take seats of the target product after the first addition, so that so many are missing
    #[arg(long, value_name = "N", default_value_t = 0)]
    seats_short: usize,
    /// Throttle requests: a tenth of the quotas, and a 429 now and then
    #[arg(long)]
    throttled: bool,
    /// How many times as fast as real time the copy lives; the configuration's lengths of time shrink alike
    #[arg(long, value_name = "X", default_value_t = 60.0, value_parser = super::sim::speed)]
    speed: f64,
    /// Send tokens and the secret to this host of the configuration although it is no cloud of Microsoft's
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
}

/// `skuferry rehearse`: reads the tenant, then writes the copy to a file or opens the terminal on it.
pub(super) async fn rehearse(args: RehearseArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = language::load(&context.dirs.config_file(args.config.as_deref()))?;
    let users = connect::listed(&config)?;
    match &args.output {
        None => run::needs_terminal()?,
        Some(path) => new_file::is_free(path, args.overwrite)?,
    }
    let at = hosts::confirm(&context.dirs.data, &config, &args.allow_host)?;
    let steady = Arc::new(SteadyClock::new(Arc::new(SystemClock)));
    let clock: Arc<dyn Clock> = steady.clone();
    let tenant = connect::connect(&config, at, users, Secrets::from_env(), &clock).await?;
    let mut copy = rehearse::read(&tenant.graph, &tenant.plan, clock.now()).await.map_err(no_copy)?;
    copy.id = copy.id.or_else(|| tenant.id.as_deref()?.parse().ok()).or_else(|| config.tenant.id.parse().ok());
    copy.migration = Some(words::config::name(&config.migration));
    copy.latencies = earlier(&context.dirs.data, &config, &tenant);
    copy.add_trouble(Trouble { stuck: args.stuck, seats_short: args.seats_short, throttled: args.throttled });
    drop(tenant);
    let shown = if args.anonymous { rehearse::anonymous(&copy).0 } else { copy.clone() };
    let (text, unsaid) = rehearse::tenant_file(&shown);
    // On this machine the operator may know who it is.
    for one in copy.unread.iter().chain(&unsaid) {
        Failure::note(&rehearse::unread(one));
    }
    if let Some(path) = &args.output {
        new_file::write(path, &text, args.overwrite)?;
        let path = clean(&path.display().to_string()).into_owned();
        let told = say("cli-rehearse-written", &[("count", shown.users.len().into()), ("path", path.into())]);
        context.print(&format!("{told}\n"))?;
        return Ok(Exit::Fine);
    }
    open(&config, &shown, text, args.speed, steady, context).await
}

/// Opens the terminal on the copy.
async fn open(
    config: &Config,
    copy: &TenantCopy,
    text: String,
    speed: f64,
    steady: Arc<SteadyClock>,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let sim = Sim::start(SimOptions { tenant: Some(text), speed, seed: SEED, ..SimOptions::default() }).await?;
    let config = on_copy(config, copy, &sim.url(), speed);
    let at = hosts::confirm(&context.dirs.data, &config, &[])?;
    let clock: Arc<dyn Clock> = steady.clone();
    let listed = (copy.plan.users.clone(), copy.plan.passed_over.clone());
    let mut tenant = connect::connect(&config, at, listed, Secrets::demo(), &clock).await?;
    tenant.plan.pilot.clone_from(&copy.plan.pilot);
    tenant.graph.set_speed(speed);
    let store = context.dirs.rehearsals();
    let run = demo::on_simulator(sim, &config, &store, tenant, false, steady, context).await?;
    let state =
        if run.complete { words::batches::migration_completion(&run) } else { phrase("cli-rehearse-not-complete") };
    let (id, path) = (run.run.id, journal::file(&store.data, run.run.id).display().to_string());
    let id = id.to_string();
    let told = say("cli-rehearse-ended", &[("state", state.into()), ("id", id.into()), ("path", path.into())]);
    context.print(&format!("{told}\n"))?;
    Ok(run::left(&run))
}

/// The very configuration, but for where the tenant is and how to sign in there; lengths of time shrink as its clock runs.
fn on_copy(config: &Config, copy: &TenantCopy, url: &str, speed: f64) -> Config {
    let mut config = config.clone();
    (config.tenant.cloud, config.tenant.ca_file) = (Cloud::Global, None);
    config.migration.pilot = None; // the copy knows by which names it has them
    config.window = None; // what is practised by day may be meant for the night
    (config.tenant.graph_url, config.tenant.login_url) = (Some(url.to_owned()), Some(url.to_owned()));
    if copy.anonymous {
        config.tenant.id = copy.id.map_or_else(|| copy.domain.clone(), |id| id.to_string());
        config.migration.name = None;
    }
    config.auth = Auth { method: AuthMethod::ClientSecret, client_id: Some(CLIENT.to_owned()), certificate: None };
    config.migration.source.group = copy.route().source.group;
    config.migration.target.group = copy.route().target.group;
    let settings = config.settings;
    config.settings = Settings {
        interval: shrunk(settings.interval, speed, 1),
        stuck_after: shrunk(settings.stuck_after, speed, 10),
        unlicensed_grace: shrunk(settings.unlicensed_grace, speed, 5),
        ..settings
    };
    config
}

/// A length of time on a clock that runs faster, but not below so many seconds, unless it was shorter before.
fn shrunk(length: SignedDuration, speed: f64, least: i64) -> SignedDuration {
    let shorter = SignedDuration::try_from_secs_f64(length.as_secs_f64() / speed).unwrap_or(length);
    shorter.max(SignedDuration::from_secs(least)).min(length.max(shorter))
}

/// How long group-based licensing took in the newest run of the same pair in this tenant that tells.
fn earlier(data: &Path, config: &Config, tenant: &Tenant) -> Option<Latencies> {
    let seen = Some(Seen { tenant_id: tenant.id.as_deref(), route: &tenant.plan.route });
    let meant = Meant { config, graph_url: &tenant.graph_url, seen };
    let runs = journal::list(data).ok()?.into_iter();
    let same = runs.filter(|file| match &file.first {
        First::Started { run, .. } => !run.rehearsal && meant.differences(run).is_empty(),
        First::Empty | First::Broken(_) => false,
    });
    same.filter_map(|file| report::read(data, &file.path).ok()).find_map(|report| {
        let times = report.users.iter().flat_map(|user| [user.seconds_to_ready, user.seconds_to_migrated]);
        Latencies::of(times.flatten())
    })
}

fn no_copy(why: NoCopy) -> Failure {
    match why {
        NoCopy::Refused(fault) => fault.into(),
        other => {
            let (what, action) = (phrase("error-cli-no-copy"), phrase("error-cli-no-copy-action"));
            Failure::new(Exit::CheckFailed, what, rehearse::no_copy(&other), action)
        }
    }
}

#[cfg(test)]
mod tests;

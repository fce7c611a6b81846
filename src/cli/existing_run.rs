//! What a session finds of a run: its events so far, its journal, and whether another process is at work on it.

use std::fs;
use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::config::Migration;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::route::Route;
use crate::domain::route::Side;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::First;
use crate::journal::Journal;
use crate::journal::Reader;
use crate::journal::RunFile;
use crate::journal::Writer;
use crate::tui::format::lasting;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// What a session means to do with a run that there is already.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// Go on with it.
    Write,
    /// Show it as its journal has it.
    Look,
    /// Show what another process makes of it.
    Follow,
}

/// A run as a session takes it up.
pub(super) struct Past {
    /// What happened so far.
    pub(super) events: Vec<(Timestamp, Event)>,
    /// Where more is written, unless the session only reads.
    pub(super) writer: Option<Writer>,
    /// What comes behind these events while another process goes on writing.
    pub(super) followed_journal: Option<Reader>,
}

impl Past {
    /// The run with this id, if it is the one that this configuration means.
    pub(super) fn of(data: &Path, meant: &Meant<'_>, id: RunId, access: Access) -> Result<Self, Failure> {
        let path = journal::file(data, id);
        // Before anything is cut off or written: what is another run's stays as it is.
        let opened = Reader::open(&path)?.next().transpose()?;
        let why = match opened.as_ref().map(|record| &record.event) {
            Some(Event::RunStarted { run, .. }) => meant.differences(run),
            _ => vec![phrase("cli-nothing-written")],
        };
        if !why.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                say("error-cli-other-run", &[("id", id.to_string().into())]),
                why.join("\n"),
                phrase("error-cli-other-run-action"),
            ));
        }
        let (records, writer, followed_journal) = match access {
            Access::Follow => {
                let mut reader = Reader::open(&path)?;
                (reader.more()?, None, Some(reader))
            }
            Access::Look => (Journal::open(&path)?.records, None, None),
            Access::Write => {
                let (writer, journal) = Writer::reopen(&path)?;
                (journal.records, Some(writer), None)
            }
        };
        let events = records.into_iter().map(|record| (record.at, record.event)).collect();
        Ok(Self { events, writer, followed_journal })
    }

    /// What the run is.
    pub(super) fn run(&self) -> Option<&RunInfo> {
        match self.events.first() {
            Some((_, Event::RunStarted { run, .. })) => Some(run),
            _ => None,
        }
    }
}

/// What a run of a configuration is known by. The same groups in another tenant or at another address are another run.
pub(super) struct Meant<'a> {
    pub(super) config: &'a Config,
    /// Graph's address, without the version.
    pub(super) graph_url: &'a str,
    /// What the tenant said of itself, once it has been asked.
    pub(super) seen: Option<Seen<'a>>,
}

/// What a tenant said of itself.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Its id, where the sign-in told it.
    pub(super) tenant_id: Option<&'a str>,
    /// The two ends with their SKUs.
    pub(super) route: &'a Route,
}

impl Meant<'_> {
    /// In what a run is another one, in words.
    pub(super) fn differences(&self, run: &RunInfo) -> Vec<String> {
        let (Migration { source, target, .. }, mut found) = (&self.config.migration, Vec::new());
        let mut differ = |what: String, run: &str, here: &str| {
            let (run, here) = (clean(run).into(), clean(here).into());
            found.push(say("error-cli-differs", &[("what", what.into()), ("run", run), ("here", here)]));
        };
        for (what, side, end) in [
            (phrase("error-cli-differs-source-group"), &run.route.source, source),
            (phrase("error-cli-differs-target-group"), &run.route.target, target),
        ] {
            if side.group != end.group {
                differ(what, &side.group.to_string(), &end.group.to_string());
            }
        }
        let named = self.config.tenant.id.as_str();
        // A tenant has many names and one id.
        match (run.tenant_id.as_deref(), self.seen.and_then(|seen| seen.tenant_id)) {
            (Some(then), Some(now)) if !then.eq_ignore_ascii_case(now) => {
                differ(phrase("error-cli-differs-tenant"), then, now);
            }
            (None, _) | (_, None) if !run.tenant.eq_ignore_ascii_case(named) => {
                differ(phrase("error-cli-differs-tenant"), &run.tenant, named);
            }
            _ => {}
        }
        if let Some(url) = run.graph_url.as_deref().filter(|url| *url != self.graph_url) {
            differ(phrase("error-cli-differs-address"), url, self.graph_url);
        }
        let route = self.seen.map(|seen| seen.route);
        for (what, then, now) in [
            (phrase("error-cli-differs-source-sku"), &run.route.source, route.map(|route| &route.source)),
            (phrase("error-cli-differs-target-sku"), &run.route.target, route.map(|route| &route.target)),
        ] {
            if let Some(now) = now.filter(|now| now.sku != then.sku) {
                differ(what, &product(then), &product(now));
            }
        }
        found
    }
}

fn product(side: &Side) -> String {
    format!("{} ({})", side.sku_name, side.sku)
}

/// What the configuration says otherwise than the run that goes on: the run keeps its own.
pub(super) fn kept_settings(run: &RunInfo, config: &Config) -> Vec<String> {
    let mut kept = Vec::new();
    let mut keep = |key: &str, run: String, here: String| {
        if run != here {
            kept.push(say("cli-kept-setting", &[("key", key.into()), ("run", run.into()), ("here", here.into())]));
        }
    };
    let (then, now) = (&run.settings, &config.settings);
    for (key, then, now) in [
        ("batch_size", then.batch_size, now.batch_size),
        ("canary", then.canary, now.canary),
        ("max_stuck", then.max_stuck, now.max_stuck),
    ] {
        keep(key, then.to_string(), now.to_string());
    }
    for (key, then, now) in [
        ("interval", then.interval, now.interval),
        ("stuck_after", then.stuck_after, now.stuck_after),
        ("unlicensed_grace", then.unlicensed_grace, now.unlicensed_grace),
    ] {
        keep(key, lasting(then), lasting(now));
    }
    keep("name", format!("{:?}", run.name), format!("{:?}", words::config::name(&config.migration)));
    kept
}

/// The run that another process is at work on: the one that was written since it took the lock.
pub(super) fn at_work(data: &Path, lock: &Path, meant: &Meant<'_>) -> Result<Option<RunId>, Failure> {
    let Some(since) = fs::metadata(lock).and_then(|about| about.modified()).ok() else { return Ok(None) };
    let since = Timestamp::try_from(since).unwrap_or(Timestamp::MAX);
    let fits = |file: &RunFile| match &file.first {
        First::Started { run, .. } => file.modified >= since && meant.differences(run).is_empty(),
        First::Empty | First::Broken(_) => false,
    };
    let found = journal::list(data)?.into_iter().filter(fits).max_by_key(|file| file.modified);
    Ok(found.map(|file| file.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::route::ScenarioChoice;
    use crate::domain::settings::Settings;
    use crate::domain::time::SignedDuration;
    use crate::sim::Options;
    use crate::sim::Sim;
    use uuid::Uuid;

    const URL: &str = "http://127.0.0.1:8080";

    async fn config() -> Config {
        let sim = Sim::start(Options { users: 3, ..Options::default() }).await.unwrap();
        Config::parse(&sim.config_toml(), Path::new("config.toml")).unwrap()
    }

    fn side(group: crate::domain::id::GroupId, sku: u128) -> Side {
        Side {
            group,
            group_name: "Lic".into(),
            sku: crate::domain::id::SkuId(Uuid::from_u128(sku)),
            sku_name: format!("product {sku}"),
            part_number: "PACK".into(),
            moved_by: crate::domain::route::MovedBy::Skuferry,
        }
    }

    fn run(config: &Config) -> RunInfo {
        let (source, target) = (config.migration.source.group, config.migration.target.group);
        RunInfo {
            id: RunId(Uuid::from_u128(1)),
            name: words::config::name(&config.migration),
            tenant: config.tenant.id.clone(),
            tenant_id: Some("T-1".into()),
            graph_url: Some(URL.into()),
            route: Route { source: side(source, 1), target: side(target, 2) },
            choice: ScenarioChoice::Auto,
            settings: config.settings,
            version: "test".into(),
            config: None,
            rehearsal: false,
        }
    }

    /// In what this run is another than the configuration means, when the tenant has this id.
    fn differences(config: &Config, tenant_id: Option<&str>, change: impl FnOnce(&mut RunInfo)) -> Vec<String> {
        let mut run = run(config);
        let route = run.route.clone();
        change(&mut run);
        let seen = Some(Seen { tenant_id, route: &route });
        Meant { config, graph_url: URL, seen }.differences(&run)
    }

    #[tokio::test]
    async fn a_run_of_another_tenant_address_sku_or_group_is_another_run() {
        let config = config().await;
        let one = |change: fn(&mut RunInfo)| match differences(&config, Some("t-1"), change).as_slice() {
            [] => String::new(),
            [one] => one.split_once(':').unwrap().0.to_owned(),
            many => panic!("{many:?}"),
        };
        assert_eq!(one(|_| {}), "");
        assert_eq!(one(|run| run.tenant = "fabrikam.com".into()), "", "a tenant has many names and one id");
        assert_eq!(one(|run| run.tenant_id = Some("t-2".into())), "tenant");
        assert_eq!(one(|run| run.graph_url = Some("http://127.0.0.1:8081".into())), "address of Microsoft Graph");
        assert_eq!(one(|run| run.route.source.sku.0 = Uuid::from_u128(9)), "source SKU");
        assert_eq!(one(|run| run.route.target.sku.0 = Uuid::from_u128(9)), "target SKU");
        assert_eq!(one(|run| run.route.source.group.0 = Uuid::from_u128(9)), "source group");
        assert_eq!(one(|run| run.route.target.group.0 = Uuid::from_u128(9)), "target group");
    }

    #[tokio::test]
    async fn without_an_id_the_name_of_the_tenant_tells() {
        let config = config().await;
        for (then, now) in [(None, Some("t-1")), (Some("t-1"), None), (None, None)] {
            let change = |tenant: &str| {
                let tenant = tenant.to_owned();
                move |run: &mut RunInfo| (run.tenant, run.tenant_id) = (tenant, then.map(ToOwned::to_owned))
            };
            let same = config.tenant.id.to_uppercase();
            assert_eq!(differences(&config, now, change(&same)), [] as [&str; 0]);
            assert_eq!(differences(&config, now, change("fabrikam.com")).len(), 1);
        }
    }

    #[tokio::test]
    async fn what_the_run_keeps_of_its_own_is_named_with_what_the_configuration_says() {
        let config = config().await;
        let mut run = run(&config);
        assert_eq!(kept_settings(&run, &config), [] as [&str; 0]);
        run.settings = Settings { canary: 7, interval: SignedDuration::from_mins(4), ..run.settings };
        let (canary, interval) = (config.settings.canary, lasting(config.settings.interval));
        assert_eq!(
            kept_settings(&run, &config),
            [
                format!("canary 7 (the configuration says {canary})"),
                format!("interval 4 min (the configuration says {interval})"),
            ]
        );
    }
}

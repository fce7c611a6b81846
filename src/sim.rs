//! The simulated tenant: Microsoft Graph over HTTP on loopback. It imports nothing else of this crate.
//!
//! It is the other side of the wire, so it shares no type with the client: a mistake in the client's idea of Graph cannot
//! hide here. Start with [`Sim`]. One request walks `server` -> `graph` (`route`, `permission`) -> one file of `graph/` ->
//! `tenant`, and its answer is drawn by `shape`. What the tenant does by itself waits in `work` until `world` catches up with
//! the clock; group-based licensing is `gbl`.
//!
//! # What is assumed
//!
//! Microsoft documents most of what is here. The following it does not, so it is assumed, and most of it can be set in a
//! tenant file or while the tenant runs (`assets/sim/tenant-hostile.toml` shows every key):
//!
//! - The order of the checks before an assignment: usage location, exclusive plans, dependencies, mail address, seats.
//! - Which plan needs which (`assets/sim/dependencies.csv`) and which product is not offered where.
//! - In which order several groups are tried again that had failed for a user who loses a product, and so which of them wins if
//!   they exclude each other; and whether each of a group's products that fail says why, or only the first.
//! - That the plans of Teams Enterprise stand beside those of suites without Teams, whatever the list of exclusive plans says.
//! - That who leaves a group of several products keeps of it what is needed, and no more.
//! - The code of the answer to an `@odata.id` that is no URL (its words are known), and that a member who may not be added is
//!   told apart before one who is there already.
//! - How long licensing takes: at least half a minute, two minutes on average, eight at most.
//! - That a license kept because another needs it shows as `ActiveWithError`, and that only enabled seats can be assigned, not
//!   those of a subscription in its grace period.
//! - That a failed change of a group's plans leaves a member's plans as they were.
//! - That a reprocess by which nothing would be gained answers 400 with the sentence of the failure, and that ids in a sentence
//!   stand bare in an answer and in brackets in the audit log.
//! - That `/groups/{id}/members` shows licensing properties without a cast.
//! - That `$expand` takes one relationship, with `$select` alone inside, and that nobody has a manager, and no group an owner,
//!   until one is assigned.
//! - That a cast needs both the header and `$count=true`, as the documents have it; CLI for Microsoft 365 at times does without.
//! - That asking for licenses with `User.ReadBasic.All` alone is refused, and that the 404 for an owner names the group, as it
//!   does for a member.
//! - That who is restored gets groups and direct licenses back at once, as far as there are seats, and that the name of who is
//!   deleted is shown with the id before it.
//! - How far lists (2 s) and the index behind advanced queries (15 s) lag, and that reads of one object,
//!   and of what it is a member of, do not.
//! - The words of refusals that nobody has published: more than twenty members at once, a dynamic group, a group that cannot be
//!   deleted because it licenses its members, or cannot be licensed because it is not security-enabled.
//! - That nobody checks who may sign in: any application is let in with any secret or certificate, unless an `[[app]]` gives its
//!   own, and an assertion may be used again until it expires. Tokens are signed, and `/{tenant}/discovery/v2.0/keys` verifies
//!   them, but the key is everybody's.
//! - That parallel writes to one group succeed, unless `write_takes` is set; then they collide with 409.
mod answer;
mod ask;
mod audit;
mod behaviour;
mod catalog;
mod clock;
mod config;
mod control;
mod event;
mod expand;
mod fault;
mod file;
mod filter;
mod gbl;
mod graph;
mod length;
mod log;
mod membership_rule;
mod oauth;
mod options;
mod page;
mod query;
mod route;
mod rules;
mod search;
mod seed;
mod server;
mod shape;
mod spot;
mod state;
mod tenant;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod work;
mod world;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::serve::Listener;
use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use log::LogEntry;
pub use options::{Options, Scenario, SimError};

use server::{Breaker, Lines, Shared};
use world::{Task, World};

/// Opens the file of certificates that this program wrote, so that it never replaces a file of somebody else.
const AUTHORITY: &str = "# The certificate authority of skuferry's simulated tenant\n";

/// A running simulated tenant. Dropping it stops it.
#[derive(Debug)]
pub struct Sim {
    address: SocketAddr,
    speed: f64,
    task: Task,
    shared: Shared,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Sim {
    /// Makes a tenant and serves it in the background of the current tokio runtime.
    pub async fn start(options: Options) -> Result<Self, SimError> {
        let asked = options.listen;
        if !asked.ip().is_loopback() {
            return Err(SimError::NotLoopback(asked));
        }
        if !(options.speed.is_finite() && options.speed > 0.0) {
            return Err(SimError::Speed(options.speed));
        }
        let unreachable = |source| SimError::Listen { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(unreachable)?;
        let address = listener.local_addr().map_err(unreachable)?;
        let (world, task) = World::new(&options).map_err(SimError::Text)?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let shared = Shared::new(world, scheme);
        let stop = CancellationToken::new();
        let server = match &options.tls {
            None => serve(Lines(listener), &shared, &stop),
            Some(path) => {
                let (lines, pem) = server::listen_tls(listener).map_err(|error| SimError::Tls(error.to_string()))?;
                let unwritten = |source| SimError::Write { path: path.clone(), source };
                write_authority(path, &pem).map_err(unwritten)?;
                serve(Lines(lines), &shared, &stop)
            }
        };
        Ok(Self { address, speed: options.speed, task, shared, stop, server })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("{}://{}", self.shared.scheme(), self.address)
    }

    /// The text of a client's `config.toml` that fits this tenant.
    pub fn config_toml(&self) -> String {
        config::config_toml(
            &self.task.migration,
            &self.shared.lock().tenant,
            self.speed,
            &self.url(),
            self.task.listed.len(),
        )
    }

    /// The users to be migrated, one a line: principal names and object ids mixed.
    pub fn users_csv(&self) -> String {
        let said = self.task.migration.users.clone();
        said.unwrap_or_else(|| config::users_csv(&self.shared.lock().tenant, &self.task.listed))
    }

    /// Writes `config.toml` and `users.csv` into a folder. A file that is there already is left as it is.
    ///
    /// # Errors
    /// [`SimError::Write`] when one of them cannot be made, or is there already; then neither is written.
    pub fn write_config(&self, dir: &Path) -> Result<(), SimError> {
        for name in ["config.toml", "users.csv"] {
            let path = dir.join(name);
            if path.symlink_metadata().is_ok() {
                let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it is there already");
                return Err(SimError::Write { path, source });
            }
        }
        for (name, text) in [("config.toml", self.config_toml()), ("users.csv", self.users_csv())] {
            let path = dir.join(name);
            let made = std::fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
            made.map_err(|source| SimError::Write { path, source })?;
        }
        Ok(())
    }

    /// A token that may do everything, for clients that do not sign in.
    pub fn access_token(&self) -> String {
        oauth::any_token(&self.shared.lock())
    }

    /// Every token, code and assertion that was given out or taken so far.
    pub fn issued_secrets(&self) -> Vec<String> {
        self.shared.lock().sign_in.issued.clone()
    }

    /// Jumps ahead by tenant time.
    pub fn advance(&self, by: Duration) {
        let mut world = self.shared.lock();
        world.clock.advance(by);
        world.catch_up();
    }

    /// Stops tenant time.
    pub fn freeze(&self) {
        let mut world = self.shared.lock();
        world.catch_up();
        world.clock.set_frozen(true);
    }

    /// Lets tenant time go on.
    pub fn thaw(&self) {
        self.shared.lock().clock.set_frozen(false);
    }

    /// Every request so far, those inside a `$batch` after it.
    pub fn log(&self) -> Vec<LogEntry> {
        self.shared.lock().log.after(0)
    }

    /// Tells of every request as it is written into the log, before its answer leaves. The tenant stands still meanwhile.
    pub fn listen(&self, hear: impl FnMut(&LogEntry) + Send + 'static) {
        self.shared.lock().log.listener = Some(log::Listener(Box::new(hear)));
    }

    /// What every user was ever licensed for, as far back as the tenant remembers (`[lag] memory`).
    pub fn past(&self) -> Value {
        let mut world = self.shared.lock();
        world.catch_up();
        state::past(&world)
    }

    /// Ids of all users who had no license at any time after this one, however short it was. Who is deleted needs none.
    pub fn without_license(&self, after: Timestamp) -> Vec<uuid::Uuid> {
        let mut world = self.shared.lock();
        world.catch_up();
        let without = world.tenant.every_user_from(None).filter(|(_, user)| user.was_without_license(after));
        without.map(|(_, user)| user.id).collect()
    }

    /// The whole truth: users with memberships and licenses, groups, seats.
    pub fn state(&self) -> Value {
        let mut world = self.shared.lock();
        world.catch_up();
        state::state(&world)
    }

    /// Replaces the faults, from TOML or JSON.
    pub fn set_faults(&self, text: &str) -> Result<(), SimError> {
        control::set_faults(&mut self.shared.lock(), text).map_err(SimError::Text)
    }

    /// Stops serving and waits until the last answer is out.
    pub async fn stop(mut self) {
        self.stop.cancel();
        let idle = tokio::time::timeout(Duration::from_millis(200), &mut self.server).await;
        if idle.is_err() {
            // A client that keeps its connection open would keep a graceful end waiting for ever.
            self.server.abort();
        }
    }
}

/// Serves in the background.
fn serve<L>(lines: Lines<L>, shared: &Shared, stop: &CancellationToken) -> JoinHandle<()>
where
    L: Listener<Addr = SocketAddr>,
    L::Io: Send,
{
    let service = server::service(shared.clone()).into_make_service_with_connect_info::<Breaker>();
    let serve = axum::serve(lines, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::spawn(async move {
        // It ends when told to; what else could end it is a listener that broke, which clients will notice.
        let _ = serve.await;
    })
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.abort();
    }
}

/// Writes the certificate that clients must trust. A file that an earlier tenant left there is replaced; any other, which may be the
/// only copy of a key, is left as it is.
fn write_authority(path: &Path, pem: &str) -> std::io::Result<()> {
    match std::fs::read(path) {
        Ok(there) if !there.starts_with(AUTHORITY.as_bytes()) => {
            Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, "another file is there already"))
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::write(path, format!("{AUTHORITY}{pem}")),
    }
}

//! The simulated tenant: Microsoft Graph over HTTP on loopback. It imports nothing else of this crate.
//!
//! It is the other side of the wire, so it shares no type with the client: a mistake in the client's idea of Graph cannot
//! hide here. Start with [`Sim`]. One request walks `server` -> `graph` (`route`, `permission`) -> one file of `graph/` ->
//! `tenant`, and its answer is drawn by `shape`. What the tenant does by itself waits in `work` until `world` catches up with
//! the clock; group-based licensing is `gbl`. Where Microsoft's documents leave a behaviour open, the place that decides says so.
mod answer;
mod ask;
mod behaviour;
mod catalog;
mod clock;
mod config;
mod control;
mod event;
mod fault;
mod filter;
mod gbl;
mod graph;
mod length;
mod log;
mod oauth;
mod options;
mod page;
mod query;
mod route;
mod rules;
mod seed;
mod server;
mod shape;
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

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use log::LogEntry;
pub use options::{Options, Scenario, SimError};

use server::{Breaker, Lines, Shared};
use world::World;

/// A running simulated tenant. Dropping it stops it.
#[derive(Debug)]
pub struct Sim {
    address: SocketAddr,
    options: Options,
    listed: Vec<tenant::UserIx>,
    shared: Shared,
    stop: CancellationToken,
    task: JoinHandle<()>,
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
        let (world, listed) = World::new(&options);
        let shared = Shared::new(world);
        let stop = CancellationToken::new();
        let service = server::service(shared.clone()).into_make_service_with_connect_info::<Breaker>();
        let serve = axum::serve(Lines(listener), service).with_graceful_shutdown(stop.clone().cancelled_owned());
        let task = tokio::spawn(async move {
            // It ends when told to; what else could end it is a listener that broke, which clients will notice.
            let _ = serve.await;
        });
        Ok(Self { address, options, listed, shared, stop, task })
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The text of a client's `config.toml` that fits this tenant.
    pub fn config_toml(&self) -> String {
        config::config_toml(&self.options, &self.url(), self.listed.len())
    }

    /// The users to be migrated, one a line: principal names and object ids mixed.
    pub fn users_csv(&self) -> String {
        config::users_csv(&self.shared.lock().tenant, &self.listed)
    }

    /// Writes `config.toml` and `users.csv` into a folder.
    pub fn write_config(&self, dir: &Path) -> Result<(), SimError> {
        for (name, text) in [("config.toml", self.config_toml()), ("users.csv", self.users_csv())] {
            let path = dir.join(name);
            std::fs::write(&path, text).map_err(|source| SimError::Write { path, source })?;
        }
        Ok(())
    }

    /// A token that may do everything, for clients that do not sign in.
    pub fn access_token(&self) -> String {
        oauth::any_token(&self.shared.lock())
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
        let idle = tokio::time::timeout(Duration::from_millis(200), &mut self.task).await;
        if idle.is_err() {
            // A client that keeps its connection open would keep a graceful end waiting for ever.
            self.task.abort();
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
        self.task.abort();
    }
}

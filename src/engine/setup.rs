//! Everything a run starts from.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::event::Event;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::domain::window::Window;
use crate::engine::plan::Plan;
use crate::engine::session::Session;
use crate::graph::Graph;

/// Everything a run starts from.
pub struct Setup {
    /// The client.
    pub graph: Graph,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the run sets out to do.
    pub plan: Plan,
    /// The run's events so far; the first one is its start.
    pub past: Vec<(Timestamp, Event)>,
    /// What this session may do, and where it keeps what happens.
    pub session: Session,
    /// Who sits at the terminal.
    pub operator: String,
    /// The tenant's display name.
    pub tenant: Option<String>,
    /// The tenant's SKUs as they were when it was reached.
    pub skus: Skus,
    /// Where the files of worklists go, for groups that others change; nowhere in a session that keeps nothing.
    pub worklists: Option<PathBuf>,
    /// When writes may leave; at any time when there is none.
    pub window: Option<Window>,
}

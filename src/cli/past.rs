//! Whether somebody is at work on a run.

use std::fs;
use std::path::Path;

use crate::domain::event::RunInfo;
use crate::domain::time::Timestamp;
use crate::journal::RunLock;

/// Whether another process is at work on the run: the lock of its groups is held, and the journal was written since.
pub(super) fn is_under_way(data: &Path, journal: &Path, run: &RunInfo) -> bool {
    let route = &run.route;
    let Some(since) = RunLock::held_since(data, route.source.group, route.target.group) else { return false };
    let modified = fs::metadata(journal).and_then(|about| about.modified()).ok();
    modified.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at >= since)
}

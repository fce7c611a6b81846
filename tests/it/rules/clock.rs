//! The machine's clock, which may be set, and the ear that goes by it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::time::SignedDuration;
use skuferry::sim::LogEntry;

use crate::rules::record::Arrival;

/// The machine's clock, which may be set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jumpy(Arc<Mutex<Vec<(Instant, SignedDuration)>>>);

impl Jumpy {
    /// Sets it forward, or back when `by` is negative.
    pub(crate) fn jump(&self, by: SignedDuration) {
        let mut jumps = self.0.lock().unwrap();
        let before = jumps.last().map_or(SignedDuration::ZERO, |(_, offset)| *offset);
        jumps.push((Instant::now(), before + by));
    }

    /// How far the clock was ahead at a moment.
    fn ahead(&self, at: Instant) -> SignedDuration {
        let jumps = self.0.lock().unwrap();
        jumps.iter().rev().find(|(since, _)| *since <= at).map_or(SignedDuration::ZERO, |(_, offset)| *offset)
    }
}

impl Clock for Jumpy {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.ahead(Instant::now())
    }
}

/// How long a request may be on its way on a busy machine, so that a clock that is set meanwhile was set after it left.
const FLIGHT: Duration = Duration::from_secs(1);

/// Hears the requests as they come, with the journal as it is on the disk at that moment.
pub(super) fn ear(
    jumpy: Jumpy,
    clock: Arc<dyn Clock>,
    journal: Arc<OnceLock<PathBuf>>,
    heard: Arc<Mutex<Vec<Arrival>>>,
) -> impl FnMut(&LogEntry) + Send {
    move |entry| {
        let real = Instant::now();
        let kept = journal.get().map_or(0, |path| lines(path));
        let at = clock.now();
        let then = real.checked_sub(FLIGHT).unwrap_or(real);
        let left = (at - jumpy.ahead(real) + jumpy.ahead(then)).min(at);
        heard.lock().unwrap().push(Arrival { number: entry.number, at, left, kept });
    }
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().matches('\n').count()
}

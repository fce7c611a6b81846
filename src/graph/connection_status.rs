//! How the connection fares, for the screen's corner.

use std::time::Duration;

use tokio::sync::watch;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::rate_limiter::Hindrance;

/// How the connection to Graph fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionStatus {
    /// When the last answer came, whatever it said.
    pub last_answer: Option<Timestamp>,
    /// Since when no good answer comes: none at all, or 5xx only.
    pub failing_since: Option<Timestamp>,
    /// Until when the service asked us to wait, with reads or with writes; ten minutes at most.
    pub slowed_until: Option<Timestamp>,
    /// Until when no read leaves because of that.
    pub reads_held_until: Option<Timestamp>,
    /// Until when no write leaves because of that.
    pub writes_held_until: Option<Timestamp>,
    /// Until when we go slowly by our own choice, because the service said how near its limit we are.
    pub cautious_until: Option<Timestamp>,
    /// Until when the service asked to be left alone, where that is more than the ten minutes after which it is asked
    /// again.
    pub asked_until: Option<Timestamp>,
    /// HTTP requests sent, repetitions included.
    pub requests: u64,
    /// How often the service asked for patience, items of batches included.
    pub throttled: u64,
}

/// Where the client tells its pulse.
#[derive(Debug)]
pub(in crate::graph) struct StatusPublisher(watch::Sender<ConnectionStatus>);

impl StatusPublisher {
    pub(in crate::graph) fn new() -> Self {
        Self(watch::Sender::new(ConnectionStatus::default()))
    }

    pub(in crate::graph) fn watch(&self) -> watch::Receiver<ConnectionStatus> {
        self.0.subscribe()
    }

    pub(in crate::graph) fn sent(&self) {
        self.0.send_modify(|connection_status| connection_status.requests += 1);
    }

    pub(in crate::graph) fn answered(&self, now: Timestamp, status: u16) {
        self.0.send_modify(|connection_status| {
            connection_status.last_answer = Some(now);
            connection_status.failing_since =
                if status < 500 { None } else { connection_status.failing_since.or(Some(now)) };
        });
    }

    pub(in crate::graph) fn silent(&self, now: Timestamp) {
        self.0.send_modify(|connection_status| {
            connection_status.failing_since = connection_status.failing_since.or(Some(now));
        });
    }

    pub(in crate::graph) fn throttled(&self) {
        self.0.send_modify(|connection_status| connection_status.throttled += 1);
    }

    pub(in crate::graph) fn hindered(&self, now: Timestamp, by: Hindrance) {
        let at = |left: Duration| {
            let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
            now.checked_add(left).unwrap_or(Timestamp::MAX)
        };
        self.0.send_if_modified(|connection_status| {
            let before = *connection_status;
            connection_status.reads_held_until = by.reads_held.map(at);
            connection_status.writes_held_until = by.writes_held.map(at);
            connection_status.slowed_until = by.reads_held.max(by.writes_held).map(at);
            connection_status.cautious_until = by.cautious.map(at);
            connection_status.asked_until = by.asked.map(at);
            *connection_status != before
        });
    }
}

//! How the connection fares, for the screen's corner.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::throttle::Limit;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::rate_limiter::Hindrance;

/// How the connection to Graph fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionStatus {
    /// When the last answer came, whatever it said.
    pub last_answer: Option<Timestamp>,
    /// When the oldest request left that is not answered yet; `None` when all are.
    pub waiting_since: Option<Timestamp>,
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
    /// How much of the limit on reads was used, in percent, when Graph said so last; it does from 80 on.
    pub reads_used: Option<u16>,
    /// The same of the limit on writes.
    pub writes_used: Option<u16>,
    /// HTTP requests sent, repetitions included.
    pub requests: u64,
    /// How often the service asked for patience, items of batches included.
    pub throttled: u64,
}

/// Where the client tells its pulse.
#[derive(Debug)]
pub(in crate::graph) struct StatusPublisher {
    status: watch::Sender<ConnectionStatus>,
    /// When each request left that is not answered yet, by a number of ours.
    in_flight: Mutex<BTreeMap<u64, Timestamp>>,
}

/// A request that is on its way. Dropped when it is answered, or given up.
pub(in crate::graph) struct InFlight<'a> {
    publisher: &'a StatusPublisher,
    number: u64,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.publisher.in_flight();
        in_flight.remove(&self.number);
        self.publisher.waits(&in_flight);
    }
}

impl StatusPublisher {
    pub(in crate::graph) fn new() -> Self {
        Self { status: watch::Sender::new(ConnectionStatus::default()), in_flight: Mutex::default() }
    }

    pub(in crate::graph) fn watch(&self) -> watch::Receiver<ConnectionStatus> {
        self.status.subscribe()
    }

    /// A request leaves.
    pub(in crate::graph) fn sent(&self, now: Timestamp) -> InFlight<'_> {
        let mut number = 0;
        self.status.send_modify(|status| {
            status.requests += 1;
            number = status.requests;
        });
        let mut in_flight = self.in_flight();
        in_flight.insert(number, now);
        self.waits(&in_flight);
        InFlight { publisher: self, number }
    }

    fn in_flight(&self) -> MutexGuard<'_, BTreeMap<u64, Timestamp>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self, in_flight: &BTreeMap<u64, Timestamp>) {
        let oldest = in_flight.values().min().copied();
        self.status.send_if_modified(|status| std::mem::replace(&mut status.waiting_since, oldest) != oldest);
    }

    /// Graph said how much of a limit is used.
    pub(in crate::graph) fn used(&self, limit: Limit, percent: Option<u16>) {
        self.status.send_if_modified(|status| {
            let before = *status;
            if limit != Limit::Writes {
                status.reads_used = percent;
            }
            if limit != Limit::Reads {
                status.writes_used = percent;
            }
            *status != before
        });
    }

    pub(in crate::graph) fn answered(&self, now: Timestamp, status: u16) {
        self.status.send_modify(|connection_status| {
            connection_status.last_answer = Some(now);
            connection_status.failing_since =
                if status < 500 { None } else { connection_status.failing_since.or(Some(now)) };
        });
    }

    pub(in crate::graph) fn silent(&self, now: Timestamp) {
        self.status.send_modify(|connection_status| {
            connection_status.failing_since = connection_status.failing_since.or(Some(now));
        });
    }

    pub(in crate::graph) fn throttled(&self) {
        self.status.send_modify(|connection_status| connection_status.throttled += 1);
    }

    pub(in crate::graph) fn hindered(&self, now: Timestamp, by: Hindrance) {
        let at = |left: Duration| {
            let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
            now.checked_add(left).unwrap_or(Timestamp::MAX)
        };
        self.status.send_if_modified(|connection_status| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_oldest_request_that_is_not_answered_is_what_is_waited_for() {
        let publisher = StatusPublisher::new();
        let status = || *publisher.watch().borrow();
        let first = publisher.sent(at(10));
        let second = publisher.sent(at(20));
        assert_eq!((status().waiting_since, status().requests), (Some(at(10)), 2));
        drop(first);
        assert_eq!(status().waiting_since, Some(at(20)));
        // One that is given up is not waited for either.
        drop(second);
        assert_eq!(status().waiting_since, None);
    }

    #[test]
    fn how_much_is_used_is_kept_for_each_limit() {
        let publisher = StatusPublisher::new();
        publisher.used(Limit::Reads, Some(85));
        publisher.used(Limit::Writes, Some(120));
        let told = *publisher.watch().borrow();
        assert_eq!((told.reads_used, told.writes_used), (Some(85), Some(120)));
        publisher.used(Limit::Both, None);
        let told = *publisher.watch().borrow();
        assert_eq!((told.reads_used, told.writes_used), (None, None));
    }
}

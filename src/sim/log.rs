//! What was asked of the tenant, request by request.
use std::collections::VecDeque;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One request, or one request inside a `$batch`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogEntry {
    /// Its number, from 1; the requests inside a `$batch` come right after it.
    pub number: u64,
    /// When it came, by the tenant's clock.
    pub at: Timestamp,
    /// The verb.
    pub method: String,
    /// Path and query as sent; inside a `$batch` relative to the version root, as its items are.
    pub path: String,
    /// The status that was answered.
    pub status: u16,
    /// Whether it came inside a `$batch`.
    pub in_batch: bool,
    /// The number of that `$batch`.
    pub outer: Option<u64>,
    /// The item's id there.
    pub item: Option<String>,
    /// The body of a write. Never that of a sign-in, which holds secrets.
    pub body: Option<Value>,
    /// The `client-request-id` that the client sent.
    pub client_request_id: Option<String>,
    /// The `request-id` that was answered.
    pub request_id: String,
    /// The application that the token was issued to.
    pub app: Option<String>,
    /// What the request cost in resource units (Microsoft Graph throttling limits, "Identity and access").
    pub resource_units: u32,
    /// Sent before the time that an earlier `Retry-After` had named.
    pub early: bool,
    /// What a fault did to it, if one did.
    pub fault: Option<String>,
    /// The time whose truth a read of a user by itself shows: before `at` where it lags, none where a fault answered.
    pub shows: Option<Timestamp>,
}

/// Hears of every request before its answer leaves.
pub(crate) struct Listener(pub(crate) Box<dyn FnMut(&LogEntry) + Send>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// The log, bounded so that a long demo does not eat the machine.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Who hears of every entry.
    pub(crate) listener: Option<Listener>,
    entries: VecDeque<LogEntry>,
    numbered: u64,
}

const MOST_ENTRIES: usize = 1_000_000;

impl Log {
    /// The number for a request that begins now.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// The number given last.
    pub(crate) fn last_number(&self) -> u64 {
        self.numbered
    }

    /// Keeps an entry; the oldest goes when there are too many.
    pub(crate) fn push(&mut self, entry: LogEntry) {
        if let Some(Listener(hear)) = &mut self.listener {
            hear(&entry);
        }
        if self.entries.len() == MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Entries with a number above `after`, in the order of their numbers.
    pub(crate) fn after(&self, after: u64) -> Vec<LogEntry> {
        let mut entries: Vec<LogEntry> = self.entries.iter().filter(|entry| entry.number > after).cloned().collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }

    /// Forgets all entries; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

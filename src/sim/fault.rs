//! Faults: what goes wrong on purpose with which request.
mod pattern;
mod text;

use std::time::Duration;

use jiff::Timestamp;

pub(crate) use pattern::Pattern;
pub(crate) use text::FaultText;

use crate::sim::answer::{Answer, Content, Refusal, Wire};
use crate::sim::ask::Ask;
use crate::sim::clock::{http_date, later};
use crate::sim::spot::WrongKey;

/// A fault that waits for its requests.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// What it is called in the log.
    pub(crate) name: String,
    /// Which requests.
    pub(crate) on: Pattern,
    /// Only inside a `$batch`, only outside, or both.
    pub(crate) in_batch: Option<bool>,
    /// Which of the matching requests.
    pub(crate) turn: Turn,
    /// From when on, after it was set, in tenant time.
    pub(crate) from: Duration,
    /// Until when.
    pub(crate) until: Option<Duration>,
    /// What happens to them.
    pub(crate) harm: Harm,
    /// Whether the request does its work all the same.
    pub(crate) commits: bool,
    /// Real time that the answer takes longer.
    pub(crate) delay: Duration,
    seen: u64,
}

/// Which of the matching requests a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// All of them.
    All,
    /// One, counted from 1.
    Nth(u64),
    /// Every so manieth.
    Every(u64),
    /// The first so many.
    First(u64),
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Harm {
    /// Nothing but the delay.
    None,
    /// It is answered with a status, a code and message, and real seconds to wait.
    Status { status: u16, code: Option<String>, message: Option<String>, retry_after: Option<RetryAfter> },
    /// The same with a body of one's own.
    Json(u16, serde_json::Value),
    /// The same with a page of HTML, as from a gateway.
    Html(u16),
    /// The same with no body at all.
    Empty(u16),
    /// The answer breaks off in the middle.
    Cut,
    /// The connection breaks before anything is answered.
    Drop,
    /// A read shows the truth of so long ago.
    Stale(Duration),
    /// A read tells no licenses of users, as to who may not read them (Microsoft Learn, "List group members", limited
    /// information).
    Unlicensed,
}

/// How a client is told to wait (Microsoft Learn, "Microsoft Graph throttling guidance": seconds, in its samples with
/// fractions; HTTP allows a date as well).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RetryAfter {
    /// So many seconds.
    Seconds(f64),
    /// Until a date so many seconds ahead.
    Date(f64),
}

impl RetryAfter {
    /// The header's value at a time.
    fn value(self, now: Timestamp) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Date(seconds) => http_date(later(now, Duration::try_from_secs_f64(seconds).unwrap_or_default())),
        }
    }
}

impl Fault {
    /// A fault from its text.
    pub(crate) fn new(text: &FaultText) -> Result<Self, WrongKey> {
        text.compile()
    }

    /// Counts a request if it matches, and says whether it is this one's turn.
    fn meets(&mut self, ask: &Ask, set: Timestamp, now: Timestamp) -> bool {
        let there = self.in_batch.is_none_or(|inside| inside == ask.item.is_some());
        let on_time = now >= later(set, self.from) && self.until.is_none_or(|until| now < later(set, until));
        if !there || !on_time || !self.on.matches(ask.method.as_str(), &ask.path) {
            return false;
        }
        self.seen += 1;
        match self.turn {
            Turn::All => true,
            Turn::Nth(nth) => self.seen == nth,
            Turn::Every(nth) => self.seen.is_multiple_of(nth),
            Turn::First(count) => self.seen <= count,
        }
    }

    /// What goes wrong with the answer on its way.
    pub(crate) fn wire(&self) -> Wire {
        Wire { delay: self.delay, cut: matches!(self.harm, Harm::Cut), drop: matches!(self.harm, Harm::Drop) }
    }

    /// What the client gets instead of the true answer, by the clock that dates it; none if it gets that.
    pub(crate) fn answer(&self, now: Timestamp) -> Option<Result<Answer, Refusal>> {
        match &self.harm {
            Harm::Status { status, code, message, retry_after } => {
                let (usual_code, usual_message) = usual(*status);
                let code = code.clone().map_or_else(|| usual_code.into(), std::borrow::Cow::Owned);
                let message = message.as_deref().unwrap_or(usual_message);
                let mut refusal = match status {
                    401 => Refusal { code, ..Refusal::unauthenticated(message) },
                    _ => Refusal::new(*status, code, message),
                };
                if let Some(wait) = retry_after {
                    refusal = refusal.with("Retry-After", wait.value(now));
                }
                Some(Err(refusal))
            }
            Harm::Json(status, body) => Some(Ok(Answer::json(*status, body.clone()))),
            Harm::Html(status) => {
                let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
                Some(Ok(Answer::bare(*status, Content::Html(page))))
            }
            Harm::Empty(status) => Some(Ok(Answer::bare(*status, Content::Empty))),
            Harm::None | Harm::Cut | Harm::Drop | Harm::Stale(_) | Harm::Unlicensed => None,
        }
    }
}

/// All faults, and when they were set.
#[derive(Debug)]
pub(crate) struct Faults {
    set: Timestamp,
    list: Vec<Fault>,
}

impl Faults {
    /// Faults that count from now.
    pub(crate) fn new(list: Vec<Fault>, now: Timestamp) -> Self {
        Self { set: now, list }
    }

    /// The fault that a request meets. Every fault counts it; the first whose turn it is wins.
    pub(crate) fn meet(&mut self, ask: &Ask, now: Timestamp) -> Option<Fault> {
        let set = self.set;
        let mut met = None;
        for fault in &mut self.list {
            if fault.meets(ask, set, now) && met.is_none() {
                met = Some(fault.clone());
            }
        }
        met
    }
}

/// Graph's usual words for a status.
fn usual(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("Request_BadRequest", "Bad request."),
        401 => ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
        403 => ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        404 => ("Request_ResourceNotFound", "Resource not found."),
        409 => (
            "Directory_ConcurrencyViolation",
            "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.",
        ),
        410 => ("resyncRequired", "Resync required."),
        429 => ("TooManyRequests", "Too many requests"),
        500 => ("InternalServerError", "Internal server error."),
        502 => ("BadGateway", "Bad gateway."),
        503 => ("serviceNotAvailable", "The service is temporarily unavailable."),
        504 => ("GatewayTimeout", "The gateway timed out."),
        _ => ("UnknownError", "Unknown error."),
    }
}

#[cfg(test)]
mod tests;

//! How the connection fares, for the right of the first line: a mark, a word and a time, so that no colour is needed.

use crate::domain::fault::FaultKind;
use crate::domain::throttle::Limit;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::engine::snapshot::Connection;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::words::phrase;
use crate::words::say;

/// How the connection fares.
pub(super) struct Health {
    pub(super) role: Role,
    /// The mark before it.
    pub(super) mark: &'static str,
    /// All of it.
    pub(super) full: String,
    /// The same where there is little room.
    pub(super) brief: String,
    /// How much of a limit is used.
    pub(super) used: Option<String>,
}

pub(super) fn connection(model: &Model) -> Health {
    let age = |at: Timestamp| format::brief(since(at, model.now)).into();
    let clock = |at: Timestamp| format::clock(at, &model.zone).into();
    let of = |role, mark, full: String, brief: Option<String>| {
        let brief = brief.unwrap_or_else(|| full.clone());
        Health { role, mark, full, brief, used: None }
    };
    match &model.snapshot.connection {
        Connection::Connecting => of(Role::Busy, glyph::NEXT, phrase("screen-connecting"), None),
        Connection::Journal => of(Role::Text, glyph::NEXT, phrase("screen-from-journal"), None),
        Connection::Connected => of(Role::Good, glyph::BUSY, phrase("screen-connected"), None),
        Connection::Slow { last_answer, waiting_since } => {
            let brief = say("screen-slow", &[("length", age(*waiting_since))]);
            let full = last_answer.map(|last| say("screen-slow-last-answer", &[("length", age(last))]));
            of(Role::Warn, glyph::WARN, full.unwrap_or_else(|| brief.clone()), Some(brief))
        }
        Connection::Slowed { limit: what, used: share, until, asked } => {
            let end = asked.map_or_else(|| format::clock(*until, &model.zone), |asked| moment(model, asked));
            let mut full = say("screen-throttled", &[("what", limit(*what).into()), ("until", end.as_str().into())]);
            if asked.is_some() {
                full = say("screen-throttled-asked-again", &[("throttled", full.into()), ("again", clock(*until))]);
            }
            let brief = say("screen-throttled-brief", &[("until", end.into())]);
            Health { used: share.map(used), ..of(Role::Warn, glyph::WARN, full, Some(brief)) }
        }
        Connection::Cautious { limit: what, used: share, until } => {
            let full = say("screen-slower", &[("what", limit(*what).into()), ("until", clock(*until))]);
            let brief = say("screen-slower-brief", &[("until", clock(*until))]);
            Health { used: share.map(used), ..of(Role::Text, glyph::BUSY, full, Some(brief)) }
        }
        Connection::Failing { since: start, fault } => {
            let offline = fault.kind == FaultKind::Unreachable;
            let full = if offline {
                say("screen-offline-since", &[("time", clock(*start)), ("length", age(*start))])
            } else {
                say("screen-no-good-answer-since", &[("time", clock(*start)), ("length", age(*start))])
            };
            let brief = if offline {
                say("screen-offline", &[("length", age(*start))])
            } else {
                say("screen-no-answer", &[("length", age(*start))])
            };
            of(Role::Bad, glyph::BAD, full, Some(brief))
        }
    }
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::Reads => phrase("screen-limit-reads"),
        Limit::Writes => phrase("screen-limit-writes"),
        Limit::Both => phrase("screen-limit-both"),
    }
}

fn used(percent: u16) -> String {
    say("screen-limit-used", &[("percent", percent.into())])
}

/// The time of day; with the day where that is not today.
fn moment(model: &Model, at: Timestamp) -> String {
    let day = |at: Timestamp| at.to_zoned(model.zone.clone()).date();
    if day(at) == day(model.now) { format::clock(at, &model.zone) } else { format::day(at, &model.zone) }
}

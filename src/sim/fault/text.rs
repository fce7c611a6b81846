//! A `[[fault]]` as it is written.
use std::time::Duration;

use serde::Deserialize;

use crate::sim::fault::{Fault, Harm, Pattern, RetryAfter, Turn};
use crate::sim::length::Length;
use crate::sim::spot::WrongKey;

/// One `[[fault]]`.
///
/// ```toml
/// [[fault]]
/// on = "PATCH /groups/*"   # a verb and a path; `*` is any part, a last `**` the rest
/// nth = 3                  # or every = 5, or first = 2; without any of them, all
/// from = "20s"             # tenant time since the faults were set; until as well
/// answer = 504             # or cut, drop, stale, null_licenses, or just delay
/// json = '{"value": []}'   # what the answer says, instead of Graph's error; or body = "html" or "empty"
/// commit = true            # the request does its work all the same
/// ```
#[expect(clippy::struct_excessive_bools, reason = "independent wishes, as the file has them")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultText {
    on: String,
    #[serde(default)]
    in_batch: Option<bool>,
    #[serde(default)]
    nth: Option<u64>,
    #[serde(default)]
    every: Option<u64>,
    #[serde(default)]
    first: Option<u64>,
    #[serde(default)]
    from: Length,
    #[serde(default)]
    until: Option<Length>,
    #[serde(default)]
    answer: Option<u16>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    retry_after: Option<f64>,
    #[serde(default)]
    retry_after_date: bool,
    #[serde(default)]
    body: Body,
    #[serde(default)]
    json: Option<String>,
    #[serde(default)]
    commit: bool,
    #[serde(default)]
    cut: bool,
    #[serde(default)]
    drop: bool,
    #[serde(default)]
    stale: Option<Length>,
    #[serde(default)]
    null_licenses: bool,
    #[serde(default)]
    delay: Length,
}

/// What the body of an answered status is.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Body {
    /// Graph's envelope.
    #[default]
    Json,
    /// A page, as from a gateway.
    Html,
    /// Nothing.
    Empty,
}

impl FaultText {
    /// The fault that this asks for.
    pub(super) fn compile(&self) -> Result<Fault, WrongKey> {
        let on = Pattern::read(&self.on).map_err(|why| ("on", why))?;
        let turn = match (self.nth, self.every, self.first) {
            (None, None, None) => Turn::All,
            (Some(nth @ 1..), None, None) => Turn::Nth(nth),
            (None, Some(every @ 1..), None) => Turn::Every(every),
            (None, None, Some(first @ 1..)) => Turn::First(first),
            _ => {
                let why = format!("the fault on `{}` may have one of nth, every, first, from 1 on", self.on);
                let key = if self.nth.is_some() { "nth" } else { "every" };
                return Err((if self.first.is_some() { "first" } else { key }, why));
            }
        };
        let harm = match (self.answer, self.cut, self.drop, self.stale, self.null_licenses) {
            (Some(status @ 200..600), false, false, None, false) => self.answered(status)?,
            (None, true, false, None, false) => Harm::Cut,
            (None, false, true, None, false) => Harm::Drop,
            (None, false, false, Some(age), false) => Harm::Stale(age.0),
            (None, false, false, None, true) => Harm::Unlicensed,
            (None, false, false, None, false) if !self.delay.0.is_zero() => Harm::None,
            _ => {
                let rule =
                    "must have exactly one of answer (200 to 599), cut, drop, stale, null_licenses, or a delay alone";
                return Err(("answer", format!("the fault on `{}` {rule}", self.on)));
            }
        };
        if let Some(key) = self.idle(&harm) {
            return Err((
                key,
                format!("the fault on `{}` has {key}, which goes with an answer in Graph's words", self.on),
            ));
        }
        if self.until.is_some_and(|until| until.0 <= self.from.0) {
            return Err(("until", format!("the fault on `{}` is over before it begins", self.on)));
        }
        let refused =
            matches!(harm, Harm::Status { .. } | Harm::Json(..) | Harm::Html(_) | Harm::Empty(_) | Harm::Drop);
        Ok(Fault {
            name: self.name(&harm),
            on,
            in_batch: self.in_batch,
            turn,
            from: self.from.0,
            until: self.until.map(|until| until.0),
            commits: self.commit || !refused,
            harm,
            delay: self.delay.0,
            seen: 0,
        })
    }

    /// A key that would do nothing beside this harm.
    fn idle(&self, harm: &Harm) -> Option<&'static str> {
        let keys = [
            ("code", self.code.is_some()),
            ("message", self.message.is_some()),
            ("retry_after", self.retry_after.is_some()),
            ("json", self.json.is_some() && !matches!(harm, Harm::Json(..))),
        ];
        let spoken = matches!(harm, Harm::Status { .. });
        keys.into_iter().find(|(_, there)| *there && !spoken).map(|(key, _)| key)
    }

    fn answered(&self, status: u16) -> Result<Harm, WrongKey> {
        if let Some(json) = &self.json {
            let body = serde_json::from_str(json)
                .map_err(|error| ("json", format!("the json of the fault on `{}`: {error}", self.on)))?;
            return Ok(Harm::Json(status, body));
        }
        Ok(match self.body {
            Body::Html => Harm::Html(status),
            Body::Empty => Harm::Empty(status),
            Body::Json => Harm::Status {
                status,
                code: self.code.clone(),
                message: self.message.clone(),
                retry_after: self.wait()?,
            },
        })
    }

    fn wait(&self) -> Result<Option<RetryAfter>, WrongKey> {
        match (self.retry_after, self.retry_after_date) {
            (None, true) => Err(("retry_after_date", format!("the fault on `{}` needs a retry_after", self.on))),
            (None, false) => Ok(None),
            (Some(seconds), _) if Duration::try_from_secs_f64(seconds).is_err() => {
                Err(("retry_after", format!("{seconds} is not a number of seconds")))
            }
            (Some(seconds), true) => Ok(Some(RetryAfter::Date(seconds))),
            (Some(seconds), false) => Ok(Some(RetryAfter::Seconds(seconds))),
        }
    }

    fn name(&self, harm: &Harm) -> String {
        let what = match harm {
            Harm::Status { status, .. } | Harm::Json(status, _) | Harm::Html(status) | Harm::Empty(status) => {
                status.to_string()
            }
            Harm::Cut => "cut".to_owned(),
            Harm::Drop => "drop".to_owned(),
            Harm::Stale(_) => "stale".to_owned(),
            Harm::Unlicensed => "null licenses".to_owned(),
            Harm::None => "delay".to_owned(),
        };
        let after = if self.commit { " after commit" } else { "" };
        format!("{what}{after} on {}", self.on)
    }
}

//! The road of one request: who is it, what is meant, what goes wrong, may they, can they afford it, do it, write it down.
use axum::http::Method;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::sim::answer::{Answer, Content, Refusal};
use crate::sim::ask::{Ask, decode};
use crate::sim::clock::{later, scale};
use crate::sim::dice::guid;
use crate::sim::fault::{Fault, Harm};
use crate::sim::graph::{batch, cost, permission};
use crate::sim::log::LogEntry;
use crate::sim::route::{Op, route};
use crate::sim::throttle::{Cost, Priority, not_before, retry_after};
use crate::sim::token::{self, Bad, Caller};
use crate::sim::world::World;

/// Who calls, as far as it is known.
pub(crate) type Identity = Result<Caller, Refusal>;

/// What came of a request, and what it cost.
struct Done {
    outcome: Result<Answer, Refusal>,
    cost: Cost,
}

impl World {
    /// Reads the caller from a request's token.
    pub(crate) fn caller(&self, ask: &Ask) -> Identity {
        let token = ask.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(Refusal::unauthenticated("Access token is empty."));
        };
        token::read(self.tenant.id, token, self.clock.wall(), self.tokens_since).map_err(|bad| {
            Refusal::unauthenticated(match bad {
                Bad::Expired => "Lifetime validation failed, the token is expired.",
                Bad::Invalid => "CompactToken parsing failed with error code: 80049217",
                Bad::Foreign => "Access token validation failure. Invalid audience.",
            })
        })
    }

    /// Answers a request; inside a `$batch` with the caller of the whole.
    pub(crate) fn answer(&mut self, ask: &Ask, caller: &Identity) -> Answer {
        let now = self.catch_up();
        let number = self.log.number();
        let app = caller.as_ref().map(|caller| caller.app.clone()).ok();
        let request = format!("{} {} {}", app.as_deref().unwrap_or_default(), ask.method, ask.target());
        let early = self.throttle.early(&request, self.clock.wall());
        let fault = self.faults.meet(ask, now);
        let mut done = match &fault {
            Some(fault) if !fault.commits => nothing_done(),
            Some(Fault { harm: Harm::Stale(age), .. }) => {
                let old = Ask { stale: *age, ..ask.clone() };
                self.attempt(&old, caller, number, now)
            }
            Some(Fault { harm: Harm::Unlicensed, .. }) => {
                let mut done = self.attempt(ask, caller, number, now);
                if let Ok(answer) = &mut done.outcome {
                    answer.tell_no_licenses();
                }
                done
            }
            _ => self.attempt(ask, caller, number, now),
        };
        if let Some(instead) = fault.as_ref().and_then(|fault| fault.answer(now)) {
            done.outcome = instead;
        }
        let request_id = guid(&mut self.dice).to_string();
        let sent_id = ask.header("client-request-id").map(str::to_owned);
        let client_id = sent_id.clone().unwrap_or_else(|| request_id.clone());
        let date = self.clock.wall().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let mut answer = match done.outcome {
            Ok(answer) => answer,
            Err(refusal) => refusal.into_answer(&date, &request_id, &client_id),
        };
        answer.headers.extend([("request-id", request_id.clone()), ("client-request-id", client_id)]);
        if let Some(fault) = &fault {
            answer.wire = answer.wire.and(fault.wire());
        }
        self.remember_to_wait(request, &answer);
        self.log.push(LogEntry {
            number,
            at: now,
            method: ask.method.to_string(),
            path: format!("{}{}", ask.root, ask.target()),
            status: answer.status.as_u16(),
            in_batch: ask.item.is_some(),
            outer: ask.item.as_ref().map(|(outer, _)| *outer),
            item: ask.item.as_ref().map(|(_, id)| id.clone()),
            body: (ask.path != "/$batch").then(|| serde_json::from_slice(&ask.body).ok()).flatten(),
            client_request_id: sent_id,
            request_id,
            app,
            resource_units: done.cost.units,
            early,
            fault: fault.map(|fault| fault.name),
            shows: answer.shows.map(|at| at.min(now)),
        });
        answer
    }

    fn attempt(&mut self, ask: &Ask, caller: &Identity, number: u64, now: Timestamp) -> Done {
        let mut cost = nothing_done().cost;
        if ask.is_unmeasured() {
            // Said by what stands in front of Graph, which speaks no JSON.
            let page = "<html><head><title>Length Required</title></head><body><h2>Length Required</h2>\
                        <p>HTTP Error 411. The request must be chunked or have a content length.</p></body></html>";
            return Done { outcome: Ok(Answer::bare(411, Content::Html(page.to_owned()))), cost };
        }
        if ask.method == Method::GET && decode(&ask.path).eq_ignore_ascii_case("/$metadata") {
            return Done { outcome: Ok(super::metadata()), cost };
        }
        let outcome = caller.clone().and_then(|caller| {
            let op = route(&ask.method, &ask.path, caller.user.as_deref())?;
            cost = cost::cost(&op, ask);
            let told = self.charge(ask, &caller, cost, now)?;
            permission::check(&op, ask, &caller, &self.tenant)?;
            if op == Op::Batch {
                return batch::answer(self, ask, &caller, number);
            }
            let record = self.audited(&op, ask, &caller, now);
            let mut answer = self.write_in_turn(&op, ask, number, now)?;
            if let Some(record) = record {
                self.audit.note(record);
            }
            if cost.units > 0 {
                answer.headers.push(("x-ms-resource-unit", cost.units.to_string()));
            }
            answer.headers.extend(told.map(|share| ("x-ms-throttle-limit-percentage", format!("{share:.2}"))));
            Ok(answer)
        });
        Done { outcome, cost }
    }

    fn charge(&mut self, ask: &Ask, caller: &Caller, cost: Cost, now: Timestamp) -> Result<Option<f64>, Refusal> {
        let low = ask.header("x-ms-throttle-priority").is_some_and(|level| level.eq_ignore_ascii_case("low"));
        let priority = if low { Priority::Low } else { Priority::Normal };
        let users = self.tenant.size();
        self.throttle.charge(self.quotas, users, &caller.app, cost, priority, now).map_err(|(exceeded, wait)| {
            exceeded.refusal(&caller.app, self.tenant.id, retry_after(wait, self.clock.speed()))
        })
    }

    /// Carries out an operation. If writes take time, two at once to one group collide, unless one `$batch` holds both.
    fn write_in_turn(&mut self, op: &Op, ask: &Ask, number: u64, now: Timestamp) -> Result<Answer, Refusal> {
        let group = match op {
            Op::UpdateGroup(key) | Op::AddMember(key) | Op::RemoveMember { group: key, .. } => {
                self.tenant.find_group(key).filter(|_| !self.write_takes.is_zero())
            }
            _ => None,
        };
        let Some(group) = group else { return self.carry_out(op, ask) };
        let owner = ask.item.as_ref().map_or(number, |(outer, _)| *outer);
        let begins = match self.busy.get(&group) {
            Some((until, other)) if *until > now && *other != owner => {
                let message =
                    "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.";
                return Err(Refusal::new(409, "Directory_ConcurrencyViolation", message));
            }
            Some((until, _)) => (*until).max(now),
            None => now,
        };
        self.busy.insert(group, (later(begins, self.write_takes), owner));
        let mut answer = self.carry_out(op, ask)?;
        answer.wire.delay = scale(self.write_takes, self.clock.speed().recip());
        Ok(answer)
    }

    /// If an answer tells the client to wait, notes until when.
    fn remember_to_wait(&mut self, request: String, answer: &Answer) {
        let wait = answer.headers.iter().find(|(name, _)| *name == "Retry-After").map(|(_, value)| value.as_str());
        let until = wait.and_then(|wait| match wait.parse() {
            Ok(seconds) => Some(not_before(self.clock.wall(), seconds)),
            Err(_) => rfc2822::parse(wait).ok().map(|date| {
                // A client counts a date from that of the answer.
                let wait = date.timestamp().duration_since(self.clock.now());
                not_before(self.clock.wall(), wait.as_secs_f64().max(0.0))
            }),
        });
        if let Some(until) = until {
            self.throttle.hold(request, until);
        }
    }
}

fn nothing_done() -> Done {
    let unanswered = Refusal::new(500, "UnknownError", "The request was not carried out.");
    Done { outcome: Err(unanswered), cost: Cost::identity(0, 0) }
}

//! Reads: sent again while that may help. Nothing here can write.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use reqwest::Method;
use reqwest::Url;
use tokio::time::Instant;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::time::SignedDuration;
use crate::graph::error::GraphError;
use crate::graph::http;
use crate::graph::http::Http;
use crate::graph::http::NoAnswer;
use crate::graph::http::Out;
use crate::graph::http::Reply;
use crate::graph::rate_limiter::Side;
use crate::graph::refusal;
use crate::graph::refusal::Needs;
use crate::graph::retry::Failure;
use crate::graph::retry::PATIENCE;
use crate::graph::retry::Step;

/// A read to be made: a `GET`, or a `$batch` of them.
pub(in crate::graph) struct ReadRequest {
    pub(in crate::graph) url: Url,
    /// The body of a `$batch`, which `batch` alone fills.
    pub(in crate::graph) batch: Option<String>,
    pub(in crate::graph) units: u32,
    pub(in crate::graph) needs: Needs,
    pub(in crate::graph) priority: Priority,
}

/// Graph's `x-ms-throttle-priority`: what it sheds first when it is in trouble. It raises no limit (Microsoft Graph,
/// "Throttling guidance").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) enum Priority {
    /// A verify pass, which comes again anyway.
    Normal,
    /// What the operator or a proof waits for.
    High,
}

/// Counts HTTP requests and their resource units.
#[derive(Debug, Default)]
pub(in crate::graph) struct RequestCounter {
    requests: AtomicU32,
    units: AtomicU32,
}

impl RequestCounter {
    pub(in crate::graph) fn count(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(in crate::graph) fn units(&self) -> u32 {
        self.units.load(Ordering::Relaxed)
    }

    fn add(&self, units: u32) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(units, Ordering::Relaxed);
    }
}

impl Http {
    /// Sends a read until an answer comes that waiting does not change. Gives only answers of success.
    pub(in crate::graph) async fn read(
        &self,
        request: &ReadRequest,
        counter: &RequestCounter,
    ) -> Result<Reply, GraphError> {
        let started = Instant::now();
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            let token = self.token().await?;
            let turn = self.rate_limiter.read_wait(request.units);
            if started.elapsed() + turn > PATIENCE {
                let asked = self.rate_limiter.hindrance().asked.map(|asked| refusal::long_wait(asked, turn));
                let why = asked.unwrap_or(FaultMessage::TooLongWait);
                let fault = Fault::new(FaultKind::Throttled, why);
                return Err(GraphError::after(fault, SignedDuration::try_from(turn).ok()));
            }
            self.rate_limiter.acquire(request.units, 0).await;
            counter.add(request.units);
            attempt += 1;
            let method = if request.batch.is_some() { Method::POST } else { Method::GET };
            let (body, priority, cost) = (request.batch.as_deref(), request.priority, request.units);
            let out = Out { method, url: &request.url, body, side: Side::Reads, cost, priority };
            let (fault, status, retry_after) = match self.send(out, &token).await {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(reply),
                Ok(reply) if reply.status == 401 && !renewed => {
                    renewed = true;
                    self.tokens.forget(&token);
                    if self.token().await?.is(&token) {
                        return Err(reply.fault(request.needs).into());
                    }
                    continue;
                }
                Ok(reply) => {
                    if reply.status == 403 {
                        self.may_lack_permission(&token);
                    }
                    let retry_after = http::retry_after(&reply.headers, self.clock.now());
                    (reply.fault(request.needs), Some(reply.status), retry_after)
                }
                Err(NoAnswer { fault, .. }) if fault.kind != FaultKind::Unreachable => return Err(fault.into()),
                Err(NoAnswer { fault, .. }) => (fault, None, None),
            };
            let failure = Failure { attempt, spent: started.elapsed(), status, retry_after };
            match failure.step(fastrand::f64()) {
                Step::Wait(wait) => {
                    let wait = if retry_after.is_some() { wait } else { wait.div_f64(self.rate_limiter.speed()) };
                    tokio::time::sleep(wait).await;
                }
                Step::GiveUp => {
                    let retry_after = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
                    return Err(GraphError::after(fault, retry_after));
                }
            }
        }
    }
}

//! Writes: sent once. Whoever called decides what follows from an answer that never came.

use reqwest::Method;
use reqwest::Url;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::auth::Token;
use crate::graph::error::GraphError;
use crate::graph::http::Http;
use crate::graph::http::NoAnswer;
use crate::graph::http::Out;
use crate::graph::http::Priority;
use crate::graph::http::Reply;
use crate::graph::rate_limiter::Side;

/// A write to be made.
pub(in crate::graph) struct Write {
    pub(in crate::graph) method: Method,
    pub(in crate::graph) url: Url,
    pub(in crate::graph) body: Option<String>,
    /// How many writes Graph counts it as.
    pub(in crate::graph) writes: u32,
}

/// How a write ended.
pub(in crate::graph) enum Sent {
    /// An answer came, whatever it says.
    Answered(Reply),
    /// Nothing reached the service.
    Not(Fault),
    /// It may have reached the service, and no answer came.
    Unanswered(Fault),
}

impl Http {
    /// Sends a write once; twice only when Graph refused the first token, because then it did nothing. `may_leave` is
    /// asked after all waiting, in the moment before the request leaves.
    pub(in crate::graph) async fn write(
        &self,
        write: &Write,
        may_leave: impl Fn(Timestamp) -> bool + Send + Sync,
    ) -> Sent {
        if write.method == Method::DELETE && !write.url.path().ends_with("/$ref") {
            return Sent::Not(Fault::new(FaultKind::NotSent, "a removal without /$ref would delete the user"));
        }
        let mut refused: Option<(Token, Reply)> = None;
        loop {
            let token = match self.ready(write, &may_leave).await {
                Ok(token) => token,
                Err(error) => return Sent::Not(error.into_fault()),
            };
            if let Some((_, reply)) = refused.take_if(|(old, _)| old.is(&token)) {
                return Sent::Answered(reply);
            }
            let body = write.body.as_deref();
            let (method, url) = (write.method.clone(), &write.url);
            let out = Out { method, url, body, side: Side::Writes, cost: write.writes, priority: Priority::High };
            match self.send(out, &token).await {
                Ok(reply) if reply.status == 401 && refused.is_none() => {
                    self.tokens.forget(&token);
                    refused = Some((token, reply));
                }
                Ok(reply) => {
                    if reply.status == 403 {
                        self.may_lack_permission(&token);
                    }
                    return Sent::Answered(reply);
                }
                Err(NoAnswer { fault, may_have_arrived: true }) => return Sent::Unanswered(fault),
                Err(NoAnswer { fault, may_have_arrived: false }) => return Sent::Not(fault),
            }
        }
    }

    /// Waits until the write may leave, and gives the token to send it with.
    async fn ready(
        &self,
        write: &Write,
        may_leave: impl Fn(Timestamp) -> bool + Send + Sync,
    ) -> Result<Token, GraphError> {
        let mut writing = self.writing.subscribe();
        let halted = || GraphError::new(FaultKind::NotSent, "writing was halted");
        let stale = || GraphError::new(FaultKind::NotSent, "the proof grew too old before the write could leave");
        let wait = SignedDuration::try_from(self.rate_limiter.write_wait(write.writes)).unwrap_or(SignedDuration::MAX);
        // A proof that will be stale by then is not worth the wait.
        if !may_leave(self.clock.now().checked_add(wait).unwrap_or(Timestamp::MAX)) {
            return Err(stale());
        }
        let token = tokio::select! {
            biased;
            _ = writing.wait_for(|allowed| !allowed) => return Err(halted()),
            token = async {
                let token = self.token().await?;
                self.rate_limiter.acquire(write.writes, write.writes).await;
                Ok::<_, GraphError>(token)
            } => token?,
        };
        if !*self.writing.borrow() {
            return Err(halted());
        }
        if !may_leave(self.clock.now()) {
            return Err(stale());
        }
        Ok(token)
    }
}

/// Whether an answer of this status surely means that nothing was written. A 408 or a 424 may hide a write; a 501 says
/// that the service knows no such request (RFC 9110, section 15.6.2).
pub(in crate::graph) fn surely_refused(status: u16) -> bool {
    status == 501 || ((400..500).contains(&status) && !matches!(status, 408 | 424 | 499))
}

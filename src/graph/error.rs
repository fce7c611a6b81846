//! What a call of the client fails with: a fault, and how long the service asks to be left alone.

use std::fmt;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::time::SignedDuration;

/// A call that failed. It carries a [`Fault`], which never holds a token or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    fault: Box<Fault>,
    retry_after: Option<SignedDuration>,
}

impl GraphError {
    /// An error of our own making, without an answer behind it.
    pub(in crate::graph) fn new(kind: FaultKind, message: impl Into<FaultMessage>) -> Self {
        Fault::new(kind, message).into()
    }

    pub(in crate::graph) fn after(fault: Fault, retry_after: Option<SignedDuration>) -> Self {
        Self { fault: Box::new(fault), retry_after }
    }

    /// Which kind of failure it is.
    pub fn kind(&self) -> FaultKind {
        self.fault.kind
    }

    /// What went wrong.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What went wrong, for the journal.
    pub fn into_fault(self) -> Fault {
        *self.fault
    }

    /// How long the service asked to be left alone, when it did.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        self.retry_after
    }
}

impl From<Fault> for GraphError {
    fn from(fault: Fault) -> Self {
        Self::after(fault, None)
    }
}

impl From<GraphError> for Fault {
    fn from(error: GraphError) -> Self {
        error.into_fault()
    }
}

/// For the log; what people read is made of the fault.
impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.fault.kind, self.fault.message.for_log())
    }
}

impl std::error::Error for GraphError {}

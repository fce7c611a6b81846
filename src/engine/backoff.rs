//! Faults that pass by themselves: which they are, what is shown of them, and what goes into the journal once.

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;

/// Whether waiting may help against it, so that the operator need not be asked. What failed like this was not sent.
pub(super) fn passes(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Unreachable | FaultKind::SignIn | FaultKind::Throttled | FaultKind::Service => true,
        FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::AlreadyMember
        | FaultKind::Concurrent
        | FaultKind::Malformed
        | FaultKind::Refused
        | FaultKind::NotSent => false,
    }
}

/// The fault with what becomes of the run, where the service's own words do not tell.
pub(super) fn with_consequence(fault: Fault) -> Fault {
    if fault.kind != FaultKind::SignIn {
        return fault;
    }
    Fault { message: Box::new(FaultMessage::SignInFailed(fault.message)), ..fault }
}

/// The fault that things wait for just now.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// The last fault, until something succeeds.
    fault: Option<Fault>,
    /// What keeps writes from leaving.
    hindered_by: Option<FaultKind>,
}

impl Backoff {
    pub(super) fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether something keeps writes from leaving.
    pub(super) fn is_hindered(&self) -> bool {
        self.hindered_by.is_some()
    }

    /// A write could not leave and is tried again by itself. Gives whether that is news: an hour offline is one line in the
    /// journal, not one for each try.
    pub(super) fn delayed(&mut self, fault: &Fault) -> bool {
        let news = self.hindered_by != Some(fault.kind);
        self.hindered_by = Some(fault.kind);
        self.fault = Some(fault.clone());
        news
    }

    /// A read failed. Gives whether that is news.
    pub(super) fn read_failed(&mut self, fault: &Fault) -> bool {
        let news = self.fault.as_ref().is_none_or(|known| known.kind != fault.kind);
        self.fault = Some(fault.clone());
        news
    }

    /// A read went well: its fault is over, but not one that keeps a write from leaving.
    pub(super) fn read_well(&mut self) {
        if self.hindered_by.is_none() {
            self.fault = None;
        }
    }

    /// A write was answered, or none waits any more: whatever hindered it is over.
    pub(super) fn unhindered(&mut self) {
        if self.hindered_by.take().is_some() {
            self.fault = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind) -> Fault {
        Fault::new(kind, "why")
    }

    #[test]
    fn an_hour_offline_is_news_once() {
        let mut backoff = Backoff::default();
        assert!(backoff.read_failed(&fault(FaultKind::Unreachable)));
        assert!(!backoff.read_failed(&fault(FaultKind::Unreachable)));
        assert!(backoff.read_failed(&fault(FaultKind::SignIn)));
        backoff.read_well();
        assert!(backoff.fault().is_none() && backoff.read_failed(&fault(FaultKind::SignIn)));
    }

    #[test]
    fn a_good_read_does_not_hide_what_keeps_a_write_from_leaving() {
        let mut backoff = Backoff::default();
        assert!(backoff.delayed(&fault(FaultKind::Throttled)) && !backoff.delayed(&fault(FaultKind::Throttled)));
        backoff.read_well();
        assert_eq!(backoff.fault().map(|fault| fault.kind), Some(FaultKind::Throttled));
        backoff.unhindered();
        assert!(backoff.fault().is_none());
        backoff.read_failed(&fault(FaultKind::Service));
        backoff.unhindered();
        assert!(backoff.fault().is_some(), "a read's fault is not over because no write waits");
    }
}

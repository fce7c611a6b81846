//! Pure: how the connection fares, from what the client tells of it.

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::throttle::Limit;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::snapshot::Connection;
use crate::graph::ConnectionStatus;

/// How long an answer may take before the connection is called slow. Most take less than a second; a full page of users
/// takes a few.
const SLOW: SignedDuration = SignedDuration::from_secs(5);

/// What the screen says of the connection. `fault` is the last read that failed.
pub(super) fn connection(status: &ConnectionStatus, fault: Option<&Fault>, now: Timestamp) -> Connection {
    if let Some(since) = status.failing_since {
        let unknown = || Fault::new(FaultKind::Unreachable, FaultMessage::NoAnswer);
        return Connection::Failing { since, fault: fault.cloned().unwrap_or_else(unknown) };
    }
    let later = |until: Option<Timestamp>| until.filter(|until| *until > now);
    if let Some(until) = later(status.slowed_until) {
        let limit = match (later(status.reads_held_until), later(status.writes_held_until)) {
            (Some(_), None) => Limit::Reads,
            (None, Some(_)) => Limit::Writes,
            (Some(_), Some(_)) | (None, None) => Limit::Both,
        };
        let asked = status.asked_until.filter(|asked| *asked > until);
        return Connection::Slowed { limit, used: used(status, limit), until, asked };
    }
    if let Some(waiting_since) = status.waiting_since.filter(|since| now.duration_since(*since) >= SLOW) {
        return Connection::Slow { last_answer: status.last_answer, waiting_since };
    }
    if let Some(until) = later(status.cautious_until) {
        let limit = match (status.reads_used, status.writes_used) {
            (Some(_), None) => Limit::Reads,
            (None, Some(_)) => Limit::Writes,
            (Some(_), Some(_)) | (None, None) => Limit::Both,
        };
        return Connection::Cautious { limit, used: used(status, limit), until };
    }
    if status.last_answer.is_some() { Connection::Connected } else { Connection::Connecting }
}

fn used(status: &ConnectionStatus, limit: Limit) -> Option<u16> {
    match limit {
        Limit::Reads => status.reads_used,
        Limit::Writes => status.writes_used,
        Limit::Both => status.reads_used.max(status.writes_used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn of(status: ConnectionStatus) -> Connection {
        connection(&status, None, at(100))
    }

    fn answered() -> ConnectionStatus {
        ConnectionStatus { last_answer: Some(at(60)), ..ConnectionStatus::default() }
    }

    #[test]
    fn what_was_answered_is_connected_and_nothing_is_connecting() {
        assert_eq!(of(ConnectionStatus::default()), Connection::Connecting);
        assert_eq!(of(answered()), Connection::Connected);
        assert_eq!(of(ConnectionStatus { slowed_until: Some(at(100)), ..answered() }), Connection::Connected);
    }

    #[test]
    fn an_answer_that_takes_five_seconds_makes_it_slow() {
        let since = |second| of(ConnectionStatus { waiting_since: Some(at(second)), ..answered() });
        assert_eq!(since(96), Connection::Connected);
        assert_eq!(since(95), Connection::Slow { last_answer: Some(at(60)), waiting_since: at(95) });
    }

    #[test]
    fn a_limit_is_named_with_how_much_is_used() {
        let writes = ConnectionStatus {
            slowed_until: Some(at(130)),
            writes_held_until: Some(at(130)),
            reads_held_until: Some(at(90)),
            writes_used: Some(120),
            reads_used: Some(85),
            asked_until: Some(at(900)),
            waiting_since: Some(at(0)),
            ..answered()
        };
        let (until, asked) = (at(130), Some(at(900)));
        assert_eq!(of(writes), Connection::Slowed { limit: Limit::Writes, used: Some(120), until, asked });
        let both = ConnectionStatus { reads_held_until: Some(at(110)), asked_until: None, ..writes };
        assert_eq!(of(both), Connection::Slowed { limit: Limit::Both, used: Some(120), until, asked: None });
    }

    #[test]
    fn a_warning_of_use_is_named_with_its_limit() {
        let cautious = ConnectionStatus { cautious_until: Some(at(130)), reads_used: Some(90), ..answered() };
        let until = at(130);
        assert_eq!(of(cautious), Connection::Cautious { limit: Limit::Reads, used: Some(90), until });
    }

    #[test]
    fn no_answer_outweighs_all_else_and_has_its_fault() {
        let offline = ConnectionStatus { failing_since: Some(at(70)), slowed_until: Some(at(130)), ..answered() };
        let Connection::Failing { since, fault } = of(offline) else { panic!("{:?}", of(offline)) };
        assert_eq!((since, fault.kind), (at(70), FaultKind::Unreachable));
        let trouble = Fault::new(FaultKind::Service, "busy");
        let found = connection(&offline, Some(&trouble), at(100));
        assert_eq!(found, Connection::Failing { since: at(70), fault: trouble });
    }
}

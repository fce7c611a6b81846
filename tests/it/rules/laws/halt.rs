//! Rule 10: halt always wins.

use skuferry::domain::event::Event;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::time::Timestamp;

use crate::rules::laws::Case;
use crate::rules::record::Moment;

/// How long the request that had left before the halt may be on its way on a slow machine; there may be one only.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_millis(1500);

/// From a halt until it is lifted nothing is intended or approved, and nothing comes but the one request that had left.
pub(super) fn nothing_leaves(case: &Case) -> Result<(), String> {
    let mut halted: Option<Timestamp> = None;
    let mut in_flight = None;
    for moment in case.record.moments(&case.writes) {
        match moment {
            Moment::Event(place, Event::Halted { .. } | Event::AlarmRaised { .. }) => {
                halted = halted.or(Some(case.record.events[place].0));
            }
            Moment::Event(_, Event::HaltLifted { .. }) => (halted, in_flight) = (None, None),
            Moment::Event(
                _,
                event @ (Event::AddApproved { .. }
                | Event::RemoveApproved { .. }
                | Event::ReprocessApproved { .. }
                | Event::DirectApproved { .. }
                | Event::AddIntended { .. }
                | Event::RemoveIntended { .. }
                | Event::ReprocessIntended { .. }
                | Event::DirectIntended { .. }),
            ) if halted.is_some() => return Err(format!("rule 10: {event:?} during a halt")),
            Moment::Event(..) => {}
            Moment::Write(write) => {
                let Some(at) = halted else { continue };
                let late = write.came.at.duration_since(at) > ON_ITS_WAY && !case.record.world.has_jumps();
                if *in_flight.get_or_insert(write.outer) != write.outer || late {
                    return Err(format!("rule 10: {write:?} during a halt since {at}"));
                }
            }
        }
    }
    Ok(())
}

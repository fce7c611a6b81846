//! What needs the operator, the loudest first, and since when the screen has known it.

use crate::domain::questions::PendingQuestion;
use crate::domain::time::Timestamp;
use crate::tui::model::Model;

/// Something that waits for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Users without a license.
    Alarm,
    /// The halt.
    Halt,
    /// Users who are stuck or late.
    Stuck,
    /// The approval of a batch, counted from 0.
    Gate(usize),
}

/// All that needs the operator now: an alarm, the halt and stuck users are louder than any routine approval.
pub fn of(model: &Model) -> Vec<Need> {
    let run = &model.snapshot.run;
    let mut needs = Vec::new();
    if run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        needs.push(Need::Alarm);
    }
    if run.halted.is_some() {
        needs.push(Need::Halt);
    }
    if model.summary.batches.iter().any(|batch| batch.stuck + batch.late > 0) {
        needs.push(Need::Stuck);
    }
    let gates = model.snapshot.gates.iter().map(|gate| gate.batch);
    // Whoever is late makes a gate that is none by itself.
    let asks = matches!(model.summary.question, Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)));
    let other = asks.then_some(model.summary.waiting.batch).filter(|batch| gates.clone().all(|gate| gate != *batch));
    needs.extend(gates.chain(other).map(Need::Gate));
    needs
}

/// Notes what needs the operator. What did before has done so since then.
pub(super) fn follow(model: &mut Model) {
    let run = &model.snapshot.run;
    let heard = if model.needs.is_empty() { model.snapshot.events.back().map(|(at, _)| *at) } else { None };
    let first_seen = heard.unwrap_or(model.now);
    let since = |need: Need| {
        let known = model.needs.iter().find(|(one, _)| *one == need).map(|(_, at)| *at);
        let told: Option<Timestamp> = match need {
            Need::Alarm => run.alarm.as_ref().map(|alarm| alarm.at),
            Need::Halt => run.halted.as_ref().map(|halt| halt.at),
            Need::Stuck | Need::Gate(_) => None,
        };
        told.or(known).unwrap_or(first_seen)
    };
    model.needs = of(model).into_iter().map(|need| (need, since(need))).collect();
}

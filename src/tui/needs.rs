//! Since when the screen has known what needs the operator.

use crate::domain::needs::Need;
use crate::domain::time::Timestamp;
use crate::tui::model::Model;

/// Notes what needs the operator. What did before has done so since then.
pub(super) fn follow(model: &mut Model) {
    let run = &model.snapshot.run;
    let heard = if model.needs.is_empty() { model.snapshot.events.back().map(|(at, _)| *at) } else { None };
    let first_seen = heard.unwrap_or(model.now);
    let since = |need: Need| {
        let known = model.needs.iter().find(|(one, _)| *one == need).map(|(_, at)| *at);
        let told: Option<Timestamp> = match need {
            Need::AcknowledgeAlarm => run.alarm.as_ref().map(|alarm| alarm.at),
            Need::LiftHalt => run.halted.as_ref().map(|halt| halt.at),
            Need::LookAtStuck | Need::ApproveAdd(_) | Need::ApproveRemove(_) | Need::Resume => None,
        };
        told.or(known).unwrap_or(first_seen)
    };
    model.needs = model.summary.needs.iter().copied().map(|need| (need, since(need))).collect();
}

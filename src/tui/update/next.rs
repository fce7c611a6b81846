//! Going to what needs the operator next, and how many batches may be under way.

use crate::domain::needs::Need;
use crate::engine::handle::Command;
use crate::tui::action::Effect;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::model::View;
use crate::tui::palette::off;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Sort;
use crate::tui::update::navigate::show;
use crate::words::phrase;
use crate::words::say;

/// Each press goes on to the next of them, and begins again behind the last.
pub(super) fn go(model: &mut Model) -> Vec<Effect> {
    let all = &model.summary.needs;
    let last = model.went_to.and_then(|went| all.iter().position(|need| *need == went));
    let next = last.and_then(|last| all.get(last + 1)).or(all.first()).copied();
    model.went_to = next;
    match next {
        None | Some(Need::Resume) => model.tell(Tone::Plain, phrase("screen-nothing-needs-you")),
        Some(Need::AcknowledgeAlarm) => {
            show(model, View::Users);
            (model.list.whole, model.list.filter, model.list.sort) = (true, Filter::Stuck, Sort::Trouble);
            (model.list.turned, model.list.follows) = (false, false);
            model.arrange();
            model.choose(0);
        }
        Some(Need::LiftHalt | Need::LookAtStuck) => {
            show(model, View::Problems);
            model.problem.row = 0;
        }
        Some(Need::ApproveAdd(batch) | Need::ApproveRemove(batch)) => {
            show(model, View::Users);
            (model.list.whole, model.list.filter) = (false, Filter::All);
            model.shown = Some(batch);
            model.arrange();
            return vec![Effect::Send(Command::Show(Some(batch)))];
        }
    }
    Vec::new()
}

/// Has so many more or fewer batches be under way; what has begun goes on.
pub(super) fn batches(model: &mut Model, more: bool) -> Vec<Effect> {
    if let Some(why) = off::why(model, if more { Cmd::MoreBatches } else { Cmd::FewerBatches }) {
        let text = why.words(model);
        model.tell(Tone::Refused, text);
        return Vec::new();
    }
    let now = model.snapshot.run.batches_under_way;
    let most = if more { now.saturating_add(1) } else { now.saturating_sub(1) };
    model.tell(Tone::Plain, say("screen-batches-under-way", &[("count", most.into())]));
    vec![Effect::Send(Command::SetBatchesUnderWay(most))]
}

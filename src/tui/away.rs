//! While you were away: what happened since the last key, or in the session before this one.

use crate::domain::event::Event;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::tui::advice::timeline::Weight;
use crate::tui::advice::timeline::describe;
use crate::tui::dialog::Dialog;
use crate::tui::model::Model;
use crate::tui::update;

/// Who has pressed no key for so long was away.
const AWAY: SignedDuration = SignedDuration::from_mins(5);
/// How many events are told; of more the latest.
const TOLD: usize = 12;

/// What happened meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Since when.
    pub from: Timestamp,
    /// Whether the run was taken up again, and nobody was at work on it since.
    pub resumed: bool,
    /// What the operator should know, oldest first.
    pub told: Vec<(Timestamp, Weight, String)>,
    /// How many such events are left out before them.
    pub earlier: usize,
    /// How many other events there were.
    pub others: usize,
}

impl Away {
    fn of(model: &Model, from: Timestamp, to: Timestamp, resumed: bool) -> Self {
        let snapshot = &model.snapshot;
        let meanwhile = snapshot.events.iter().filter(|(at, _)| *at > from && *at <= to);
        let mut away = Self { from, resumed, told: Vec::new(), earlier: 0, others: 0 };
        for (at, event) in meanwhile {
            match describe(snapshot, *at, event) {
                (Weight::Plain, _) => away.others += 1,
                (weight, text) => away.told.push((*at, weight, text)),
            }
        }
        away.earlier = away.told.len().saturating_sub(TOLD);
        away.told.drain(..away.earlier);
        away
    }
}

/// Notes a key. Gives whether it was pressed after minutes away in which something happened, which is shown now.
pub(super) fn comes_back(model: &mut Model) -> bool {
    let from = std::mem::replace(&mut model.touched, model.now);
    if model.dialog.is_some() || model.ending || since(from, model.now) < AWAY {
        return false;
    }
    let away = Away::of(model, from, model.now, false);
    if away.told.is_empty() && away.others == 0 {
        return false;
    }
    update::open(model, Dialog::Away(away));
    true
}

/// Shows where a run was left that is taken up again: what happened in the session before this one.
pub(super) fn resumed(model: &mut Model, written: Timestamp) {
    let begins = |event: &Event| matches!(event, Event::RunStarted { .. } | Event::Resumed { .. });
    let events = model.snapshot.events.iter().filter(|(at, _)| *at <= written);
    let began = events.filter(|(_, event)| begins(event)).map(|(at, _)| *at).next_back();
    let first = model.snapshot.events.front().map_or(written, |(at, _)| *at);
    let away = Away::of(model, began.unwrap_or(first), written, true);
    update::open(model, Dialog::Away(Away { from: written, ..away }));
}

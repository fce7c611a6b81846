//! How batches are to be that have not begun: three figures, typed.

use ratatui::text::Line;

use crate::domain::settings::BatchSettings;
use crate::domain::time::SignedDuration;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::batches;
use crate::words::phrase;
use crate::words::say;

/// No figure is longer.
const LONGEST: usize = 6;

/// Batch size, canary and seconds between two reads, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The three of them.
    pub typed: [String; 3],
    /// Which of them the keys go to.
    pub at: usize,
}

impl Figures {
    /// Begins with what holds now.
    pub fn of(now: BatchSettings) -> Self {
        let seconds = now.interval.as_secs().max(1);
        Self { typed: [now.batch_size.to_string(), now.canary.to_string(), seconds.to_string()], at: 0 }
    }

    /// Takes one more digit; anything else is none.
    pub fn type_in(&mut self, one: char) {
        let field = &mut self.typed[self.at];
        if one.is_ascii_digit() && field.len() < LONGEST {
            field.push(one);
        }
    }

    /// Takes the last digit back.
    pub fn erase(&mut self) {
        self.typed[self.at].pop();
    }

    /// Goes on to the next field.
    pub fn next(&mut self) {
        self.at = (self.at + 1) % self.typed.len();
    }

    /// What was typed; an interval that was not touched keeps its fraction of a second. `None` where a figure is missing.
    pub fn settings(&self, now: BatchSettings) -> Option<BatchSettings> {
        let [size, canary, seconds] = &self.typed;
        let (batch_size, canary, seconds) = (size.parse().ok()?, canary.parse().ok()?, seconds.parse().ok()?);
        let same = seconds == now.interval.as_secs().max(1);
        let interval = if same { now.interval } else { SignedDuration::from_secs(seconds) };
        Some(BatchSettings { batch_size, canary, interval })
    }
}

/// These settings with who set them when; `None` where they are the configuration's.
pub(super) fn set_by(model: &Model, settings: BatchSettings) -> Option<String> {
    let (at, by) = model.snapshot.run.batch_settings_by.as_ref()?;
    let (set, at) = (batches::settings(settings), format::clock(*at, &model.zone));
    Some(say("phase-settings-by", &[("settings", set.into()), ("by", (&**by).into()), ("time", at.into())]))
}

pub(super) fn page(model: &Model, figures: &Figures, width: usize) -> Page<'static> {
    let (theme, run) = (model.theme, &model.snapshot.run);
    let mut page = PageBuilder::new(theme, width);
    page.para(Role::Text, phrase("dialog-figures-about"));
    let now = batches::settings(run.batch_settings);
    let now = set_by(model, run.batch_settings).unwrap_or(now);
    page.fact(&phrase("dialog-figures-now"), Role::Text, now);
    let labels = [phrase("dialog-figures-size"), phrase("dialog-figures-canary"), phrase("dialog-figures-interval")];
    for (place, (label, typed)) in labels.into_iter().zip(&figures.typed).enumerate() {
        let (role, typed) = if place == figures.at {
            (Role::Strong, format!("> {typed}_"))
        } else {
            (Role::Text, format!("  {typed}"))
        };
        page.fact(&label, role, typed);
    }
    let key = |cmd| keys::label(Mode::Figures, cmd);
    let (set, next, leave) = (key(Cmd::Submit), key(Cmd::NextField), key(Cmd::No));
    let answer = say("dialog-figures-keys", &[("set", set.into()), ("next", next.into()), ("leave", leave.into())]);
    Page {
        title: phrase("dialog-figures"),
        role: Role::Focus,
        facts: page.into_lines(),
        users: &[],
        answer: vec![Line::from(theme.spans_with_keys(&answer))],
    }
}

//! The screen as it would stand, and what must always be seen on it.

use jiff::tz::TimeZone;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::tui::Theme;
use skuferry::tui::model::Model;

use crate::rules::play::Play;
use crate::screens;

impl Play {
    /// Draws the screen as it would stand now.
    pub(super) fn look_at_the_screen(&mut self) {
        let shot = self.rig.snapshot();
        if let Some(why) = &shot.read_only {
            self.broken.push(format!("the engine gave up: {why:?}"));
        }
        self.debugs.push(format!("{shot:?}"));
        let halted = shot.run.halted.is_some();
        let alarm = shot.run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged);
        let mut model = Model::new(shot, SystemClock.now(), TimeZone::UTC, Theme::Dark);
        let (buffer, _) = screens::frame(&mut model, 100, 30);
        if buffer.content.iter().any(|cell| cell.symbol().chars().any(char::is_control)) {
            self.broken.push("rule 12: a control character is on the screen".into());
        }
        let text = screens::text(&buffer);
        if halted && !alarm && !text.contains("halted") {
            self.broken.push(format!("rule 10: a halt does not show\n{text}"));
        }
        if alarm && !text.contains("alarm") {
            self.broken.push(format!("rule 6: an alarm does not show\n{text}"));
        }
        self.screens.push(text);
    }
}

//! Which keys are answers to a dialog. Rule 14: only a meant key approves.

use std::time::Duration;

use crossterm::event::KeyEvent;
use tokio::time::Instant;

use crate::tui::keys::Cmd;

/// How long a dialog stands before a key is an answer to it.
const READ_FIRST: Duration = Duration::from_millis(500);
/// Keys that come as close together were not pressed one by one.
const BURST: Duration = Duration::from_millis(15);

/// What becomes of a key while a dialog asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It moves the text of the dialog.
    Pass,
    /// It is an answer unless another key comes at once; [`Gate::release`] gives it out.
    Hold,
    /// It came too early to be an answer.
    Drop,
    /// It is none of the dialog's keys, or one of a burst: the dialog closes, and nothing is approved.
    Close,
}

/// Watches the keys while a dialog asks. Time is handed in.
#[derive(Debug, Default)]
pub struct Gate {
    /// Since when the dialog stands and no key came too early.
    quiet_since: Option<Instant>,
    last: Option<Instant>,
    held: Option<KeyEvent>,
}

impl Gate {
    /// A dialog stands on the screen from now on.
    pub fn opened(&mut self, now: Instant) {
        (self.quiet_since, self.held) = (Some(now), None);
    }

    /// A key came that is no concern of a dialog; one right after it is of the same burst.
    pub fn saw(&mut self, now: Instant) {
        self.last = Some(now);
        self.held = None;
    }

    /// Whether something came so shortly before that a key now was not pressed by itself.
    pub fn is_in_burst(&self, now: Instant) -> bool {
        self.last.is_some_and(|last| now.duration_since(last) < BURST)
    }

    /// Judges a key by what it asks for.
    pub fn judge(&mut self, key: KeyEvent, cmd: Option<Cmd>, now: Instant) -> Verdict {
        let in_burst = self.is_in_burst(now);
        self.saw(now);
        let scrolls = matches!(cmd, Some(Cmd::Up | Cmd::Down | Cmd::PageUp | Cmd::PageDown));
        let reasons = cmd == Some(Cmd::Reason) && !in_burst;
        let answers = matches!(cmd, Some(Cmd::Yes | Cmd::Type | Cmd::Submit | Cmd::Erase));
        match () {
            () if scrolls || reasons => Verdict::Pass,
            () if in_burst || !answers => Verdict::Close,
            () if self.quiet_since.is_some_and(|since| now.duration_since(since) >= READ_FIRST) => {
                self.held = Some(key);
                Verdict::Hold
            }
            () => {
                self.quiet_since = Some(now);
                Verdict::Drop
            }
        }
    }

    /// When the held key turns out to have come alone.
    pub fn due(&self) -> Option<Instant> {
        self.held.and(self.last).map(|last| last + BURST)
    }

    /// The key that came alone.
    pub fn release(&mut self) -> Option<KeyEvent> {
        self.held.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyCode;
    use crossterm::event::KeyModifiers;

    struct TestGate {
        gate: Gate,
        now: Instant,
    }

    impl TestGate {
        fn open() -> Self {
            let mut test = Self { gate: Gate::default(), now: Instant::now() };
            test.gate.opened(test.now);
            test
        }

        fn after(&mut self, millis: u64, cmd: Option<Cmd>) -> Verdict {
            self.now += Duration::from_millis(millis);
            self.gate.judge(KeyEvent::new(KeyCode::Null, KeyModifiers::NONE), cmd, self.now)
        }
    }

    #[test]
    fn an_answer_comes_half_a_second_after_the_dialog_and_alone() {
        let mut test = TestGate::open();
        assert_eq!(test.after(500, Some(Cmd::Yes)), Verdict::Hold);
        assert_eq!(test.gate.due(), Some(test.now + BURST));
        assert!(test.gate.release().is_some() && test.gate.release().is_none());
    }

    #[test]
    fn a_key_too_early_begins_the_half_second_anew() {
        let mut test = TestGate::open();
        for _ in 0..100 {
            assert_eq!(test.after(33, Some(Cmd::Yes)), Verdict::Drop, "a key that is held down");
        }
        assert_eq!(test.after(499, Some(Cmd::Yes)), Verdict::Drop);
        assert_eq!(test.after(500, Some(Cmd::Yes)), Verdict::Hold);
    }

    #[test]
    fn nothing_in_a_burst_is_an_answer() {
        let mut test = TestGate::open();
        assert_eq!(test.after(600, Some(Cmd::Yes)), Verdict::Hold);
        assert_eq!(test.after(5, Some(Cmd::Yes)), Verdict::Close);
        assert_eq!(test.gate.due(), None, "the first of them is none either");
        let mut test = TestGate::open();
        test.now += Duration::from_millis(600);
        test.gate.saw(test.now);
        assert_eq!(test.after(5, Some(Cmd::Yes)), Verdict::Close, "the last of them is none either");
    }

    #[test]
    fn any_other_key_closes_at_any_time_and_scrolling_does_not() {
        for wait in [0, 100, 600] {
            let mut test = TestGate::open();
            assert_eq!(test.after(wait, Some(Cmd::Down)), Verdict::Pass);
            assert_eq!(test.after(100, None), Verdict::Close);
            assert_eq!(test.after(100, Some(Cmd::No)), Verdict::Close);
        }
    }

    #[test]
    fn a_number_typed_by_hand_is_an_answer() {
        let mut test = TestGate::open();
        assert_eq!(test.after(600, Some(Cmd::Type)), Verdict::Hold);
        assert_eq!(test.after(40, Some(Cmd::Type)), Verdict::Hold);
        assert_eq!(test.after(40, Some(Cmd::Submit)), Verdict::Hold);
    }
}

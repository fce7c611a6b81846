//! What comes from the terminal, as actions.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use futures_util::Stream;
use futures_util::StreamExt;
use tokio::time::Instant;

use crate::tui::action::Action;
use crate::tui::action::Mouse;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::keys::gate::Gate;
use crate::tui::keys::gate::Verdict;
use crate::tui::model::Model;

/// How many events are taken at a time when a dialog was drawn; more than the keyboard keeps.
const MOST_WAITING: usize = 8192;

/// What has come from the terminal.
pub(super) struct Input {
    /// Whether there is more to hear.
    pub(super) reads: bool,
    /// What went wrong with the terminal.
    pub(super) fault: Option<io::Error>,
    pub(super) gate: Gate,
    /// Whether the next frame draws every cell, because something else was on the screen.
    pub(super) starts_over: bool,
}

impl Input {
    /// A terminal event as an action. The end of the input is the end of the program.
    pub(super) fn heard(&mut self, event: Option<io::Result<Event>>, model: &Model) -> Action {
        match event {
            Some(Ok(Event::Key(key))) if key.is_press() => self.pressed(model, &key),
            Some(Ok(Event::Paste(text))) => {
                self.gate.saw(Instant::now());
                Action::Pasted(text)
            }
            Some(Ok(Event::Resize(..))) => Action::Resized,
            Some(Ok(Event::FocusGained)) => {
                self.starts_over = true;
                Action::Resized
            }
            Some(Ok(Event::Mouse(event))) => self.pointed(event),
            Some(Ok(Event::Key(_) | Event::FocusLost)) => Action::Ignored,
            Some(Err(why)) if why.kind() == io::ErrorKind::UnexpectedEof => Action::End,
            Some(Err(why)) => {
                (self.reads, self.fault) = (false, Some(why));
                Action::End
            }
            None => {
                self.reads = false;
                Action::End
            }
        }
    }

    /// The mouse. A key in one burst with it was not pressed by a hand, and answers nothing.
    fn pointed(&mut self, event: MouseEvent) -> Action {
        let mouse = match event.kind {
            MouseEventKind::ScrollUp => Mouse::WheelUp,
            MouseEventKind::ScrollDown => Mouse::WheelDown,
            MouseEventKind::Down(MouseButton::Left) => Mouse::Click { column: event.column, row: event.row },
            _ => return Action::Ignored,
        };
        self.gate.saw(Instant::now());
        Action::Mouse(mouse)
    }

    /// While a dialog asks, a key goes through the gate, unless it is heard everywhere.
    fn pressed(&mut self, model: &Model, key: &KeyEvent) -> Action {
        let (now, mode) = (Instant::now(), model.mode());
        let asks = matches!(mode, Mode::YesNo | Mode::Number);
        if mode == Mode::Reason && keys::cmd(mode, key) == Some(Cmd::Submit) {
            // What is typed on after a reason is no answer: the dialog is as new.
            self.gate.opened(now);
        }
        if mode == Mode::Palette && keys::cmd(mode, key) == Some(Cmd::Submit) && self.gate.is_in_burst(now) {
            // A terminal that does not mark what is pasted sends it as keys: that carries out no command.
            self.gate.saw(now);
            return Action::Ignored;
        }
        if !asks || keys::cmd(Mode::Always, key).is_some() {
            self.gate.saw(now);
            return pressed(model, key);
        }
        match self.gate.judge(*key, keys::cmd(mode, key), now) {
            Verdict::Pass => pressed(model, key),
            Verdict::Hold if !model.drawn => {
                self.gate.saw(now);
                Action::Ignored
            }
            Verdict::Hold | Verdict::Drop => Action::Ignored,
            Verdict::Close => Action::Cmd(Cmd::No),
        }
    }
}

/// A key as an action.
pub(super) fn pressed(model: &Model, key: &KeyEvent) -> Action {
    match (keys::cmd(model.mode(), key), key.code) {
        (Some(Cmd::Type), KeyCode::Char(one)) => Action::Typed(one),
        (Some(cmd), _) => Action::Cmd(cmd),
        (None, _) => Action::Unbound,
    }
}

/// The events that wait, in order, so many that none is left; the task is woken by the next one.
pub(super) async fn waiting<K>(keys: &mut K, reads: &mut bool) -> Vec<io::Result<Event>>
where
    K: Stream<Item = io::Result<Event>> + Unpin,
{
    let mut events = Vec::new();
    poll_fn(|context| {
        while *reads && events.len() < MOST_WAITING {
            match keys.poll_next_unpin(context) {
                Poll::Ready(Some(event)) => events.push(event),
                Poll::Ready(None) => {
                    *reads = false;
                    events.push(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Pending => break,
            }
        }
        Poll::Ready(())
    })
    .await;
    events
}

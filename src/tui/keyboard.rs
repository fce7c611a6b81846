//! The keyboard: read on a thread of its own until nothing is left, so that no slow screen and no flood holds up a halt.
//!
//! For Unix; elsewhere the library's own stream of events is read.

use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use crossterm::event::Event;
use futures_util::Stream;
use tokio::sync::mpsc;

mod thread;

/// The keyboard; `halt` is called for every `H`, before the loop hears of it.
///
/// # Errors
/// When there is no terminal to read, or the system refuses a thread or a signal.
#[cfg(unix)]
pub fn open(halt: impl Fn() + Send + 'static) -> io::Result<Keyboard> {
    Keyboard::listen(halt)
}

/// The keyboard as the library has it.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn open(_halt: impl Fn() + Send + 'static) -> io::Result<crossterm::event::EventStream> {
    Ok(crossterm::event::EventStream::new())
}

/// How many events may wait for the loop. What a flood brings beyond is thrown away; a halt never is.
const MOST_WAITING: usize = 4096;

/// The events of the terminal. A halt overtakes all that waits.
pub struct Keyboard {
    urgent: mpsc::UnboundedReceiver<Event>,
    events: mpsc::Receiver<io::Result<Event>>,
    /// Ends the thread when it goes.
    _stop: io::PipeWriter,
    resized: tokio::signal::unix::Signal,
    continued: tokio::signal::unix::Signal,
    /// Somebody asks the program to stop for a while.
    stopped: tokio::signal::unix::Signal,
}

impl Keyboard {
    /// Listens to the terminal. `halt` is called for every `H`, from another thread, before the loop hears of it.
    ///
    /// # Errors
    /// When there is no terminal to read, or the system refuses a thread or a signal.
    pub fn listen(halt: impl Fn() + Send + 'static) -> io::Result<Self> {
        use tokio::signal::unix::SignalKind;
        use tokio::signal::unix::signal;
        let (to_loop, events) = mpsc::channel(MOST_WAITING);
        let (first, urgent) = mpsc::unbounded_channel();
        let (stopped, stop) = io::pipe()?;
        let tty = thread::tty()?;
        std::thread::Builder::new()
            .name("keyboard".into())
            .spawn(move || thread::listen(&tty, &stopped, &to_loop, &first, &halt))?;
        let (resized, continued, stopped) = (
            signal(SignalKind::window_change())?,
            signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        );
        Ok(Self { urgent, events, _stop: stop, resized, continued, stopped })
    }
}

impl Stream for Keyboard {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(Some(event)) = self.urgent.poll_recv(context) {
            return Poll::Ready(Some(Ok(event)));
        }
        while self.stopped.poll_recv(context).is_ready() {
            crate::tui::terminal::stop();
        }
        if self.continued.poll_recv(context).is_ready() {
            // Whoever stopped the program has used the terminal meanwhile.
            return Poll::Ready(Some(crate::tui::terminal::take_again().map(|()| Event::FocusGained)));
        }
        if self.resized.poll_recv(context).is_ready() {
            return Poll::Ready(Some(Ok(Event::Resize(0, 0))));
        }
        self.events.poll_recv(context)
    }
}

impl std::fmt::Debug for Keyboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyboard").finish_non_exhaustive()
    }
}

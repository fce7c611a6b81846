//! The thread that reads the terminal: it waits by level, reads until nothing is left, and keeps nobody waiting.

use std::io;
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::time::Instant;

use crossterm::event::Event;
use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::Timespec;
use rustix::event::poll;
use rustix::fs::Mode;
use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::mpsc::error::TrySendError;

use crate::tui::keys;
use crate::tui::keys::decode::Decoder;

/// The terminal's input, by a descriptor of our own.
pub(super) fn tty() -> io::Result<OwnedFd> {
    let stdin = rustix::stdio::stdin();
    if rustix::termios::isatty(stdin) {
        return Ok(rustix::io::dup(stdin)?);
    }
    Ok(rustix::fs::open("/dev/tty", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Reads until the terminal or the loop is gone, or `stop` is closed.
pub(super) fn listen(
    tty: &OwnedFd,
    stop: &PipeReader,
    events: &Sender<io::Result<Event>>,
    urgent: &UnboundedSender<Event>,
    halt: &dyn Fn(),
) {
    let mut decoder = Decoder::default();
    let mut buffer = [0; 4096];
    loop {
        let read = match wait(tty, stop, decoder.deadline()) {
            Ok(Woken::Stopped) => return,
            Ok(Woken::Late) => decoder.expire(Instant::now()),
            Ok(Woken::Readable) => match rustix::io::read(tty, &mut buffer) {
                Ok(0) => return, // the terminal is gone: the closed channel says so
                Ok(length) => decoder.read(&buffer[..length], Instant::now()),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(why) => return drop(events.try_send(Err(why.into()))),
            },
            Err(why) => return drop(events.try_send(Err(why))),
        };
        for event in read {
            let gone = if asks_to_halt(&event) {
                halt();
                urgent.send(event).is_err()
            } else {
                // A full queue is a flood, of which more keys say nothing new.
                matches!(events.try_send(Ok(event)), Err(TrySendError::Closed(_)))
            };
            if gone {
                return;
            }
        }
    }
}

enum Woken {
    Readable,
    Late,
    Stopped,
}

fn wait(tty: &OwnedFd, stop: &PipeReader, deadline: Option<Instant>) -> io::Result<Woken> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    let mut polled = [PollFd::new(tty, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
    match poll(&mut polled, left.as_ref()) {
        Ok(0) | Err(Errno::INTR) => Ok(Woken::Late),
        Ok(_) if !polled[1].revents().is_empty() => Ok(Woken::Stopped),
        Ok(_) => Ok(Woken::Readable),
        Err(why) => Err(why.into()),
    }
}

/// `H`, whatever is open, unless it is a letter of a reason.
fn asks_to_halt(event: &Event) -> bool {
    matches!(event, Event::Key(key) if keys::asks_to_halt(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::PipeWriter;
    use std::io::Write;
    use std::io::pipe;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;
    use std::thread::JoinHandle;
    use tokio::sync::mpsc;

    struct TestKeyboard {
        keys: PipeWriter,
        events: mpsc::Receiver<io::Result<Event>>,
        urgent: mpsc::UnboundedReceiver<Event>,
        halts: Arc<AtomicUsize>,
        stop: PipeWriter,
        thread: JoinHandle<()>,
    }

    fn keyboard() -> TestKeyboard {
        let (tty, keys) = pipe().unwrap();
        let (stopped, stop) = pipe().unwrap();
        let (to_loop, events) = mpsc::channel(16);
        let (first, urgent) = mpsc::unbounded_channel();
        let halts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&halts);
        let halt = move || {
            counted.fetch_add(1, SeqCst);
        };
        let thread = std::thread::spawn(move || listen(&tty.into(), &stopped, &to_loop, &first, &halt));
        TestKeyboard { keys, events, urgent, halts, stop, thread }
    }

    #[test]
    fn halt_is_heard_behind_a_flood_that_nobody_reads() {
        let mut keyboard = keyboard();
        for _ in 0..1000 {
            keyboard.keys.write_all(&[b'j'; 1000]).unwrap();
        }
        keyboard.keys.write_all(b"H").unwrap();
        drop(keyboard.keys); // the terminal is gone
        keyboard.thread.join().unwrap();
        assert_eq!(keyboard.halts.load(SeqCst), 1);
        assert!(keyboard.urgent.try_recv().is_ok(), "the loop hears of it before all else");
        let mut waiting = 0;
        while keyboard.events.try_recv().is_ok() {
            waiting += 1;
        }
        assert_eq!(waiting, 16);
        assert!(keyboard.events.is_closed(), "a terminal that is gone ends the program");
    }

    #[test]
    fn the_thread_ends_with_the_loop_and_takes_no_more_input() {
        let keyboard = keyboard();
        drop(keyboard.stop);
        keyboard.thread.join().unwrap();
        drop(keyboard.keys);
    }
}

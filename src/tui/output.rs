//! What is drawn, written by a thread of its own: a terminal that takes nothing holds up that thread and nothing else.

use std::io;
use std::io::Write;
use std::io::stdout;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::sync::mpsc::channel;
use std::time::Duration;

use tokio::sync::watch;

/// How far the terminal is behind what was drawn. The default is never behind.
#[derive(Debug)]
pub struct Frames {
    /// How many pieces wait or are being written.
    waiting: watch::Sender<usize>,
    failed: Mutex<Option<io::Error>>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { waiting: watch::Sender::new(0), failed: Mutex::new(None) }
    }
}

impl Frames {
    /// Whether the terminal has not taken all that was drawn.
    pub fn is_writing(&self) -> bool {
        *self.waiting.borrow() > 0
    }

    /// Waits until it has.
    pub async fn written(&self) {
        let mut waiting = self.waiting.subscribe();
        // The sender is a part of `self`, so it does not go away meanwhile.
        let _ = waiting.wait_for(|waiting| *waiting == 0).await;
    }

    /// A piece was handed over.
    pub fn begin(&self) {
        self.waiting.send_modify(|waiting| *waiting += 1);
    }

    /// The terminal has taken a piece, or will not take it any more.
    pub fn end(&self) {
        self.waiting.send_modify(|waiting| *waiting = waiting.saturating_sub(1));
    }

    fn fault(&self) -> Option<io::Error> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The one thread that writes to the terminal.
pub(super) struct Writer {
    pub(super) frames: Arc<Frames>,
    pieces: Mutex<Sender<Piece>>,
}

enum Piece {
    Bytes(Vec<u8>),
    /// All before it was written; whoever waits for that is told.
    Settled(Sender<()>),
}

impl Writer {
    /// Waits until all is written, but no longer than this.
    pub(super) fn settle(&self, patience: Duration) {
        let (tell, told) = channel();
        let sent = self.pieces.lock().unwrap_or_else(PoisonError::into_inner).send(Piece::Settled(tell));
        if sent.is_ok() {
            // A terminal that takes nothing is left as it is.
            let _ = told.recv_timeout(patience);
        }
    }
}

/// The writer, which begins with the first use.
pub(super) fn writer() -> &'static Writer {
    static WRITER: LazyLock<Writer> = LazyLock::new(|| {
        let (pieces, waiting) = channel();
        let frames = Arc::new(Frames::default());
        let behind = Arc::clone(&frames);
        // Without a thread every piece stays unwritten, and the first flush says so.
        if let Err(why) = std::thread::Builder::new().name("screen".into()).spawn(move || write(&waiting, &behind)) {
            *frames.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        }
        Writer { frames, pieces: Mutex::new(pieces) }
    });
    &WRITER
}

fn write(pieces: &Receiver<Piece>, frames: &Frames) {
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => {
                if let Err(why) = stdout().write_all(&bytes).and_then(|()| stdout().flush()) {
                    *frames.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                }
                frames.end();
            }
            // Whoever waited may have lost patience.
            Piece::Settled(tell) => drop(tell.send(())),
        }
    }
}

/// Collects what is written to it and hands it to the thread with each flush. It never waits.
#[derive(Debug, Default)]
pub struct Output(Vec<u8>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let writer = writer();
        if let Some(why) = writer.frames.fault() {
            return Err(why);
        }
        if !self.0.is_empty() {
            writer.frames.begin();
            let pieces = writer.pieces.lock().unwrap_or_else(PoisonError::into_inner);
            if pieces.send(Piece::Bytes(std::mem::take(&mut self.0))).is_err() {
                writer.frames.end();
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(())
    }
}

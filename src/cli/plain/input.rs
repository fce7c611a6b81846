//! Standard input, read line by line on a thread of its own.

use std::io;
use std::io::BufRead;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::cli::plain::answer;
use crate::cli::plain::answer::Answer;
use crate::cli::plain::on_screen::OnScreen;
use crate::engine::handle::Command;
use crate::engine::handle::Commands;

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 4096;
/// How many lines may wait to be answered.
const MOST_LINES: usize = 64;

/// Reads lines on a thread of its own. A halt goes straight to the engine, whatever waits before it: the thread never waits,
/// and lines for which there is no room are counted in `lost`.
/// Each line comes with the last announcement that was on the screen when it was read.
pub(super) fn listen(commands: Commands, lost: Arc<AtomicUsize>, on_screen: OnScreen) -> mpsc::Receiver<(String, u64)> {
    let (tell, told) = mpsc::channel(MOST_LINES);
    let reads = move || {
        let (mut input, mut waited) = (io::stdin().lock(), 0);
        loop {
            let mut line = Vec::new();
            // A longer line is cut into several, of which none is an answer.
            match input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            if answer::read(&line) == Answer::Halt {
                // Once the engine has ended nothing is written any more.
                drop(commands.send(Command::Halt));
            }
            match tell.try_send((line, on_screen.latest(&mut waited))) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => drop(lost.fetch_add(1, Relaxed)),
                Err(TrySendError::Closed(_)) => return,
            }
        }
    };
    // Without a thread the input has ended.
    drop(std::thread::Builder::new().name("answers".into()).spawn(reads));
    told
}

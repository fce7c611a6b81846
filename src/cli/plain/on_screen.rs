//! Which announcement is on the screen: an answer is about what could be read when it was given.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::sleep;
use std::time::Duration;

/// How often the reader looks whether an announcement that is being written is out, and how long it waits in between. Nobody
/// who answers it is kept waiting by this, and a halt behind the answer is heard within a twentieth of a second.
const LOOKS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(1);

/// The numbers of the announcements, shared between who writes lines and who reads them.
#[derive(Clone, Debug, Default)]
pub(super) struct OnScreen {
    /// The last that was begun.
    begun: Arc<AtomicU64>,
    /// The last that was written.
    written: Arc<AtomicU64>,
}

impl OnScreen {
    /// Writes the line that announces this number.
    pub(super) fn announce<T>(&self, number: u64, write: impl FnOnce() -> T) -> T {
        self.begun.store(number, SeqCst);
        let done = write();
        self.written.store(number, SeqCst);
        done
    }

    /// The last announcement that is on the screen. One that is being written just now may have been read already: it is
    /// waited for, but not for long, and by `waited` once only, so that a screen that takes nothing holds up no line.
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread that reads lines awaits nothing; it waits once, and not for long"
    )]
    pub(super) fn latest(&self, waited: &mut u64) -> u64 {
        let begun = self.begun.load(SeqCst);
        if std::mem::replace(waited, begun) != begun {
            for _ in 0..LOOKS {
                if self.written.load(SeqCst) == begun {
                    break;
                }
                sleep(BETWEEN);
            }
        }
        self.written.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_written_is_not_on_the_screen() {
        let (screen, mut waited) = (OnScreen::default(), 0);
        assert_eq!(screen.latest(&mut waited), 0);
        let stuck = screen.announce(1, || {
            let first = screen.latest(&mut waited);
            // No line behind waits again; ten thousand would not end.
            (0..10_000).map(|_| screen.latest(&mut waited)).chain([first]).max()
        });
        assert_eq!(stuck, Some(0), "a screen that takes nothing shows nothing");
        assert_eq!(screen.latest(&mut waited), 1);
    }
}

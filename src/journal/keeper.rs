//! Events on their way to the disk: a thread of its own writes them, so that a slow disk holds nobody up who has to hear
//! the operator.

use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::event::Event;
use crate::domain::time::Timestamp;
use crate::journal::Attempt;
use crate::journal::Dated;
use crate::journal::JournalError;
use crate::journal::Writer;

/// How often it is seen, while nothing is written, whether the lock and the file are still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How far the disk has come with what a [`Keeper`] was given.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// So many events, counted from the first that was given, are on the disk.
    pub durable: u64,
    /// Why no more ever will be.
    pub failed: Option<Arc<JournalError>>,
}

/// Takes events in at once and makes them durable in its own time, in their order.
pub trait Keeper: Send {
    /// Takes an event behind all before it. Never waits for the disk; after a failure the event is lost.
    fn submit(&mut self, at: Timestamp, event: Arc<Event>);

    /// How far the disk has come, now and from now on.
    fn progress(&self) -> watch::Receiver<Progress>;
}

/// Keeps events in a thread of its own. What came while the disk was at work is written with one fsync.
///
/// Dropping it waits until all that it was given is on the disk.
#[derive(Debug)]
pub struct Background {
    events: Option<mpsc::Sender<Dated>>,
    progress: watch::Receiver<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Hands the writer over to a new thread.
    ///
    /// # Errors
    /// [`JournalError::Io`] when the system gives no thread.
    pub fn start(writer: Writer) -> Result<Self, JournalError> {
        Self::start_looking(writer, LOOK_EVERY)
    }

    fn start_looking(mut writer: Writer, every: Duration) -> Result<Self, JournalError> {
        let path = writer.path().to_owned();
        let work = move |events: &[Dated]| match events {
            // An order that waits to be sent again needs no new line, and must not leave without the lock.
            [] => writer.check(),
            events => writer.append_all(events),
        };
        Self::spawn(work, every).map_err(|source| JournalError::Io { doing: Attempt::StartThread, path, source })
    }

    /// `append` is called with no events when none came for so long, to see whether all is well.
    fn spawn(
        mut append: impl FnMut(&[Dated]) -> Result<(), JournalError> + Send + 'static,
        every: Duration,
    ) -> std::io::Result<Self> {
        let (events, given) = mpsc::channel();
        let (publisher, progress) = watch::channel(Progress::default());
        let work = move || {
            loop {
                let group: Vec<Dated> = match given.recv_timeout(every) {
                    Ok(first) => std::iter::once(first).chain(given.try_iter()).collect(),
                    Err(RecvTimeoutError::Timeout) => Vec::new(),
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                match append(&group) {
                    Ok(()) if group.is_empty() => {}
                    Ok(()) => publisher.send_modify(|progress| progress.durable += group.len() as u64),
                    Err(error) => {
                        publisher.send_modify(|progress| progress.failed = Some(Arc::new(error)));
                        return; // how the file ends is not known any more
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("journal".into()).spawn(work)?;
        Ok(Self { events: Some(events), progress, thread: Some(thread) })
    }
}

impl Keeper for Background {
    fn submit(&mut self, at: Timestamp, event: Arc<Event>) {
        // Nobody takes it after a failure, which the progress tells.
        let _ = self.events.as_ref().map(|events| events.send((at, event)));
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.events = None;
        // A thread that panicked has told so itself.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Keeps each event before `submit` returns; for tests whose time stands still, or that look at the file between two events.
#[derive(Debug)]
pub struct AtOnce {
    writer: Writer,
    progress: watch::Sender<Progress>,
}

impl AtOnce {
    /// Keeps events with this writer.
    pub fn new(writer: Writer) -> Self {
        Self { writer, progress: watch::Sender::new(Progress::default()) }
    }
}

impl Keeper for AtOnce {
    fn submit(&mut self, at: Timestamp, event: Arc<Event>) {
        let kept = self.writer.append(at, &event);
        self.progress.send_modify(|progress| match kept {
            Ok(_) => progress.durable += 1,
            Err(error) => progress.failed = progress.failed.take().or(Some(Arc::new(error))),
        });
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::RunId;
    use crate::journal::Journal;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn event() -> Arc<Event> {
        Arc::new(Event::MigrationComplete)
    }

    /// A keeper on a disk that answers each group when the test says so; the test is told how large each was.
    fn slow() -> (Background, mpsc::Sender<Result<(), JournalError>>, mpsc::Receiver<usize>) {
        let ((answer, answers), (group, groups)) = (mpsc::channel(), mpsc::channel());
        let keeper = move |events: &[Dated]| {
            group.send(events.len()).unwrap();
            answers.recv().unwrap_or(Ok(()))
        };
        let keeper = Background::spawn(keeper, Duration::from_hours(1));
        (keeper.unwrap(), answer, groups)
    }

    #[tokio::test]
    async fn a_stalled_disk_holds_nobody_up_and_what_waits_for_it_is_written_at_once() {
        let (mut keeper, answer, groups) = slow();
        let mut progress = keeper.progress();
        keeper.submit(NOW, event());
        assert_eq!(groups.recv().unwrap(), 1);
        for _ in 0..40 {
            keeper.submit(NOW, event()); // returns though the disk has not answered
        }
        assert_eq!(progress.borrow().durable, 0);
        answer.send(Ok(())).unwrap();
        progress.wait_for(|progress| progress.durable == 1).await.unwrap();
        assert_eq!(groups.recv().unwrap(), 40, "one fsync for all that came meanwhile");
        assert_eq!(progress.borrow().durable, 1, "nothing is durable before the disk has answered");
        answer.send(Ok(())).unwrap();
        progress.wait_for(|progress| progress.durable == 41).await.unwrap();
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_written_any_more() {
        let (mut keeper, answer, groups) = slow();
        let mut progress = keeper.progress();
        keeper.submit(NOW, event());
        answer.send(Err(JournalError::Poisoned { path: "full".into() })).unwrap();
        progress.wait_for(|progress| progress.failed.is_some()).await.unwrap();
        keeper.submit(NOW, event());
        assert_eq!(groups.iter().count(), 1);
        assert_eq!(progress.borrow().durable, 0);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_lock_that_is_removed_while_nothing_is_written_is_noticed() {
        use crate::domain::id::GroupId;
        use crate::journal::RunLock;
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [1, 2].map(|id| GroupId(Uuid::from_u128(id)));
        let lock = Arc::new(RunLock::take(folder.path(), one, other).unwrap());
        let writer = Writer::create(folder.path(), RunId(Uuid::from_u128(1))).unwrap().under(Arc::clone(&lock));
        let keeper = Background::start_looking(writer, Duration::from_millis(5)).unwrap();
        let mut progress = keeper.progress();
        assert!(progress.borrow().failed.is_none());
        std::fs::remove_file(lock.path()).unwrap();
        let told = progress.wait_for(|progress| progress.failed.is_some()).await.unwrap().failed.clone();
        assert!(matches!(told.as_deref(), Some(JournalError::Lost { .. })));
    }

    #[test]
    fn what_was_given_is_on_the_disk_when_the_keeper_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::create(folder.path(), RunId(Uuid::from_u128(1))).unwrap();
        let path = writer.path().to_owned();
        let mut keeper = Background::start(writer).unwrap();
        (0..100).for_each(|_| keeper.submit(NOW, event()));
        drop(keeper);
        let journal = Journal::open(&path).unwrap();
        assert_eq!((journal.records.len(), journal.torn), (100, false));
    }
}

//! Groups that others change: worklists instead of writes, with their files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use tokio::task::JoinError;
use tokio::task::JoinSet;

use crate::domain::approval::Add;
use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::listing::Listing;
use crate::domain::migration::Migration;
use crate::domain::route::Direction;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::work::Work;
use crate::domain::worklist::Issued;
use crate::domain::worklist::Worklist;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;
use crate::domain::worklist::file;
use crate::domain::worklist::file::Sheet;
use crate::domain::write::WriteKind;
use crate::engine::backoff::passes;
use crate::engine::handle::Notice;
use crate::engine::others::is_unsafe;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::removal_seats::fit_alone;
use crate::engine::run::tasks;
use crate::engine::snapshot::Activity;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::Queued;
use crate::graph::error::GraphError;
use crate::journal::worklists;

/// A file that could not be replaced is tried again after this long.
const AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// What was done to the files of a worklist.
pub(super) enum FilesDone {
    /// They were written, or not; and until when they had to be.
    Written(usize, Option<Timestamp>, io::Result<()>),
    /// Something else took their place, or did not.
    Replaced(usize, io::Result<()>),
}

/// The files of worklists, and what waits to become one.
pub(super) struct Worklists {
    folder: Option<PathBuf>,
    /// A worklist that the disk has not answered for, with what its files are made from.
    listing: Option<(Listing, Sheet)>,
    /// Those whose files were replaced, as they are not in force any more.
    replaced: BTreeSet<usize>,
    /// Those whose files could not be replaced, and when that is tried again.
    replaced_again: BTreeMap<usize, Timestamp>,
    /// Whether no file may be written any more, as the run cannot be kept.
    stopped: Arc<AtomicBool>,
    /// Whether the files of those in force were seen to be there in this session.
    looked: bool,
    /// One thing at a time is done to files, so that what is replaced stays so; only when the run cannot be kept any more are all
    /// withdrawn at once.
    disk: JoinSet<FilesDone>,
}

impl Worklists {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            listing: None,
            replaced: BTreeSet::new(),
            replaced_again: BTreeMap::new(),
            stopped: Arc::default(),
            looked: false,
            disk: JoinSet::new(),
        }
    }

    /// Whether files are being written or replaced.
    pub(super) fn are_written(&self) -> bool {
        !self.disk.is_empty()
    }

    /// What is done to files next; `None` when nothing is under way.
    pub(super) async fn done(&mut self) -> Option<Result<FilesDone, JoinError>> {
        self.disk.join_next().await
    }

    /// Whether a worklist waits for the disk, or files are being written.
    pub(super) fn are_at_work(&self) -> bool {
        self.listing.is_some() || self.are_written()
    }

    /// Whether the files of a worklist are still to be replaced, and may be tried by now.
    fn is_to_be_replaced(&self, number: usize, now: Timestamp) -> bool {
        !self.replaced.contains(&number) && self.replaced_again.get(&number).is_none_or(|again| *again <= now)
    }

    /// Puts into the place of the files that they are not in force since then, and why.
    fn replace(&mut self, issued: Issued, (at, why): (Timestamp, WorklistEnd)) {
        self.replaced.insert(issued.number);
        self.disk.spawn_blocking(move || {
            let done = worklists::replace(Path::new(&issued.file), &file::ended(&issued, at, why));
            FilesDone::Replaced(issued.number, done)
        });
    }
}

impl Engine {
    /// Reads what others know the next users of an approval by.
    pub(super) fn start_naming(&mut self, batch: usize, users: Vec<UserId>) {
        let Some(number) = self.queue.job(batch).map(OneJob::number) else { return };
        let group = self.recorder.run().written_end(batch, WriteKind::Add).group;
        self.jobs.spawn(Activity::Naming, tasks::name(self.graph.clone(), number, group, users));
    }

    /// The names are read: the worklist to add can be issued.
    pub(super) fn named(
        &mut self,
        number: u64,
        users: &[UserId],
        sheet: Result<Sheet, GraphError>,
    ) -> Result<(), RecordError> {
        let Some(batch) = self.queue.answers::<Add>(number) else { return self.recorder.follow() };
        let tired = self.queue.job(batch).is_some_and(OneJob::is_tired);
        let sheet = match sheet {
            Ok(sheet) => sheet,
            Err(error) if passes(error.kind()) && !tired => {
                let (now, asked) = (self.clock.now(), self.graph.connection_status().borrow().reads_held_until);
                let fault = error.into_fault();
                self.queue.wait(batch, fault.kind, now, asked);
                return self.delayed(Work::Addition, fault);
            }
            Err(error) => return self.halt_on(error.into_fault()),
        };
        if self.recorder.run().halted.is_some() {
            return Ok(());
        }
        self.queue.answered(batch);
        self.backoff.unhindered();
        let Some(job) = self.queue.of_kind::<Add>(batch) else { return Ok(()) };
        let permits: Vec<_> = users.iter().filter_map(|user| job.permit(*user)).collect();
        self.issue::<Add>(batch, permits, sheet)
    }

    /// Issues a worklist for these users, if there are any. Its files are written once the disk has its event.
    pub(super) fn issue<W: Queued>(
        &mut self,
        batch: usize,
        grounds: Vec<W::Grounds>,
        sheet: Sheet,
    ) -> Result<(), RecordError> {
        let Ok(draft) = Listing::of::<W>(grounds) else { return self.recorder.follow() };
        let run = self.recorder.run();
        let (number, direction) = (run.next_worklist(), run.direction_of(batch));
        let name = match direction {
            Direction::Forward => format!("batch-{}-{}-{number}.csv", batch + 1, draft.kind().word()),
            Direction::Rollback => format!("batch-{}-rollback-{}-{number}.csv", batch + 1, draft.kind().word()),
        };
        let file = self.worklists.folder.clone().unwrap_or_default().join(name).display().to_string();
        let listing = draft.keep((number, direction, file), &mut self.recorder)?;
        self.worklists.listing = Some((listing, sheet));
        self.recorder.follow()
    }

    /// What there is to do about worklists: writes the files of one whose event is durable, ends those that may not be acted
    /// on any more, and puts something else in the place of their files.
    pub(super) fn tend_worklists(&mut self, now: Timestamp) -> Result<(), RecordError> {
        if self.recorder.read_only().is_some() {
            if self.worklists.stopped.load(Ordering::Acquire) {
                self.withdraw_files();
            }
            return Ok(());
        }
        self.look_for_files()?;
        // Also one whose file is still to be written: what is known by now holds for it.
        let (run, short) = (self.recorder.run(), self.without_seats());
        let unwatched = |list: &Worklist| list.issued.kind == WorklistKind::Remove && self.is_unwatched(list, now);
        let ends: Vec<(usize, WorklistEnd)> = run
            .worklists()
            .filter(|list| list.is_open())
            .filter_map(|list| {
                let number = list.issued.number;
                let end = ends(run, list, now)
                    .or_else(|| short.contains(&number).then_some(WorklistEnd::NotSafe))
                    .or_else(|| unwatched(list).then_some(WorklistEnd::Unwatched));
                Some((number, end?))
            })
            .collect();
        for (number, why) in ends {
            self.end_worklist(number, why)?;
        }
        self.write_worklist(now)?;
        self.replace_files(now);
        Ok(())
    }

    /// Whether nobody looks any more whom others remove: polling is paused, or the looks fail.
    fn is_unwatched(&self, list: &Worklist, now: Timestamp) -> bool {
        let since = list.written.max(self.schedule.others_looked_at());
        let long = since.is_some_and(|since| now.duration_since(since) > self.schedule.unwatched_after());
        self.schedule.is_paused() || (long && self.backoff.is_hindered())
    }

    /// Rule 4: the worklists to remove in force for which seats were taken since, so that not everybody on them and on those
    /// before them would get one. Who has left is not counted: their seat may be among those that are taken already.
    fn without_seats(&self) -> BTreeSet<usize> {
        let (run, mut short) = (self.recorder.run(), BTreeSet::new());
        for direction in Direction::ALL {
            let mut open = run
                .worklists()
                .filter(|list| {
                    list.is_open() && list.issued.kind == WorklistKind::Remove && list.issued.direction == direction
                })
                .peekable();
            let classifier = self.observations.classifier(direction).filter(|_| open.peek().is_some());
            let Some(products) = classifier.map(|classifier| &classifier.target_products) else { continue };
            let ledger = SeatLedger::new(products, self.observations.skus());
            let mut users = Vec::new();
            for list in open {
                users.extend(run.outstanding(list));
                if fit_alone(&ledger, &users, run, |user, sku| self.holds(user, sku)) < users.len() {
                    short.insert(list.issued.number);
                }
            }
        }
        short
    }

    fn end_worklist(&mut self, number: usize, why: WorklistEnd) -> Result<(), RecordError> {
        let batch = self.recorder.run().worklist(number).map(|list| list.issued.batch);
        self.recorder.record(Event::WorklistEnded { number, why })?;
        // What was approved with it is approved no more.
        if why != WorklistEnd::Done {
            batch.and_then(|batch| self.queue.end(batch));
        }
        self.screen.changed();
        Ok(())
    }

    /// A worklist that was in force when the run was left is so no more when somebody has taken its file away.
    fn look_for_files(&mut self) -> Result<(), RecordError> {
        if std::mem::replace(&mut self.worklists.looked, true) {
            return Ok(());
        }
        let gone = |list: &&Worklist| list.is_open() && !Path::new(&list.issued.file).is_file();
        let gone: Vec<usize> = self.recorder.run().worklists().filter(gone).map(|list| list.issued.number).collect();
        gone.into_iter().try_for_each(|number| self.end_worklist(number, WorklistEnd::NoFile))
    }

    fn write_worklist(&mut self, now: Timestamp) -> Result<(), RecordError> {
        let durable = self.worklists.listing.as_ref().is_some_and(|(one, _)| one.is_durable(&self.recorder));
        if !durable || !self.worklists.disk.is_empty() {
            // A halt has ended it meanwhile: no file was written.
            let open = |number| self.recorder.run().worklist(number).is_some_and(Worklist::is_open);
            if self.worklists.listing.as_ref().is_some_and(|(one, _)| !open(one.issued().number)) {
                self.worklists.listing = None;
            }
            return Ok(());
        }
        let Some((listing, sheet)) = self.worklists.listing.take() else { return Ok(()) };
        let number = listing.issued().number;
        if !self.recorder.run().worklist(number).is_some_and(Worklist::is_open) {
            return Ok(());
        }
        let limit = listing.leaves_before();
        if self.worklists.folder.is_none() || limit.is_some_and(|limit| now > limit) {
            return self.end_worklist(number, WorklistEnd::NoFile);
        }
        let (files, table) = (sheet.files(listing.issued(), now), PathBuf::from(&listing.issued().file));
        let (clock, halt, stopped) = (Arc::clone(&self.clock), self.halt.clone(), Arc::clone(&self.worklists.stopped));
        self.worklists.disk.spawn_blocking(move || {
            // Rule 3 for the moment at which the names can be read, and rule 10.
            let in_time = || {
                let stops = halt.is_raised() || stopped.load(Ordering::Acquire);
                limit.is_none_or(|limit| clock.now() <= limit) && !stops
            };
            FilesDone::Written(number, limit, worklists::write(&table, &files, in_time))
        });
        Ok(())
    }

    /// Takes in what was done to files.
    pub(super) fn files_done(&mut self, kept: FilesDone) -> Result<(), RecordError> {
        self.screen.changed();
        match kept {
            // The run cannot be kept any more, so that this is no worklist in force.
            FilesDone::Written(number, ..) if self.recorder.read_only().is_some() => {
                self.worklists.replaced.remove(&number);
                self.withdraw_files();
                Ok(())
            }
            FilesDone::Written(number, limit, done) => {
                if !self.recorder.run().worklist(number).is_some_and(Worklist::is_open) {
                    return Ok(()); // ended meanwhile: its files are replaced next
                }
                // Its time runs from the event on, which comes later than the file where the machine slept between the two.
                let in_time = limit.is_none_or(|limit| self.clock.now() <= limit);
                match done {
                    Ok(()) if in_time => self.recorder.record(Event::WorklistWritten { number }),
                    Ok(()) | Err(_) => self.end_worklist(number, WorklistEnd::NoFile),
                }
            }
            FilesDone::Replaced(number, Ok(())) => {
                tracing::debug!(worklist = number, "replaced");
                Ok(())
            }
            FilesDone::Replaced(number, Err(_)) => {
                let file = self.recorder.run().worklist(number).map(|list| list.issued.file.clone());
                self.worklists.replaced.remove(&number);
                // Another program may have it open just now. It is said once and tried on.
                if self.worklists.replaced_again.insert(number, self.clock.now() + AGAIN).is_none() {
                    self.screen.say(Notice::WorklistNotReplaced(file.unwrap_or_default()));
                }
                Ok(())
            }
        }
    }

    /// One after another, so that a file that is being written is replaced after that.
    fn replace_files(&mut self, now: Timestamp) {
        if self.worklists.are_written() {
            return;
        }
        // Whose license can be taken away by one comes first, and of these who was named last.
        let ended = self.recorder.run().worklists().filter(|list| list.ended.is_some());
        let left = ended.filter(|list| self.worklists.is_to_be_replaced(list.issued.number, now));
        let next = left.max_by_key(|list| (list.issued.kind == WorklistKind::Remove, list.issued.number));
        if let Some((issued, end)) = next.and_then(|list| Some((list.issued.clone(), list.ended?))) {
            self.worklists.replace(issued, end);
        }
    }

    /// The run cannot be kept any more, so that no end of a worklist can be either. The files of those to remove are replaced all
    /// the same: nobody watches whom others remove. A run that is resumed knows that they are not in force.
    pub(super) fn withdraw_files(&mut self) {
        self.worklists.stopped.store(true, Ordering::Release);
        if self.worklists.folder.is_none() {
            return;
        }
        let now = self.clock.now();
        // One that has ended may still stand there, too: it was to be replaced next.
        let removals = self.recorder.run().worklists().filter(|list| list.issued.kind == WorklistKind::Remove);
        let left = removals.filter(|list| self.worklists.is_to_be_replaced(list.issued.number, now));
        let end = |list: &Worklist| list.ended.unwrap_or((now, WorklistEnd::Unwatched));
        let left: Vec<_> = left.map(|list| (list.issued.clone(), end(list))).collect();
        for (issued, end) in left {
            self.worklists.replace(issued, end);
        }
    }

    /// The session ends: nobody watches any more, so that no worklist to remove may be acted on.
    pub(super) fn leave_worklists(&mut self) -> Result<(), RecordError> {
        if self.recorder.read_only().is_some() {
            return Ok(());
        }
        let open =
            self.recorder.run().worklists().filter(|list| list.is_open() && list.issued.kind == WorklistKind::Remove);
        let open: Vec<usize> = open.map(|list| list.issued.number).collect();
        open.into_iter().try_for_each(|number| self.end_worklist(number, WorklistEnd::Unwatched))
    }
}

/// Why a worklist is not in force any more, when it is not.
fn ends(run: &Migration, list: &Worklist, now: Timestamp) -> Option<WorklistEnd> {
    let mut outstanding = run.outstanding(list).peekable();
    if outstanding.peek().is_none() {
        return Some(WorklistEnd::Done);
    }
    if run.group_problem().is_some() {
        return Some(WorklistEnd::Groups);
    }
    if list.stale_from().is_some_and(|stale| now >= stale) {
        return Some(WorklistEnd::Stale);
    }
    let unsafe_now = |id: UserId| run.user(id).is_some_and(|user| is_unsafe(run, user));
    (list.issued.kind == WorklistKind::Remove && outstanding.any(unsafe_now)).then_some(WorklistEnd::NotSafe)
}

//! `run --plain`: the same events as lines, and the same approvals on standard input. It needs no terminal.
//!
//! `input` reads lines, `answer` what one says, `announced_gates` knows what was announced and may be answered, `line_text` has the lines.

mod announced_gates;
mod answer;
mod going_on;
mod input;
mod line_text;
mod on_screen;
mod show;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use crate::cli::Context;
use crate::cli::exit::Failure;
use crate::cli::plain::announced_gates::Announced;
use crate::cli::plain::announced_gates::AnnouncedGates;
use crate::cli::plain::announced_gates::Unmet;
use crate::cli::plain::answer::Answer;
use crate::cli::plain::answer::Kind;
use crate::cli::plain::input::listen;
use crate::cli::plain::on_screen::OnScreen;
use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::questions::Question;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine::handle::Command;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::handle::Notice;
use crate::engine::snapshot::Snapshot;
use crate::tui::run::Now;
use crate::tui::run::signals;
use crate::words::notice;
use crate::words::phrase;
use crate::words::say;

/// An approval on its way: the question is put again, and only if it is the one that was announced it is answered.
struct PendingApproval {
    gate: Announced,
    reason: Option<String>,
}

/// Which of the questions that stop all others was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoppedBy {
    Alarm(Timestamp),
    Halt(Timestamp),
}

/// The lines of one session.
struct Lines<'a, 'b> {
    context: &'a mut Context<'b>,
    commands: Commands,
    now: Now,
    snapshot: Arc<Snapshot>,
    /// The last event that was printed.
    printed: Option<Arc<Event>>,
    announced: AnnouncedGates,
    on_screen: OnScreen,
    given: VecDeque<PendingApproval>,
    stop: Option<StoppedBy>,
    stuck: Vec<UserId>,
    waits_for_stuck: bool,
    sign_in: SignInState,
    /// Whether the input has ended.
    ended: bool,
    quitting: bool,
}

/// Prints what happens until the engine ends. It is told to end when the migration is complete, and when the input has ended
/// and nothing goes on without an answer.
pub(super) async fn run(
    mut handle: Handle,
    context: &mut Context<'_>,
    notes: Vec<String>,
    now: Now,
) -> Result<(), Failure> {
    let snapshot = Arc::clone(&handle.snapshots.borrow_and_update());
    let lost = Arc::new(AtomicUsize::new(0));
    let on_screen = OnScreen::default();
    let mut answers = listen(handle.commands.clone(), Arc::clone(&lost), on_screen.clone());
    let mut lines = Lines {
        context,
        commands: handle.commands.clone(),
        now,
        printed: None,
        announced: AnnouncedGates::default(),
        on_screen,
        given: VecDeque::new(),
        stop: None,
        stuck: Vec::new(),
        waits_for_stuck: false,
        sign_in: SignInState::default(),
        ended: false,
        quitting: false,
        snapshot,
    };
    let mut end = std::pin::pin!(signals());
    let mut trouble = lines.begin(notes).err();
    let (mut hears, mut listens) = (true, true);
    while hears || listens {
        let done = tokio::select! { biased;
            () = &mut end, if !lines.quitting => {
                lines.quit();
                Ok(())
            }
            notice = handle.notices.recv(), if listens => {
                listens = notice.is_some();
                notice.map_or(Ok(()), |notice| lines.noticed(notice))
            }
            changed = handle.snapshots.changed(), if hears => {
                hears = changed.is_ok();
                let snapshot = Arc::clone(&handle.snapshots.borrow_and_update());
                lines.show(&snapshot)
            }
            line = answers.recv(), if !lines.ended => match line {
                Some((line, shown)) => {
                    lines.tell_lost(lost.swap(0, Relaxed)).and_then(|()| lines.answer(&line, shown))
                }
                None => lines.end_of_input(),
            },
        };
        // Whoever reads no more approves no more either; what is under way ends in order.
        if let Err(failure) = done {
            trouble = trouble.or(Some(failure));
            lines.quit();
        }
    }
    trouble.map_or(Ok(()), Err)
}

impl Lines<'_, '_> {
    fn print(&mut self, line: &str) -> Result<(), Failure> {
        self.context.print(&format!("{line}\n"))
    }

    fn send(&self, command: Command) {
        // A closed channel means that the engine has ended, which the loop hears.
        drop(self.commands.send(command));
    }

    fn quit(&mut self) {
        if !std::mem::replace(&mut self.quitting, true) {
            self.send(Command::Quit);
        }
    }

    fn tell_lost(&mut self, lines: usize) -> Result<(), Failure> {
        if lines == 0 { Ok(()) } else { self.print(&say("cli-plain-lines-lost", &[("count", lines.into())])) }
    }

    fn answer(&mut self, line: &str, shown: u64) -> Result<(), Failure> {
        match answer::read(line) {
            Answer::Empty => Ok(()),
            Answer::Approve { kind, count, batch, reason } => self.approve((kind, count, batch), shown, reason),
            Answer::No => {
                self.given.clear();
                self.print(&phrase("cli-plain-no"))
            }
            // It was sent already. Whoever only looks on halts nothing: the engine says why.
            Answer::Halt if self.snapshot.read_only.is_some() => Ok(()),
            Answer::Halt => {
                // Once more in its turn: an answer before it may have lifted the halt that it was for.
                self.send(Command::Halt);
                self.print(&phrase("cli-plain-halting"))
            }
            Answer::LiftHalt => match self.stop {
                Some(StoppedBy::Halt(latest)) => {
                    self.send(Command::LiftHalt(latest));
                    Ok(())
                }
                Some(StoppedBy::Alarm(_)) | None => self.print(&phrase("cli-plain-not-halted")),
            },
            Answer::AcknowledgeAlarm => match self.stop {
                Some(StoppedBy::Alarm(_)) => {
                    self.send(Command::AcknowledgeAlarm);
                    Ok(())
                }
                Some(StoppedBy::Halt(_)) | None => self.print(&phrase("cli-plain-no-alarm")),
            },
            Answer::Exclude(wanted) => self.exclude(&wanted),
            Answer::Poll => {
                self.send(Command::PollNow);
                Ok(())
            }
            Answer::SignIn => {
                self.send(Command::SignIn);
                Ok(())
            }
            Answer::Quit => {
                self.quit();
                Ok(())
            }
            Answer::Unknown => self.print(&phrase("cli-plain-not-understood")),
        }
    }

    fn approve(
        &mut self,
        (kind, count, batch): (Kind, usize, Option<usize>),
        shown: u64,
        reason: Option<String>,
    ) -> Result<(), Failure> {
        match self.announced.meant(kind, count, batch, shown) {
            Ok(gate) => {
                let given = PendingApproval { gate: gate.clone(), reason };
                self.announced.answered(given.gate.batch);
                self.given.push_back(given);
                if self.given.len() == 1 {
                    self.put_next();
                }
                Ok(())
            }
            Err(Unmet::NoSuchGate) => {
                let waits: Vec<String> = self.announced.open().map(line_text::name).collect();
                let line = line_text::no_such_gate(kind, count, batch, &waits);
                self.print(&line)
            }
            Err(Unmet::BeforeShown(batch)) => {
                self.announced.forget(batch);
                self.print(&phrase("cli-plain-has-changed"))?;
                self.announce_anew()
            }
            Err(Unmet::WhichBatch(batches)) => {
                let line = line_text::which_batch(kind, count, &batches);
                self.print(&line)
            }
        }
    }

    /// Puts the question of the approval that is next.
    fn put_next(&self) {
        if let Some(given) = self.given.front() {
            self.send(Command::AskBatch(given.gate.batch));
        }
    }

    fn noticed(&mut self, told: Notice) -> Result<(), Failure> {
        match told {
            Notice::Question(question) => {
                let Some(given) = self.given.pop_front() else { return Ok(()) };
                let batch = given.gate.batch;
                if let Some(command) = approval(question, given) {
                    self.send(command);
                } else {
                    self.announced.forget(batch);
                    self.print(&phrase("cli-plain-has-changed"))?;
                    self.announce_anew()?;
                }
                self.put_next();
                Ok(())
            }
            Notice::Refused(why) => {
                let line = say("cli-plain-refused", &[("why", notice::refused(&why).into())]);
                self.print(&line)?;
                match self.given.pop_front() {
                    Some(given) => self.announced.forget(given.gate.batch),
                    None => self.announced.forget_answered(),
                }
                self.put_next();
                self.announce_anew()
            }
            other => match notice::told(&other) {
                Some(line) => self.print(&line),
                None => Ok(()),
            },
        }
    }

    /// What waits is told once more where it is not known any longer.
    fn announce_anew(&mut self) -> Result<(), Failure> {
        let snapshot = Arc::clone(&self.snapshot);
        self.print_gates(&snapshot)
    }

    fn exclude(&mut self, wanted: &str) -> Result<(), Failure> {
        let lower = wanted.to_lowercase();
        let is_meant = |user: &&Arc<User>| {
            user.upn.to_lowercase() == lower || user.id.is_some_and(|id| id.to_string().eq_ignore_ascii_case(wanted))
        };
        match self.snapshot.run.users.iter().find(is_meant).and_then(|user| user.id) {
            Some(id) => {
                self.send(Command::Exclude(id));
                Ok(())
            }
            None => self.print(&say("cli-plain-no-such-user", &[("user", wanted.into())])),
        }
    }

    fn end_of_input(&mut self) -> Result<(), Failure> {
        self.ended = true;
        self.print(&phrase("cli-plain-end-of-input"))?;
        if self.nothing_goes_on() {
            self.quit();
        }
        Ok(())
    }
}

/// The yes to a question, when it is the one that was announced, for the same users.
fn approval(question: Question, given: PendingApproval) -> Option<Command> {
    let PendingApproval { gate: Announced { batch, kind, users }, reason } = given;
    match (question, kind) {
        (Question::Add(asked), Kind::Add) if asked.batch() == batch && asked.users() == users => {
            Some(Command::Add(asked.yes().because(reason)))
        }
        (Question::Remove(asked), Kind::Remove) if asked.batch() == batch && asked.users() == users => {
            let number = users.len().to_string();
            asked.typed(&number).ok().map(|approval| Command::Remove(approval.because(reason)))
        }
        _ => None,
    }
}

//! What the screen holds of the engine: commands in, snapshots and notices out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use jiff::Zoned;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::watch;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::fault::Fault;
use crate::domain::id::UserId;
use crate::domain::questions::Question;
use crate::domain::refusal::Refusal;
use crate::domain::settings::BatchSettings;
use crate::domain::time::Timestamp;
use crate::engine::record_error::RecordError;
use crate::engine::session::ReadOnly;
use crate::engine::snapshot::Snapshot;
use crate::graph::Graph;

/// What an operator can ask for. Only the four approvals can lead to a write.
#[derive(Debug)]
pub enum Command {
    /// Put the question that waits; the answer is a [`Notice`].
    Ask,
    /// Put the question of one batch, though another may be more useful; the answer is a [`Notice`].
    AskBatch(usize),
    /// Show this batch, counted from 0, whatever waits; `None` shows the one that waits for the operator.
    Show(Option<usize>),
    /// So many batches may be under way at once from now on, at least 1. What has begun goes on.
    SetBatchesUnderWay(usize),
    /// Batches that have not begun are so from now on.
    SetBatches(BatchSettings),
    /// Yes, add these users.
    Add(Approval<Add>),
    /// Yes, remove these users.
    Remove(Approval<Remove>),
    /// Put the question whether GBL may look again at these users; the answer is a [`Notice`].
    AskReprocess(Vec<UserId>),
    /// Yes, have GBL look again at these users.
    Reprocess(Approval<Reprocess>),
    /// Put the question whether a direct license may be taken off these users; the answer is a [`Notice`].
    AskDirect(Vec<UserId>),
    /// Yes, take the direct license off these users.
    Direct(Approval<Direct>),
    /// Take these users back; the operator has confirmed it. It plans the way back and writes nothing.
    RollBack(Vec<UserId>),
    /// Writing may go on, whatever halted it up to this time, by [`Halt::latest`]; what was approved before the halt is asked
    /// again. A reason that came later holds on, as nobody has seen it.
    ///
    /// [`Halt::latest`]: crate::domain::halt::Halt::latest
    LiftHalt(Timestamp),
    /// The alarm was seen.
    AcknowledgeAlarm,
    /// Nothing more is written.
    Halt,
    /// The same, asked for from outside of this session, and by whom.
    HaltFrom(String),
    /// Read now instead of at the next tick; in preflight, check everything again.
    PollNow,
    /// Pause or resume polling.
    TogglePolling,
    /// Poll less often: the interval is doubled.
    Slower,
    /// Poll more often: the interval is halved, down to a second.
    Faster,
    /// Take a user out of the batch; the operator has confirmed it.
    Exclude(UserId),
    /// Read this user now, and the names of the groups that license them.
    Inspect(UserId),
    /// A call of the operator did not get through, and why: say so.
    CallFailed(String),
    /// Sign in again; the snapshots tell what the operator has to do for it.
    SignIn,
    /// Give up the sign-in that is under way.
    CancelSignIn,
    /// End: what is in flight is awaited and recorded, nothing more leaves.
    Quit,
}

/// What the engine has to tell the operator beside the snapshots. None may be lost.
#[derive(Debug)]
pub enum Notice {
    /// The question that waits.
    Question(Question),
    /// What was asked for is not done, and why.
    Refused(Refused),
    /// The run began by older rules than those by which its users are judged now.
    OlderRules(u32),
    /// What another session does cannot be followed any further.
    CannotFollow(Arc<RecordError>),
    /// Nothing more is written: the run cannot be kept.
    Stopped(Arc<RecordError>),
    /// Somebody is signed in again.
    SignedIn,
    /// Nobody is signed in.
    NotSignedIn(Fault),
    /// A call of the operator did not get through.
    CallFailed(String),
    /// A license was not reprocessed.
    NotReprocessed(Fault),
    /// A direct license was not taken off.
    NotTakenOff(Fault),
    /// The file of a worklist that is not in force any more could not be replaced.
    WorklistNotReplaced(String),
}

/// Why something that was asked for is not done.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The run does not allow it.
    ByRun(Refusal),
    /// Nothing can be written in this session.
    ReadOnly(ReadOnly),
    /// The window for writes is closed until then.
    OutsideWindow(Zoned),
    /// Preflight is reading the tenant.
    Checking,
    /// What had left before the halt is still on its way.
    OnItsWay,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::ByRun(refusal)
    }
}

/// What tells the engine's client to send no more, before the engine has heard why.
#[derive(Clone)]
pub(super) struct HaltFlag {
    graph: Graph,
    /// Halts that were asked for and that the engine has not taken in.
    asked: Arc<AtomicUsize>,
}

impl HaltFlag {
    pub(super) fn new(graph: Graph) -> Self {
        Self { graph, asked: Arc::default() }
    }

    /// From now on nothing leaves.
    fn raise(&self) {
        self.asked.fetch_add(1, SeqCst);
        self.graph.stop_writing();
    }

    /// Whether a halt was asked for that the engine has not taken in.
    pub(super) fn is_raised(&self) -> bool {
        self.asked.load(SeqCst) > 0
    }

    /// The engine has taken a halt in.
    pub(super) fn taken_in(&self) {
        let _ = self.asked.fetch_update(SeqCst, SeqCst, |asked| Some(asked.saturating_sub(1)));
    }

    /// Lets the client send or not. A halt that is asked for at this very moment wins.
    pub(super) fn allow_writing(&self, allowed: bool) {
        if allowed && !self.is_raised() {
            self.graph.allow_writing();
        }
        if !allowed || self.is_raised() {
            self.graph.stop_writing();
        }
    }
}

/// Where commands go in. Clones lead to the same engine.
#[derive(Clone)]
pub struct Commands {
    sender: mpsc::UnboundedSender<Command>,
    halt: Option<HaltFlag>,
}

impl Commands {
    pub(super) fn new(sender: mpsc::UnboundedSender<Command>, halt: HaltFlag) -> Self {
        Self { sender, halt: Some(halt) }
    }

    /// Sends a command. A halt stops the client at once, however long the engine takes to hear of it.
    ///
    /// # Errors
    /// Gives the command back when the engine has ended.
    #[expect(clippy::result_large_err, reason = "what comes back is the command itself, as from any channel")]
    pub fn send(&self, command: Command) -> Result<(), SendError<Command>> {
        if let (Command::Halt | Command::HaltFrom(_), Some(halt)) = (&command, &self.halt) {
            halt.raise();
        }
        self.sender.send(command)
    }
}

impl From<mpsc::UnboundedSender<Command>> for Commands {
    /// Commands to something that has no client to stop.
    fn from(sender: mpsc::UnboundedSender<Command>) -> Self {
        Self { sender, halt: None }
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").finish_non_exhaustive()
    }
}

/// The screen's end of the engine.
#[derive(Debug)]
pub struct Handle {
    /// Commands to the engine.
    pub commands: Commands,
    /// The newest snapshot.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Notices, in order.
    pub notices: mpsc::UnboundedReceiver<Notice>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::clock::Clock;
    use crate::clock::ManualClock;
    use crate::domain::fault::FaultKind;
    use crate::domain::id::GroupId;
    use crate::domain::order::test_order;
    use crate::domain::outcome::Outcome;
    use crate::graph::auth::AccessToken;
    use crate::graph::cloud::Endpoints;

    /// How an addition fares that is sent now. Nobody listens where it goes.
    async fn sent(graph: &Graph) -> FaultKind {
        let answer = graph.add(test_order::<Add>(GroupId(Uuid::nil()), vec![UserId(Uuid::nil())], None)).await;
        let Outcome::Failed(fault) = &answer.outcomes[0].1 else { panic!("{answer:?}") };
        fault.kind
    }

    #[tokio::test]
    async fn a_halt_stops_the_client_before_the_engine_hears_of_it() {
        let endpoints = Endpoints::custom("http://127.0.0.1:9", "http://127.0.0.1:9").unwrap();
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let graph = Graph::new(endpoints, Arc::new(AccessToken::new("a-token".into())), clock).unwrap();
        let flag = HaltFlag::new(graph.clone());
        let (sender, _nobody_listens) = mpsc::unbounded_channel();
        let commands = Commands::new(sender, flag.clone());
        assert_eq!(sent(&graph).await, FaultKind::Unreachable);
        commands.send(Command::Halt).unwrap();
        assert_eq!(sent(&graph).await, FaultKind::NotSent);
        flag.allow_writing(true);
        assert_eq!(sent(&graph).await, FaultKind::NotSent, "the engine went on before it had heard");
        flag.taken_in();
        flag.allow_writing(true);
        assert_eq!(sent(&graph).await, FaultKind::Unreachable);
    }
}

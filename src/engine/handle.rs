//! What the screen holds of the engine: commands in, snapshots and notices out.

use std::sync::Arc;

use tokio::sync::mpsc;
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
use crate::engine::recorder::RecordError;
use crate::engine::session::ReadOnly;
use crate::engine::snapshot::Snapshot;

/// What an operator can ask for. Only the four approvals can lead to a write.
#[derive(Debug)]
pub enum Command {
    /// Put the question that waits; the answer is a [`Notice`].
    Ask,
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
    /// Writing may go on; what was approved before the halt is asked again.
    LiftHalt,
    /// The alarm was seen.
    AcknowledgeAlarm,
    /// Nothing more is written.
    Halt,
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
    /// A license was not reprocessed.
    NotReprocessed(Fault),
    /// A direct license was not taken off.
    NotTakenOff(Fault),
}

/// Why something that was asked for is not done.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The run does not allow it.
    ByRun(Refusal),
    /// Nothing can be written in this session.
    ReadOnly(ReadOnly),
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

/// The screen's end of the engine.
#[derive(Debug)]
pub struct Handle {
    /// Commands to the engine.
    pub commands: mpsc::UnboundedSender<Command>,
    /// The newest snapshot.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Notices, in order.
    pub notices: mpsc::UnboundedReceiver<Notice>,
}

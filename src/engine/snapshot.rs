//! What the screen may know, cheap to publish.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

use imbl::Vector;
use jiff::Zoned;

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::migration::Migration;
use crate::domain::questions::Gate;
use crate::domain::read::HowAsked;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::sku::Skus;
use crate::domain::throttle::Limit;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::session::ReadOnly;
use crate::engine::timeline::Older;

/// What the engine is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Nothing; it waits for the operator or the next tick.
    #[default]
    Idle,
    /// Signing in and reading the tenant's names.
    Connecting,
    /// Preflight reads and checks.
    Checking,
    /// A verify pass is under way.
    Polling,
    /// Additions are being written.
    Adding,
    /// Two point reads are being made before a removal.
    LookingLast,
    /// Removals are being written.
    Removing,
    /// GBL is being asked to look again at users.
    Reprocessing,
    /// Direct licenses are being taken off.
    RemovingDirect,
    /// The canary was removed; nothing more is until it is migrated.
    AwaitingCanary,
    /// Users are being switched over whose seats are not counted yet; the next removal waits for that.
    AwaitingSeats,
    /// The names that others know users by are being read for a worklist.
    Naming,
    /// The disk has not answered for what was kept; nothing is written until it has.
    AwaitingDisk,
    /// The outcome of writes is being read back.
    ReadingBack,
    /// A write waits before it is sent again, as Graph asked.
    Holding {
        /// Until when.
        until: Timestamp,
    },
}

/// How the service answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing was heard yet.
    #[default]
    Connecting,
    /// Nobody is asked: all that is shown comes from the journal.
    Journal,
    /// The last request was answered.
    Connected,
    /// A request is not answered yet although it left a while ago.
    Slow {
        /// When the last answer came, whatever it said; `None` when none has come.
        last_answer: Option<Timestamp>,
        /// When the oldest request left that waits for its answer.
        waiting_since: Timestamp,
    },
    /// Graph asked to wait.
    Slowed {
        /// Which limit it is.
        limit: Limit,
        /// How much of it was used when Graph said so last, in percent.
        used: Option<u16>,
        /// Until when nothing is sent.
        until: Timestamp,
        /// Until when Graph asked to be left alone, where that is longer than we obey to the letter.
        asked: Option<Timestamp>,
    },
    /// Requests go slowly by our own choice: Graph said how near its limit we are.
    Cautious {
        /// Which limit it is.
        limit: Limit,
        /// How much of it was used when Graph said so last, in percent.
        used: Option<u16>,
        /// Until when.
        until: Timestamp,
    },
    /// No request has been answered since.
    Failing {
        /// Since when.
        since: Timestamp,
        /// The latest fault.
        fault: Fault,
    },
}

/// One moment of the engine, for the screen. Cloning the parts is cheap.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Counts snapshots, so that the screen can tell an old one.
    pub revision: u64,
    /// The run. The batch that it shows is the one that the operator wants to see, else the one that waits for them.
    pub run: Migration,
    /// All gates that wait for the operator, the most useful first.
    pub gates: Vec<Gate>,
    /// The last read of each user, by the places of [`Migration::users`]; may be shorter.
    pub facts: Vector<Option<Arc<UserFacts>>>,
    /// The tenant's SKUs.
    pub skus: Arc<Skus>,
    /// Display names of groups.
    pub group_names: Arc<HashMap<GroupId, String>>,
    /// The tenant's display name.
    pub tenant: Option<String>,
    /// Who is signed in.
    pub operator: String,
    /// Free seats of the target SKU, by the last read.
    pub free_seats: Option<i64>,
    /// What the engine is doing.
    pub activity: Activity,
    /// How the service answers.
    pub connection: Connection,
    /// When the token ends, where that is soon and no other has followed it.
    pub token_ends: Option<Timestamp>,
    /// When the next verify pass begins.
    pub next_poll: Option<Timestamp>,
    /// Whether the operator paused polling.
    pub paused: bool,
    /// How long between two passes.
    pub interval: SignedDuration,
    /// Nothing can be written in this session, and why.
    pub read_only: Option<ReadOnly>,
    /// The last read that failed, until one succeeds.
    pub fault: Option<Fault>,
    /// How the last verify pass asked, why so, and what it cost.
    pub survey: Option<Arc<HowAsked>>,
    /// All events before the latest, without their long lists.
    pub older: Older,
    /// The latest events, oldest first; 500 at most.
    pub events: VecDeque<(Timestamp, Arc<Event>)>,
    /// Whether somebody is signed in, or is being asked to sign in.
    pub sign_in: SignInState,
    /// When the window for writes opens; `None` while writes may leave.
    pub window_opens: Option<Zoned>,
}

impl Snapshot {
    /// The last read of one user.
    pub fn facts_of(&self, user: UserId) -> Option<&Arc<UserFacts>> {
        self.facts.get(self.run.place(user)?)?.as_ref()
    }

    /// The display name of a group, or its id.
    pub fn group_name(&self, group: GroupId) -> String {
        self.group_names.get(&group).cloned().unwrap_or_else(|| group.to_string())
    }
}

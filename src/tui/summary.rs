//! What the screen shows of a run as a whole, counted once for each snapshot and second and never while drawing.

use crate::domain::batch_counts::Counts;
use crate::domain::batch_counts::counts;
use crate::domain::batch_counts::counts_of;
use crate::domain::latency::Remaining;
use crate::domain::migration::Fact;
use crate::domain::needs;
use crate::domain::needs::Need;
use crate::domain::phase::Phase;
use crate::domain::preflight::ReasonCode;
use crate::domain::progress::Awaited;
use crate::domain::progress::CurrentWait;
use crate::domain::progress::waiting;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::pending_question;
use crate::domain::questions::question_now;
use crate::domain::refusal::Refusal;
use crate::domain::remaining::Estimates;
use crate::domain::remaining::most_in;
use crate::domain::requests::RunPermits;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::engine::snapshot::Snapshot;

/// One batch in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchRow {
    /// Where it is.
    pub phase: Phase,
    /// Which way it goes.
    pub direction: Direction,
    /// All its users.
    pub users: usize,
    /// Those that are migrated, or in a rollback rolled back.
    pub arrived: usize,
    /// Those that the operator took out.
    pub excluded: usize,
    /// Those that a later check blocks.
    pub blocked: usize,
    /// Those that are stuck or missing, and waited for.
    pub stuck: usize,
    /// Those without a license.
    pub unlicensed: usize,
    /// Those past `stuck_after`.
    pub late: usize,
    /// Those that the batch waits for.
    pub active: usize,
    /// Of these, those for whom its phase is done.
    pub done: usize,
    /// Of a batch that is complete, those that it left behind.
    pub exceptions: usize,
    /// When its first approval was given.
    pub began: Option<Timestamp>,
    /// How long it has taken, up to now or its end.
    pub elapsed: Option<SignedDuration>,
    /// How long 95 % of it waited for licensing, when that is known.
    pub most: Option<SignedDuration>,
}

/// The run in numbers.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The batch under way.
    pub counts: Counts,
    /// What the run waits for.
    pub waiting: CurrentWait,
    /// Which question waits, or why none does.
    pub question: Result<PendingQuestion, Refusal>,
    /// Whether a question may be asked for now, though none waits by itself.
    pub may_ask: bool,
    /// All that needs the operator, the loudest first.
    pub needs: Vec<Need>,
    /// Every batch.
    pub batches: Vec<BatchRow>,
    /// Users blocked, by each reason that blocks them; a user with two counts in both.
    pub blocked: Vec<(ReasonCode, usize)>,
    /// Users that some reason blocks.
    pub blocked_users: usize,
    /// Whether anybody whom the run answers for is without a license now.
    pub unlicensed: bool,
    /// What the run as a whole lets the operator ask for.
    pub permits: RunPermits,
    /// How long the users of the batch still wait for licensing, when any do.
    pub remaining: Option<Remaining>,
    /// The same of all batches under way.
    pub remaining_in_all: Option<Remaining>,
    /// How long licensing takes in this run.
    pub estimates: Estimates,
}

impl Summary {
    /// Counts a snapshot.
    pub fn of(snapshot: &Snapshot, now: Timestamp) -> Self {
        let run = &snapshot.run;
        let counts = counts(run, now);
        let waiting = waiting(run, now);
        let estimates = Estimates::of(run, now);
        let question = match waiting.what {
            // Whoever is late is waited for no longer.
            Awaited::Remove { users, .. } => Ok(PendingQuestion::Remove(users)),
            _ => pending_question(run),
        };
        let may_ask = question.is_ok() || question_now(run, None).is_ok();
        Self {
            waiting,
            question,
            may_ask,
            needs: needs::all(run, now),
            batches: (0..run.batches.len()).map(|number| row(snapshot, number, now)).collect(),
            blocked: run.blocked_by().iter().map(|(code, count)| (*code, *count)).collect(),
            blocked_users: run.count_all(Fact::Blocked),
            unlicensed: run.unlicensed().next().is_some(),
            permits: RunPermits::of(run),
            remaining: estimates.remaining_in(run, run.current, now),
            remaining_in_all: estimates.remaining(run, now),
            estimates,
            counts,
        }
    }
}

fn row(snapshot: &Snapshot, number: usize, now: Timestamp) -> BatchRow {
    let run = &snapshot.run;
    let count = |fact| run.count(number, fact);
    let counts = counts_of(run, number, now);
    let batch = run.batches.get(number);
    BatchRow {
        phase: run.phase_of(number),
        direction: run.direction_of(number),
        users: count(Fact::Member),
        arrived: run.arrived_in(number),
        excluded: count(Fact::Excluded),
        blocked: count(Fact::Blocked),
        stuck: count(Fact::Stuck),
        unlicensed: count(Fact::Unlicensed),
        late: counts.late,
        active: counts.active,
        done: counts.done.min(counts.active),
        exceptions: if run.has_exceptions(number) { run.exceptions_of(number) } else { 0 },
        began: batch.and_then(|batch| batch.began),
        elapsed: batch.and_then(|batch| Some(since(batch.began?, batch.ended().unwrap_or(now)))),
        most: most_in(run, number, now),
    }
}

//! What ends all that was approved: a resume, a halt, users without a license.

use std::collections::BTreeSet;

use crate::domain::halt::Alarm;
use crate::domain::halt::Halt;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::time::Timestamp;
use crate::domain::worklist::Worklist;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;

impl Migration {
    /// No approval survives a resume: whoever was not written is asked about again.
    pub(super) fn resumed(&mut self, at: Timestamp) {
        self.approved_pending.clear();
        // Nobody watched meanwhile: a worklist to remove may have been acted on, and may be no more.
        let unwatched = |list: &Worklist| list.issued.kind == WorklistKind::Remove || list.written.is_none();
        self.end_worklists(at, WorklistEnd::Unwatched, unwatched);
    }

    pub(super) fn halt(&mut self, at: Timestamp, why: HaltReason) {
        self.approved_pending.clear();
        self.end_worklists(at, WorklistEnd::Halted, |_| true);
        match &mut self.halted {
            Some(halt) => halt.add(why, at),
            None => self.halted = Some(Halt::new(why, at)),
        }
    }

    /// The operator has seen as many stuck users as the halt told of, late ones among them.
    pub(super) fn lift_halt(&mut self) {
        let halt = self.halted.take();
        let counts = halt.iter().flat_map(Halt::reasons).map(|why| match why {
            HaltReason::TooManyStuck { stuck, .. } => *stuck,
            _ => 0,
        });
        let told = counts.max().unwrap_or(0);
        self.stuck_limit = self.stuck_limit.max(self.stuck()).max(told);
    }

    pub(super) fn raise(&mut self, at: Timestamp, users: &[UserId]) {
        let mut all: BTreeSet<UserId> = users.iter().copied().collect();
        all.extend(self.alarm.iter().flat_map(|alarm| alarm.users.iter().copied()));
        self.alarm = Some(Alarm { users: all, at, acknowledged: false });
        self.halt(at, HaltReason::Unlicensed);
    }
}

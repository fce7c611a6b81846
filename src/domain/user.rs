//! One user of a run: who they are, what was written for them, where they stand and how they came there.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::LazyLock;

use crate::domain::end_state::Keeps;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::preflight::Listed;
use crate::domain::preflight::Reason;
use crate::domain::preflight::UserCheck;
use crate::domain::proof::NotProven;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::shared_text::SharedText;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user_history::Moment;
pub use crate::domain::write::Write;
use crate::domain::write::WriteKind;

/// What is kept by who was not proven safe yet: one for all of them.
pub(in crate::domain) fn nothing_kept() -> Arc<Keeps> {
    static NOTHING_KEPT: LazyLock<Arc<Keeps>> = LazyLock::new(Arc::default);
    Arc::clone(&NOTHING_KEPT)
}

/// What is so of few users of a run. It reads as its fields; of whom nothing of it is so, it takes 8 bytes.
#[derive(Clone, Debug, Default)]
pub struct Seldom(Option<Box<SeldomFields>>);

/// The fields of [`Seldom`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeldomFields {
    /// When reading back did not show a removal that nobody had answered for: it may take effect yet.
    pub removal_unconfirmed_at: Option<Timestamp>,
    /// Why the last look proved nothing, when it did not.
    pub not_proven: Option<Box<NotProven>>,
    /// How far having GBL look at them again has come.
    pub reprocess: Write,
    /// How far taking a direct license off them has come.
    pub direct: Write,
    /// Graph's own sentence on why they are stuck, when it gave one.
    pub why: Option<Box<FaultMessage>>,
    /// When they were turned back; what was read before says nothing about the way back.
    pub turned_at: Option<Timestamp>,
    /// Since when they have been without a license.
    pub unlicensed_since: Option<Timestamp>,
    /// How long they were without a license before.
    pub unlicensed_before: SignedDuration,
}

/// Of whom nothing is so.
static NOTHING: SeldomFields = SeldomFields {
    removal_unconfirmed_at: None,
    not_proven: None,
    reprocess: Write::None,
    direct: Write::None,
    why: None,
    turned_at: None,
    unlicensed_since: None,
    unlicensed_before: SignedDuration::ZERO,
};

impl Deref for Seldom {
    type Target = SeldomFields;

    fn deref(&self) -> &SeldomFields {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl PartialEq for Seldom {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Seldom {}

impl Seldom {
    /// Changes the fields. That nothing is so costs nothing, however often it is said.
    pub(in crate::domain) fn change(&mut self, with: impl FnOnce(&mut SeldomFields)) {
        if let Some(fields) = &mut self.0 {
            return with(fields);
        }
        let mut fields = NOTHING.clone();
        with(&mut fields);
        self.0 = (fields != NOTHING).then(|| Box::new(fields));
    }
}

/// A user of a run.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none follows from another")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The line and text of the list.
    pub listed: Listed,
    /// The id; `None` for a line that names nobody.
    pub id: Option<UserId>,
    /// The sign-in name, or the text given where nobody was found.
    pub upn: SharedText,
    /// The name shown to people.
    pub display_name: Option<SharedText>,
    /// What preflight found.
    pub reasons: Vec<Reason>,
    /// Which way they go.
    pub direction: Direction,
    /// The batch, counted from 0; `None` for a user who was blocked when the batches were cut.
    pub batch: Option<usize>,
    /// The addition to the target group; on the way back, to the source group.
    pub add: Write,
    /// The removal from the source group; on the way back, from the target group.
    pub remove: Write,
    /// Where the last good read showed them.
    pub standing: Option<Standing>,
    /// Since when they have stood there.
    pub since: Option<Timestamp>,
    /// Whether they moved backwards last.
    pub went_back: bool,
    /// Whether the operator took them out.
    pub excluded: bool,
    /// What they keep by the plan, as it was when they were proven safe.
    pub keeps: Arc<Keeps>,
    /// Whether they were ever stuck; the breaker counts it over the run.
    pub was_stuck: bool,
    /// Whether others took them out of the group before they were proven safe.
    pub removed_early: bool,
    /// What is so of few.
    pub seldom: Seldom,
    /// What happened to them. Users to whom the same happened at once share it.
    pub history: Vec<Arc<Moment>>,
}

impl User {
    pub(in crate::domain) fn new(check: UserCheck) -> Self {
        let mut upn = check.upn.unwrap_or_else(|| check.listed.given.clone());
        upn.share(&check.listed.given); // a journal that is read back has it twice
        Self {
            upn,
            listed: check.listed,
            id: check.id,
            display_name: check.display_name,
            reasons: check.reasons,
            direction: Direction::Forward,
            batch: None,
            add: Write::None,
            remove: Write::None,
            standing: None,
            since: None,
            went_back: false,
            excluded: false,
            keeps: nothing_kept(),
            was_stuck: false,
            removed_early: false,
            seldom: Seldom::default(),
            history: Vec::new(),
        }
    }

    /// Whether a reason, and not only a warning, stands against them.
    pub fn is_blocked(&self) -> bool {
        self.reasons.iter().any(|reason| !reason.warning)
    }

    /// Whether the batch waits for them: neither blocked nor excluded.
    pub fn is_active(&self) -> bool {
        let never_begun = self.is_blocked() && self.add == Write::None;
        !(self.excluded || never_begun)
    }

    /// Whether the run answers for them: who was blocked before anything was written may never have had a license, or be
    /// stuck for reasons of their own.
    pub fn is_ours(&self) -> bool {
        self.batch.is_some() && (self.is_active() || self.add != Write::None)
    }

    /// Whether they are without a license and the run answers for it: that is what alarms.
    pub fn is_unlicensed(&self) -> bool {
        self.standing == Some(Standing::Unlicensed) && self.is_ours()
    }

    /// How far a write of this kind has come.
    pub fn write(&self, kind: WriteKind) -> &Write {
        match kind {
            WriteKind::Add => &self.add,
            WriteKind::Remove => &self.remove,
            WriteKind::Reprocess => &self.seldom.reprocess,
            WriteKind::Direct => &self.seldom.direct,
        }
    }

    pub(in crate::domain) fn set_write(&mut self, kind: WriteKind, write: Write) {
        match kind {
            WriteKind::Add => self.add = write,
            WriteKind::Remove => self.remove = write,
            WriteKind::Reprocess => self.seldom.change(|seldom| seldom.reprocess = write),
            WriteKind::Direct => self.seldom.change(|seldom| seldom.direct = write),
        }
    }

    /// Whether nobody knows what became of a write to a group for them.
    pub fn is_open(&self) -> bool {
        self.add.is_open() || self.remove.is_open()
    }

    /// Whether a removal may be in effect, so that an unprocessed one is not taken for a license at rest.
    pub fn removal(&self) -> Removal {
        match self.remove {
            // Who is on a worklist is where they were until a read of the group shows them gone.
            Write::None | Write::Failed(..) | Write::Listed(_) | Write::Delisted(_) => Removal::NotSent,
            Write::Intended(_) | Write::Done(_) | Write::Lost(..) => Removal::Sent,
        }
    }

    /// Whether they may have left the group, by a removal of ours or by others who were asked for it.
    pub fn may_have_left(&self) -> bool {
        self.removal() == Removal::Sent
            || self.seldom.removal_unconfirmed_at.is_some()
            || self.remove.may_be_done_by_others()
    }

    /// Whether they may leave the group that they go from: their addition was begun, and their removal is neither done nor open.
    pub fn may_still_leave(&self) -> bool {
        self.add != Write::None && !self.remove.is_done() && !self.remove.is_open()
    }

    /// Whether they have a place in the canary of their batch.
    pub fn has_canary_place(&self) -> bool {
        self.remove.is_done() || self.seldom.removal_unconfirmed_at.is_some() || self.remove.may_be_done_by_others()
    }

    /// Whether they may be added by an approval now: nothing blocks them, and neither was it done nor does a worklist in force
    /// ask others for it.
    pub fn is_addable(&self) -> bool {
        self.is_active() && !self.add.is_done() && !self.add.is_listed() && !self.is_blocked()
    }

    /// Whether they may be removed by an approval now: they are safe, and neither was it done nor does a worklist in force ask
    /// others for it.
    pub fn is_removable(&self, scenario: Scenario) -> bool {
        let safe = || self.standing.as_ref().is_some_and(|standing| standing.is_safe(scenario));
        self.is_active() && !self.remove.is_done() && !self.remove.is_listed() && safe()
    }

    /// Whether a worklist in force names them.
    pub fn is_on_worklist(&self) -> bool {
        self.add.is_listed() || self.remove.is_listed()
    }

    /// Whether others may move them at any time: a worklist names or has named them.
    pub fn may_be_moved_by_others(&self) -> bool {
        self.add.may_be_done_by_others() || self.remove.may_be_done_by_others()
    }

    /// How far the run has gone with them: the words for where they stand depend on it.
    pub fn written(&self) -> Written {
        match (self.removal(), self.add.is_done()) {
            (Removal::Sent, _) => Written::Removed,
            (Removal::NotSent, true) => Written::Added,
            (Removal::NotSent, false) => Written::Nothing,
        }
    }

    /// The way that they went at a moment, and how far the run had gone with them by then.
    pub fn way_at(&self, at: Timestamp) -> (Direction, Written) {
        if self.seldom.turned_at.is_some_and(|turned| turned > at) {
            return (Direction::Forward, Written::Nothing);
        }
        let by_then = |write: &Write| write.at().is_some_and(|written| written <= at);
        let written = match (by_then(&self.remove), by_then(&self.add)) {
            (true, _) => Written::Removed,
            (false, true) => Written::Added,
            (false, false) => Written::Nothing,
        };
        (self.direction, written)
    }

    /// Whether something is wrong with them that time alone will not heal: what keeps the source license when another
    /// product needs it does not end by itself either.
    pub fn is_stuck(&self) -> bool {
        match &self.standing {
            Some(Standing::SourceLingers(Holder::Dependency)) => self.removal() == Removal::Sent,
            Some(standing) => standing.is_stuck() || *standing == Standing::Missing,
            None => false,
        }
    }

    /// When the user was last written; a read that began no later says nothing about it.
    pub fn written_at(&self) -> Option<Timestamp> {
        let writes = [&self.add, &self.remove, &self.seldom.reprocess, &self.seldom.direct];
        writes.into_iter().filter_map(Write::at).max().max(self.seldom.turned_at)
    }

    /// Whether they hold the license that they were moved to, and the other from nowhere.
    pub fn has_arrived(&self) -> bool {
        self.standing == Some(Standing::Migrated)
    }

    /// Whether they are migrated: arrived, and not on the way back.
    pub fn is_migrated(&self) -> bool {
        self.has_arrived() && self.direction == Direction::Forward
    }

    /// Whether they were rolled back: arrived at the license that they came from, and out of the other group.
    pub fn is_rolled_back(&self) -> bool {
        self.has_arrived() && self.direction == Direction::Rollback && self.remove.is_done()
    }

    /// Whether GBL has still to act on them, so that time alone may help.
    pub fn is_waiting(&self) -> bool {
        let processing = match &self.standing {
            None | Some(Standing::OnSource) => true,
            Some(Standing::HoldsBoth | Standing::ExpectedConflict) => self.remove.is_done(),
            Some(Standing::SourceLingers(holder)) if *holder != Holder::Dependency => {
                *holder == Holder::NotProcessed || self.remove.is_done()
            }
            // What another product needs stays until somebody mends that.
            Some(
                Standing::SourceLingers(_)
                | Standing::Migrated
                | Standing::Stuck(_)
                | Standing::LostPart(_)
                | Standing::Unlicensed
                | Standing::Missing,
            ) => false,
        };
        processing && self.add.is_done() && !self.excluded
    }

    /// How long they have waited since they were last written; `None` when they are not waiting.
    pub fn waiting_for(&self, now: Timestamp) -> Option<SignedDuration> {
        self.is_waiting().then(|| since(self.written_at().unwrap_or(now), now))
    }

    /// Whether they have waited longer than the run allows.
    pub fn is_late(&self, now: Timestamp, stuck_after: SignedDuration) -> bool {
        self.waiting_for(now).is_some_and(|waited| waited >= stuck_after)
    }

    /// How long they have been without a license in this run, up to now.
    pub fn unlicensed_for(&self, now: Timestamp) -> SignedDuration {
        self.seldom.unlicensed_before
            + self.seldom.unlicensed_since.map_or(SignedDuration::ZERO, |start| since(start, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run keeps 100,000 of them, and the screen's snapshot shares them.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn a_user_is_small() {
        assert!(size_of::<User>() <= 280, "{}", size_of::<User>());
        assert!(size_of::<Write>() <= 32 && size_of::<Seldom>() == 8);
    }

    #[test]
    fn what_is_not_so_takes_no_room_however_often_it_is_said() {
        let mut seldom = Seldom::default();
        seldom.change(|seldom| seldom.not_proven = None);
        assert!(seldom.0.is_none() && seldom.reprocess == Write::None);
        seldom.change(|seldom| seldom.turned_at = Some(Timestamp::UNIX_EPOCH));
        assert_eq!(seldom.turned_at, Some(Timestamp::UNIX_EPOCH));
        seldom.change(|seldom| seldom.turned_at = None);
        assert_eq!(seldom, Seldom::default());
    }
}

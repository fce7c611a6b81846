//! What a read does to one user: where it showed them, and what their history says.

use std::sync::Arc;

use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user_history::Happened;
use crate::domain::user_history::Moment;
use crate::domain::write::Write;

pub(super) fn note(at: Timestamp, what: Happened, history: &mut Vec<Arc<Moment>>) {
    history.reserve_exact(1); // a user has few of them, and there are many users
    history.push(Arc::new(Moment { at, what }));
}

/// What happened last, and to whom: an event says of hundreds of users the same.
#[derive(Clone, Debug, Default)]
pub(super) struct LatestMoments(Vec<Arc<Moment>>);

/// Of so many different things that happened at once each is kept once; of more some are kept more often.
const AT_ONCE: usize = 8;

impl LatestMoments {
    /// Has the latest moment of a history shared with who had the same moment.
    pub(super) fn share(&mut self, latest: &mut Arc<Moment>) {
        if let Some(same) = self.0.iter().find(|other| *other == latest) {
            *latest = Arc::clone(same);
            return;
        }
        self.0.retain(|other| other.at == latest.at);
        if self.0.len() < AT_ONCE {
            self.0.push(Arc::clone(latest));
        }
    }
}

/// Rule 9: a read that began before the user was last written says nothing; nor does one while a write is open.
pub(super) fn observe(user: &mut User, at: Timestamp, began: Timestamp, standing: &Standing) {
    let too_early = user.written_at().is_some_and(|written| began <= written);
    if too_early || matches!(user.add, Write::Intended(_)) || matches!(user.remove, Write::Intended(_)) {
        return;
    }
    if user.standing.as_ref() == Some(standing) {
        return;
    }
    user.went_back = user.standing.as_ref().is_some_and(|before| standing.progress() < before.progress());
    let unasked =
        user.seldom.removal_unconfirmed_at.is_none() && matches!(user.remove, Write::None | Write::Failed(..));
    let by_others = *standing == Standing::Migrated && user.direction == Direction::Forward && unasked;
    let (direction, written, went_back) = (user.direction, user.written(), user.went_back);
    let seen = Happened::Seen { standing: standing.clone(), direction, written, went_back, by_others };
    note(at, seen, &mut user.history);
    match (standing, user.seldom.unlicensed_since) {
        (Standing::Unlicensed, None) => user.seldom.change(|seldom| seldom.unlicensed_since = Some(at)),
        (Standing::Unlicensed, Some(_)) | (_, None) => {}
        (_, Some(start)) => user.seldom.change(|seldom| {
            seldom.unlicensed_before += since(start, at);
            seldom.unlicensed_since = None;
        }),
    }
    user.was_stuck |= standing.counts_as_stuck();
    if !(standing.is_stuck() || matches!(standing, Standing::SourceLingers(_))) {
        user.seldom.change(|seldom| seldom.why = None); // it was about what is over now
    }
    user.standing = Some(standing.clone());
    user.since = Some(at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::write::WriteKind;

    #[test]
    fn users_to_whom_the_same_happened_at_once_share_it() {
        let mut latest = LatestMoments::default();
        let mut noted = |second: i64, kind: WriteKind| {
            let (at, mut history) = (Timestamp::from_second(second).unwrap(), Vec::new());
            note(at, Happened::Written { kind, direction: Direction::Forward }, &mut history);
            latest.share(&mut history[0]);
            (history.remove(0), latest.0.len())
        };
        let [one, other, third] = [WriteKind::Add, WriteKind::Remove, WriteKind::Add].map(|kind| noted(1, kind).0);
        assert!(Arc::ptr_eq(&one, &third) && !Arc::ptr_eq(&one, &other));
        let (later, kept) = noted(2, WriteKind::Add);
        assert!(!Arc::ptr_eq(&one, &later) && later.at > one.at);
        assert_eq!(kept, 1, "nothing of before is kept for that");
    }
}

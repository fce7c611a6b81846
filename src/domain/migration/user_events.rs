//! What a read does to one user: where it showed them, and what their history says.

use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::user_history::Happened;
use crate::domain::user_history::Moment;
use crate::domain::write::Write;

pub(super) fn note(at: Timestamp, what: Happened, history: &mut Vec<Moment>) {
    history.reserve_exact(1); // a user has few of them, and there are many users
    history.push(Moment { at, what });
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
    let unasked = user.removal_unconfirmed_at.is_none() && matches!(user.remove, Write::None | Write::Failed(..));
    let by_others = *standing == Standing::Migrated && user.direction == Direction::Forward && unasked;
    let (direction, written, went_back) = (user.direction, user.written(), user.went_back);
    let seen = Happened::Seen { standing: standing.clone(), direction, written, went_back, by_others };
    note(at, seen, &mut user.history);
    match (standing, user.unlicensed_since) {
        (Standing::Unlicensed, None) => user.unlicensed_since = Some(at),
        (Standing::Unlicensed, Some(_)) | (_, None) => {}
        (_, Some(start)) => {
            user.unlicensed_before += since(start, at);
            user.unlicensed_since = None;
        }
    }
    user.was_stuck |= standing.counts_as_stuck();
    if !(standing.is_stuck() || matches!(standing, Standing::SourceLingers(_))) {
        user.why = None; // it was about what is over now
    }
    user.standing = Some(standing.clone());
    user.since = Some(at);
}

//! What keeps one user from going on: the one judge of it, for the table, the problems and the filters.

use crate::domain::fault::Fault;
use crate::domain::migration::Migration;
use crate::domain::preflight::Reason;
use crate::domain::proof::NotProven;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;

/// What keeps a user from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserProblem<'a> {
    /// Without a license.
    Unlicensed,
    /// The operator took them out before they had arrived.
    Excluded,
    /// Preflight is against moving them.
    Blocked(&'a Reason),
    /// Stuck, for the reason that the standing has.
    Stuck(&'a Standing),
    /// A part of what they were to have or to keep is lost.
    LostPart(&'a Standing),
    /// Deleted.
    Missing,
    /// Something went wrong with a write, or with the look before it.
    Write(WriteProblem<'a>),
    /// They have left the group, and the license that they leave is held by something else.
    Stays {
        /// The standing, which names the holder.
        standing: &'a Standing,
        /// How urgent it is: by what holds the license, and for how long it has.
        rank: ProblemRank,
    },
    /// Licensing has not acted for too long.
    Late,
    /// The last step was backwards.
    WentBack,
}

/// What went wrong with a write for a user, or with the look before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteProblem<'a> {
    /// Nobody knows what became of a write.
    Unknown,
    /// A write failed.
    Failed(&'a Fault),
    /// The last look proved nothing.
    NotProven(&'a NotProven),
}

/// How much a user needs a look, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemRank {
    /// Without a license.
    Unlicensed,
    /// Somebody has to act, as time alone does not help.
    Stuck,
    /// More than waiting: late, or went back.
    Late,
    /// Not to be moved.
    Blocked,
    /// Somebody else holds the license that they leave, not for too long yet.
    Waits,
    /// Out of the run.
    Excluded,
}

impl UserProblem<'_> {
    /// How much the user needs a look for it.
    pub fn rank(&self) -> ProblemRank {
        match self {
            Self::Unlicensed => ProblemRank::Unlicensed,
            Self::Stuck(_) | Self::LostPart(_) | Self::Missing | Self::Write(_) => ProblemRank::Stuck,
            Self::Stays { rank, .. } => *rank,
            Self::Late | Self::WentBack => ProblemRank::Late,
            Self::Blocked(_) => ProblemRank::Blocked,
            Self::Excluded => ProblemRank::Excluded,
        }
    }
}

/// What keeps a user; `None` of whom all goes its way. Of two things the worse one is told.
pub fn user_problem<'a>(user: &'a User, run: &Migration, now: Timestamp) -> Option<UserProblem<'a>> {
    if user.is_unlicensed() {
        return Some(UserProblem::Unlicensed);
    }
    if user.excluded {
        return (!user.has_arrived()).then_some(UserProblem::Excluded);
    }
    let blocked = || user.reasons.iter().find(|reason| !reason.warning).map(UserProblem::Blocked);
    // Who was blocked and never touched is no sign that the run goes wrong, wherever they stand.
    if user.add == Write::None && user.is_blocked() {
        return blocked();
    }
    match &user.standing {
        Some(standing @ Standing::Stuck(_)) => return Some(UserProblem::Stuck(standing)),
        Some(standing @ Standing::LostPart(_)) => return Some(UserProblem::LostPart(standing)),
        Some(Standing::Missing) => return Some(UserProblem::Missing),
        _ => {}
    }
    if let Some(problem) = write_problem(user, run) {
        return Some(UserProblem::Write(problem));
    }
    let late = user.is_late(now, run.run.settings.stuck_after);
    match &user.standing {
        Some(standing @ Standing::SourceLingers(holder))
            if user.removal() == Removal::Sent && *holder != Holder::NotProcessed =>
        {
            let rank = match () {
                () if user.is_stuck() => ProblemRank::Stuck,
                () if late || user.went_back => ProblemRank::Late,
                () => ProblemRank::Waits,
            };
            Some(UserProblem::Stays { standing, rank })
        }
        _ if late => Some(UserProblem::Late),
        _ if user.went_back => Some(UserProblem::WentBack),
        _ if user.has_arrived() => None,
        _ => blocked(),
    }
}

/// What went wrong with a write for a user, or with the look before it.
pub fn write_problem<'a>(user: &'a User, run: &Migration) -> Option<WriteProblem<'a>> {
    let lost = [&user.add, &user.remove].iter().any(|write| matches!(write, Write::Lost(..)));
    if lost || run.has_unknown_outcome(user) {
        return Some(WriteProblem::Unknown);
    }
    let failed = user.remove.fault().or(user.add.fault());
    failed.map(WriteProblem::Failed).or(user.seldom.not_proven.as_deref().map(WriteProblem::NotProven))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultKind;
    use crate::domain::fault::FaultMessage;
    use crate::domain::migration::tests::random;
    use crate::domain::preflight::Listed;
    use crate::domain::preflight::ReasonCode;
    use crate::domain::preflight::ReasonDetail;
    use crate::domain::preflight::UserCheck;
    use crate::domain::testing::user_id;

    fn user(change: impl FnOnce(&mut User)) -> User {
        let mut user = User::new(UserCheck {
            listed: Listed { line: 1, given: "ana".into() },
            id: Some(user_id(1)),
            upn: Some("ana".into()),
            display_name: None,
            usage_location: None,
            reasons: Vec::new(),
        });
        user.batch = Some(0);
        user.add = Write::Done(Timestamp::UNIX_EPOCH);
        change(&mut user);
        user
    }

    /// What keeps a user, and how much they need a look for it, half an hour after the epoch.
    fn told(change: impl FnOnce(&mut User)) -> String {
        let run = Migration::start(Timestamp::UNIX_EPOCH, &random::started()).unwrap();
        let user = user(change);
        let now = Timestamp::UNIX_EPOCH + run.run.settings.stuck_after;
        let problem = user_problem(&user, &run, now);
        problem.map_or("nothing".into(), |problem| {
            let word = format!("{problem:?}");
            let word = word.split(['(', ' ']).next().unwrap_or_default();
            format!("{word} {:?}", problem.rank())
        })
    }

    #[test]
    fn of_two_things_that_keep_a_user_the_worse_one_is_told() {
        let fault = || Box::new(Fault::new(FaultKind::Service, FaultMessage::NoAnswer));
        let blocked = |user: &mut User| {
            let (code, detail) = (ReasonCode::UserNotFound, ReasonDetail::NoUsageLocation);
            user.reasons = vec![Reason { code, detail, warning: false }];
        };
        let stands = |standing| move |user: &mut User| user.standing = Some(standing);
        let stays = |holder, hours: i64| {
            move |user: &mut User| {
                let removed = Timestamp::UNIX_EPOCH + crate::domain::time::SignedDuration::from_hours(hours);
                (user.remove, user.standing) = (Write::Done(removed), Some(Standing::SourceLingers(holder)));
            }
        };
        assert_eq!(told(stands(Standing::HoldsBoth)), "nothing");
        assert_eq!(told(stands(Standing::Migrated)), "nothing");
        assert_eq!(told(|_| {}), "Late Late");
        assert_eq!(told(stands(Standing::Unlicensed)), "Unlicensed Unlicensed");
        assert_eq!(told(stands(Standing::Missing)), "Missing Stuck");
        assert_eq!(told(|user| user.excluded = true), "Excluded Excluded");
        assert_eq!(told(|user| (user.excluded, user.standing) = (true, Some(Standing::Migrated))), "nothing");
        assert_eq!(
            told(|user| (user.excluded, user.standing) = (true, Some(Standing::Unlicensed))),
            "Unlicensed Unlicensed"
        );
        assert_eq!(told(stays(Holder::Direct, 24)), "Stays Waits");
        assert_eq!(told(stays(Holder::Direct, 0)), "Stays Late");
        assert_eq!(told(stays(Holder::Dependency, 24)), "Stays Stuck");
        assert_eq!(told(stays(Holder::NotProcessed, 24)), "nothing");
        assert_eq!(told(|user| user.went_back = true), "Late Late");
        assert_eq!(told(|user| user.remove = Write::Lost(Timestamp::UNIX_EPOCH, fault())), "Write Stuck");
        assert_eq!(told(|user| user.add = Write::Failed(Timestamp::UNIX_EPOCH, fault())), "Write Stuck");
        // Who was blocked and never touched is no sign that the run goes wrong, wherever they stand.
        let never_touched = |user: &mut User| {
            blocked(user);
            (user.add, user.standing) = (Write::None, Some(Standing::Missing));
        };
        assert_eq!(told(never_touched), "Blocked Blocked");
        let touched = |user: &mut User| {
            blocked(user);
            user.standing = Some(Standing::HoldsBoth);
        };
        assert_eq!(told(touched), "Blocked Blocked");
    }
}

//! What a removal needs to be proven safe, and for how long the proof is good.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::classifier::Classifier;
use crate::domain::end_state::Keeps;
use crate::domain::fault::Fault;
use crate::domain::id::UserId;
use crate::domain::read::PointRead;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How old the last read may be when the removal leaves.
pub const GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// The proof that one user keeps a license when another is taken away: by leaving the source group ([`Remove`]), or by
/// losing a direct license ([`Direct`]). Two point reads make it, and nothing else.
#[must_use]
#[derive(Debug)]
pub struct LastLook<W = Remove> {
    user: UserId,
    standing: Standing,
    read_at: Timestamp,
    keeps: Keeps,
    write: PhantomData<W>,
}

/// Why a last look proves nothing. The user stays where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotProven {
    /// The two reads are not of the same user.
    DifferentUsers,
    /// A read began before the user's last write was acknowledged, so it proves nothing about it.
    BeforeTheWrite,
    /// The second read began before the first had ended.
    NotInOrder,
    /// The reads disagree.
    Disagree(Standing, Standing),
    /// Both reads show a standing that is not safe.
    NotSafe(Standing),
    /// The last read is older than a minute, or lies in the future.
    TooOld,
    /// The two reads were not both answered.
    NotLooked,
    /// The addition was not acknowledged.
    NotAdded,
    /// The removal was not acknowledged.
    NotRemoved,
    /// The user is not seen in the group that they went to.
    NotInGroup,
    /// It cannot be read whether the user is in the group that they went to.
    GroupNotRead(Fault),
    /// The user was seen in this standing while the removal waited to be sent.
    SeenWhileWaiting(Standing),
    /// A sentence of an older journal.
    #[serde(untagged)]
    Told(String),
}

impl From<&str> for NotProven {
    fn from(sentence: &str) -> Self {
        Self::Told(sentence.to_owned())
    }
}

impl LastLook<Remove> {
    /// Proves from two point reads that a user is safe to remove.
    ///
    /// # Errors
    /// [`NotProven`] says which condition of rule 3 does not hold.
    pub fn prove(
        classifier: &Classifier,
        first: &PointRead,
        last: &PointRead,
        added: Timestamp,
        now: Timestamp,
    ) -> Result<Self, NotProven> {
        Self::seen_twice(classifier, (first, last), Removal::NotSent, added, now, |standing| {
            standing.is_safe(classifier.scenario)
        })
    }
}

impl LastLook<Direct> {
    /// Proves from two point reads that a user has the license of the group that they were moved to, beside a direct
    /// one that stands in the way. `removed` is when the removal from the other group was acknowledged.
    ///
    /// # Errors
    /// [`NotProven`] says which condition of rule 3 does not hold.
    pub fn prove_direct(
        classifier: &Classifier,
        first: &PointRead,
        last: &PointRead,
        removed: Timestamp,
        now: Timestamp,
    ) -> Result<Self, NotProven> {
        let direct = |standing: &Standing| *standing == Standing::SourceLingers(Holder::Direct);
        Self::seen_twice(classifier, (first, last), Removal::Sent, removed, now, direct)
    }
}

impl<W> LastLook<W> {
    fn seen_twice(
        classifier: &Classifier,
        (first, last): (&PointRead, &PointRead),
        removal: Removal,
        written: Timestamp,
        now: Timestamp,
        safe: impl Fn(&Standing) -> bool,
    ) -> Result<Self, NotProven> {
        if first.user != last.user
            || [first, last].iter().any(|read| read.facts.as_ref().is_some_and(|f| f.id != read.user))
        {
            return Err(NotProven::DifferentUsers);
        }
        if first.began <= written || last.began <= written {
            return Err(NotProven::BeforeTheWrite);
        }
        if last.began < first.ended {
            return Err(NotProven::NotInOrder);
        }
        if last.began > now || last.began + GOOD_FOR < now {
            return Err(NotProven::TooOld);
        }
        let standing = classifier.standing(last.facts.as_ref(), removal);
        let before = classifier.standing(first.facts.as_ref(), removal);
        if before != standing {
            return Err(NotProven::Disagree(before, standing));
        }
        if !safe(&standing) {
            return Err(NotProven::NotSafe(standing));
        }
        let keeps = last.facts.as_ref().map(|facts| classifier.keeps(facts)).unwrap_or_default();
        Ok(Self { user: last.user, standing, read_at: last.began, keeps, write: PhantomData })
    }

    /// Whom it proves safe.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The safe standing that was seen.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What the user keeps by the plan: what is missing of it later was lost by the move.
    pub fn keeps(&self) -> &Keeps {
        &self.keeps
    }

    /// When the last read began.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// Until when a removal may leave on the strength of it.
    pub fn good_until(&self) -> Timestamp {
        self.read_at + GOOD_FOR
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::license::UserFacts;
    use crate::domain::testing::SOURCE;
    use crate::domain::testing::SOURCE_GROUP;
    use crate::domain::testing::TARGET;
    use crate::domain::testing::TARGET_GROUP;
    use crate::domain::testing::any_facts;
    use crate::domain::testing::any_scenario;
    use crate::domain::testing::classifier;
    use crate::domain::testing::entry;
    use crate::domain::testing::facts;
    use crate::domain::testing::user_id;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn read(began: i64, ended: i64, facts: Option<UserFacts>) -> PointRead {
        PointRead { user: user_id(1), began: at(began), ended: at(ended), facts }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands where a read may find nobody")]
    fn both() -> Option<UserFacts> {
        let source = entry(SOURCE, Some(SOURCE_GROUP), "Active", None);
        Some(facts(1, vec![source, entry(TARGET, Some(TARGET_GROUP), "Active", None)]))
    }

    #[test]
    fn each_condition_of_rule_3_is_needed() {
        let classifier = classifier(crate::domain::route::Scenario::Conflicting);
        let prove = |first: PointRead, last: PointRead, now| {
            LastLook::prove(&classifier, &first, &last, at(10), at(now)).map(drop)
        };
        assert!(prove(read(11, 12, both()), read(12, 13, both()), 20).is_ok());
        assert!(prove(read(11, 12, both()), read(12, 13, both()), 72).is_ok());
        assert_eq!(prove(read(11, 12, both()), read(12, 13, both()), 73), Err(NotProven::TooOld));
        assert_eq!(prove(read(10, 12, both()), read(12, 13, both()), 20), Err(NotProven::BeforeTheWrite));
        assert_eq!(prove(read(11, 14, both()), read(12, 13, both()), 20), Err(NotProven::NotInOrder));
        let other = Some(facts(2, vec![]));
        assert_eq!(prove(read(11, 12, both()), read(12, 13, other), 20), Err(NotProven::DifferentUsers));
        assert!(matches!(prove(read(11, 12, both()), read(12, 13, None), 20), Err(NotProven::Disagree(..))));
        let source = entry(SOURCE, Some(SOURCE_GROUP), "Active", None);
        let waits = entry(TARGET, Some(TARGET_GROUP), "Error", Some("MutuallyExclusiveViolation"));
        let other = Some(facts(1, vec![source, waits])); // as safe as the first, and not the same
        assert!(matches!(prove(read(11, 12, both()), read(12, 13, other), 20), Err(NotProven::Disagree(..))));
        assert_eq!(prove(read(11, 12, None), read(12, 13, None), 20), Err(NotProven::NotSafe(Standing::Missing)));
    }

    proptest! {
        #[test]
        fn a_proof_is_never_of_an_unsafe_or_stale_reading(
            first in any_facts(), last in any_facts(), scenario in any_scenario(),
            times in prop::array::uniform6(0i64..100),
        ) {
            let classifier = classifier(scenario);
            let [began, ended, began_2, ended_2, added, now] = times;
            let (first, last) = (read(began, ended, Some(first)), read(began_2, ended_2, Some(last)));
            if let Ok(look) = LastLook::prove(&classifier, &first, &last, at(added), at(now)) {
                prop_assert!(began > added && began_2 > added && began_2 >= ended && now >= began_2 && now - began_2 <= 60);
                prop_assert!(classifier.standing(first.facts.as_ref(), Removal::NotSent).is_safe(scenario));
                prop_assert!(classifier.standing(last.facts.as_ref(), Removal::NotSent).is_safe(scenario));
                prop_assert!(look.good_until() <= at(began_2 + 60));
            }
        }
    }
}

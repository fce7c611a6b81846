//! What was last read of the tenant, and how old it is: users, groups, SKUs, and what the reads make of them.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

use imbl::Vector;

use crate::domain::classifier::Classifier;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::LicenseSets;
use crate::domain::license::UserFacts;
use crate::domain::read::HowAsked;
use crate::domain::read::Survey;
use crate::domain::route::Direction;
use crate::domain::seat_count::SeatCount;
use crate::domain::sku::Sku;
use crate::domain::sku::Skus;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How many reads must agree that a write is not in effect before it counts as not made: one may be stale.
const NEGATIVES_NEEDED: u8 = 2;

/// How many counts of seats are kept: those of the last few seconds.
const MOST_COUNTS: usize = 16;

/// Who says where users stand: one for each direction.
struct Classifiers {
    forward: Classifier,
    back: Classifier,
}

/// What was last read.
pub(super) struct Observations {
    facts: Vector<Option<Arc<UserFacts>>>,
    /// What users hold alike is kept once, in whichever reads it came.
    sets: LicenseSets,
    /// When the last read of each user began.
    facts_began: Vec<Timestamp>,
    skus: Arc<Skus>,
    /// The latest counts of seats, the newest first.
    seat_counts: VecDeque<SeatCount>,
    group_names: Arc<HashMap<GroupId, String>>,
    classifiers: Option<Classifiers>,
    survey: Option<Arc<HowAsked>>,
    /// When the last verify pass began.
    pass_began: Option<Timestamp>,
    /// When both groups were read last.
    groups_read: Option<Timestamp>,
    /// How often in a row a read said that a write of ours is not in effect.
    negative_reads: HashMap<UserId, u8>,
    /// Whether the audit log was asked and may not be read.
    audits_refused: bool,
}

/// Of so many users nothing was read.
fn nobody(users: usize) -> Vector<Option<Arc<UserFacts>>> {
    std::iter::repeat_n(None, users).collect()
}

impl Observations {
    pub(super) fn new(users: usize, skus: Skus, group_names: HashMap<GroupId, String>) -> Self {
        Self {
            facts: nobody(users),
            sets: LicenseSets::default(),
            facts_began: vec![Timestamp::MIN; users],
            skus: Arc::new(skus),
            seat_counts: VecDeque::new(),
            group_names: Arc::new(group_names),
            classifiers: None,
            survey: None,
            pass_began: None,
            groups_read: None,
            negative_reads: HashMap::new(),
            audits_refused: false,
        }
    }

    /// Users have other places now.
    pub(super) fn forget_users(&mut self, users: usize) {
        self.facts = nobody(users);
        self.facts_began = vec![Timestamp::MIN; users];
    }

    /// The last read of each user, by their places in the run.
    pub(super) fn facts(&self) -> &Vector<Option<Arc<UserFacts>>> {
        &self.facts
    }

    /// Whom Graph does not find has no licenses to show: those of the last read are none of today's.
    pub(super) fn set_facts(&mut self, place: usize, mut facts: Option<Arc<UserFacts>>, began: Timestamp) {
        // What is as at the last read is shared already.
        if let Some(facts) = facts.as_mut().and_then(Arc::get_mut) {
            self.sets.share(facts);
        }
        if let (Some(slot), Some(read)) = (self.facts.get_mut(place), self.facts_began.get_mut(place)) {
            (*slot, *read) = (facts, began);
        }
    }

    /// Whether a user's seat of a product is certainly among those that were taken when these were counted.
    pub(super) fn is_counted(&self, count: &SeatCount, place: usize, sku: SkuId) -> bool {
        match (self.facts.get(place), self.facts_began.get(place)) {
            (Some(Some(facts)), Some(began)) => count.includes(facts, *began, sku),
            _ => false,
        }
    }

    /// Takes in a count of all seats. Another may have overtaken it.
    pub(super) fn count_seats(&mut self, count: SeatCount) {
        let place = self.seat_counts.iter().take_while(|other| other.ended > count.ended).count();
        if place == 0 {
            self.set_skus(count.skus.clone());
        }
        self.seat_counts.insert(place, count);
        self.seat_counts.truncate(MOST_COUNTS);
    }

    /// Whether the latest count of seats is younger than this.
    pub(super) fn has_counted_seats(&self, now: Timestamp, within: SignedDuration) -> bool {
        self.seat_counts.front().is_some_and(|count| count.ended <= now && now.duration_since(count.ended) <= within)
    }

    /// Seats are counted anew for an approval.
    pub(super) fn forget_counts(&mut self) {
        self.seat_counts.clear();
    }

    /// The counts that are not too old and that the last verify pass is from after, the newest first.
    pub(super) fn known_counts(&self, now: Timestamp) -> impl Iterator<Item = &SeatCount> {
        let known = |count: &&SeatCount| self.pass_began.is_some_and(|began| count.is_before(began));
        self.seat_counts.iter().filter(move |count| count.is_good(now)).filter(known)
    }

    /// Whether a user may have had a seat of a product when these were counted: a reading from after it does not say that
    /// they have none.
    pub(super) fn may_be_counted(&self, count: &SeatCount, place: usize, sku: SkuId) -> bool {
        match (self.facts.get(place), self.facts_began.get(place)) {
            (Some(Some(facts)), Some(began)) => !count.is_before(*began) || facts.holds(sku),
            _ => true,
        }
    }

    /// The earliest moment at which a verify pass is from after a count of seats that none is from after yet.
    pub(super) fn next_known(&self) -> Option<Timestamp> {
        let known = |count: &SeatCount| self.pass_began.is_some_and(|began| count.is_before(began));
        self.seat_counts.iter().rfind(|count| !known(count)).map(SeatCount::known_from)
    }

    pub(super) fn skus(&self) -> &Arc<Skus> {
        &self.skus
    }

    /// Where users stand depends on which seats are free.
    pub(super) fn set_skus(&mut self, skus: Skus) {
        if let Some(classifiers) = &mut self.classifiers {
            classifiers.forward.skus.clone_from(&skus);
            classifiers.back.skus.clone_from(&skus);
        }
        self.skus = Arc::new(skus);
    }

    /// Free seats of a product by the last read.
    pub(super) fn free_seats(&self, sku: SkuId) -> Option<i64> {
        self.skus.get(sku).map(Sku::free_seats)
    }

    pub(super) fn group_names(&self) -> &Arc<HashMap<GroupId, String>> {
        &self.group_names
    }

    pub(super) fn name_groups(&mut self, names: HashMap<GroupId, String>) {
        if !names.is_empty() {
            Arc::make_mut(&mut self.group_names).extend(names);
        }
    }

    /// Who says where users of a direction stand, once preflight has read what they go by.
    pub(super) fn classifier(&self, direction: Direction) -> Option<&Classifier> {
        let classifiers = self.classifiers.as_ref()?;
        Some(match direction {
            Direction::Forward => &classifiers.forward,
            Direction::Rollback => &classifiers.back,
        })
    }

    pub(super) fn classify_by(&mut self, classifier: Classifier) {
        self.classifiers = Some(Classifiers { back: classifier.reversed(), forward: classifier });
    }

    /// Takes over what the two groups assign: the one that users leave in this direction, and the one that they go to.
    pub(super) fn use_products(&mut self, direction: Direction, [from, to]: [Vec<GroupLicense>; 2]) {
        let Some(Classifiers { forward, back }) = &mut self.classifiers else { return };
        let (source, target) = match direction {
            Direction::Forward => (from, to),
            Direction::Rollback => (to, from),
        };
        (back.source_products, back.target_products) = (target.clone(), source.clone());
        (forward.source_products, forward.target_products) = (source, target);
    }

    /// What users are classified by has to be read again: the scenario may be another.
    pub(super) fn forget_classifier(&mut self) {
        self.classifiers = None;
    }

    /// How the last verify pass asked, and what it cost.
    pub(super) fn survey(&self) -> Option<Arc<HowAsked>> {
        self.survey.clone()
    }

    pub(super) fn surveyed(&mut self, survey: &Survey) {
        self.survey = Some(Arc::new(survey.asked.clone()));
        self.pass_began = Some(survey.began);
    }

    /// When the last verify pass began.
    pub(super) fn pass_began(&self) -> Option<Timestamp> {
        self.pass_began
    }

    pub(super) fn groups_read(&mut self, now: Timestamp) {
        self.groups_read = Some(now);
    }

    /// Both groups are read again before anything leaves.
    pub(super) fn forget_groups(&mut self) {
        self.groups_read = None;
    }

    /// Whether the reading of both groups is younger than this.
    pub(super) fn groups_are_fresh(&self, now: Timestamp, good_for: SignedDuration) -> bool {
        self.groups_read.is_some_and(|read| now.duration_since(read) < good_for)
    }

    /// A read said that a write of ours is not in effect. Gives whether so many have agreed that it is believed.
    pub(super) fn read_negative(&mut self, user: UserId) -> bool {
        let reads = self.negative_reads.entry(user).or_default();
        *reads = reads.saturating_add(1);
        *reads >= NEGATIVES_NEEDED
    }

    /// What was read so far says nothing about this user's next write.
    pub(super) fn forget_negatives(&mut self, user: UserId) {
        self.negative_reads.remove(&user);
    }

    pub(super) fn audits_refused(&self) -> bool {
        self.audits_refused
    }

    pub(super) fn refuse_audits(&mut self) {
        self.audits_refused = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::route::Scenario;
    use crate::domain::testing;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn observations() -> Observations {
        Observations::new(2, Skus::default(), HashMap::new())
    }

    #[test]
    fn a_no_is_believed_when_it_was_said_twice_in_a_row() {
        let (mut seen, user) = (observations(), testing::user_id(1));
        assert!(!seen.read_negative(user) && seen.read_negative(user));
        seen.forget_negatives(user);
        assert!(!seen.read_negative(user));
        assert!(!seen.read_negative(testing::user_id(2)), "each user is counted alone");
        assert!((0..300).map(|_| seen.read_negative(user)).last().unwrap(), "nor does it ever wrap round");
    }

    #[test]
    fn a_reading_of_the_groups_grows_old() {
        let mut seen = observations();
        let good_for = SignedDuration::from_secs(5);
        assert!(!seen.groups_are_fresh(NOW, good_for));
        seen.groups_read(NOW);
        assert!(seen.groups_are_fresh(NOW + SignedDuration::from_secs(4), good_for));
        assert!(!seen.groups_are_fresh(NOW + good_for, good_for));
        seen.forget_groups();
        assert!(!seen.groups_are_fresh(NOW, good_for));
    }

    #[test]
    fn a_user_who_is_not_found_shows_no_licenses_of_yesterday() {
        let mut seen = observations();
        seen.set_facts(1, Some(Arc::new(testing::facts(1, Vec::new()))), NOW);
        assert!(seen.facts()[1].is_some());
        seen.set_facts(1, None, NOW);
        seen.set_facts(7, None, NOW); // a list that became shorter meanwhile
        assert!(seen.facts()[1].is_none() && seen.facts().len() == 2);
        seen.forget_users(3);
        assert_eq!(seen.facts().len(), 3);
    }

    #[test]
    fn each_direction_has_a_classifier_of_its_own() {
        let mut seen = observations();
        assert!(seen.classifier(Direction::Forward).is_none());
        seen.classify_by(testing::classifier(Scenario::Conflicting));
        let ends = |direction| seen.classifier(direction).unwrap().route.target.group;
        assert_eq!(ends(Direction::Forward), testing::TARGET_GROUP);
        assert_eq!(ends(Direction::Rollback), testing::SOURCE_GROUP);
    }
}

//! What one read of Graph says of one user's licenses; words that we do not know are kept as they came.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Deref;
use std::ops::DerefMut;
use std::sync::Arc;

use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::shared_text::SharedText;
use crate::domain::time::Timestamp;

/// The `state` of a license assignment (Microsoft Graph reference, "licenseAssignmentState resource type").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AssignmentState {
    /// The license is held.
    Active,
    /// The license is held, and something about it needs attention.
    ActiveWithError,
    /// Documented without a meaning; not an assignment for us.
    Disabled,
    /// The license could not be assigned; it is not held and takes no seat.
    Error,
    /// A word that Graph may add; it is shown as it is and never trusted.
    Unknown(String),
}

impl From<String> for AssignmentState {
    fn from(word: String) -> Self {
        // No document says that the letter case is fixed, and Microsoft's own scripts compare without it.
        let known = [Self::Active, Self::ActiveWithError, Self::Disabled, Self::Error];
        known.into_iter().find(|state| state.to_string().eq_ignore_ascii_case(&word)).unwrap_or(Self::Unknown(word))
    }
}

impl From<AssignmentState> for String {
    fn from(state: AssignmentState) -> Self {
        state.to_string()
    }
}

impl fmt::Display for AssignmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "Active",
            Self::ActiveWithError => "ActiveWithError",
            Self::Disabled => "Disabled",
            Self::Error => "Error",
            Self::Unknown(word) => word,
        })
    }
}

/// The `error` of a license assignment (same document as [`AssignmentState`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LicenseError {
    /// No free seat for one of the group's products.
    CountViolation,
    /// A plan of the product cannot stand beside a plan that the user holds through another product.
    MutuallyExclusiveViolation,
    /// Another product's plan on the user needs a plan that goes, or an add-on misses what it builds on.
    DependencyViolation,
    /// The service is not offered where the user is.
    ProhibitedInUsageLocationViolation,
    /// The proxy address that the user would get is taken.
    UniquenessViolation,
    /// Usually collateral: another product of the same group failed for this user.
    Other,
    /// A word that Graph may add; it is shown as it is and never safe.
    Unknown(String),
}

impl LicenseError {
    /// Reads Graph's word: `null`, empty and `None` alike mean that there is no error.
    pub fn parse(word: Option<&str>) -> Option<Self> {
        match word {
            None => None,
            Some(word) if word.is_empty() || word.eq_ignore_ascii_case("none") => None,
            Some(word) => Some(Self::from(word.to_owned())),
        }
    }
}

impl From<String> for LicenseError {
    fn from(word: String) -> Self {
        // The service sends `Other`; Microsoft's older pages said `Others`.
        if word.eq_ignore_ascii_case("others") {
            return Self::Other;
        }
        let known = [
            Self::CountViolation,
            Self::MutuallyExclusiveViolation,
            Self::DependencyViolation,
            Self::ProhibitedInUsageLocationViolation,
            Self::UniquenessViolation,
            Self::Other,
        ];
        known.into_iter().find(|error| error.to_string().eq_ignore_ascii_case(&word)).unwrap_or(Self::Unknown(word))
    }
}

impl From<LicenseError> for String {
    fn from(error: LicenseError) -> Self {
        error.to_string()
    }
}

impl fmt::Display for LicenseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CountViolation => "CountViolation",
            Self::MutuallyExclusiveViolation => "MutuallyExclusiveViolation",
            Self::DependencyViolation => "DependencyViolation",
            Self::ProhibitedInUsageLocationViolation => "ProhibitedInUsageLocationViolation",
            Self::UniquenessViolation => "UniquenessViolation",
            Self::Other => "Other",
            Self::Unknown(word) => word,
        })
    }
}

/// One element of a user's `licenseAssignmentStates`: one SKU from one source. When it changed last is in
/// [`UserFacts::changed`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The product.
    pub sku: SkuId,
    /// The group it comes from; `None` is a direct assignment.
    pub group: Option<GroupId>,
    /// Graph's word for its state.
    pub state: AssignmentState,
    /// What is wrong with it, if anything.
    pub error: Option<LicenseError>,
    /// Plans that this source switches off.
    pub disabled_plans: Vec<PlanId>,
}

impl Assignment {
    /// Whether the user has the product through this element: `Active`, or `ActiveWithError`.
    pub fn is_held(&self) -> bool {
        matches!(self.state, AssignmentState::Active | AssignmentState::ActiveWithError)
    }

    /// Whether it waits because a plan of it excludes a plan that the user has.
    pub fn is_in_conflict(&self) -> bool {
        self.state == AssignmentState::Error && self.error == Some(LicenseError::MutuallyExclusiveViolation)
    }

    /// Whether it waits because another product of its group failed.
    pub fn is_collateral(&self) -> bool {
        self.state == AssignmentState::Error && self.error == Some(LicenseError::Other)
    }

    /// Whether it is `Active` and nothing is wrong with it.
    pub fn is_sound(&self) -> bool {
        self.state == AssignmentState::Active && self.error.is_none()
    }
}

/// What a user holds, and what else many users have alike: most of a run share a few of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Licenses {
    /// `accountEnabled`; `None` when the read did not say.
    pub enabled: Option<bool>,
    /// Whether `userType` is `Guest`; `None` when the read did not say.
    pub guest: Option<bool>,
    /// Two-letter ISO 3166 country code of where the services are used.
    pub usage_location: Option<SharedText>,
    /// SKUs of `assignedLicenses`, which says what is held but not where from.
    pub assigned: Vec<SkuId>,
    /// `licenseAssignmentStates`.
    pub states: Vec<Assignment>,
}

/// What Graph says of one user: who they are and what they hold, from one read. It reads as its [`Licenses`] do. A clone is
/// cheap, as there may be one for each of 100,000 users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// The user's object id.
    pub id: UserId,
    /// The sign-in name.
    pub upn: SharedText,
    /// The name shown to people.
    pub display_name: Option<SharedText>,
    /// When the elements of `states` changed last.
    pub changed: ChangeTimes,
    /// All that is not theirs alone; [`LicenseSets`] has those together that are alike.
    pub licenses: Arc<Licenses>,
}

impl Deref for UserFacts {
    type Target = Licenses;

    fn deref(&self) -> &Licenses {
        &self.licenses
    }
}

impl DerefMut for UserFacts {
    fn deref_mut(&mut self) -> &mut Licenses {
        Arc::make_mut(&mut self.licenses)
    }
}

/// When each element of `licenseAssignmentStates` changed last, by Graph's clock. Graph tells whole seconds, and so four
/// bytes hold one: its number counted from 1 in the year 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeTimes(Option<Arc<[Option<NonZeroU32>]>>);

impl ChangeTimes {
    /// Those of the elements, in their order; what the read did not say, or what is before 1970 or after 2105, is not known.
    pub fn new(times: impl Iterator<Item = Option<Timestamp>>) -> Self {
        let numbered = |time: Timestamp| NonZeroU32::new(u32::try_from(time.as_second()).ok()?.checked_add(1)?);
        let seconds: Vec<Option<NonZeroU32>> = times.map(|time| time.and_then(numbered)).collect();
        Self(seconds.iter().any(Option::is_some).then(|| seconds.into()))
    }

    /// When the element at this place changed last; `None` when the read did not say.
    pub fn get(&self, place: usize) -> Option<Timestamp> {
        let second = self.0.as_ref()?.get(place).copied().flatten()?;
        Timestamp::from_second((second.get() - 1).into()).ok()
    }
}

/// Sets of licenses that users have alike, each kept once.
#[derive(Debug, Default)]
pub struct LicenseSets(HashSet<Arc<Licenses>>);

/// Of how many sets those that no user has any more are let go.
const MANY_SETS: usize = 1_024;

impl LicenseSets {
    /// Has the user share what another user has alike.
    pub fn share(&mut self, facts: &mut UserFacts) {
        if let Some(known) = self.0.get(&facts.licenses) {
            facts.licenses = Arc::clone(known);
            return;
        }
        if self.0.len() >= MANY_SETS && self.0.len() == self.0.capacity() {
            self.0.retain(|one| Arc::strong_count(one) > 1);
        }
        self.0.insert(Arc::clone(&facts.licenses));
    }
}

impl UserFacts {
    /// Holds the same names as the run does, where they are the same.
    pub fn share_names(&mut self, upn: &SharedText, display_name: Option<&SharedText>) {
        self.upn.share(upn);
        if let (Some(name), Some(known)) = (&mut self.display_name, display_name) {
            name.share(known);
        }
    }

    /// The elements for one SKU.
    pub fn of_sku(&self, sku: SkuId) -> impl Iterator<Item = &Assignment> {
        self.states.iter().filter(move |state| state.sku == sku)
    }

    /// The element for one SKU from one group.
    pub fn from_group(&self, sku: SkuId, group: GroupId) -> Option<&Assignment> {
        self.of_sku(sku).find(|state| state.group == Some(group))
    }

    /// Whether the SKU is held from anywhere, by the word of either property: a 2020 report shows
    /// `licenseAssignmentStates` leaving out what `assignedLicenses` had.
    pub fn holds(&self, sku: SkuId) -> bool {
        self.assigned.contains(&sku) || self.of_sku(sku).any(Assignment::is_held)
    }

    /// Every SKU that the user holds, each once.
    pub fn held(&self) -> Vec<SkuId> {
        let mut skus = self.assigned.clone();
        skus.extend(self.states.iter().filter(|state| state.is_held()).map(|state| state.sku));
        skus.sort_unstable();
        skus.dedup();
        skus
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing;

    #[test]
    fn users_who_hold_the_same_hold_it_once_and_what_nobody_holds_any_more_is_let_go() {
        let facts = |number: u128, place: String| {
            let mut facts = testing::facts(number, Vec::new());
            facts.usage_location = Some(place.into());
            facts
        };
        let (mut sets, mut one, mut other) = (LicenseSets::default(), facts(1, "US".into()), facts(2, "US".into()));
        let before = other.clone();
        for facts in [&mut one, &mut other] {
            sets.share(facts);
        }
        assert!(Arc::ptr_eq(&one.licenses, &other.licenses) && other == before);
        other.usage_location = Some("IR".into());
        assert_eq!(one.usage_location.as_deref(), Some("US"), "what changes is theirs alone again");
        for number in 0..100_000 {
            sets.share(&mut facts(3, number.to_string()));
        }
        assert!(sets.0.len() <= sets.0.capacity() && sets.0.capacity() < 4 * MANY_SETS, "{}", sets.0.capacity());
        assert!(sets.0.contains(&one.licenses));
    }

    #[test]
    fn a_change_is_told_by_the_second_and_one_that_is_out_of_reach_is_not_known() {
        let at = |second: i64| Timestamp::from_second(second).ok();
        let times = ChangeTimes::new([at(0), None, at(1_740_651_072), at(-1), at(u32::MAX.into())].into_iter());
        let told = [0, 1, 2, 3, 4, 5].map(|place| times.get(place));
        assert_eq!(told, [at(0), None, at(1_740_651_072), None, None, None]);
        assert_eq!(ChangeTimes::new([None].into_iter()), ChangeTimes::default());
    }

    /// 100,000 of them are kept.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn what_is_kept_of_a_users_last_read_is_small() {
        assert!(size_of::<UserFacts>() <= 72, "{}", size_of::<UserFacts>());
    }

    #[test]
    fn the_letter_case_of_a_word_does_not_matter_and_an_unknown_one_is_kept_as_it_came() {
        let state = |word: &str| AssignmentState::from(word.to_owned());
        assert_eq!(state("active"), AssignmentState::Active);
        assert_eq!(state("activewithERROR"), AssignmentState::ActiveWithError);
        assert_eq!(state("Thriving").to_string(), "Thriving");
        let error = |word: &str| LicenseError::parse(Some(word));
        assert_eq!(error("COUNTviolation"), Some(LicenseError::CountViolation));
        assert_eq!(error("others"), Some(LicenseError::Other));
        assert_eq!([error("none"), error("None"), error(""), LicenseError::parse(None)], [None, None, None, None]);
        assert_eq!(error("moonViolation").map(String::from), Some("moonViolation".to_owned()));
    }
}

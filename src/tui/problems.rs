//! Users in trouble over the whole run, by what keeps them; and what they have in common that healthy users have not.

use std::collections::BTreeMap;
use std::collections::HashMap;

use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::license::UserFacts;
use crate::domain::migration::Migration;
use crate::domain::preflight::ReasonCode;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user_problem::UserProblem;
use crate::domain::user_problem::WriteProblem;
use crate::domain::user_problem::user_problem;
use crate::engine::snapshot::Snapshot;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// What is common is said of so many of ten, and of healthy users at most of the rest of ten.
const NEARLY_ALL: usize = 9;
/// How many things in common are told.
const MOST_TOLD: usize = 3;

/// What keeps users from going on, the worst first. Two users with the same words have the same cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Without a license.
    Unlicensed,
    /// Stuck, for this reason.
    Stuck(String),
    /// A part of what they were to have or to keep is lost.
    LostPart(String),
    /// Deleted.
    Missing,
    /// The old license stays, held by this.
    Stays(String),
    /// Nobody knows what became of a write.
    Unknown,
    /// A write failed, for this reason.
    Failed(String),
    /// The last look proved nothing, for this reason.
    NotProven(String),
    /// Licensing has not acted for too long.
    Late,
    /// The last step was backwards.
    WentBack,
    /// Preflight is against moving them.
    Blocked(ReasonCode),
    /// The operator took them out.
    Excluded,
}

impl Cause {
    /// What keeps a user; `None` of whom all goes its way.
    pub fn of(user: &User, run: &Migration, now: Timestamp) -> Option<Self> {
        Some(match user_problem(user, run, now)? {
            UserProblem::Unlicensed => Self::Unlicensed,
            UserProblem::Excluded => Self::Excluded,
            UserProblem::Blocked(reason) => Self::Blocked(reason.code),
            UserProblem::Stuck(standing) => Self::Stuck(detail(standing, user)),
            UserProblem::LostPart(standing) => Self::LostPart(detail(standing, user)),
            UserProblem::Missing => Self::Missing,
            UserProblem::Stays { standing, .. } => Self::Stays(detail(standing, user)),
            UserProblem::Write(WriteProblem::Unknown) => Self::Unknown,
            UserProblem::Write(WriteProblem::Failed(fault)) => Self::Failed(words::fault::message(&fault.message)),
            UserProblem::Write(WriteProblem::NotProven(why)) => {
                Self::NotProven(words::proof::not_proven(why, user.direction))
            }
            UserProblem::Late => Self::Late,
            UserProblem::WentBack => Self::WentBack,
        })
    }

    /// The kind of trouble, in a word or two.
    pub fn kind(&self) -> String {
        match self {
            Self::Unlicensed => phrase("problem-kind-unlicensed"),
            Self::Stuck(_) => phrase("problem-kind-stuck"),
            Self::LostPart(_) => phrase("problem-kind-lost-part"),
            Self::Missing => phrase("problem-kind-missing"),
            Self::Stays(_) => phrase("problem-kind-stays"),
            Self::Unknown => phrase("problem-kind-unknown"),
            Self::Failed(_) => phrase("problem-kind-failed"),
            Self::NotProven(_) => phrase("problem-kind-not-proven"),
            Self::Late => phrase("problem-kind-late"),
            Self::WentBack => phrase("problem-kind-went-back"),
            Self::Blocked(_) => phrase("problem-kind-blocked"),
            Self::Excluded => phrase("problem-kind-excluded"),
        }
    }
}

fn detail(standing: &Standing, user: &User) -> String {
    words::standing::detail(standing, user.direction).unwrap_or_default()
}

/// Something that a user has and others may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait {
    /// The usage location.
    Country(String),
    /// A product that is no part of the migration.
    Product(SkuId),
    /// A group that licenses them and is no end of the migration.
    Group(GroupId),
    /// The domain of the name.
    Domain(String),
}

/// What users with one cause have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// What it is.
    pub what: Trait,
    /// How many of those with the cause have it.
    pub have: usize,
    /// How many healthy users have it.
    pub healthy: usize,
    /// How many healthy users there are.
    pub of_healthy: usize,
}

/// Users with one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What keeps them.
    pub cause: Cause,
    /// The cause in a sentence.
    pub text: String,
    /// Who they are, as places of the run's list.
    pub users: Vec<usize>,
    /// What they have in common that healthy users have not; `None` where there is nobody to compare them with.
    pub common: Option<Vec<Common>>,
}

/// Groups all users in trouble by their causes: the worst cause first, and of the same kind the most users.
pub fn find(snapshot: &Snapshot, now: Timestamp) -> Vec<Problem> {
    let run = &snapshot.run;
    let mut groups: BTreeMap<Cause, Vec<usize>> = BTreeMap::new();
    let mut healthy: HashMap<Trait, usize> = HashMap::new();
    let mut of_healthy = 0;
    for (place, user) in run.users.iter().enumerate() {
        match Cause::of(user, run, now) {
            Some(cause) => groups.entry(cause).or_default().push(place),
            None if user.batch.is_some() => {
                if let Some(found) = traits(snapshot, place) {
                    of_healthy += 1;
                    for one in found {
                        *healthy.entry(one).or_insert(0) += 1;
                    }
                }
            }
            None => {}
        }
    }
    let mut problems: Vec<Problem> = groups
        .into_iter()
        .map(|(cause, users)| Problem {
            text: text(&cause, run, &users),
            common: common(snapshot, &users, &healthy, of_healthy),
            cause,
            users,
        })
        .collect();
    problems.sort_by_key(|problem| (rank(&problem.cause), std::cmp::Reverse(problem.users.len())));
    problems
}

/// The kinds of causes in their order.
fn rank(cause: &Cause) -> u8 {
    match cause {
        Cause::Unlicensed => 0,
        Cause::Stuck(_) | Cause::LostPart(_) | Cause::Missing => 1,
        Cause::Stays(_) | Cause::Unknown | Cause::Failed(_) | Cause::NotProven(_) => 2,
        Cause::Late | Cause::WentBack => 3,
        Cause::Blocked(_) => 4,
        Cause::Excluded => 5,
    }
}

fn text(cause: &Cause, run: &Migration, users: &[usize]) -> String {
    match cause {
        Cause::Stuck(text)
        | Cause::LostPart(text)
        | Cause::Stays(text)
        | Cause::Failed(text)
        | Cause::NotProven(text) => text.clone(),
        Cause::Unlicensed => phrase("problem-unlicensed"),
        Cause::Missing => phrase("problem-missing"),
        Cause::Unknown => phrase("problem-unknown"),
        Cause::Late => phrase("problem-late"),
        Cause::WentBack => phrase("problem-went-back"),
        Cause::Excluded => phrase("problem-excluded"),
        // The same sentence for all where there is one; else only the code is common.
        Cause::Blocked(code) => {
            let said = |place: &usize| {
                let reasons = run.users[*place].reasons.iter();
                reasons.filter(|one| one.code == *code).map(|one| words::reason::reason(&one.detail)).next()
            };
            let first = users.first().and_then(said);
            match first.filter(|first| users.iter().all(|place| said(place).as_ref() == Some(first))) {
                Some(sentence) => sentence,
                None => say("problem-blocked-various", &[("code", code.word().into())]),
            }
        }
    }
}

/// What a user has; `None` while nothing was read of them.
fn traits(snapshot: &Snapshot, place: usize) -> Option<Vec<Trait>> {
    let facts: &UserFacts = snapshot.facts.get(place)?.as_deref()?;
    let route = &snapshot.run.route;
    let moved = [route.source.sku, route.target.sku];
    let ends = [route.source.group, route.target.group];
    let mut found: Vec<Trait> = facts.usage_location.iter().map(|place| Trait::Country(place.to_string())).collect();
    found.extend(facts.upn.rsplit_once('@').map(|(_, domain)| Trait::Domain(domain.to_lowercase())));
    found.extend(facts.assigned.iter().filter(|sku| !moved.contains(sku)).copied().map(Trait::Product));
    let groups = facts.states.iter().filter_map(|entry| entry.group).filter(|group| !ends.contains(group));
    found.extend(groups.map(Trait::Group));
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn common(
    snapshot: &Snapshot,
    users: &[usize],
    healthy: &HashMap<Trait, usize>,
    of_healthy: usize,
) -> Option<Vec<Common>> {
    if users.len() < 2 || of_healthy == 0 {
        return None; // one user has everything in common with themselves
    }
    let mut counts: BTreeMap<Trait, usize> = BTreeMap::new();
    users.iter().filter_map(|place| traits(snapshot, *place)).flatten().for_each(|one| {
        *counts.entry(one).or_insert(0) += 1;
    });
    let mut found: Vec<Common> = counts
        .into_iter()
        .map(|(what, have)| Common { healthy: healthy.get(&what).copied().unwrap_or(0), what, have, of_healthy })
        .filter(|one| one.have * 10 >= users.len() * NEARLY_ALL)
        .filter(|one| one.healthy * 10 <= of_healthy * (10 - NEARLY_ALL))
        .collect();
    found.sort_by_key(|one| one.healthy);
    found.truncate(MOST_TOLD);
    Some(found)
}

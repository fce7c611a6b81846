//! Finding users by what the operator calls them: filters first, then a point read for whom no filter found.

use std::collections::HashMap;
use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::license::LicenseSets;
use crate::domain::license::UserFacts;
use crate::domain::shared_text::SharedText;
use crate::graph::Graph;
use crate::graph::UserKey;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::error::GraphError;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::url;
use crate::graph::wire;
use crate::graph::wire::Surveyed;

/// The longest value that a filter takes (Microsoft Graph, "Known issues", query parameters).
const LONGEST_VALUE: usize = 120;

/// What the filters of one pass brought.
#[derive(Default)]
pub(in crate::graph) struct Filtered {
    pub(in crate::graph) facts: Vec<UserFacts>,
    /// How many users came without their licenses.
    pub(in crate::graph) bare: usize,
    /// The last refusal of a filter as such.
    pub(in crate::graph) refused: Option<GraphError>,
}

/// Sends filters, 20 to a batch. Users that cannot be read are left out, as are those whose filter was refused; any
/// other failure is one.
pub(in crate::graph) async fn filter(
    http: &Http,
    paths: Vec<String>,
    counter: &RequestCounter,
) -> Result<Filtered, GraphError> {
    let gets: Vec<_> = paths.into_iter().map(|path| Get { path, units: units::USER_LIST }).collect();
    let (mut filtered, mut sets, mut failed) = (Filtered::default(), LicenseSets::default(), None);
    let mut answers = batch::each(http, &gets, (Needs::ReadUsers, Priority::Normal), counter);
    while let Some(got) = answers.next().await {
        match got.body.and_then(|body| wire::parse::<wire::Page>(&body)) {
            Ok(page) => {
                for raw in page.value {
                    match wire::surveyed(raw.get(), true) {
                        Surveyed::User(mut facts) => {
                            sets.share(&mut facts);
                            filtered.facts.push(*facts);
                        }
                        Surveyed::Bare => filtered.bare += 1,
                        Surveyed::Other => {}
                    }
                }
            }
            // Point reads tell whether it is the filter that is refused, or the users.
            Err(error) if matches!(error.kind(), FaultKind::Refused | FaultKind::NotFound | FaultKind::Forbidden) => {
                filtered.refused = Some(error);
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(filtered), Err)
}

/// A sign-in name as it is compared. Most are written so already.
fn lowercase(upn: &SharedText) -> SharedText {
    let as_compared = upn.trim().to_lowercase();
    if *upn == as_compared { upn.clone() } else { as_compared.into() }
}

/// How keys are compared: ids as ids, sign-in names without regard to case.
fn same(key: &UserKey) -> UserKey {
    match key {
        UserKey::Id(id) => UserKey::Id(*id),
        UserKey::Upn(upn) => UserKey::Upn(lowercase(upn)),
    }
}

/// The filters that ask for these keys. A name that is too long for a filter is left to a point read.
fn paths(keys: &HashSet<UserKey>) -> Vec<String> {
    let (mut ids, mut upns): (Vec<UserId>, Vec<&str>) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            UserKey::Id(id) => ids.push(*id),
            UserKey::Upn(upn) if upn.len() <= LONGEST_VALUE => upns.push(upn),
            UserKey::Upn(_) => {}
        }
    }
    ids.sort_unstable();
    upns.sort_unstable();
    let by_id = ids.chunks(url::MOST_VALUES).map(url::users_by_id);
    by_id.chain(upns.chunks(url::MOST_VALUES).map(url::users_by_upn)).collect()
}

/// Takes a few filters out, as many as one batch holds, evenly over all of them. A filter costs a resource unit, as a
/// point read does, and whom it does not find is read again: filters that find less than one user each only cost. Of a
/// list from another tenant the sample finds nobody, and the others are not sent.
fn sampled(mut paths: Vec<String>) -> (Vec<String>, Vec<String>) {
    let each = paths.len().div_ceil(batch::MOST_ITEMS).max(1);
    let mut place = 0..;
    let sample =
        paths.extract_if(.., |_| place.next().is_some_and(|place: usize| place.is_multiple_of(each))).collect();
    (sample, paths)
}

/// Whether these facts are about the user with this key.
fn is(facts: &UserFacts, key: &UserKey) -> bool {
    match key {
        UserKey::Id(id) => facts.id == *id,
        UserKey::Upn(upn) => *upn == facts.upn.to_lowercase(),
    }
}

/// The error with the user that it is about.
fn naming(key: &UserKey, error: GraphError) -> GraphError {
    let mut fault = error.into_fault();
    let name = match key {
        UserKey::Id(id) => id.to_string(),
        UserKey::Upn(upn) => text::plain(upn),
    };
    fault.message = Box::new(FaultMessage::AboutUser { user: name, said: fault.message });
    fault.into()
}

impl Graph {
    /// Looks users up, in the order asked; `None` for whom neither a filter nor a point read finds.
    ///
    /// # Errors
    /// When Graph does not answer or refuses, or when one of the users cannot be read.
    pub async fn find_users(&self, given: &[UserKey]) -> Result<Vec<Option<UserFacts>>, GraphError> {
        let counter = RequestCounter::default();
        let mut open: HashSet<UserKey> = given.iter().map(same).collect();
        open.remove(&UserKey::Upn(SharedText::default()));
        let mut found: HashMap<UserKey, UserFacts> = HashMap::with_capacity(open.len());
        let (sample, rest) = sampled(paths(&open));
        let asked = sample.len();
        let mut facts = filter(self.http(), sample, &counter).await?.facts;
        if facts.len() >= asked {
            facts.extend(filter(self.http(), rest, &counter).await?.facts);
        }
        for facts in facts {
            for key in [UserKey::Id(facts.id), UserKey::Upn(lowercase(&facts.upn))] {
                if open.remove(&key) {
                    found.insert(key, facts.clone());
                }
            }
        }
        // The index behind a filter may lag, so nobody is missing before a point read says so.
        let open: Vec<_> = open.into_iter().collect();
        let gets: Vec<_> = open.iter().map(|key| Get { path: url::user(key), units: units::ENTITY }).collect();
        let got = batch::each(self.http(), &gets, (Needs::ReadUsers, Priority::High), &counter);
        let mut answers = stream::iter(open).zip(got);
        let (mut sets, mut failed) = (LicenseSets::default(), None);
        while let Some((key, got)) = answers.next().await {
            match (&key, got.body) {
                (_, Ok(body)) => match wire::user(&body) {
                    // Whoever was not asked for must never get into a migration.
                    Ok(mut facts) if is(&facts, &key) => {
                        sets.share(&mut facts);
                        found.insert(key, facts);
                    }
                    Ok(_) => {}
                    Err(error) => failed = failed.or(Some(naming(&key, error))),
                },
                (_, Err(error)) if error.kind() == FaultKind::NotFound => {}
                // What cannot be a sign-in name is refused, and names nobody.
                (UserKey::Upn(_), Err(error)) if error.kind() == FaultKind::Refused => {}
                (_, Err(error)) => failed = failed.or(Some(error)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(given.iter().map(|key| found.get(&same(key)).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_taken_evenly_and_loses_no_filter() {
        for all in [0, 1, 19, 20, 21, 40, 1_334, 6_667] {
            let paths: Vec<String> = (0..all).map(|path| path.to_string()).collect();
            let (sample, rest) = sampled(paths.clone());
            assert!(sample.len() <= batch::MOST_ITEMS && (all > 20 || rest.is_empty()), "{all}");
            assert!(all < 40 || sample.len() > batch::MOST_ITEMS / 2, "{all}: {}", sample.len());
            let places: Vec<usize> = sample.iter().map(|path| path.parse().unwrap()).collect();
            assert!(all < 40 || places.last().is_some_and(|last| *last > all * 4 / 5), "{all}: {places:?}");
            let mut both = [sample, rest].concat();
            both.sort_by_key(|path| path.parse::<usize>().unwrap());
            assert_eq!(both, paths);
        }
    }
}

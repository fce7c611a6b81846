//! A verify pass: all users in as few HTTP requests as this tenant allows. It shows, and proves nothing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::read::Survey;
use crate::domain::read::SurveyForm;
use crate::graph::Graph;
use crate::graph::batch::MOST_ITEMS;
use crate::graph::error::GraphError;
use crate::graph::find;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::url;
use crate::graph::users;
use crate::graph::wire;
use crate::graph::wire::Surveyed;

/// What earlier passes taught about this tenant.
#[derive(Debug, Default)]
pub(in crate::graph) struct Learnt(Mutex<Lessons>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lessons {
    /// Member pages do not tell licenses here.
    no_pages: bool,
    /// `id in (…)` is refused here.
    no_filters: bool,
    /// How many pages a pass took, or at least would have taken.
    pages: HashMap<GroupId, usize>,
}

/// What a pass does first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// Read pages until all are seen, but no more than this many.
    Pages {
        at_most: usize,
    },
    Filters,
    Points,
}

impl Learnt {
    fn lessons(&self) -> Lessons {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, lesson: impl FnOnce(&mut Lessons)) {
        lesson(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Lessons {
    /// HTTP requests for so many users without member pages.
    fn others(&self, users: usize) -> usize {
        let per_request = if self.no_filters { MOST_ITEMS } else { MOST_ITEMS * url::MOST_VALUES };
        users.div_ceil(per_request)
    }

    /// The form with the fewest HTTP requests; pages where two are even, as they cost fewer resource units. Nobody knows
    /// how many members a group has before the first pass, so that pass reads no more pages than the other form costs.
    fn plan(&self, group: GroupId, users: usize) -> Plan {
        let others = self.others(users);
        let pages = self.pages.get(&group).copied().unwrap_or(1);
        match (self.no_pages, self.no_filters) {
            (false, _) if pages <= others => Plan::Pages { at_most: others },
            (_, false) => Plan::Filters,
            (_, true) => Plan::Points,
        }
    }
}

/// One pass under way.
struct Pass<'a> {
    http: &'a Http,
    learnt: &'a Learnt,
    counter: RequestCounter,
    wanted: HashSet<UserId>,
    facts: HashMap<UserId, UserFacts>,
}

impl Pass<'_> {
    fn keep(&mut self, facts: UserFacts) {
        if self.wanted.remove(&facts.id) {
            self.facts.insert(facts.id, facts);
        }
    }

    /// Reads member pages. `false` when this tenant does not serve them for this.
    async fn pages(&mut self, group: GroupId, at_most: usize) -> Result<bool, GraphError> {
        // Pages borrow a tally for as long as they live, and this pass's own is needed in between.
        let counter = std::mem::take(&mut self.counter);
        let result = self.read_pages(group, at_most, &counter).await;
        self.counter = counter;
        match result {
            Err(error) if error.kind() == FaultKind::Refused => {
                // A later page may be refused for its age alone.
                if self.counter.count() == 1 {
                    self.learnt.learn(|lessons| lessons.no_pages = true);
                }
                Ok(false)
            }
            // The group is gone, or its members may not be read: the users can still be asked about.
            Err(error) if matches!(error.kind(), FaultKind::Forbidden | FaultKind::NotFound) => Ok(false),
            result => result,
        }
    }

    async fn read_pages(
        &mut self,
        group: GroupId,
        at_most: usize,
        counter: &RequestCounter,
    ) -> Result<bool, GraphError> {
        let path = url::members(group, url::USER_SELECT);
        let mut pages = Pages::of(self.http, &path, (units::MEMBERS, Needs::ReadMembers), counter)?;
        let mut read = 0;
        while read < at_most && !self.wanted.is_empty() {
            let Some(page) = pages.next().await? else { break };
            read += 1;
            for raw in page {
                match wire::surveyed(raw.get()) {
                    Surveyed::User(facts) => self.keep(*facts),
                    Surveyed::Bare => {
                        self.learnt.learn(|lessons| lessons.no_pages = true);
                        return Ok(false);
                    }
                    Surveyed::Other => {}
                }
            }
        }
        // What was not read to the end, with somebody still unseen, takes one page more at least.
        let needed = read + usize::from(pages.has_more() && !self.wanted.is_empty());
        self.learnt.learn(|lessons| {
            lessons.pages.insert(group, needed.max(1));
        });
        Ok(true)
    }

    /// Asks by id for whom no page showed.
    async fn filters(&mut self) -> Result<(), GraphError> {
        let paths = self.left().chunks(url::MOST_VALUES).map(url::users_by_id).collect();
        let filtered = find::filter(self.http, paths, &self.counter).await?;
        if filtered.refused {
            self.learnt.learn(|lessons| lessons.no_filters = true);
        }
        filtered.facts.into_iter().for_each(|facts| self.keep(facts));
        Ok(())
    }

    async fn points(&mut self) -> Result<(), GraphError> {
        let mut failed = None;
        let reads = users::point_reads(self.http, &self.left(), Priority::Normal, &self.counter).await;
        let asked = reads.len();
        let mut failures = 0;
        for (_, read) in reads {
            match read {
                Ok(read) => read.facts.into_iter().for_each(|facts| self.keep(facts)),
                Err(error) => {
                    failures += 1;
                    failed = Some(error);
                }
            }
        }
        // One user that cannot be read is not found by this pass; if none can, the pass has failed.
        failed.filter(|_| failures == asked).map_or(Ok(()), Err)
    }

    fn left(&self) -> Vec<UserId> {
        let mut left: Vec<_> = self.wanted.iter().copied().collect();
        left.sort_unstable();
        left
    }
}

impl Graph {
    /// Reads where users stand, in the form that costs this tenant the fewest HTTP requests: pages of the target group's
    /// members, `id in (…)` filters in `$batch`, or point reads in `$batch`. Whom pages do not show is asked for by
    /// filters; who is missing from the answer was not found by this pass, which says nothing about them.
    ///
    /// # Errors
    /// When Graph does not answer or refuses every form.
    pub async fn survey(&self, target: GroupId, users: &[UserId]) -> Result<Survey, GraphError> {
        let (http, learnt) = (self.http(), &self.shared.learnt);
        let began = http.clock.now();
        let wanted: HashSet<_> = users.iter().copied().collect();
        let plan = learnt.lessons().plan(target, wanted.len());
        let mut pass = Pass { http, learnt, counter: RequestCounter::default(), wanted, facts: HashMap::new() };
        let mut form = SurveyForm::MemberPages;
        let served = match plan {
            Plan::Pages { at_most } => pass.pages(target, at_most).await?,
            Plan::Filters | Plan::Points => false,
        };
        if !served {
            form = if learnt.lessons().no_filters { SurveyForm::PointReads } else { SurveyForm::IdFilters };
        }
        if !pass.wanted.is_empty() && !learnt.lessons().no_filters {
            pass.filters().await?;
        }
        if !pass.wanted.is_empty() && learnt.lessons().no_filters {
            pass.points().await?;
            form = if served { form } else { SurveyForm::PointReads };
        }
        Ok(Survey { began, ended: http.clock.now(), facts: pass.facts, form, requests: pass.counter.count() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const GROUP: GroupId = GroupId(Uuid::from_u128(1));

    fn with(pages: usize) -> Lessons {
        Lessons { pages: HashMap::from([(GROUP, pages)]), ..Lessons::default() }
    }

    #[test]
    fn the_form_with_the_fewest_requests_wins() {
        assert_eq!(with(11).plan(GROUP, 10_000), Plan::Pages { at_most: 34 });
        assert_eq!(with(11).plan(GROUP, 200), Plan::Filters);
        assert_eq!(with(1).plan(GROUP, 200), Plan::Pages { at_most: 1 });
        assert_eq!(with(2).plan(GROUP, 300), Plan::Filters);
        assert_eq!(with(2).plan(GROUP, 301), Plan::Pages { at_most: 2 });
    }

    #[test]
    fn the_first_pass_tries_pages_and_bounds_them() {
        assert_eq!(Lessons::default().plan(GROUP, 200), Plan::Pages { at_most: 1 });
        assert_eq!(Lessons::default().plan(GROUP, 3_000), Plan::Pages { at_most: 10 });
        assert_eq!(Lessons::default().plan(GROUP, 0), Plan::Filters);
    }

    #[test]
    fn what_was_refused_is_not_tried_again() {
        let no_pages = Lessons { no_pages: true, ..with(1) };
        assert_eq!(no_pages.plan(GROUP, 10_000), Plan::Filters);
        let neither = Lessons { no_filters: true, ..no_pages };
        assert_eq!(neither.plan(GROUP, 10_000), Plan::Points);
        let pages_only = Lessons { no_filters: true, ..with(11) };
        assert_eq!(pages_only.plan(GROUP, 200), Plan::Points);
        assert_eq!(pages_only.plan(GROUP, 10_000), Plan::Pages { at_most: 500 });
    }
}
